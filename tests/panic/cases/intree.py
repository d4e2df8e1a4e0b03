# SPDX-License-Identifier: GPL-2.0-only
"""What only a kernel with us built in does."""

from kpt import expect

from .case import Case

CASES = []

LOG = "dmesg | sed -n 's/.*kexec_pci_quiesce: /KPCIQ log: /p'\n"


def case(name, setup, checks, parameters=""):
    CASES.append(Case(name, setup, checks, parameters, only="intree"))


for parameter, said in (
    ("policy=bus", 'policy=: "bus" is none of'),
    ("deadline_ms=0", 'deadline_ms=: "0" is not from 1 to 10000'),
    ("exclude=0000:00:1f.2,foo", 'exclude=: "foo" is none of'),
):
    case(
        f"{parameter}: not armed, the token named, and it jumps",
        {"loads": ("audio",), "before_panic": LOG + "[ ! -e /sys/kernel/kexec_pci_quiesce ] || give_up sysfs\n"},
        [expect.saved, expect.harm_by("audio"), expect.verdict(None), expect.console(f"KPCIQ log: {said}")],
        parameter,
    )

# The kernel refuses by itself: a module cannot have the name of built-in parameters.
case(
    "the module does not load beside it, and the built-in stays armed",
    {
        "loads": ("audio",),
        "before_panic": "insmod /modules/kexec_pci_quiesce.ko && give_up loaded\n"
        "dmesg | sed -n 's/.*kexec_pci_quiesce: module is/KPCIQ log: module is/p'\n"
        'say "armed=$(cat /sys/kernel/kexec_pci_quiesce/armed)"\n',
    },
    [
        expect.saved,
        expect.console("KPCIQ log: module is already loaded"),
        lambda r: "" if r["said"].get("armed") == "1" else "no longer armed",
        expect.quiet(),
        expect.verdict("clean"),
    ],
)

GENERATION = "/sys/kernel/kexec_pci_quiesce/generation"


def captured_again(result):
    before, after = (int(result["said"][key]) for key in ("before", "after"))
    return "" if after == before + 1 else f"generation {before} before, {after} after"


case(
    "loading a crash kernel captures again",
    {
        # Let the captures of the drivers' own binding pass first.
        "before_panic": f'usleep 500000\nsay "before=$(cat {GENERATION})"\nload_capture_kernel -p\nsay "after=$(cat {GENERATION})"\n',
    },
    [expect.saved, captured_again, expect.verdict("clean")],
)
