# SPDX-License-Identifier: GPL-2.0-only
"""The kernel with debug information, made so that crash opens it soon.

Most of the time that crash takes to start goes into two things: gdb reads all of the
debug information, if no index tells it where what is; and crash compares each symbol
with the others of its hash bucket, of which there are 512 for 200,000. The names left
out are of no use to crash: what the linker and modpost need, and padding.
"""

import functools
import os
import shutil
import subprocess

from . import images

USELESS = (
    "__pfx_*", "__kstrtab*", "__ksymtab_*", "__crc_*", "__tpstrtab_*", "__export_symbol*",
    "__UNIQUE_ID_*", "__SCT__*", "__SCK__*", "__func__.*", ".LC*",
)  # fmt: skip


@functools.lru_cache(None)
def quick(vmlinux):
    """A copy of vmlinux; before threads want it."""
    about = os.stat(vmlinux)
    key = images.digest(repr((os.path.realpath(vmlinux), about.st_size, about.st_mtime_ns, USELESS)).encode())
    return images.cached("vmlinux", key, lambda path: make(vmlinux, path))


def make(vmlinux, path):
    without = [argument for name in USELESS for argument in ("-N", name)]
    stripped = subprocess.run(["objcopy", "-w", "--remove-relocations=*", *without, vmlinux, path], capture_output=True, check=False)
    if stripped.returncode:  # 6.1's keeps relocations that name some of them
        shutil.copyfile(vmlinux, path)
    subprocess.run(["gdb-add-index", path], check=True)
