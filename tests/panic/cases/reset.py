# SPDX-License-Identifier: GPL-2.0-only
"""Links are reset, and the capture kernel finds every device as it was.

QEMU models the reset at the write that sets Secondary Bus Reset, without links that
train or devices that take their time: those are in tests/fabric only.
"""

import re

from kpt import dumpdevice, expect

from .case import Case

CASES = []

# Time for the resets also where the host has little for QEMU.
PARAMETERS = "policy=reset deadline_ms=10000"

# What the stock drivers and the console say in the capture kernel, and must not.
TROUBLE = r"can't claim|no space for|failed to assign|BAR \d+: error|Device not responding|timed out"


def outcome(class_code, wanted):
    """What is below a port and of this class has this outcome."""

    def check(record):
        found = [f for f in record["functions"] if f["class"] == class_code and "root-bus" not in f["flags"]]
        return found and all(f["outcome"] == wanted and not f["reason"] for f in found)

    return expect.record(f"{class_code} is {wanted}", check)


def as_before(result):
    """Config space is as before, but for what was reset: bus mastering off, ports too, and MSIs to be set up anew."""
    was_reset = {f["address"][5:] for f in result["record"]["functions"] if f["outcome"] == "reset"}
    explained = re.compile(r"(\S+) (0x004: 0[0-9a-f](.)[67] -> 0[0-9a-f]\3[23]|.* MSI)$")
    matches = [(text, explained.match(text)) for text in result["config-unexpected"]]
    return "; ".join(text for text, match in matches if not match or match[1] not in was_reset)


def one_after_another(result):
    """Each bridge whose link was reset says so, and none was reset that is below another."""
    record = result["record"]
    asserted = [f for f in record["functions"] if "assert" in f["done"]]
    both = [f["address"] for f in asserted if "reset" in f["done"]]
    if both:
        return f"reset twice, by their own port and one above: {both}"
    return "" if len(asserted) == record["links_reset"] > 0 else "no link was reset"


for device, class_code, load in (
    ("virtio-blk below a port", "010000", "nic"),
    ("nvme", "010802", "nic"),
    ("ahci", "010601", "nic"),
    ("e1000e", "020000", "audio"),
):
    CASES.append(
        Case(
            f"{device} was reset, and its stock driver writes the dump",
            {"loads": (load,), "dump_to": device, "compare_config": True, "modules": dumpdevice.ALL[device].modules},
            [
                expect.saved,
                expect.quiet(),
                expect.verdict("clean"),
                outcome(class_code, "reset"),
                as_before,
                one_after_another,
                expect.console(TROUBLE, there=False),
            ],
            PARAMETERS,
        )
    )

# With hotplug Linux's own, the events that the reset makes would have pciehp remove the device.
CASES.append(
    Case(
        "slot with native hotplug was reset, and pciehp leaves the dump device alone",
        {
            "dump_to": "nvme",
            "modules": ("nvme",),
            "devices": ("-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off"),
            "capture": "grep -H . /sys/bus/pci/slots/*/power\n",
        },
        [
            expect.saved,
            expect.verdict("clean"),
            outcome("010802", "reset"),
            expect.record(
                "the port of a slot was asserted",
                lambda r: any("assert" in f["done"] for f in r["functions"]),
            ),
            expect.console(r"slots/.*power:1"),
            expect.console(r"pciehp.*(Link Down|Card not present)", there=False),
        ],
        PARAMETERS,
    )
)
