# SPDX-License-Identifier: GPL-2.0-only
"""Quiet is one thing, staying quiet another: the capture kernel's driver opens the gate.

Drivers call pci_set_master() before they reset their card. The frames that QEMU held back
at the gate then land in the rings of the dead kernel; unless kexec_pci_hold, loaded before,
has reset the card when its driver comes.
"""

from kpt import dumpdevice, expect

from .case import Case

CASES = []
RESET_CASES = []


def bound(*drivers):
    """Drivers come after this: something has to look out for them meanwhile."""
    paths = " ".join(f"/sys/bus/pci/drivers/{driver}/0*" for driver in drivers)
    return f"""
until [ "$(ls -d {paths} 2>/dev/null | wc -l)" = {len(drivers)} ]; do
	usleep 20000
done && say bound={len(drivers)} && say "hold=$(cat /sys/kernel/kexec_pci_hold/functions 2>/dev/null | tr '\\n' ' ')" &
"""


def with_drivers(*drivers, loads):
    return {"qemu": "11", "loads": loads, "capture_modules": drivers, "capture": bound(*drivers)}


BOTH = with_drivers("e1000e", "igb", loads=("nic", "igb"))


def quiet_at_first(result):
    """Inside, the canary looks before any driver is loaded."""
    return f"canary: {result['inside']}" if result["inside"] else ""


def only_nics(result):
    """The capture kernel's drivers write to its own memory only."""
    others = set(result["outside"]) - {"nic", "igb", "e1000"}
    return f"wrote after the jump: {others}, {result['outside-other']}" if others else ""


def drivers_bound(result):
    return "" if "bound" in result["said"] else "not all drivers bound in the capture kernel"


def held_functions(*states):
    """What became of those whose driver came, the disk of the dump aside."""

    def check(result):
        found = sorted(result["said"].get("hold", "").split()[1::2])
        missing = [state for state in states if state not in found]
        return f"hold: {found}, expected {states}" if missing else ""

    return check


CASES.append(
    Case(
        "nics: quiet under policy busmaster until the capture kernel's driver comes",
        BOTH,
        [expect.saved, expect.verdict("clean"), drivers_bound, quiet_at_first, expect.harm_by("nic", "igb"), only_nics],
        "policy=busmaster",
    )
)


def nothing_written(result):
    return str(result["outside"] or "")


CASES.append(
    Case(
        "nics: reset in the capture kernel before its driver comes",
        {**BOTH, "hold": True},
        [
            expect.saved,
            expect.verdict("clean"),
            drivers_bound,
            quiet_at_first,
            nothing_written,
            held_functions("reset", "reset-bus"),
        ],
        "policy=busmaster",
    )
)

# vmxnet3 has no FLR, and completion rings that only its driver knows; e1000 on the root bus, nothing at all.
for driver, states, only in (("vmxnet3", ("reset-bus",), []), ("e1000", ("not-reset",), [only_nics])):
    CASES.append(
        Case(
            f"{driver}: quiet until the capture kernel's driver comes",
            with_drivers(driver, loads=(driver,)),
            [expect.saved, expect.verdict("clean"), drivers_bound, quiet_at_first, expect.harm_by(driver), *only],
            "policy=escalate",
        )
    )
    CASES.append(
        Case(
            f"{driver}: reset in the capture kernel before its driver comes, if anything can",
            {**with_drivers(driver, loads=(driver,)), "hold": True},
            [expect.saved, expect.verdict("clean"), drivers_bound, quiet_at_first, held_functions(*states)]
            + ([nothing_written] if "not-reset" not in states else [expect.harm_by(driver), *only]),
            "policy=escalate",
        )
    )

# The device of the dump is held, too: it is reset before its driver, and works.
for device, load in (("virtio-blk below a port", "nic"), ("nvme", "nic"), ("ahci", "nic"), ("e1000e", "audio"), ("igb", "audio"), ("vmxnet3", "audio")):
    CASES.append(
        Case(
            f"kexec_pci_hold: the dump goes to {device}, which it has reset",
            {
                "qemu": "11",
                "loads": (load,),
                "dump_to": device,
                "modules": dumpdevice.ALL[device].modules,
                "hold": True,
                "capture_cmdline": "ignore_loglevel",
            },
            [expect.saved, expect.quiet(), expect.verdict("clean"), expect.console("kexec_pci_hold: .*reset before its driver probes")],
            "policy=busmaster",
        )
    )

CASES.append(
    Case(
        "kexec_pci_hold: loads in a crash kernel only",
        {
            "loads": ("nic",),
            "before_panic": "insmod /modules/kexec_pci_hold.ko 2>/dev/null && give_up 'it has loaded'\n"
            "say refused=$(dmesg | grep -c 'kexec_pci_hold: not loaded: this is no crash kernel')\n",  # insmod of busybox tries twice
        },
        [expect.saved, lambda r: "" if r["said"].get("refused", "0") != "0" else "it does not say why it has not loaded"],
    )
)

CASES.append(
    Case(
        "kexec_pci_hold: without a record it says so, and does nothing",
        {
            **with_drivers("e1000e", loads=("nic",)),
            "hold": True,
            "capture": "say why=$(dmesg | grep -c 'kexec_pci_hold: nothing is reset: the crashed kernel had no PCI quiesce')\n",
        },
        [
            expect.saved,
            expect.console("KPCIQ hold-failed"),
            lambda r: "" if r["said"].get("why", "0") != "0" else "it does not say why it has not loaded",
        ],
        None,
        only="module",
    )
)

RESET_CASES.append(
    Case(
        "nics: stay quiet under policy reset when the capture kernel's driver comes",
        BOTH,
        [expect.saved, expect.verdict("clean"), drivers_bound, quiet_at_first, nothing_written],
        "policy=reset deadline_ms=10000",
    )
)
