# SPDX-License-Identifier: GPL-2.0-only
"""A machine that is made up, as lspci prints it."""

MASTER, MEMORY = 0x0004, 0x0002
EXPRESS, AF, MSI = 0x10, 0x13, 0x05
ENDPOINT, ROOT_PORT, INTEGRATED = 0, 4, 9


def function(vendor, device, klass, command=MASTER | MEMORY, header=0, caps=(), ext=(), size=4096, pin=1, buses=(0, 0, 0)):
    """Config space: caps are (ID, bytes from offset 2 on), ext are (ID, bytes from offset 4 on)."""
    config = bytearray(size)

    def put(at, value, size):
        config[at : at + size] = value.to_bytes(size, "little")

    put(0x00, vendor | device << 16, 4)
    put(0x04, command, 2)
    put(0x06, 0x0010 if caps else 0, 2)
    put(0x08, klass << 8, 4)
    put(0x0E, header, 1)
    if header == 1:
        put(0x18, buses[0] | buses[1] << 8 | buses[2] << 16, 4)
    else:
        put(0x10, 0xF7D00000, 4)
    put(0x3D, pin, 1)
    link, at = 0x34, 0x40
    for number, content in caps:
        put(link, at, 1)
        put(at, number, 1)
        config[at + 2 : at + 2 + len(content)] = content
        link, at = at + 1, at + (2 + len(content) + 3) // 4 * 4
    at = 0x100
    for i, (number, content) in enumerate(ext):
        following = at + (4 + len(content) + 3) // 4 * 4
        put(at, number | 1 << 16 | (following if i + 1 < len(ext) else 0) << 20, 4)
        config[at + 4 : at + 4 + len(content)] = content
        at = following
    return bytes(config)


def express(kind, flr=False):
    """PCI Express capability, version 2: flags, then Device Capabilities (PCIe r6.0, sec 7.5.3)."""
    return EXPRESS, (2 | kind << 4).to_bytes(2, "little") + ((1 << 28) if flr else 0).to_bytes(4, "little") + bytes(0x36)


def sriov(vfs, first, stride, device):
    """Control with VF Enable, and where the VFs are (PCIe r6.0, sec 9.3.3)."""
    return 0x10, bytes(4) + (1).to_bytes(4, "little") + bytes(8 - 4) + b"".join(
        n.to_bytes(2, "little") for n in (vfs, 0, first, stride, 0, device)
    ) + bytes(0x20)  # fmt: skip


AF_FLR = AF, bytes((6, 3, 0, 0))
PORT = dict(header=1, caps=[express(ROOT_PORT)], pin=1)
MACHINE = {
    "0000:00:00.0": function(0x8086, 0x0150, 0x060000, size=256),
    "0000:00:02.0": function(0x8086, 0x0152, 0x030000, size=256, caps=[AF_FLR]),
    "0000:00:19.0": function(0x8086, 0x1503, 0x020000, size=256, caps=[AF_FLR]),
    "0000:00:1a.0": function(0x8086, 0x1E2D, 0x0C0320, size=256, caps=[AF_FLR]),
    "0000:00:1b.0": function(0x8086, 0x1E20, 0x040300, caps=[express(INTEGRATED, flr=True)]),
    "0000:00:1c.0": function(0x8086, 0x1E10, 0x060400, buses=(0, 1, 1), **PORT),
    "0000:00:1c.4": function(0x8086, 0x1E18, 0x060400, buses=(0, 2, 2), **PORT),
    "0000:00:1c.6": function(0x8086, 0x1E1C, 0x060400, buses=(0, 3, 3), **PORT),
    "0000:00:1f.2": function(0x8086, 0x1E02, 0x010601, size=256),
    "0000:00:1f.3": function(0x8086, 0x1E22, 0x0C0500, command=0x0001, size=256),
    "0000:01:00.0": function(0x8086, 0x10C9, 0x020000, caps=[express(ENDPOINT, flr=True)], ext=[sriov(2, 0x80, 2, 0x10CA)]),
    "0000:01:10.0": function(0xFFFF, 0xFFFF, 0x020000, command=MASTER, caps=[express(ENDPOINT, flr=True)], pin=0),
    "0000:01:10.2": function(0xFFFF, 0xFFFF, 0x020000, command=MASTER, caps=[express(ENDPOINT, flr=True)], pin=0),
    "0000:02:00.0": function(0x10DE, 0x1B06, 0x030000, caps=[express(ENDPOINT)]),
    "0000:02:00.1": function(0x10DE, 0x10EF, 0x040300, caps=[express(ENDPOINT)]),
    "0000:03:00.0": bytes([0xFF]) * 4096,
}


def text(machine, name="Device"):
    """As lspci -xxxx prints it."""
    out = []
    for address, config in machine.items():
        out.append(f"{address} {name}")
        out += [f"{at:02x}: " + " ".join(f"{byte:02x}" for byte in config[at : at + 16]) for at in range(0, len(config), 16)]
        out.append("")
    return "\n".join(out) + "\n"
