# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# plan.sh - plan and kernel, for as many trials as the environment of the test says; both answers for sure

limit=1500 section trials plan-trials 1 "$(cat /trials)"

section room msitrace plan --json offline 1
provoke_all() { for d in 1 2 3 4 5 6 7; do sh -c 'echo "$0" >/sys/kernel/msitrace_test/run' "$1 0000:00:0$d.0 $2" 2>/dev/null; done; }
provoke_all setup 64
section full msitrace plan --json offline 1
section full.kernel sh -c 'echo 0 >/sys/devices/system/cpu/cpu1/online'
section others msitrace plan --json offline 0,99
