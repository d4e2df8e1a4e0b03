# SPDX-License-Identifier: GPL-2.0-only
"""An IOMMU that the capture kernel sets up anew tells in its log who goes on writing.

QEMU compresses faults, so what counts is whether there are any, not how many.
"""

from kpt import expect

from .case import Case

CASES = []

COUNT = """
for group in /sys/kernel/iommu_groups/[0-9]*; do
	[ -e "$group" ] && say "translating=yes" && break
done
dmesg | grep -E 'DMAR: \\[|AMD-Vi: Event logged' >/tmp/faults
say "faults=$(wc -l </tmp/faults)"
sed 's/^\\[[^]]*\\] */KPCIQ fault /' /tmp/faults | head -n 20
dmesg | sed -n 's/^.*already enabled - .* to \\(copy\\|reuse\\) .*/KPCIQ tables=\\1/p' | head -n 1
"""


def translating(result):
    return "" if result["said"].get("translating") == "yes" else "no IOMMU at work in the capture kernel"


def faults(result):
    return int(result["said"].get("faults", -1))


def faulted(result):
    return "" if faults(result) > 0 else "no fault logged by the capture kernel"


def no_fault(result):
    return "" if faults(result) == 0 else f"{faults(result)} faults logged by the capture kernel"


def found(result):
    return "" if result["said"].get("tables") else "the capture kernel did not find translation on"


def quiet(result):
    """A capture kernel that goes on with the dead kernel's AMD tables and buffers writes them itself."""
    rogues = ("other",) if result["said"].get("tables") == "reuse" else ()
    return expect.quiet(*rogues)(result)


# What the dead kernel's devices do when only the capture kernel translates: intel-iommu logs a
# fault, amd-iommu of QEMU 7.2 drops the write without one. When both do, the capture kernel
# copies the tables of the first, so that no fault is logged and the writes go on: the harm
# is then in the memory, not in the log.  7.2 (6.12 not yet) uses AMD's as they are, and has no
# IOMMU if the first kernel left it off.
for iommu, device, on, told, until in (
    ("intel-iommu", "intel-iommu,intremap=on", "intel_iommu=on", [faulted], ""),
    ("amd-iommu", "amd-iommu", "amd_iommu=on", [], "6.12"),
):
    for when, first, also, seen, last in (
        ("capture kernel only", "intel_iommu=off amd_iommu=off", [], told, until),
        ("both kernels", on, [found], [], ""),
    ):
        setup = {
            "loads": ("nic", "audio"),
            "devices": ("-device", device),
            "cmdline": first,
            "capture_cmdline": on,
            "capture": COUNT,
        }
        name = f"{iommu} in {when}"
        harm = [expect.harm_by("audio"), *seen]
        none = [quiet, expect.verdict("clean"), no_fault]
        CASES.append(Case(f"{name}: harm without the module", setup, [expect.saved, translating, *also, *harm], None, until=last))
        CASES.append(Case(f"{name}: quiet with the module", setup, [expect.saved, translating, *also, *none], until=last))
