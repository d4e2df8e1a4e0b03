#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""KUnit, run at boot in QEMU. VERSIONS: which kernels, as for scripts/build-kernel ("6.12", "6.12-debug"). TAP."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "panic")]

import ktap  # noqa: E402
from kpt import inputs  # noqa: E402

SUITES = ("kexec_pci_quiesce", "kexec_pci_quiesce_plan", "kexec_pci_quiesce_snapshot")
SAFETY_STOP = 900  # seconds: no pass mark

# A switch, a function on the root bus, and something that speaks INTx.
DEVICES = (
    "-device pcie-root-port,id=root,chassis=1 -device x3130-upstream,id=up,bus=root "
    "-device xio3130-downstream,id=down,bus=up,chassis=2 -device e1000e,bus=down -device edu -device intel-hda"
).split()

# What the parser must not let pass: lines, and a word of the complaint.
SUITE = ["KTAP version 1", "1..1", "    # Subtest: a", "    1..1", "    ok 1 t", "ok 1 a"]
BAD_LOGS = {
    "a case that fails": (SUITE[:4] + ["    not ok 1 t", "not ok 1 a"], "a/t: failed"),
    "a parameter that fails": (SUITE[:4] + ["        ok 1 p", "        not ok 2 q", "    not ok 1 t", "not ok 1 a"], "a/t/q: failed"),
    "a suite that fails although its cases do not": (SUITE[:5] + ["not ok 1 a"], "a: failed"),
    "a case that is skipped": (SUITE[:4] + ["    ok 1 t # SKIP not armed", "ok 1 a"], "not armed"),
    "a log that is cut short": (SUITE[:5], "not finished"),
    "a case that is missing": (["1..1", "    1..2", "    ok 1 t", "ok 1 a"], "2 planned, 1 seen"),
    "another suite only": (["1..1", "    1..1", "    ok 1 t", "ok 1 b"], "no test ran"),
    "a kernel that complains": (["BUG: KASAN: out-of-bounds", *SUITE], "complains"),
}

number = 0


def result(good, text, remarks=()):
    global number
    number += 1
    print(f"{'ok' if good else 'not ok'} {number} - {text}")
    for remark in remarks:
        print(f"# {remark}")
    sys.stdout.flush()


def boot(version, directory):
    """The console of one boot."""
    os.makedirs(directory, exist_ok=True)
    vmlinuz = os.path.join(inputs.kernel(f"intree-{version}").directory, "vmlinuz")
    command = [
        "nice", "-n", "10", inputs.qemu(""), "-accel", "tcg", "-smp", "2", "-machine", "q35", "-m", "512M",
        "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio", *DEVICES, "-kernel", vmlinuz, "-append",
        "console=ttyS0 panic=1 kunit.enable=1 kunit.autorun=1 kunit.filter_glob=kexec_pci_quiesce* kunit_shutdown=poweroff",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=SAFETY_STOP, check=False)
    with open(os.path.join(directory, "console.log"), "w", encoding="utf-8") as log:
        log.write(done.stdout + done.stderr)
    return done.stdout.splitlines()


_, wrong = ktap.parse(SUITE, ["a"])
result(not wrong, "the parser takes a good log", wrong)
for what, (lines, wanted) in BAD_LOGS.items():
    _, wrong = ktap.parse(lines, ["a"])
    result(any(wanted in text for text in wrong), f"the parser complains about {what}", wrong)

for version in os.environ.get("VERSIONS", "6.1 6.12 7.2 6.12-debug").split():
    lines = boot(version, os.path.join(inputs.OUT, f"kunit-{version}"))
    results, wrong = ktap.parse(lines, SUITES)
    for path, good, why in results:
        result(good and not why, f"{version}: {path}")
    result(not wrong, f"{version}: all of KUnit's cases ran, {len(results)} in {len(SUITES)} suites", wrong[:20])
print(f"1..{number}")
