#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""crashkernel=,cma on 7.2: the ten seconds that a crashing kernel waits for DMA to end.

The same machine panics three times. An endpoint writes, every 5 ms, into a page that the
kernel has lent to user space from the memory of the capture kernel. TAP, and a table.
"""

import argparse
import json
import os
import re
import sys

from kpt import inputs, kdump
from kpt.setup import Setup

WAIT = 10  # seconds, crash_cma_clear_pending_dma()
LOAD = "rogue-obeys"
RUNS = {
    "off": "policy=off",
    "default": "",
    "excluded": "exclude=1234:4b51",  # so the verdict is not "clean"
}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", default="intree-7.2", help="a built kernel (default %(default)s)")
    return parser.parse_args()


def run(kernel, name, parameters):
    setup = Setup(
        kernel=inputs.kernel(kernel),
        tool=inputs.tool(),
        loads=(LOAD, "audio"),
        qemu="11",
        memory_mb=768,
        cmdline=" ".join(["crashkernel=128M,cma", *(f"kexec_pci_quiesce.{p}" for p in parameters.split())]),
        # Its first line is to be seen, not the first of its userland.
        capture_cmdline="ignore_loglevel",
    )
    return kdump.Run(setup, os.path.join(inputs.OUT, f"cma-{kernel}", name), lambda text: print(f"# {name}: {text}", flush=True)).run()


def run_until_saved(kernel, name, parameters):
    """What goes on writing may hit the program that saves the dump: that is the harm, but there is no verdict to read then."""
    for _ in range(1 if name == "default" else 3):
        result = run(kernel, name, parameters)
        if result["saved"]:
            break
    return result


def seconds_to_capture(directory):
    """From the panic to the capture kernel's first line, by the clock of this machine."""
    times = {}
    with open(os.path.join(directory, "console.log"), encoding="utf-8") as log:
        for line in log:
            when, text = line.strip().split(" ", 1) if " " in line.strip() else (line, "")
            for what in ("Kernel panic - not syncing", "Linux version"):
                if what in text:
                    times.setdefault(what, float(when))
    panic, first = times.get("Kernel panic - not syncing"), times.get("Linux version")
    return None if panic is None or first is None else round(first - panic, 1)


def row(result, directory):
    record = result.get("record") or {}
    return {
        "cma": result["said"].get("cma", "").strip(),
        "seconds": seconds_to_capture(directory),
        "lines": result["cma"].get(LOAD),
        "saved": result["saved"],
        "verdict": record.get("verdict", "none"),
        "microseconds": record.get("microseconds"),
        "failed": result["failed"],
    }


def checks(rows):
    off, default, excluded = (rows[name] for name in RUNS)

    def waited(some, other):
        """Whether the difference is nearer to the wait than to nothing."""
        return None not in (some["seconds"], other["seconds"]) and some["seconds"] - other["seconds"] > WAIT / 2

    yield "crashkernel=,cma is configured, and an endpoint writes there", all(
        re.match(r"[0-9a-f]+-[0-9a-f]+", r["cma"]) and r["lines"] is not None for r in rows.values()
    )
    yield "off: writes go on after the jump, for all the waiting", off["lines"]
    yield "default: clean, vmcore saved", default["verdict"] == "clean" and default["saved"]
    yield "default: nothing is written there after the jump", default["lines"] == 0
    yield "default: the wait is skipped", waited(off, default)
    yield "not clean: partial", excluded["verdict"] == "partial"
    yield "not clean: the wait is kept", waited(excluded, default)


def main():
    arguments = parse_arguments()
    rows = {}
    for name, parameters in RUNS.items():
        result = run_until_saved(arguments.kernel, name, parameters)
        rows[name] = row(result, os.path.join(inputs.OUT, f"cma-{arguments.kernel}", name))
    print(f"# {'':10} {'seconds from panic to':>22} {'lines written to CMA':>22}")
    print(f"# {'':10} {'capture kernel':>22} {'after the jump':>22} {'vmcore':>8}  verdict")
    for name, r in rows.items():
        print(f"# {name:10} {r['seconds']!s:>22} {r['lines']!s:>22} {'saved' if r['saved'] else 'lost':>8}  {r['verdict']} {r['failed']}")
    with open(os.path.join(inputs.OUT, f"cma-{arguments.kernel}.json"), "w", encoding="utf-8") as f:
        json.dump(rows, f, indent=1)
    failed = 0
    number = 0
    for number, (text, good) in enumerate(checks(rows), 1):
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {text}")
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
