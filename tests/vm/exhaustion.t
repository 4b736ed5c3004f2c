#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# exhaustion.t - what fails when CPUs have no vector left, each with who asked, how many there are and who has them:
# vec_exhaustion, vec_offline_headroom and act_affinity_broken
. "$(dirname "$0")/lib.sh"

require
real_drivers
machine+=(--smp 3 --device nvme,serial=a,drive=nvme0,addr=8 --device ide-hd,drive=disk0,bus=ide.0)
for n in {1..7}; do
	machine+=(--device "rocker,name=r$n,len-ports=30,addr=$n")
done
: >"$base/remapped"

# COMMAND's stdout is mixed with ours: what is not JSON is its.
of() { out "$1" | grep '^{' | jq -r "$2" 2>&1; }
said() { out "$1" | grep -v '^{' | paste -sd,; }

# of_kind SECTION KIND RULE EXPRESSION: of its findings, or notes.
of_kind() { of "$1" "select(.type == \"$2\" and .rule == \"$3\") | $4"; }
notes_of() { of "$1" 'select(.type == "note").rule' | sort -u | paste -sd,; }

# tells SECTION KIND RULE MESSAGE HELD-BY: one says so.
tells() {
	like "$kernel: $1: $3 $2" "$(of_kind "$1" "$2" "$3" .message)" "$4"
	[ -z "$5" ] || like "$kernel: $1: who has the vectors" "$(of_kind "$1" "$2" "$3" .held_by)" "$5"
}

cpu0='^vectors of CPU 0, at that moment: 0000:00:0[1-3].0 \(msitrace_test\) 6[34], .*other interrupts [0-9]+$'
both='^vectors of CPUs 0-1, at that moment: 0000:00:0[1-6].0 \(msitrace_test\) 64, .*, [0-9] more devices [0-9]+, other interrupts'

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	boot exhaustion "$kernel" exhaustion.sh "${machine[@]}"

	for section in room after; do
		is "$kernel: $section: nothing fires" "$(rules_of $section)" ""
		is "$kernel: $section: nothing is noted" "$(notes_of $section)" ""
		ends $section 0 "$kernel: $section"
	done
	for section in room started moved managed nowhere broken offline refused headroom none fewer after; do
		is "$kernel: $section: nothing lost" "$(of $section 'select(.type == "summary").lost')" 0
	done

	tells started finding act_affinity_broken \
		'^virq [0-9]+ of 0000:00:0[34].0 was to stay on CPU 0, and goes to CPU 1 since it was started: it needs one vector, and none was free for it on CPU 0; 1[0-9]+ x86 vectors are free on 2 CPUs$' "$cpu0"
	like "$kernel: started: the driver's request" "$(offenders_of started | paste -sd,)" mt_vectors_request_some

	tells moved finding vec_exhaustion 'of 0000:00:1f.2 cannot be moved: it needs one vector, 0 are free on CPU 0, 1[0-9]+ x86 vectors are free on 2 CPUs' "$cpu0"
	is "$kernel: moved: who asked for it" "$(of_kind moved finding vec_exhaustion '"\(.setup.comm): \(.setup.what)"')" \
		"sh: affinity asked for"
	like "$kernel: moved: and how" "$(of_kind moved finding vec_exhaustion '.setup.stack[].symbol' | paste -sd,)" \
		'irq_set_affinity_locked,.*write_irq_affinity'

	is "$kernel: managed: it was refused" "$(said managed)" refused
	tells managed note act_affinity_broken '^sh\[[0-9]+\] wrote "1" to /proc/irq/[0-9]+/smp_affinity of 0000:00:08.0, and was refused \(-[15]\): it is managed' ''
	is "$kernel: nowhere: it was refused" "$(said nowhere)" refused
	tells nowhere note act_affinity_broken 'wrote "4" to .* of 0000:00:1f.2, and was refused \(-22\): none of those CPUs is online' ''
	is "$kernel: nowhere: only a note" "$(rules_of nowhere)" "vec_offline_headroom"

	is "$kernel: broken: CPU 1 went" "$(said broken)" "CPU 1 went"
	case $kernel in
	6.1)	# its migrate_one_irq() does not try other CPUs
		tells broken finding vec_exhaustion 'of 0000:00:1f.2 cannot be moved: it needs one vector, 0 are free on CPU 0, ' "$cpu0" ;;
	*)	tells broken finding act_affinity_broken \
			'of 0000:00:1f.2 was to stay on CPUs 0-1, and goes to CPU 2 since its CPU went offline: it needs one vector, and none was free for it on CPU 0; ' "$cpu0"
		is "$kernel: broken: moved elsewhere is no failure" "$(of_kind broken finding vec_exhaustion .message)" "" ;;
	esac
	is "$kernel: offline: CPU 2 went" "$(said offline)" "CPU 2 went"
	tells offline note act_affinity_broken 'of 0000:00:1f.2 was to stay on CPU 2, and goes to CPU [01] since its CPU went offline: none of its CPUs is online any more' ''
	is "$kernel: offline: managed interrupts are shut down" \
		"$(of_kind offline note act_affinity_broken 'select(.device == "0000:00:08.0").message')$(of_kind offline finding act_affinity_broken 'select(.device == "0000:00:08.0").message')" ""

	is "$kernel: refused: the driver failed" "$(said refused)" failed
	tells refused finding vec_exhaustion 'of 0000:00:07.0 cannot be started: it needs one vector, 0 x86 vectors are free on 2 CPUs' "$both"
	is "$kernel: headroom: CPU 1 stays" "$(said headroom)" "CPU 1 stays"
	tells headroom finding vec_offline_headroom \
		'^CPU 1 was refused to go offline \((sh|exe)\[[0-9]+\] asked for it\): [0-9]+ x86 vectors to move, 0 free elsewhere; free [0-9]+ of these' \
		'^vectors of CPU 1, at that moment: 0000:00:0[56].0 \(msitrace_test\) 64, '
	is "$kernel: none: the driver failed" "$(said none)" failed
	tells none finding vec_exhaustion '^0000:00:04.0 asked for 1 to 30 vectors and was refused \(-28\): [0-9]+ x86 vectors are free on 2 CPUs' "$cpu0"
	tells fewer note vec_exhaustion '^0000:00:08.0 asked for 1 to [0-9] vectors and was given [0-9]: ' \
		'^vectors of CPU 1, at that moment: 0000:00:0[256].0 \(msitrace_test\) 64, '
	is "$kernel: fewer: is no failure" "$(of_kind fewer finding vec_exhaustion .message)" ""

	boot exhaustion-remapped "$kernel" exhaustion.sh --device intel-iommu,intremap=on "${machine[@]}" \
		--file "$base/remapped:/remapped"
	is "$kernel: written: it was refused" "$(said written)" refused
	tells written finding vec_exhaustion 'of 0000:00:1f.2 cannot be moved: it needs one vector, 0 are free on CPU 0, ' "$cpu0"
	tells written note act_affinity_broken '^sh\[[0-9]+\] wrote "1" to .* of 0000:00:1f.2, and was refused \(-28\): no CPU of those has a vector for it; it stays on CPU 1$' "$cpu0"
done
done_testing
