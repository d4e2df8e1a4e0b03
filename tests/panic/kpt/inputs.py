# SPDX-License-Identifier: GPL-2.0-only
"""What the tests work on: a stock kernel or one with us built in, modules built for it, our command.

A stock kernel is named by its version, as 6.12; a built one as intree-6.12, or intree-6.12-FLAVOUR
(see scripts/build-kernel).
"""

import functools
import os
import subprocess

from .images import Kernel

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
OUT = os.environ.get("OUT") or os.path.join(ROOT, "out")


@functools.lru_cache(None)
def _script(name, *arguments):
    """One of scripts/: it prints a path as its last line."""
    done = subprocess.run([os.path.join(ROOT, "scripts", name), *arguments], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"scripts/{name} {' '.join(arguments)} failed")
    return done.stdout.strip().splitlines()[-1]


def built_in(version):
    """Whether it is a kernel that has us built in."""
    return version.startswith("intree-")


def debug(version):
    """Whether it is a built kernel that checks itself (tests/intree/debug.config)."""
    return built_in(version) and version.endswith("-debug")


def _built(version):
    return _script("build-kernel", *version.split("-")[1:])


def _old(version):
    """Whether this Debian's crash and makedumpfile know the kernel: theirs are of 2023.

    makedumpfile 1.7.2 leaves pages out of a dump of 6.12 that crash 9 asks for ("page excluded").
    """
    return "6.1" in version.split("-")


@functools.lru_cache(None)
def kernel(version):
    directory = _built(version) if built_in(version) else _script("fetch", "kernel", version)
    return Kernel(directory, "" if _old(version) else _script("fetch", "makedumpfile", "new"))


def vmlinux(version):
    """The kernel with debug information, for crash."""
    return os.path.join(_built(version), "vmlinux") if built_in(version) else _script("fetch", "vmlinux", version)


def crash(version):
    """The crash utility: this Debian's, or one that knows the newer kernel."""
    return "crash" if _old(version) else _script("fetch", "crash", "new")


def crash_knows(version):
    """Whether crash opens the dumps in full, not just in its minimal mode.

    9.0.2 gives up on 7.2: "invalid structure member offset: module_num_gpl_syms".
    """
    return "7.2" not in version.split("-")


def module(version, name="kexec_pci_quiesce"):
    return os.path.join(_script("build-modules", version), name + ".ko")


def module_for_tests(version):
    """Ours, in the build whose config accessor can be made to misbehave."""
    return os.path.join(_script("build-modules", version, "inject"), "kexec_pci_quiesce.ko")


def qemu(version):
    """The command: this machine's own, or one that scripts/fetch has."""
    return _script("fetch", "qemu", version) if version else "qemu-system-x86_64"


def tool(name="kexec-quiesce"):
    """One of our commands, "" if it has not been built."""
    path = os.path.join(OUT, "tools", name)
    return path if os.access(path, os.X_OK) else ""
