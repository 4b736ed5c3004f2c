#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bugs.t - the bugs of real kernels in tests/bugs are found where they live, and only there
. "$(dirname "$0")/lib.sh"

require
bugs=$top/tests/bugs
usual=(--device rocker,name=a,len-ports=30 --device edu
	--load ahci --load sd_mod --drive driver=null-co,size=16M,if=none,id=disk0
	--device ide-hd,drive=disk0,bus=ide.0)

# expected_of ID: the line for $kernel.
expected_of() { grep "^$kernel " "$bugs/$1/expect"; }

# here ID...: those that are expected to pass or to fail on $kernel.
here() {
	local id

	for id; do
		[ -z "$(expected_of "$id")" ] || echo "$id"
	done
}

# What the kernel calls itself, and the patch that it has.
name_kernel() {
	local patch=tests/kernels/$kernel.patch

	sub='{ sub(/, command.*/, ""); print }'
	[ ! -e "$top/$patch" ] || sub='{ sub(/, command.*/, ""); print $0 " with '$patch'" }'
}

# With findings as text for tests/bugs/*/finding.txt: the first of each.
write_findings() {
	local id rule sub

	name_kernel
	: >"$base/write"
	boot "$name-text" "$kernel" bugs.sh "${machine[@]}" --file "$base/write:/write-findings"
	for id in $ids; do
		rule=$(expected_of "$id" | sed -n "s/^$kernel fail \([a-z_]*\).*/\1/p")
		[ -n "$rule" ] || continue
		# of a series, or of the kernel that is made for it
		[ -z "${kernel//[0-9.]/}" ] || [ "$kernel" = "$id" ] || continue
		out "$id" | awk '/^msitrace .* check, kernel/ '"$sub"' /^msitrace .* check, kernel/ { print "" }
			/^  rule  / { exit } /^FINDING/ { if (on) exit; on = $3 == rule } on' rule="$rule" >"$bugs/$id/finding.txt"
	done
}

judge() {
	local id=$1 verdict rule culprit also

	read -r _ verdict rule culprit also < <(expected_of "$id")
	is "$kernel: $id: $rule is $verdict" \
		"$(of "$id" "select(.type == \"result\" and .rule == \"$rule\").verdict")" "$verdict"
	is "$kernel: $id: nothing else is found" "$(rules_of "$id")" \
		"$({ [ "$verdict" != fail ] || echo "$rule"; tr , '\n' <<<"$also"; } | grep . | sort | paste -sd,)"
	[ "$culprit" = - ] ||
		like "$kernel: $id: to blame is" \
			"$(of "$id" "select(.type == \"finding\" and .rule == \"$rule\").culprit" | sort -u)" "^$culprit\$"
	[ "$verdict" != fail ] ||
		ok "$kernel: $id: finding.txt is of that rule" grep -q "^FINDING [0-9]*: $rule " "$bugs/$id/finding.txt"
}

# run NAME MACHINE...: $ids in one guest.
run() {
	local name=$1 id machine

	shift
	machine=("$@" --file "$bugs:/bugs" --file "$base/ids:/ids")
	echo "$ids" >"$base/ids"
	[ -z "${MSITRACE_BUGS_WRITE:-}" ] || write_findings
	boot "$name" "$kernel" bugs.sh "${machine[@]}"
	for id in $ids; do
		judge "$id"
	done
}

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	ids=$(cd "$bugs" && for id in */run; do [ -e "${id%/run}/machine" ] || here "${id%/run}"; done)
	[ -z "$ids" ] || run bugs "${usual[@]}"
	for special in $(cd "$bugs" && printf '%s\n' */machine); do
		ids=$(here "${special%/machine}")
		[ -n "$ids" ] || continue
		mapfile -t special <"$bugs/$ids/machine"
		run "bugs-$ids" "${special[@]}"
	done
done
done_testing
