# SPDX-License-Identifier: GPL-2.0-only
"""The cases of run.py, one file a theme. To add one, append a Case to a file's CASES.

A run is described by kpt.setup.Setup. In the guest's shell snippets, /modules/ has
every module that scripts/build-modules made; "quiesce [PARAMETER...]" loads ours;
"wait_host NAME" calls hooks[NAME](machine) on the host and waits for it;
"say key=value" shows up in result["said"].
"""

from . import arming, busy, guide, harm, intree, iommu, lost, nested, ports, refusers, reset, snapshot, staying, survival
from .case import Case

ALL = [
    *lost.CASES,
    *harm.CASES,
    *refusers.CASES,
    *refusers.ESCALATE_CASES,
    *staying.CASES,
    *staying.RESET_CASES,
    *reset.CASES,
    *busy.CASES,
    *survival.CASES,
    *nested.CASES,
    *ports.CASES,
    *snapshot.CASES,
    *arming.CASES,
    *guide.CASES,
    *iommu.CASES,
    *intree.CASES,
]

# One of each kind, for where all would take too long: in "make check" the kernel that has us
# built in, and the one that checks itself, where a run takes minutes.
FEW = (
    "nic behind a switch: harm without the module",
    "nic behind a switch: quiet with the module",
    "config space afterwards: only what was meant to change",
    "lists smashed, locks held, panic in hard-IRQ",
    "both snapshots corrupted: config space is scanned",
    "BUG() in step disable",
    "machine check inside the routine",
    "the module does not load beside it, and the built-in stays armed",
)
assert set(FEW) <= {case.name for case in ALL}

__all__ = ["ALL", "FEW", "Case"]
