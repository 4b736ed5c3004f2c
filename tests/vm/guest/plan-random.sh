# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# plan-random.sh - plan and kernel, as often as /trials says: the arguments of plan-trials

# shellcheck disable=SC2046 # a word each
limit=20000 section trials plan-trials $(cat /trials)
