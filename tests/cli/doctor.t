#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# doctor.t - what can be watched, by the types of kernels that do not run here, and of the one that does

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

cache=${MSITRACE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/msitrace}/kernels

# vmlinux_of SERIES: of a kernel that scripts/kernel-fetch has fetched, "" when it has not.
vmlinux_of() {
	local file

	for file in "$cache"/linux-image-"$1"[.-]*/vmlinux; do
		[ -r "$file" ] && { echo "$file"; return; }
	done
}

# roles STATE: of the last run, one per line.
roles() { awk -v s="$1" '$2 == s { print $1 }' <<<"$out"; }

# Both kernels that everything is promised for.
for series in 6.1 7.2; do
	file=$(vmlinux_of $series)
	if [ -z "$file" ]; then
		skip "doctor --btf: $series" "that kernel was not fetched; try scripts/kernel-fetch $series"
		continue
	fi
	run doctor --btf "$file"
	is "$series: exit status" "$status" 0
	is "$series: nothing on stderr" "$err" ""
	like "$series: a line with the names of columns" "${out%%$'\n'*}" '^ROLE +STATE +FUNCTIONS +COSTS *$'
	is "$series: no line is wider than 120" "$(awk 'length > 120' <<<"$out")" ""
	run doctor --btf "$file" -n -o ROLE,STATE
	ok "$series: there are roles" [ "$(wc -l <<<"$out")" -gt 20 ]
	is "$series: no role is absent" "$(roles absent)" ""
	is "$series: no role is degraded" "$(roles degraded)" ""
	is "$series: no role is named twice" "$(cut -d' ' -f1 <<<"$out" | sort | uniq -d)" ""
	run doctor --btf "$file" -o +COSTS --json
	if command -v jq >/dev/null; then
		is "$series: JSON: nothing costs anything" "$(jq -r '.roles[] | select((.costs // "") != "").role' <<<"$out")" ""
		is "$series: JSON: every role has functions" "$(jq -r '.roles[] | select((.functions // "") == "").role' <<<"$out")" ""
	else
		skip "$series: JSON" "jq is not installed; try scripts/setup check"
	fi
done

file=$(vmlinux_of 5.10)
if [ -n "$file" ]; then
	run doctor --btf "$file"
	is "5.10: exit status" "$status" 0
	like "5.10: what is missing, and what it costs" "$(tr -s ' \n' ' ' <<<"$out")" \
		'data_release absent .*msi_device_data_release\(\).*n/a: .*life_store_not_empty'
	like "5.10: what is there" "$out" '^probe +live +pci_device_probe'
else
	skip "doctor --btf: 5.10" "that kernel was not fetched; try scripts/kernel-fetch 5.10"
fi

# The running kernel: its types, and whatever attaches.
types=/sys/kernel/btf/vmlinux
if [ -r $types ]; then
	run doctor --btf $types
	is "raw BTF: exit status" "$status" 0
	like "raw BTF: a role" "$out" '^lock +(live|degraded|absent)'
	ok "raw BTF: something is live" [ -n "$(roles live)" ]
	head -c 100000 $types >"$base/cut"
	run doctor --btf "$base/cut"
	refuses "BTF that was cut" 3 "$base/cut.*vmlinux"
else
	skip "raw BTF" "the running kernel has no $types"
fi

run doctor
like "doctor: exit status 0, or 3 when nothing can be attached" "$status" '^[03]$'
if [ "$status" -eq 3 ]; then
	ok "doctor: one line says why" one_line
	[ ! -r $types ] || like "doctor: lists what the types say all the same" "$out" '^ROLE +STATE'
	[ ! -r $types ] || like "doctor: and says that it is only that" "$err" 'what the types say'
else
	like "doctor: lists roles" "$out" '^ROLE +STATE'
	is "doctor: nothing on stderr" "$err" ""
fi

# What is no kernel.
file=$(vmlinux_of 6.1)
if [ -n "$file" ]; then
	head -c 1000000 "$file" >"$base/cut.elf"
	run doctor --btf "$base/cut.elf"
	refuses "vmlinux that was cut" 3 "$base/cut.elf.*vmlinux"
else
	skip "vmlinux that was cut" "the kernel 6.1 was not fetched; try scripts/kernel-fetch 6.1"
fi
head -c 5000 "$MSITRACE" | tr '\0-\377' '\1-\377\0' >"$base/garbage"
run doctor --btf "$base/garbage"
refuses "garbage" 3 "$base/garbage.*vmlinux"
is "garbage: no list" "$out" ""
: >"$base/empty"
run doctor --btf "$base/empty"
refuses "empty file" 3 "$base/empty"
run doctor --btf "$MSITRACE"
refuses "ELF file without types" 3 "$MSITRACE.*\.BTF"
run doctor --btf "$base"
refuses "directory" 3 "$base"
run doctor --btf "$base/nosuch"
refuses "missing file" 3 "$base/nosuch: No such file or directory"
run doctor --btf ''
refuses "no name" 3 'No such file'
if [ "$(id -u)" -ne 0 ]; then
	echo x >"$base/closed"
	chmod 0 "$base/closed"
	run doctor --btf "$base/closed"
	refuses "file without permission" 3 "$base/closed: Permission denied"
else
	skip "file without permission" "root may read everything"
fi

done_testing
