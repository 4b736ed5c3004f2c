#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vm-run.t - scripts/vm-run: its options, its exit statuses, and that it leaves nothing behind
#
# Boots Debian's 6.1 a few times. TAP; run it by prove.

top=$(dirname "$(readlink -f "$0")")/../..
qemu=${MSITRACE_QEMU:-qemu-system-x86_64}
if ! command -v "$qemu" >/dev/null; then
	echo "1..0 # SKIP $qemu is not installed; try scripts/setup check"
	exit 0
fi

# Everything temporary of vm-run and of this test is below here.
base=$(mktemp -d)
trap 'rm -rf "$base"' EXIT
export TMPDIR=$base/tmp
mkdir "$TMPDIR"
tests=0

# ok NAME COMMAND...: the test passes if COMMAND succeeds.
ok() {
	local name=$1

	shift
	tests=$((tests + 1))
	if "$@"; then
		echo "ok $tests - $name"
		return
	fi
	echo "not ok $tests - $name"
	echo "# failed: $*"
	echo "# status $status, stderr:"
	sed 's/^/# /' "$base/err"
}

# run OPTION...: vm-run's stdout, stderr and exit status into $base/out, $base/err and $status.
run() {
	status=0
	"$top/scripts/vm-run" "$@" >"$base/out" 2>"$base/err" || status=$?
}

exits() { [ "$status" -eq "$1" ]; }
says() { grep -qF -- "$1" "$base/err"; }
silent_about() { ! says "$1"; }
printed() { echo "$1" | cmp -s - "$base/out"; }
nothing_runs() { ! pgrep -f "$TMPDIR" >/dev/null; }
nothing_left() { [ -z "$(ls -A "$TMPDIR")" ]; }

# exits_saying NAME STATUS TEXT OPTION...
exits_saying() {
	local name=$1 want=$2 text=$3

	shift 3
	run "$@"
	ok "$name: exit status $want" exits "$want"
	ok "$name: says why" says "$text"
}

# ---- no boot needed ----

run --help
ok "--help exits with 0" exits 0
ok "--help names the options" grep -q -- --kernel "$base/out"

exits_saying "no COMMAND" 64 "no COMMAND" --raw
exits_saying "nothing after --" 64 "no COMMAND" --raw --
exits_saying "no -- before COMMAND" 64 "-- is missing" --raw uname -r
exits_saying "unknown option" 64 "--bogus" --bogus -- true
exits_saying "option without its value" 64 "--kernel" --raw --kernel -- true
exits_saying "a timeout that is no number" 64 "--timeout soon" --timeout soon --raw -- true
exits_saying "unknown series" 64 "unknown series 2.6" --kernel 2.6 --raw -- true
exits_saying "kernel that does not exist" 3 "$base/bzImage" --kernel "$base/bzImage" --raw -- true
exits_saying "msitrace that does not exist" 3 "$base/msitrace" --msitrace "$base/msitrace" -- true
exits_saying "log that cannot be written" 3 "$base/no/log" --log "$base/no/log" --raw -- true
exits_saying "unknown module" 3 "no module nosuch" --load nosuch --raw -- true
exits_saying "device that qemu does not know" 3 "'nosuch' is not a valid device" --device nosuch --raw -- true
ok "a device that qemu does not know is not tried twice" silent_about "once more"

# ---- one boot each ----

run --raw -- 'uname -r; exit 7'
ok "--raw passes the status of COMMAND on" exits 7
ok "--raw passes the output of COMMAND on" grep -qx '6\.1\.0-[0-9]*-amd64' "$base/out"
ok "--raw prints nothing else" test "$(wc -l <"$base/out")" -eq 1

printf 'a\r\n\0\377\033[1m' >"$base/bytes"
run --load nvme --device nvme,serial=a --file "$base/bytes:/data/bytes" --log "$base/log" \
	--raw -- 'cat /data/bytes; grep -q MSI.*nvme0q1 /proc/interrupts || echo no nvme; dmesg >&2'
ok "stdout arrives byte by byte, and the driver loaded has its vectors" cmp -s "$base/bytes" "$base/out"
ok "stderr arrives on stderr" says "Linux version 6.1"
ok "--log has the console" test -s "$base/log"

printf '#!/bin/sh\necho "$@"\nexit 2\n' >"$base/fake"
chmod +x "$base/fake"
# shellcheck disable=SC2016 # COMMAND has to arrive like this
run --msitrace "$base/fake" --check-args "--rule all" -- modprobe "it's" '$x'
ok "the status of msitrace is passed on" exits 2
ok "msitrace check gets its arguments and COMMAND as they are" \
	printed "check --format ktap --rule all -- modprobe it's \$x"

printf '#!/bin/sh\nkill -SEGV $$\n' >"$base/fake"
exits_saying "msitrace that crashes" 3 "139" --msitrace "$base/fake" -- true

exits_saying "timeout" 3 "stopped after 15 seconds" --timeout 15 --raw -- sleep 100

exits_saying "kernel that panics" 3 "sysrq triggered crash" --raw -- 'echo c >/proc/sysrq-trigger'
ok "a crash after the boot is not tried again" silent_about "once more"

exits_saying "boot without end" 3 "did not reach user space" --append rdinit=/nosuch --raw -- true
ok "a boot without end is tried a second time, and said" says "once more"

# ---- a guest that is stopped, and what is left of all of them ----

"$top/scripts/vm-run" --raw -- 'echo here; sleep 1000' >"$base/out" 2>"$base/err" &
pid=$!
for _ in {1..1000}; do
	printed here && break
	sleep 0.1
done
ok "output arrives while the guest runs" printed here
ok "and it still runs then" kill -0 $pid
kill $pid
status=0
wait $pid || status=$?
ok "SIGTERM: exits with 143" exits 143
ok "nothing is left running" nothing_runs
ok "nothing is left in the temporary directory" nothing_left

echo "1..$tests"
