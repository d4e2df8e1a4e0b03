# SPDX-License-Identifier: GPL-2.0-only
"""Interrupts of ports, in a capture kernel that has no driver for them.

A hotplug event comes in a capture kernel with "pcie_ports=compat pci=nomsi", and a driver enables the device below
the port, and with it the port: pci_enable_device() clears INTx Disable. If the port's hotplug interrupt is still
enabled, it asserts its pin, which it shares with the disk of the dump, and no handler is there.

That far this emulator shows it: Interrupt Status of the port. It takes the level back when INTx Disable is cleared,
so nothing is seen of the storm that a machine would have.
"""

from kpt import expect

from .case import Case

CASES = []

PORT = (
    "-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off",
    "-device", "pcie-root-port,id=shared-port,chassis=91,addr=08.0",
    "-netdev", "user,id=shared-net,restrict=on",
    "-device", "e1000e,id=shared-nic,bus=shared-port,netdev=shared-net",
)  # fmt: skip
# Status, after the attention button of the slot was pressed.
CAPTURE = """wait_host button
say port-status=$(hexdump -s 6 -n 2 -e '"%04x"' /sys/bus/pci/devices/0000:00:08.0/config)
"""
ASSERTED = "port-status=...[89a-f]"  # Interrupt Status


def shared(name, checks, parameters):
    CASES.append(
        Case(
            f"hotplug event on an interrupt shared with the dump's disk, no port driver: {name}",
            {
                "devices": PORT,
                "modules": ("e1000e",),
                "dump_to": "virtio-blk in slot 12",
                "capture_modules": ("e1000e",),
                "capture_cmdline": "pcie_ports=compat pci=nomsi",
                "irqpoll": False,
                "hooks": {"button": lambda machine: machine.hmp("device_del shared-nic")},
                "capture": CAPTURE,
            },
            [expect.saved, expect.console(r"irq \d+: nobody cared", there=False), *checks],
            parameters,
        )
    )


shared("the port asserts its pin without the module", [expect.console(ASSERTED)], None)
shared("nobody has to care", [expect.verdict("clean"), expect.console(ASSERTED, there=False)], "")
