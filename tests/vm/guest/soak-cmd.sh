# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# soak-cmd.sh - msitrace soak around drivers that leave nothing behind, and around one that does

a=0000:00:02.0

section healthy msitrace soak --json --cycles 6 -- sh -c 'rebind 1 nvme >/dev/null'
section fails msitrace soak --json --cycles 3 -- sh -c 'n=$(cat /tmp/f 2>/dev/null); echo x$n >/tmp/f; [ "$n" != x ] || exit 7'
section cannot msitrace soak --cycles 3 -- /nosuch
section text msitrace soak --cycles 2 -- true
section stopped sh -c 'msitrace soak --cycles 1000 -- sleep 1 & sleep 4; kill $!; wait $!'

section leak msitrace soak --json --cycles 6 -- leak-every 2 $a /tmp/n
section leak.rows msitrace snapshot --by cpu
provoke teardown
section repaired msitrace soak --json --cycles 4 -- leak-every 100 $a /tmp/repaired
section once msitrace soak --json --cycles 5 -- leak-every 4 $a /tmp/once
provoke teardown
section later msitrace soak --cycles 6 -- leak-every 3 $a /tmp/later
provoke teardown
# Two devices, one after the other, and each only once: what is left has its device.
cat >/tmp/two <<'EOT'
n=$(($(cat /tmp/turn 2>/dev/null || echo 0) + 1))
echo $n >/tmp/turn
case $n in
2) provoke "life_store_not_empty 0000:00:02.0" ;;
3) provoke "life_store_not_empty 0000:00:03.0" ;;
esac
EOT
section two msitrace soak --json --cycles 5 -- sh /tmp/two
provoke teardown
section nobody msitrace soak --json --cycles 3 -- provoke "vec_accounting $a"
provoke teardown

section ten msitrace soak --json --cycles 50 -- leak-every 10 $a /tmp/ten life_unbind_leak.one
provoke teardown
section domain msitrace soak --json --cycles 5 -- every-second "lose domain" /tmp/domain
section number msitrace soak --json --cycles 5 -- every-second "lose number" /tmp/number
provoke teardown
provoke "setup $a"
section file msitrace soak --json --cycles 2 -- every-second "sysfs_set_mismatch.surplus $a" /tmp/file
provoke teardown
echo 2 >/proc/sys/kernel/kptr_restrict
section hidden msitrace soak --cycles 3 -- true
section hidden.leak msitrace soak --json --cycles 5 -- leak-every 2 $a /tmp/hidden
