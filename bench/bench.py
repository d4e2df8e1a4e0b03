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
Neither is hardware time. There is no pass mark; what is printed is written to
out/bench.json as well. Exit 1 if a machine did not get to its end.
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
STEPS = ("validate", "mask", "busmaster", "drain", "reset", "headers", "unmask")

GUEST = """
quiesce policy={policy}
say "capture-us=$(cat /sys/kernel/kexec_pci_quiesce/last_capture_us)"
say "functions=$(cat /sys/kernel/kexec_pci_quiesce/functions)"
say "snapshot-bytes=$(cat /sys/kernel/kexec_pci_quiesce/snapshot | wc -c)"
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
    print(f"  capture {facts['capture-us']} us, snapshot {facts['snapshot-bytes']} bytes, 64 hot bytes a function")
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
        steps = ", ".join(f"{s} {median(samples['quiesce', live], s) / 1000:.1f}" for s in STEPS)
        print(f"           our steps, us: {steps}")
        gate = samples["quiesce", live][0]
        print(f"           {gate['gate_accesses'] / max(gate['total'], 1):.2f} accesses in the bus-master step for each of {gate['total']} functions in scope")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", default=os.environ.get("KERNEL", "6.1"), help="version for scripts/fetch (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="passes of each way (default %(default)s)")
    parser.add_argument("--only", metavar="N", help="only this machine (\"301 functions\", \"8 links\")")
    arguments = parser.parse_args()

    out = os.path.join(inputs.OUT, "bench")
    os.makedirs(out, exist_ok=True)
    kernel = inputs.kernel(arguments.kernel)
    table = machines(out)
    if arguments.only and arguments.only not in table:
        parser.error(f"--only {arguments.only!r}: there are {', '.join(table)}")
    print(f"kernel {kernel.release}, {arguments.rounds} rounds; TCG: not hardware time")
    results, failed = [], 0
    for name, machine in table.items():
        if arguments.only not in (None, name):
            continue
        for clock, icount in (("plain TCG", False), ("-icount shift=3", True)):
            directory = os.path.join(out, f"{name.replace(' ', '-')}-{'icount' if icount else 'plain'}")
            os.makedirs(directory, exist_ok=True)
            try:
                facts, lines = run(kernel, arguments.kernel, machine, directory, icount, arguments.rounds)
                samples = parse(lines)
                show(name, clock, facts, samples)
                results.append({"machine": name, "clock": clock, "facts": facts,
                                "samples": [dict(s, way=way) for (way, _), taken in samples.items() for s in taken]})  # fmt: skip
            except (Failed, KeyError) as failure:
                print(f"\n{name}, {clock}: FAILED: {failure} (console: {directory}/console.log)")
                failed = 1
    with open(os.path.join(inputs.OUT, "bench.json"), "w", encoding="utf-8") as f:
        json.dump({"kernel": kernel.release, "rounds": arguments.rounds, "results": results}, f, indent=1)
    return failed


if __name__ == "__main__":
    sys.exit(main())
