# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# debuginfo.sh - findings with source lines of the test module, whose files are in /dbg; /other has it
# as of another build, /stripped without DWARF

a=0000:00:01.0

# finding NAME OPTION...
finding()
{
	name=$1
	shift
	section "$name" msitrace check "$@" -- provoke "lock_iter_unlocked $a"
}

finding usual --json			# where vm-run has put the module
rm /lib/modules/any/extra/msitrace_test.ko
finding none --json
finding none.text
for format in json text ktap; do
	finding dbg.$format --format $format --debug-dir /dbg
done
finding other --json --debug-dir /other
finding stripped --json --debug-dir /stripped
finding vmlinux --json --vmlinux /bin/busybox
section trace msitrace trace --json --debug-dir /dbg -- provoke "lock_iter_unlocked $a"
section trace.none msitrace trace --json -- provoke "lock_iter_unlocked $a"
# where distributions have it; loaded, and gone again, while msitrace watches
mkdir -p "/usr/lib/debug/lib/modules/$(uname -r)/extra"
cp /dbg/msitrace_test.ko "/usr/lib/debug/lib/modules/$(uname -r)/extra/"
rmmod msitrace_test
section again msitrace check --json -- \
	sh -c "insmod /dbg/msitrace_test.ko; sleep 5; provoke 'lock_iter_unlocked $a'; rmmod msitrace_test"
