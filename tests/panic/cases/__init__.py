# SPDX-License-Identifier: GPL-2.0-only
"""The cases of run.py, one file a theme. To add one, append a Case to a file's CASES.

A run is described by kpt.setup.Setup. In the guest's shell snippets, /modules/ has
every module that scripts/build-modules made; "quiesce [PARAMETER...]" loads ours;
"wait_host NAME" calls hooks[NAME](machine) on the host and waits for it;
"say key=value" shows up in result["said"].
"""

from . import arming, guide, harm, intree, iommu, nested, refusers, reset, snapshot, staying, survival
from .case import Case

ALL = [
    *harm.CASES,
    *refusers.CASES,
    *refusers.ESCALATE_CASES,
    *staying.CASES,
    *staying.RESET_CASES,
    *reset.CASES,
    *survival.CASES,
    *nested.CASES,
    *snapshot.CASES,
    *arming.CASES,
    *guide.CASES,
    *iommu.CASES,
    *intree.CASES,
]

__all__ = ["ALL", "Case"]
