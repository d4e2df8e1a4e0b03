# SPDX-License-Identifier: GPL-2.0-only
"""A cell of the campaign: what is broken, where the panic comes from, on which machine.

One seed makes one cell, always the same. The faults and triggers are those that
"kexec-quiesce-inject list" prints (tools/kexec-quiesce-inject/module).
"""

import dataclasses
import random

from . import segments
from .machine import MACHINE_CHECK

STEPS = ("read", "write", "validate", "disable", "ports", "reset", "ready", "contain", "undo", "done", "note")
HOW = ("bit", "page", "truncate", "resets")

# name -> setup of the machine; what carries load there; the function that a fault may be about.
TOPOLOGIES = {
    "switch": ({"loads": ("nic",)}, "nic"),
    "root-bus": ({"loads": ("audio",)}, "audio"),
    "both": ({"loads": ("nic", "audio", "usb")}, "nic"),
    "cf8": ({"loads": ("nic", "audio"), "cmdline": "pci=nommconf"}, "nic"),
    "pc": ({"loads": ("audio",), "machine": "pc"}, "audio"),
    "ports": ({"loads": ("nic", "audio"), "devices": tuple(segments.links(16, slot=16))}, "nic"),
}
POLICIES = ("busmaster", "escalate", "reset")
PLAIN = 0.1

# A fault's family, its arguments to choose from ("" = none); DEVICE stands for the function.
DEVICE = "DEVICE"
FAULTS = {
    "none": ("none", ("",)),
    "lists": ("pci", ("",)),
    "ops": ("pci", ("",)),
    "roots": ("pci", ("",)),
    "pci-dev": ("pci", (f"device={DEVICE}",)),
    "locks": ("locks", ("",)),
    "bus-sem": ("locks", ("",)),
    "rescan-lock": ("locks", ("",)),
    "console-lock": ("locks", ("",)),
    "capture-lock": ("locks", ("",)),
    "newest": ("snapshot", tuple(f"how={how}" for how in HOW)),
    "both": ("snapshot", tuple(f"how={how}" for how in HOW)),
    "all": ("snapshot", tuple(f"how={how}" for how in HOW)),
    "pointers": ("snapshot", ("",)),
    "control": ("snapshot", ("",)),
    "unmap": ("windows", ("",)),
    "remap": ("windows", ("", f"device={DEVICE}", "device=0000:00:1f.0")),  # all, the function's bus, the root bus
    "refuse": ("device", (f"device={DEVICE}", "")),
    "hang": ("device", (f"device={DEVICE}", f"device={DEVICE} ms=500")),
    "late": ("device", (f"device={DEVICE}", "ms=1")),
    "vanish": ("device", (f"device={DEVICE}", "after=20")),
    "all-ones": ("device", (f"device={DEVICE}", "")),
    "access-fault": ("device", (f"device={DEVICE}", "after=9")),
    "fault": ("routine", tuple(f"at={step}" for step in STEPS)),
    "gpf": ("routine", tuple(f"at={step}" for step in STEPS)),
    "bug": ("routine", tuple(f"at={step}" for step in STEPS)),
    # panic() has cleared panic_on_warn: a WARN() at each access fills the log until printk() of 7.2 does not return.
    "warn": ("routine", tuple(f"at={step} once" for step in STEPS)),
    "panic": ("routine", tuple(f"at={step}" for step in STEPS)),
    # A processor takes one machine check, so one endless loop is all that can be ended.
    "spin": ("routine", tuple(f"at={step} once" for step in STEPS)),
    "nmipanic": ("routine", tuple(f"at={step} once" for step in STEPS)),
    "wait": ("routine", tuple(f"at={step} once" for step in STEPS)),
    "memory": ("memory", ("",)),
    "text": ("text", ("in=step", "in=guard", "in=hook")),
    "ftrace-ops": ("text", ("",)),
    "entered": ("text", ("",)),
    "function-tracer": ("tracing", ("",)),
    "graph-tracer": ("tracing", ("",)),
    "ftrace-sysctl": ("tracing", ("",)),
    "ftrace-killed": ("tracing", ("",)),
    "kprobe": ("tracing", ("",)),
    "ipmodify": ("tracing", ("",)),
    "traced": ("tracing", ("",)),
}
# What breaks our module cannot be done without it.
OURS = {name for name, (family, _) in FAULTS.items() if family in ("snapshot", "windows", "device", "routine", "text")}
OURS.add("capture-lock")

TRIGGERS = {
    "sysrq": "", "process": "", "softirq": "", "hardirq": "", "nmi": "", "spinlock": "", "ftrace": "", "kprobe": "",
    "accessor": "", "hotplug": f"device={DEVICE} when=", "capture": "", "publish": "", "softlockup": "",
    "hardlockup": "", "oops": "", "bug": "", "double-fault": "", "stack-overflow": "", "other-cpu": "", "two-cpus": "",
    "spinner": "",
}  # fmt: skip
# These need our module.  Without it: the same context, as near as it gets.
NEEDS_US = {"capture": "accessor", "publish": "process"}


def possible(fault, trigger, topology):
    """Whether the trigger still gets to its panic after the fault."""
    # They take what the fault holds, or has broken, before anything panics.
    takes_locks = {"rescan-lock": ("hotplug", "capture", "publish"), "capture-lock": ("capture", "publish")}
    if trigger in takes_locks.get(fault, ()):
        return False
    if fault == "bus-sem" and trigger in ("hotplug", "capture", "publish", "accessor"):
        return False
    if fault == "pci-dev" and trigger in ("hotplug", "capture", "publish"):
        return False
    # A probe, or a tracer, does not work then.
    if fault in ("ftrace-killed", "ftrace-sysctl") and trigger in ("ftrace", "kprobe", "publish"):
        return False
    # Config access by CF8 has no window that could be unmapped.
    if FAULTS[fault][0] == "windows" and topology in ("cf8", "pc"):
        return False
    # Where a CPU handles an NMI already, one from outside waits until it is done.
    if fault in ("wait", "nmipanic") and trigger in ("nmi", "hardlockup"):
        return False
    # A sound card that is played on is not removed until it is closed: nothing would ever panic.
    return not (trigger == "hotplug" and TOPOLOGIES[topology][1] == "audio")


@dataclasses.dataclass
class Cell:
    """A pair of runs: the same thing happens, without us and with us."""

    seed: int
    kernel: str
    topology: str
    policy: str
    fault: str
    fault_args: str
    trigger: str
    trigger_args: str

    def family(self):
        return FAULTS[self.fault][0]

    def build(self):
        """Which build of our module: "inject" if its accessor is to misbehave."""
        return "inject" if self.family() == "device" else ""

    def commands(self, with_us, address):
        """Shell commands for the guest."""
        lines = []
        if with_us:
            directory = "/modules/inject" if self.build() else "/modules"
            lines.append(f"insmod {directory}/kexec_pci_quiesce.ko policy={self.policy} deadline_ms=10000 || give_up insmod")
        if self.fault != "none" and (with_us or self.fault not in OURS):
            lines.append(f"arm {self.fault} {self.fault_args}".strip())
        trigger = self.trigger if with_us else NEEDS_US.get(self.trigger, self.trigger)
        lines.append(f"crash {trigger} {self.trigger_args if trigger == self.trigger else ''}".strip())
        return [line.replace(DEVICE, address) for line in lines]

    def monitor(self, with_us):
        """What QEMU's monitor is told as soon as the guest says that it is inside the routine."""
        outside = {"spin": MACHINE_CHECK, "wait": "nmi", "nmipanic": "nmi"}
        return outside.get(self.fault, "") if with_us else ""


# A dozen for every change: one machine, and all that the engine has to do with.
FIXED = (
    ("escalate", "none", "", "sysrq", ""),
    ("escalate", "lists", "", "hardirq", ""),
    ("busmaster", "locks", "", "nmi", ""),
    ("escalate", "newest", "how=page", "process", ""),
    ("escalate", "both", "how=bit", "softirq", ""),
    ("escalate", "remap", "", "process", ""),
    ("escalate", "capture-lock", "", "hotplug", f"device={DEVICE} when=bound"),
    ("busmaster", "fault", "at=ports", "oops", ""),
    ("reset", "panic", "at=ready once", "other-cpu", ""),
    ("escalate", "refuse", f"device={DEVICE}", "spinlock", ""),
    ("reset", "function-tracer", "", "kprobe", ""),
    ("escalate", "memory", "", "double-fault", ""),
)


def fixed(kernel):
    """The cells of FIXED; their seeds, which make nothing, count down from 0."""
    return [Cell(-number, kernel, "both", *what) for number, what in enumerate(FIXED)]


def make(seed, kernels, topologies=tuple(TOPOLOGIES), policies=POLICIES, faults=tuple(FAULTS), triggers=tuple(TRIGGERS)):
    """The cell of a seed."""
    rng = random.Random(seed)
    while True:
        # One in ten without a fault: that is what users of kdump count.
        others = [name for name in faults if name != "none"]
        fault = "none" if not others or "none" in faults and rng.random() < PLAIN else rng.choice(others)
        trigger = rng.choice(triggers)
        topology = rng.choice(topologies)
        if not possible(fault, trigger, topology):
            continue
        trigger_args = TRIGGERS[trigger]
        if trigger_args.endswith("when="):
            trigger_args += rng.choice(("added", "removed", "bound"))
        return Cell(seed, rng.choice(kernels), topology, rng.choice(policies), fault, rng.choice(FAULTS[fault][1]), trigger, trigger_args)
