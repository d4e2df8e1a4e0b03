# SPDX-License-Identifier: GPL-2.0-only
"""Reading a saved dump on the host: our own command, makedumpfile, and the crash utility."""

import json
import os
import re
import struct
import subprocess
import tempfile

# makedumpfile's format (its IMPLEMENTATION file): a header, with the names of struct new_utsname; two bitmaps, the second
# of the pages that are in the dump; a descriptor for each of these: offset, size, flags.
SIGNATURE, NAME_BYTES = b"KDUMP   ", 65
RELEASE = len(SIGNATURE) + 4 + 2 * NAME_BYTES
GEOMETRY = struct.Struct("<iiI")  # bytes of a block, blocks of the second header, of both bitmaps
GEOMETRY_AT = 428
DESCRIPTOR = struct.Struct("<qIIQ")
# From an oops it jumps before it gets to panic(): die() has told how many that makes.
DEATH = re.compile(r"Kernel panic - not syncing|\[#\d+\]")


def unreadable(path, release, makedumpfile="makedumpfile"):
    """Why this is no dump of a kernel of that release that has died, "" if it is one."""
    with open(path, "rb") as f:
        header = f.read(GEOMETRY_AT + GEOMETRY.size)
        if not header.startswith(SIGNATURE):
            return f"the dump does not begin as one: {header[:16].hex()}"
        found = header[RELEASE : RELEASE + NAME_BYTES].split(b"\0")[0].decode("ascii", "replace")
        if found != release:
            return f"the dump is of a kernel {found}, not {release}"
        written, end = _first_hole(f), _end_of_pages(f, header)
        if written < end:
            return f"{end} bytes of the dump, but nothing was written at {written}"
    with tempfile.NamedTemporaryFile() as log:
        done = subprocess.run([makedumpfile, "-f", "--dump-dmesg", path, log.name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        text = log.read().decode("utf-8", "replace")
    if done.returncode:
        return f"makedumpfile finds no log in the dump: {done.stdout.decode(errors='replace').strip()[-200:]}"
    return "" if DEATH.search(text) else f"the kernel does not die in the dump's log, which ends: {text[-200:]}"


def _first_hole(f):
    """The disk was made as one hole: makedumpfile leaves none, so where one is a write was lost."""
    return os.lseek(f.fileno(), 0, os.SEEK_HOLE)


def _end_of_pages(f, header):
    block, second_header, bitmaps = GEOMETRY.unpack_from(header, GEOMETRY_AT)
    f.seek((1 + second_header) * block)
    both = f.read(bitmaps * block)
    pages = bin(int.from_bytes(both[len(both) // 2 :], "little")).count("1")
    descriptors = f.read(pages * DESCRIPTOR.size)
    descriptors = descriptors[: len(descriptors) // DESCRIPTOR.size * DESCRIPTOR.size]
    return max((offset + size for offset, size, _, _ in DESCRIPTOR.iter_unpack(descriptors)), default=1 << 62)


def report(tool, dump):
    """(what "kexec-quiesce report --json" says or None, its exit code, its error message)."""
    done = subprocess.run([tool, "report", "--json", dump], capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout), done.returncode, done.stderr.strip()
    except ValueError:
        return None, done.returncode, done.stderr.strip()


def crash(program, vmlinux, dump, commands, *options):
    """Run commands in crash; returns them and what it prints."""
    script = "".join(f"!echo 'crash> {command}'\n{command}\n" for command in commands)
    done = subprocess.run(
        ["stdbuf", "-oL", program, "-s", *options, vmlinux, dump],  # by lines: "!echo" prints past the buffer
        input=script + "quit\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip()


def opens(program, vmlinux, dump, minimal):
    """crash opens the dump: it says what the kernel died of or, in its minimal mode, finds the last line of the log."""
    if minimal:
        return bool(re.search(r"^\[ *\d+\.\d{6}\]", crash(program, vmlinux, dump, ["log | tail -n 1"], "--minimal"), re.MULTILINE))
    return "PANIC:" in crash(program, vmlinux, dump, ["sys"])


def record_address(notes):
    """Physical address of the record from the lines of the VMCOREINFO note, or None."""
    match = re.search(r"\(record\)=(0x[0-9a-f]+),", "\n".join(notes))
    return match[1] if match else None


def record_commands(address, module):
    """How to look at the record in crash, without any extension of it.

    The first two need no debug information of ours. page_offset_base is where the
    kernel maps all of physical memory.
    """
    record = f"((struct pciq_record *)(page_offset_base + {address}))"
    return [
        "help -D | grep KEXEC_PCI_QUIESCE",
        f"rd -p -a {address} 8",
        f"mod -s kexec_pci_quiesce {module}",
        "gdb set print null-stop on",
        f"p *{record}",
        f"p (enum pciq_verdict){record}->verdict",
    ]
