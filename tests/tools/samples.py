#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Write the synthetic vmcores and sysfs files that cli.t asks for.

    samples.py vmcore CASE FILE     one of the cases below
    samples.py sysfs DIR            an armed machine
"""
import os
import struct
import sys
import zlib

PAGE = 4096
RECORD_AT = 0x1234000
NOTE_KEY = "KEXEC_PCI_QUIESCE(record)="
OS_LINES = "OSRELEASE=6.1.0-test\nPAGESIZE=4096\nSYMBOL(_stext)=ffffffff81000000\n"

OUTCOMES = "untouched quiet already-quiet reset contained refused absent excluded".split()
REASONS_OF = ("", "deadline", "bridge", "class", "user", "no-window", "identity", "bme-stuck", "no-response", "not-ready",
              "shared-link", "asleep", "firmware-bme", "peer", "intx-stuck", "cxl-cache")  # fmt: skip
NO_RESETS = ("", "display", "cxl", "no-bus-reset", "noreset", "excluded", "vmd", "unsaved", "no-port", "no-flr", "empty",
             "no-time", "no-effect", "slow-storage", "firmware-dpc", "held-in-reset",
             "changed")  # fmt: skip
FLAG_BITS = ("bridge vf pf vmd root-bus scan exclude-class exclude-user noreset-user reset-user no-bus-reset no-flr flr display "
             "cxl cxl-cache intx intx-used intx-broken offline unread unsaved firmware-bme peer held slow-storage").split()  # fmt: skip
METHODS = ("none", "link", "flr")
# One has no end in the record: its name has as many letters as there is room for.
DRIVERS = {(0x8086, 0x10d3): b"e1000e", (0x8086, 0x2922): b"ahci", (0x1b36, 0x000c): b"pcieport", (0x1102, 0x0004): b"snd_emu10k1x"}

KHZ = 2000000           # 2000 ticks are one microsecond


def stamps(*began):
    """When each step began, in microseconds; None if it did not."""
    return [0 if us is None else 10 ** 12 + us * 2000 for us in began]


# validate, disable, ports, reset, ready, contain, undo, done
STAMPS = stamps(0, 2, 5, None, None, None, None, 25)
ALL_STEPS = stamps(0, 2, 5, 9, 20, 22, 23, 25)

FUNCTIONS = [
    # domain bus devfn outcome reason vendor device class before after done ticks flags [no_reset ready_us port]
    (0, 1, 0x00, "quiet", "", 0x8086, 0x10d3, 0x020000, 0x0507, 0x0503, 0x03, 2469, ""),
    (0, 2, 0x00, "refused", "bme-stuck", 0x1234, 0x11e8, 0x00ff00, 0x0107, 0x0507, 0x03, 9000, "flr"),
    (0, 0, 0xfa, "already-quiet", "", 0x8086, 0x2922, 0x010601, 0x0403, 0x0403, 0x01, 600, "root-bus"),
    (0, 0, 0xf8, "excluded", "class", 0x8086, 0x2918, 0x060100, 0xffff, 0xffff, 0x00, 0, "exclude-class"),
    (0x10000, 0, 0x09, "untouched", "asleep", 0x144d, 0xa808, 0x010802, 0xffff, 0xffff, 0x00, 0, "unread"),
    (0, 3, 0x00, "absent", "", 0x8086, 0x10d3, 0x020000, 0xffff, 0xffff, 0x01, 300, "offline"),
]

DISABLED, RESET = 0x03, 0xa3        # done: read, disable; and reset, restore
ESCALATED = [
    # One of each: reset by its link, its neighbor, reset by FLR, contained, disabled.
    (0, 1, 0x00, "reset", "bme-stuck", 0x1234, 0x11e8, 0x00ff00, 0x0507, 0x0503, RESET, 9000, "", "", 103456, 6),
    (0, 1, 0x01, "reset", "shared-link", 0x8086, 0x10d3, 0x020000, 0x0507, 0x0503, RESET, 2000, "", "", 103400, 6),
    (0, 0, 0x28, "reset", "bme-stuck", 0x8086, 0x0d4f, 0x020000, 0x0507, 0x0503, RESET | 0x50, 2000, "flr", "", 100001),
    (0, 2, 0x00, "contained", "bme-stuck", 0x1234, 0x1111, 0x030000, 0x0507, 0x0507, DISABLED, 2000, "display", "display", 0, 7),
    (0, 3, 0x00, "quiet", "", 0x8086, 0x10d3, 0x020000, 0x0507, 0x0503, DISABLED, 2000, ""),
    (0, 0, 0x10, "untouched", "bridge", 0x1b36, 0x000c, 0x060400, 0xffff, 0xffff, 0x10c, 0, "bridge"),
    (0, 0, 0x18, "contained", "bridge", 0x1b36, 0x000c, 0x060400, 0x0507, 0x0503, 0x204, 0, "bridge"),
]
# A second link, two ports up: no response from below it.
NOT_READY = [
    (0, 5, 0x00, "refused", "not-ready", 0x1234, 0x11e8, 0x00ff00, 0x0507, 0x0507, 0x23, 2000, "", "", 0, 9),
    (0, 4, 0x00, "refused", "bridge", 0x104c, 0x8232, 0x060400, 0xffff, 0xffff, 0x2c, 0, "bridge", "", 0, 10),
    (0, 0, 0x20, "untouched", "bridge", 0x1b36, 0x000c, 0x060400, 0xffff, 0xffff, 0x10c, 0, "bridge"),
]
# A function for each reason that keeps one from being quiet, then ports.
REASONS = [
    # Left alone: firmware's bus mastering, a non-transparent bridge, D3cold at the snapshot.
    (0, 1, 0x00, "untouched", "firmware-bme", 0x1014, 0x01bd, 0x010400, 0xffff, 0xffff, 0x00, 0, "firmware-bme slow-storage"),
    (0, 2, 0x00, "untouched", "peer", 0x1022, 0x148b, 0x068000, 0xffff, 0xffff, 0x00, 0, "peer"),
    (0, 0, 0x30, "untouched", "asleep", 0x1002, 0x164e, 0x120000, 0xffff, 0xffff, 0x00, 0, "offline unread"),
    # A timer, left alone for its class, whose driver uses INTx.
    (0, 0, 0x38, "untouched", "intx-stuck", 0x8086, 0x0001, 0x080200, 0xffff, 0xffff, 0x00, 0, "exclude-class intx intx-used"),
    # BME off, and that is not enough.
    (0, 3, 0x00, "refused", "intx-stuck", 0x1102, 0x0004, 0x040100, 0x0007, 0x0403, DISABLED, 2000, "intx intx-used intx-broken"),
    (0, 4, 0x00, "refused", "cxl-cache", 0x1234, 0x0d93, 0x058000, 0x0406, 0x0402, 0x03, 2000, "cxl cxl-cache"),
    # Below a port that is not in D0; below one that is, and reads as all ones.
    (0, 5, 0x00, "absent", "asleep", 0x10de, 0x2204, 0x0c0330, 0xffff, 0xffff, 0x00, 0, "", "", 0, 13),
    (0, 6, 0x00, "contained", "no-response", 0x8086, 0x10d3, 0x020000, 0xffff, 0xffff, 0x00, 300, "", "", 0, 16),
    # BME read back 1, reset blocked.
    (0, 7, 0x00, "contained", "bme-stuck", 0x1000, 0x0097, 0x010700, 0x0507, 0x0507, DISABLED, 2000, "slow-storage", "slow-storage", 0, 16),
    (0, 7, 0x01, "contained", "bme-stuck", 0x1234, 0x11e8, 0x00ff00, 0x0507, 0x0507, DISABLED, 2000, "", "firmware-dpc", 0, 16),
    (0, 7, 0x02, "contained", "bme-stuck", 0x1234, 0x11e8, 0x00ff00, 0x0507, 0x0507, DISABLED, 2000, "", "held-in-reset", 0, 16),
    (0, 7, 0x03, "contained", "bme-stuck", 0x1234, 0x11e8, 0x00ff00, 0x0507, 0x0507, DISABLED, 2000, "", "changed", 0, 16),
    # Ports: forwards, interrupts not disabled (no window, no response), contains.
    (0, 0, 0x10, "untouched", "bridge", 0x1b36, 0x000c, 0x060400, 0xffff, 0xffff, 0x00, 0, "bridge"),
    (0, 0, 0x18, "untouched", "no-window", 0x1b36, 0x000c, 0x060400, 0xffff, 0xffff, 0x00, 0, "bridge"),
    (0, 0, 0x20, "absent", "no-response", 0x1b36, 0x000c, 0x060400, 0xffff, 0xffff, 0x00, 0, "bridge"),
    (0, 0, 0x28, "contained", "bridge", 0x1b36, 0x000c, 0x060400, 0x0507, 0x0503, 0x204, 0, "bridge"),
    # Another function responds in its place.
    (0, 0, 0x40, "untouched", "identity", 0x8086, 0x10d3, 0x020000, 0xffff, 0xffff, 0x00, 300, "root-bus"),
]
# Under policy "reset", and there was no time for it.
LATE = [f[:3] + ("quiet", "") + f[5:10] + (DISABLED, 2000, "", "no-time", 0) for f in ESCALATED[:2]]

HEAD, ENTRY = 280, 52
SUMMED = 24             # what the record's checksum covers begins there


def xxh64(data):
    """As in libxxhash, with seed 0: what writes the samples is not what reads them."""
    mask, p = (1 << 64) - 1, (11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261)

    def rotated(x, bits):
        return ((x << bits) | (x >> (64 - bits))) & mask

    def lane(acc, word):
        return rotated((acc + word * p[1]) & mask, 31) * p[0] & mask

    at, lanes = 0, [(p[0] + p[1]) & mask, p[1], 0, -p[0] & mask]
    while len(data) - at >= 32:
        lanes = [lane(acc, word) for acc, word in zip(lanes, struct.unpack_from("<4Q", data, at))]
        at += 32
    result = p[4]
    if at:
        result = sum(rotated(acc, bits) for acc, bits in zip(lanes, (1, 7, 12, 18))) & mask
        for acc in lanes:
            result = ((result ^ lane(0, acc)) * p[0] + p[3]) & mask
    result = (result + len(data)) & mask
    while len(data) - at >= 8:
        result = (rotated(result ^ lane(0, struct.unpack_from("<Q", data, at)[0]), 27) * p[0] + p[3]) & mask
        at += 8
    if len(data) - at >= 4:
        result = (rotated(result ^ struct.unpack_from("<I", data, at)[0] * p[0] & mask, 23) * p[1] + p[2]) & mask
        at += 4
    for byte in data[at:]:
        result = rotated(result ^ byte * p[4] & mask, 11) * p[0] & mask
    result = (result ^ result >> 33) * p[1] & mask
    result = (result ^ result >> 29) * p[2] & mask
    return result ^ result >> 32


def index(names, value):
    """A sample may also have a number that has no name."""
    return value if isinstance(value, int) else names.index(value)


def bits(names, value):
    return value if isinstance(value, int) else sum(1 << names.index(name) for name in value.split())


def duration(outcome, flags):
    """1: held, 2: lasts.  Ports are not in scope."""
    if flags & 1:
        return 0
    return {1: 1, 2: 2, 3: 2, 4: 1, 99: 9}.get(outcome, 0)


def entry(domain, bus, devfn, outcome, reason, vendor, device, klass,
          before, after, done, ticks, flags, no_reset="", ready_us=0, port=0):
    outcome, flags = index(OUTCOMES, outcome), bits(FLAG_BITS, flags)
    return struct.pack("<IBBBBHHIHHHBBIIII12s", domain, bus, devfn, outcome, index(REASONS_OF, reason), vendor, device,
                       klass << 8 | 3, before, after, done, index(NO_RESETS, no_reset), duration(outcome, flags), flags,
                       ticks, ready_us, port, DRIVERS.get((vendor, device), b""))  # fmt: skip


def header(h, counts):
    """struct pciq_record, from its fields by name."""
    return struct.pack("<8sHHHHQIIBBBBIQ64s16sII8Q8I12I", h["magic"], h["version"], h["header_size"], h["entry_size"], 0,
                       h["checksum"], h["total"], h["nr"], h["policy"], h["verdict"], h["source"], h["step"], 7, 1767225600,
                       h["release"], h["build"], h["khz"], 1000, *h["tsc"], *counts, 3, sum(counts[1:4]),
                       counts[1] + h["held"], 25, 40, 12, 1, h["unanswered"], *h["resets"], h["incomplete"])  # fmt: skip


def record(functions=FUNCTIONS, verdict=3, **change):
    """The record, with any header field overridden by name."""
    h = dict(magic=b"KPCIQREC", version=2, header_size=HEAD, entry_size=ENTRY, checksum=0, verdict=verdict,
             total=HEAD + ENTRY * len(functions), nr=len(functions), policy=1, source=1, step=7, khz=KHZ, tsc=STAMPS,
             release=b"6.1.0-test", build=b"0.1.0", pad=b"", resets=(0, 0, 0), incomplete=0, unanswered=0, held=0)  # fmt: skip
    h.update(change)
    counts = [sum(1 for f in functions if index(OUTCOMES, f[3]) == i) for i in range(8)]
    assert len(header(h, counts)) == HEAD
    data = header(h, counts) + h["pad"] + b"".join(entry(*f) + h["pad"] for f in functions)
    if h["checksum"]:
        return data
    h["checksum"] = xxh64(data[SUMMED:])
    return header(h, counts) + data[HEAD:]


def prepared():
    """What is there from when the kernel is armed until the routine begins."""
    return struct.pack("<8sHHHHQIIBBBBIQ64s16sII8Q20I", b"KPCIQREC", 2, HEAD, ENTRY, 0, 0, HEAD, *[0] * 7, b"6.1.0-test",
                       b"0.1.0", KHZ, 1000, *[0] * 28)  # fmt: skip


def with_ports(functions, *ports):
    """The same, but the first of them have other ports."""
    return [(f + ("", 0))[:15] + (port,) for f, port in zip(functions, ports)] + functions[len(ports):]


def pages(data):
    return data + bytes(-len(data) % PAGE)


def note(info):
    name = b"VMCOREINFO\0\0"
    return struct.pack("<III", 11, len(info), 0) + name + info + bytes(-len(info) % 4)


def info_text(size, line=None):
    if line is None:
        line = f"{NOTE_KEY}{RECORD_AT:#x},{size}\nKEXEC_PCI_QUIESCE(verdict)=x\n"
    return (OS_LINES + line).encode()


def elf(info, data, machine=62, kind=4):
    """An ELF core file: VMCOREINFO, low memory, and @data at RECORD_AT."""
    notes = note(info) if info is not None else b""
    loads = [(0, bytes(PAGE))] + ([(RECORD_AT, data)] if data else [])
    offset = 64 + 56 * (1 + len(loads))
    heads = struct.pack("<IIQQQQQQ", 4, 0, offset, 0, 0, len(notes), len(notes), 4)
    offset = -(-(offset + len(notes)) // PAGE) * PAGE
    body = b""
    for phys, chunk in loads:
        heads += struct.pack("<IIQQQQQQ", 1, 7, offset + len(body),
                             phys + 0xffff888000000000, phys, len(chunk),
                             len(chunk), PAGE)
        body += chunk
    ehdr = b"\x7fELF\2\1\1" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", kind, machine, 1, 0, 64, 0, 0, 64, 56, 1 + len(loads), 0, 0, 0)
    head = ehdr + heads + notes
    return head + bytes(offset - len(head)) + body


def kdump(info, data, status=1, have=True):
    """What makedumpfile -c writes: header, sub header, bitmaps, page list."""
    kept = {0: bytes(PAGE)}
    for i in range(len(data) // PAGE if have else 0):
        kept[RECORD_AT // PAGE + i] = data[i * PAGE:(i + 1) * PAGE]
    max_pfn = (RECORD_AT + len(data)) // PAGE
    blocks = -(-max_pfn // (8 * PAGE))
    bitmap = bytearray(blocks * PAGE)
    for pfn in kept:
        bitmap[pfn // 8] |= 1 << pfn % 8
    uts = b"".join(s.ljust(65, b"\0") for s in
                   (b"Linux", b"t", b"6.1.0-test", b"#1", b"x86_64", b"(none)"))
    head = b"KDUMP   " + struct.pack("<i", 6) + uts + bytes(6 + 16)
    head += struct.pack("<IiiIIIIIIi", status, PAGE, 1, 2 * blocks, max_pfn, 0, 0, 0, 0, 1)
    notes = note(info)
    text_at = PAGE + 512 + notes.index(info)
    sub = struct.pack("<QiiQQQQQQQQQQQ", 0, 31, 0, 0, 0, text_at, len(info),
                      PAGE + 512, len(notes), 0, 0, 0, 0, max_pfn)
    sub = sub.ljust(512, b"\0") + notes
    descs, body = b"", b""
    at = (2 + 2 * blocks) * PAGE + 24 * len(kept)
    for pfn in sorted(kept):
        chunk = zlib.compress(kept[pfn])
        descs += struct.pack("<QIIQ", at + len(body), len(chunk), 1, 0)
        body += chunk
    return (head.ljust(PAGE, b"\0") + sub.ljust(PAGE, b"\0") + bytes(bitmap) * 2 +
            descs + body)


def flattened(dump):
    """makedumpfile -F: one block of data, and the end mark."""
    head = b"makedumpfile".ljust(16, b"\0") + struct.pack(">qq", 1, 1)
    return (head.ljust(PAGE, b"\0") + struct.pack(">qq", 0, len(dump)) + dump +
            struct.pack(">qq", -1, -1))


def with_line(line):
    return elf(info_text(0, line), pages(record()))


def with_record(rec, room=None):
    return elf(info_text(room or len(rec)), pages(rec))


def many():
    """More functions than a page holds, with room to spare in absent pages."""
    some = [(0, i >> 8, i & 255, "already-quiet", "", 0x1af4, 0x1041, 0x020000, 3, 3, 1, 100, "")
            for i in range(300)]
    return record(some, verdict=1)


def forest():
    """306 functions: below root ports and switches, on two segments, with every outcome."""
    leaves, ports = [], []
    for i in range(252):
        outcome = (1, 1, 2, 3, 1, 1, 4, 1, 5, 0, 6, 7)[i % 12] if i % 5 == 0 else 1 + i % 2
        reason = {4: "bme-stuck", 5: "bme-stuck", 0: "deadline", 7: "user"}.get(outcome, "")
        port = 252 + i // 6 if i < 240 else 0           # six behind each; the last twelve on the root bus
        bus = 64 + i // 6 if port else 0
        leaves.append((i // 126, bus, (i % 6 if port else 16 + i % 12) << 3, outcome, reason, 0x8086, 0x10d3, 0x020000,
                       0x507, 0x507 if outcome in (4, 5) else 0x503, DISABLED, 2000 + i, "", "", 0, port and port + 1))
    for i in range(40):                                 # a downstream port of a switch for each
        ports.append((i // 20, 32 + i // 5, i % 5 << 3, 0, "bridge", 0x104c, 0x8233, 0x060400, 0x507, 0x507,
                      0x10c if i % 7 == 3 else 0x204 if i % 7 == 5 else 0x0c, 0, "bridge", "", 0, 292 + i // 5 + 1))
    for i in range(8):                                  # its upstream port
        ports.append((i // 4, 16 + i, 0, 0, "bridge", 0x104c, 0x8232, 0x060400, 0x507, 0x507, 0x0c, 0, "bridge", "", 0,
                      300 + i // 2 + 1))  # fmt: skip
    for i in range(6):                                  # root ports, two of them with nothing below
        ports.append((i // 2 if i < 4 else 0, 0, 0x10 + i << 3, 0, "bridge", 0x1b36, 0x000c, 0x060400, 0x507, 0x507, 0x0c, 0,
                      "bridge"))  # fmt: skip
    return record(leaves + ports, policy=2, resets=(6, 0, 6), tsc=ALL_STEPS)


CASES = {
    "forest": lambda: with_record(forest(), 64 * PAGE),
    "good": lambda: with_record(record()),
    "clean": lambda: with_record(record(FUNCTIONS[:1], verdict=1)),
    "kdump": lambda: kdump(info_text(len(record())), pages(record())),
    "flattened": lambda: flattened(kdump(info_text(len(record())), pages(record()))),
    "many": lambda: with_record(many(), 64 * PAGE),
    "kdump-many": lambda: kdump(info_text(64 * PAGE), pages(many())),
    "longer": lambda: with_record(record(
        pad=b"\xee" * 8, header_size=HEAD + 8, entry_size=ENTRY + 8,
        total=HEAD + 8 + (ENTRY + 8) * len(FUNCTIONS))),
    "reasons": lambda: with_record(record(REASONS, policy=2, resets=(0, 0, 1), unanswered=3, held=5, tsc=ALL_STEPS)),
    # What the routine leaves behind that did not get to its end.
    "bad-sum": lambda: with_record(record(FUNCTIONS[:1], verdict=1, checksum=1)),
    "arrived": lambda: with_record(record(incomplete=1)),
    # It ends where the dump does: not a byte may be read behind it.
    "tight": lambda: elf(info_text(HEAD, f"{NOTE_KEY}{RECORD_AT + PAGE - HEAD:#x},{HEAD}\n"),
                         bytes(PAGE - HEAD) + record([])),
    "contained": lambda: with_record(record(ESCALATED, verdict=2, policy=2, resets=(1, 1, 1), held=1, tsc=ALL_STEPS)),
    "not-ready": lambda: with_record(record(ESCALATED + NOT_READY, policy=2, resets=(2, 1, 1), held=1, tsc=ALL_STEPS)),
    "no-ports": lambda: with_record(record(
        with_ports(ESCALATED + NOT_READY, *[0] * 10), policy=2, resets=(2, 1, 1), held=1, tsc=ALL_STEPS)),
    # Itself, behind the last, no port, and a circle.
    "bad-ports": lambda: with_record(record(
        with_ports(ESCALATED + NOT_READY, 1, 11, 0xffffffff, 5, 0, 0, 0, 9, 8, 10), policy=2, tsc=ALL_STEPS)),
    "late": lambda: with_record(record(LATE, verdict=1, policy=3)),
    "twice": lambda: with_line(f"{NOTE_KEY}0x7000,300\n"
                               f"{NOTE_KEY}{RECORD_AT:#x},{len(record())}\n"),
    "unknown": lambda: with_record(record(
        [(0, 1, 8, 99, 77, 1, 2, 3, 4, 5, 1 << 12, 6, 1 << 31)], verdict=7, policy=8,
        source=9, step=10, release=b"\x1b[31m\xff\"\\", build=b"\x1b[2J")),
    "aborted": lambda: with_record(record([], verdict=5, step=2, checksum=1, tsc=STAMPS[:3] + [0] * 5)),
    # As it was prepared: of the whole room, the header is filled in, without a checksum.
    "never": lambda: with_record(prepared(), 53 * PAGE),
    # Of a machine of another kind: the record is as good.
    "arm64": lambda: elf(info_text(len(record())), pages(record()), machine=183),
    # From here on: no answer.
    "arm64-no-line": lambda: elf(info_text(0, ""), pages(record()), machine=183),
    "big-endian": lambda: with_record(record())[:5] + b"\2" + with_record(record())[6:],
    "empty": lambda: b"",
    "text": lambda: b"this is not a vmcore, but it is longer than a header\n" * 40,
    "program": lambda: elf(None, None, kind=2),
    "no-vmcoreinfo": lambda: elf(None, pages(record())),
    "no-line": lambda: with_line(""),
    "line-other": lambda: with_line(f"X{NOTE_KEY}0x1000,300\n"),
    "line-no-0x": lambda: with_line(f"{NOTE_KEY}1234000,300\n"),
    "line-no-bytes": lambda: with_line(f"{NOTE_KEY}0x1234000\n"),
    "line-sign": lambda: with_line(f"{NOTE_KEY}0x1234000,-300\n"),
    "line-tail": lambda: with_line(f"{NOTE_KEY}0x1234000,300 \n"),
    "line-control": lambda: with_line(f"{NOTE_KEY}\x1b[31m\n"),
    "line-overflow": lambda: with_line(f"{NOTE_KEY}0x11234567812345678,300\n"),
    "line-wrap": lambda: with_line(f"{NOTE_KEY}0xffffffffffffff00,300\n"),
    "line-small": lambda: with_line(f"{NOTE_KEY}{RECORD_AT:#x},279\n"),
    "line-huge": lambda: with_line(f"{NOTE_KEY}{RECORD_AT:#x},99999999999\n"),
    "no-page": lambda: with_line(f"{NOTE_KEY}0x7000000,300\n"),
    "kdump-no-page": lambda: kdump(info_text(300), pages(record()), have=False),
    "kdump-incomplete": lambda: kdump(info_text(300), pages(record()), 9, have=False),
    "half-record": lambda: elf(info_text(len(many())), many()[:PAGE]),
    "half-file": lambda: CASES["many"]()[:-2 * PAGE - 100],
    "half-head": lambda: CASES["good"]()[:100],
    "half-kdump": lambda: CASES["kdump"]()[:3 * PAGE],
    "room": lambda: with_record(record(), len(record()) - 1),
    "zeros": lambda: with_record(bytes(300)),
    "magic": lambda: with_record(record(magic=b"KPCIQSNP")),
    "newer": lambda: with_record(record(version=3)),
    "version-1": lambda: with_record(record(version=1)),
    "header-size": lambda: with_record(record(header_size=279)),
    "entry-size": lambda: with_record(record(entry_size=51)),
    "nr": lambda: with_record(record(nr=7)),
    "nr-wrap": lambda: with_record(record(nr=0xffffffff, entry_size=0xffff)),
}

WINDOWS = [(0, 0, 255, 1, 0xb0000000), (1, 0, 15, 2, 0)]
NONE = 0xffffffff
TREE = [
    # bus devfn window parent class vendor device flags plan[4] command domain method no_reset
    (2, 0x00, 0, 6, 0x020000, 0x8086, 0x10d3, "flr intx", (0, 2, 2, 3), 0x507, 0, "link", ""),
    (2, 0x10, 0, 4, 0x020000, 0x8086, 0x10ed, "vf", (0, 2, 2, 3), 0x507, 0, "link", ""),
    (3, 0x00, 0, 7, 0x00ff00, 0x1234, 0x11e8, "exclude-user", (0, 0, 0, 0), 0x107, 0, "none", "excluded"),
    (4, 0x00, 0, 8, 0x030000, 0x1234, 0x1111, "display", (0, 2, 2, 2), 0x407, 0, "none", "display"),
    (2, 0x08, 0, 6, 0x020000, 0x8086, 0x10c9, "pf", (0, 2, 2, 3), 0x507, 0, "link", ""),
    (4, 0x01, 0, 8, 0x040300, 0x1234, 0x1112, "flr", (0, 2, 2, 3), 0x407, 0, "flr", "display"),
    (1, 0x00, 0, 9, 0x060400, 0x104c, 0x8232, "bridge", (0, 1, 1, 3), 0x507, 0, "link", ""),
    (0, 0x11, 0, NONE, 0x060400, 0x1b36, 0x000c, "bridge root-bus", (0, 1, 1, 1), 0x507, 0, "none", "excluded"),
    (0, 0x18, 0, NONE, 0x060400, 0x1b36, 0x000c, "bridge root-bus", (0, 1, 1, 1), 0x507, 0, "none", "display"),
    (0, 0x10, 0, NONE, 0x060400, 0x1b36, 0x000c, "bridge root-bus", (0, 1, 1, 3), 0x507, 0, "link", ""),
    (0, 0xfa, 0, NONE, 0x010601, 0x8086, 0x2922, "root-bus", (0, 2, 2, 2), 0x407, 0, "none", "no-port"),
    (0, 0xf8, 0, NONE, 0x060100, 0x8086, 0x2918, "exclude-class", (0, 0, 0, 0), 0x007, 0, "none", "excluded"),
    (0, 0x28, 0, NONE, 0x020000, 0x8086, 0x0d4f, "flr root-bus", (0, 2, 2, 3), 0x507, 0, "flr", "no-port"),
    (0, 0x08, 0xffff, NONE, 0x010802, 0x144d, 0xa808, "", (0, 0, 0, 9), 0x407, 2, "none", "unsaved"),
]


# A function for each flag that changes the plan; reset= names the one on bus 2.
FLAGS = [
    (1, 0x00, 0, 9, 0x010400, 0x1014, 0x01bd, "firmware-bme slow-storage", (0, 0, 0, 0), 0x107, 0, "none", "slow-storage"),
    (1, 0x08, 0, 9, 0x010700, 0x1000, 0x0097, "slow-storage", (0, 2, 2, 2), 0x507, 0, "none", "slow-storage"),
    (2, 0x00, 0, 10, 0x010700, 0x1000, 0x0097, "slow-storage reset-user", (0, 2, 3, 3), 0x507, 0, "link", ""),
    (2, 0x01, 0, 10, 0x010700, 0x1000, 0x0097, "slow-storage reset-user", (0, 2, 3, 3), 0x507, 0, "link", ""),
    (3, 0x00, 0, 11, 0x0c0330, 0x10de, 0x1ad6, "offline", (0, 2, 2, 2), 0x400, 0, "none", "unsaved"),
    (4, 0x00, 0, 12, 0x040100, 0x1102, 0x0004, "intx intx-used intx-broken", (0, 2, 2, 2), 0x007, 0, "none", "held-in-reset"),
    (0, 0x30, 0, NONE, 0x120000, 0x1002, 0x164e, "offline unread", (0, 0, 0, 0), 0x000, 0, "none", "unsaved"),
    (0, 0x38, 0, NONE, 0x068000, 0x1022, 0x148b, "peer", (0, 0, 0, 0), 0x507, 0, "none", "excluded"),
    (0, 0x40, 0, NONE, 0x058000, 0x1234, 0x0d93, "cxl cxl-cache", (0, 2, 2, 2), 0x406, 0, "none", "cxl"),
    (0, 0x10, 0, NONE, 0x060400, 0x1b36, 0x000c, "bridge", (0, 1, 1, 1), 0x507, 0, "none", "slow-storage"),
    (0, 0x18, 0, NONE, 0x060400, 0x1b36, 0x000c, "bridge reset-user", (0, 1, 3, 3), 0x507, 0, "link", ""),
    (0, 0x20, 0, NONE, 0x060400, 0x1b36, 0x000c, "bridge", (0, 1, 1, 1), 0x507, 0, "none", "unsaved"),
    (0, 0x28, 0, NONE, 0x060400, 0x1b36, 0x000c, "bridge held", (0, 1, 1, 1), 0x507, 0, "none", "held-in-reset"),
]

SNAPSHOT, SNAPSHOT_SUMMED = 376, 24
LINK_RESET, ITSELF, CONTAIN = 1, 2, 4
CAP = 0x54              # of ports, and of functions that have FLR: PCI Express


def has_cap(func):
    return "bridge" in func[7].split() or "flr" in func[7].split()


def operations(tree):
    """(those of every crash, those before a reset): what a port like QEMU's has, and a device."""
    ops, reset_ops = [], []
    for i, func in enumerate(tree):
        if "bridge" in func[7].split():
            ops += [(i, 0x04, 0, 0x400, 0, 0, 0, 0), (i, 0x4a, 1, 0, 0, 0, 0, 0), (i, CAP + 0x18, 0x20, 0, 0, 0, 0, 0)]
            # All enables of AER's Root Error Command: written without a read.
            ops += [(i, 0x12c, 0xffff, 0, 0, 0, 0, 0)]
            reset_ops += [(i, 0x3e, 0x02, 0, 0x440, 0, LINK_RESET | CONTAIN, 0), (i, CAP + 0x1a, 0, 0, 0, 0x108, LINK_RESET, 1)]
        elif "flr" in func[7].split():
            reset_ops += [(i, CAP + 8, 0x0f, 0, 0x8000, 0, ITSELF, 0)]
    return ops, reset_ops


def registers(func):
    """What a reset loses: reg, size, compare, value, keep."""
    if func[11] == "none" or "vf" in func[7].split():
        return []
    if "bridge" in func[7].split():
        return [(0x18, 4, 1, 0x00040302, 0), (0x3e, 2, 0, 0x0003, 0x0400), (CAP + 8, 2, 0, 0x2810, 0)]
    return [(0x10, 4, 1, 0xfe000000 | func[1] << 12, 0), (0x3c, 2, 0, 0x010b, 0)]


def port_of(tree, i):
    """1 + the index of the port above, 0 if there is none; of a VF, of its PF."""
    parent = tree[i][3]
    if "vf" in tree[i][7].split():
        parent = tree[parent][3]
    return 0 if parent == NONE else parent + 1


def snapshot(tree=TREE, sums=(None, None), **change):
    """A snapshot; parts, indices and checksums are changed by name, and the checksums made afterwards."""
    ops, reset_ops = operations(tree)
    restores = [r for func in tree for r in registers(func)]
    first, funcs, resets, always = 0, [], [], 0
    for i, func in enumerate(tree):
        bus, devfn, window, parent, klass, vendor, device, flags, plan, cmd, dom, method, why = func
        made = entry(dom, bus, devfn, "untouched", "deadline" if plan[1] else "user", vendor, device, klass, 0xffff, 0xffff, 0, 0,
                     flags, port=port_of(tree, i))  # fmt: skip
        funcs.append(made + struct.pack("<HBB", window, 0, 0))
        nr = len(registers(func))
        cause = sum((plan[policy] == 3) << policy for policy in range(4))
        cap, flr = CAP if has_cap(func) else 0, CAP + 8 if "flr" in flags.split() else 0
        resets.append(struct.pack("<III4H12B", parent, first, NONE, 0x8000 if flr else 0, 0x20 if cap else 0, 100 if method != "none" else 0,
                                  cmd, nr, cap, flr, CAP + 10 if cap else 0, METHODS.index(method), NO_RESETS.index(why), 0, cause,
                                  *plan))  # fmt: skip
        first += nr
        always |= cause
    tables = {
        "windows": [struct.pack("<IBBBBQQ", d, a, b, t, 0, p, 0) for d, a, b, t, p in WINDOWS],
        "funcs": funcs, "ops": [struct.pack("<6HBB", *op) for op in change.get("ops", ops)],
        "resets": change.get("resets", resets), "restores": [struct.pack("<HBBII", *r) for r in change.get("restores", restores)],
        "reset_ops": [struct.pack("<6HBB", *op) for op in change.get("reset_ops", reset_ops)],
    }  # fmt: skip
    parts, body, hot = {}, b"", 0
    for name, rows in tables.items():
        if name == "resets":
            body += bytes(-len(body) % 8)
            hot = SNAPSHOT + len(body)
        body += bytes(-len(body) % 4)
        parts[name] = (SNAPSHOT + len(body), len(rows))
        body += b"".join(rows)
    parts.update(change.get("parts", {}))
    h = dict(magic=b"KPCIQSNP", version=3, header_size=SNAPSHOT, hot=hot, total=SNAPSHOT + len(body))
    h.update({key: value for key, value in change.items() if key in h})
    cold_sum = sums[1] or xxh64(body[h["hot"] - SNAPSHOT:])
    head = struct.pack("<8sHHI", h["magic"], h["version"], h["header_size"], h["hot"])
    rest = struct.pack("<QIIIHH12I", cold_sum, h["total"], 321, 14, 140, always, *(n for name in tables for n in parts[name])) + record([])[:HEAD]
    hot_sum = sums[0] or xxh64((rest + body)[:h["hot"] - SNAPSHOT_SUMMED])
    return head + struct.pack("<Q", hot_sum) + rest + body


def changed(where, field, value):
    """TREE, with one field of one function changed."""
    return TREE[:where] + [TREE[where][:field] + (value,) + TREE[where][field + 1:]] + TREE[where + 1:]


SNAPSHOTS = {
    "snapshot": snapshot,
    "flags": lambda: snapshot(FLAGS),
    "bad-magic": lambda: snapshot(magic=b"KPCIQREC"),
    "bad-newer": lambda: snapshot(version=4),
    "bad-older": lambda: snapshot(version=2),
    "bad-short": lambda: snapshot()[:100],
    "bad-cut": lambda: snapshot()[:-1],
    "bad-header": lambda: snapshot(header_size=100),
    "bad-first": lambda: snapshot(sums=(1, None)),
    "bad-second": lambda: snapshot(sums=(None, 1)),
    "bad-parts": lambda: snapshot(hot=100),
    "bad-count": lambda: snapshot(parts={"windows": (SNAPSHOT, 0xffffffff)}),
    "bad-resets": lambda: snapshot(resets=[bytes(32)]),
    "bad-parent": lambda: snapshot(changed(3, 3, 2)),
    "bad-window": lambda: snapshot(changed(0, 2, 2)),
    "bad-op": lambda: snapshot(ops=[(14, 4, 4, 0, 0, 0, 0, 0)]),
    "bad-reset-op": lambda: snapshot(reset_ops=[(0, 4, 4, 0, 0, 0, 1, 0), (0xffff, 4, 4, 0, 0, 0, 1, 0)]),
    "bad-restores": lambda: snapshot(restores=[(0x10, 4, 1, 0, 0)]),
    "bad-register": lambda: snapshot(restores=[(0x10, 1, 1, 0, 0)] * 99),
}


def write(path, data):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def sysfs(root):
    ours = os.path.join(root, "kernel", "kexec_pci_quiesce")
    for name, text in (("armed", "1\n"), ("policy", "escalate\n"), ("generation", "7\n"),
                       ("functions", "14\n"), ("last_capture_us", "321\n")):
        write(os.path.join(ours, name), text.encode())
    write(os.path.join(root, "kernel", "kexec_crash_loaded"), b"1\n")
    write(os.path.join(ours, "dry_run"), record())
    for name, make in SNAPSHOTS.items():
        write(os.path.join(ours, name), make())


def main(argv):
    if len(argv) == 4 and argv[1] == "vmcore" and argv[2] in CASES:
        write(argv[3], CASES[argv[2]]())
    elif len(argv) == 3 and argv[1] == "sysfs":
        sysfs(argv[2])
    else:
        sys.exit(f"{__doc__}\ncases: {' '.join(CASES)}")


if __name__ == "__main__":
    main(sys.argv)
