#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# late.t - msitrace is started when everything is set up: the same findings, and what it has not seen
# is said to have existed before
. "$(dirname "$0")/lib.sh"

require
a=0000:00:01.0 edu=0000:00:03.0

# before SECTION: the moments of its findings that were before attaching, one line.
before() {
	of "$1" 'select(.type == "finding") | .setup, .life[] | select(. != null and .before_attach).what' |
		sort -u | paste -sd,
}

# A finding that tells where its object came from says so of one that was there before. Those of
# the order of calls tell no such thing.
tells_origin='lock_iter_unlocked|lock_mutate_unlocked|lock_unbalanced|life_.*'
existed() {
	local without

	without=$(of "$1" 'select(.type == "finding" and (.rule | test("^('"$tells_origin"')$"))) |
		select([.setup, .life[]] | map(select(. != null and .before_attach)) | length == 0) |
		"\(.rule), \(.object)"')
	is "$kernel: $1: what existed before attaching is said to" "$without" ""
}

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	boot late "$kernel" late.sh --device rocker,name=a,len-ports=40 \
		--device rocker,name=b,len-ports=30 --device edu
	ok "$kernel: more than 64 descriptors existed" test \
		"$(of lock_unbalanced 'select(.type == "summary").descs')" -gt 64
	for section in $(cd "$sections" && ls -tr -- *.status); do
		section=${section%.status} scenario=$section bdf=$a
		case $section in
		expected) continue ;;
		life_use_after_free) bdf=$edu ;;
		walk | teardown) scenario=good ;;
		hold.end.iter) scenario=hold.end ;;
		esac
		fires "$scenario" "$section" $bdf
		[ -z "$(expected "$scenario")" ] || existed "$section"
	done
	for section in lock_unbalanced.begin lock_unbalanced.exit lock_unbalanced.probe; do
		like "$kernel: $section: the mutex was taken before" "$(before $section)" 'mutex|taken|held'
	done
	like "$kernel: life_free_with_action: the handler was there before" \
		"$(before life_free_with_action)" 'handler|action'
done
done_testing
