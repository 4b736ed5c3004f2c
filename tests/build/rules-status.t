#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# rules-status.t - the table of the README says what is proven of each rule, and that is enough
. "$(dirname "$0")/../lib.sh"

export MSITRACE=${MSITRACE:-$O/msitrace} O
[ -x "$MSITRACE" ] || skip_all "$MSITRACE is not built; try make"
command -v perl >/dev/null || skip_all "perl is not installed; try scripts/setup check"

table=$("$top/scripts/rules-status")
is "rules-status succeeds" $? 0
ok "the README has its table; if not: make rules-status" diff -u --label README --label rules-status \
	<(sed -n '/^<!-- rules-status: begin/,/^<!-- rules-status: end/ { /^|/p }' "$top/README.md") <(echo "$table")

# ids AWK-CONDITION: of the rows of the table for which it holds. Cells are $2 (id) to $10.
ids() { awk -F' *[|] *' "NR > 2 && ($1)"' { gsub(/`/, "", $2); print $2 }' <<<"$table" | xargs; }

is "every rule has a tier in tests/tiers.txt" "$(ids '$3 == "-"')" ""
is "what is not written has a reason" "$(ids '$10 == "no rule:"')" ""
is "every rule has pass, fail and skip traces" "$(ids '$10 !~ /^no rule/ && ($5 == "-" || $7 == "-" || $8 == "-")')" ""
is "every rule of tiers 1 and 2 is proven in a live kernel, or says why not" \
	"$(ids '$3 < 3 && $10 !~ /^no (rule|scenario):/ && $9 == "-"')" ""
done_testing
