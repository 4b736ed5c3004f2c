#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# debuginfo.t - stacks of findings have the source lines and inlined functions that addr2line finds, from a
# file of the build that runs, and from no other
. "$(dirname "$0")/lib.sh"

msitrace=$O/msitrace	# with the libraries of this machine: the static one reads no DWARF
require
"$msitrace" version | grep -q '^libdw [0-9]' || skip_all "this msitrace was built without libdw; try scripts/setup"
for command in addr2line nm objcopy; do
	command -v $command >/dev/null || skip_all "$command is not installed; try scripts/setup"
done

# The stack of the finding in SECTION, what belongs to the test module: symbol, offset, "file:line", in lines.
# An inlined function has the offset -.
frames() {
	of "$1" 'select(.type == "finding").offence.stack[] | select(.module == "msitrace_test") |
		[.symbol, (if .inlined then "-" else .offset end), "\(.file):\(.line)"] | @tsv'
}

# The same for a return address, SYMBOL+OFFSET, as addr2line sees it: symbol and "file:line".
by_addr2line() {
	local start

	start=$(nm "$kmod" | awk -v s="$1" '$3 == s { print $1; exit }')
	addr2line -f -i -j .text -e "$kmod" "$(printf '%x' $((0x$start + $2 - 1)))" | paste - - |
		sed 's,\t.*/,\t,; s, (discriminator [0-9]*)$,,'
}

# As frames, without offsets; a part that the compiler split off is called as the function was.
as_frames() { frames "$1" | awk -F'\t' -v OFS='\t' '{ sub(/\..*/, "", $1); print $1, $3 }'; }
as_addr2line() {
	local symbol offset _

	while IFS=$'\t' read -r symbol offset _; do
		[ "$offset" = - ] || by_addr2line "$symbol" "$offset"
	done < <(frames "$1")
}

no_lines() {
	is "$kernel: $1: no frame has a line" \
		"$(of "$1" 'select(.type == "finding").offence.stack[] | select(has("file") or has("line") or has("inlined"))')" ""
}

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	# the same build id but for one byte, and no DWARF
	objcopy --dump-section .note.gnu.build-id="$base/id" "$kmod" "$base/dumped"
	cp "$base/id" "$base/id.other"
	printf '%b' "\\x$(printf %02x $((0x$(od -An -tx1 -j20 -N1 "$base/id" | tr -d ' ') ^ 1)))" |
		dd of="$base/id.other" bs=1 seek=20 conv=notrunc status=none
	objcopy --update-section .note.gnu.build-id="$base/id.other" "$kmod" "$base/other.ko"
	objcopy --strip-debug "$kmod" "$base/stripped.ko"

	boot debuginfo "$kernel" debuginfo.sh --device rocker,name=a,len-ports=30 \
		--file "$kmod:/dbg/msitrace_test.ko" --file "$base/other.ko:/other/msitrace_test.ko" \
		--file "$base/stripped.ko:/stripped/msitrace_test.ko"

	for section in dbg.json usual again; do
		is "$kernel: $section: the rule fires" "$(rules_of $section)" lock_iter_unlocked
		first=$(as_frames $section | head -1)
		is "$kernel: $section: the culprit is in lock.c" "${first%:*}" $'mt_first_without_lock\tlock.c'
		line=$(grep -n '[ *]mt_first_without_lock(.*)$' "$top/tests/kmod/lock.c" | cut -d: -f1)
		ok "$kernel: $section: inside of the function" test "${first##*:}" -ge "$line" -a "${first##*:}" -le $((line + 5))
		ok "$kernel: $section: some functions are inlined" grep -q $'\t-\t' <<<"$(frames $section)"
		is "$kernel: $section: lines and inlined functions are those of addr2line" \
			"$(as_frames $section)" "$(as_addr2line $section)"
		is "$kernel: $section: nothing to complain about" "$(err $section)" ""
	done
	is "$kernel: files are named from their own directory" \
		"$(frames dbg.json | cut -f3 | grep / | grep -v '^include/')" ""

	culprit=$(as_frames dbg.json | head -1 | cut -f2)
	like "$kernel: text has the line of the culprit" "$(out dbg.text)" \
		"^  > mt_first_without_lock\+0x[0-9a-f]+ \[msitrace_test\] $culprit\$"
	like "$kernel: text has inlined functions" "$(out dbg.text)" '^    [a-z_]+ \(inlined\) main\.c:[0-9]+$'
	is "$kernel: text: no line of a stack is longer than 80" "$(out dbg.text | grep -E '^  [> ] ' | awk 'length > 80')" ""
	like "$kernel: ktap has the line of the culprit" "$(out dbg.ktap)" \
		"^#   > mt_first_without_lock\+0x[0-9a-f]+ \[msitrace_test\] $culprit\$"
	like "$kernel: ktap has inlined functions" "$(out dbg.ktap)" '^#     [a-z_]+ \(inlined\) main\.c:[0-9]+$'

	is "$kernel: without debug information text has no line" "$(out none.text | grep -E '\.[ch]:[0-9]|inlined')" ""
	is "$kernel: and the culprit as ever" "$(out none.text | grep -c '^  > mt_first_without_lock+0x[0-9a-f]* \[msitrace_test\]$')" 1
	no_lines none
	is "$kernel: without debug information there is nothing to say" "$(err none)" ""
	no_lines other
	like "$kernel: another build is refused" "$(err other)" \
		'^msitrace: warning: /other/msitrace_test.ko is of another build: its build id is [0-9a-f]{40}, what runs has [0-9a-f]{40}; there will be no source lines of module msitrace_test$'
	no_lines stripped
	like "$kernel: no DWARF is said" "$(err stripped)" '/stripped/msitrace_test.ko has no debug information'
	no_lines vmlinux
	like "$kernel: what is no vmlinux is refused" "$(err vmlinux)" '/bin/busybox (is of another build|has no debug information)'
	for section in other stripped vmlinux; do
		is "$kernel: $section: in one line" "$(err $section | wc -l)" 1
		is "$kernel: $section: the verdict is the same" "$(status $section)" "$(status dbg.json)"
	done

	like "$kernel: trace has lines when asked" \
		"$(of trace 'select(.type == "event").stack // [] | .[] | select(.module == "msitrace_test").file // empty' | sort -u | paste -sd,)" \
		'main\.c'
	is "$kernel: trace has none otherwise" "$(of trace.none 'select(.type == "event").stack // [] | .[].file // empty')" ""
done
done_testing
