#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernels.t - what tests/kernels says can be built, and who names its kernels; nothing is built
. "$(dirname "$0")/../lib.sh"

kernels=$top/tests/kernels
series=$("$top/scripts/kernel-fetch" --list | cut -d' ' -f1)

for config in "$kernels"/*.config; do
	name=$(basename "$config" .config)
	ok "$name is of a series that kernel-fetch has" \
		grep -qxF "$(sed -n 's/^# series: *//p' "$config")" <<<"$series"
done
for patch in "$kernels"/*.patch; do
	name=$(basename "$patch" .patch)
	ok "$name has a kernel to be applied to" test -e "$kernels/$(sed -n 's/^Kernel: *//p' "$patch").config"
	ok "$name changes something" grep -q '^+++ b/' "$patch"
	ok "$name is expected somewhere in tests/bugs" grep -q "^$name " "$top"/tests/bugs/*/expect
done
for kernel in $(cut -d' ' -f1 "$top"/tests/bugs/*/expect | sort -u); do
	ok "kernel $kernel of tests/bugs exists" grep -qxF "$kernel" <<<"$series
$(cd "$kernels" && ls | sed 's/\.[a-z]*$//')"
done

status=0
"$top/scripts/kernel-build" nonesuch >"$base/out" 2>"$base/err" || status=$?
is "a name that is none: exit status" $status 64
like "and the names that there are" "$(cat "$base/err")" "lockdep-6\.1"
done_testing
