# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# lib.sh - a guest per kernel, and what its commands printed, for the tests in tests/vm
#
# boot runs one script of tests/vm/guest in a guest. The script runs its commands by section (see
# guest/lib.sh); what each printed is then in $sections/NAME.out and NAME.err, and what it exited
# with in NAME.status.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

kernels=${MSITRACE_TEST_KERNELS:-6.1 7.2}
msitrace=${MSITRACE_STATIC:-$O/static/msitrace}

require() {
	local command

	for command in "${MSITRACE_QEMU:-qemu-system-x86_64}" jq busybox; do
		command -v "$command" >/dev/null || skip_all "$command is not installed; try scripts/setup check"
	done
	[ -x "$msitrace" ] || skip_all "$msitrace is not built; try make static"
}

# kmod KERNEL: sets $kmod to the test module for it.
kmod() { kmod=$("$top/scripts/kmod-build" "$1" "$O/kmod-$1"); }

# boot NAME KERNEL SCRIPT [OPTION OF vm-run]...: SCRIPT of tests/vm/guest in a guest, with the test
# module when $kmod is set. Sets $sections and $booted; one test: the guest lived to its end.
boot() {
	local name=$1 kernel=$2 script=$3

	shift 3
	sections=$base/$name-$kernel
	mkdir -p "$sections"
	booted=0
	nice "$top/scripts/vm-run" --raw --kernel "$kernel" --timeout "${timeout:-900}" \
		${kmod:+--insmod "$kmod"} --file "$msitrace:/bin/msitrace" \
		--file "$top/tests/vm/guest:/guest" "$@" -- ". /guest/lib.sh; . /guest/$script" \
		>"$sections/.stdout" 2>"$sections/.stderr" || booted=$?
	split_sections
	is "$name on $kernel: the guest lived to the end of its script" $booted 0
	[ ! -s "$sections/.stderr" ] || diag "$(cat "$sections/.stderr")"
	[ -z "${MSITRACE_TEST_KEEP:-}" ] || cp -r "$sections" "$MSITRACE_TEST_KEEP/"
}

# real_drivers: $machine of boot, with the modules and the disks (nvme0, disk0, vblk0) of real devices.
real_drivers() {
	local m id

	machine=()
	for m in nvme e1000e virtio_pci virtio_net virtio_blk ahci sd_mod; do
		machine+=(--load "$m")
	done
	for id in nvme0 disk0 vblk0; do
		machine+=(--drive "driver=null-co,size=16M,if=none,id=$id")
	done
}

split_sections() {
	awk -v dir="$sections" '
		/^@begin / { name = dir "/" $2; printf "" > (name ".out"); printf "" > (name ".err"); next }
		/^>/ { print substr($0, 2) > (name ".out") }
		/^!/ { print substr($0, 2) > (name ".err") }
		/^@end / { print $3 > (name ".status"); close(name ".out"); close(name ".err"); close(name ".status") }
	' "$sections/.stdout"
}

out() { cat "$sections/$1.out" 2>/dev/null; }
err() { cat "$sections/$1.err" 2>/dev/null; }
status() { cat "$sections/$1.status" 2>/dev/null || echo "none: it was not run, or did not end"; }

# of SECTION JQ-FILTER: of the JSON lines.
of() { out "$1" | jq -r "$2" 2>&1; }

# The rules with findings in SECTION, one line.
rules_of() { of "$1" 'select(.type == "finding").rule' | sort -u | paste -sd,; }

# The functions in the stacks of all offences in SECTION.
offenders_of() { of "$1" 'select(.type == "finding").offence.stack[].symbol' | sort -u; }

# ends SECTION STATUS LABEL: msitrace exited with it; if not, diagnostics say why it did not.
ends() {
	is "$3: exit status" "$(status "$1")" "$2"
	[ "$(status "$1")" != "$2" ] || return 0
	diag "$(of "$1" 'select(.type == "summary").lost_by, (select(.type == "result" and
		(.verdict == "inconclusive" or .verdict == "fail")) | "\(.rule) \(.verdict): \(.reason)")')"
	diag "$(err "$1")"
}

# ---- what the test module's scenarios must give ----

# expected SCENARIO: its rules for this kernel, as the module says, those that msitrace has.
expected() {
	out expected | awk -v s="$1" '$1 == s { print $2 }' | tr ',' '\n' |
		grep -Fxf <("$msitrace" rules --format json | jq -r '.rules[].rule') | sort | paste -sd,
}

# functions WHERE SECTION: of the stacks of all findings, WHERE is offence or setup.
functions() {
	of "$2" "select(.type == \"finding\").$1 // empty | .stack // [] | .[].symbol"
}

# names SCENARIO SECTION WHERE: what offences.txt asks for is there, one test per function.
names() {
	local scenario where functions f found

	while read -r scenario where functions; do
		[ "$scenario" = "$1" ] && [ "$where" = "$3" ] || continue
		found=$(functions "$where" "$2")
		for f in $functions; do
			ok "$4: the $where names $f" grep -qxE "$f" <<<"$found"
		done
	done <"$top/tests/vm/offences.txt"
}

# fires SCENARIO SECTION BDF: exactly the rules that it should, of the right device and driver, with
# the right exit status, and nothing lost.
fires() {
	local want label="$kernel: $2" devices whose="$3 msitrace_test"

	[ "$1" != vec_accounting ] || whose=" "	# nobody's
	want=$(expected "$1")
	is "$label: the scenario ran" "$(of "$2" 'select(.type == "summary").command.exited')" 0
	is "$label: fires ${want:-nothing}" "$(rules_of "$2")" "$want"
	ends "$2" "$([ -n "$want" ] && echo 1 || echo 0)" "$label"
	is "$label: nothing lost" "$(of "$2" 'select(.type == "summary").lost')" 0
	[ -n "$want" ] || return 0
	devices=$(of "$2" 'select(.type == "finding") | .device + " " + .driver' | sort -u)
	is "$label: names device and driver" "$devices" "$whose"
	names "$1" "$2" offence "$label"
}
