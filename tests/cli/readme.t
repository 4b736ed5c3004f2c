#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# readme.t - the tables of the README are what the binary says, and the files that it names exist

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

readme=$top/README.md

# table HEADING: the rows of the table whose first column is HEADING, cells separated by tabs.
table() {
	awk -F' *[|] *' -v h="$1" '$2 == h { on = 1; next } on && !/^[|]/ { exit }
		on && !/^[|]-/ { gsub(/`/, ""); for (i = 2; i < NF; i++) printf "%s%s", $i, i < NF - 1 ? "\t" : "\n" }' "$readme"
}
of_help() { "$MSITRACE" help | sed -n "/^$1:/,/^\$/s/^  \([a-z0-9]*\) *\(.*\)/\1\t\2/p"; }

is "commands" "$(table command)" "$(of_help Commands)"
is "exit statuses" "$(table 'exit status')" "$(of_help 'Exit status')"
if command -v jq >/dev/null; then
	is "rules" "$(table rule)" "$("$MSITRACE" rules --json | jq -r '.rules[] | [.rule, .severity, .summary] | join("\t")')"
else
	skip "rules" "jq is not installed; try scripts/setup check"
fi
for name in $(sed -n '/^## Layout/,/^## /s/^    \([a-z].*\)/\1/p' "$readme" | grep -oE '^[a-z/]+( src/[a-z/]+)*'); do
	ok "there is $name" [ -d "$top/$name" ]
done
for target in $(grep -oE 'make [a-z]+' "$readme" | sort -u | cut -d' ' -f2); do
	case $target in
	demo | check | bench | static) ok "make $target" grep -rqE "^$target:|^$target [a-z ]*:|PHONY.*\<$target\>" "$top/Makefile" "$top/tests/tests.mk" ;;
	esac
done
done_testing
