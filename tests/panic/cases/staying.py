# SPDX-License-Identifier: GPL-2.0-only
"""Quiet is one thing, staying quiet another: the capture kernel's driver opens the gate.

e1000e and igb call pci_set_master() before they reset their card. The frames that QEMU
held back at the gate then land in the rings of the dead kernel.
"""

from kpt import expect

from .case import Case

CASES = []
RESET_CASES = []

# Drivers come after this: something has to look out for them meanwhile.
BOUND = """
until [ "$(ls -d /sys/bus/pci/drivers/e1000e/0* /sys/bus/pci/drivers/igb/0* 2>/dev/null | wc -l)" = 2 ]; do
	usleep 20000
done && say bound=2 &
"""
BOTH = {"qemu": "11", "loads": ("nic", "igb"), "capture_modules": ("e1000e", "igb"), "capture": BOUND}


def quiet_at_first(result):
    """Inside, the canary looks before any driver is loaded."""
    return f"canary: {result['inside']}" if result["inside"] else ""


def only_nics(result):
    """The capture kernel's drivers write to its own memory only."""
    others = set(result["outside"]) - {"nic", "igb"}
    return f"wrote after the jump: {others}, {result['outside-other']}" if others else ""


def drivers_bound(result):
    return "" if result["said"].get("bound") == "2" else "not both drivers bound in the capture kernel"


CASES.append(
    Case(
        "nics: quiet under policy busmaster until the capture kernel's driver comes",
        BOTH,
        [expect.saved, expect.verdict("clean"), drivers_bound, quiet_at_first, expect.harm_by("nic", "igb"), only_nics],
        "policy=busmaster",
    )
)

RESET_CASES.append(
    Case(
        "nics: stay quiet under policy reset when the capture kernel's driver comes",
        BOTH,
        [expect.saved, expect.verdict("clean"), drivers_bound, quiet_at_first, lambda r: str(r["outside"] or "")],
        "policy=reset deadline_ms=10000",
    )
)
