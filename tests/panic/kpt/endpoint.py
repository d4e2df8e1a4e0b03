# SPDX-License-Identifier: GPL-2.0-only
"""Rogues: a PCI Express endpoint of our own (endpoint/), served to QEMU 11 over vfio-user.

What no device that QEMU models will do: ignore Bus Master Enable, leave Transaction
Pending set, answer all ones, come back late from a reset, or not at all. Or obey, but
write by itself, for ever. A load is named "rogue-MODE" (see endpoint/mode.c); more in
square brackets, comma-separated:

  rogue-logs=1000               obeys; a line a second, as firmware writes its log
  rogue-late=300                below a root port of its own
  rogue-obeys[beside=pending]   function 1, on the link of rogue-pending
  rogue-never[flr]              offers Function Level Reset
  rogue-late=200[root,af]       is of conventional PCI, and offers it by Advanced Features
  rogue-obeys[root]             on the root bus, no port above it

Its writes pass no gate of QEMU's: whether it obeys is up to the endpoint alone, and
neither bus mastering of a port nor anything else that a mode does not know stops it.
"""

import functools
import glob
import hashlib
import json
import os
import re
import socket
import subprocess
import threading

from . import images
from .loads import Load

SOURCES = os.path.join(images.HERE, "endpoint")
SERVER = ("main", "protocol", "mode", "config", "dma", "log")
FIRST_CHASSIS = 40
NAME = re.compile(r"rogue-([a-z-]+(?:=\d+)?)(?:\[([^]]*)\])?$")
MESSAGE_TIMEOUT_MS = 60000  # of QEMU: after it, a read gives all ones
COMMAND, MASTER = 0x04, 0x4
DEVCTL = 0x48  # see endpoint/config.c


@functools.lru_cache(None)
def _build(target, sources, flags):
    """Compile in the cache, once per source text."""
    texts = hashlib.sha256(repr(flags).encode())
    for path in sorted(glob.glob(os.path.join(SOURCES, "*.[ch]"))):
        with open(path, "rb") as f:
            texts.update(f.read())
    program = os.path.join(images.cache_directory(), f"{target}-{texts.hexdigest()[:16]}")
    if not os.path.exists(program):
        part = f"{program}.{os.getpid()}.{threading.get_ident()}"
        files = [os.path.join(SOURCES, name + ".c") for name in sources]
        subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", *flags, "-o", part, *files], check=True)
        os.replace(part, program)
    return program


def server():
    return _build("endpoint", SERVER, ("-pthread",))


def driver():
    return _build("endpointload", ("driver",), ("-static",))


class Endpoint(Load):
    what = "an endpoint of our own"
    start = """
[ -e /tmp/endpoints-started ] || {
	echo 1 >/proc/sys/vm/nr_hugepages
	# With crashkernel=,cma: into memory that is the capture kernel's as well.
	# shellcheck disable=SC2046 # one word, or none
	endpointload $(head -n 1 /sys/kernel/kexec/crash_cma_ranges 2>/dev/null) &
	wait_path /tmp/endpoints-started
}
"""

    def __init__(self, name, number, scratch, logs):
        super().__init__(scratch)
        match = NAME.match(name)
        if not match:
            raise ValueError(f'no load "{name}"')
        self.name = name
        self.mode = match[1]
        self._more = dict(word.partition("=")[::2] for word in (match[2] or "").split(",") if word)
        self.gated = self.mode == "obeys" or self.mode.startswith("logs=")
        self.marker = f"rogue-{self.mode}\0".encode()
        self._number = number
        self._log = os.path.join(logs, f"endpoint-{self.mode}.log")
        self._process = None
        self._address = None
        self._marks = {}  # "panic", "jump": lines of the log before that

    def programs(self):
        """For the initramfs of the first kernel."""
        return {"bin/endpointload": driver()}

    def devices(self):
        path = os.path.join(self.directory, f"endpoint-{self._number}")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(1)
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", server(), "--mode", self.mode, "--log", self._log]
                + [f"--{word}" for word in ("flr", "af") if word in self._more],
                stdin=listener,
            )
        port = f"rogue-root-{self._more.get('beside', self.mode)}".replace("=", "-")
        device = {
            "driver": "vfio-user-pci", "id": self._id(), "bus": port, "addr": "0.0",
            "socket": {"type": "unix", "path": path}, "x-msg-timeout": MESSAGE_TIMEOUT_MS,
        }  # fmt: skip
        if "root" in self._more:
            device["bus"] = "pcie.0"
            del device["addr"]
        elif "beside" in self._more:
            device["addr"] = "0.1"
        else:
            device["multifunction"] = True
        arguments = ["-device", json.dumps(device)]
        if {"root", "beside"} & set(self._more):
            return arguments
        chassis = FIRST_CHASSIS + self._number
        return ["-device", f"pcie-root-port,id={port},chassis={chassis},io-reserve=0", *arguments]

    def _id(self):
        return f"rogue-{self.mode}".replace("=", "-")

    def rings(self, machine, ram):
        """None: each line has its marker. The last moment at which the machine is healthy."""
        self._marks["panic"] = self._count_events()
        found = [dev for dev in machine.functions() if dev["qdev_id"] == self._id()]
        self._address = "0000:{bus:02x}:{slot:02x}.{function}".format(**found[0])
        return []

    def at_jump(self):
        self._marks["jump"] = self._count_events()

    def told(self):
        """What was done to the device, from its log."""
        self._process.wait(60)  # it ends with QEMU
        events = self._events()
        panic = self._marks.get("panic", len(events))
        jump = self._marks.get("jump", len(events))
        crash_path = events[panic:jump]
        return {
            "address": self._address,
            "resets": sum(what in ("reset", "flr") for _, what in crash_path),
            "resets_later": sum(what in ("reset", "flr") for _, what in events[jump:]),
            "gated_first": _gated_first(crash_path),
            "devctl": [_last(part, DEVCTL) for part in (events[:panic], crash_path)],
            "lines_after_last_reset": _after_last_reset(events),
            "errors": [what for _, what in events if what.startswith("error")],
        }

    def _events(self):
        """[(lines of memory written so far, event)]"""
        with open(self._log, encoding="ascii") as f:
            split = [line.rstrip("\n").split(" ", 2) for line in f]
        return [(int(lines), what) for _, lines, what in split]

    def _count_events(self):
        return len(self._events())

    def close(self):
        if self._process and self._process.poll() is None:
            self._process.kill()
        if self._process:
            self._process.wait()


def _writes(events, register):
    """Values written to a 16-bit register, in order."""
    found = []
    for _, what in events:
        words = what.split()
        if words[0] in ("write", "lost") and int(words[1], 16) == register:
            found.append(int(words[3], 16) & 0xFFFF)
    return found


def _last(events, register):
    found = _writes(events, register)
    return found[-1] if found else None


def _gated_first(events):
    """Before the first reset, bus mastering was switched off: not counting the write by
    which QEMU does that itself, just before it resets a device."""
    until = next((i for i, (_, what) in enumerate(events) if what == "reset"), len(events) + 1)
    return any(not value & MASTER for value in _writes(events[: max(0, until - 1)], COMMAND))


def _after_last_reset(events):
    """Lines of memory written since, None without a reset."""
    resets = [lines for lines, what in events if what in ("reset", "flr")]
    return events[-1][0] - resets[-1] if resets else None
