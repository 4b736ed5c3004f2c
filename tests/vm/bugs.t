#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bugs.t - the bugs of real kernels in tests/bugs are found where they live, and only there
. "$(dirname "$0")/lib.sh"

require
bugs=$top/tests/bugs
machine=(--file "$bugs:/bugs" --device rocker,name=a,len-ports=30
	--load ahci --load sd_mod --drive driver=null-co,size=16M,if=none,id=disk0
	--device ide-hd,drive=disk0,bus=ide.0)

# With findings as text for tests/bugs/*/finding.txt: the first of each.
write_findings() {
	local id rule

	: >"$base/write"
	boot bugs-text "$kernel" bugs.sh "${machine[@]}" --file "$base/write:/write-findings"
	for id in $ids; do
		rule=$(sed -n "s/^$kernel fail \([a-z_]*\).*/\1/p" "$bugs/$id/expect")
		[ -n "$rule" ] || continue
		out "$id" | awk '/^msitrace .* check, kernel/ { sub(/, command.*/, ""); print; print "" }
			/^  rule  / { exit } /^FINDING/ { if (on) exit; on = $3 == rule } on' rule="$rule" >"$bugs/$id/finding.txt"
	done
}

ids=$(cd "$bugs" && printf '%s\n' */run | sed 's,/run,,')
for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	[ -z "${MSITRACE_BUGS_WRITE:-}" ] || write_findings
	boot bugs "$kernel" bugs.sh "${machine[@]}"
	for id in $ids; do
		read -r _ verdict rule culprit also < <(grep "^$kernel " "$bugs/$id/expect")
		[ -n "$rule" ] || { skip "$kernel: $id" "expect has no line for $kernel"; continue; }
		is "$kernel: $id: $rule is $verdict" \
			"$(of "$id" "select(.type == \"result\" and .rule == \"$rule\").verdict")" "$verdict"
		is "$kernel: $id: nothing else is found" "$(rules_of "$id")" \
			"$({ [ "$verdict" != fail ] || echo "$rule"; tr , '\n' <<<"$also"; } | grep . | sort | paste -sd,)"
		[ "$culprit" = - ] ||
			like "$kernel: $id: to blame is" \
				"$(of "$id" "select(.type == \"finding\" and .rule == \"$rule\").culprit" | sort -u)" "^$culprit\$"
		ok "$kernel: $id: finding.txt is of that rule" grep -q "^FINDING [0-9]*: $rule " "$bugs/$id/finding.txt"
	done
done
done_testing
