#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""kexec-quiesce report, pciq.so in crash, and pciq.py in drgn agree on the same dumps. TAP.

No crash reads dumps of 7.2 yet: there the other two are compared.

Two panics: one with resets, a refusal to touch and all the rest, and one with
policy "off", which leaves a snapshot and no record.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

from kpt import dump, inputs, kdump
from kpt.setup import Setup

ADDRESS = re.compile(r"[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] ")
RECORD = "policy=reset exclude=class=0403"
STATE = "kexec-quiesce plan >/tmp/plan\nsed 's/^/KPCIQ plan: /' /tmp/plan\n"


def build_extension(directory, include):
    """pciq.so, for the crash whose headers are in include."""
    made = subprocess.run(
        ["make", "-s", "-C", os.path.join(inputs.ROOT, "tools/crash"), f"O={directory}", f"CRASH_INCLUDE={include}", "all"],
        stdout=sys.stderr, check=False,
    )  # fmt: skip
    if made.returncode:
        raise SystemExit("pciq.so does not build")
    return os.path.join(directory, "pciq.so")


def crashes(version):
    """(what, command, extension) of each crash that reads this kernel's dumps."""
    if not inputs.crash_knows(version):
        return
    new = inputs.crash("6.12")
    found = [("crash", "crash", "/usr/include")] if version == "6.1" else []  # crash 8 knows no newer kernel
    found.append(("newer crash", new, os.path.join(os.path.dirname(new), "root/usr/include")))
    for what, command, include in found:
        yield what, command, build_extension(os.path.join(inputs.OUT, what.replace(" ", "-")), include)


def panic(version, name, parameters):
    directory = os.path.join(inputs.OUT, f"panic-{version}", "agree-" + name)
    shutil.rmtree(directory, ignore_errors=True)
    setup = Setup(
        kernel=inputs.kernel(version), tool=inputs.tool(), tool_in_first=True, loads=("nic", "audio"),
        files={"modules/kexec_pci_quiesce.ko": inputs.module(version)},
        before_panic=f"quiesce {parameters}\n{STATE}",
    )  # fmt: skip
    return kdump.Run(setup, directory).run()


class Dump:
    """One dump, and what each of the three says about it."""

    def __init__(self, version, result):
        self.file = result["dump"]
        self.vmlinux = inputs.vmlinux(version)
        self.plan = [line[12:] for line in result["console"] if line.startswith("KPCIQ plan: ")]

    def report(self, *options):
        done = subprocess.run([inputs.tool(), "report", self.file, *options], capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).splitlines()

    def crash(self, command, extension, *lines):
        """What each of the lines printed, as lists of lines."""
        said = dump.crash(command, self.vmlinux, self.file, [f"extend {extension}", *lines]).splitlines()
        marks = [i for i, line in enumerate(said) if line.startswith("crash> ")] + [len(said)]
        return [said[a + 1 : b] for a, b in zip(marks, marks[1:])][1:]

    def drgn(self, *options):
        done = subprocess.run(
            ["drgn", "-q", "-c", self.file, "-s", self.vmlinux, os.path.join(inputs.ROOT, "tools/drgn/pciq.py"), *options],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return (done.stdout + done.stderr).splitlines()


class Tap:
    def __init__(self):
        self.nr = self.failed = 0

    def same(self, what, left, right):
        self.nr += 1
        left, right = list(left), list(right)
        good = left == right and left
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.nr} - {what}")
        for a, b in zip(left + [None] * len(right), right + [None] * len(left)):
            if a != b and not good:
                print(f"# {a!r}\n# {b!r}")
        sys.stdout.flush()


def strip(lines):
    return [line for line in lines if line]


def paragraphs(lines, *unwanted):
    """The lines of the paragraphs that begin with none of the unwanted words."""
    parts = [part.strip("\n") for part in "\n".join(lines).split("\n\n")]
    return strip("\n".join(part for part in parts if not part.startswith(unwanted)).splitlines())


def rows(lines):
    """Address, ID, plan and flags of each function; a guest has no pci.ids, so no names."""
    found = [re.match(r"(\S+) .* ([0-9a-f]{4}:[0-9a-f]{4} \S+).*?(\[[a-z0-9,-]*\])?$", line) for line in lines if ADDRESS.match(line)]
    return [match.groups() for match in found]


def with_record(tap, the, tools):
    text = the.report()
    rest = paragraphs(text, "Step ")
    steps = [line for line in strip(text) if line not in rest]
    addresses = [line.split()[0] for line in rest if ADDRESS.match(line)]
    asked = ["pciq", "pciq -t", "pciq -s", *(f"pciq -d {a}" for a in addresses)]
    said = {what: [strip(part) for part in the.crash(command, ext, *asked)] for what, command, ext in tools}
    for what, parts in said.items():
        tap.same(f"{what}: pciq says what kexec-quiesce report says", parts[0], rest)
        tap.same(f"{what}: pciq -t", parts[1], steps)
        tap.same(f"{what}: pciq -s lists what kexec-quiesce plan listed before the panic", rows(parts[2]), rows(the.plan))
    tap.same("drgn says what kexec-quiesce report says", strip(the.drgn()), paragraphs(text, "Step ", "Refused,"))
    tap.same("drgn -t", strip(the.drgn("-t")), steps)
    tap.same("drgn -s lists the same", rows(the.drgn("-s")), rows(the.plan))
    alone = [strip(the.drgn("-d", address)) for address in addresses]
    for what, parts in said.items():
        told = [[line for line in part if not line.startswith("     STORY:")] for part in parts[3:]]
        tap.same(f"drgn -d and {what}'s pciq -d, function by function", alone, told)
    outcomes = {line.split()[1] for part in alone for line in part if line.startswith("   OUTCOME:")}
    tap.same("the dump has what is to be agreed on", sorted(outcomes & {"reset", "excluded", "untouched"}), ["excluded", "reset", "untouched"])


def without_record(tap, the, tools):
    message = the.report()[-1].split(": ", 2)[2]
    for what, command, ext in tools:
        parts = the.crash(command, ext, "pciq", "pciq -s", "pciq -d 00:01.0", "pciq -d foo")
        tap.same(f"{what}: no record, in the same words", strip(parts[0]), [f"pciq: {message}"])
        tap.same(f"{what}: pciq -s without a record", rows(parts[1]), rows(the.plan))
        tap.same(f"{what}: pciq -d without a record", strip(parts[2]), [f"pciq: {message}"])
    tap.same("drgn: no record, in the same words", strip(the.drgn()), [f"pciq.py: {message}"])
    tap.same("drgn -s without a record", rows(the.drgn("-s")), rows(the.plan))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", default=os.environ.get("KERNEL", "6.1"), help="6.1, 6.12 or 7.2 (default %(default)s)")
    version = parser.parse_args().kernel
    tap, tools = Tap(), list(crashes(version))
    for name, parameters, check in (("record", RECORD, with_record), ("off", "policy=off", without_record)):
        result = panic(version, name, parameters)
        if not result["saved"]:
            tap.same(f"{name}: a dump ({result['failed'] or result['unsaved']})", [], [])
            continue
        check(tap, Dump(version, result), tools)
        os.unlink(result["dump"])
    print(f"1..{tap.nr}")
    return bool(tap.failed)


if __name__ == "__main__":
    sys.exit(main())
