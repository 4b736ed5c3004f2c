#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# user.t - scripts/vm-run as its users call it: KTAP on stdout and the verdict as exit status
. "$(dirname "$0")/lib.sh"

require
[ -x "$O/msitrace" ] || skip_all "$O/msitrace is not built; try make"

# run [OPTION]... -- COMMAND
run() {
	status=0
	nice "$top/scripts/vm-run" --kernel "$kernel" --msitrace "$binary" "$@" \
		>"$base/out" 2>"$base/err" || status=$?
}

# Somebody else's parser would do; the kernel's own rules are these.
is_ktap() {
	awk 'NR == 1 && !/^(KTAP|TAP) version 1/ { bad = 1 }
		/^1\.\./ { plan = substr($1, 4) }
		/^(ok|not ok) [0-9]+/ { n++; if ($0 !~ "^(not )?ok " n "( |$)") bad = 1 }
		END { exit bad || !plan || n != plan }' "$base/out"
}

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	device=(--insmod "$kmod" --device rocker,name=a,len-ports=30)
	mt='> /sys/kernel/msitrace_test/run'

	# The binary with the libraries of this machine, which come along.
	binary=$O/msitrace
	run "${device[@]}" -- "echo good 0000:00:01.0 $mt"
	is "$kernel: good: exit status" $status 0
	ok "$kernel: good: KTAP" is_ktap
	ok "$kernel: good: lock_iter_unlocked is ok" grep -qE '^ok [0-9]+ -? ?lock_iter_unlocked' "$base/out"
	nok "$kernel: good: nothing is not ok" grep -q '^not ok' "$base/out"

	binary=$msitrace
	run "${device[@]}" -- "echo lock_iter_unlocked 0000:00:01.0 $mt"
	is "$kernel: lock_iter_unlocked: exit status" $status 1
	ok "$kernel: lock_iter_unlocked: KTAP" is_ktap
	is "$kernel: lock_iter_unlocked: one is not ok" \
		"$(grep '^not ok' "$base/out" | sed -E 's/^not ok [0-9]+ -? ?([a-z_]*).*/\1/')" lock_iter_unlocked
	ok "$kernel: lock_iter_unlocked: the offender is there" grep -q mt_first_without_lock "$base/out"

	run --check-args "--rule lock_iter_unlocked" --load nvme --device nvme,serial=a -- false
	is "$kernel: nothing happened: exit status" $status 2
done
done_testing
