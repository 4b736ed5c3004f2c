#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check-layers.sh - nobody includes what is above him
#
# Usage: check-layers.sh [TREE]
#
# The rules are the table below; it is section "layers" of CONTRIBUTING. Prints every #include that
# breaks them and exits with 1 if there is one. The purity of libmsivalidator.a, which includes
# alone cannot prove, is tests/build/purity.t.

set -u
cd "${1:-$(dirname "$0")/..}" || exit 1

# who | whose headers, as they are written: "dir/" (one's own directory is always allowed)
allowed='
bpf           | msitrace/event.h msitrace/hook_ids.h msitrace/stats.h vmlinux.h
include       | msitrace/
src/base      |
src/event     | msitrace/ base/
src/validator | msitrace/ event/ base/ rules_list.h
src/stats     | msitrace/ event/ base/
src/ledger    | msitrace/ event/ base/
src/format    | msitrace/ event/ stats/ base/
src/trace     | msitrace/ event/ base/
src/collect   | msitrace/ event/ base/ msitrace.skel.h
src/cmd       | msitrace/ event/ base/ stats/ ledger/ format/ trace/ collect/
src/main.c    | base/ cmd/
'

# who | system headers that it must not touch
forbidden='
src/base      | bpf/ elfutils/ dwarf.h
src/event     | bpf/ elfutils/ dwarf.h json-c/ stdio.h unistd.h fcntl.h time.h pthread.h sys/
src/validator | bpf/ elfutils/ dwarf.h json-c/ unistd.h fcntl.h time.h pthread.h sys/ signal.h poll.h
src/stats     | bpf/ elfutils/ dwarf.h json-c/ unistd.h fcntl.h time.h pthread.h sys/
src/ledger    | bpf/ elfutils/ dwarf.h json-c/ stdio.h unistd.h fcntl.h time.h pthread.h sys/
src/format    | bpf/ elfutils/ dwarf.h
src/trace     | bpf/ elfutils/ dwarf.h
src/cmd       | bpf/ elfutils/ dwarf.h
src/main.c    | bpf/ elfutils/ dwarf.h
'

declare -A allow deny

# read_table ARRAY: the table on stdin into it.
read_table() {
	local -n array=$1
	local key value

	while IFS='|' read -r key value; do
		# shellcheck disable=SC2034 # the caller reads it
		[ -z "${key// }" ] || array[${key// }]=$value
	done
}

read_table allow <<<"$allowed"
read_table deny <<<"$forbidden"

# starts_with HEADER PREFIX...
starts_with() {
	local header=$1 prefix

	shift
	for prefix; do
		[[ $header != "$prefix"* ]] || return 0
	done
	return 1
}

# find_layer FILE: sets $layer to the row that FILE belongs to.
find_layer() {
	for layer in "${!allow[@]}"; do
		[[ $1 != "$layer" && $1 != "$layer"/* ]] || return 0
	done
	layer=
}

# own FILE HEADER ROW: HEADER is a file of the includer's own layer, found beside it or by its path
# below src/ or bpf/.
own() {
	local dir=${1%/*} header=$2

	while [[ $header == ../* ]]; do
		dir=${dir%/*} header=${header#../}
	done
	[[ $dir/$header == "$3"/* && -e $dir/$header ]] || [[ src/$2 == "$3"/* && -e src/$2 ]]
}

bad=0
complain() { echo "$1: $2 may not include $3"; bad=1; }

include='^[^"<]*(["<])([^">]*)[">]'
while IFS=: read -r file line text; do
	find_layer "$file"
	[[ -n $layer && $text =~ $include ]] || { complain "$file:$line" "a file of no layer" "$text"; continue; }
	header=${BASH_REMATCH[2]}
	# shellcheck disable=SC2086 # one word per prefix
	if [ "${BASH_REMATCH[1]}" = '"' ]; then
		own "$file" "$header" "$layer" || starts_with "$header" ${allow[$layer]} ||
			complain "$file:$line" "$layer" "\"$header\""
	else
		! starts_with "$header" ${deny[$layer]:-} || complain "$file:$line" "$layer" "<$header>"
	fi
done < <(grep -rnE '^[[:space:]]*#[[:space:]]*include' --include='*.[ch]' src bpf include)

exit $bad
