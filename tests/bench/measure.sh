#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make bench: what msitrace costs.  Ratios within one run, or instructions (a guest whose clock counts
# them); timings of a TCG guest compare with each other only.  Prints Markdown.
#
# Usage: tests/bench/measure.sh [SERIES...]          default: 6.1 7.2
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${O:-.output}
series=("$@")
[ ${#series[@]} -gt 0 ] || series=(6.1 7.2)

guest()		# guest SERIES WHAT [VM-RUN OPTION...]: lines of tests/bench/guest
{
	local k=$1 what=$2
	shift 2
	scripts/vm-run --raw --kernel "$k" --append quiet --timeout 300 \
		--insmod "$out/kmod-$k/msitrace_test.ko" --device rocker,name=a,len-ports=30 \
		--file "$out/static/msitrace" --file tests/bench/guest:/guest "$@" -- "sh /guest $what"
}

hooks_table()	# hooks_table SERIES
{
	echo
	echo "Instructions per operation, kernel $1 (\`bench\` of the test module, -icount):"
	echo
	echo "| operation | bare | under check | under hist | check adds | times bare |"
	echo "|---|---|---|---|---|---|"
	guest "$1" hooks --icount | awk '
		$1 == "base" { order[n++] = $2 }
		{ v[$1, $2] = $3 }
		END { for (i = 0; i < n; i++) { o = order[i]; b = v["base", o]
			printf "| %s | %d | %d | %d | %d | %.1f |\n", o, b, v["check", o],
			       v["hist", o], v["check", o] - b, v["check", o] / b } }'
}

# The cost of a vector is the difference: what loading, symbols and detaching cost, and wait, is there without any.
look_table()
{
	local k devices
	echo
	echo "A snapshot of real MSI-X vectors (\`snapshot --json\`, rocker devices, -icount):"
	echo
	echo "| kernel | vectors | without them, ms of 1,000,000 instructions | with them | instructions per vector |"
	echo "|---|---|---|---|---|"
	mapfile -t devices < <(for k in {1..15}; do printf '%s\n' --device "rocker,name=r$k,len-ports=62"; done)
	for k in "${series[@]}"; do
		guest "$k" look --icount "${devices[@]}" | awk -v k="$k" '
			{ nr[$1] = $2; ms[$1] = $3 }
			END { n = nr["many"] - nr["none"]; d = ms["many"] - ms["none"]
				printf "| %s | %d | %d | %d | %d |\n", k, n, ms["none"], ms["many"], 1e6 * d / n }'
	done
}

start_table()
{
	local k
	echo
	echo "Start and memory in a TCG guest with two CPUs (best of three runs):"
	echo
	echo "| kernel | hooks | exec to attached, s | whole run of an empty COMMAND, s | anonymous memory, steady KiB | peak resident KiB |"
	echo "|---|---|---|---|---|---|"
	for k in "${series[@]}"; do
		guest "$k" start | awk -v k="$k" '
			!($1 in v) || $2 < v[$1] { v[$1] = $2 }
			END { printf "| %s | %d | %.2f | %.2f | %d | %d |\n", k, v["hooks"], v["armed_s"],
				     v["whole_s"], v["steady_anon_kb"], v["peak_kb"] }'
	done
}

for k in "${series[@]}"; do
	scripts/kmod-build "$k" "$out/kmod-$k" > /dev/null
done
echo "msitrace $("$out/msitrace" version | sed -n '1s/.* //p'), $(date -u +%F), $(nproc) CPUs"
for k in "${series[@]}"; do
	hooks_table "$k"
done
look_table
start_table
echo
echo "Static binary: $(stat -c %s "$out/static/msitrace") bytes."
echo
echo "Validator:"
echo
"$out/tests/bench/bench_validator" "${BENCH_EVENTS:-10000000}"
echo
echo "Ledger:"
echo
"$out/tests/bench/bench_ledger"
