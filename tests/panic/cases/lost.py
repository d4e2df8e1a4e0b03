# SPDX-License-Identifier: GPL-2.0-only
"""Dumps that are not saved, and that this harness must not take for saved."""

from kpt import expect

from .case import Case

CASES = []

GONE = 'for dev in /sys/bus/pci/devices/*; do\n\t[ "$(cat "$dev/class")" != 0x010802 ] || echo 1 >"$dev/remove"\ndone\n'


def lost(how, why, **setup):
    CASES.append(Case(f"dump disk {how}: told not saved", {"canary_seconds": 0, **setup}, [expect.not_saved(why)], None))


# makedumpfile made a plain file of its name in devtmpfs.
lost("that never appears", "nvme0n1: no block device", dump_to="nvme", capture=GONE)
# makedumpfile filled the page cache, and the sync of everything has nobody to tell.
lost("with a bad sector", "I/O error|Input/output error", dump_to="virtio-blk that fails")
# Nobody inside can know.
lost("that forgets what is written", "does not begin as one", dump_to="virtio-blk that forgets")
