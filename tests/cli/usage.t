#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# usage.t - what is wrong on the command line: exit status 64 and one line

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# usage REGEX ARG...
usage() {
	local want=$1

	shift
	run "$@"
	refuses "$(printf '%s ' msitrace "$@" | cut -c1-70)" 64 "$want"
	is "and nothing on stdout" "$out" ""
}

usage 'msitrace help'
usage "no command 'nosuch'.*msitrace help" nosuch
usage "no command ''|what shall I do" ''
usage "no command '--nosuch'" --nosuch

for command in $(commands); do
	usage "no such option '--nosuch'.*msitrace $command --help" "$command" --nosuch
	usage "no such option '-z'" "$command" -z
done
usage "no such option '--nosuch=3'" check --nosuch=3
usage "no such option '-z'" check -ez
usage "no such option '-z'" check -zv
usage "no such option '--pid'" check --pid 1
usage "no such option '--rule'" trace --rule iter_nested
usage "takes no argument: '--events=3'" check --events=3
usage "more than one option: '--d'" check --d 3

usage "argument missing after '-o'" rules -o
usage "argument missing after '--output'" rules --output
usage "argument missing after '--duration'" check -e --duration
usage "argument missing after '-r'" check -er

for value in x 1x '' 0 -1 nan inf 1e99; do
	usage '--duration .*not a number' check --duration "$value"
	usage '--pid .*not a number' trace --pid "$value"
	usage '--buffer-size .*not a number' hist --buffer-size "$value"
done
usage '--pid 1.5: not a number' trace --pid 1.5
usage '--locks some: off, msi or full' check --locks some
usage '--locks : off, msi or full' trace --locks ''
usage '--buffer-size 9999999: at most 1048576' check --buffer-size 9999999

for command in $(commands); do
	[ -n "$(formats_of "$command")" ] || continue
	usage "cannot print format 'nosuch'; it can: text" "$command" --format nosuch
	usage "cannot print format ''" "$command" --format ''
	usage "cannot print format 'tex'" "$command" -f tex
	usage 'exclude each other' "$command" --json --format text
	usage 'exclude each other' "$command" --format text --json
	for format in text json ktap prometheus; do
		formats_of "$command" | grep -qx $format ||
			usage "cannot print format '$format'" "$command" --format $format
	done
done
usage "no such option '--format'" version --format text

usage '--color maybe: auto, always or never' check --color maybe
usage '--by x: vector, device or cpu' snapshot --by x
usage '--by : vector, device or cpu' snapshot --by ''
usage "no column 'VIRQ'" snapshot --by device -o VIRQ
usage '--by cpu and --device exclude each other' snapshot --by cpu --device nvme
usage '--tree and --by exclude each other' snapshot --tree --by device
usage '--tree and --diff exclude each other' snapshot --tree --diff x
usage '--diff and --by exclude each other' snapshot --diff x --by vector
usage "no column 'VECTOR'" snapshot --diff x -o VECTOR
usage '--raw and --json exclude each other' rules --json --raw
usage "'much' is too much" snapshot much
usage '--cpu x: not the number of a CPU' vectors --cpu x
usage '--cpu : not the number of a CPU' vectors --cpu ''
usage '--cpu and --idle exclude each other' vectors --cpu 1 --idle
usage "no column 'WHY'" vectors -o WHY
usage '--duration is for --watch' vectors --duration 1
for value in 0 -1 x ''; do
	usage '--watch .*not a number above 0' vectors --watch "$value"
done
usage "no such option '--device'" vectors --device nvme
for cpus in '' x 1,x '1,' ',1' 1- 3-1 9000 0-1024 1,,2; do
	usage "plan offline: '$cpus' is no list of at most 1024 CPUs" plan offline "$cpus"
	usage "plan affinity: '$cpus' is no list of at most 1024 CPUs" plan affinity 1 "$cpus"
	usage "plan alloc: --affinity: '$cpus' is no list" plan alloc 0000:00:05.0 1 --affinity "$cpus"
done
usage 'plan: offline, affinity, why or alloc' plan
usage 'plan: offline, affinity, why or alloc' plan online 1
usage 'usage: msitrace plan offline CPUS' plan offline 1 2
usage 'usage: msitrace plan affinity IRQ CPUS' plan affinity 1
usage 'usage: msitrace plan why IRQ' plan why
usage 'usage: msitrace plan alloc DEVICE N' plan alloc 0000:00:05.0
for irq in '' x -1 1x 99999999999; do
	usage "plan why: '$irq' is not the number of an interrupt" plan why -- "$irq"
	usage "plan affinity: '$irq' is not the number of an interrupt" plan affinity -- "$irq" 0
done
for nr in '' 0 -1 x 2049; do
	usage "plan alloc: '$nr' is not a number of vectors; 1 to 2048 is" plan alloc -- 0000:00:05.0 "$nr"
done
usage 'plan why: --affinity is for plan alloc' plan why 1 --affinity 1
usage 'no such option .--duration' plan why 1 --duration 1
usage "no column 'CPU'" plan why 1 -o CPU
usage "no such option '--duration'" snapshot --duration 1
usage "no rule 'nosuch'" check --rule nosuch
usage "no rule 'nosuch'" check --rule iter_nested --rule nosuch
usage "no rule ''" check --rule ''

for value in x x=1 iter_nested '' iter_nested=1.2; do
	usage "--set $value: not RULE.NAME=NUMBER" check --set "$value"
done
usage "no rule 'nosuch'" check --set nosuch.x=1
usage "iter_nested has no parameter 'x'; it has none" check -s iter_nested.x=1
usage "vec_never_requested has no parameter 'x'; it has .*seconds" check --set vec_never_requested.x=1
for value in '' x -1 1x 1.5 ' 1' 99999999999999999999; do
	usage 'not a whole number' check --set "vec_never_requested.seconds=$value"
done

usage 'no COMMAND to run' soak
usage 'no COMMAND to run' soak --cycles 5 --
for value in 0 -1 1.5 x ''; do
	usage 'not a number above 0' soak --cycles "$value" -- true
done
usage "no such option '--output'" soak --output CYCLE -- true

for command in snapshot rules doctor; do
	usage "no column 'NOSUCH'.*msitrace $command --help" $command --output NOSUCH
	usage "no column 'NOSUCH'" $command --output "$(columns_of $command | head -1),NOSUCH,MORE"
	usage "no column ''" $command --output ''
	usage "no column ''" $command --output +
done

usage "'much' is too much" version much
usage "'much' is too much" doctor much
usage "'much' is too much" help check much
usage "no command 'nosuch'" help nosuch
usage "'nosuch' is too much" rules nosuch
usage 'one RULE' rules explain
usage 'one RULE' rules explain iter_nested much
usage 'one RULE' explain
usage 'one RULE' explain iter_nested much
usage "no rule 'NOSUCH'" explain NOSUCH
usage "no rule 'NOSUCH'" rules explain NOSUCH
usage "no rule ''" rules explain ''

# What looks wrong and is not.
run rules --noh --out RULE
is "long options may be shortened" "$status" 0
run rules --format json --json
is "--json with --format json" "$status" 0
run rules -o rule,severity,RULE
is "columns in lower case, and twice" "$status" 0
run version --
is "-- with nothing behind it" "$status" 0

done_testing
