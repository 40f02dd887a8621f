# SPDX-License-Identifier: GPL-2.0
#
# From lines "policy budget slowdown saving" (tabs, per mille) to an SVG: one line
# per policy through its points in order of slowdown. Policies whose slowdown
# leaves the plot are named at its edge.

function x(slowdown) { return left + slowdown / max_x * width }
function y(saving) { return top + height - (saving - min_y) / (max_y - min_y) * height }

function text(at_x, at_y, anchor, class, what) {
	printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">%s</text>\n", at_x, at_y, anchor, class, what
}

function line(x1, y1, x2, y2, class) {
	printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", x1, y1, x2, y2, class
}

function axes(   v) {
	for (v = 0; v <= max_x; v += 20) {
		line(x(v), top, x(v), top + height, "grid")
		text(x(v), top + height + 16, "middle", "tick", v / 10)
	}
	for (v = min_y; v <= max_y; v += step_y) {
		line(left, y(v), left + width, y(v), "grid")
		text(left - 6, y(v) + 4, "end", "tick", v / 10)
	}
	text(left + width / 2, top + height + 34, "middle", "label", "slowdown, %")
	text(14, top - 10, "start", "label", "energy saved, %")
}

# Points of one policy in order of slowdown, each once.
function draw(p,   n, i, j, t, path, dots) {
	n = split(points[p], at, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && at[j] + 0 < at[j - 1] + 0; j--) {
			t = at[j]; at[j] = at[j - 1]; at[j - 1] = t
		}
	for (i = 1; i <= n; i++) {
		split(at[i], xy, ":")
		if (xy[1] > max_x || xy[2] < min_y)
			continue
		path = path sprintf("%.1f,%.1f ", x(xy[1]), y(xy[2]))
		dots = dots sprintf("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%s\" fill=\"%s\"/>\n", x(xy[1]), y(xy[2]), p == "accelgov" ? 4.5 : 3, colour(p))
	}
	if (path == "")
		outside = outside (outside == "" ? "" : ", ") p
	printf "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\"%s/>\n%s", path, colour(p), p == "accelgov" ? 2.5 : 1.2, p ~ /^oracle/ ? " stroke-dasharray=\"5 3\"" : "", dots
}

# Colours that stay apart for colour-blind eyes (Okabe and Ito), ours the darkest.
function colour(p) {
	if (p == "accelgov")
		return "#000000"
	if (!(p in hue))
		hue[p] = palette[hues++ % 7]
	return hue[p]
}

BEGIN {
	FS = "\t"
	left = 56; top = 56; width = 470; height = 330; max_x = 120
	split("#0072b2 #d55e00 #009e73 #cc79a7 #e69f00 #56b4e9 #8c8c8c", p, " ")
	for (i = 1; i <= 7; i++)
		palette[i - 1] = p[i]
}

{
	if (!($1 in points))
		order[++nr] = $1
	key = $1 SUBSEP $3 SUBSEP $4
	if (seen[key]++)
		next
	points[$1] = points[$1] (points[$1] == "" ? "" : " ") $3 ":" $4
	if ($3 <= max_x && $4 > max_y)
		max_y = $4
	if ($3 <= max_x && $4 < min_y)
		min_y = $4
}

END {
	if (!nr) {
		print "frontier.awk: no points" >"/dev/stderr"
		exit 1
	}
	step_y = max_y > 200 ? 50 : 20
	max_y = (int(max_y / step_y) + 1) * step_y
	if (min_y < 0)
		min_y = (int(min_y / step_y) - 1) * step_y
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"440\" viewBox=\"0 0 760 440\">\n"
	print "<style>text{font:13px sans-serif;fill:#222}.tick{font-size:11px}.title{font-size:16px;font-weight:bold}.grid{stroke:#ddd}</style>"
	print "<rect width=\"760\" height=\"440\" fill=\"#ffffff\"/>"
	text(left, 22, "start", "title", title)
	axes()
	for (i = 1; i <= nr; i++)
		draw(order[i])
	for (i = 1; i <= nr; i++) {
		line(left + width + 24, top + 22 * i - 4, left + width + 48, top + 22 * i - 4, "key")
		printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"%s\"/>\n", left + width + 36, top + 22 * i - 4, colour(order[i])
		text(left + width + 54, top + 22 * i, "start", "key", order[i])
	}
	if (outside != "")
		text(left + width + 24, top + 22 * (nr + 1) + 8, "start", "tick", "outside of the plot: " outside)
	print "</svg>"
}
