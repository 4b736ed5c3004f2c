#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# rules.t - the list of rules, and the explanation of each

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

sources=$(basename -s .c "$top"/src/validator/rules/*.c | sort)

run rules
is "rules: exit status" "$status" 0
is "rules: nothing on stderr" "$err" ""
like "rules: a line with the names of columns" "$(head -1 <<<"$out")" '^RULE +SEVERITY +SUMMARY *$'
is "no line is wider than 120" "$(awk 'length > 120' <<<"$out")" ""
is "the rules are the files of src/validator/rules" "$(rules)" "$sources"
list=$out
for rule in $sources; do
	like "rules lists $rule" "$list" "^$rule +(corrupt|lost|state|hygiene) +[a-zA-Z*]"
	run explain "$rule"
	is "explain $rule: exit status" "$status" 0
	like "explain $rule: what it is" "$(head -1 <<<"$out")" "^$rule \((corrupt|lost|state|hygiene)\)$"
	for part in "What it says" "What the kernel requires" "What to do about a finding" Wrong Right \
		"Events that it needs" "Kernels"; do
		ok "explain $rule: $part" grep -qx -A1 "$part" <<<"$out"
	done
	is "explain $rule: folded at 80" "$(awk 'length > 80' <<<"$out")" ""
	is "explain $rule: no blanks at the end of lines" "$(grep ' $' <<<"$out")" ""
done

for param in $("$MSITRACE" rules -n -o RULE,PARAMS | awk 'NF > 1 { gsub(",", " "); for (i = 2; i <= NF; i++) print $1 "." $i }'); do
	run explain "${param%%.*}"
	ok "explain ${param%%.*}: ${param#*.}, and what it means" grep -qE "^    ${param#*.} +[a-z]" <<<"$out"
done
run rules --noheadings
is "--noheadings: the first line is a rule" "$(cut -d' ' -f1 <<<"${out%%$'\n'*}")" "$(head -1 <<<"$sources")"
run rules -n -o SEVERITY,RULE
like "--output: these columns, in this order" "${out%%$'\n'*}" "^[a-z]+ +$(head -1 <<<"$sources") *\$"
run rules -o +SINCE
like "--output +: behind the usual ones" "${out%%$'\n'*}" '^RULE +SEVERITY +SUMMARY +SINCE *$'

if ! command -v jq >/dev/null; then
	skip "rules --json" "jq is not installed; try scripts/setup check"
	done_testing
fi
run rules --json
is "--json: exit status" "$status" 0
is "--json: the same rules" "$(jq -r '.rules[].rule' <<<"$out")" "$sources"
is "--json: the usual columns" "$(jq -rc '.rules[0] | keys_unsorted' <<<"$out")" '["rule","severity","summary"]'
json=$out
run rules --format json
is "--format json is the same" "$out" "$json"
columns=$(columns_of rules | paste -sd,)
run rules --json -o "$columns"
is "--output with JSON: every column there is" "$(jq -r '.rules[0] | keys_unsorted[] | ascii_upcase' <<<"$out" | paste -sd,)" "$columns"
is "every rule needs some event" "$(jq -r '.rules[] | select(.needs | length == 0).rule' <<<"$out")" ""
is "every rule says what the kernel requires" "$(jq -r '.rules[] | select(.doc | length < 40).rule' <<<"$out")" ""
is "every rule says what to do" "$(jq -r '.rules[] | select(.advice | length < 20).rule' <<<"$out")" ""
run rules explain iter_nested
old=$out
run explain iter_nested
is "rules explain is the same" "$old" "$out"
run explain --json iter_nested
is "explain in JSON: that rule, with its words" "$(jq -r '.rules[] | .rule + " " + (.doc | length > 0 | tostring)' <<<"$out")" "iter_nested true"

run rules --raw -n -o RULE,SUMMARY
is "--raw: two words on each line" "$(awk 'NF != 2' <<<"$out")" ""
is "--raw: all rules" "$(cut -d' ' -f1 <<<"$out")" "$(rules)"
if command -v jq >/dev/null; then
	is "--raw: blanks are escaped" "$(cut -d' ' -f2- <<<"$out" | sed 's/\\x20/ /g')" \
		"$("$MSITRACE" rules --json | jq -r '.rules[].summary')"
else
	skip "--raw: blanks are escaped" "jq is not installed; try scripts/setup check"
fi

done_testing
