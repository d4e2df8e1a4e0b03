#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Panic one machine after the other in pairs, without us and with us, and count.

Each seed makes a cell (see kpt/cells.py): a fault, where the panic comes from, a
machine, a policy, a kernel. Both runs of the pair start from the same saved machine.
Results are appended to out/campaign/results.jsonl; what is there already is not run
again. Then comes the report: report.txt and heatmap.svg beside it.
"""

import argparse
import collections
import concurrent.futures
import dataclasses
import functools
import glob
import json
import os
import shutil
import subprocess
import sys
import threading

from kpt import cells, debuginfo, dump, heatmap, images, inputs, saved
from kpt.machine import Failed
from kpt.setup import Setup

TAIL = 25
BASE = os.path.join(inputs.OUT, "campaign")
RESULTS = os.path.join(BASE, "results.jsonl")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=20, help="pairs (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (default %(default)s)")
    parser.add_argument("-j", type=int, default=2, help="pairs at a time (default %(default)s)")
    parser.add_argument("--kernel", action="append", help="6.1, 6.12, 7.2; may be given again (default 6.1)")
    parser.add_argument("--capture", help="the kernel that saves the dumps, as 6.12 or intree-6.12 (default: the same)")
    parser.add_argument("--replay", action="store_true", help="one pair, that of --seed; its consoles and dumps are kept")
    parser.add_argument("--crash", type=int, default=1, metavar="N", help="open the dumps of each Nth seed with crash, too; 0: none (default %(default)s)")
    parser.add_argument("--fixed", action="store_true", help="the fixed dozen instead of random ones, always anew, and TAP instead of a report")
    parser.add_argument("--report", action="store_true", help="only write the report")
    parser.add_argument("--list", action="store_true", help="only print the cells")
    for name in ("topology", "policy", "fault", "trigger"):
        parser.add_argument(f"--{name}", action="append", help=f"only this {name}; may be given again")
    return parser.parse_args()


def choose(parser_value, known, what):
    """The names that were given, all if none was; in one order, or a seed would make another cell."""
    for name in parser_value or ():
        if name not in known:
            print(f"campaign.py: unknown {what} '{name}': must be one of {', '.join(known)}", file=sys.stderr)
            sys.exit(2)
    return tuple(name for name in known if name in (parser_value or known))


def all_cells(arguments):
    kernels = choose(arguments.kernel or ["6.1"], ("6.1", "6.12", "7.2"), "kernel")
    if arguments.fixed:
        return cells.fixed(kernels[0])
    chosen = {
        "topologies": choose(arguments.topology, tuple(cells.TOPOLOGIES), "topology"),
        "policies": choose(arguments.policy, cells.POLICIES, "policy"),
        "faults": choose(arguments.fault, tuple(cells.FAULTS), "fault"),
        "triggers": choose(arguments.trigger, tuple(cells.TRIGGERS), "trigger"),
    }
    number = 1 if arguments.replay else arguments.n
    return [cells.make(seed, kernels, **chosen) for seed in range(arguments.seed, arguments.seed + number)]


def build_setup(cell, arguments):
    built = os.path.dirname(inputs.module(cell.kernel))
    files = {f"modules/{name}": os.path.join(built, name) for name in ("kexec_pci_quiesce.ko", "pciq_inject.ko")}
    files["modules/inject/kexec_pci_quiesce.ko"] = inputs.module_for_tests(cell.kernel)
    return Setup(
        kernel=inputs.kernel(cell.kernel), capture_kernel=arguments.capture and inputs.kernel(arguments.capture),
        tool=inputs.tool(), inject=inputs.tool("kexec-quiesce-inject"), files=files,
        panic=saved.PANIC, canary_seconds=0, deadline=150, **cells.TOPOLOGIES[cell.topology][0],
    )  # fmt: skip


SAVING = collections.defaultdict(threading.Lock)  # name of a machine -> one thread saves it


def state_of(cell, arguments):
    """The saved machine of a cell; one for each kernel, topology and build of what is in it."""
    setup = build_setup(cell, arguments)
    contents = setup.first_archive([]) + setup.first_image().encode()
    name = f"{cell.kernel}-{cell.topology}"
    directory = os.path.join(BASE, "machines", f"{name}-{images.digest(contents)}")
    with SAVING[name]:
        for old in glob.glob(os.path.join(BASE, "machines", f"{name}-[0-9a-f]*")):
            if old != directory:  # of another build
                shutil.rmtree(old)
        saved.save(setup, directory)
    return directory


def run_side(cell, state, with_us, arguments):
    """One of the two runs; returns what is recorded."""
    directory = os.path.join(BASE, "runs", f"{cell.seed}-{'with' if with_us else 'without'}")
    shutil.rmtree(directory, ignore_errors=True)
    with open(os.path.join(state, "about.json"), encoding="utf-8") as f:
        functions = json.load(f)["functions"]
    commands = cell.commands(with_us, functions[cells.TOPOLOGIES[cell.topology][1]])
    run = saved.SavedRun(build_setup(cell, arguments), directory, state, commands)
    if cell.monitor(with_us):
        run.setup.hooks["restored"] = lambda machine: machine.when_inside(cell.monitor(with_us))
    result = run.run()
    side = summary(result, arguments, cell)
    keep = arguments.replay or not side["saved"] or (with_us and side["lines"])
    if not keep:
        shutil.rmtree(directory)
    elif not arguments.replay and os.path.exists(os.path.join(directory, "dump")):
        os.unlink(os.path.join(directory, "dump"))
    return side


def summary(result, arguments, cell):
    phases = {}
    for entry in result["phases"]:
        phases.setdefault(entry["phase"].split(":")[0], entry["seconds"])
    jump = phases.get("panic")
    record = result["record"] or {}
    side = {
        "saved": result["saved"],
        "readable": result["saved"],  # it was read, or it would not count
        "crash": opens_in_crash(result, arguments, cell),
        "jumped": result["jumped"],
        "lines": {name: lines for name, lines in result["outside"].items() if lines},
        "mastering": len(result.get("mastering-at-jump") or ()),
        "verdict": record.get("verdict"),
        "reason": "" if record else result.get("report-error", "").rsplit("/dump: ")[-1],
        "microseconds": record.get("microseconds"),
        "seconds_to_jump": round(jump - phases["restored"], 1) if jump and "restored" in phases else None,
        "seconds_to_capture": round(phases["capture kernel up"] - jump, 1) if jump and "capture kernel up" in phases else None,
        "seconds": result.get("seconds"),
    }
    if not result["saved"]:
        side["failed"] = result["failed"] or result["unsaved"]
        side["tail"] = [line for line in result["console"] if line][-TAIL:]
    return side


def opens_in_crash(result, arguments, cell):
    """None: not tried. It takes crash about as long as the run."""
    if not asks_crash(arguments, cell) or not result["saved"]:
        return None
    vmlinux = debuginfo.quick(inputs.vmlinux(cell.kernel))
    return dump.opens(inputs.crash(cell.kernel), vmlinux, result["dump"], minimal=not inputs.crash_knows(cell.kernel))


def asks_crash(arguments, cell):
    return arguments.crash and not cell.seed % arguments.crash


def run_pair(cell, arguments):
    state = state_of(cell, arguments)
    sides = {name: run_side(cell, state, name == "with", arguments) for name in ("without", "with")}
    # Only what happens again is believed: a machine under emulation on a busy host may stumble.
    for name, side in sides.items():
        if not side["saved"]:
            sides[name] = dict(run_side(cell, state, name == "with", arguments), again=True)
    return {**dataclasses.asdict(cell), "family": cell.family(), **about(cell, arguments), **sides}


def judge(pair):
    """In a word."""
    without, with_us = pair["without"], pair["with"]
    if with_us["verdict"] == "clean" and (with_us["lines"] or with_us["mastering"]):
        return "LIE: clean, and memory changed" if with_us["lines"] else "LIE: clean, and a function masters"
    if without["saved"] and not with_us["saved"]:
        return "WORSE: dump lost with us only"
    if without["readable"] and with_us["saved"] and not with_us["readable"]:
        return "WORSE: dump cannot be read with us only"
    if without["crash"] and with_us["crash"] is False:
        return "WORSE: crash does not open the dump with us only"
    if with_us["saved"] and not without["saved"]:
        return "better: dump lost without us only"
    return "both saved" if with_us["saved"] else "neither saved"


def is_wrong(pair):
    return judge(pair).split(":")[0] in ("LIE", "WORSE")


def read_results():
    if not os.path.exists(RESULTS):
        return []
    with open(RESULTS, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def same_cell(pair, cell):
    return all(pair.get(key) == value for key, value in dataclasses.asdict(cell).items())


def run_fixed(todo, arguments):
    """TAP. A pair fails if we are worse, or lie."""
    failed = 0
    print(f"1..{len(todo)}", flush=True)
    for number, (cell, pair, failure) in enumerate(run_all(todo, arguments), 1):
        bad = bool(failure) or judge(pair) != "both saved"
        failed += bad
        print(f"{'not ok' if bad else 'ok'} {number} - {describe(cell)}")
        print(f"# {failure or outcome(pair)}", flush=True)
        for line in [] if failure or not bad else pair["with"].get("tail", ()):
            print(f"# console: {line}")
    return 1 if failed else 0


def replay(wanted, arguments):
    """Not one of the results: it may be about a change that is being tried."""
    cell, pair, failure = next(run_all(wanted, arguments))
    print(f"{describe(cell)}: {failure or outcome(pair)}")
    return 1 if failure or is_wrong(pair) else 0


def run_all(todo, arguments):
    """Yields (cell, pair or None, why not) as they are done."""
    for cell in todo:  # before threads want them
        build_setup(cell, arguments)
        if asks_crash(arguments, cell):
            debuginfo.quick(inputs.vmlinux(cell.kernel))
    written = threading.Lock()

    def one(cell):
        try:
            pair = run_pair(cell, arguments)
        except (Failed, OSError) as failure:
            return cell, None, str(failure)
        if not (arguments.fixed or arguments.replay):
            with written, open(RESULTS, "a", encoding="utf-8") as f:
                f.write(json.dumps(pair) + "\n")
        return cell, pair, ""

    with concurrent.futures.ThreadPoolExecutor(1 if arguments.replay else arguments.j) as pool:
        jobs = [pool.submit(one, cell) for cell in todo]
        for job in concurrent.futures.as_completed(jobs):
            yield job.result()


def describe(cell):
    fault, trigger = (f"{name} {args}".strip() for name, args in ((cell.fault, cell.fault_args), (cell.trigger, cell.trigger_args)))
    return f"seed {cell.seed}: {cell.kernel} {cell.topology} {cell.policy}, {fault} + {trigger}"


def outcome(pair):
    changed = ["+".join(pair[side]["lines"]) or "nothing" for side in ("without", "with")]
    cost = sum(pair[side]["seconds"] or 0 for side in ("without", "with"))
    return f"{judge(pair)}; {pair['with']['verdict']}; wrote {changed[0]} -> {changed[1]}; {cost:.0f} s"


@functools.lru_cache(None)
def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.split("\n")[0] or "unknown"


def about(cell, arguments):
    """What a pair was run with. A campaign takes hours: not every one with the same."""
    return {
        "release": inputs.kernel(cell.kernel).release,
        "capture": inputs.kernel(arguments.capture or cell.kernel).release,
        "qemu": first_line(inputs.qemu(""), "--version"),
        "commit": first_line("git", "-C", inputs.ROOT, "describe", "--always", "--dirty", "--abbrev=12"),
    }


def main():
    arguments = parse_arguments()
    if not inputs.tool("kexec-quiesce-inject") or not inputs.tool():
        print("campaign.py: no kexec-quiesce-inject, build it with: make tools", file=sys.stderr)
        return 2
    wanted = all_cells(arguments)
    if arguments.list:
        print("\n".join(describe(cell) for cell in wanted))
        return 0
    os.makedirs(BASE, exist_ok=True)
    if arguments.fixed:
        return run_fixed(wanted, arguments)
    if arguments.replay:
        return replay(wanted, arguments)
    done = {pair["seed"]: pair for pair in read_results()}
    todo = [cell for cell in wanted if not same_cell(done.get(cell.seed, {}), cell)]
    if not arguments.report:
        for number, (cell, pair, failure) in enumerate(run_all(todo, arguments), 1):
            print(f"{number}/{len(todo)} {describe(cell)}: {failure or outcome(pair)}", flush=True)
    pairs = list({pair["seed"]: pair for pair in read_results()}.values())
    text = heatmap.report(pairs, judge)
    for name, content in (("report.txt", text), ("heatmap.svg", heatmap.svg(pairs, judge))):
        with open(os.path.join(BASE, name), "w", encoding="utf-8") as f:
            f.write(content)
    print(text)
    return 1 if any(is_wrong(pair) for pair in pairs) else 0


if __name__ == "__main__":
    sys.exit(main())
