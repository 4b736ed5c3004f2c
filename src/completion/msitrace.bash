# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# msitrace.bash - completion of msitrace for bash
#
# Has no list of its own: commands, options, and what an option takes are read from the output of
# `msitrace help`, `msitrace COMMAND --help` and `msitrace rules`.

# _msitrace_column SECTION < help: the first words of the lines of a section.
_msitrace_column() { awk -v s="$1:" '$0 == s { on = 1; next } /^$/ { on = 0 } on { print $1 }'; }

# _msitrace_option OPTION < help: its placeholder and its description, "" when it takes nothing.
_msitrace_option() {
	awk -v o="$1" '/^  [- ][a-z ][, ] --/ {
		letter = substr($0, 3, 2); rest = substr($0, 7); split(rest, w, " ")
		if ((o == letter || o == w[1]) && w[2] ~ /^[A-Z]+$/ && rest !~ "^" w[1] "  ") {
			print substr(rest, length(w[1]) + 2); exit
		}
	}'
}

# _msitrace_values PROGRAM COMMAND HELP ROW: what an option takes, ROW being what
# _msitrace_option says of it; by its placeholder.
_msitrace_values() {
	case $4 in
	FORMAT*) tr , '\n' <<<"${4##*: }" ;;
	WHEN*) tr -cs '[:lower:]' '\n' <<<"${4#WHEN}" | grep -vxE 'or|default|' ;;
	RULE*) "$1" rules -n -o RULE 2>/dev/null ;;
	PARAM*) "$1" rules -n -o RULE,PARAMS 2>/dev/null |
		awk '{ n = split($2, p, ","); for (i = 1; i <= n; i++) { sub(/=.*/, "=", p[i]); print $1 "." p[i] } }' ;;
	WHAT*) tr -cs '[:lower:]' '\n' <<<"$(sed 's/^WHAT//; s/:.*//' <<<"$4")" | grep -vxE 'or|default|' ;;
	COLUMNS*)
		# each view of a listing has its own
		if [[ "${COMP_WORDS[*]}" =~ --by[\ =]+([a-z]+) ]] && [[ $3 == *"Columns with --by ${BASH_REMATCH[1]}:"* ]]; then
			_msitrace_column "Columns with --by ${BASH_REMATCH[1]}" <<<"$3"
		elif [[ " ${COMP_WORDS[*]} " == *" --tree "* ]]; then
			_msitrace_column "Columns with --tree" <<<"$3"
		else
			_msitrace_column Columns <<<"$3"
		fi
		;;
	DEVICE*) (cd /sys/bus/pci 2>/dev/null && printf '%s\n' devices/* drivers/*) | sed 's,.*/,,' ;;
	PID*) (cd /proc && printf '%s\n' [0-9]*) ;;
	esac
}

_msitrace_reply() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2"); }

_msitrace() {
	local program=${COMP_WORDS[0]/#\~/$HOME} command=${COMP_WORDS[1]} cur=${COMP_WORDS[COMP_CWORD]}
	local prev=${COMP_WORDS[COMP_CWORD - 1]} help row i

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		_msitrace_reply "$("$program" help 2>/dev/null | _msitrace_column Commands)" "$cur"
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		[ "${COMP_WORDS[i]}" != -- ] || break
	done
	if [ $i -lt "$COMP_CWORD" ]; then	# COMMAND of the user
		if [ $((i + 1)) -eq "$COMP_CWORD" ]; then
			mapfile -t COMPREPLY < <(compgen -c -- "$cur")
		else
			compopt -o default 2>/dev/null
		fi
		return
	fi

	# bash cuts --option=value into three words
	[ "$cur" != = ] || cur=''
	[ "$prev" != = ] || prev=${COMP_WORDS[COMP_CWORD - 2]}
	help=$("$program" "$command" --help 2>/dev/null) || return
	row=$(_msitrace_option "$prev" <<<"$help")
	case $row in
	'') ;;
	FILE*) compopt -o default 2>/dev/null; return ;;
	DIR*) compopt -o dirnames 2>/dev/null; return ;;
	*)
		_msitrace_reply "$(_msitrace_values "$program" "$command" "$help" "$row")" "$cur"
		return
		;;
	esac
	case $cur in
	-*)
		_msitrace_reply "$(grep -oE '^  [- ][a-z ][, ] --[a-z-]+' <<<"$help" | grep -oE -- '--[a-z-]+') --" "$cur"
		return
		;;
	esac

	# words of the command, by its usage: [explain RULE], [COMMAND]
	row=$(sed -n '1s/.*\[OPTION\]\.\.\. *//p' <<<"$help")
	case $row in
	'[-- '* | '') _msitrace_reply "--" "$cur" ;;
	'[COMMAND]') _msitrace_reply "$("$program" help 2>/dev/null | _msitrace_column Commands)" "$cur" ;;
	RULE | "[$prev RULE]") _msitrace_reply "$("$program" rules -n -o RULE 2>/dev/null)" "$cur" ;;
	*) _msitrace_reply "$(grep -oE '\[[a-z]+' <<<"$row" | tr -d '[')" "$cur" ;;
	esac
}

complete -F _msitrace msitrace
