#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check.t - check, trace and hist on the machine that runs the test, whether or not it lets us
#
# Nothing here depends on what interrupts do meanwhile: verdicts are the business of tests/vm.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

live="check trace hist"

# Who may not use BPF is told so, and what to try.
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all)
chmod 711 "$base"
install -m 755 "$MSITRACE" "$base/msitrace"
unprivileged() {
	if [ "$(id -u)" -eq 0 ]; then
		"${nobody[@]}" "$base/msitrace" "$@"
	else
		"$base/msitrace" "$@"
	fi
}

if [ "$(id -u)" -eq 0 ] && ! "${nobody[@]}" true 2>/dev/null; then
	skip "without root" "root cannot become nobody here (setpriv)"
else
	for command in $live; do
		status=0
		unprivileged "$command" --duration 0.1 >"$base/out" 2>"$base/err" </dev/null || status=$?
		out=$(cat "$base/out") err=$(cat "$base/err")
		refuses "$command without root" 3 '(root|CAP_BPF|BTF)'
	done
fi

run check --duration 0.1
refused=$err
if [ "$status" -eq 3 ]; then
	works=
	why=${refused#msitrace: }
	for command in $live; do
		run "$command" --duration 0.1
		refuses "$command where BPF is refused" 3 '(try|boot|needs|mount|built without)'
		is "$command where BPF is refused: no errno as a number" "$(grep -E 'errno|error -?[0-9]' <<<"$err")" ""
		for format in $(formats_of "$command"); do
			run "$command" --format "$format" --duration 0.1
			is "$command --format $format where BPF is refused" "$status" 3
			like "$command --format $format: no verdict" "$(grep -cE '"verdict"|^ok|^not ok' <<<"$out")" '^0$'
		done
	done
	run check -- touch "$base/ran"
	is "COMMAND is not run where BPF is refused" "$(ls "$base/ran" 2>/dev/null)" ""
else
	works=1
	pass "BPF works here, status $status"
fi

# A device that is nowhere; with COMMAND it may come, so that only a warning is due.
for command in $live; do
	run "$command" --device nosuch
	refuses "$command: unknown device" 3 'device nosuch: .*(see|try) '
	is "$command: unknown device: nothing on stdout" "$out" ""
done
run check --device 'no/such' --duration 0.1
is "device with a slash" "$status" 3
run check --device nosuch -- true
like "unknown device with COMMAND: a warning" "$err" '^msitrace: warning: device nosuch'
run check --device nosuch --quiet -- true
is "--quiet: no warning" "$(grep -c warning <<<"$err")" 0

if [ -z "$works" ]; then
	for name in "COMMAND that does not exist" "COMMAND that is not executable" "status of COMMAND" \
		"events as JSON" "SIGTERM"; do
		skip "$name" "BPF is refused here: ${why:0:60}"
	done
	done_testing
fi

run check -- "$base/nosuch"
refuses "COMMAND that does not exist" 3 "cannot run $base/nosuch: No such file or directory"
echo true >"$base/plain"
run check -- "$base/plain"
refuses "COMMAND that is not executable" 3 "cannot run $base/plain: Permission denied"
run trace -- sh -c 'exit 7'
like "status of COMMAND: 4, or 2 when events were lost" "$status" '^[24]$'
like "status of COMMAND: said" "$out" 'the command exited with 7'
if command -v jq >/dev/null; then
	run trace --json -- true
	is "events as JSON: first line" "$(head -1 <<<"$out" | jq -r .type)" trace
	is "events as JSON: last line" "$(tail -1 <<<"$out" | jq -r .type)" summary
else
	skip "events as JSON" "jq is not installed; try scripts/setup check"
fi
"$MSITRACE" check >"$base/out" 2>"$base/err" &
pid=$!
sleep 1
kill -TERM $pid
status=0
wait $pid || status=$?
like "SIGTERM: a verdict" "$status" '^[012]$'

done_testing
