# SPDX-License-Identifier: GPL-2.0-only
"""What became of config space, read from outside before the panic and at the jump.

After the routine, config space is as before except for the bits that it is meant
to change: whatever was masked on the way has been given back.
"""

import struct

# Offsets of 16-bit words, and the bits that may differ.
COMMAND, BME_INTX, INTX = 0x04, 0x0404, 0x0400
PCIE, AER, MSI, MSIX = 0x10, 0x0001, 0x05, 0x11
ANY = 0xFFFF
PORT_HEADER = {0x06: ANY, 0x1E: ANY}  # Status, Secondary Status
PORT_MESSAGES = {MSI: 0x0001, MSIX: 0x8000}  # Enable, of the word after the ID
PORT_PCIE = {0x0A: ANY, 0x10: 0x0C00, 0x12: ANY, 0x18: 0x0020, 0x1A: ANY, 0x1C: 0x0008, 0x20: ANY, 0x22: ANY}  # LBMIE, LABIE, HPIE, PMEIE, statuses
PORT_AER = {0x04: ANY, 0x06: ANY, 0x10: ANY, 0x2C: 0x0007, 0x30: ANY, 0x32: ANY, 0x34: ANY, 0x36: ANY}  # Root Command, statuses


def word(space, offset):
    return struct.unpack_from("<H", space, offset)[0]


def class_of(space):
    return word(space, 0x0A)


def is_port(space):
    return class_of(space) == 0x0604 and space[0x0E] & 0x7F == 1


def capability(space, wanted):
    at = space[0x34] & 0xFC
    for _ in range(48):
        if at < 0x40:
            break
        if space[at] == wanted:
            return at
        at = space[at + 1] & 0xFC
    return 0


def extended_capability(space, wanted):
    at = 0x100
    for _ in range(96):
        header = struct.unpack_from("<I", space, at)[0]
        if header in (0, 0xFFFFFFFF):
            break
        if header & 0xFFFF == wanted:
            return at
        at = header >> 20
        if at < 0x100:
            break
    return 0


def may_differ(space):
    """offset -> bits, for one function."""
    if not is_port(space):
        left_alone = class_of(space) >> 8 in (0x05, 0x06)
        return {COMMAND: 0 if left_alone else BME_INTX, 0x06: ANY}
    bits = {COMMAND: INTX, **PORT_HEADER}
    pcie, aer = capability(space, PCIE), extended_capability(space, AER)
    for message, mask in PORT_MESSAGES.items():
        if capability(space, message):
            bits[capability(space, message) + 2] = mask
    if pcie:
        bits.update({pcie + offset: mask for offset, mask in PORT_PCIE.items()})
    if aer:
        bits.update({aer + offset: mask for offset, mask in PORT_AER.items()})
    return bits


def unexpected(before, after):
    """Differences that nothing explains. Devices change registers of their own, so of endpoints only the header counts."""
    found = []
    for name, space in before.items():
        bits = may_differ(space)
        for offset in range(0, 4096 if is_port(space) else 64, 2):
            old, new = word(space, offset), word(after[name], offset)
            if (old ^ new) & ~bits.get(offset, 0):
                msi = capability(space, MSI)
                what = " MSI" if msi and msi < offset < msi + 0x18 else ""
                found.append(f"{name} {offset:#05x}: {old:04x} -> {new:04x}{what}")
    return found


def root_interrupts(spaces):
    """Ports whose AER or PME would interrupt."""
    found = []
    for name, space in spaces.items():
        if not is_port(space):
            continue
        pcie, aer = capability(space, PCIE), extended_capability(space, AER)
        if (aer and word(space, aer + 0x2C) & 7) or (pcie and word(space, pcie + 0x1C) & 8):
            found.append(name)
    return found


def errors_reported(spaces):
    """Root ports that an error message has arrived at: Root Error Status."""
    found = []
    for name, space in spaces.items():
        aer = extended_capability(space, AER) if is_port(space) else 0
        if aer and word(space, aer + 0x30):
            found.append(name)
    return found
