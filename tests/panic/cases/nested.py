# SPDX-License-Identifier: GPL-2.0-only
"""Interrupted inside the routine by what does not come from the code itself.

kexec-quiesce-inject diverts a step to a loop that says over the serial port that it
is there; then the harness does its part. Faults of the code: see survival.py.
"""

from kpt import expect, machine

from .case import Case

CASES = []


def was_inside(result):
    times = sum("KPCIQ inside=" in line for line in result["console"])
    return "" if times == 1 else f"inside {times} times instead of once"


def error_was_reported(result):
    """To the root port, between the panic and the jump."""
    before, after = result["errors-reported"]
    return "" if after and not before else f"error reported to {after}, before the panic to {before}"


def interrupted(name, fault, lines, checks, parameters="", **setup):
    CASES.append(
        Case(
            name,
            {
                "loads": ("nic", "audio"),
                "panic": f"arm {fault}\ncrash process\n",
                "hooks": {"panic": lambda run: run.when_inside(*lines)},
                **setup,
            },
            [expect.saved, was_inside, *checks],
            parameters=parameters,
        )
    )


interrupted(
    "machine check inside the routine",
    "spin at=disable",
    [machine.MACHINE_CHECK],
    [expect.verdict("aborted"), expect.console("Kernel panic .*[Mm]achine check")],
    # Where a machine check is handled printk() only stores: the console never gets it.
    capture="makedumpfile --dump-dmesg /proc/vmcore /tmp/log >/dev/null\ngrep -h 'Kernel panic' /tmp/log\n",
)
# After another fault these steps would be begun again; no CPU survives a second machine check.
for what, step in (("while what was reset is configured", "ready"), ("while error reporting is restored", "undo")):
    interrupted(
        f"machine check {what}",
        f"spin at={step}",
        [machine.MACHINE_CHECK],
        [expect.verdict("aborted"), expect.quiet()],
        parameters="policy=reset",
    )
interrupted(
    "panic in NMI inside the routine",
    "nmipanic at=ports",
    ["nmi"],
    [expect.verdict("aborted"), expect.quiet(), expect.console("Kernel panic .*pciq_inject: panic in NMI")],
    capture="makedumpfile --dump-dmesg /proc/vmcore /tmp/log >/dev/null\ngrep -h 'Kernel panic' /tmp/log\n",
)
# crash_nmi_callback() answers: the panic that unknown_nmi_panic asks for does not happen.
interrupted("NMI inside the routine: it goes on", "wait at=ports", ["nmi"], [expect.verdict("clean"), expect.quiet()])
# An error of a device whose bus mastering was just disabled, seen by the port above. Reporting is on, up to the root
# complex: platforms make an NMI of that. This emulator does not, so it comes from the monitor.
interrupted(
    "NMI for an error of what was stopped, reporting left on: it goes on",
    "wait at=ports",
    ["pcie_aer_inject_error nic-down POISON_TLP", "nmi"],
    [
        expect.verdict("clean"),
        expect.quiet(),
        error_was_reported,
        expect.record(
            "error reporting was left as it was",
            lambda r: not any({"mask", "unmask"} & set(f["done"]) for f in r["functions"]),
        ),
    ],
    # SERR# Enable in Command and Bridge Control.
    before_panic="set_byte() { printf \"$3\" | dd of=$1/config bs=1 seek=$2 conv=notrunc 2>/dev/null; }\n"
    "for bridge in $(cd /sys/bus/pci/devices; grep -l 0x0604 */class); do bridge=/sys/bus/pci/devices/${bridge%/class}\n"
    "set_byte $bridge 5 '\\005'\n"
    "set_byte $bridge 62 '\\002'\n"
    "done\n",
    compare_config=True,
)
