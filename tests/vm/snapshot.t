#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# snapshot.t - what snapshot lists is what the kernel's own files say: every vector once, and every x86
# vector that is taken has its holder
. "$(dirname "$0")/lib.sh"

require
real_drivers
devices=(--device "nvme,serial=a,drive=nvme0,addr=1" --device "e1000e,addr=2" --device "virtio-net-pci,addr=3"
	--device "pcie-root-port,addr=4" --device "ide-hd,drive=disk0,bus=ide.0")

# rows SECTION EXPRESSION: of each row, sorted.
rows() { of "$1" ".[][] | $2" | sort; }

# facts SECTION: what the guest's files say, sorted.
facts() { out "$1" | sort; }

# compare WHEN: the rows of a look and the files of the guest.
compare() {
	local l="$kernel: $1" virqs

	is "$l: exit status" "$(status "$1.rows")" 0
	is "$l: nothing on stderr" "$(err "$1.rows"; err "$1.devices")" "$(for _ in 1 2; do no_store; done)"
	is "$l: cpus: nothing on stderr" "$(err "$1.cpus")" ""
	virqs=$(rows "$1.rows" .virq)
	is "$l: every file of msi_irqs/ is a row, of its device" "$(rows "$1.rows" '"\(.device) \(.virq)"')" "$(facts "$1.names")"
	is "$l: no virq is there twice" "$(uniq -d <<<"$virqs")" ""
	is "$l: drivers" "$(rows "$1.rows" 'select(.driver) | "\(.device) \(.driver)"' | sort -u)" \
		"$(join <(facts "$1.names" | cut -d' ' -f1 | sort -u) <(facts "$1.drivers"))"
	is "$l: hwirqs" "$(rows "$1.rows" '"\(.virq) \(.hwirq)"')" "$(join <(echo "$virqs") <(facts "$1.hwirqs"))"
	is "$l: actions" "$(rows "$1.rows" 'select(.action) | "\(.virq) \(.action)"')" "$(facts "$1.actions")"
	is "$l: who has a handler, has an action" "$(rows "$1.rows" 'select((.handler == null) != (.action == null)).virq')" ""
	is "$l: CPUs of vectors" \
		"$(rows "$1.rows" 'select(.vector and (.state | test("pending|moving|changing") | not)) | "\(.virq) \(.cpu)"')" \
		"$(join <(rows "$1.rows" 'select(.vector and (.state | test("pending|moving|changing") | not)).virq') <(facts "$1.targets"))"
	is "$l: counts: between those before and after" "$(join <(join <(facts "$1.before") \
		<(rows "$1.rows" '"\(.virq) \(.fired)"')) <(facts "$1.after") | awk '$3 < $2 || $3 > $4')" ""
	is "$l: no two hold the same vector of a CPU" \
		"$(rows "$1.rows" 'select(.vector) | "\(.cpu) \(.vector)"' | uniq -d)" ""
	is "$l: who has a vector is active, who is reserved has none" "$(rows "$1.rows" 'select(
		(.vector != null and (.state | test("(^|,)active") | not)) or
		(.vector != null and (.state | test("reserved"))))')" ""
	sums "$1"
	ledger "$1"
}

# no_store: what is said where descriptors are in no store. (The default kernels have one.)
no_store() {
	[ "$kernel" != 5.10 ] || echo "msitrace: warning: descriptors that have no interrupt are not known: this kernel has no descriptor mutex (before 5.17)"
}

# sums WHEN: the rows of devices are the sums of those of vectors.
sums() {
	is "$kernel: $1: devices: sums" \
		"$(rows "$1.devices" 'select(.irqs > 0) | "\(.device) \(.type) \(.irqs) \(.vectors) \(.reserved) \(.requested)"')" \
		"$(of "$1.rows" '.vectors | group_by(.device)[] | "\(.[0].device) \(.[0].type) \(map(select(.virq)) | length) " +
			"\(map(select(.vector), select(.oldvector)) | length) \(map(select(.state | test("reserved"))) | length) " +
			"\(map(select(.handler)) | length)"' | sort)"
	[ "$kernel" = 5.10 ] ||
		is "$kernel: $1: devices: as many descriptors as interrupts" "$(rows "$1.devices" 'select(.descs != .irqs)')" ""
}

# ledger WHEN: each vector that is taken is somebody's.
ledger() {
	is "$kernel: $1: cpus: exit status" "$(status "$1.cpus")" 0
	is "$kernel: $1: cpus: two" "$(rows "$1.cpus" 'select(.online).cpu')" $'0\n1'
	is "$kernel: $1: cpus: no vector is unexplained" "$(rows "$1.cpus" 'select(.unexplained != 0)')" ""
	is "$kernel: $1: cpus: they add up" "$(rows "$1.cpus" 'select(.allocated != .msi + .other + .legacy)')" ""
	is "$kernel: $1: cpus: MSIs are those of the rows" "$(of "$1.cpus" '[.cpus[].msi] | add')" \
		"$(of "$1.rows" '[.vectors[] | select(.vector), select(.oldvector)] | length')"
}

# refused SECTION REGEX
refused() {
	is "$kernel: $1: exit status" "$(status "$1")" 3
	is "$kernel: $1: one line" "$(err "$1" | grep -cvxF "$(no_store)")" 1
	like "$kernel: $1: says what and what to try" "$(err "$1")" "msitrace: .*$2"
	is "$kernel: $1: lists nothing" "$(out "$1")" ""
}

# changed SECTION "CHANGE INDEX...": of e1000e.
changed() {
	is "$kernel: $1: ${2%% *}" \
		"$(rows "$1" "select(.device == \"0000:00:02.0\" and .change == \"${2%% *}\").index" | paste -sd' ')" "${2#* }"
}

for kernel in $kernels; do
	kmod=
	boot snapshot "$kernel" snapshot.sh "${machine[@]}" "${devices[@]}"
	for look in bound unbound again; do
		compare $look
	done
	is "$kernel: bound: e1000e has handlers" "$(rows bound.rows 'select(.driver == "e1000e" and .module == "e1000e").index' | paste -sd,)" 0,1,2
	like "$kernel: bound: nvme's handler" "$(rows bound.rows 'select(.driver == "nvme") | "\(.handler) \(.module)"' | uniq)" '^nvme_irq nvme$'
	like "$kernel: bound: an interrupt that several share" "$(rows bound.rows 'select(.driver == "pcieport").action')" '^PCIe PME,aerdrv'
	is "$kernel: bound: nvme's queues are managed" "$(rows bound.rows 'select(.driver == "nvme" and (.state | test("managed"))).index' | paste -sd,)" 1,2
	is "$kernel: unbound: e1000e is gone" "$(rows unbound.rows 'select(.device == "0000:00:02.0")')" ""
	is "$kernel: again: e1000e is there, and holds reservations" \
		"$(rows again.rows 'select(.driver == "e1000e" and (.state | test("reserved"))).index' | paste -sd,)" 0,1,2

	like "$kernel: moved: from CPU 0 to CPU 1" "$(rows moved 'select(.change == "moved") | "\(.driver): \(.old) to \(.new)"')" \
		'^ahci: vector [0-9]+ of CPU 0 to vector [0-9]+ of CPU 1$'
	for n in {1..8}; do
		is "$kernel: moving.$n: who is moving holds two" "$(rows "moving.$n" 'select((.oldvector != null) != (.state | test("moving"))).virq')" ""
		is "$kernel: moving.$n: nothing is accused" \
			"$(err "moving.$n" | grep -vF -e 'changed hands' -e 'have no interrupt'; err "moving.$n.cpus" | grep -v 'changed hands')" ""
		is "$kernel: moving.$n: no vector is unexplained" "$(rows "moving.$n.cpus" 'select(.unexplained != null and .unexplained != 0)')" ""
	done

	like "$kernel: text: the names of columns" "$(out text | head -1)" '^DEVICE +DRIVER +DOMAIN +INDEX +VIRQ +HWIRQ +VECTOR +CPU +STATE +ACTION +HANDLER +MODULE$'
	is "$kernel: text: a line for each" "$(out text | wc -l)" $(($(rows again.rows .virq | wc -l) + 1))
	is "$kernel: raw: three words each" "$(out raw | awk 'NF != 3')" ""
	is "$kernel: raw: what is not known" "$(out raw | awk '$1 == "0000:00:02.0" { print $3 }' | sort -u)" -
	is "$kernel: tree: devices" "$(of tree '.devices[].name')" "$(of again.devices '.devices[].device')"
	is "$kernel: tree: each vector is below its device and its domain" \
		"$(of tree '.devices[] | .name as $d | .children[]? | .name as $m | .children[] | "\($d) \($m) \(.name) \(.index) \(.vector) \(.handler)"' | sort)" \
		"$(rows again.rows '"\(.device) \(.domain) irq\(.virq) \(.index) \(.vector) \(.handler)"')"
	is "$kernel: tree: the columns say the same" \
		"$(of tree '.devices[] | .name as $d | .children[]? | .name as $m | .children[] | select(.device != $d or .domain != $m)')" ""
	like "$kernel: tree: text" "$(out tree.text | sed -n 2,4p | paste -sd'~')" '^0000:00:01.0 +nvme *~`-[^ ]+ +nvme *~  [|]-irq[0-9]+ +nvme +0 '
	is "$kernel: tree: text: a line for each" "$(out tree.text | grep -cE '^  ([|`]|  )-irq')" "$(rows again.rows .virq | wc -l)"
	is "$kernel: tree: raw is a list" "$(out tree.raw | awk 'NF != 11 || /[|`]-/')" ""
	is "$kernel: tree: raw: a line for each" "$(out tree.raw | grep -c ^irq)" "$(rows again.rows .virq | wc -l)"

	is "$kernel: one device" "$(rows one .device | sort -u)" 0000:00:01.0
	is "$kernel: devices of a driver" "$(rows driver .device | sort -u)" 0000:00:01.0
	is "$kernel: no such device" "$(status nosuch)" 3
	like "$kernel: only what a look needs is loaded" "$(err verbose)" "$([ "$kernel" = 5.10 ] && echo 1 || echo 2) hooks"
	is "$kernel: save: exit status" "$(status save)" 0
	is "$kernel: save: prints nothing" "$(out save)" ""
	is "$kernel: save: all rows" "$(rows saved .virq)" "$(rows bound.rows .virq)"
	is "$kernel: diff: of what is the same: nothing but a move" "$(rows same 'select(.change != "moved" and .change != "state")')" ""
	changed diff "lost 0 1 2"
	like "$kernel: diff: where it was" "$(rows diff 'select(.device == "0000:00:02.0" and .change == "lost").old')" '^vector [0-9]+ of CPU [01]'
	is "$kernel: diff: the handlers went" "$(rows diff 'select(.device == "0000:00:02.0" and .change == "handler") | "\(.index) \(.new)"')" \
		$'0 null\n1 null\n2 null'
	is "$kernel: diff: of another device" "$(rows diff.nvme 'select(.device != "0000:00:01.0")')" ""
	changed removed "removed 0 1 2"
	changed added "added 0 1 2"
	is "$kernel: added: how they are" "$(rows added 'select(.change == "added").new' | sort -u)" allocated,reserved,masked,disabled
	refused save.nowhere 'cannot write /nosuch/file: No such file'
	refused nobody 'root|CAP_BPF'
	refused btf.none BTF
	refused full 'No space left'

	kmod=
	boot remapped-look "$kernel" snapshot.sh --device intel-iommu,intremap=on "${machine[@]}" "${devices[@]}"
	compare bound
	like "$kernel: remapped: the domain below" "$(rows bound.rows .parent | sort -u | paste -sd,)" '^INTEL-IR-0[-0-9]*$'
done
done_testing
