#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the documentation says of cost is what bench/bench.py measures with -icount, and within its budgets. TAP.

Accesses have to be the same. Instructions are the same in every run of the same kernel, QEMU and compiler; TOLERANCE
is for updates of these.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests")]

from tap import plan, tap  # noqa: E402

DOCUMENT = os.path.join(ROOT, "Documentation/kdump/pci-quiesce.rst")
TOLERANCE = 0.02
FUNCTIONS = (4, 301, 4612)
LINKS = (1, 8, 64)
MASTERING = {"none": 0, "all": 1}
# Accesses at 301 functions, 72 of them ports.
BUDGETS = {"none": 900, "all": 1350}


def rows(text, pattern):
    """Rows of a table that begin with a number of functions or links; numbers as such."""
    for line in text.splitlines():
        found = re.fullmatch(pattern, line)
        if found:
            yield [int(t.replace(",", "")) if re.fullmatch(r"[\d,]+", t) else float(t) if re.fullmatch(r"[\d.]+", t) else t for t in found.groups()]


def measure():
    """{machine: {(way, live): {"ns", "reads", "writes"}}}"""
    wanted = [f"{n} functions" for n in FUNCTIONS] + [f"{n} links" for n in LINKS]
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        only = [argument for name in wanted for argument in ("--only", name)]
        subprocess.run(
            [os.path.join(ROOT, "bench/bench.py"), "--clock", "icount", "--rounds", "1", "--json", out.name, *only],
            check=True, stdout=sys.stderr,
        )  # fmt: skip
        results = json.load(out)["results"]
    measured = {}
    for result in results:
        samples = {}
        for sample in result["samples"]:
            samples.setdefault((sample["way"], sample["live"]), []).append(sample)
        measured[result["machine"]] = {
            key: {what: statistics.median(s[what] for s in of) for what in ("ns", "reads", "writes")} for key, of in samples.items()
        }
    return measured


def is_near(written, found):
    return abs(written - found) <= max(TOLERANCE * found, 0.01)


def check_accesses(text, measured):
    table = {(n, of): (reads, writes) for n, of, reads, writes in rows(text, r"([\d,]+) +(none|all) +(\d+) +(\d+)")}
    found = {
        (n, of): tuple(int(measured[f"{n} functions"]["quiesce", live][what]) for what in ("reads", "writes"))
        for n in FUNCTIONS
        for of, live in MASTERING.items()
    }
    tap(table == found, "the table of accesses is what is counted", f"written {table}\ncounted {found}")
    for of, budget in BUDGETS.items():
        accesses = sum(found[301, of])
        tap(accesses <= budget, f"301 functions, {of} mastering: at most {budget} accesses", accesses)


def check_times(text, measured):
    table = {(n, of): times for n, of, *times in rows(text, r"([\d,]+) +(none|all) +-icount +([\d.]+) +([\d.]+) +([\d.]+)")}
    found = {}
    for n in FUNCTIONS:
        for of, live in MASTERING.items():
            ns = {way: measured[f"{n} functions"][way, live]["ns"] for way in ("quiesce", "walk", "xen")}
            found[n, of] = [ns["quiesce"] / 1000, ns["walk"] / ns["quiesce"], ns["xen"] / ns["quiesce"]]
    same = table.keys() == found.keys() and all(is_near(*pair) for key in found for pair in zip(table[key], found[key]))
    tap(same, "the table of times is what is measured", f"written {table}\nmeasured {found}")
    for n in FUNCTIONS[1:]:
        for of in MASTERING:
            tap(found[n, of][1] >= 1, f"{n} functions, {of} mastering: no more instructions than the walk", found[n, of])


def check_resets(text, measured):
    table = {n: times for n, *times in rows(text, r"(\d+) +-icount +([\d.]+) +([\d.]+)")}
    found = {n: [measured[f"{n} links"][way, 1]["ns"] / 1000 for way in ("quiesce", "serial")] for n in LINKS}
    same = table.keys() == found.keys() and all(is_near(*pair) for key in found for pair in zip(table[key], found[key]))
    tap(same, "the table of resets is what is measured", f"written {table}\nmeasured {found}")
    tap(found[64][0] <= 1.1 * found[1][0], "64 links are reset in at most 1.1 times the time of one", found)


def main():
    with open(DOCUMENT, encoding="utf-8") as f:
        text = f.read()
    measured = measure()
    check_accesses(text, measured)
    check_times(text, measured)
    check_resets(text, measured)
    return plan()


sys.exit(main())
