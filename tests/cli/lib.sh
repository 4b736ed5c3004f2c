# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# lib.sh - running msitrace and looking at what it said, for the tests in tests/cli
#
# MSITRACE is the binary to test, default the one built in this tree.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

MSITRACE=${MSITRACE:-$O/msitrace}
[ -x "$MSITRACE" ] || skip_all "$MSITRACE is not built; try make"
MSITRACE=$(readlink -f "$MSITRACE")

# run [ARG]...: its exit status in $status, its output in $out and $err.
run() {
	status=0
	"$MSITRACE" "$@" >"$base/out" 2>"$base/err" </dev/null || status=$?
	out=$(cat "$base/out") err=$(cat "$base/err")
}

one_line() { [ "$(wc -l <"$base/err")" -eq 1 ] && [[ $err == "msitrace: "* ]]; }

# refuses NAME STATUS REGEX: what the last run gave: STATUS, and one line on stderr that matches.
refuses() {
	is "$1: exit status $2" "$status" "$2"
	if one_line; then pass "$1: one line"; else fail "$1: one line" "${err:-nothing on stderr}"; fi
	like "$1: says why" "$err" "$3"
}

# What the binary itself has, one per line.
commands() { "$MSITRACE" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'; }
exit_codes() { "$MSITRACE" help | sed -n '/^Exit status:/,/^$/s/^  \([0-9]*\) .*/\1/p'; }
rules() { "$MSITRACE" rules -n -o RULE; }
options_of() { "$MSITRACE" "$1" --help | sed -n '/^Options:/,/^$/s/^  ... \(--[a-z-]*\).*/\1/p'; }
letters_of() { "$MSITRACE" "$1" --help | sed -n '/^Options:/,/^$/s/^  \(-[a-z]\), .*/\1/p'; }
formats_of() { "$MSITRACE" "$1" --help | sed -n 's/^  -f.*: //p' | tr , '\n'; }
columns_of() { "$MSITRACE" "$1" --help | sed -n '/^Columns:/,/^$/s/^  \([A-Z]*\) .*/\1/p'; }
