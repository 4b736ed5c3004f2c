#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# soak-cmd.t - soak is clean around real drivers, and names what is left behind where something is
. "$(dirname "$0")/lib.sh"

require
dev=0000:00:02.0

# rows SECTION LIST EXPRESSION: of each row.
rows() { out "$1" | jq -r ".$2[] | $3" 2>&1; }

# of_all SECTION KIND: how all of a kind have grown.
of_all() { rows "$1" growth "select(.whose == \"all\" and .kind == \"$2\") | \"\(.growth) \(.times) \(.since) \(.slope)\""; }

for kernel in $kernels; do
	kmod "$kernel" || { fail "$kernel: the test module"; continue; }
	boot soak-cmd "$kernel" soak-cmd.sh --load nvme --drive driver=null-co,size=16M,if=none,id=nvme0 \
		--device "nvme,serial=a,drive=nvme0,addr=1" --device "rocker,name=a,len-ports=30,addr=2" --device "rocker,name=b,len-ports=30,addr=3"

	is "$kernel: healthy: exit status" "$(status healthy)" 0
	is "$kernel: healthy: nothing on stderr" "$(err healthy)" ""
	is "$kernel: healthy: a row per cycle, and one before" "$(rows healthy cycles .cycle | paste -sd' ')" "0 1 2 3 4 5 6"
	is "$kernel: healthy: all counts are known" "$(rows healthy cycles 'select(.[] == null and .cycle > 0).cycle')" ""
	is "$kernel: healthy: there are vectors" "$(rows healthy cycles 'select(.vectors < 3 or .virqs < 3 or .requested < 3).cycle')" ""
	is "$kernel: healthy: no slope" "$(rows healthy growth '"\(.growth) \(.slope * 10)"' | sort -u)" "none 0"
	is "$kernel: healthy: nothing is left" "$(rows healthy left .)" ""

	is "$kernel: COMMAND fails: exit status" "$(status fails)" 4
	is "$kernel: COMMAND fails: it is run again" "$(rows fails cycles .command | paste -sd' ')" "null 0 7 0"
	like "$kernel: COMMAND fails: says when" "$(err fails)" 'sh failed in 1 of 3 cycles, first in cycle 2: 7$'
	is "$kernel: no such COMMAND: exit status" "$(status cannot)" 3
	like "$kernel: no such COMMAND: says so" "$(err cannot)" 'cannot run /nosuch: No such file'
	is "$kernel: text: exit status" "$(status text)" 0
	like "$kernel: text: the names of columns" "$(out text | head -1)" '^CYCLE +COMMAND +DEVICES +DESCS +VIRQS +VECTORS +RESERVED +REQUESTED +DOMAINS +FILES +NUMBERS$'
	like "$kernel: text: the last line" "$(out text | tail -1)" '^2 cycles, growth since cycle 0: none: '
	is "$kernel: a signal: exit status" "$(status stopped)" 2
	like "$kernel: a signal: says so" "$(err stopped)" 'stopped by a signal after [0-9]+ of 1000 cycles'

	is "$kernel: leak: exit status" "$(status leak)" 1
	is "$kernel: leak: virqs grow" "$(of_all leak virqs)" "leak 3 2 4.8"
	is "$kernel: leak: descriptors do not" "$(of_all leak descriptors)" "none 0 null 0"
	is "$kernel: leak: when, and how many" "$(rows leak left .since | uniq -c | xargs)" "8 2 8 4 8 6"
	like "$kernel: leak: whose" "$(rows leak left '"\(.growth) \(.device) \(.domain) \(.chip)"' | sort -u)" \
		'^leak null MT-PCI-MSIX[-0-9]* MT-PCI-MSIX$'
	is "$kernel: leak: each interrupt once" "$(rows leak left .virq | sort -u | wc -l)" 24
	is "$kernel: leak: its number in the domain names device and index" \
		"$(rows leak left 'select(.since == 2).hwirq % 134217728' | sort -n | xargs)" "$(seq $((2 << 14)) $(((2 << 14) + 7)) | xargs)"
	is "$kernel: leak in every third cycle: exit status" "$(status later)" 1
	like "$kernel: leak in every third cycle: text names it" "$(out later)" 'leak +6 .*MT-PCI-MSIX'
	is "$kernel: repaired: exit status" "$(status repaired)" 0
	is "$kernel: once: exit status" "$(status once)" 2
	like "$kernel: once: says what to do" "$(err once)" 'not decided; try more --cycles'
	like "$kernel: once: it is named" "$(rows once left '"\(.growth) \(.since) \(.domain)"' | sort -u)" '^undecided 4 MT-PCI-MSIX[-0-9]*$'

	is "$kernel: two devices: exit status" "$(status two)" 1
	is "$kernel: two devices: virqs grow, of all" "$(of_all two virqs)" "leak 2 2 4"
	is "$kernel: two devices: whose, which and when" \
		"$(rows two left '"\(.device) \(.since) \(.index)"' | awk '{ print $1, $2 }' | uniq -c | xargs)" "8 0000:00:02.0 2 8 0000:00:03.0 3"

	is "$kernel: of nobody: exit status" "$(status nobody)" 1
	is "$kernel: of nobody: whose" "$(rows nobody growth 'select(.growth == "leak" and .whose != "all") | "\(.whose) \(.kind)"')" "nobody reservations"

	is "$kernel: one in every tenth: exit status" "$(status ten)" 1
	is "$kernel: one in every tenth: virqs grow" "$(of_all ten virqs)" "leak 5 10 0.1"
	is "$kernel: one in every tenth: each is listed, and when" "$(rows ten left '"\(.kind) \(.since)"' | paste -sd,)" \
		"virqs 10,virqs 20,virqs 30,virqs 40,virqs 50"
	is "$kernel: one in every tenth: all by one stack" "$(rows ten left .stack | sort -u)" 1
	like "$kernel: one in every tenth: which is the driver's" "$(rows ten stacks 'select(.stack == 1).function')" '^mt_vectors_alloc\+0x[0-9a-f]+ \[msitrace_test\]$'
	is "$kernel: all lists are one document" "$(out ten | jq -s 'length')" 1
	is "$kernel: all lists are there" "$(out healthy | jq -r 'keys | join(",")')" cycles,growth,left,stacks

	is "$kernel: empty domains: exit status" "$(status domain)" 1
	is "$kernel: empty domains: each is named" "$(rows domain left '"\(.growth) \(.kind) \(.domain) \(.since)"' | paste -sd,)" \
		"leak domains MT-LOST-0 2,leak domains MT-LOST-1 4"
	is "$kernel: numbers: exit status" "$(status number)" 1
	is "$kernel: numbers: each is listed" "$(rows number left '"\(.growth) \(.kind) \(.chip) \(.since)"' | paste -sd,)" \
		"leak numbers none 2,leak numbers none 4"
	is "$kernel: a file: exit status" "$(status file)" 2
	is "$kernel: a file: whose" "$(rows file left '"\(.growth) \(.kind) \(.device) \(.since)"')" "undecided files $dev 2"

	is "$kernel: hidden: exit status" "$(status hidden)" 2
	like "$kernel: hidden: says what was not seen" "$(err hidden | tail -1)" 'could not be seen: vectors, reservations, domains$'
	is "$kernel: hidden: a leak is one" "$(status hidden.leak)" 1
	is "$kernel: hidden: what is not known is no number" \
		"$(rows hidden.leak cycles '"\(.vectors) \(.reserved) \(.domains)"' | sort -u)" "null null null"
	is "$kernel: hidden: nor has it grown" "$(rows hidden.leak growth .kind | sort -u | paste -sd,)" descriptors,devices,files,handlers,numbers,virqs
done
done_testing
