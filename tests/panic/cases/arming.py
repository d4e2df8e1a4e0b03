# SPDX-License-Identifier: GPL-2.0-only
"""Loading, refusing, parameters, unloading, and what is none of our business."""

import threading

from kpt import expect

from .case import Case

CASES = []

SYSFS = "/sys/kernel/kexec_pci_quiesce"

# "refused WHAT [PARAMETER...]": the module must not load, and the reason goes to the console.
REFUSED = """
refused() {
	what=$1; shift
	dmesg -c >/dev/null
	if insmod /modules/kexec_pci_quiesce.ko "$@" 2>/tmp/error; then
		rmmod kexec_pci_quiesce
		say "loaded=$what"
	fi
	dmesg | grep -q 'WARNING:' && say "warned=$what: $(dmesg | grep -m 1 'WARNING:')"
	say "refused $what: $(cat /tmp/error | sed 's/.*: //'): $(dmesg | grep -v taint | sed -n 's/.*kexec_pci_quiesce: //p' | sort -u | head -n 1)"
}
"""


def refusals(name, script, wanted, **setup):
    """No panic: the guest tries, the console tells."""
    checks = [expect.no_jump, expect.console("KPCIQ loaded=", there=False), expect.console("KPCIQ warned=", there=False)]
    checks += [expect.console(text) for text in wanted]
    CASES.append(Case(name, {"start": REFUSED + script, "panic": "true\n", **setup}, checks, None, "module"))


refusals(
    "without a crash kernel: refused",
    "refused nocrash\n",
    ["refused nocrash: Resource temporarily unavailable: not armed: no crash kernel is loaded: .*kexec -p"],
    kdump=False,
)
refusals(
    "malformed parameters: refused, the token named",
    "refused policy policy=bus\nrefused zero deadline_ms=0\nrefused long deadline_ms=10001\n"
    "refused word deadline_ms=soon\nrefused exclude exclude=0000:00:1f.2,foo\nrefused noreset noreset=class=03\nrefused reset reset=all\n",
    [
        'refused policy: Invalid argument: policy=: "bus" is none of',
        'refused zero: Invalid argument: deadline_ms=: "0" is not from 1 to 10000',
        'refused long: Invalid argument: deadline_ms=: "10001"',
        "refused word: Invalid argument: `soon' invalid for parameter `deadline_ms'",
        'refused exclude: Invalid argument: exclude=: "foo" is none of',
        'refused noreset: Invalid argument: noreset=: "class=03" is none of',
        'refused reset: Invalid argument: reset=: "all" is none of',
    ],
)
refusals(
    "ftrace off, Hyper-V, Xen: refused",
    "sysctl -q -w kernel.ftrace_enabled=0\nrefused ftrace\nsysctl -q -w kernel.ftrace_enabled=1\n"
    "arm xen\nrefused xen\narm xen off\narm hyperv\nrefused hyperv\n",
    [
        "refused ftrace: .*: not armed: cannot hook machine_kexec .*ftrace_enabled=1",
        "refused xen: Operation not supported: not armed: in a Xen guest",
        "refused hyperv: Operation not supported: not armed: in a Hyper-V guest",
    ],
)

# Its last word to the hypervisor is said before machine_kexec().
refusals(
    "SEV-SNP: refused where no config access works in a crash",
    "arm snp\nrefused snp\n",
    ["refused snp: Operation not supported: not armed: in an SEV-SNP guest of this kernel"],
)
CASES[-1].since = "7.2"

CASES.append(
    Case(
        "no probe in the crash path",
        {
            "before_panic": "say \"blacklisted=$(grep -c 'pciq_run\\|pciq_on_machine_kexec\\|pciq_arch_read' /sys/kernel/debug/kprobes/blacklist)\"\n",
        },
        [
            expect.saved,
            lambda r: "" if int(r["said"].get("blacklisted", 0)) >= 3 else f"kprobes may be set: {r['said'].get('blacklisted')}",
        ],
        only="module",
    )
)

CASES.append(
    Case(
        "unloaded while armed: as if it had never been there",
        {
            "loads": ("audio",),
            "before_panic": "for _ in 1 2 3; do rmmod kexec_pci_quiesce || give_up rmmod; quiesce; done\n"
            "rmmod kexec_pci_quiesce\n[ ! -e /sys/kernel/kexec_pci_quiesce ] || give_up sysfs\n"
            "dmesg | grep -E 'BUG|WARNING|Call Trace' && give_up dmesg\n",
        },
        [expect.saved, expect.harm_by("audio"), expect.verdict(None)],
        only="module",
    )
)

# machine_kexec() goes on calling our hook: were its text freed, the jump would be lost.
CASES.append(
    Case(
        "unloaded when ftrace has given up: stays, and still quiets",
        {
            "loads": ("nic", "audio"),
            "before_panic": "arm ftrace-killed\nrmmod kexec_pci_quiesce &\n"
            "until dmesg | grep -q 'cannot unhook' || [ ! -e /sys/module/kexec_pci_quiesce ]; do usleep 50000; done\n"
            "sleep 1\nsay \"rmmod=$(cut -d' ' -f3 /proc/$!/stat)\"\n",
        },
        [
            expect.saved,
            expect.quiet(),
            expect.verdict("clean"),
            lambda r: "" if r["said"].get("rmmod") == "I" else f"rmmod does not sleep idle: {r['said'].get('rmmod')}",
            expect.console("cannot unhook machine_kexec .*: reboot"),
        ],
        only="module",
    )
)

CASES.append(
    Case(
        "sysfs: armed, policy off and on again",
        {
            "start": f"state() {{ say \"$1=$(cat {SYSFS}/armed) $(cat {SYSFS}/policy)\"; }}\n",
            "before_panic": f"state first\necho bogus >{SYSFS}/policy && give_up bogus\n"
            f"state kept\nfor policy in busmaster reset; do echo $policy >{SYSFS}/policy; state $policy; done\necho off >{SYSFS}/policy\nstate off\n[ ! -e /sys/module/kexec_pci_quiesce/initstate ] || ! sysctl -q -w kernel.ftrace_enabled=0 || give_up ftrace\n",
        },
        [
            expect.saved,
            expect.verdict(None),
            lambda r: "; ".join(
                f"{k}: {r['said'].get(k)}"
                for k, wanted in {"first": "1 escalate", "kept": "1 escalate", "busmaster": "1 busmaster", "reset": "1 reset", "off": "0 off"}.items()
                if r["said"].get(k) != wanted
            ),
        ],
    )
)

CASES.append(
    Case(
        "excluded function is not touched, and the verdict is not clean",
        {"loads": ("audio", "nic")},
        [
            expect.saved,
            expect.harm_by("audio"),
            expect.verdict("partial"),
            lambda r: "the nic wrote, too" if r["outside"].get("nic") else "",
            expect.record(
                "audio excluded by the user, never read",
                lambda r: any(f["class"] == "040300" and f["reason"] == "user" and f["command_before"] is None for f in r["functions"]),
            ),
        ],
        "exclude=class=0403",
    )
)

CASES.append(
    Case(
        "deadline of 1 ms: it jumps, and does not say clean unless it was",
        {"loads": ("nic", "audio")},
        [
            expect.saved,
            lambda r: "" if r["record"]["verdict"] in ("skipped", "partial", "contained", "clean") else r["record"]["verdict"],
            lambda r: "clean, but it is not" if r["record"]["verdict"] == "clean" and (r["outside"] or r["mastering"]) else "",
        ],
        "deadline_ms=1",
    )
)

# A normal kexec is none of our business: the second kernel finds every Command
# and Bridge Control register as it finds them without us.
NORMAL_KEXEC = {"normal_kexec": True, "panic": "kexec -e\n"}
REGISTERS = threading.Event(), []


def registers(result):
    return sorted(line for line in result["console"] if line.startswith("KPCIQ register "))


def remember_registers(result):
    REGISTERS[1].extend(registers(result))
    REGISTERS[0].set()
    return "" if REGISTERS[1] else "no registers printed"


def same_registers(result):
    if not REGISTERS[0].wait(300):
        return "the run without the module has not ended"
    differ = set(REGISTERS[1]) ^ set(registers(result))
    return f"registers differ: {sorted(differ)}" if differ else ""


for what, check, parameters in (("without", remember_registers, None), ("with", same_registers, "")):
    CASES.append(
        Case(
            f"kexec -e {what} the module",
            NORMAL_KEXEC,
            [expect.no_jump, expect.console("second kernel up"), check, expect.console("note KEXEC_PCI_QUIESCE", there=False)],
            parameters,
        )
    )

CASES.append(
    Case(
        "the command: status, plan and dry-run when armed, report on /proc/vmcore",
        {
            "tool_in_first": True,
            "tool_in_capture": True,
            "loads": ("nic",),
            "before_panic": "kexec-quiesce status && say status=good\nkexec-quiesce plan --tree && say plan=good\n"
            "kexec-quiesce dry-run && say dry=good\nkexec-quiesce status --json\n",
        },
        [
            expect.saved,
            lambda r: "" if all(r["said"].get(k) == "good" for k in ("status", "plan", "dry")) else str(r["said"]),
            expect.console("KPCIQ report: Verdict: +clean"),
            expect.quiet(),
            expect.verdict("clean"),
        ],
    )
)
