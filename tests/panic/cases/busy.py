# SPDX-License-Identifier: GPL-2.0-only
"""The dump goes to a disk that the kernel was writing to when it died.

An AHCI controller was lost to the next kernel after bus mastering was turned off under
load: "softreset failed (1st FIS failed)".
"""

from kpt import expect

from .case import Case

CASES = []

# What ahci and libata say of a disk that they do not find, or not at once.
TROUBLE = r"ata\d+.*: (failed to|softreset failed|reset failed|hardreset failed|SRST failed|link is slow|qc timeout|limiting|exception)"


def in_flight(result):
    before, after = result["told"]["ahci"]["in_flight"]
    return "" if after else f"{before} commands in flight before the panic, {after} after the jump: nothing was tested"


def only_ahci(result):
    others = set(result["outside"]) - {"ahci"}
    return f"wrote after the jump: {others}, {result['outside-other']}" if others else ""


for what, parameters, verdict in (("without the module", None, None), ("bus mastering off", "", "clean")):
    CASES.append(
        Case(
            f"ahci with NCQ writes in flight, {what}: finds its disk, and saves the dump to it",
            {"loads": ("ahci",), "dump_to": "ahci of q35", "capture_cmdline": "ignore_loglevel"},
            [expect.saved, in_flight, expect.verdict(verdict), expect.console(TROUBLE, there=False), expect.console("NCQ"), only_ahci],
            parameters,
        )
    )
