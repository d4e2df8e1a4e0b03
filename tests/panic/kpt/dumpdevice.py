# SPDX-License-Identifier: GPL-2.0-only
"""The device that the capture kernel writes its dump to.

A disk gets the dump as it is; over the network it goes out in makedumpfile's
flattened form, and is put together on the host.
"""

import os
import subprocess

DISK_BYTES = 1 << 30  # sparse
DRIVE = "format=raw,file={dump}"


class Disk:
    def __init__(self, path, modules, device, below_port=True, drive=DRIVE):
        self.path = path  # in the capture kernel
        self.modules = modules
        self._device = device
        self._below_port = below_port
        self._drive = drive

    def prepare(self, dump):
        with open(dump, "wb") as f:
            f.truncate(DISK_BYTES)

    def arguments(self, dump, root_bus):
        port = ["-device", "pcie-root-port,id=dump-root,chassis=90"] if self._below_port else []
        bus = "dump-root" if self._below_port else root_bus
        return [
            "-drive", "if=none,id=dump," + self._drive.format(dump=dump), *port,
            *self._device.format(bus=bus).split(),
        ]  # fmt: skip

    def finish(self, dump):
        """The disk image is the dump. Returns what went wrong."""
        return ""


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
            return f"makedumpfile -R: {(done.stdout + done.stderr).decode(errors='replace').strip()[-300:]}"
        return ""


# A write to the sector 2 MiB from the start fails, always.
FAILS = (
    "driver=raw,werror=report,file.driver=blkdebug,file.image.driver=file,file.image.filename={dump},"
    "file.inject-error.0.event=write_aio,file.inject-error.0.errno=5,file.inject-error.0.sector=4096"
)
VIRTIO_BLK = "-device virtio-blk-pci,id=dumpdev,drive=dump,bus={bus}"

ALL = {
    # Where it was from the beginning: on the root bus, and not to be reset.
    "virtio-blk": Disk("/dev/vda", ("virtio_pci", "virtio_blk"), VIRTIO_BLK, False),
    # In APIC mode slots of q35's root bus that are four apart share their interrupts.
    "virtio-blk in slot 12": Disk("/dev/vda", ("virtio_pci", "virtio_blk"), VIRTIO_BLK + ",addr=0c.0", False),
    "virtio-blk below a port": Disk("/dev/vda", ("virtio_pci", "virtio_blk"), VIRTIO_BLK),
    "nvme": Disk("/dev/nvme0n1", ("nvme",), "-device nvme,id=dumpdev,serial=dump,drive=dump,bus={bus}"),
    "ahci": Disk("/dev/sda", ("ahci", "sd_mod"), "-device ich9-ahci,id=dumpdev,bus={bus} -device ide-hd,drive=dump,bus=dumpdev.0"),
    # Two seconds for a MiB: what the dead kernel has written is on its way for long. See loads.Ahci.
    "ahci of q35": Disk("/dev/sda", ("ahci", "sd_mod"), "-device ide-hd,drive=dump,bus=ide.0", False, DRIVE + ",throttling.bps-write=500000"),
    "e1000e": Network(("e1000e",), "e1000e"),
    "igb": Network(("igb",), "igb"),
    "vmxnet3": Network(("vmxnet3",), "vmxnet3"),
    "virtio-blk that fails": Disk("/dev/vda", ("virtio_pci", "virtio_blk"), VIRTIO_BLK, drive=FAILS),
    # It takes every write, and keeps none.
    "virtio-blk that forgets": Disk("/dev/vda", ("virtio_pci", "virtio_blk"), VIRTIO_BLK, drive=DRIVE + ",snapshot=on"),
}
ALL_MODULES = sorted({m for device in ALL.values() for m in device.modules})
