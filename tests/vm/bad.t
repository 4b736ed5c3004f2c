#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bad.t - bad places and bad ends: one clear line, the documented exit status, nothing left attached
. "$(dirname "$0")/lib.sh"

require
bpftool=$(PATH=$PATH:/usr/sbin command -v bpftool) || skip_all "bpftool is not installed; try scripts/setup"

# refused SECTION STATUS REGEX: with one line on stderr, that says what REGEX says.
refused() {
	is "$kernel: $1: exit status" "$(status "$1")" "$2"
	is "$kernel: $1: one line" "$(err "$1" | wc -l)" 1
	like "$kernel: $1: says what and what to try" "$(err "$1")" "^msitrace: .*$3"
}

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	boot bad "$kernel" bad.sh --file "$bpftool:/bin/bpftool" --device rocker,name=a,len-ports=30 \
		--device rocker,name=b,len-ports=30
	for command in check trace hist; do
		refused nobody.$command 3 'root|CAP_BPF'
		is "$kernel: nobody.$command: nothing on stdout that looks like a verdict" \
			"$(out nobody.$command | grep -ciE 'pass|clean')" 0
	done
	refused device.none 3 '0000:00:09.0'
	refused device.name 3 'nosuchdriver'
	is "$kernel: a device that comes later is watched" "$(rules_of device.later)" lock_iter_unlocked
	is "$kernel: another device is not" "$(rules_of device.other)" ""
	refused rule.none 64 'nosuchrule'
	is "$kernel: another rule is not judged" "$(rules_of rule.one)" ""
	refused exec.none 3 '/nosuch.*No such file'
	refused exec.denied 3 '/etc/text.*[Pp]ermission'
	is "$kernel: clean, but COMMAND failed" "$(status fails)" 4
	like "$kernel: clean, but COMMAND failed: with what" "$(out fails)" 'exited with 7'
	is "$kernel: clean, but COMMAND was killed" "$(status killed)" 4
	is "$kernel: a finding counts more than COMMAND" "$(status fails.finding)" 1
	is "$kernel: nothing happened: not clean" "$(status nothing)" 2

	for section in pipe pipe.trace; do
		is "$kernel: $section: the reader got its line" "$(out $section | wc -l)" 1
		is "$kernel: $section: exit status" "$(status $section)" 3
		like "$kernel: $section: says so" "$(err $section)" 'Broken pipe'
	done
	for section in full.text full.json full.ktap full.hist; do
		refused $section 3 'No space left'
	done
	refused closed 3 'Bad file descriptor'
	is "$kernel: no program is left" "$(out left | awk '$1 == "kprobes" || $1 == "functions" { n += $2 } END { print n }')" 0

	is "$kernel: doctor: exit status" "$(status doctor)" 0
	for role in lock unlock iter_first iter_next desc_insert desc_free irq_free activate affinity; do
		like "$kernel: doctor: $role is live" "$(out doctor)" "^$role +live"
	done
	ok "$kernel: doctor: json parses" is_json "$sections/doctor.json.out"

	refused btf.none 3 'BTF'
	like "$kernel: btf.doctor: says why" "$(out btf.doctor; err btf.doctor)" 'BTF'
	ok "$kernel: ftrace.off: refused, or it works" test \
		"$(status ftrace.off)" = 3 -o "$(rules_of ftrace.off)" = lock_iter_unlocked
	is "$kernel: without tracefs it works as well" "$(rules_of tracefs.none)" lock_iter_unlocked
done
done_testing
