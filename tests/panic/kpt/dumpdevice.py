# SPDX-License-Identifier: GPL-2.0-only
"""The device that the capture kernel writes its dump to.

A disk gets the dump as it is; over the network it goes out in makedumpfile's
flattened form, and is put together on the host.
"""

import os
import subprocess

from .machine import Failed

DISK_BYTES = 1 << 30  # sparse


class Disk:
    def __init__(self, path, modules, device, below_port=True):
        self.path = path  # in the capture kernel
        self.modules = modules
        self._device = device
        self._below_port = below_port

    def prepare(self, dump):
        with open(dump, "wb") as f:
            f.truncate(DISK_BYTES)

    def arguments(self, dump, root_bus):
        port = ["-device", "pcie-root-port,id=dump-root,chassis=90"] if self._below_port else []
        bus = "dump-root" if self._below_port else root_bus
        return [
            "-drive", f"if=none,id=dump,format=raw,file={dump}", *port,
            *self._device.format(bus=bus).split(),
        ]  # fmt: skip

    def finish(self, dump):
        """The disk image is the dump."""


class Network:
    """A TCP connection that QEMU itself answers: no server, no port of this machine."""

    path = "net"

    def __init__(self, modules, model):
        self.modules = modules
        self._model = model

    def prepare(self, dump):
        with open(dump + ".flat", "wb"):
            pass

    def arguments(self, dump, root_bus):
        return [
            "-chardev", f"file,id=dump,path={dump}.flat",
            "-netdev", "user,id=dumpnet,restrict=on,guestfwd=tcp:10.0.2.100:9-chardev:dump",
            "-device", "pcie-root-port,id=dump-root,chassis=90",
            "-device", f"{self._model},id=dumpdev,netdev=dumpnet,bus=dump-root",
        ]  # fmt: skip

    def finish(self, dump):
        with open(dump + ".flat", "rb") as flat:
            done = subprocess.run(["makedumpfile", "-R", "-f", dump], stdin=flat, capture_output=True, check=False)
        os.unlink(dump + ".flat")
        if done.returncode:
            raise Failed(f"makedumpfile -R: {(done.stdout + done.stderr).decode(errors='replace').strip()[-300:]}")


ALL = {
    # Where it was from the beginning: on the root bus, and not to be reset.
    "virtio-blk": Disk("/dev/vda", ("virtio_pci", "virtio_blk"), "-device virtio-blk-pci,id=dumpdev,drive=dump,bus={bus}", False),
    "virtio-blk below a port": Disk("/dev/vda", ("virtio_pci", "virtio_blk"), "-device virtio-blk-pci,id=dumpdev,drive=dump,bus={bus}"),
    "nvme": Disk("/dev/nvme0n1", ("nvme",), "-device nvme,id=dumpdev,serial=dump,drive=dump,bus={bus}"),
    "ahci": Disk("/dev/sda", ("ahci", "sd_mod"), "-device ich9-ahci,id=dumpdev,bus={bus} -device ide-hd,drive=dump,bus=dumpdev.0"),
    "e1000e": Network(("e1000e",), "e1000e"),
}
ALL_MODULES = sorted({m for device in ALL.values() for m in device.modules})
