# SPDX-License-Identifier: GPL-2.0-only
"""Whatever is broken, and wherever the panic comes from: the jump happens.

kpt_break.ko (tests/panic/modules) breaks something and panics from a chosen
context. Where the routine can still do its work, it must also be quiet.
"""

import threading

from kpt import expect

from .case import Case

CASES = []

# Two devices that would keep writing: behind a switch, and on bus 0.
LOADS = ("nic", "audio")


def broken(what, fault, trigger, checks, cpu=1, where="", parameters="", **setup):
    """cpu: mask for taskset; chosen so that CPU 0 panics, see first.init."""
    where = f" where={where}" if where else ""
    panic = f"taskset {cpu} insmod /modules/kpt_break.ko fault={fault} trigger={trigger}{where}\n"
    setup = {"loads": LOADS, "panic": panic, **setup}
    CASES.append(Case(what, setup, [expect.saved, *checks], parameters))


def still_quiets(what, fault, trigger, verdict="clean", source="newest", checks=(), **setup):
    checks = [
        expect.quiet(),
        expect.verdict(verdict),
        expect.record(f"source {source}", lambda r: r["source"] == source),
        *checks,
    ]
    broken(what, fault, trigger, checks, **setup)


def still_jumps(what, fault, trigger, verdict, checks=(), **setup):
    broken(what, fault, trigger, [expect.verdict(verdict), *checks], **setup)


# The kernel's own data and locks, and the context of the panic.
still_quiets("lists smashed, locks held, panic in hard-IRQ", "lists,locks", "hardirq", cpu=2)
still_quiets("lists smashed, panic in softirq", "lists", "softirq")
still_quiets("locks held, panic with a spinlock held", "locks", "spinlock")
still_quiets("lists smashed, other CPU spins with interrupts off", "lists", "spinner")


def nmi_soon(machine):
    """After the harness has begun to watch for the jump."""
    threading.Timer(2, machine.hmp, ["nmi"]).start()


CASES.append(
    Case(
        "locks held, panic in NMI",
        {
            "loads": LOADS,
            "start": "sysctl -q -w kernel.unknown_nmi_panic=1\n",
            "before_panic": "insmod /modules/kpt_break.ko fault=locks trigger=none\n",
            "panic": "sleep 60\n",
            "hooks": {"panic": nmi_soon},
            # From NMI context printk() only stores: the console never gets it.
            "capture": "makedumpfile --dump-dmesg /proc/vmcore /tmp/log >/dev/null\ngrep -h 'Kernel panic' /tmp/log\n",
        },
        [expect.saved, expect.console("NMI: Not continuing"), expect.quiet(), expect.verdict("clean")],
    )
)

# What the routine works from.
still_quiets("newest snapshot corrupted: the other is used", "newest", "process", source="other")
still_quiets("both snapshots corrupted: windows are walked", "both", "process", "partial", "raw")
still_quiets("slot pointers wild: windows are walked", "pointers", "process", "partial", "raw")
still_jumps("all snapshots and the seed corrupted: skipped", "all", "process", "skipped")
still_jumps(
    "config window unmapped: skipped",
    "windows",
    "process",
    "skipped",
    [expect.record("every access faulted", lambda r: r["faults"] >= r["total"] > 0)],
)

# The routine itself.
still_jumps("page fault at the first config read", "fault", "process", "aborted")
still_jumps("BUG() in the bus-master step", "bug", "process", "aborted", where="stop_masters")
still_jumps("nested panic in the mask step", "panic", "process", "aborted", where="kexec_quiesce_mask_errors")
still_jumps(
    "page fault in the drain: what was gated stays so",
    "fault",
    "process",
    "aborted",
    [expect.quiet(), expect.record("all were gated", lambda r: r["quiet"] == r["total"])],
    where="drain",
)
still_jumps("nested panic while giving back, and again", "panic", "process", "aborted", [expect.quiet()], where="kexec_quiesce_unmask_errors")

# The dump goes to a device whose link is held in reset, or that has lost its BARs, when the panic comes.
for what, where in (
    ("while links are held in reset", "kexec_quiesce_release_links"),
    ("before what was reset is restored", "kexec_quiesce_bring_back"),
):
    still_jumps(
        f"nested panic {what}: they come back",
        "panic",
        "process",
        "aborted",
        [expect.quiet(), expect.record("all were restored", lambda r: all("restore" in f["done"] for f in r["functions"] if "reset" in f["done"]))],
        where=f"{where} once=1",
        parameters="policy=reset deadline_ms=20000",
        dump_to="nvme",
        modules=("nvme",),
    )
