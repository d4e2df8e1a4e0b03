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
