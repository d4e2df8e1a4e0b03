# SPDX-License-Identifier: GPL-2.0-only
"""DMA loads: devices that keep writing memory after their kernel has died.

Each load knows its QEMU devices, how the guest starts it, what the harness does
from outside, and how to recognise its writes: by a marker in the data, or by the
address of the rings, which it reads from the device's own registers.

gated: the emulated device obeys Bus Master Enable, as PCI demands. One that does
not is a rogue: nothing that a kernel writes to its Command register stops it, so
it is shown in the results, but is not counted for or against anybody.
"""

import os
import re
import socket
import threading


class Load:
    name = what = where = why = ""
    gated = True
    modules = ()
    marker = None
    start = ""  # shell, in the first kernel

    def __init__(self, directory):
        self.directory = directory

    def devices(self):
        """QEMU arguments."""
        return []

    def programs(self):
        """Static programs for the first initramfs: path in it -> path here."""
        return {}

    def prepare(self, machine):
        """From outside, before the guest starts the load."""

    def rings(self, machine, ram):
        """From outside, before the panic: [(address, bytes)] that the device writes to."""
        return []

    def at_jump(self):
        """The machine is frozen at the jump."""

    def after_jump(self, machine):
        """From outside, when the first kernel is dead."""

    def told(self):
        """At the end: what the load itself knows, for result["told"]."""
        return {}

    def close(self):
        pass


def bring_up(driver):
    """Shell: the network interface of a driver, until its link is up: only then do frames arrive."""
    netdevs = f"/sys/bus/pci/drivers/{driver}/0*/net/*"
    return f"""
wait_path '{netdevs}'
for netdev in {netdevs}; do
	ip link set "${{netdev##*/}}" up
	wait_line 1 "$netdev/carrier"
done
"""


class Nic(Load):
    """Ethernet frames from outside; the card puts each into the next buffer of its ring."""

    name = "nic"
    what = "e1000e, 10 frames/s from outside"
    where = "root port > switch > port"
    why = "stops at BME=0; QEMU keeps the frames until it is set again"
    modules = ("e1000e",)
    marker = b"KPCIQNIC"
    start = bring_up("e1000e")
    model = "e1000e"
    chassis = 1  # and the next
    rings_at = (0x2800,)  # RDBAL of each receive queue

    def __init__(self, directory):
        super().__init__(directory)
        self._guest = os.path.join(directory, self.name + ".guest")
        self._host = os.path.join(directory, self.name + ".host")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self._host)
        self._stop = threading.Event()
        self.sent = 0

    def devices(self):
        return [
            "-device", f"pcie-root-port,id={self.name}-root,chassis={self.chassis}",
            "-device", f"x3130-upstream,id={self.name}-up,bus={self.name}-root",
            "-device", f"xio3130-downstream,id={self.name}-down,bus={self.name}-up,chassis={self.chassis + 1}",
            "-netdev", f"dgram,id={self.name}-net,local.type=unix,local.path={self._guest},"
            f"remote.type=unix,remote.path={self._host}",
            "-device", f"{self.model},id={self.name},bus={self.name}-down,netdev={self.name}-net",
        ]  # fmt: skip

    def prepare(self, machine):
        threading.Thread(target=self._flood, daemon=True).start()

    def _flood(self):
        # Paced: the ring of a dead driver has 256 buffers that nobody refills.
        while not self._stop.wait(0.1):
            body = (self.marker + self.sent.to_bytes(8, "little")) * 6
            frame = b"\xff" * 6 + b"\x02KPNIC" + b"\x88\xb5" + body[:106]
            try:
                self._socket.sendto(frame, self._guest)
                self.sent += 1
            except OSError:
                pass

    def rings(self, machine, ram):
        bar = machine.bar0(self.name)
        found = []
        for queue in self.rings_at:
            base = machine.read(bar + queue) | machine.read(bar + queue + 4) << 32  # RDBAL, RDBAH
            found.append((base, machine.read(bar + queue + 8)))  # RDLEN
        return found

    def close(self):
        self._stop.set()
        self._socket.close()


class Igb(Nic):
    name = "igb"
    what = "igb, 10 frames/s from outside"
    modules = ("igb",)
    marker = b"KPCIQIGB"
    start = bring_up("igb")
    model = "igb"
    chassis = 5
    rings_at = (0xC000, 0xC040)  # a queue for each CPU


class Vmxnet3(Nic):
    name = "vmxnet3"
    what = "vmxnet3, 10 frames/s from outside"
    modules = ("vmxnet3",)
    marker = b"KPCIQVMX"
    start = bring_up("vmxnet3")
    model = "vmxnet3"
    chassis = 9
    rings_at = ()  # they are described in memory: what is written there is by nothing known


class E1000(Nic):
    name = "e1000"
    what = "e1000, 10 frames/s from outside"
    where = "root bus"
    modules = ("e1000",)
    marker = b"KPCIQE1K"
    start = bring_up("e1000")
    model = "e1000"

    def devices(self):
        return [*super().devices()[-4:-1], f"{self.model},id={self.name},netdev={self.name}-net"]


class Audio(Load):
    """Sound capture into a cyclic buffer: endless, needs nobody inside or outside."""

    name = "audio"
    what = "intel-hda, capture running"
    where = "bus 0"
    why = "stops at BME=0, goes on when it is set again"
    modules = ("snd_hda_codec_generic", "snd_hda_intel")
    marker = b"QAUD"
    start = """
wait_path /dev/snd/pcmC0D0c
audioload /dev/snd/pcmC0D0c &
wait_line RUNNING /proc/asound/card0/pcm0c/sub0/status
"""

    def devices(self):
        return [
            "-audiodev", "none,id=silence",
            "-device", "intel-hda,id=audio",
            "-device", "hda-duplex,audiodev=silence",
        ]  # fmt: skip

    def rings(self, machine, ram):
        bar = machine.bar0("audio")
        positions = machine.read(bar + 0x70) & ~0x7F  # DPLBASE: where each stream is
        responses = machine.read(bar + 0x50) & ~0x7F  # RIRBLBASE
        return [(positions, 128), (responses, 2048)]


class Usb(Load):
    """A mouse plugged in and out: one event each in the controller's event ring.

    The capture kernel halts USB controllers while it scans the PCI bus, so this one
    writes between the jump and then only.
    """

    name = "usb"
    what = "qemu-xhci, mouse plugged in and out"
    where = "root port"
    why = "stops at BME=0 for good"
    modules = ("xhci_pci",)
    start = """
wait_path /sys/bus/usb/devices/usb1
"""

    def devices(self):
        return ["-device", "pcie-root-port,id=usb-root,chassis=3", "-device", "qemu-xhci,id=usb,bus=usb-root"]

    def rings(self, machine, ram):
        bar = machine.bar0("usb")
        interrupter = bar + machine.read(bar + 0x18) + 0x20  # RTSOFF
        table = machine.read(interrupter + 0x10) | machine.read(interrupter + 0x14) << 32  # ERSTBA
        segments = machine.read(interrupter + 0x08)  # ERSTSZ
        return [(ram.word(table + 16 * i, 8), 16 * ram.word(table + 16 * i + 8)) for i in range(segments)]

    def after_jump(self, machine):
        for _ in range(4):
            machine.hmp("device_add usb-mouse,id=mouse,bus=usb.0")
            machine.hmp("device_del mouse")


class Disk(Load):
    """A read that is on its way when the kernel dies, and lands after the jump."""

    name = "disk"
    what = "nvme, 128 KiB read in flight"
    where = "root port"
    gated = False
    why = "QEMU maps the buffer when the read starts; BME=0 later changes nothing"
    modules = ("nvme",)
    marker = b"KPCIQDSK"
    start = """
wait_path /dev/nvme0n1
wait_host disk
dd if=/dev/nvme0n1 of=/dev/null bs=128k skip=8 count=1 iflag=direct 2>/dev/null &
"""

    def devices(self):
        image = os.path.join(self.directory, "nvme.img")
        with open(image, "wb") as f:
            for line in range(2 << 20 >> 6):
                f.write(self.marker + line.to_bytes(8, "little") * 7)
        return [
            "-device", "pcie-root-port,id=disk-root,chassis=4",
            "-drive", f"if=none,id=disk0,driver=raw,file.driver=blkdebug,"
            f"file.image.driver=file,file.image.filename={image}",
            "-device", "nvme,id=disk,bus=disk-root,drive=disk0,serial=kpciq",
            "-trace", "pci_nvme_create_cq", "-trace", "pci_nvme_dbbuf_config",
        ]  # fmt: skip

    def prepare(self, machine):
        machine.wait_for("KPCIQ wait=disk")
        machine.hmp('qemu-io disk0 "break read_aio held"')
        machine.answer()

    def rings(self, machine, ram):
        with open(machine.trace_file, encoding="utf-8") as f:
            places = [line for line in f if line.startswith("pci_nvme")]
        return [(int(address, 16), 4096) for line in places for address in re.findall("addr=(0x[0-9a-f]+)", line)]

    def after_jump(self, machine):
        machine.hmp('qemu-io disk0 "resume held"')


class Keyboard(Load):
    """Keys pressed from outside on a USB 2 keyboard."""

    name = "keyboard"
    what = "usb-ehci, keys pressed"
    where = "bus 0"
    gated = False
    why = "QEMU's EHCI falls back to plain system memory at BME=0"
    modules = ("ehci_pci", "usbhid", "hid_generic")
    start = """
wait_usb '/sys/bus/usb/drivers/usbhid/[0-9]*' ehci-pci
"""

    def devices(self):
        return ["-device", "usb-ehci,id=ehci", "-device", "usb-kbd,bus=ehci.0"]

    def rings(self, machine, ram):
        """Follow the periodic schedule: frame list, queue heads, transfers, buffers."""
        bar = machine.bar0("ehci")
        operational = bar + machine.read(bar, 1)
        frames = machine.read(operational + 0x14)
        heads = {ram.word(frames + 4 * i) & ~0x1F for i in range(1024) if not ram.word(frames + 4 * i) & 1}
        found = []
        for head in heads:
            transfer = ram.word(head + 0x10) & ~0x1F
            found += [(head, 64), (transfer & ~0xFFF, 4096), (ram.word(head + 0x0C) & ~0xFFF, 4096)]
            found += [(ram.word(head + 0x1C), 64), (ram.word(transfer + 0x0C), 64)]
        return found

    def after_jump(self, machine):
        for key in "abc":
            machine.hmp(f"sendkey {key}")


class Ahci(Load):
    """Eight programs that write to the very disk that the dump is to go to, behind its place.

    The disk is slow until after the jump (see dumpdevice.py), so their commands are still
    with the controller when bus mastering is turned off.
    """

    name = "ahci"
    what = "q35's own AHCI, 8 writes in flight"
    where = "bus 0"
    gated = False
    why = "QEMU maps where it tells of their end beforehand, as nvme"
    modules = ("ahci", "sd_mod")
    start = """
wait_path /dev/sda
for writer in 1 2 3 4 5 6 7 8; do
	while :; do
		dd if=/dev/zero of=/dev/sda bs=128k seek=$((4096 + 256 * writer)) count=256 oflag=direct conv=notrunc 2>/dev/null
	done &
done
until [ "$(awk '{ print $2 }' /sys/block/sda/inflight)" -ge 8 ]; do usleep 10000; done
"""
    # Of the HBA's first port: command list, received FISes, commands that NCQ still has.
    PORT = 0x100
    PXCLB, PXFB, PXSACT = PORT, PORT + 0x08, PORT + 0x34

    def __init__(self, directory):
        super().__init__(directory)
        self._in_flight = []

    def _registers(self, machine):
        """BAR 5 of the HBA."""
        found = [dev for dev in machine.functions() if dev["class_info"]["class"] == 0x0106]
        return next(region["address"] for region in found[0]["regions"] if region["bar"] == 5)

    def _look(self, machine):
        self._in_flight.append(bin(machine.read(self._registers(machine) + self.PXSACT)).count("1"))

    def rings(self, machine, ram):
        self._look(machine)
        bar = self._registers(machine)
        return [(machine.read(bar + self.PXCLB), 1024), (machine.read(bar + self.PXFB), 256)]

    def after_jump(self, machine):
        self._look(machine)
        machine.hmp("block_set_io_throttle dump 0 0 0 0 0 0")

    def told(self):
        return {"in_flight": self._in_flight}


# What the demo shows, with the QEMU of this machine; what it does not.
ALL = {load.name: load for load in (Nic, Audio, Usb, Disk, Keyboard)}
MORE = {load.name: load for load in (Igb, Vmxnet3, E1000, Ahci)}
ALL_MODULES = sorted({m for load in ALL.values() for m in load.modules})
