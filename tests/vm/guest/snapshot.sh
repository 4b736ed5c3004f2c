# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# snapshot.sh - what msitrace lists, beside what the kernel says in its files

pci=/sys/bus/pci/devices

# What is to be compared, one fact per line.
names() { for f in "$pci"/*/msi_irqs/*; do d=${f%/msi_irqs/*}; echo "${d##*/} ${f##*/}"; done; }
drivers() { for d in "$pci"/*/driver; do b=${d%/driver}; echo "${b##*/} $(basename "$(readlink "$d")")"; done; }
hwirqs() { for f in /sys/kernel/irq/*/hwirq; do i=${f%/hwirq}; echo "${i##*/} $(cat "$f")"; done; }
counts() { for f in /sys/kernel/irq/*/per_cpu_count; do i=${f%/per_cpu_count}; echo "${i##*/} $(tr , '\n' <"$f" | awk '{ n += $1 } END { print n }')"; done; }
targets() { for f in /proc/irq/*/effective_affinity_list; do i=${f%/effective_affinity_list}; echo "${i##*/} $(cat "$f")"; done; }
actions() { awk '/PCI-MSI/ { irq = $1; sub(":", "", irq); sub(/.*-(edge|fasteoi) */, ""); gsub(/, /, ","); if ($0 != "") print irq " " $0 }' /proc/interrupts; }

all=+TYPE,PARENT,CHIP,THREAD,FIRED,OLDVECTOR,OLDCPU

# look NAME
look()
{
	for f in names drivers hwirqs targets actions; do
		section "$1.$f" "$f"
	done
	section "$1.before" counts
	section "$1.rows" msitrace snapshot --json -o $all
	section "$1.after" counts
	section "$1.devices" msitrace snapshot --json --by device
	section "$1.cpus" msitrace snapshot --json --by cpu
}

# timeout of section runs programs, not functions.
section()
{
	name=$1
	shift
	status=0
	case $1 in
	names | drivers | hwirqs | counts | targets | actions) "$@" >/tmp/out 2>/tmp/err || status=$? ;;
	*) timeout -s KILL 90 "$@" >/tmp/out 2>/tmp/err || status=$? ;;
	esac
	echo "@begin $name"
	sed 's/^/>/' /tmp/out
	sed 's/^/!/' /tmp/err
	echo "@end $name $status"
}

net=$(ls $pci/0000:00:02.0/net)
ifconfig "$net" up
look bound
section save msitrace snapshot --save /tmp/saved
section saved cat /tmp/saved
section same msitrace snapshot --diff /tmp/saved -o CHANGE,DEVICE,INDEX --json
ifconfig "$net" down
echo 0000:00:02.0 >$pci/0000:00:02.0/driver/unbind
look unbound
echo 0000:00:02.0 >/sys/bus/pci/drivers/e1000e/bind
look again
section diff msitrace snapshot --diff /tmp/saved --json
section diff.nvme msitrace snapshot --diff /tmp/saved --json -d nvme
echo 0000:00:02.0 >$pci/0000:00:02.0/driver/unbind
section removed msitrace snapshot --diff /tmp/saved --json --save /tmp/later
echo 0000:00:02.0 >/sys/bus/pci/drivers/e1000e/bind
section added msitrace snapshot --diff /tmp/later --json
section save.nowhere msitrace snapshot --save /nosuch/file

# settle MASK: reads until AHCI's interrupt has gone there; it may still be busy with the move before.
settle()
{
	irq=$(awk '/ahci/ { sub(":", ""); print $1; exit }' /proc/interrupts)
	for _ in $(seq 50); do
		[ "$((0x$(cat "/proc/irq/$irq/effective_affinity")))" -ne "$1" ] || break
		dd if=/dev/sda of=/dev/null bs=4k count=20 iflag=direct 2>/dev/null
	done
}

# An interrupt that fires goes where it is sent: at once, or when it fires next.
move-ahci 2
settle 1
msitrace snapshot --save /tmp/cpu0
move-ahci 1
settle 2
section moved msitrace snapshot --json --diff /tmp/cpu0 -d ahci
(while :; do move-ahci 100; done) >/dev/null 2>&1 &
load=$!
for n in $(seq 8); do
	section "moving.$n" msitrace snapshot --json -o $all
	section "moving.$n.cpus" msitrace snapshot --json --by cpu
done
kill $load
wait $load 2>/dev/null

section text msitrace snapshot
section raw msitrace snapshot --raw -n -o DEVICE,VIRQ,ACTION
section tree msitrace snapshot --tree --json -o +DEVICE,DOMAIN
section tree.text msitrace snapshot --tree
section tree.raw msitrace snapshot --tree --raw
section one msitrace snapshot --json -d 0000:00:01.0
section driver msitrace snapshot --json -d nvme
section verbose msitrace snapshot -v -n -o VIRQ
section nosuch msitrace snapshot -d nosuch

mkdir -p /etc
echo 'nobody:x:65534:65534::/:/bin/sh' >/etc/passwd
echo 'nobody:x:65534:' >/etc/group
chmod 755 / /bin /bin/msitrace
section nobody start-stop-daemon -S -c nobody -x /bin/msitrace -- snapshot
mkdir /tmp/empty
mount -o bind /tmp/empty /sys/kernel/btf
section btf.none msitrace snapshot
umount /sys/kernel/btf
section full sh -c 'msitrace snapshot >/dev/full'
