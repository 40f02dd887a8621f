# SPDX-License-Identifier: GPL-2.0
#
# from-smi.awk - what a recorded GPU says, as a script for the fake NVML
#
#   awk -f from-smi.awk [-v state=load] CAPTURE >SCRIPT
#
# CAPTURE is the output of "nvidia-smi -q" as text or XML, or a file of several
# commands' outputs under headings "# idle :: query (-q)", of which the one of
# STATE (idle, load) is taken. The first GPU counts. "N/A" and what is not there is
# not told.

BEGIN {
	section = 1
	if (state == "")
		state = "idle"
}

# Headings of a file of several outputs
/^# [a-z]+ :: / {
	section = $0 == "# " state " :: query (-q)"
	next
}

!section { next }

# XML: a path of tags; a tag with its value stands on one line
/^[[:space:]]*<\/?[a-z]/ {
	line = $0
	gsub(/^[[:space:]]+|[[:space:]]+$/, "", line)
	if (line ~ /^<\//) {
		depth--
	} else if (match(line, /^<[a-z_0-9]+>[^<]*<\//)) {
		tag = line
		sub(/^</, "", tag)
		sub(/>.*/, "", tag)
		value = line
		sub(/^[^>]*>/, "", value)
		sub(/<.*/, "", value)
		keep(xml_path() "/" tag, value)
	} else if (line !~ /\/>$/) {
		tag = line
		sub(/^</, "", tag)
		sub(/[ >].*/, "", tag)
		name[++depth] = tag
	}
	next
}

# Text: a path by indentation, four spaces a level
/^ +[A-Za-z]/ || /^[A-Z][A-Za-z ]+ : / {
	match($0, /^ */)
	depth = RLENGTH / 4
	line = substr($0, RLENGTH + 1)
	value = ""
	if (split(line, part, / +: /) > 1) {
		value = substr(line, index(line, ": ") + 2)
		line = part[1]
	}
	sub(/ +$/, "", line)
	name[depth] = line
	path = ""
	for (i = 1; i <= depth; i++)
		path = path "/" name[i]
	if (depth == 0)
		path = "/" line
	keep(path, value)
}

function xml_path(    i, path)
{
	path = ""
	for (i = 2; i <= depth; i++)
		if (name[i] != "gpu")
			path = path "/" name[i]
	return path
}

# Lists are gathered, of everything else the first counts: it is the first GPU's.
function keep(path, value)
{
	sub(/ +$/, "", value)
	if (path ~ /\/supported_mem_clock\/value$/) {
		mem_clocks = mem_clocks " " value + 0
		nr_mem++
	} else if (path ~ /\/supported_graphics_clock$/) {
		if (nr_mem == 1)
			clocks = clocks " " value + 0
	} else if (path ~ /Processes.*\/Type$/ || path ~ /\/process_info\/type$/) {
		processes += value ~ /C/
	} else if (!(path in seen)) {
		seen[path] = value
	}
}

# The first of some paths that has a value
function get(paths,    i, n, path)
{
	n = split(paths, path, " *[|] *")
	for (i = 1; i <= n; i++)
		if (path[i] in seen && seen[path[i]] != "N/A" && seen[path[i]] != "" &&
		    seen[path[i]] !~ /^\[|^Requested functionality/)
			return seen[path[i]]
	return ""
}

function text(key, paths,    value)
{
	value = get(paths)
	if (value != "")
		printf "%s=%s\n", key, value
}

function number(key, paths, scale,    value)
{
	value = get(paths)
	if (value ~ /^-?[0-9]/)
		printf "%s=%.0f\n", key, value * scale
}

function active(bit, words, xml,    value)
{
	value = get("/Clocks Event Reasons/" words "|/Clocks Throttle Reasons/" words \
		"|/clocks_event_reasons/clocks_event_reason_" xml \
		"|/clocks_throttle_reasons/clocks_throttle_reason_" xml)
	if (value != "")
		told++
	if (value == "Active")
		reasons += bit
}

END {
	text("driver", "/Driver Version|/driver_version")
	print "[gpu]"
	text("uuid", "/GPU UUID|/uuid")
	text("bus", "/PCI/Bus Id|/pci/pci_bus_id")
	text("name", "/Product Name|/product_name")
	arch = get("/Product Architecture|/product_architecture")
	split("Volta Turing Ampere Ada#Lovelace Hopper Blackwell", names, " ")
	for (i = 1; i <= 6; i++) {
		gsub(/#/, " ", names[i])
		if (arch == names[i])
			printf "arch=%d\n", i + 4
	}
	if (clocks != "")
		print "clocks=" substr(clocks, 2)
	if (mem_clocks != "")
		print "mem_clocks=" substr(mem_clocks, 2)
	number("sm_mhz", "/Clocks/SM|/clocks/sm_clock", 1)
	number("mem_mhz", "/Clocks/Memory|/clocks/mem_clock", 1)
	number("util_gpu", "/Utilization/GPU|/Utilization/Gpu|/utilization/gpu_util", 1)
	number("util_mem", "/Utilization/Memory|/utilization/memory_util", 1)
	number("power_mw", "/GPU Power Readings/Instantaneous Power Draw" \
		"|/gpu_power_readings/instant_power_draw", 1000)
	number("power_average_mw", "/GPU Power Readings/Average Power Draw" \
		"|/GPU Power Readings/Power Draw|/gpu_power_readings/average_power_draw" \
		"|/gpu_power_readings/power_draw|/power_readings/power_draw", 1000)
	number("temp_c", "/Temperature/GPU Current Temp|/temperature/gpu_temp", 1)
	number("mem_total_mib", "/FB Memory Usage/Total|/fb_memory_usage/total", 1)
	number("mem_reserved_mib", "/FB Memory Usage/Reserved|/fb_memory_usage/reserved", 1)
	number("mem_used_mib", "/FB Memory Usage/Used|/fb_memory_usage/used", 1)
	active(1, "Idle", "gpu_idle")
	active(2, "Applications Clocks Setting", "applications_clocks_setting")
	active(4, "SW Power Cap", "sw_power_cap")
	active(8, "HW Slowdown", "hw_slowdown")
	active(16, "Sync Boost", "sync_boost")
	active(32, "SW Thermal Slowdown", "sw_thermal_slowdown")
	active(64, "HW Slowdown/HW Thermal Slowdown", "hw_thermal_slowdown")
	active(128, "HW Slowdown/HW Power Brake Slowdown", "hw_power_brake_slowdown")
	active(256, "Display Clock Setting", "display_clocks_setting")
	if (told)
		print "reasons=" reasons + 0
	print "processes=" processes + 0
	number("cap_mw", "/GPU Power Readings/Current Power Limit" \
		"|/gpu_power_readings/current_power_limit|/gpu_power_readings/power_limit" \
		"|/power_readings/power_limit", 1000)
	number("cap_min_mw", "/GPU Power Readings/Min Power Limit" \
		"|/gpu_power_readings/min_power_limit|/power_readings/min_power_limit", 1000)
	number("cap_max_mw", "/GPU Power Readings/Max Power Limit" \
		"|/gpu_power_readings/max_power_limit|/power_readings/max_power_limit", 1000)
	generation = get("/PCI/GPU Link Info/PCIe Generation/Max" \
		"|/pci/pci_gpu_link_info/pcie_gen/max_link_gen")
	lanes = get("/PCI/GPU Link Info/Link Width/Current" \
		"|/pci/pci_gpu_link_info/link_widths/current_link_width")
	if (generation + 0 && lanes + 0)
		printf "pcie=%d:%d\n", generation, lanes
	mode = get("/MIG Mode/Current|/mig_mode/current_mig")
	if (mode != "")
		print "mig=" (mode == "Enabled" ? 1 : 0)
	if (arch == "Hopper" || arch == "Blackwell")
		print "gpm=1"
}
