#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# debuginfo.t - --vmlinux, --debug-dir and --debuginfod: what is wrong with them is one warning, and
# everything else goes on as without them
#
# Whether lines come of good files is the business of tests/unit/test_debuginfo.c and tests/vm.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

live="check trace"

# What the options take, whether or not this binary has libdw.
for command in $(commands); do
	for option in --vmlinux --debug-dir --debuginfod; do
		takes=no
		options_of "$command" | grep -qx -e $option && takes=yes
		case " $live " in
		*" $command "*) is "$command takes $option" $takes yes ;;
		*) is "$command does not take $option" $takes no ;;
		esac
	done
done
for command in $live; do
	for option in --vmlinux --debug-dir; do
		run "$command" $option
		refuses "$command $option without its argument" 64 "argument missing after '$option'"
	done
	run "$command" --debuginfod=yes
	refuses "$command --debuginfod with one" 64 "takes no argument: '--debuginfod=yes'"
done

libdw=$("$MSITRACE" version | sed -n 's/^libdw //p')
like "version says what reads debug information" "$libdw" '^([0-9.]+|none: .*)$'

if [[ $libdw == none* ]]; then
	for command in $live; do
		for args in "--vmlinux vmlinux" "--debug-dir /" --debuginfod; do
			# shellcheck disable=SC2086 # words
			run "$command" $args
			refuses "$command $args where there is no libdw" 64 "^msitrace: ${args%% *}: .*without libdw"
			is "$command $args where there is no libdw: nothing on stdout" "$out" ""
		done
	done
	skip "what is wrong with files" "this binary has no libdw"
	done_testing
fi

run check --duration 0.1
plain_status=$status plain_warnings=$(grep -c '^msitrace: warning: ' <<<"$err")
# Events may be lost on a machine that does something.
[ "$plain_status" -eq 3 ] || plain_status='[0-4]'

# warns NAME REGEX ARG...: one warning more than without them, which matches; the run goes on.
warns() {
	local name=$1 want=$2 warnings command

	shift 2
	for command in $live; do
		run "$command" "$@" --duration 0.1
		warnings=$(grep '^msitrace: warning: ' "$base/err")
		like "$command, $name: says why" "$warnings" "$want"
		is "$command, $name: in one line" "$(grep -c . <<<"$warnings")" $((plain_warnings + 1))
		like "$command, $name: goes on" "$status" "^$plain_status$"
		run "$command" --quiet "$@" --duration 0.1
		is "$command, $name, --quiet: no warning" "$(grep -c '^msitrace: warning: ' "$base/err")" 0
	done
}

no_lines='; there will be no source lines of the kernel$'
warns "no such file" "$base/nosuch: No such file or directory$no_lines" --vmlinux "$base/nosuch"
warns "an empty name" ": No such file or directory$no_lines" --vmlinux ''
warns "a directory" "$base is not a file$no_lines" --vmlinux "$base"
echo text >"$base/text"
warns "no ELF file" "$base/text is not an ELF file$no_lines" --vmlinux "$base/text"
head -c 5000 "$MSITRACE" >"$base/cut"
warns "a truncated file" "$base/cut is truncated or damaged$no_lines" --vmlinux "$base/cut"
if strip -g -o "$base/stripped" "$MSITRACE" 2>/dev/null; then
	warns "no DWARF" "$base/stripped has no debug information$no_lines" --vmlinux "$base/stripped"
else
	skip "no DWARF" "strip is not installed"
fi
if readelf -S "$MSITRACE" 2>/dev/null | grep -q ' \.debug_info'; then
	warns "another program" "$MSITRACE (is of another build: .*what runs has|cannot be compared)" --vmlinux "$MSITRACE"
else
	skip "another program" "this binary has no debug information itself"
fi
printf 'x' >"$base/"$'new\nline\033[31m'
warns "a name that a terminal should not see" 'new\\nline\\x1b\[31m is not an ELF file' \
	--vmlinux "$base/"$'new\nline\033[31m'

warns "no such directory" "--debug-dir $base/nosuch: No such file or directory" --debug-dir "$base/nosuch"
warns "a file in place of a directory" "--debug-dir $base/text: Not a directory" --debug-dir "$base/text"
mkdir "$base/empty"
run check --debug-dir "$base/empty" --debug-dir / --duration 0.1
is "directories with nothing in them: no warning" "$(grep -c '^msitrace: warning: ' "$base/err")" "$plain_warnings"
args=()
for ((i = 0; i < 33; i++)); do args+=(--debug-dir /); done
run check "${args[@]}"
refuses "too many directories" 64 '--debug-dir: more than 32'

unset DEBUGINFOD_URLS
warns "--debuginfod without servers" "debuginfod: no libdebuginfod.so.1, or no DEBUGINFOD_URLS$no_lines" --debuginfod

# Without the option, nobody is asked; a server that does not answer would be noticed, too.
if command -v python3 >/dev/null; then
	python3 - "$base/port" "$base/asked" <<-'END' &
		import socket, sys
		s = socket.socket()
		s.bind(("127.0.0.1", 0))
		s.listen()
		open(sys.argv[1], "w").write(str(s.getsockname()[1]))
		while True:
		    c = s.accept()[0]
		    open(sys.argv[2], "a").write("asked\n")
		    c.close()
	END
	server=$!
	for ((i = 0; i < 50; i++)); do [ -s "$base/port" ] || sleep 0.1; done
	DEBUGINFOD_URLS=http://127.0.0.1:$(cat "$base/port") DEBUGINFOD_CACHE_PATH=$base/cache
	export DEBUGINFOD_URLS DEBUGINFOD_CACHE_PATH
	unset http_proxy HTTP_PROXY
	run check --duration 0.1
	run check --debug-dir "$base/empty" --duration 0.1
	run trace --duration 0.1
	is "no server is asked without --debuginfod" "$(cat "$base/asked" 2>/dev/null)" ""
	run check --debuginfod --duration 0.1
	if [ -r /sys/kernel/notes ] && ! grep -q 'no libdebuginfod' "$base/err"; then
		like "a server is asked with it" "$(cat "$base/asked" 2>/dev/null)" asked
	else
		skip "a server is asked with it" "no libdebuginfod.so.1, or no /sys/kernel/notes"
	fi
	kill $server
	wait $server 2>/dev/null
else
	skip "no server is asked without --debuginfod" "python3 is not installed"
fi

done_testing
