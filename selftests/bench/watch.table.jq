# SPDX-License-Identifier: GPL-2.0
def row: "| \(.program | split("/") | .[-3:] | join("/")) | \(.driver) | \(.seconds) s | \(.ppm | map(. / 10000 | . * 1000 | round / 1000 | tostring + " %") | join(", ")) | \(.median.readings / .seconds * 10 | round / 10) | \(.median.us_per_reading) | \(.median.switches_per_reading) |";

"## The daemon that watches \(.gpus) GPUs, native",
"",
"| accelgovd | driver | runs of | of a core | readings a second | for a reading, us | switches for a reading |",
"|---|---|---|---|---|---|---|",
(.rows[] | row)
