#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# layers.t - the tree keeps to its layers, and scripts/check-layers.sh would say if it did not
#
. "$(dirname "$0")/../lib.sh"

# A copy of the tree's sources, to break.
tree=$base/tree
fresh() { rm -rf "$tree" && mkdir "$tree" && cp -r "$top"/{src,bpf,include} "$tree/"; }

# caught NAME FILE LINE: with LINE added to FILE, the check fails and names both.
caught() {
	local header

	fresh
	mkdir -p "$(dirname "$tree/$2")"
	echo "$3" >>"$tree/$2"
	header=${3#\#include }
	said=$("$top/scripts/check-layers.sh" "$tree")
	is "$1: exits with 1" $? 1
	ok "$1: names the file and the header" grep -q "^$2:.*$header" <<<"$said"
}

# allowed NAME FILE LINE
allowed() {
	fresh
	echo "$3" >>"$tree/$2"
	ok "$1" bash -c "! '$top/scripts/check-layers.sh' '$tree' | grep '^$2:'"
}

is "the tree keeps to its layers" "$("$top/scripts/check-layers.sh")" ""

caught "validator includes libbpf" src/validator/model.c '#include <bpf/libbpf.h>'
caught "validator uses the clock" src/validator/model.c '#include <time.h>'
caught "validator includes collect" src/validator/rules/iter_nested.c '#include "collect/collect.h"'
caught "validator climbs out" src/validator/rules/iter_nested.c '#include "../../collect/collect.h"'
caught "format includes the validator's insides" src/format/text.c '#include "validator/model.h"'
caught "format includes collect" src/format/text.c '#include "collect/collect.h"'
caught "event includes stats" src/event/event_check.c '#include "stats/hist.h"'
caught "base includes event" src/base/util.c '#include "msitrace/event.h"'
caught "collect includes the validator" src/collect/collect.c '#include "validator/model.h"'
caught "collect includes cmd" src/collect/collect.c '#include "cmd/cmd.h"'
caught "cmd includes libbpf" src/cmd/hist.c '#include <bpf/bpf.h>'
caught "cmd includes libdwfl" src/cmd/hist.c '#include <elfutils/libdwfl.h>'
caught "format includes libdw" src/format/text.c '#include <elfutils/libdw.h>'
caught "validator includes DWARF" src/validator/model.c '#include <dwarf.h>'
caught "bpf includes the validator's interface" bpf/msi_iter.bpf.c '#include "msitrace/validator.h"'
caught "a directory of no layer" src/new/new.c '#include "base/util.h"'

allowed "validator includes its own headers" src/validator/model.c '#include "stackdepot.h"'
allowed "a rule includes the validator's" src/validator/rules/iter_nested.c '#include "../model.h"'
allowed "collect includes libdwfl" src/collect/debuginfo.c '#include <elfutils/libdwfl.h>'
allowed "format includes stats" src/format/text.c '#include "stats/hist.h"'
allowed "bpf includes the hook ids" bpf/msi_iter.bpf.c '#include "msitrace/hook_ids.h"'
done_testing
