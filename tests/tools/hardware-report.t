#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# scripts/hardware-report in a made-up root: what it collects, what it leaves alone.  TAP.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
program=${KEXEC_QUIESCE:-${OUT:-$root/out}/tools/kexec-quiesce}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
ln -s "$root/scripts" scripts
export HARDWARE_REPORT_ROOT=$tmp/machine

# A machine that is armed, and the commands that it would have.
mkdir -p machine/sys/class/dmi/id machine/proc/sys/kernel machine/var/crash/202611231954 bin
python3 "$root/tests/tools/samples.py" sysfs machine/sys || exit 1
python3 "$root/tests/tools/samples.py" vmcore contained machine/var/crash/202611231954/dump.202611231954 || exit 1
echo 'a machine' >machine/sys/class/dmi/id/product_name
echo 'secret' >machine/sys/class/dmi/id/product_serial
: >machine/proc/sysrq-trigger
printf 'DMAR: DRHD: handling fault status reg 2\nunrelated\n' >machine/var/crash/202611231954/dmesg.202611231954
tool() { # NAME: standard input is what it does
	{ echo '#!/bin/sh'; cat; } >"bin/$1"
	chmod +x "bin/$1"
}
tool kexec-quiesce <<<"exec '$program' --sysfs '$tmp/machine/sys' \"\$@\""
# shellcheck disable=SC2016 # for the tool to expand
tool id <<<'echo ${FAKE_UID:-0}'
tool lspci <<<"[ \$1 = -vvnn ] || exit 0; echo '00:05.0 Ethernet controller'; echo '	Capabilities: [140 v1] Device Serial Number 52-54-00-ff-ff-12-34-56'; echo '	[SN] Serial number: X1234'"
tool dmesg <<<"echo 'kexec_pci_quiesce: armed'; echo 'somebody: else'"
# shellcheck disable=SC2016 # likewise
tool sync <<<'echo sync >>"$HARDWARE_REPORT_ROOT/synced"'
PATH=$tmp/bin:$PATH

count=0
tap() { # STATUS NAME
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else
		echo "not ok $count - $2"
		sed 's/^/# out: /' out
		sed 's/^/# err: /' err
	fi
}

run() { # INPUT ARGUMENTS
	local input=$1
	shift
	scripts/hardware-report "$@" <<<"$input" >out 2>err
	rc=$?
}

refuses() { # NAME RC MESSAGE INPUT ARGUMENTS: one line, and nothing was done
	local name=$1 want=$2 message=$3
	shift 3
	run "$@"
	[ "$rc" = "$want" ] && [ ! -s out ] && [ "$(tail -n 1 err)" = "hardware-report: $message" ] &&
		[ ! -s machine/proc/sysrq-trigger ] && [ "$(cat machine/sys/kernel/kexec_pci_quiesce/policy)" = escalate ]
	tap $? "$name: exit $want, and nothing was done"
}

unpack() { # the archive that it named
	rm -rf got && mkdir got && tar -xzf "$(cat out)" -C got --strip-components=1
}

checksum() { find machine -type f -exec cat {} + | sha256sum; }

before=$(checksum)
run ''
tap $rc "report"
unpack
tap $? "it names its archive"
[ "$before" = "$(checksum)" ]
tap $? "nothing of the machine was written to"
[ "$(sort -u got/dry-run-microseconds)" = 25 ] && [ "$(wc -l <got/dry-run-microseconds)" = 10 ]
tap $? "ten dry runs, with their time"
python3 -c "
import json
for name, key in (('status', 'armed'), ('plan', 'summary'), ('dry-run', 'steps')):
    assert key in json.load(open(f'got/{name}.json'))"
tap $? "status, plan and dry run are JSON"
grep -q 'armed: 1' got/module && grep -q 'product_name: a machine' got/machine && grep -q '^kexec_pci' got/log
tap $? "machine, module and log"
grep -q '00:05.0' got/lspci && ! grep -rqE '52-54|X1234|secret|somebody' got
tap $? "no serial numbers, and no other log"

# What is not there is noted, and the rest collected.
mv machine/sys/kernel/kexec_pci_quiesce/snapshot machine/snapshot
run ''
[ $rc = 1 ] && [ "$(cat err)" = 'hardware-report: could not collect: plan.json; the archive says why' ] && unpack &&
	grep -q 'no such file' got/plan.json.err && grep -q '^plan.json: exit 3' got/commands
tap $? "what could not be collected is named"
mv machine/snapshot machine/sys/kernel/kexec_pci_quiesce/snapshot

# After a panic, as the documents have it.
mapfile -t commands < <(cd "$root" && python3 tests/panic/kpt/guide.py Documentation/kdump/*.rst after | sort -u)
[ ${#commands[@]} -gt 0 ]
tap $? "the documents have commands for afterwards"
for command in "${commands[@]}"; do
	sh -c "$command" >out 2>err </dev/null && unpack
	tap $? "$command"
	grep -q '"verdict": "contained"' got/report.json && grep -q '^Verdict: *contained' got/report.txt &&
		grep -q '<svg' got/report.svg && grep -q DMAR got/capture-log && ! grep -q unrelated got/capture-log
	tap $? "$command: report in three forms, and the log of the crash kernel"
	[ ! -e got/dump.202611231954 ] && [ "$(du -sk got | cut -f1)" -lt 200 ]
	tap $? "$command: without the dump itself"
done
run '' --after machine/var/crash/202611231954/dump.202611231954 --out got
[ $rc = 0 ] && [ -s "$(cat out)" ]
tap $? "--after VMCORE --out DIR"

refuses "a dump that is not there" 3 'absent: no such file, or not to be read' '' --after absent
mv machine/var/crash elsewhere
refuses "no dump" 3 'no dump below /var/crash: was it saved? Name it: hardware-report --after VMCORE' '' --after
mv elsewhere machine/var/crash
FAKE_UID=1000 refuses "not root" 3 'not root: plan, dry-run and dumps can only be read by root' ''
refuses "unknown option" 2 "unknown '--crash' (see: hardware-report --help)" '' --crash
refuses "no such directory" 2 "--out: 'absent' is no directory (see: hardware-report --help)" '' --out absent

# The panic: only on the word.
refuses "panic, nothing typed" 3 'not confirmed: nothing was done' '' --panic escalate
refuses "panic, another word" 3 'not confirmed: nothing was done' yes --panic off
refuses "panic, no policy" 2 '--panic needs a policy: off, busmaster, escalate or reset (see: hardware-report --help)' panic --panic
refuses "panic, bad policy" 2 "bad policy 'now': must be off, busmaster, escalate or reset (see: hardware-report --help)" panic --panic now
FAKE_UID=1000 refuses "panic, not root" 3 'not root: plan, dry-run and dumps can only be read by root' panic --panic off
echo 0 >machine/sys/kernel/kexec_crash_loaded
refuses "panic, no crash kernel" 3 'no crash kernel is loaded: there would be no dump (kdump-config load, or kexec -p)' panic --panic off
echo 1 >machine/sys/kernel/kexec_crash_loaded
mv machine/sys/kernel/kexec_pci_quiesce away
run panic --panic off
[ $rc = 3 ] && [ ! -s machine/proc/sysrq-trigger ] && grep -q 'the module is not loaded: modprobe kexec_pci_quiesce first' err
tap $? "panic, not loaded: exit 3, and nothing was done"
mv away machine/sys/kernel/kexec_pci_quiesce
run panic --panic busmaster
[ "$(cat machine/proc/sysrq-trigger)" = c ] && [ "$(cat machine/sys/kernel/kexec_pci_quiesce/policy)" = busmaster ] &&
	[ -s machine/synced ] && grep -q '^policy busmaster, ' machine/var/tmp/kexec-pci-quiesce/before
tap $? "panic, on the word: policy set, synced, triggered"
if [ -w /dev/full ]; then
	mkdir full
	tool tar <<<"exec /bin/tar \"\$@\" >/dev/full"
	run '' --out full
	[ $rc = 3 ] && grep -q 'full/.*: cannot be written: is the disk full?' err && [ -z "$(ls full)" ]
	tap $? "full disk: told, and no half archive is left"
fi
echo "1..$count"
