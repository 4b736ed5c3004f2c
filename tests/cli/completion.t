#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# completion.t - bash completion offers what the binary says that it has

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

ok "the completion can be sourced" . "$top/src/completion/msitrace.bash"
like "it is for msitrace" "$(complete -p msitrace 2>&1)" '-F _msitrace msitrace$'

# offered WORD... LAST: what is offered for LAST, sorted; the program is $program.
program=$MSITRACE
offered() {
	COMP_WORDS=("$program" "$@") COMP_CWORD=$#
	COMPREPLY=()
	_msitrace
	printf '%s\n' "${COMPREPLY[@]}" | sort
}
sorted() { sort -u; }

is "commands" "$(offered '')" "$(commands | sorted)"
is "commands that begin with c" "$(offered c)" "$(commands | grep ^c)"
for command in $(commands); do
	is "$command: options" "$(offered "$command" -- | grep -vx -e --)" "$(options_of "$command" | sorted)"
	[ -z "$(formats_of "$command")" ] && continue
	for option in --format -f; do
		is "$command $option" "$(offered "$command" $option '')" "$(formats_of "$command" | sorted)"
	done
	is "$command --format=" "$(offered "$command" --format = '')" "$(formats_of "$command" | sorted)"
	is "$command --format=j" "$(offered "$command" --format = j)" json
done
is "check --rule" "$(offered check --rule '')" "$(rules | sorted)"
is "check -e -r iter_" "$(offered check -e -r iter_)" "$(rules | grep ^iter_ | sorted)"
is "check --set" "$(offered check --set vec_never_requested.s)" vec_never_requested.seconds=
is "check --vmlinux is left to bash" "$(offered check --vmlinux '')" ""
is "check --debug-dir is left to bash" "$(offered check --debug-dir '')" ""
is "check --debuginfod is followed by options" "$(offered check --debuginfod --dev)" --device
is "check --color" "$(offered check --color '')" "$(printf '%s\n' always auto never)"
is "an option without argument is followed by options" "$(offered check --events --dev)" --device
is "rules --output" "$(offered rules --output '')" "$(columns_of rules | sorted)"
is "doctor -o" "$(offered doctor -o '')" "$(columns_of doctor | sorted)"
is "snapshot --by" "$(offered snapshot --by '')" "$(printf '%s\n' cpu device vector)"
is "snapshot -o" "$(offered snapshot -o '')" "$(columns_of snapshot | sorted)"
is "snapshot --tree -o" "$(offered snapshot --tree -o NA)" NAME
is "snapshot --by cpu -o" "$(offered snapshot --by cpu -o UN)" UNEXPLAINED
like "trace --pid" "$(offered trace --pid $$)" "$$"
if compgen -G "/sys/bus/pci/drivers/*" >/dev/null; then
	driver=$(basename "$(printf '%s\n' /sys/bus/pci/drivers/* | head -1)")
	like "check --device: drivers" "$(offered check --device '')" "^$driver\$"
else
	skip "check --device: drivers" "this machine has no PCI drivers"
fi
is "rules" "$(offered rules '')" explain
is "rules explain" "$(offered rules explain '')" "$(rules | sorted)"
is "explain" "$(offered explain '')" "$(rules | sorted)"
is "help" "$(offered help '')" "$(commands | sorted)"
is "check" "$(offered check '')" --
like "COMMAND" "$(offered check -e -- pr)" '^printf$'
is "an unknown command" "$(offered nosuch --)" ""

# Nothing is known but what the binary says.
cat >"$base/msitrace" <<'EOF'
#!/bin/sh
case $* in
help) printf 'Commands:\n  sing  x\n\nExit status:\n  0  x\n' ;;
"sing --help") printf 'Usage: msitrace sing [OPTION]... [-- COMMAND...]\n\nOptions:\n'
	printf '  -k, --key FORMAT  the key: major,minor\n      --loud        x\n' ;;
esac
EOF
chmod +x "$base/msitrace"
program=$base/msitrace
is "another binary: its commands" "$(offered '')" sing
is "another binary: its options" "$(offered sing --)" "$(printf '%s\n' -- --key --loud)"
is "another binary: its formats" "$(offered sing -k '')" "$(printf '%s\n' major minor)"
program=$base/nosuch
is "no binary: nothing" "$(offered '' 2>&1)" ""

done_testing
