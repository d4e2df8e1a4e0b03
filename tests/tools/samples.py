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

KHZ = 2000000           # 2000 ticks are one microsecond
STAMPS = [10 ** 12 + us * 2000 for us in (0, 2, 5, 9, 20, 20, 20, 25)]
FUNCTIONS = [
    # domain bus devfn outcome reason vendor device class before after done ticks flags [forbidden back_us port]
    (0, 1, 0x00, 1, 0, 0x8086, 0x10d3, 0x020000, 0x0507, 0x0503, 0x07, 2469, 0),
    (0, 2, 0x00, 5, 7, 0x1234, 0x11e8, 0x00ff00, 0x0107, 0x0507, 0x07, 9000, 1 << 9),
    (0, 0, 0xfa, 2, 0, 0x8086, 0x2922, 0x010601, 0x0403, 0x0403, 0x01, 600, 1 << 15),
    (0, 0, 0xf8, 7, 3, 0x8086, 0x2918, 0x060100, 0xffff, 0xffff, 0x00, 0, 1 << 3),
    (0x10000, 0, 0x09, 0, 12, 0x144d, 0xa808, 0x010802, 0xffff, 0xffff, 0x00, 0, 1 << 27),
    (0, 3, 0x00, 6, 0, 0x8086, 0x10d3, 0x020000, 0xffff, 0xffff, 0x01, 300, 1 << 19),
]
# Reasons that only older modules recorded.
OLD_REASONS = [
    (0x10000, 0, 0x09, 0, 5, 0x144d, 0xa808, 0x010802, 0xffff, 0xffff, 0x00, 0, 1 << 5),
    (0, 1, 0x00, 5, 8, 0x1234, 0x11e8, 0x00ff00, 0x0507, 0x0503, 0x07, 2000, 0),
]

GATED, RESET = 0x07, 0x147         # done: read, gate, intx; and reset, restore
ESCALATED = [
    # One of each: reset by its link, its neighbour, reset by FLR, contained, gated.
    (0, 1, 0x00, 3, 7, 0x1234, 0x11e8, 0x00ff00, 0x0507, 0x0503, RESET, 9000, 0, 0, 103456, 6),
    (0, 1, 0x01, 3, 11, 0x8086, 0x10d3, 0x020000, 0x0507, 0x0503, RESET, 2000, 0, 0, 103400, 6),
    (0, 0, 0x28, 3, 7, 0x8086, 0x0d4f, 0x020000, 0x0507, 0x0503, RESET | 0xa0, 2000, 1 << 9, 0, 100001),
    (0, 2, 0x00, 4, 7, 0x1234, 0x1111, 0x030000, 0x0507, 0x0507, GATED, 2000, 1 << 10, 1, 0, 7),
    (0, 3, 0x00, 1, 0, 0x8086, 0x10d3, 0x020000, 0x0507, 0x0503, GATED, 2000, 0),
    (0, 0, 0x10, 0, 2, 0x1b36, 0x000c, 0x060400, 0xffff, 0xffff, 0x218, 0, 1),
    (0, 0, 0x18, 4, 2, 0x1b36, 0x000c, 0x060400, 0x0507, 0x0503, 0x408, 0, 1),
]
# A second link, two ports up: no response from below it.
SILENT = [(0, 5, 0x00, 5, 10, 0x1234, 0x11e8, 0x00ff00, 0x0507, 0x0507, 0x47, 2000, 0, 0, 0, 9),
          (0, 4, 0x00, 5, 2, 0x104c, 0x8232, 0x060400, 0xffff, 0xffff, 0x58, 0, 1, 0, 0, 10),
          (0, 0, 0x20, 0, 2, 0x1b36, 0x000c, 0x060400, 0xffff, 0xffff, 0x218, 0, 1)]
INTX, INTX_BROKEN = 1 << 18, 1 << 18 | 1 << 22 | 1 << 23
# A function for each reason that keeps one from being quiet, then ports.
REASONS = [
    # Left alone: firmware's bus mastering, a non-transparent bridge, D3cold at the snapshot.
    (0, 1, 0x00, 0, 13, 0x1014, 0x01bd, 0x010400, 0xffff, 0xffff, 0x00, 0, 1 << 24 | 1 << 30),
    (0, 2, 0x00, 0, 14, 0x1022, 0x148b, 0x068000, 0xffff, 0xffff, 0x00, 0, 1 << 25),
    (0, 0, 0x30, 0, 12, 0x1002, 0x164e, 0x120000, 0xffff, 0xffff, 0x00, 0, 1 << 27 | 1 << 19),
    # A timer, left alone for its class, whose driver uses INTx.
    (0, 0, 0x38, 0, 15, 0x8086, 0x0001, 0x080200, 0xffff, 0xffff, 0x00, 0, 1 << 3 | 1 << 18 | 1 << 22),
    # BME off, and that is not enough.
    (0, 3, 0x00, 5, 15, 0x1102, 0x0004, 0x040100, 0x0007, 0x0403, GATED, 2000, INTX_BROKEN),
    (0, 4, 0x00, 5, 16, 0x1234, 0x0d93, 0x058000, 0x0406, 0x0402, 0x03, 2000, 1 << 11 | 1 << 26),
    # Below a port that is not in D0; below one that is, and reads as all ones.
    (0, 5, 0x00, 6, 12, 0x10de, 0x2204, 0x0c0330, 0xffff, 0xffff, 0x00, 0, 0, 0, 0, 13),
    (0, 6, 0x00, 4, 9, 0x8086, 0x10d3, 0x020000, 0xffff, 0xffff, 0x00, 300, 0, 0, 0, 16),
    # BME read back 1, reset blocked.
    (0, 7, 0x00, 4, 7, 0x1000, 0x0097, 0x010700, 0x0507, 0x0507, GATED, 2000, 1 << 30, 15, 0, 16),
    (0, 7, 0x01, 4, 7, 0x1234, 0x11e8, 0x00ff00, 0x0507, 0x0507, GATED, 2000, 0, 16, 0, 16),
    (0, 7, 0x02, 4, 7, 0x1234, 0x11e8, 0x00ff00, 0x0507, 0x0507, GATED, 2000, 0, 17, 0, 16),
    (0, 7, 0x03, 4, 7, 0x1234, 0x11e8, 0x00ff00, 0x0507, 0x0507, GATED, 2000, 0, 18, 0, 16),
    # Ports: forwards, interrupts not disabled (no window, no response), closed.
    (0, 0, 0x10, 0, 2, 0x1b36, 0x000c, 0x060400, 0xffff, 0xffff, 0x00, 0, 1),
    (0, 0, 0x18, 0, 6, 0x1b36, 0x000c, 0x060400, 0xffff, 0xffff, 0x00, 0, 1),
    (0, 0, 0x20, 6, 9, 0x1b36, 0x000c, 0x060400, 0xffff, 0xffff, 0x00, 0, 1),
    (0, 0, 0x28, 4, 2, 0x1b36, 0x000c, 0x060400, 0x0507, 0x0503, 0x408, 0, 1),
]
# Under policy "reset", and there was no time for it.
LATE = [f[:3] + (1, 0) + f[5:10] + (GATED, 2000, 0, 12, 0) for f in ESCALATED[:2]]

HEAD, ENTRY = 256, 40           # as of now
OLD_HEAD, OLD_ENTRY = 232, 32   # of modules that reset nothing
NO_UNANSWERED = 248             # of modules that did not count reads of all ones


def entry(domain, bus, devfn, outcome, reason, vendor, device, klass,
          before, after, done, ticks, flags, forbidden=0, back_us=0, port=0):
    return struct.pack("<IBBBBHHIHHHBBIIII", domain, bus, devfn, outcome, reason,
                       vendor, device, klass, before, after, done, forbidden, 0,
                       ticks, flags, back_us, port)


def record(functions=FUNCTIONS, verdict=3, **change):
    """The record, with any header field overridden by name."""
    h = dict(magic=b"KPCIQREC", version=1, header_size=HEAD, entry_size=ENTRY,
             total=HEAD + ENTRY * len(functions), nr=len(functions), policy=1,
             source=1, step=7, khz=KHZ, tsc=STAMPS, release=b"6.1.0-test", pad=b"",
             resets=(0, 0, 0), incomplete=0, unanswered=0, cut=0)
    h.update(change)
    counts = [sum(1 for f in functions if f[3] == i) for i in range(8)]
    head = struct.pack("<8sHHHHIIBBBBIQ64sII8Q8I6I6I", h["magic"], h["version"],
                       h["header_size"], h["entry_size"], 0, h["total"], h["nr"],
                       h["policy"], verdict, h["source"], h["step"], 7, 1767225600,
                       h["release"], h["khz"], 1000, *h["tsc"], *counts,
                       sum(counts[1:4]), 3, 25, 40, 12, 1, *h["resets"], h["incomplete"],
                       h["unanswered"], 0)
    assert len(head) == HEAD
    if h["cut"]:
        return head[:h["header_size"]] + b"".join(entry(*f)[:h["entry_size"]] for f in functions)
    return head + h["pad"] + b"".join(entry(*f) + h["pad"] for f in functions)


def old_record(functions=FUNCTIONS, **change):
    """What a module wrote before fields were appended."""
    return record(functions, header_size=OLD_HEAD, entry_size=OLD_ENTRY, cut=1,
                  total=OLD_HEAD + OLD_ENTRY * len(functions), **change)


def with_ports(functions, *ports):
    """The same, but the first of them have other ports."""
    return [(f + (0, 0))[:15] + (port,) for f, port in zip(functions, ports)] + functions[len(ports):]


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
    some = [(0, i >> 8, i & 255, 2, 0, 0x1af4, 0x1041, 0x020000, 3, 3, 1, 100, 0)
            for i in range(300)]
    return record(some, verdict=1)


def forest():
    """306 functions: below root ports and switches, on two segments, with every outcome."""
    leaves, ports = [], []
    for i in range(252):
        outcome = (1, 1, 2, 3, 1, 1, 4, 1, 5, 0, 6, 7)[i % 12] if i % 5 == 0 else 1 + i % 2
        reason = {4: 7, 5: 7, 0: 1, 7: 4}.get(outcome, 0)
        port = 252 + i // 6 if i < 240 else 0           # six behind each; the last twelve on the root bus
        bus = 64 + i // 6 if port else 0
        leaves.append((i // 126, bus, (i % 6 if port else 16 + i % 12) << 3, outcome, reason, 0x8086, 0x10d3, 0x020000,
                       0x507, 0x507 if outcome in (4, 5) else 0x503, GATED, 2000 + i, 0, 0, 0, port and port + 1))
    for i in range(40):                                 # a downstream port of a switch for each
        ports.append((i // 20, 32 + i // 5, i % 5 << 3, 0, 2, 0x104c, 0x8233, 0x060400, 0x507, 0x507,
                      0x218 if i % 7 == 3 else 0x408 if i % 7 == 5 else 0x18, 0, 1, 0, 0, 292 + i // 5 + 1))
    for i in range(8):                                  # its upstream port
        ports.append((i // 4, 16 + i, 0, 0, 2, 0x104c, 0x8232, 0x060400, 0x507, 0x507, 0x18, 0, 1, 0, 0, 300 + i // 2 + 1))
    for i in range(6):                                  # root ports, two of them with nothing below
        ports.append((i // 2 if i < 4 else 0, 0, 0x10 + i << 3, 0, 2, 0x1b36, 0x000c, 0x060400, 0x507, 0x507, 0x18, 0, 1, 0, 0, 0))
    return record(leaves + ports, policy=2, resets=(6, 0, 6))


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
    "older": lambda: with_record(old_record()),
    "older-reasons": lambda: with_record(record(OLD_REASONS, policy=2)),
    "reasons": lambda: with_record(record(REASONS, policy=2, resets=(0, 0, 1), unanswered=3)),
    # Before @unanswered was appended: the field is not part of the header.
    "older-248": lambda: with_record(record(unanswered=3, header_size=NO_UNANSWERED, cut=1,
                                            total=NO_UNANSWERED + ENTRY * len(FUNCTIONS))),
    "arrived": lambda: with_record(record(incomplete=1)),
    # Its header ends where the dump does: not a byte may be read behind it.
    "older-tight": lambda: elf(info_text(OLD_HEAD, f"{NOTE_KEY}{RECORD_AT + PAGE - OLD_HEAD:#x},{OLD_HEAD}\n"),
                               bytes(PAGE - OLD_HEAD) + old_record([])),
    "contained": lambda: with_record(record(ESCALATED, verdict=2, policy=2, resets=(1, 1, 1))),
    "silent": lambda: with_record(record(ESCALATED + SILENT, policy=2, resets=(2, 1, 1))),
    "silent-older": lambda: with_record(record(
        with_ports(ESCALATED + SILENT, *[0] * 10), policy=2, resets=(2, 1, 1))),
    # Itself, behind the last, no port, and a circle.
    "bad-ports": lambda: with_record(record(
        with_ports(ESCALATED + SILENT, 1, 11, 0xffffffff, 5, 0, 0, 0, 9, 8, 10), policy=2)),
    "late": lambda: with_record(record(LATE, verdict=1, policy=3)),
    "twice": lambda: with_line(f"{NOTE_KEY}0x7000,300\n"
                               f"{NOTE_KEY}{RECORD_AT:#x},{len(record())}\n"),
    "unknown": lambda: with_record(record(
        [(0, 1, 8, 99, 77, 1, 2, 3, 4, 5, 1 << 12, 6, 1 << 31)], verdict=7, policy=8,
        source=9, step=10, release=b"\x1b[31m\xff\"\\")),
    "aborted": lambda: with_record(record([], verdict=5, step=2, tsc=STAMPS[:3] + [0] * 5)),
    "never": lambda: with_record(record([], verdict=0, source=0, step=0, khz=0, tsc=[0] * 8)),
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
    "line-small": lambda: with_line(f"{NOTE_KEY}{RECORD_AT:#x},231\n"),
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
    "newer": lambda: with_record(record(version=2)),
    "version-0": lambda: with_record(record(version=0)),
    "header-size": lambda: with_record(record(header_size=231)),
    "entry-size": lambda: with_record(record(entry_size=31)),
    "nr": lambda: with_record(record(nr=7)),
    "nr-wrap": lambda: with_record(record(nr=0xffffffff, entry_size=0xffff)),
}

WINDOWS = [(0, 0, 255, 1, 0xb0000000), (1, 0, 15, 2, 0)]
NONE = 0xffffffff
TREE = [
    # bus devfn window parent class vendor device flags plan[4] command domain reset forbidden
    (2, 0x00, 0, 6, 0x020000, 0x8086, 0x10d3, 1 << 9, (0, 2, 2, 3), 0x507, 0, 1, 0),
    (2, 0x10, 0, 4, 0x020000, 0x8086, 0x10ed, 1 << 1, (0, 2, 2, 3), 0x507, 0, 1, 0),
    (3, 0x00, 0, 7, 0x00ff00, 0x1234, 0x11e8, 1 << 4, (0, 0, 0, 0), 0x107, 0, 0, 5),
    (4, 0x00, 0, 8, 0x030000, 0x1234, 0x1111, 1 << 10, (0, 2, 2, 2), 0x407, 0, 0, 1),
    (2, 0x08, 0, 6, 0x020000, 0x8086, 0x10c9, 1 << 2, (0, 2, 2, 3), 0x507, 0, 1, 0),
    (4, 0x01, 0, 8, 0x040300, 0x1234, 0x1112, 1 << 9, (0, 2, 2, 3), 0x407, 0, 2, 1),
    (1, 0x00, 0, 9, 0x060400, 0x104c, 0x8232, 1, (0, 1, 1, 3), 0x507, 0, 1, 0),
    (0, 0x11, 0, NONE, 0x060400, 0x1b36, 0x000c, 1 | 1 << 15, (0, 1, 1, 1), 0x507, 0, 0, 5),
    (0, 0x18, 0, NONE, 0x060400, 0x1b36, 0x000c, 1 | 1 << 15, (0, 1, 1, 1), 0x507, 0, 0, 1),
    (0, 0x10, 0, NONE, 0x060400, 0x1b36, 0x000c, 1 | 1 << 15, (0, 1, 1, 1), 0x507, 0, 1, 0),
    (0, 0xfa, 0, NONE, 0x010601, 0x8086, 0x2922, 1 << 15, (0, 2, 2, 2), 0x407, 0, 0, 8),
    (0, 0xf8, 0, NONE, 0x060100, 0x8086, 0x2918, 1 << 3, (0, 0, 0, 0), 0x007, 0, 0, 5),
    (0, 0x28, 0, NONE, 0x020000, 0x8086, 0x0d4f, 1 << 9 | 1 << 15, (0, 2, 2, 3), 0x507, 0, 2, 8),
    (0, 0x08, 0xffff, NONE, 0x010802, 0x144d, 0xa808, 0, (0, 0, 0, 9), 0x407, 2, 0, 7),
]


# A function for each flag that changes the plan; reset= names the one on bus 2.
FLAGS = [
    (1, 0x00, 0, 9, 0x010400, 0x1014, 0x01bd, 1 << 24 | 1 << 30, (0, 0, 0, 0), 0x107, 0, 0, 15),
    (1, 0x08, 0, 9, 0x010700, 0x1000, 0x0097, 1 << 30, (0, 2, 2, 2), 0x507, 0, 0, 15),
    (2, 0x00, 0, 10, 0x010700, 0x1000, 0x0097, 1 << 30 | 1 << 31, (0, 2, 3, 3), 0x507, 0, 1, 0),
    (2, 0x01, 0, 10, 0x010700, 0x1000, 0x0097, 1 << 30 | 1 << 31, (0, 2, 3, 3), 0x507, 0, 1, 0),
    (3, 0x00, 0, 11, 0x0c0330, 0x10de, 0x1ad6, 1 << 19, (0, 2, 2, 2), 0x400, 0, 0, 7),
    (4, 0x00, 0, 12, 0x040100, 0x1102, 0x0004, INTX_BROKEN, (0, 2, 2, 2), 0x007, 0, 0, 17),
    (0, 0x30, 0, NONE, 0x120000, 0x1002, 0x164e, 1 << 27 | 1 << 19, (0, 0, 0, 0), 0x000, 0, 0, 7),
    (0, 0x38, 0, NONE, 0x068000, 0x1022, 0x148b, 1 << 25, (0, 0, 0, 0), 0x507, 0, 0, 5),
    (0, 0x40, 0, NONE, 0x058000, 0x1234, 0x0d93, 1 << 11 | 1 << 26, (0, 2, 2, 2), 0x406, 0, 0, 2),
    (0, 0x10, 0, NONE, 0x060400, 0x1b36, 0x000c, 1, (0, 1, 1, 1), 0x507, 0, 0, 15),
    (0, 0x18, 0, NONE, 0x060400, 0x1b36, 0x000c, 1 | 1 << 31, (0, 1, 1, 1), 0x507, 0, 1, 0),
    (0, 0x20, 0, NONE, 0x060400, 0x1b36, 0x000c, 1, (0, 1, 1, 1), 0x507, 0, 0, 7),
    (0, 0x28, 0, NONE, 0x060400, 0x1b36, 0x000c, 1 | 1 << 29, (0, 1, 1, 1), 0x507, 0, 0, 17),
]


def snapshot(tree=TREE, more=0, **change):
    """A snapshot; @more bytes are behind the header and behind each function."""
    windows_at = 192 + more
    funcs_at = windows_at + 32 * len(WINDOWS)
    h = dict(magic=b"KPCIQSNP", version=1, header_size=windows_at, func_size=64 + more,
             total=funcs_at + (64 + more) * len(tree), windows=windows_at, funcs=funcs_at,
             nr_windows=len(WINDOWS), nr_funcs=len(tree))
    h.update(change)
    head = struct.pack("<8sHHHHIIQQIIIIIIQIIQQQII64s16x", h["magic"], h["version"],
                       h["header_size"], h["func_size"], 80, h["total"], h["total"], 0, 0,
                       7, h["nr_windows"], h["nr_funcs"], h["windows"], h["funcs"],
                       h["total"], 1767225600, 321, 4096, 0, RECORD_AT, 0, 0, 0,
                       b"6.1.0-test") + b"\xee" * more
    body = b"".join(struct.pack("<IBBBBQQQ", d, a, b, t, 0, p, 0, 0)
                    for d, a, b, t, p in WINDOWS)
    for bus, devfn, window, parent, klass, vendor, device, flags, plan, cmd, dom, reset, why in tree:
        body += struct.pack("<IBBHIIHHIHHHHBB4BHBBH20x", dom, bus, devfn, window, parent,
                            klass, vendor, device, flags, 0, 0, 0, 0, 0, 0, *plan, cmd,
                            reset, why, 100 if reset else 0) + b"\xee" * more
    return head + body


def old_tree():
    """A module that resets nothing plans for one policy and leaves the rest 0."""
    return [f[:8] + ((0, f[8][1], 0, 0),) + f[9:11] + (0, 0) for f in TREE]


SNAPSHOTS = {
    "snapshot": snapshot,
    "older": lambda: snapshot(old_tree()),
    "flags": lambda: snapshot(FLAGS),
    "longer": lambda: snapshot(more=16),
    "bad-magic": lambda: snapshot(magic=b"KPCIQREC"),
    "bad-newer": lambda: snapshot(version=2),
    "bad-short": lambda: snapshot()[:100],
    "bad-cut": lambda: snapshot()[:-1],
    "bad-header": lambda: snapshot(header_size=100),
    "bad-size": lambda: snapshot(func_size=63),
    "bad-count": lambda: snapshot(nr_funcs=0xffffffff),
    "bad-parent": lambda: snapshot(TREE[:3] + [TREE[3][:3] + (2,) + TREE[3][4:]] + TREE[4:]),
    "bad-window": lambda: snapshot([TREE[0][:2] + (2,) + TREE[0][3:]] + TREE[1:]),
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


main(sys.argv)
