#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Time and config accesses of the crash path, against two other ways, in QEMU.

Each machine runs the engine of kexec_pci_quiesce.ko, a walk of pci_dev with
pci_clear_master(), and what Xen did in 2011 (Command = 0 for each device, under
a lock), in turn, on the same live functions (bench/module/kpciq_bench.c).

With policy reset, on machines with 1, 8 and 64 links, the engine is compared with
the kernel's own pci_reset_bus() of one after the other.

Plain TCG time has the emulator's own cost in it: a BME write makes QEMU rebuild
its memory map. With -icount one instruction takes 8 ns of virtual time and a
device takes none, so the numbers are instructions, the same in every run.
Neither is hardware time. There is no pass mark here: tests/panic/bench.t has
some. What is printed is written to out/bench.json as well, and what it comes to
is repeated at the end. Exit 1 if a machine did not get to its end.
"""

import argparse
import dataclasses
import json
import os
import re
import shutil
import statistics
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests", "panic"))

from kpt import inputs, segments  # noqa: E402
from kpt.machine import Failed, Machine  # noqa: E402
from kpt.ram import scratch_directory  # noqa: E402
from kpt.setup import FIRST_CMDLINE, Setup  # noqa: E402

ICOUNT = ("-icount", "shift=3,sleep=off", "-rtc", "base=2026-01-01T00:00:00,clock=vm", "-seed", "42")
SEGMENTS_BASE = 0x30000000
STEPS = ("validate", "disable", "ports", "reset", "ready", "contain", "undo")
CLOCKS = {"plain": "plain TCG", "icount": "-icount shift=3"}

GUEST = """
quiesce policy={policy} deadline_ms=10000
say "capture-us=$(cat /sys/kernel/kexec_pci_quiesce/last_capture_us)"
say "functions=$(cat /sys/kernel/kexec_pci_quiesce/functions)"
say "snapshot-bytes=$(cat /sys/kernel/kexec_pci_quiesce/snapshot | wc -c)"
say "hot-bytes=$(hexdump -n 16 -e '4/4 "%u "' /sys/kernel/kexec_pci_quiesce/snapshot | cut -d' ' -f4)"
for live in {live}; do
	insmod /modules/kpciq_bench.ko live=$live rounds={rounds} resets={resets} || give_up "insmod kpciq_bench.ko"
	rmmod kpciq_bench
done
dmesg | grep 'kpciq_bench: way=' | sed 's/.*kpciq_bench: /BENCH /'
say phase=benchmark done
"""


@dataclasses.dataclass
class Bench:
    """One machine, and what is measured on it."""

    memory_mb: int = 512
    cmdline: str = ""
    devices: tuple = ()
    segments: tuple = ()
    resets: bool = False  # policy reset, against the kernel's own pci_reset_bus()

    def guest(self, rounds):
        return GUEST.format(
            rounds=rounds, resets=int(self.resets), policy="reset" if self.resets else "busmaster", live="1" if self.resets else "0 1"
        )


def machines(directory):
    many = segments.make(4, SEGMENTS_BASE, 128, 8)
    return {
        "4 functions": Bench(),
        "301 functions": Bench(1024, devices=segments.real_functions(24, 2)),
        "4612 functions": Bench(2048, " ".join(s.cmdline() for s in many), segments.acpi_table(many, directory), many),
        **{f"{n} links": Bench(1024 if n > 8 else 512, devices=segments.links(n), resets=True) for n in (1, 8, 64)},
    }


def run(kernel, version, machine, directory, icount, rounds):
    """Boot one machine, let it measure, return (facts, samples)."""
    modules = os.path.dirname(inputs.module(version))
    setup = Setup(
        kernel=kernel,
        memory_mb=machine.memory_mb,
        cpus=1,  # icount has one thread for all, and the crash path uses one CPU
        files={f"modules/{n}.ko": os.path.join(modules, f"{n}.ko") for n in ("kexec_pci_quiesce", "kpciq_bench")},
        before_panic=machine.guest(rounds),
        panic="poweroff -f\n",
        deadline=1800,
    )
    scratch = scratch_directory(2 * machine.memory_mb << 20)
    try:
        ram_file = os.path.join(scratch, "ram")
        with open(ram_file, "wb") as ram:
            ram.truncate(machine.memory_mb << 20)
            for segment in machine.segments:
                segment.fill(ram)
        initrd = os.path.join(scratch, "initrd")
        shutil.copyfile(setup.first_image(), initrd)
        with open(initrd, "ab") as f:
            f.write(setup.first_archive([]))
        arguments = [*machine.devices, *(ICOUNT if icount else ())]
        with Machine(directory, scratch, setup, initrd, f"{FIRST_CMDLINE} {machine.cmdline}", arguments) as guest:
            guest.wait_for("KPCIQ wait=panic|KPCIQ failed=.*")
            guest.answer()
            guest.wait_end()
            return guest.said, [text for _, text in guest.lines if text.startswith("BENCH ")]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def parse(lines):
    """{(way, live): [samples]}"""
    samples = {}
    for line in lines:
        values = dict(pair.split("=") for pair in re.findall(r"\w+=\w+", line))
        key = (values.pop("way"), int(values["live"]))
        samples.setdefault(key, []).append({k: int(v) for k, v in values.items()})
    return samples


def median(samples, key):
    return statistics.median(sample[key] for sample in samples)


def spread(samples, key):
    values = [sample[key] for sample in samples]
    return f"{min(values) / 1000:.0f}-{max(values) / 1000:.0f}"


def show(name, clock, facts, samples):
    functions = int(facts["functions"])
    print(f"\n{name} ({functions} captured), {clock}")
    print(f"  capture {facts['capture-us']} us, snapshot {facts['snapshot-bytes']} bytes, {facts['hot-bytes']} of them for every crash")
    print(f"  {'way':8} {'functions':10} {'us, median':>11} {'min-max':>15} {'ratio':>6} {'reads':>7} {'writes':>7} {'accesses/function':>18}")
    for live in sorted({live for _, live in samples}):
        ours = median(samples["quiesce", live], "ns")
        for way in [way for way, of in samples if of == live]:
            taken = samples[way, live]
            accesses = median(taken, "reads") + median(taken, "writes")
            print(
                f"  {way:8} {'live' if live else 'quiet':10} {median(taken, 'ns') / 1000:11.1f} {spread(taken, 'ns'):>15}"
                f" {median(taken, 'ns') / ours:6.2f} {median(taken, 'reads'):7.0f} {median(taken, 'writes'):7.0f} {accesses / functions:18.2f}"
            )
        engine = samples["quiesce", live]
        steps = ", ".join(f"{s} {median(engine, s) / 1000:.1f}" for s in STEPS if median(engine, s))
        print(f"           our steps, us: {steps}")
    sys.stdout.flush()


def conclude(results):
    """What the runs come to, a line each."""
    links = {}
    print()
    for machine, clock, samples in results:
        for (way, live), taken in samples.items():
            if way != "quiesce":
                continue
            if taken[0]["links"]:
                links[clock, taken[0]["links"]] = median(taken, "ns")
                continue
            accesses = median(taken, "reads") + median(taken, "writes")
            walk = median(taken, "ns") / median(samples["walk", live], "ns")
            print(f"{machine}, {'live' if live else 'quiet'}, {clock}: {accesses:.0f} accesses, time {walk:.2f} of the walk's")
    most = max((number for _, number in links), default=1)
    for clock in [clock for clock, number in links if number == most > 1 and (clock, 1) in links]:
        print(f"{most} links, {clock}: reset in {links[clock, most] / links[clock, 1]:.2f} of the time of 1 link")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", default=os.environ.get("KERNEL", "6.1"), help="version for scripts/fetch (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="passes of each way (default %(default)s)")
    parser.add_argument("--only", metavar="N", action="append", help="only this machine (\"301 functions\", \"8 links\"); may be given again")
    parser.add_argument("--clock", choices=CLOCKS, help="only with this clock")
    parser.add_argument("--json", metavar="FILE", default=os.path.join(inputs.OUT, "bench.json"), help="where the samples go (default %(default)s)")
    arguments = parser.parse_args()

    out = os.path.join(inputs.OUT, "bench")
    os.makedirs(out, exist_ok=True)
    kernel = inputs.kernel(arguments.kernel)
    table = machines(out)
    for name in arguments.only or ():
        if name not in table:
            parser.error(f"--only {name!r}: there are {', '.join(table)}")
    print(f"kernel {kernel.release}, {arguments.rounds} rounds; TCG: not hardware time")
    results, measured, failed = [], [], 0
    for name, machine in table.items():
        if arguments.only and name not in arguments.only:
            continue
        for short, clock in CLOCKS.items():
            if arguments.clock not in (None, short):
                continue
            directory = os.path.join(out, f"{name.replace(' ', '-')}-{short}")
            os.makedirs(directory, exist_ok=True)
            try:
                facts, lines = run(kernel, arguments.kernel, machine, directory, short == "icount", arguments.rounds)
                samples = parse(lines)
                show(name, clock, facts, samples)
                measured.append((name, clock, samples))
                results.append({"machine": name, "clock": clock, "facts": facts,
                                "samples": [dict(s, way=way) for (way, _), taken in samples.items() for s in taken]})  # fmt: skip
            except (Failed, KeyError) as failure:
                print(f"\n{name}, {clock}: FAILED: {failure} (console: {directory}/console.log)")
                failed = 1
    conclude(measured)
    with open(arguments.json, "w", encoding="utf-8") as f:
        json.dump({"kernel": kernel.release, "rounds": arguments.rounds, "results": results}, f, indent=1)
    return failed


if __name__ == "__main__":
    sys.exit(main())
