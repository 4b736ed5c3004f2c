#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# man.t - the man page is built, and names what the binary has: no more and no less

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

src=$top/src/man/msitrace.1.scd
page=$base/msitrace.1

if command -v scdoc >/dev/null; then
	ok "it is built" sh -c "scdoc <'$src' >'$page' 2>'$base/err'"
	is "scdoc has nothing to say" "$(cat "$base/err")" ""
	if command -v man >/dev/null; then
		LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page" >"$base/text" 2>"$base/err" </dev/null
		is "man has nothing to say" "$(cat "$base/err")" ""
		is "no markup is left in the text" "$(grep -nE '\\[a-z]|\*\*' "$base/text" | grep -v '\\n')" ""
	else
		skip "how it is shown" "man is not installed"
	fi
else
	skip "it is built" "scdoc is not installed; try scripts/setup"
fi

# section NAME: its text. terms: the bold first words of the lines that begin an entry.
section() { sed -n "/^# $1\$/,/^# /{ /^# /d; p; }" "$src"; }
terms() { sed -n 's/^\*\([^*]*\)\*.*/\1/p' | sort -u; }

is "commands" "$(section COMMANDS | terms)" "$(commands | sort)"
for command in $(commands); do
	args=$("$MSITRACE" "$command" --help | sed -n '1s/.*\[OPTION\]\.\.\. *//p' | grep -oE '[a-z]+')
	words=$(section SYNOPSIS | grep "\*$command\*")
	ok "the synopsis has $command" [ -n "$words" ]
	for word in $args; do
		like "the synopsis of $command has $word" "$words" "\*$word\*"
	done
done

exit_status=$(section 'EXIT STATUS')
is "exit statuses" "$(terms <<<"$exit_status" | sort -n)" "$(exit_codes)"
is "rules" "$(section RULES | terms)" "$(rules | sort)"
while read -r rule severity; do
	ok "$rule is $severity" grep -qxF "*$rule* ($severity)" <(section RULES)
done < <("$MSITRACE" rules -n -o RULE,SEVERITY)
for severity in $("$MSITRACE" rules -n -o SEVERITY | sort -u); do
	ok "$severity is explained" grep -qE "_${severity}_ .*[a-z]" <(section RULES)
done

is "states of vectors" "$(section 'STATES OF A VECTOR' | terms)" \
	"$(sed -n 's/^X([A-Z_]*,[[:space:]]*"\([a-z-]*\)".*/\1/p' "$top/src/ledger/snapshot.h" | sort)"

is "idle vectors" "$(section 'IDLE VECTORS' | terms)" \
	"$(sed -n 's/^X([A-Z_]*,[[:space:]]*"\([a-z-]*\)".*/\1/p' "$top/src/ledger/vectors.h" | sort)"

is "changes of vectors" "$(section 'CHANGES OF A VECTOR' | terms)" \
	"$(sed -n 's/^X([A-Z_]*,[[:space:]]*"\([a-z-]*\)".*/\1/p' "$top/src/ledger/diff.h" | sort)"

is "growth" "$(section GROWTH | terms)" \
	"$(sed -n '/SOAK_VERDICTS/,/^$/s/^X([A-Z_]*,[[:space:]]*"\([a-z-]*\)".*/\1/p' "$top/src/ledger/soak.h" | sort)"

# Formats: those of any command, and each is said to be of the commands that have it alone.
all_formats=$(for c in $(commands); do formats_of "$c"; done | sort -u)
is "formats" "$(section 'OUTPUT FORMATS' | terms)" "$all_formats"
for format in $all_formats; do
	only=$(for c in $(commands); do formats_of "$c" | grep -qx "$format" && echo "$c"; done)
	[ "$(wc -w <<<"$only")" -ne 1 ] ||
		ok "$format is said to be of $only" grep -qF "For *$only*:" <(section 'OUTPUT FORMATS' | grep -A2 "^\*$format\*")
done

# Options: one subsection per set of commands; the entry has letter, name and placeholder.
documented() { section OPTIONS | grep -oE '^\*-.*' | grep -oE -- '\*--[a-z-]+\*' | tr -d '*' | sort -u; }
is "options" "$(documented)" "$(for c in $(commands); do options_of "$c"; done | sort -u)"
for command in $(commands); do
	"$MSITRACE" "$command" --help | sed -n '/^Options:/,/^$/s/^  \(..[, ] --[a-zA-Z -]*\)  .*/\1/p'
done | sed 's/ *$//' | sort -u >"$base/options"
while read -r row; do
	letter=$(grep -oE '^-[a-z],' <<<"$row" | tr -d ,)
	name=$(grep -oE -- '--[a-z-]+' <<<"$row")
	arg=$(grep -oE ' [A-Z]+$' <<<"$row" | tr -d ' ')
	entry=$(section OPTIONS | grep -E "^\*(-[a-z]\*, \*)?$name\*" | head -1)
	is "$name: its letter" "$(grep -oE '^\*-[a-z]\*' <<<"$entry" | tr -d '*')" "$letter"
	case $arg in
	WHEN) like "$name: its values" "$entry" '\*auto\*.*\*always\*.*\*never\*' ;;
	COLUMNS) like "$name: its values" "$entry" '_COL_' ;;
	'') is "$name: takes nothing" "$(grep -oE '_[A-Z]+_' <<<"$entry")" "" ;;
	*) like "$name: its placeholder" "$entry" "_${arg}_" ;;
	esac
done <"$base/options"

# What only some commands take stands below a heading that says which.
while read -r heading; do
	named=$(tr -s ', ' '\n' <<<"${heading#*Options of }" | grep -vxE 'and|all|but' | sort)
	case $heading in
	*'of all but '*) named=$(commands | grep -vxF "$named" | sort) ;;
	*'of all '*) named=$(commands | sort) ;;
	esac
	for option in $(sed -n "/^$heading\$/,/^#/{ /^#/d; p; }" "$src" | grep -oE '^\*-.*' | grep -oE -- '--[a-z-]+'); do
		takers=$(for c in $(commands); do options_of "$c" | grep -qx -e "$option" && echo "$c"; done | sort)
		case $option in
		--btf) is "$option: of doctor" "$takers" doctor ;;
		*) is "$option: ${heading#\#\# }" "$takers" "$named" ;;
		esac
	done
done < <(grep '^## Options of' "$src")

like "the default size of the buffer" "$(section OPTIONS | tr '\n' ' ')" \
	"default is $("$MSITRACE" check --help | grep -oE 'buffer, default [0-9]+' | grep -oE '[0-9]+')"
done_testing
