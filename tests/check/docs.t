#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The documents build without a warning, and every command in them is run by a test. TAP."""

import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests"), os.path.join(ROOT, "tests/panic"), os.path.join(ROOT, "tests/tools")]

import machines  # noqa: E402
from kpt import dump, guide  # noqa: E402
from tap import plan, tap  # noqa: E402

OUT = os.environ.get("OUT") or os.path.join(ROOT, "out")
SAVED = "/var/crash/202611231954/dump.202611231954"
ASKED_OF_CRASH = ["extend", "pciq", "pciq -t", "pciq -s", "pciq -d"]  # by agree.py


def builds(path):
    done = subprocess.run(["rst2html", "--halt=5", "--report=1", path], capture_output=True, text=True, check=False)
    tap(not done.returncode and not done.stderr, f"{os.path.basename(path)}: docutils finds nothing", done.stderr)


def says_where(path):
    unsaid = [command for where, command in guide.commands(path) if where not in guide.WHERE]
    tap(not unsaid, f"{os.path.basename(path)}: each command says where it is run", unsaid)


def on_this_machine():
    with tempfile.TemporaryDirectory() as tmp:
        saved = os.path.join(tmp, "dump")
        subprocess.run([sys.executable, os.path.join(ROOT, "tests/tools/samples.py"), "vmcore", "clean", saved], check=True)
        lspci = os.path.join(tmp, "lspci")
        with open(lspci, "w", encoding="utf-8") as f:
            f.write(f"#!/bin/sh\ncat <<END\n{machines.text(machines.MACHINE)}END\n")
        os.chmod(lspci, 0o755)
        path = os.pathsep.join((os.path.join(OUT, "tools"), tmp, os.environ["PATH"]))
        for command in guide.of("host"):
            text = command.replace(SAVED, saved)
            done = subprocess.run(text, shell=True, cwd=tmp, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)
            drawn = "--svg" not in command or os.path.getsize(os.path.join(tmp, "quiesce.svg")) > 1000
            tap(not done.returncode and drawn and not done.stderr, command, done.stderr or f"exit {done.returncode}")


def in_crash():
    """Those of the documents are those that agree.py and demo.py ask."""
    asked = dump.record_commands("0x1fbc1000", "kexec_pci_quiesce.ko")
    for command in guide.of("demo"):
        tap(command.removeprefix("crash> ") in asked, command, asked)
    with open(os.path.join(ROOT, "tests/panic/agree.py"), encoding="utf-8") as f:
        agree = f.read()
    for command in guide.of("agree"):
        if command.startswith("crash> "):
            verb = re.match(r"crash> (pciq -[a-z]|\w+)", command)[1]
            tap(verb in ASKED_OF_CRASH and verb in agree, command)
        else:
            tap(command == "drgn -c VMCORE -s VMLINUX tools/drgn/pciq.py" and '"drgn", "-q", "-c", self.file, "-s", self.vmlinux' in agree, command)


def options_exist():
    """What the guide calls an option or a parameter is one."""
    with open(os.path.join(ROOT, "drivers/pci/quiesce/param.c"), encoding="utf-8") as f:
        param = f.read()
    for path in guide.FILES:
        with open(path, encoding="utf-8") as f:
            named = set(re.findall(r"``(?:kexec_pci_quiesce\.)?([a-z_]+)=", f.read())) - {"pci", "pcie_ports", "crashkernel"}
        unknown = [name for name in named if name not in param]
        tap(not unknown, f"{os.path.basename(path)}: the parameters that it names exist", unknown)


def main():
    for path in guide.FILES:
        builds(path)
        says_where(path)
    on_this_machine()
    in_crash()
    options_exist()
    for command in guide.of("system"):
        tap(False, command, todo="needs a whole Debian to install into")
    for where in ("guest", "panic", "capture", "panic-script", "after"):
        tap(guide.of(where), f"there are commands of the kind {where}")
    return plan()


sys.exit(main())
