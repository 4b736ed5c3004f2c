# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# bad.sh - places where msitrace cannot work, and what becomes of its output

a=0000:00:01.0
as_nobody='start-stop-daemon -S -c nobody -x'
mkdir /etc
echo text >/etc/text
echo 'nobody:x:65534:65534::/:/bin/sh' >/etc/passwd
echo 'nobody:x:65534:' >/etc/group
chmod 755 / /bin /bin/msitrace

for command in check trace hist; do
	section nobody.$command $as_nobody /bin/msitrace -- $command --duration 0.1
done
section nobody.doctor $as_nobody /bin/msitrace -- doctor
section device.none msitrace check --device 0000:00:09.0 --duration 0.1
section device.name msitrace check --device nosuchdriver --duration 0.1
section device.later msitrace check --format json --device msitrace_test -- provoke "lock_iter_unlocked $a"
section device.other msitrace check --format json --device 0000:00:02.0 -- provoke "lock_iter_unlocked $a"
section rule.none msitrace check --rule nosuchrule -- true
section rule.one msitrace check --format json --rule lock_unbalanced -- provoke "lock_iter_unlocked $a"
section exec.none msitrace check -- /nosuch
section exec.denied msitrace check -- /etc/text
section fails msitrace check -- sh -c "provoke 'good $a'; exit 7"
section killed msitrace check -- sh -c "provoke 'good $a'; kill -9 \$\$"
section fails.finding msitrace check -- sh -c "provoke 'lock_iter_unlocked $a'; exit 7"
section nothing msitrace check --rule lock_iter_unlocked -- true

# The status of the first of a pipe is in a file.
section pipe sh -c "{ msitrace check --events -- provoke 'good $a'; echo \$? >/tmp/status; } | head -n 1; sleep 1; exit \$(cat /tmp/status)"
section pipe.trace sh -c "{ timeout 30 msitrace trace -- provoke 'good $a'; echo \$? >/tmp/status; } | head -n 1; sleep 1; exit \$(cat /tmp/status)"
for format in text json ktap; do
	section full.$format sh -c "msitrace check --format $format -- provoke 'good $a' >/dev/full"
done
section full.hist sh -c "msitrace hist --format prometheus -- provoke 'good $a' >/dev/full"
section closed sh -c "msitrace check -- provoke 'good $a' >&-"
section left attached

section doctor msitrace doctor
section doctor.json msitrace doctor --json

mkdir /tmp/empty
mount -o bind /tmp/empty /sys/kernel/btf
section btf.none msitrace check --duration 0.1
section btf.doctor msitrace doctor
umount /sys/kernel/btf
echo 0 >/proc/sys/kernel/ftrace_enabled
section ftrace.off msitrace check --format json -- provoke "lock_iter_unlocked $a"
echo 1 >/proc/sys/kernel/ftrace_enabled
umount /sys/kernel/tracing
umount /sys/kernel/debug/tracing 2>/dev/null
umount /sys/kernel/debug
section tracefs.none msitrace check --format json -- provoke "lock_iter_unlocked $a"
