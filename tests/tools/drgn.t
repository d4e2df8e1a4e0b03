#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""tools/drgn/pciq.py prints the same as kexec-quiesce report, of the records of samples.py. TAP.

A stand-in for drgn gives the script the VMCOREINFO note and the memory of the sample: no
kernel is needed. tests/panic/agree.py compares them on real dumps.
"""

import contextlib
import io
import os
import re
import struct
import subprocess
import sys
import tempfile
import types

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))

from tap import plan, tap  # noqa: E402

sys.path.insert(0, HERE)
import samples  # noqa: E402

TOOL = os.environ.get("KEXEC_QUIESCE") or os.path.join(os.environ.get("OUT") or os.path.join(ROOT, "out"), "tools/kexec-quiesce")
SCRIPT = os.path.join(ROOT, "tools/drgn/pciq.py")
NOTE = 0xFFFF888000000000
CASES = "good clean many longer bad-sum reasons contained not-ready no-ports bad-ports late arrived unknown aborted never forest".split()


def xxh64(data):
    """As samples.py makes checksums: the script need not have its module here."""
    return types.SimpleNamespace(intdigest=lambda: samples.xxh64(bytes(data)))


XXHASH = types.ModuleType("xxhash")
XXHASH.xxh64 = xxh64


class FaultError(Exception):
    """As drgn's, where there is no memory."""


class Sample:
    """What the script asks of drgn's program: an ELF file of samples.py."""

    def __init__(self, path):
        with open(path, "rb") as f:
            data = f.read()
        nr = struct.unpack_from("<H", data, 56)[0]
        heads = [struct.unpack_from("<IIQQQQQQ", data, 64 + 56 * i) for i in range(nr)]
        self.memory = {(NOTE, False) if h[0] == 4 else (h[4], True): data[h[2] : h[2] + h[5]] for h in heads}

    def __getitem__(self, name):
        assert name == "vmcoreinfo_note"
        return types.SimpleNamespace(value_=lambda: NOTE)

    def read(self, address, size, physical=False):
        for (start, is_physical), data in self.memory.items():
            if is_physical == physical and start <= address and address + size <= start + len(data):
                return data[address - start : address - start + size]
        raise FaultError


def modules():
    """Stand-ins for those that the script imports."""
    drgn = types.ModuleType("drgn")
    drgn.FaultError, drgn.Object = FaultError, None
    found = {"drgn": drgn, "xxhash": XXHASH}
    for name in ("drgn.helpers", "drgn.helpers.linux", "drgn.helpers.linux.list"):
        found[name] = types.ModuleType(name)
    found["drgn.helpers.linux.list"].list_for_each_entry = lambda *_: ()
    return found


def script(program, *options):
    """Of the ELF file with that path, or another stand-in."""
    program = Sample(program) if isinstance(program, str) else program
    out = io.StringIO()
    sys.argv = [SCRIPT, *options]
    with open(SCRIPT, encoding="utf-8") as f, contextlib.redirect_stdout(out):
        exec(compile(f.read(), SCRIPT, "exec"), {"__name__": "pciq", "__doc__": "", "prog": program})  # pylint: disable=exec-used
    return paragraphs(out.getvalue())


def report(path):
    return paragraphs(subprocess.run([TOOL, "report", path], capture_output=True, text=True, check=False).stdout)


def paragraphs(text):
    return [part.strip("\n") for part in text.split("\n\n")]


def without(parts, *first):
    return [part for part in parts if not part.startswith(first)]


def compare(case, path):
    try:
        said, wanted = script(path), report(path)
    except BaseException as why:  # SystemExit, too: the script ends with a message
        tap(False, f"{case}: pciq.py ends by itself", repr(why))
        return
    # How functions refused is said in words by the command alone.
    same = "\n\n".join(without(said)) == "\n\n".join(without(wanted, "Step ", "Refused,"))
    tap(same, f"{case}: as report", "\n".join(f"{a!r}\n{b!r}" for a, b in zip(said, without(wanted, "Step ", "Refused,")) if a != b))
    steps = script(path, "-t")
    tap(steps == [part for part in wanted if part.startswith("Step ")], f"{case}: -t", steps)


class Kernel(Sample):
    """And its snapshots, without a record: the second half of samples.py."""

    CTL, AT = 0xFFFFFFFFC0001000, (0xFFFF888000100000, 0xFFFF888000200000)

    def __init__(self, snapshots, newest):
        self.memory = {(self.CTL, False): struct.pack("<3QII", *self.AT, 0, newest, 2), (NOTE, False): bytes(4096)}
        self.memory.update({(at, False): data for at, data in zip(self.AT, snapshots)})

    def __getitem__(self, name):
        if name == "modules":
            return types.SimpleNamespace(address_of_=lambda: None)
        return super().__getitem__(name)

    def symbol(self, name):
        assert name == "pciq_ctl"
        return types.SimpleNamespace(address=self.CTL)


def listed(text):
    return re.findall(r"^(\S+) .* ([0-9a-f]{4}:[0-9a-f]{4} \S+).*?(\[[a-z0-9,-]*\])?$", text, re.M)


def snapshots(tmp):
    subprocess.run([sys.executable, os.path.join(HERE, "samples.py"), "sysfs", os.path.join(tmp, "sys")], check=True)
    data = {}
    for name in ("snapshot", "flags", "bad-first", "bad-second", "bad-older"):
        with open(os.path.join(tmp, "sys/kernel/kexec_pci_quiesce", name), "rb") as f:
            data[name] = f.read()
    planned = subprocess.run([TOOL, "--sysfs", os.path.join(tmp, "sys"), "plan"], capture_output=True, text=True, check=True).stdout
    said = "\n\n".join(script(Kernel((data["flags"], data["snapshot"]), 1), "-s"))
    tap(listed(said) == listed(planned) and len(listed(said)) == 14, "-s: lists what plan lists", said)
    tap(re.search("^Kernel: 6.1.0-test, taken in 321 us$", said, re.M), "-s: of which kernel", said)
    for name, why in (("bad-first", "a checksum is wrong"), ("bad-second", "a checksum is wrong"),
                      ("bad-older", "snapshot version 2, this script knows 3")):  # fmt: skip
        try:
            said = script(Kernel((data[name], data["snapshot"]), 0), "-s")
        except SystemExit as end:
            said = str(end)
        tap(why in said, f"-s: {name}", said)


def main():
    sys.modules.update(modules())
    with tempfile.TemporaryDirectory() as tmp:
        for case in CASES:
            path = os.path.join(tmp, case)
            subprocess.run([sys.executable, os.path.join(HERE, "samples.py"), "vmcore", case, path], check=True)
            compare(case, path)
        one = "\n".join(script(os.path.join(tmp, "reasons"), "-d", "03:00.0"))
        snapshots(tmp)
        sys.modules["xxhash"] = None
        for case in ("good", "bad-sum"):
            said = script(os.path.join(tmp, case))[0]
            tap(re.search("^Checksum:  not verified: there is no Python module xxhash$", said, re.M), f"{case}, without xxhash", said)
    for row in ("DRIVER: snd_emu10k1x", "QUIET: -", "NO RESET: -", "OUTCOME: refused", "REASON: intx-stuck", "FLAGS: intx,intx-used,intx-broken"):
        tap(re.search(f"^ *{row}$", one, re.M), f"-d: {row}", one)
    return plan()


sys.exit(main())
