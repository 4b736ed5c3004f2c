# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# lib.sh - what the scripts of msitrace share: messages, the cache outside of the tree, locks,
# and entries of the cache that are either complete or not there.
#
# Source it from bash; it sets `set -euo pipefail` and defines functions only, apart from:
#   MSITRACE_CACHE  where fetched and generated things live (overridden by the environment)
#   prog            the name of the script, which begins each message

set -euo pipefail
shopt -s inherit_errexit

prog=${0##*/}
MSITRACE_CACHE=${MSITRACE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/msitrace}

note() { printf '%s: %s\n' "$prog" "$*" >&2; }

die() { note "$*"; exit 1; }

# A mistake on the command line; 64 is EX_USAGE, as msitrace itself has it.
usage_error() { note "$*; try $prog --help"; exit 64; }

# Prints the comment at the head of script $1 as its help: from the first "# NAME - " to the first
# line that is no comment.
show_help() {
	sed -n '/^# [a-z-]* - /,/^[^#]/ { /^#/ !q; s/^# \{0,1\}//; p }' "$1"
}

# need COMMAND PACKAGE: COMMAND is there, or say where it comes from.
need() {
	PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ||
		die "$1 is not installed; try scripts/setup, or apt-get install $2"
}

# Bytes as people read them.
megabytes() { awk -v n="$1" 'BEGIN { printf "%.1f MB", n / 1e6 }'; }

# hold_lock FILE: hold a lock on FILE until this shell exits. Says so when it has to wait.
hold_lock() {
	local fd

	need flock util-linux
	exec {fd}>"$1"
	flock -n "$fd" && return
	note "waiting for another run, which holds $1"
	flock "$fd"
}

# cache_lock NAME: two runs do not fetch or build the same thing into the same place of the cache.
cache_lock() {
	{ mkdir -p "$MSITRACE_CACHE" 2>/dev/null && [ -w "$MSITRACE_CACHE" ]; } ||
		die "cannot write to $MSITRACE_CACHE; set MSITRACE_CACHE to a directory of yours"
	hold_lock "$MSITRACE_CACHE/$1.lock"
}

# cache_stage NAME: sets $stage to a new, empty directory on the file system of the cache. Call it
# with the lock NAME held: what an interrupted run left there is removed.
cache_stage() {
	stage=$MSITRACE_CACHE/stage-$1
	rm -rf "$stage"
	mkdir -p "$stage"
	# shellcheck disable=SC2064 # the stage of now, not the one of then
	trap "rm -rf '$stage'" EXIT
}

# cache_commit DIR ENTRY: DIR becomes ENTRY in one step; nobody ever sees half of it.
cache_commit() {
	mkdir -p "$(dirname "$2")"
	rm -rf "$2"
	mv -T "$1" "$2"
}

# cache_point TARGET LINK: the same for a symbolic link.
cache_point() {
	mkdir -p "$(dirname "$2")"
	ln -sfn "$1" "$2.new"
	mv -T "$2.new" "$2"
}
