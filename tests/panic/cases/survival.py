# SPDX-License-Identifier: GPL-2.0-only
"""Whatever is broken, and wherever the panic comes from: the jump happens.

kexec-quiesce-inject breaks something and panics from a chosen context ("list" says
what there is). Where the routine can still do its work, it must also be quiet.
"""

import threading

from kpt import expect

from .case import Case

CASES = []

# Two devices that would keep writing: behind a switch, and on bus 0.
LOADS = ("nic", "audio")


def broken(what, faults, trigger, checks, parameters="", only="", **setup):
    """faults: with their arguments, separated by commas."""
    panic = "".join(f"arm {fault}\n" for fault in faults.split(",")) + f"crash {trigger}\n"
    setup = {"loads": LOADS, "panic": panic, **setup}
    CASES.append(Case(what, setup, [expect.saved, *checks], parameters, only))


def still_quiets(what, faults, trigger, verdict="clean", source="newest", checks=(), **setup):
    checks = [
        expect.quiet(),
        expect.verdict(verdict),
        expect.record(f"source {source}", lambda r: r["source"] == source),
        *checks,
    ]
    broken(what, faults, trigger, checks, **setup)


def still_jumps(what, faults, trigger, verdict, checks=(), **setup):
    broken(what, faults, trigger, [expect.verdict(verdict), *checks], **setup)


def out_of_reach(what, key, value):
    """The function of that address or class is recorded to be so: something else responds in its place."""
    return expect.record(f"{what} is recorded as out of reach", lambda r: any(
        f[key] == value and f["outcome"] == "untouched" and f["reason"] == "identity" for f in r["functions"]
    ))  # fmt: skip


def all_but_out_of_reach(record):
    """One entry of the page table may map 2 MiB: the config space of two buses."""
    return record["quiet"] == record["total"] - sum(f["reason"] == "identity" for f in record["functions"])


# The kernel's own data and locks, and the context of the panic.
still_quiets("lists smashed, locks held, panic in hard-IRQ", "lists,locks", "hardirq")
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
            "before_panic": "arm locks-now\n",
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
still_quiets("both snapshots corrupted: config space is scanned", "both", "process", "partial", "scan")
still_quiets("slot pointers wild: config space is scanned", "pointers", "process", "partial", "scan")
still_jumps("all snapshots and the windows corrupted: skipped", "all", "process", "skipped")
still_jumps(
    "config window unmapped: skipped",
    "unmap",
    "process",
    "skipped",
    [expect.record("every access faulted", lambda r: r["faults"] >= r["total"] > 0)],
)
# Found by the campaign: it takes every write, and reads back quiet. The verdict was clean, and both wrote on.
still_jumps(
    "config windows show plain memory: recorded, and not clean",
    "remap",
    "process",
    "partial",
    [
        expect.harm_by(*LOADS),
        expect.record("nothing is recorded as quiet, or written", lambda r: not r["quiet"] and not r["writes"]),
        out_of_reach("the sound card", "class", "040300"),
    ],
)
# One entry only, which has the buses of the NIC and of the port above; bus 0 is as it was.
still_jumps(
    "part of a config window shows plain memory: recorded, and the rest is quieted",
    "remap device=0000:03:00.0",
    "process",
    "partial",
    [
        expect.harm_by("nic"),
        out_of_reach("the NIC", "address", "0000:03:00.0"),
        expect.record("the rest is quiet", all_but_out_of_reach),
    ],
)
# The other entry: the NIC is as it was, the sound card is not. It was recorded as quiet once, and wrote on.
still_jumps(
    "bus 0 shows plain memory: the sound card is recorded",
    "remap device=0000:00:1f.0",
    "process",
    "partial",
    [
        expect.harm_by("audio"),
        out_of_reach("the sound card", "class", "040300"),
    ],
)

# The routine itself.
still_jumps("page fault at the first config read", "fault", "process", "aborted")
still_jumps("BUG() in step disable", "bug at=disable", "process", "aborted")
still_jumps("nested panic in step validate", "panic at=validate", "process", "aborted")
still_jumps(
    "page fault in step ports: what was disabled stays so",
    "fault at=ports",
    "process",
    "aborted",
    [expect.quiet(), expect.record("all were disabled", lambda r: r["quiet"] == r["total"])],
)
still_jumps(
    "nested panic in step undo, and again",
    "panic at=undo",
    "process",
    "aborted",
    [expect.quiet()],
    parameters="policy=reset deadline_ms=10000",
)

# Each stage that is left is tried, and each faults again: the record has no checksum then.
still_jumps(
    "page fault where the record is finished, and again",
    "fault at=done",
    "process",
    "aborted",
    [expect.quiet(), expect.record("its checksum is wrong", lambda r: not r["checksum_ok"])],
)
still_jumps("page fault in a scan", "both,fault at=scan", "process", "aborted")
for step in ("reset", "contain"):
    still_jumps(
        f"page fault in step {step}: what was disabled stays so",
        f"fault at={step}",
        "process",
        "aborted",
        [expect.quiet()],
        parameters="policy=reset deadline_ms=10000",
    )
# The note is as the kernel wrote it.
still_jumps("page fault where the note is written", "fault at=note", "process", None, [expect.quiet()], only="module")

# The dump goes to a device whose link is held in reset, or that has lost its BARs, when the panic comes.
for what, step in (
    ("while links are held in reset", "release"),
    ("before what was reset is restored", "ready"),
):
    still_jumps(
        f"nested panic {what}: they are ready again",
        f"panic at={step} once",
        "process",
        "aborted",
        [expect.quiet(), expect.record("all were restored", lambda r: all("restore" in f["done"] for f in r["functions"] if "reset" in f["done"]))],
        parameters="policy=reset deadline_ms=10000",
        dump_to="nvme",
        modules=("nvme",),
    )

# Nothing of ours ran, so there is nothing to be recorded: but the jump happens.
for context in ("accessor", "double-fault"):
    broken(
        f"text of our hook overwritten, panic in {context}",
        "text in=hook",
        context,
        [lambda r: "the hook was not overwritten: there is a record" if r["record"] else ""],
        only="module",
    )
