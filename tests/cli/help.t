#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# help.t - help, version and the --help of every command

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

run help
is "help: exit status" "$status" 0
is "help: nothing on stderr" "$err" ""
like "help names the usage" "$out" '^Usage: msitrace COMMAND'
for code in 0 1 2 3 4 64; do
	like "help explains exit status $code" "$out" "^  $code +[a-z]"
done
help=$out

for alias in --help -h; do
	run $alias
	is "$alias is help" "$out" "$help"
	is "$alias: exit status" "$status" 0
done

run version
is "version: exit status" "$status" 0
version=$(sed -n '1s/.*\[\(.*\)\].*/\1/p' "$top/CHANGELOG.md")
like "version is that of the change log" "$out" "^msitrace ${version//./\\.}\$"
like "version counts the rules" "$out" "^$(rules | wc -l) rules"
versions=$out
for alias in --version -V; do
	run $alias
	is "$alias is version" "$out" "$versions"
done

ok "there are commands" [ "$(commands | wc -l)" -gt 0 ]
for command in $(commands); do
	run "$command" --help
	is "$command --help: exit status" "$status" 0
	is "$command --help: nothing on stderr" "$err" ""
	like "$command --help: its usage" "$out" "^Usage: msitrace $command"
	of_option=$out
	run "$command" -h
	is "$command -h is the same" "$out" "$of_option"
	run help "$command"
	is "help $command is the same" "$out" "$of_option"
	is "$command --help: no line is longer than 100" "$(awk 'length > 100' <<<"$out")" ""
	summary=$(sed -n 3p <<<"$of_option")
	ok "$command: help has the same summary" grep -qF "$summary" <<<"$help"
	options_of "$command" >"$base/options"
	for option in --help --verbose --quiet; do
		ok "$command takes $option" grep -qx -- $option "$base/options"
	done
	is "$command: no letter stands for two options" "$(letters_of "$command" | sort | uniq -d)" ""
done

done_testing
