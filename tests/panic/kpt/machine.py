# SPDX-License-Identifier: GPL-2.0-only
"""One QEMU machine: start it, talk to its console and monitor, always end it."""

import itertools
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

from . import inputs


Q35_ECAM = 0xB0000000  # as SeaBIOS places it
CLASS_BRIDGE = 0x06

# Bank 1: VAL, UC, EN, PCC: lost for good. MCG_STATUS: MCIP, RIPV.
MACHINE_CHECK = "mce 0 1 0xb200000000000000 5 0 0"


class Failed(Exception):
    """The run cannot go on; the text says why, for the person who reads the log."""


class Machine:
    """A machine under TCG whose RAM is a file that the harness can read.

    It is given up setup.deadline seconds after its start: a safety stop, not a pass mark.
    """

    def __init__(self, directory, scratch, setup, initrd, cmdline, devices, incoming=False):
        self.directory = directory
        self.ram_file = os.path.join(scratch, "ram")
        self.started = time.monotonic()
        self.deadline = self.started + setup.deadline
        self.lines = []  # (seconds, text)
        self.said = {}  # the last value of each "KPCIQ key=value"
        self._inside = 0  # how often it said "KPCIQ inside=..."
        self._seen = 0
        self._news = threading.Condition()
        self._ended = False
        self.trace_file = os.path.join(directory, "trace.log")
        qmp_path = os.path.join(scratch, "qmp")  # not in directory: the name of a socket has room for 107 bytes
        size = f"{setup.memory_mb}M"
        self.command = [
            "setpriv", "--pdeathsig", "KILL",  # QEMU does not outlive this process
            inputs.qemu(setup.qemu), "-accel", "tcg", "-smp", str(setup.cpus),
            "-machine", f"{setup.machine},memory-backend=ram", "-m", size,
            "-object", f"memory-backend-file,id=ram,size={size},mem-path={self.ram_file},share=on",
            "-nodefaults", "-display", "none", "-no-reboot",
            "-serial", "stdio", "-qmp", f"unix:{qmp_path},server=on,wait=off",
            "-D", self.trace_file, "-trace", "apic_deliver_irq",
            "-kernel", setup.kernel.vmlinuz, "-initrd", initrd, "-append", cmdline, *devices,
            *(["-incoming", "defer"] if incoming else []),
        ]  # fmt: skip
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        threading.Thread(target=self._read_console, daemon=True).start()
        try:
            self._connect(qmp_path)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End QEMU, whatever state it is in."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()

    def seconds(self):
        return time.monotonic() - self.started

    # Console

    def _read_console(self):
        with open(os.path.join(self.directory, "console.log"), "w", encoding="utf-8") as log:
            for raw in self.process.stdout:
                text = raw.decode("utf-8", "replace").strip("\r\n")
                now = self.seconds()
                log.write(f"{now:8.3f} {text}\n")
                log.flush()
                with self._news:
                    self.lines.append((now, text))
                    match = re.search(r"KPCIQ ([a-z-]+)=(.*)", text)
                    if match:
                        self.said[match[1]] = match[2]
                        self._inside += match[1] == "inside"
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def wait_for(self, pattern, on_line=None):
        """Wait for a console line that matches; on_line sees each line on the way."""
        while True:
            with self._news:
                while self._seen == len(self.lines):
                    if self._ended:
                        raise Failed(f"QEMU ended while waiting for '{pattern}'")
                    left = self.deadline - time.monotonic()
                    if left <= 0:
                        raise Failed(f"safety stop while waiting for '{pattern}'")
                    self._news.wait(left)
                when, text = self.lines[self._seen]
                self._seen += 1
            if on_line:
                on_line(when, text)
            match = re.search(pattern, text)
            if match:
                return match

    def has_news(self):
        """The guest waits for something else, or has ended, or had its time: look at the console."""
        with self._news:
            waits = any("KPCIQ wait=" in text for _, text in self.lines[self._seen :])
        return waits or self._ended or time.monotonic() > self.deadline

    def when_inside(self, *lines):
        """Lines for QEMU's monitor each time that the guest says that it is inside the routine.

        Not only once: what undoes a reset after a fault may get to the same step.
        """

        def wait():
            for times in itertools.count(1):
                with self._news:
                    self._news.wait_for(lambda: self._inside >= times or self._ended)
                    if self._ended:
                        return
                for line in lines:
                    self.hmp(line)

        threading.Thread(target=wait, daemon=True).start()

    def wait_end(self):
        """Wait until the guest has powered off."""
        try:
            self.process.wait(max(1, self.deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Failed("safety stop: the guest did not power off") from None

    def answer(self, *lines):
        """Let the guest go on after its "KPCIQ wait=..."; more lines are for what it reads then."""
        self.process.stdin.write("".join(line + "\n" for line in ("", *lines)).encode())
        self.process.stdin.flush()

    # Monitor

    def _connect(self, path):
        for _ in range(200):
            try:
                self._qmp = socket.socket(socket.AF_UNIX)
                self._qmp.connect(path)
                self._qmp_file = self._qmp.makefile("r", encoding="utf-8")
                self._qmp_file.readline()  # a greeting
                self.qmp("qmp_capabilities")
                return
            except OSError:  # too early, or QEMU has ended
                self._qmp.close()
                if self._ended:
                    break
                time.sleep(0.05)
        raise Failed("QEMU did not start: " + " ".join(text for _, text in self.lines))

    def qmp(self, command, **arguments):
        message = json.dumps({"execute": command, "arguments": arguments})
        self._qmp.sendall(message.encode() + b"\n")
        for line in self._qmp_file:
            reply = json.loads(line)
            if "return" in reply:
                return reply["return"]
            if "error" in reply:
                raise Failed(f"QMP {command}: {reply['error']['desc']}")
        raise Failed(f"QMP {command}: QEMU ended")

    def hmp(self, line):
        """One command of the human monitor; returns what it prints."""
        return self.qmp("human-monitor-command", **{"command-line": line})

    # The whole machine

    def freeze(self):
        """Stop CPUs and devices alike.

        Not QMP "stop": that first completes all disk requests, so data held in
        flight would land in the frozen memory.
        """
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def save(self, path):
        """Write the state of all devices to a file and stop for good; RAM is a file already."""
        self.qmp("stop")
        self._without_ram()
        self.qmp("migrate", uri=f"exec:cat >{path}")
        self._wait_for_migration()

    def restore(self, path):
        """Go on from a saved state; needs a machine made with incoming=True, and a copy of the RAM."""
        self._without_ram()
        self.qmp("migrate-incoming", uri=f"exec:cat {path}")
        self._wait_for_migration()
        self.qmp("cont")

    def _without_ram(self):
        capability = {"capability": "x-ignore-shared", "state": True}
        self.qmp("migrate-set-capabilities", capabilities=[capability])

    def _wait_for_migration(self):
        while True:
            status = self.qmp("query-migrate").get("status")
            if status == "completed":
                return
            if status in ("failed", "cancelled") or time.monotonic() > self.deadline:
                raise Failed(f"saving or restoring the machine: {status}")
            time.sleep(0.02)

    # Devices from outside

    def functions(self):
        """All PCI functions as QEMU sees them now (QMP query-pci), those below bridges too."""

        def walk(devices):
            for dev in devices:
                yield dev
                yield from walk(dev.get("pci_bridge", {}).get("devices", []))

        return [dev for bus in self.qmp("query-pci") for dev in walk(bus["devices"])]

    def bar0(self, qdev_id):
        """Where the registers of a device are."""
        found = [r["address"] for dev in self.functions() if dev["qdev_id"] == qdev_id for r in dev["regions"] if r["bar"] == 0]
        if not found:
            raise Failed(f"QEMU has no device {qdev_id} with a BAR 0")
        return found[0]

    def gates(self):
        """Endpoints that may write memory, and that assert INTx, right now: two lists of addresses.

        Read through the config window of q35 (None on other machines): no code of the guest is involved.
        """
        if self.hmp("info qtree").find("q35-pcihost") < 0:
            return None, None
        mastering, intx = [], []
        for dev in self.functions():
            offset = dev["bus"] << 20 | dev["slot"] << 15 | dev["function"] << 12
            word = self.read(Q35_ECAM + offset + 4)  # Command and Status
            name = f"{dev['bus']:02x}:{dev['slot']:02x}.{dev['function']}"
            if dev["class_info"]["class"] >> 8 == CLASS_BRIDGE or word == 0xFFFFFFFF:  # a VF that is not enabled
                continue
            if word & 0x4:
                mastering.append(name)
            if word & 0x8 << 16 and not word & 0x400:
                intx.append(name)
        return mastering, intx

    def config_spaces(self):
        """"bus:slot.function" -> 4 KiB, through the config window of q35."""
        spaces = {}
        for dev in self.functions():
            at = Q35_ECAM + (dev["bus"] << 20 | dev["slot"] << 15 | dev["function"] << 12)
            words = re.findall(r"0x([0-9a-f]{8})\b", re.sub(r"^\S+:", "", self.hmp(f"xp /1024wx {at:#x}"), flags=re.M))
            spaces[f"{dev['bus']:02x}:{dev['slot']:02x}.{dev['function']}"] = b"".join(int(w, 16).to_bytes(4, "little") for w in words)
        return spaces

    def read(self, address, size=4):
        """Read a physical address, device registers included."""
        letter = {1: "b", 2: "h", 4: "w", 8: "g"}[size]
        return int(self.hmp(f"xp /1{letter}x {address:#x}").split()[-1], 16)
