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
tool lspci <<-END
	case "\$*" in
	-vvnn)
		echo '00:05.0 Ethernet controller'
		echo '	Capabilities: [140 v1] Device Serial Number 52-54-00-ff-ff-12-34-56'
		echo '			[SN] Serial number: X1234'
		echo '			[V1] Vendor specific: 525400123456'
		;;
	'-D -nn -xxxx') cat '$tmp/lspci' ;;
	esac
END
# What lspci prints, and what is to be left of it: made up, every byte.
python3 - <<-'END' || exit 1
	import random

	made = random.Random(1)
	before, after = [], []


	def text(address, config):
	    lines = [f"{address} Ethernet controller [0200]: Example Corp. [1234:5678]"]
	    lines += [f"{at:02x}: " + " ".join(f"{byte:02x}" for byte in config[at : at + 16]) for at in range(0, len(config), 16)]
	    return "\n".join(lines) + "\n\n"


	def function(address, size, first, capabilities, extended, gone, header=0, status=0x10):
	    """Capabilities are (offset, bytes); what is gone, (offset, how many)."""
	    config = bytearray(made.randrange(1, 255) for _ in range(size))
	    config[0x06], config[0x0e], config[0x14 if header == 2 else 0x34] = status, header, first
	    for at, content in capabilities + extended:
	        config[at : at + len(content)] = content
	    before.append(text(address, config))
	    for at, length in gone:
	        config[at : at + length] = bytes(length)
	    after.append(text(address, config))


	def ext(at, number, following, *content):
	    return at, (number | 1 << 16 | following << 20).to_bytes(4, "little") + b"".join(n.to_bytes(4, "little") for n in content)


	AER, DSN, SRIOV, VSEC, DVSEC = 0x01, 0x03, 0x10, 0x0b, 0x23
	VPD, VENDOR, PM, EXPRESS = 3, 9, 1, 0x10
	function("0000:00:05.0", 4096, 0x40,
	         [(0x40, [PM, 0x50]), (0x50, [VPD, 0x60]), (0x60, [VENDOR, 0x70, 0x0d]), (0x70, [EXPRESS, 0])],
	         [ext(0x100, AER, 0x140), ext(0x140, DSN, 0x150), ext(0x150, SRIOV, 0x200), ext(0x200, VSEC, 0x240, 0x018 << 20 | 7),
	          ext(0x240, DVSEC, 0x280, 0x038 << 20 | 0x1e98, 0), ext(0x280, DVSEC, 0, 0x018 << 20 | 0x8086, 5)],
	         [(0x52, 6), (0x63, 10), (0x144, 8), (0x208, 16), (0x28a, 14)])
	# Lists that are circles, and two low bits that do not count.
	function("0000:00:06.0", 4096, 0x43, [(0x40, [VPD, 0x83]), (0x80, [PM, 0x41])],
	         [ext(0x100, DSN, 0x300), ext(0x300, AER, 0x100)], [(0x42, 6), (0x104, 8)])
	# A list that leaves what is there, and a serial number cut off.
	function("0000:00:06.1", 4096, 0xfc, [(0xfc, [VPD, 0x10])],
	         [ext(0x100, AER, 0xff8), ext(0xff8, DSN, 0x010)], [(0xfe, 2), (0xffc, 4)])
	# Lengths that reach into another capability, and out of what is there.
	function("0000:00:07.0", 256, 0x40, [(0x40, [VENDOR, 0xe0, 0xff]), (0xe0, [VENDOR, 0, 0xff])], [], [(0x43, 0x9d), (0xe3, 0x1d)])
	# A length less than that of its header, and a capability at 40h that no list leads to.
	function("0000:00:07.1", 4096, 0xa0, [(0x40, [VPD, 0xa0]), (0xa0, [VENDOR, 0, 2])], [ext(0x100, VSEC, 0, 4 << 20)], [])
	function("0000:00:08.0", 256, 0x40, [(0x40, [VPD, 0])], [], [], status=0)
	function("0000:00:09.0", 256, 0x48, [(0x48, [VPD, 0])], [], [(0x4a, 6)], header=2)
	function("0000:00:09.1", 64, 0x40, [], [], [])
	function("10000:e0:06.0", 4096, 0x40, [(0x40, [PM, 0])], [ext(0x100, 0, 0x200), ext(0x200, DSN, 0)], [(0x204, 8)], header=1)
	for address, size in (("0000:00:0a.0", 4096), ("0000:00:0a.1", 64)):
	    for texts in (before, after):
	        texts.append(text(address, b"\xff" * size))
	for name, texts in (("lspci", before), ("cleaned", after)):
	    with open(name, "w", encoding="ascii") as f:
	        f.write("".join(texts))
END
# One function that is awake, and one that is not.
for state in 'D0 active' 'D3cold suspended'; do
	function=machine/sys/bus/pci/devices/0000:00:${state%% *}
	mkdir -p "$function/power"
	echo "${state% *}" >"$function/power_state"
	echo "${state#* }" >"$function/power/runtime_status"
	head -c 256 "$program" >"$function/config"
done
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
grep -q '00:05.0' got/lspci && ! grep -rqE '52-?54|X1234|secret|somebody' got
tap $? "no serial numbers, and no other log"

diff cleaned got/config-space >>out
tap $? "config space without serial numbers, VPD and what only vendors know; all else as it was"
grep -qE '^0000:00:D0 000( -?[0-9]+){6}$' got/config-time && grep -qx '0000:00:D3cold skipped D3cold suspended' got/config-time
tap $? "config reads are timed where nothing sleeps"
if command -v busybox >/dev/null; then
	tool awk <<<'exec busybox awk "$@"'
	run ''
	unpack && diff cleaned got/config-space >>out
	tap $? "config space: the same with busybox"
	rm bin/awk
fi
echo 'echo "lspci: cannot open" >&2; exit 1' >>bin/lspci
run ''
[ $rc = 1 ] && [ "$(cat err)" = 'hardware-report: could not collect: config-space; the archive says why' ] && unpack &&
	grep -q 'cannot open' got/config-space.err
tap $? "lspci without hex is named"
sed -i '$d' bin/lspci

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
