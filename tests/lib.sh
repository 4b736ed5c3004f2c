# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# lib.sh - TAP for the tests that are written in bash
#
# Source it, then one ok, is, or like per assertion, and done_testing at the end. Everything
# temporary belongs below $base, which goes away at exit.

set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
O=${O:-$top/.output}
case $O in
/*) ;;
*) O=$top/$O ;;
esac
base=$(mktemp -d "${TMPDIR:-/tmp}/msitrace-test.XXXXXX")
trap 'rm -rf "$base"' EXIT
tests=0 failed=0

# Of what is long, the beginning.
diag() { printf '%s\n' "$*" | cut -c1-300 | sed -n 's/^/# /; 1,30p; 31s/.*/# .../p'; }

pass() { tests=$((tests + 1)); echo "ok $tests - $1"; }

# fail NAME [TEXT]
fail() {
	tests=$((tests + 1)) failed=$((failed + 1))
	echo "not ok $tests - $1"
	[ -z "${2:-}" ] || diag "$2"
}

# ok NAME COMMAND...: COMMAND succeeds.
ok() {
	local name=$1

	shift
	if "$@"; then pass "$name"; else fail "$name" "failed: $*"; fi
}

# nok NAME COMMAND...: COMMAND fails.
nok() {
	local name=$1

	shift
	if "$@"; then fail "$name" "succeeded: $*"; else pass "$name"; fi
}

# For ok and nok; their own output must not be redirected.
is_json() { jq -e . "$1" >/dev/null; }

# is NAME GOT WANT
is() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "got:  $2"
		diag "want: $3"
	fi
}

# like NAME GOT REGEX
like() {
	if grep -qE -- "$3" <<<"$2"; then
		pass "$1"
	else
		fail "$1" "got:  $2"
		diag "want something like: $3"
	fi
}

# skip NAME REASON: the reason says what was lacking.
skip() { tests=$((tests + 1)); echo "ok $tests - $1 # SKIP $2"; }

skip_all() { echo "1..0 # SKIP $1"; exit 0; }

done_testing() {
	echo "1..$tests"
	[ $failed -eq 0 ]
	exit
}
