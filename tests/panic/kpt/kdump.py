# SPDX-License-Identifier: GPL-2.0-only
"""One run: boot, load, panic, jump, capture, dump. What happened is the result."""

import os
import shutil
from collections import Counter

from . import config, dump, dumpdevice, endpoint, irq, segments
from . import loads as loads_module
from .machine import Failed, Machine
from .ram import LINE, Attribution, Ram, scratch_directory
from .setup import FIRST_CMDLINE

ROOT_BUS = {"q35": "pcie.0", "pc": "pci.0"}


def _range(text):
    start, last = (int(n, 16) for n in text.split("-"))
    return start, last + 1


class Run:
    def __init__(self, setup, directory, progress=lambda text: None):
        self.setup = setup
        self.directory = directory
        self.progress = progress
        self.result = {
            "failed": "",  # why the run did not get to its end
            "booted": False,  # the first kernel
            "phases": [],  # [{seconds, phase}]
            "jumped": False,  # into the capture kernel
            "saved": False,  # the dump; only if it was read on the host
            "unsaved": "no capture kernel tried",  # why not
            "outside": {},  # lines of memory changed after the jump, by load, seen from outside
            "cma": {},  # lines that an endpoint wrote into crashkernel=,cma after the jump, by load
            "inside": {},  # the same between the canary's two passes in the capture kernel
            "interrupts": {},  # sent to the dead kernel after the jump: {vector: how many}
            "said": {},  # last value of each "KPCIQ key=value" of the guest
            "console": [],
            "told": {},  # what a load knows about itself, by load
            "record": None,  # what "kexec-quiesce report --json" says about the dump
        }
        os.makedirs(directory, exist_ok=True)
        self.scratch = scratch_directory(4 * setup.memory_mb << 20)
        self.loads = [self._load(name, number) for number, name in enumerate(setup.loads)]

    def _load(self, name, number):
        if name.startswith("rogue-"):
            return endpoint.Endpoint(name, number, self.scratch, self.directory)
        return {**loads_module.ALL, **loads_module.MORE}[name](self.scratch)

    def phase(self, text, when=None):
        when = self.machine.seconds() if when is None else when
        self.result["phases"].append({"seconds": round(when, 1), "phase": text})
        self.progress(f"{when:6.1f} s  {text}")

    # What goes into QEMU

    def _initrd(self):
        path = os.path.join(self.scratch, "initrd")
        shutil.copyfile(self.setup.first_image(), path)
        with open(path, "ab") as f:
            f.write(self.setup.first_archive(self.loads))
        return path

    def _machine(self, initrd, cmdline, devices):
        return Machine(self.directory, self.scratch, self.setup, initrd, cmdline, devices)

    def _start(self):
        setup = self.setup
        self.dump = os.path.join(self.directory, "dump")
        self.dump_device = dumpdevice.ALL[setup.dump_to]
        self.dump_device.prepare(self.dump)
        devices = [argument for load in self.loads for argument in load.devices()]
        devices += setup.devices
        devices += self.dump_device.arguments(self.dump, ROOT_BUS[setup.machine])
        cmdline = " ".join([FIRST_CMDLINE, setup.cmdline, *(s.cmdline() for s in setup.segments)])
        if setup.segments:
            devices += segments.acpi_table(setup.segments, self.directory)
        self._make_ram()
        return self._machine(self._initrd(), cmdline, devices)

    def _make_ram(self):
        with open(os.path.join(self.scratch, "ram"), "wb") as ram:
            ram.truncate(self.setup.memory_mb << 20)
            for segment in self.setup.segments:
                segment.fill(ram)

    # The run

    def run(self):
        """Returns the result; result["failed"] says why if the run did not get to its end."""
        try:
            with self._start() as self.machine:
                try:
                    self._first_kernel()
                    jumped = self._jump()
                    self._wait("end")
                    if jumped:
                        self._look_from_outside()
                    self._end()
                except Failed as failure:
                    self.result["failed"] = str(failure)
                if self.result["jumped"]:
                    self._look_at_cma()
                self.result["seconds"] = round(self.machine.seconds(), 1)
                self._look_at_console()
            self.result["told"] = {load.name: load.told() for load in self.loads}
            self._look_at_dump()
        except Failed as failure:
            self.result["failed"] = str(failure)
        finally:
            for load in self.loads:
                load.close()
            shutil.rmtree(self.scratch, ignore_errors=True)
        return self.result

    def _wait(self, name):
        """Wait for the guest's "wait=name"; serve other waits by their hooks on the way."""
        while True:
            match = self.machine.wait_for(r"KPCIQ (?:wait|failed)=(.*)", self._on_line)
            if match[0].startswith("KPCIQ failed"):
                raise Failed(f"guest: {match[1]}")
            if match[1] == name:
                return
            self.setup.hooks.get(match[1], lambda machine: None)(self.machine)
            self.machine.answer()

    def _on_line(self, when, text):
        if text.startswith("KPCIQ phase="):
            self.phase(text.split("=", 1)[1], when)

    def _first_kernel(self):
        self.phase("QEMU started")
        self.machine.wait_for("KPCIQ phase=first", self._on_line)
        self.result["booted"] = True
        for load in self.loads:
            load.prepare(self.machine)
        self._wait("panic")
        self._before_panic()

    def _before_panic(self):
        self.ram = Ram(self.machine.ram_file)
        self.rings = {load.name: load.rings(self.machine, self.ram) for load in self.loads}
        self.reserved = _range(self.machine.said["crashkernel"])
        self.cma = [_range(text) for text in self.machine.said.get("cma", "").split()]
        self.config_before = self.machine.config_spaces() if self.setup.compare_config else {}
        self.setup.hooks.get("panic", lambda machine: None)(self.machine)

    def _jump(self):
        """Panic; freeze the machine at the jump and keep a copy of its memory. False: it did not jump."""
        watched = self.ram.watch_for_jump(*self.reserved)
        self._panic()
        if not self.setup.kdump or self.setup.normal_kexec:
            return False
        if not self.ram.wait_for_jump(watched, give_up=self.machine.has_news):
            return False
        self.machine.freeze()
        try:
            self.result["jumped"] = True
            self.phase("panic: jump into the capture kernel seen, memory copied")
            self.trace_offset = os.path.getsize(self.machine.trace_file)
            copy = os.path.join(self.scratch, "ram.at-jump")
            self.ram.save(copy)
            self.at_jump = Ram(copy)
            for load in self.loads:
                load.at_jump()
            self.result["segments-mastering"] = sum(s.mastering(self.at_jump) for s in self.setup.segments)
        finally:
            self.machine.thaw()
        if self.setup.compare_config:
            # On a slow host the capture kernel would be looking for devices by the end of it. QMP
            # "stop" lands what is in flight: no matter here, no case with such a load compares.
            self.machine.qmp("stop")
            after = self.machine.config_spaces()
            self.machine.qmp("cont")
            self.result["config-unexpected"] = config.unexpected(self.config_before, after)
            self.result["errors-reported"] = [config.errors_reported(spaces) for spaces in (self.config_before, after)]
            self.result["root-interrupts"] = [config.root_interrupts(spaces) for spaces in (self.config_before, after)]
        for load in self.loads:
            load.after_jump(self.machine)
        self.result["mastering-at-jump"], self.result["intx-at-jump"] = self.machine.gates()
        return True

    def _panic(self):
        self.machine.answer()

    def _end(self):
        self.machine.answer()
        self.machine.wait_end()
        self.phase("powered off")

    # What the result is made of

    def _look_from_outside(self):
        self.machine.freeze()
        try:
            self._compare()
        finally:
            self.machine.thaw()

    def _compare(self):
        attribution = Attribution(self.loads, self.rings)
        changed = {
            address: attribution.owner(address, self.at_jump.line(address), self.ram.line(address))
            for address in self.ram.changed_lines(self.at_jump, [self.reserved, *self.cma])
        }
        self.result["outside"] = dict(Counter(changed.values()))
        self.result["outside-other"] = [
            {"address": hex(a), "before": self.at_jump.line(a).hex(), "after": self.ram.line(a).hex()}
            for a, owner in changed.items()
            if owner == "other"
        ][:16]
        runs = [text.split("=")[1].split(",") for text in self._said_lines("canary-run=")]
        inside = [int(start, 16) + LINE * i for start, lines in runs for i in range(int(lines))]
        self.result["inside"] = dict(Counter(changed.get(a, "other") for a in inside))
        self.result["interrupts"] = irq.count(self.machine.trace_file, self.trace_offset)

    def _look_at_cma(self):
        """The capture kernel uses this memory: only what bears an endpoint's marker is counted."""
        for load in self.loads:
            if self.cma and load.marker:
                after, before = (ram.newest_line(self.cma, load.marker) for ram in (self.ram, self.at_jump))
                self.result["cma"][load.name] = after - before if before else None

    def _said_lines(self, prefix):
        start = "KPCIQ " + prefix
        return [text[6:] for _, text in self.machine.lines if text.startswith(start)]

    def _look_at_console(self):
        said = self.machine.said
        self.result["console"] = [text for _, text in self.machine.lines]
        self.result["said"] = dict(said)
        if "dump" in said:
            self.result["unsaved"] = "" if said["dump"] == "saved" else f"the capture kernel says: {said['dump']}"
        self.result["mastering"] = [text.split("=", 1)[1] for text in self._said_lines("mastering=")]
        self.result["notes"] = [text[5:] for text in self._said_lines("note ")]
        self.result["report"] = [text[8:] for text in self._said_lines("report: ")]

    def _look_at_dump(self):
        """What the capture kernel says is not enough: it may have written to the wrong place."""
        self.result["dump"] = self.dump
        if self.result["unsaved"]:
            return
        kernel = self.setup.kernel
        self.result["unsaved"] = self.dump_device.finish(self.dump) or dump.unreadable(
            self.dump, self.machine.said["release"], kernel.makedumpfile or "makedumpfile"
        )
        self.result["saved"] = not self.result["unsaved"]
        if self.setup.tool and self.result["saved"]:
            report = dump.report(self.setup.tool, self.dump)
            self.result["record"], self.result["report-exit"], self.result["report-error"] = report
