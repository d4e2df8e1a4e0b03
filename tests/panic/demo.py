#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The main job, end to end, on a stock kernel: panic, quiesce, capture, verify.

The same machine panics twice, under the same DMA load: without the module, and
with it. Exit status 0: memory of the dead kernel was written to without the
module, and was not with it. 1: anything else. 2: usage.
"""

import argparse
import json
import os
import shutil
import sys

from kpt import dump, inputs, kdump, loads
from kpt.setup import Setup

LINE = 64  # bytes; a line counts in full if any byte of it changed


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", default=os.environ.get("KERNEL", "6.1"), help="6.1, 6.12 or 7.2 (default %(default)s)")
    parser.add_argument("--module", help="kexec_pci_quiesce.ko (default: built from this tree)")
    parser.add_argument("--tool", help="kexec-quiesce (default: out/tools/kexec-quiesce)")
    parser.add_argument("--parameters", default="policy=escalate", help="of the module (default: %(default)s)")
    parser.add_argument("--out", default=inputs.OUT, help="directory for demo.json, logs and dumps (default: out)")
    parser.add_argument("--no-crash", action="store_true", help="do not fetch the debug kernel for the crash utility")
    return parser.parse_args()


def say(text=""):
    print(text, flush=True)


def run_once(title, directory, setup):
    say(f"\n{title}")
    shutil.rmtree(directory, ignore_errors=True)
    return kdump.Run(setup, directory, lambda text: say("  " + text)).run()


# What the table is made of: (text, value without, value with)


def memory_rows(both, gated):
    for load in loads.ALL.values():
        if load.gated == gated:
            lines = [r.get("outside", {}).get(load.name, 0) for r in both]
            yield f"  {load.what} [{load.where}]", *(n * LINE for n in lines)
            if not gated:
                yield f"    ({load.why})", "", ""


def rows(both):
    yield "Bytes that changed after the jump, seen from outside", "", ""
    yield from memory_rows(both, gated=True)
    yield "  written by none of these", *(r.get("outside", {}).get("other", 0) * LINE for r in both)
    yield "  not counted: devices that this emulator lets write at BME=0", "", ""
    yield from memory_rows(both, gated=False)
    yield "Bytes that changed between two reads in the capture kernel", *(inside(r) * LINE for r in both)
    yield "Functions still bus mastering after the jump (not counting bridges)", *(len(r["mastering-at-jump"]) for r in both)
    yield "  the same when the capture kernel is up", *(number(r, "functions-mastering") for r in both)
    yield "MSIs sent to the dead kernel", *(msis(r) for r in both)
    yield "Functions asserting INTx after the jump", *(len(r["intx-at-jump"]) for r in both)
    yield "Interrupts that the capture kernel had no handler for", *(number(r, "unhandled-vectors") for r in both)
    yield "Vmcore saved", *("yes" if r["saved"] else "no" for r in both)
    records = [r.get("record") or {} for r in both]
    yield "Verdict", *(f"{r['verdict']} {r['quiet']}/{r['total']}" if r else "-" for r in records)
    yield "Microseconds in the crashed kernel (emulated, not hardware time)", *(r.get("microseconds", "-") for r in records)
    for step in records[1].get("steps", []):
        if step["us"] is not None:
            yield f"  {step['name']}", "-", round(step["us"])


def number(result, key):
    return int(result.get("said", {}).get(key, -1))


def inside(result):
    return number(result, "canary-lines-changed")


def msis(result):
    return sum(result.get("interrupts", {}).values())


def print_table(table):
    width = max(len(row[0]) for row in table)
    say(f"\n{'':{width}}  {'without':>12}  {'with':>12}")
    for text, without, with_us in table:
        say(f"{text:{width}}  {without:>12}  {with_us:>12}".rstrip())


def judge(without, with_us):
    """What is wrong with the two runs, as lines; none = the demo has shown what it is to show."""
    wrong = [f"{title}: {r['failed']}" for title, r in (("without", without), ("with", with_us)) if r["failed"]]
    if wrong:
        return wrong
    counted = [load.name for load in loads.ALL.values() if load.gated]
    checks = [(f"{name} wrote nothing without the module: no harm seen", without["outside"].get(name)) for name in counted]
    checks += [
        ("the canary saw no harm without the module", inside(without) > 0),
        ("no MSI reached the dead kernel without the module", msis(without)),
        ("no function was mastering without the module", without["mastering-at-jump"]),
        (f"vmcore not saved without the module: {without['unsaved']}", without["saved"]),
        (f"vmcore not saved with the module: {with_us['unsaved']}", with_us["saved"]),
        ("the canary changed with the module", inside(with_us) == 0),
        ("functions still master with the module", not with_us["mastering-at-jump"]),
        ("functions still assert INTx with the module", not with_us["intx-at-jump"]),
        ("interrupts reached the dead kernel with the module", not msis(with_us)),
        ("the record is not in the dump", with_us.get("record")),
        ("the verdict is not clean", (with_us.get("record") or {}).get("verdict") == "clean"),
    ]
    checks += [(f"{name} wrote memory with the module", not with_us["outside"].get(name)) for name in [*counted, "other"]]
    return [text for text, good in checks if not good]


def show_record(arguments, result, module):
    """The record, as the capture kernel and crash see it."""
    say("\nIn the capture kernel, the VMCOREINFO note of /proc/vmcore, and kexec-quiesce report /proc/vmcore:")
    for line in result["notes"] + result["report"]:
        say("  " + line)
    address = dump.record_address(result["notes"])
    if arguments.no_crash or not address:
        return
    vmlinux = inputs.vmlinux(arguments.kernel)
    say("\nIn the dump, with crash and the kernel's debug information:")
    commands = dump.record_commands(address, module)
    result["crash"] = dump.crash(inputs.crash(arguments.kernel), vmlinux, result["dump"], commands)
    for line in result["crash"].splitlines():
        say("  " + line)


def main():
    arguments = parse_arguments()
    say(f"kernel {arguments.kernel}: fetching what is not in the cache")
    kernel = inputs.kernel(arguments.kernel)
    module = os.path.abspath(arguments.module or inputs.module(arguments.kernel))
    tool = arguments.tool or inputs.tool()
    for path, what in ((module, "--module: no such file"), (tool, "--tool: no kexec-quiesce, build it with: make tools")):
        if not os.path.isfile(path):
            say(f"demo.py: {what}: {path}")
            return 2
    common = {"kernel": kernel, "loads": tuple(loads.ALL), "tool": tool, "tool_in_capture": True}
    logs = os.path.join(arguments.out, "demo")

    without = run_once("1. Without the module", os.path.join(logs, "without"), Setup(**common))
    with_us = run_once(
        f"2. With the module ({arguments.parameters})",
        os.path.join(logs, "with"),
        Setup(
            **common,
            files={"modules/kexec_pci_quiesce.ko": module},
            before_panic=f"insmod /modules/kexec_pci_quiesce.ko {arguments.parameters} || give_up insmod\n",
        ),
    )

    wrong = judge(without, with_us)
    table = [] if without["failed"] or with_us["failed"] else list(rows([without, with_us]))
    if table:
        print_table(table)
        show_record(arguments, with_us, module)
    with open(os.path.join(arguments.out, "demo.json"), "w", encoding="utf-8") as f:
        json.dump({"kernel": kernel.release, "good": not wrong, "wrong": wrong, "table": table,
                   "without": without, "with": with_us}, f, indent=1)  # fmt: skip
    say(f"\nWritten: {arguments.out}/demo.json; consoles and dumps are in {logs}")
    say("\n".join("WRONG: " + text for text in wrong) or "Harm seen without the module, none with it.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
