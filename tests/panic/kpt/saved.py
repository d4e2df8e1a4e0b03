# SPDX-License-Identifier: GPL-2.0-only
"""Machines that were saved just before their panic: a run that starts there does not boot.

A saved machine is a directory: guest RAM, the state of all devices, and what the guest
had said until then. It reads shell commands from its console, one a line, to be told
only then what is to happen. Devices that QEMU cannot save (nvme, vfio-user) rule it out.
"""

import json
import os
import shutil

from .kdump import Run
from .machine import Machine
from .ram import Ram

PANIC = 'while read -r line; do eval "$line"; done\n'
FILES = ("ram", "state", "about.json")


class Saving(Run):
    """A run that ends just before its panic."""

    def run(self):
        saved = self.directory
        try:
            with self._start() as self.machine:
                self._first_kernel()
                functions = [dev for dev in self.machine.functions() if dev["qdev_id"]]
                about = {
                    "said": self.machine.said,
                    "functions": {dev["qdev_id"]: "0000:{bus:02x}:{slot:02x}.{function}".format(**dev) for dev in functions},
                }
                self.machine.save(os.path.join(saved, "state"))
            self.ram.save(os.path.join(saved, "ram"))
            with open(os.path.join(saved, "about.json"), "w", encoding="utf-8") as f:
                json.dump(about, f)
        finally:
            for load in self.loads:
                load.close()
            shutil.rmtree(self.scratch, ignore_errors=True)


def save(setup, directory):
    """Boot the machine of a setup and save it, unless the directory has it already."""
    if all(os.path.exists(os.path.join(directory, name)) for name in FILES):
        return
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    Saving(setup, directory).run()


class SavedRun(Run):
    """A run that goes on from a saved machine with shell commands, the last of which is to panic."""

    def __init__(self, setup, directory, saved, commands):
        super().__init__(setup, directory)
        self._saved = saved
        self._commands = commands
        with open(os.path.join(saved, "about.json"), encoding="utf-8") as f:
            self._about = json.load(f)

    def _make_ram(self):
        Ram(os.path.join(self._saved, "ram")).save(os.path.join(self.scratch, "ram"))

    def _machine(self, initrd, cmdline, devices):
        return Machine(self.directory, self.scratch, self.setup, initrd, cmdline, devices, incoming=True)

    def _initrd(self):
        """It is in RAM already; but QEMU wants one."""
        path = os.path.join(self.scratch, "initrd")
        with open(path, "wb") as f:
            f.truncate(512)
        return path

    def _first_kernel(self):
        self.machine.said.update(self._about["said"])
        self.machine.restore(os.path.join(self._saved, "state"))
        self.phase("restored")
        self.result["booted"] = True
        for load in self.loads:
            load.prepare(self.machine)
        self.setup.hooks.get("restored", lambda machine: None)(self.machine)
        self._before_panic()

    def _panic(self):
        self.machine.answer(*self._commands)

    def _end(self):
        """The dump is on its disk: powering off would tell nothing more."""
