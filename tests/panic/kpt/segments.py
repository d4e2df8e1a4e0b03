# SPDX-License-Identifier: GPL-2.0-only
"""Large and many-segment topologies.

QEMU's x86 machines have one PCI segment. More can be had with guest RAM as ECAM:
an SSDT describes a host bridge whose _CBA points into RAM, "memmap=" takes that
RAM away from the kernel, and the harness fills it with config space beforehand.
Config space is then plain memory: it does nothing by itself, every write sticks,
and the harness can look at each register afterwards, from outside.
"""

import os
import struct
import subprocess

BUS_BYTES = 1 << 20
FUNCTION_BYTES = 1 << 12
COMMAND = 4
MASTER = 4

ASL = """
DefinitionBlock ("", "SSDT", 2, "KPCIQ", "SEGMENTS", 1)
{{
{devices}
}}
"""

# The memory windows of the host bridges are never used: the functions have no BARs.
# Since 6.2 an ECAM is used only if a motherboard device reserves it.
DEVICE = """
    Device (\\_SB.SEG{n})
    {{
        Name (_HID, EisaId ("PNP0A08"))
        Name (_CID, EisaId ("PNP0A03"))
        Name (_SEG, {n})
        Name (_BBN, 0)
        Name (_UID, {uid})
        Name (_CBA, 0x{base:x})
        Name (_CRS, ResourceTemplate ()
        {{
            WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode,
                0, 0, {last}, 0, {buses})
            DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                0, 0x{window:x}, 0x{window_end:x}, 0, 0x100000)
        }})
    }}
    Device (\\_SB.RSV{n})
    {{
        Name (_HID, EisaId ("PNP0C02"))
        Name (_UID, {uid})
        Name (_CRS, ResourceTemplate ()
        {{
            Memory32Fixed (ReadWrite, 0x{base:x}, 0x{size:x})
        }})
    }}
"""


def _header(vendor, device, class_code, header_type, port_type, buses=(0, 0, 0)):
    """Config space of one function: a header and a PCI Express capability."""
    config = bytearray(FUNCTION_BYTES)
    struct.pack_into("<HHHHI", config, 0, vendor, device, 3 | MASTER, 0x10, class_code << 8)
    config[0x0E] = header_type
    if header_type & 0x7F:
        config[0x18:0x1B] = bytes(buses)
        struct.pack_into("<HH", config, 0x20, 0xFFF0, 0)  # memory window closed
        struct.pack_into("<HH", config, 0x24, 0xFFF1, 1)
        config[0x1C:0x1E] = b"\xf0\x00"
    config[0x34] = 0x40
    struct.pack_into("<BBH", config, 0x40, 0x10, 0, port_type << 4 | 2)
    return config


class Segment:
    """A root bus with ports, and below each port the functions of one device."""

    def __init__(self, number, base, ports, endpoints):
        self.number = number
        self.base = base
        self.ports = ports
        self.endpoints = endpoints  # per port, at most 8
        self.buses = ports + 1

    def functions(self):
        return self.ports * (1 + self.endpoints)

    def fill(self, memory):
        """Write config space: all ones where nothing is."""
        memory.seek(self.base)
        memory.write(b"\xff" * (self.buses * BUS_BYTES))
        for port in range(self.ports):
            bus = port + 1
            self._put(memory, 0, port, _header(0x1B36, 0x000C, 0x060400, 0x81, 4, (0, bus, bus)))
            for function in range(self.endpoints):
                self._put(memory, bus, function, _header(0x1234, 0x11E8, 0x00FF00, 0x80, 0))

    def _put(self, memory, bus, devfn, config):
        memory.seek(self.base + bus * BUS_BYTES + devfn * FUNCTION_BYTES)
        memory.write(config)

    def mastering(self, ram):
        """How many endpoints have bus mastering on: looked up in guest RAM."""
        return sum(
            ram.word(self.base + (port + 1) * BUS_BYTES + function * FUNCTION_BYTES + COMMAND, 2) & MASTER != 0
            for port in range(self.ports)
            for function in range(self.endpoints)
        )

    def cmdline(self):
        return f"memmap={self.buses}M$0x{self.base:x}"


def make(count, base, ports, endpoints):
    """Segments 1 to count, one after the other in RAM."""
    size = (ports + 1) * BUS_BYTES
    return [Segment(n + 1, base + n * size, ports, endpoints) for n in range(count)]


def acpi_table(segments, directory):
    """Compile the SSDT; returns the QEMU arguments."""
    devices = "".join(
        DEVICE.format(
            n=s.number, uid=s.number + 16, base=s.base, last=s.buses - 1, buses=s.buses, size=s.buses * BUS_BYTES,
            window=0xF0000000 + s.number * 0x100000, window_end=0xF00FFFFF + s.number * 0x100000,
        )  # fmt: skip
        for s in segments
    )
    source = os.path.join(directory, "segments.asl")
    with open(source, "w", encoding="ascii") as f:
        f.write(ASL.format(devices=devices))
    subprocess.run(["iasl", "-va", "-p", source[:-4], source], check=True, capture_output=True)
    return ["-acpitable", f"file={source[:-4]}.aml"]


def real_functions(ports, switches):
    """QEMU arguments for real functions: each port has 4 edu, or a switch with 4 ports of 2."""
    arguments = []
    chassis = 0

    def add(text):
        arguments.extend(["-device", text])

    def multi(function):
        return ",multifunction=on" if function == 0 else ""

    def root(bus, first_slot):
        nonlocal chassis
        for i in range(ports + switches):
            chassis += 1
            port = f"{bus.replace('.', '')}-{i}"
            add(f"pcie-root-port,id={port},bus={bus},addr={first_slot + i // 8:x}.{i % 8},chassis={chassis},io-reserve=0{multi(i % 8)}")
            if i < ports:
                for e in range(4):
                    add(f"edu,bus={port},addr=0.{e}{multi(e)}")
                continue
            add(f"x3130-upstream,id=up-{port},bus={port}")
            for d in range(4):
                chassis += 1
                add(f"xio3130-downstream,id=down-{port}-{d},bus=up-{port},addr={d}.0,chassis={chassis}")
                for e in range(2):
                    add(f"edu,bus=down-{port}-{d},addr=0.{e}{multi(e)}")

    root("pcie.0", 2)
    add("pxb-pcie,id=pxb,bus=pcie.0,bus_nr=128,addr=10.0")
    root("pxb", 0)
    return arguments


def links(number, slot=2):
    """QEMU arguments for that many root ports, from a slot of bus 0, with one endpoint each: one with power management, or Linux would not
    wait for it; 5 GT/s, or it would wait for Link Active, which these ports never report."""
    arguments = []
    for i in range(number):
        multi = ",multifunction=on" if i % 8 == 0 and number > 1 else ""
        port = f"pcie-root-port,id=link{i},bus=pcie.0,addr={slot + i // 8:x}.{i % 8},chassis={8 * slot + i},io-reserve=0,x-speed=5{multi}"
        arguments += ["-device", port, "-device", f"virtio-rng-pci,bus=link{i}"]
    return arguments
