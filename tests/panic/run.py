#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Run the panic test cases (cases/), print TAP.

Consoles and results are kept in out/panic-KERNEL/NAME, dumps only of failed cases.
"""

import argparse
import concurrent.futures
import dataclasses
import glob
import json
import os
import re
import shutil
import sys
import traceback

import cases
from kpt import expect, inputs, kdump
from kpt.setup import Setup

CONSOLE_TAIL = 40


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", metavar="TEXT", default="", help="only cases whose name contains TEXT")
    parser.add_argument("-j", type=int, default=2, help="cases at a time (default %(default)s)")
    parser.add_argument("--kernel", default=os.environ.get("KERNEL", "6.1"), help="6.1, 6.12, 7.2, or intree- and one of these (default %(default)s)")
    parser.add_argument("--few", action="store_true", help="only those of cases.FEW, one of each kind")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="each case N times (default %(default)s)")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    parser.add_argument("--keep", action="store_true", help="keep all dumps")
    return parser.parse_args()


def build_setup(case, version):
    built = os.path.dirname(inputs.module(version))
    files = {f"modules/{os.path.basename(path)}": path for path in glob.glob(os.path.join(built, "*.ko"))}
    if case.build == "inject":
        files["modules/kexec_pci_quiesce.ko"] = inputs.module_for_tests(version)
    setup = dict(case.setup, kernel=inputs.kernel(version), tool=inputs.tool(), inject=inputs.tool("kexec-quiesce-inject"))
    setup["files"] = {**files, **case.setup.get("files", {})}
    if inputs.built_in(version):
        parameters = "policy=off" if case.parameters is None else case.parameters
        ours = [f"kexec_pci_quiesce.{parameter}" for parameter in parameters.split()]
        setup["cmdline"] = " ".join([case.setup.get("cmdline", ""), *ours])
        if inputs.debug(version):
            # Reports are seen only if they are printed; KASAN takes memory, and everything takes longer.
            setup["cmdline"] += " ignore_loglevel crashkernel=384M"
            setup["memory_mb"] = 2 * Setup(**setup).memory_mb
            setup["deadline"] = 4 * Setup(**setup).deadline
    elif case.parameters is not None:
        setup["before_panic"] = f"quiesce {case.parameters}\n" + case.setup.get("before_panic", "")
    return Setup(**setup)


def run_case(case, arguments):
    """Returns what went wrong, as lines."""
    directory = os.path.join(inputs.OUT, f"panic-{arguments.kernel}", re.sub(r"[^a-z0-9.]+", "-", case.name.lower()))
    shutil.rmtree(directory, ignore_errors=True)
    result = kdump.Run(build_setup(case, arguments.kernel), directory).run()
    if not result["booted"]:
        # TCG now and then trips over the kernel patching its own text while it boots
        # (seen with 7.2: int3 in sched_clock_cpu). Nothing of ours is loaded by then.
        print(f"# {case.name}: the first kernel did not boot, tried again: {result['failed']}", flush=True)
        result = kdump.Run(build_setup(case, arguments.kernel), directory).run()
    checks = [*case.expect, expect.no_report] if inputs.debug(arguments.kernel) else case.expect
    problems = [result["failed"]] if result["failed"] else [check(result) for check in checks]
    problems = [f"{case.name}: {text}" for text in problems if text]
    with open(os.path.join(directory, "result.json"), "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)
    if problems:
        tail = [line for line in result["console"] if "canary-run" not in line][-CONSOLE_TAIL:]
        problems += ["console: " + line for line in tail] + [f"logs: {directory}"]
    elif not arguments.keep:
        os.unlink(os.path.join(directory, "dump"))
    return problems, result.get("seconds")


def attempt(case, arguments):
    try:
        return run_case(case, arguments)
    except SystemExit as end:  # something that the case needs cannot be had
        return [f"{case.name}: {end}"], None
    except Exception:  # a mistake in a case must not end the other cases
        return traceback.format_exc().splitlines(), None


def version_of(kernel):
    """6.12, of intree-6.12-debug as well, as numbers."""
    return [int(part) for part in re.search(r"\d+(\.\d+)+", kernel)[0].split(".")]


def makes_sense(case, kernel):
    build = "intree" if inputs.built_in(kernel) else "module"
    if case.until and version_of(kernel) > version_of(case.until):
        return False
    if case.since and version_of(kernel) < version_of(case.since):
        return False
    return case.only in ("", build)


def repeated(chosen, times):
    """Each of them so many times, under names of their own."""
    if times == 1:
        return chosen
    return [dataclasses.replace(case, name=f"{case.name}: {n} of {times}") for n in range(1, times + 1) for case in chosen]


def main():
    arguments = parse_arguments()
    chosen = [case for case in cases.ALL if arguments.k in case.name and makes_sense(case, arguments.kernel)]
    if arguments.few:
        chosen = [case for case in chosen if case.name in cases.FEW]
    chosen = repeated(chosen, arguments.repeat)
    if arguments.list:
        print("\n".join(case.name for case in chosen))
        return 0
    if not chosen:
        print(f"run.py: no case has '{arguments.k}' in its name (see: run.py --list)", file=sys.stderr)
        return 2
    Setup(inputs.kernel(arguments.kernel)).first_image()  # before threads want it
    inputs.module(arguments.kernel)

    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.j) as pool:
        running = {pool.submit(attempt, case, arguments): case for case in chosen}
        for number, done in enumerate(concurrent.futures.as_completed(running), 1):
            problems, seconds = done.result()
            failed += bool(problems)
            print(f"{'not ok' if problems else 'ok'} {number} - {running[done].name}")
            for line in problems or [f"{seconds} s"]:
                print("# " + line)
            sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
