# SPDX-License-Identifier: GPL-2.0
def row: "| \(.program | split("/") | .[-3:] | join("/")) | \(.ppm | map(. / 10000 | . * 1000 | round / 1000 | tostring + " %") | join(", ")) | \(.median.us_per_reading) | \(.median.switches_per_reading) |";

"## The daemon that watches \(.gpus) GPUs, ten readings a second each, native",
"",
"| accelgovd | of a core, in \(.rows[0].ppm | length) runs of \(.seconds) s | for a reading, us | switches for a reading |",
"|---|---|---|---|",
(.rows[] | row)
