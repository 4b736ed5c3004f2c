#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# purity.t - libmsivalidator.a needs nothing but memory, strings and formatting into buffers, and has
# no variable that it could remember anything in
. "$(dirname "$0")/../lib.sh"

lib=$O/libmsivalidator.a
[ -e "$lib" ] || skip_all "$lib is not built; try make"

allowed='^(malloc|calloc|realloc|free|qsort|bsearch|mem(cpy|set|cmp|move|chr)|str[a-z]*|v?snprintf|abort'
allowed+='|__stack_chk_fail|__(v?snprintf|mem[a-z]*|str[a-z]*)_chk|__ctype_b_loc|__errno_location|__assert_fail|_GLOBAL_OFFSET_TABLE_)$'

# needs LIBRARY: what it does not define itself.
needs() {
	nm -g "$1" | awk 'NF == 3 { have[$3] = 1 } $1 == "U" { want[$2] = 1 }
		END { for (s in want) if (!(s in have)) print s }' | sort
}

impure() { needs "$1" | grep -vE "$allowed"; }

# variables LIBRARY: writable ones, local ones too. Constants that hold addresses are none.
variables() {
	nm -f sysv "$1" | awk -F'|' '{ gsub(/ /, "") } $4 == "OBJECT" && $7 !~ /^\.(rodata|data\.rel\.ro)/ { print $1 }' | sort
}

is "it calls nothing impure" "$(impure "$lib" | xargs)" ""
ok "it does need memory, so nm was understood" grep -qx malloc <<<"$(needs "$lib")"

# The test can fail: one file more in the archive.
cat >"$base/bad.c" <<-END
	#include <stdio.h>
	#include <time.h>
	int counter;
	static int hidden = 3;
	long bad(void) { printf("%d", ++hidden + ++counter); return time(NULL); }
END
cp "$lib" "$base/bad.a"
"${CC:-gcc}" -O1 -c "$base/bad.c" -o "$base/bad.o" && ar r "$base/bad.a" "$base/bad.o"
is "what is impure is noticed" "$(impure "$base/bad.a" | xargs)" "printf time"
is "it has no variables" "$(variables "$lib" | xargs)" ""
is "variables are noticed" "$(variables "$base/bad.a" | xargs)" "counter hidden"
done_testing
