#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Install the packages on a Debian 12, crash it, upgrade its kernel, purge them; print TAP.

The system (scripts/fetch system 12) has systemd, kdump-tools and Debian's stock kernel. It
runs in QEMU under emulation, without a network, on a copy of its disk. What happens at each
boot is in stages.sh, which the system finds on a second disk, with the packages. That takes
the better part of an hour. The console is kept in out/package/console.log.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT = os.environ.get("OUT") or os.path.join(ROOT, "out")
WORK = os.path.join(OUT, "package")
HERE = os.path.join(ROOT, "tests", "package")

# Debian's own crashkernel=, as kdump-tools gives it to GRUB.
CMDLINE = "root=/dev/vda ro quiet console=ttyS0 no_timer_check crashkernel=384M-:128M systemd.show_status=0"
GIVE_UP_SECONDS = int(os.environ.get("KPCIQ_GIVE_UP", "7200"))  # for one boot and its reboots: a safety stop

UNIT = """[Unit]
Description=The next stage of the test
After=multi-user.target
ConditionPathExists=!/proc/vmcore
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=/bin/sh -c 'mkdir -p /run/kpciq && tar -C /run/kpciq -xf /dev/vdb && exec bash /run/kpciq/stages.sh >/dev/console 2>&1'
"""

# Each boot of QEMU: command line beyond CMDLINE, and the stages that it goes through until it powers off.
BOOTS_6_1 = [("", ["install", "crash", "dumped", "upgrade"])]
BOOTS_6_12 = [
    ("", ["upgraded"]),
    ("kexec_pci_quiesce.policy=off", ["off"]),
    ("systemd.mask=kexec-pci-quiesce.service", ["masked"]),
    ("", ["purge"]),
]

VERDICT = r"kexec-pci-quiesce: clean: (\d+) of \1 PCI functions quiet, \d+ us"
TOO_LONG = r"kexec-pci-quiesce: no verdict: kexec-quiesce took more than 10 s"


class Tap:
    def __init__(self):
        self.number = self.failed = 0

    def result(self, good, text):
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {text}", flush=True)

    def note(self, text):
        print("# " + text, flush=True)


def script(name, *arguments):
    done = subprocess.run([os.path.join(ROOT, "scripts", name), *arguments], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"Bail out! scripts/{name} {' '.join(arguments)} failed")
    return done.stdout.splitlines()


class System:
    """The disk of the system, and its kernels."""

    def __init__(self, directory, debs):
        self.disk = os.path.join(WORK, "disk.img")
        self.kernel = os.path.join(directory, "vmlinuz")
        self.initrd = os.path.join(directory, "initrd.img")
        subprocess.run(["cp", "--sparse=always", os.path.join(directory, "disk.img"), self.disk], check=True)
        self.put(UNIT, "/etc/systemd/system/kpciq-test.service")
        self.debugfs("mkdir /etc/systemd/system/graphical.target.wants")
        self.debugfs("symlink /etc/systemd/system/graphical.target.wants/kpciq-test.service ../kpciq-test.service")
        self.second = os.path.join(WORK, "second.tar")
        subprocess.run(
            ["tar", "-cf", self.second, "-C", directory, "mirror", "-C", os.path.join(ROOT, "tests", "package"), "stages.sh"]
            + ["-C", OUT, *(f"--transform=s,^deb/,debs/,", *("deb/" + os.path.basename(deb) for deb in debs))],
            check=True,
        )

    def debugfs(self, *commands):
        """Change or read the file system while it is not mounted."""
        text = "\n".join(commands)
        done = subprocess.run(["debugfs", "-w", "-f", "-", self.disk], input=text, capture_output=True, text=True, check=True)
        return done.stdout

    def put(self, text, path):
        source = os.path.join(WORK, "put")
        with open(source, "w", encoding="utf-8") as f:
            f.write(text)
        self.debugfs(f"write {source} {path}")

    def take_newest_kernel(self):
        """What a bootloader would start now."""
        listing = self.debugfs("ls /boot")
        releases = re.findall(r"vmlinuz-(\S+)", listing)
        release = max(releases, key=lambda r: [int(n) for n in re.findall(r"\d+", r)])
        for name, attribute in (("vmlinuz", "kernel"), ("initrd.img", "initrd")):
            target = os.path.join(WORK, name)
            self.debugfs(f"dump /boot/{name}-{release} {target}")
            setattr(self, attribute, target)
        return release


def qemu(system, cmdline):
    return [
        "setpriv", "--pdeathsig", "KILL",
        "qemu-system-x86_64", "-accel", "tcg", "-machine", "q35", "-smp", "2", "-m", "2G",
        "-nodefaults", "-display", "none", "-serial", "stdio",
        "-kernel", system.kernel, "-initrd", system.initrd, "-append", f"{CMDLINE} {cmdline}",
        "-drive", f"file={system.disk},if=none,id=root,format=raw,cache=unsafe",
        "-device", "virtio-blk-pci,drive=root",
        "-drive", f"file={system.second},if=none,id=second,format=raw,readonly=on",
        "-device", "virtio-blk-pci,drive=second",
        "-device", "pcie-root-port,id=above,chassis=1", "-device", "qemu-xhci,bus=above",
        "-netdev", "user,id=net,restrict=on", "-device", "e1000e,netdev=net",
    ]  # fmt: skip


def boot(system, cmdline, log, tap):
    """Run until it powers off. Returns the lines of the console; results go to TAP at once."""
    lines = []
    process = subprocess.Popen(qemu(system, cmdline), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    watchdog = threading.Timer(GIVE_UP_SECONDS, process.kill)
    watchdog.start()
    started = time.monotonic()
    try:
        for raw in process.stdout:
            line = raw.decode("utf-8", "replace").strip("\r\n")
            log.write(f"{time.monotonic() - started:8.1f} {line}\n")
            log.flush()
            lines.append(line)
            match = re.search(r"KPCIQ (not ok|ok) (.*)", line)
            if match:
                tap.result(match[1] == "ok", match[2])
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
    return lines


def stages_of(lines):
    return [match[1] for line in lines for match in [re.search(r"KPCIQ stage=(\S+)", line)] if match]


def told(lines, pattern):
    return any(re.search(pattern, line) for line in lines)


def run(system, boots, log, tap):
    """All boots of one kernel. Returns their console, and whether it went through all stages."""
    console = []
    for cmdline, stages in boots:
        lines = boot(system, cmdline, log, tap)
        console += lines
        went = stages_of(lines)
        tap.result(went == stages, f"went through {', '.join(stages)}")
        if went != stages:
            tap.note(f"went through {went}")
            for line in lines[-20:]:
                tap.note(line)
            return console, False
    return console, True


def main():
    if os.geteuid():
        print("1..0 # SKIP not root: the system to install on can only be made by root")
        return 0
    tap = Tap()
    script("package", "deb")
    debs = [deb for deb in glob.glob(os.path.join(OUT, "deb", "*.deb")) if "dbgsym" not in deb]
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    system = System(script("fetch", "system", "12")[-1], debs)
    with open(os.path.join(WORK, "console.log"), "w", encoding="utf-8") as log:
        console, good = run(system, BOOTS_6_1, log, tap)
        tap.result(told(console, VERDICT), "the crash kernel told the verdict on its console")
        tap.result(told(console, r"report is in /var/crash/\d+/quiesce.json"), "and where the report is")
        tap.result(told(console, TOO_LONG), "with a command that hung, it told that instead")
        if good:
            tap.note("now " + system.take_newest_kernel())
            good = run(system, BOOTS_6_12, log, tap)[1]
    print(f"1..{tap.number}")
    if not tap.failed:
        os.unlink(system.disk)
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
