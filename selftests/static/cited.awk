# SPDX-License-Identifier: GPL-2.0
#
# cited.awk - what comments and documents name and the tree does not have
#
#	awk -f cited.awk LIST FILE...
#
# LIST has every file of the tree, one a line; FILE are those to look into. A source
# that is named must be in LIST, by its name alone or with any of the folders before it;
# a constant of the core (AG_...) must be defined in one of FILE. Names of other trees
# begin with a folder of theirs, what is built lies below build/, and whoever reads is
# to fill in what is in capitals or begins with my_.

FNR == NR {
	path = $0
	have[path] = 1
	while (sub(/^[^\/]*\//, "", path))
		have[path] = 1
	next
}

/^[ \t]*#define AG_/ || /^\tAG_[A-Z0-9_]*( = .*)?,/ {
	split($0, word, /[^A-Za-z0-9_#]+/)
	for (i in word)
		defined[word[i]] = 1
}

{ text = $0 }

FILENAME ~ /\.[ch]$/ {
	if (!match(text, /\/\*/) && text !~ /^[ \t]*\*/)
		next
	if (match(text, /\/\*/))
		text = substr(text, RSTART)
}

FILENAME !~ /\.([ch]|rst|md)$/ && text !~ /^[ \t]*#/ { next }

{
	rest = text
	while (match(rest, /[A-Za-z0-9_.\/-]*[A-Za-z0-9_-]\.(c|rst|sh|awk|jq)/)) {
		name = substr(rest, RSTART, RLENGTH)
		next_char = substr(rest, RSTART + RLENGTH, 1)
		before = RSTART > 1 ? substr(rest, RSTART - 1, 1) : ""
		rest = substr(rest, RSTART + RLENGTH)
		sub(/^\.\//, "", name)
		while (sub(/^\.\.\//, "", name))
			;
		if (next_char ~ /[A-Za-z0-9_]/ || before ~ /[*$>{~%]/ || name in have ||
		    name ~ /^(\/|build\/|drivers\/|arch\/|kernel\/|my_)/ ||
		    name !~ /[a-z]\.[a-z.]*$/)
			continue
		print FILENAME ":" FNR ": there is no file " name
		bad = 1
	}
	rest = text
	while (match(rest, /AG_[A-Z0-9_]*[A-Z0-9]/)) {
		name = substr(rest, RSTART, RLENGTH)
		next_char = substr(rest, RSTART + RLENGTH, 1)
		before = RSTART > 1 ? substr(rest, RSTART - 1, 1) : ""
		rest = substr(rest, RSTART + RLENGTH)
		if (before !~ /[A-Za-z0-9_]/ && next_char !~ /[_*]/)
			named[name] = FILENAME ":" FNR
	}
}

END {
	for (name in named)
		if (!(name in defined)) {
			print named[name] ": there is no constant " name
			bad = 1
		}
	exit bad
}
