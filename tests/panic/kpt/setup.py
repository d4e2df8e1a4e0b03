# SPDX-License-Identifier: GPL-2.0-only
"""What one run is made of, and the small initramfs that tells the guest."""

import dataclasses

from . import dumpdevice, images
from . import loads as loads_module

# no_timer_check: the kernel counts ticks while it busy-waits, and gives up on the timer if the
# host had no time for QEMU meanwhile ("MP-BIOS bug").
FIRST_CMDLINE = "console=ttyS0 quiet panic=1 no_timer_check crashkernel=192M ipv6.disable=1"
CAPTURE_CMDLINE = "console=ttyS0 quiet panic=1 no_timer_check nr_cpus=1 reset_devices"
PANIC = "taskset 1 sh -c 'echo c >/proc/sysrq-trigger'\n"


@dataclasses.dataclass
class Setup:
    """What one run is made of."""

    kernel: images.Kernel
    capture_kernel: images.Kernel = None  # the same
    loads: tuple = ()  # names, see loads.ALL
    cmdline: str = ""
    capture_cmdline: str = ""
    devices: tuple = ()  # more QEMU arguments
    modules: tuple = ()  # names of stock modules to load in the first kernel
    files: dict = dataclasses.field(default_factory=dict)  # path in the first initramfs -> host path
    start: str = ""  # shell, with the loads
    before_panic: str = ""  # shell, last thing before the panic
    panic: str = PANIC
    after: str = ""  # shell, if the kernel survived its panic
    kdump: bool = True  # load a capture kernel
    normal_kexec: bool = False  # load it for "kexec -e" as well
    capture: str = ""  # shell in the capture kernel, before the dump
    capture_modules: tuple = ()
    hold: bool = False  # our module for the capture kernel, before those
    irqpoll: bool = True  # the capture kernel looks for interrupts that nobody cares for
    dump_to: str = "virtio-blk"  # see dumpdevice.py
    canary_seconds: int = 2  # 0: leave the canary out
    hooks: dict = dataclasses.field(default_factory=dict)  # wait name -> callable(machine)
    tool: str = ""  # the kexec-quiesce command, to read the dump on the host
    tool_in_capture: bool = False  # and in the capture kernel
    tool_in_first: bool = False  # and in the first kernel
    inject: str = ""  # the kexec-quiesce-inject command, for the first kernel
    segments: tuple = ()  # more PCI segments, see segments.py
    compare_config: bool = False  # config space before the panic and at the jump, see config.py
    qemu: str = ""  # version for scripts/fetch; this machine's own if empty
    machine: str = "q35"
    memory_mb: int = 512
    cpus: int = 2
    deadline: int = 480

    def __post_init__(self):
        self.capture_kernel = self.capture_kernel or self.kernel

    def first_image(self):
        """What is the same in other runs; the path of an archive."""
        return images.first_image(self.kernel, self.capture_kernel, self.tool if self.tool_in_capture else "")

    def capture_archive(self):
        """What is special in the capture kernel of this run."""
        archive = images.Archive()
        device = dumpdevice.ALL[self.dump_to]
        modules = [*device.modules, *self.capture_modules]
        archive.add("case/modules", "".join(m + "\n" for m in self.capture_kernel.load_order(modules)))
        self.capture_kernel.add_modules(archive, [m for m in modules if m not in images.CAPTURE_MODULES])
        archive.add("case/dump-to", device.path)
        archive.add("case/canary-seconds", str(self.canary_seconds))
        capture = self.capture
        if self.hold:
            name = "modules/kexec_pci_hold.ko"
            archive.add_file(name, self.files[name])
            capture = f"insmod /{name} || say hold-failed\n{capture}"
        if capture:
            archive.add("case/capture.sh", capture)
        return archive.pack()

    def first_archive(self, loads):
        """What is special in the first kernel of this run; carries the above."""
        archive = images.Archive()
        modules = [m for load in loads for m in load.modules] + list(self.modules)
        archive.add("case/modules", "".join(m + "\n" for m in self.kernel.load_order(modules)))
        self.kernel.add_modules(archive, [m for m in modules if m not in loads_module.ALL_MODULES])
        archive.add("case/start.sh", "".join(load.start for load in loads) + self.start + "\n")
        archive.add("case/before-panic.sh", self.before_panic + "\n")
        archive.add("case/panic.sh", self.panic)
        archive.add("case/after.sh", self.after + "\n")
        archive.add("case/capture.cpio", self.capture_archive())
        irqpoll = "irqpoll " if self.irqpoll else ""
        archive.add("case/capture.cmdline", f"{CAPTURE_CMDLINE} {irqpoll}{self.capture_cmdline}")
        if self.tool_in_first:
            archive.add_program("bin/kexec-quiesce", self.tool)
        if self.inject:
            archive.add_program("bin/kexec-quiesce-inject", self.inject)
        for flag in ("kdump", "normal_kexec"):
            if getattr(self, flag):
                archive.add("case/" + flag)
        for name, path in self.files.items():
            archive.add_file(name, path)
        for load in loads:
            for name, path in load.programs().items():
                archive.add_file(name, path, 0o100755)
        return archive.pack()
