# SPDX-License-Identifier: GPL-2.0-only
"""The initramfs of the first and of the capture kernel.

Both are cpio archives that the kernel unpacks at boot. They are not compressed:
QEMU copies them into memory at once, unpacking under emulation takes seconds.
What is the same in every run (busybox, kexec, makedumpfile, drivers, the capture
kernel) is built once and cached. What belongs to one run is a second, small
archive: the kernel unpacks any number of archives that follow each other.
"""

import functools
import glob
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import time

from . import loads

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CAPTURE_MODULES = ["virtio_pci", "virtio_blk"]
UNUSED_SECONDS = 7 * 24 * 3600  # then an image leaves the cache


def cache_directory():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = os.path.join(os.environ.get("KPCIQ_CACHE") or os.path.join(base, "kexec-pci-quiesce"), "panic")
    os.makedirs(path, exist_ok=True)
    return path


def _libraries(*command, check=False):
    """What ldd, or a loader asked for the like, lists; ldd fails, with none, of a static program."""
    listed = subprocess.run(command, capture_output=True, text=True, check=check)
    return re.findall(r"(/\S+) \(0x", listed.stdout)


class Archive:
    """A cpio archive ("newc") in memory."""

    def __init__(self):
        self._members = {}

    def add(self, name, data=b"", mode=0o100644):
        parent = os.path.dirname(name)
        if parent and parent not in self._members:
            self.add(parent, mode=0o040755)
        self._members[name] = (mode, data.encode() if isinstance(data, str) else data)

    def add_file(self, name, path, mode=0o100644):
        with open(path, "rb") as f:
            self.add(name, f.read(), mode)

    def add_program(self, name, path):
        """A program and the shared libraries it needs."""
        self.add_file(name, path, 0o100755)
        for library in _libraries("ldd", path):
            self.add_file(library.lstrip("/"), library, 0o100755)

    def add_fetched(self, name, path):
        """A program that scripts/fetch unpacked, with its own libraries: they are of a newer Debian."""
        root, program = os.path.join(os.path.dirname(path), "root"), os.path.basename(path)
        loader = [os.path.join(root, "lib64/ld-linux-x86-64.so.2"), "--library-path", os.path.join(root, "usr/lib/x86_64-linux-gnu")]
        binary = os.path.join(root, "usr/bin", program)
        for file in (binary, *_libraries(*loader, "--list", binary, check=True)):
            self.add_file(f"fetched/{os.path.basename(file)}", file, 0o100755)
        start = f'#!/bin/sh\nexec /fetched/{os.path.basename(loader[0])} --library-path /fetched /fetched/{program} "$@"\n'
        self.add(name, start, 0o100755)

    def pack(self):
        out = bytearray()
        for inode, (name, (mode, data)) in enumerate([*self._members.items(), ("TRAILER!!!", (0, b""))]):
            fields = [inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
            out += b"070701" + "".join(f"{f:08x}" for f in fields).encode() + name.encode() + b"\0"
            out += bytes(-len(out) % 4) + data
            out += bytes(-len(out) % 4)
        return bytes(out + bytes(-len(out) % 512))


class Kernel:
    """An unpacked stock kernel: vmlinuz, release, modules/ (see scripts/fetch).

    makedumpfile: one that scripts/fetch unpacked, if the machine's own does not know this kernel.
    """

    def __init__(self, directory, makedumpfile=""):
        self.directory = directory
        self.makedumpfile = makedumpfile
        self.vmlinuz = os.path.join(directory, "vmlinuz")
        with open(os.path.join(directory, "release"), encoding="ascii") as f:
            self.release = f.read().strip()
        modules = os.path.join(directory, "modules")
        with open(os.path.join(modules, "modules.builtin"), encoding="ascii") as f:
            self._builtin = {self._name(line.strip()) for line in f}
        self._paths = {}
        for root, _, files in os.walk(modules):
            self._paths.update({self._name(f): os.path.join(root, f) for f in files if ".ko" in f})

    @staticmethod
    def _name(path):
        return os.path.basename(path).split(".ko")[0].replace("-", "_")

    @functools.lru_cache(None)
    def closure(self, module):
        """The module and what it depends on, in the order to load them."""
        if module in self._builtin:
            return []
        if module not in self._paths:
            raise SystemExit(f"{self.directory}: no module {module}")
        depends = subprocess.run(
            ["modinfo", "-F", "depends", self._paths[module]], capture_output=True, text=True, check=True
        ).stdout.strip()
        order = [m for d in depends.split(",") if d for m in self.closure(d.replace("-", "_"))]
        return [*dict.fromkeys(order), module]

    def load_order(self, modules):
        return list(dict.fromkeys(m for name in modules for m in self.closure(name)))

    def module_data(self, module):
        path = self._paths[module]
        with open(path, "rb") as f:
            data = f.read()
        return lzma.decompress(data) if path.endswith(".xz") else data

    def add_modules(self, archive, modules):
        for module in self.load_order(modules):
            archive.add(f"lib/modules/{module}.ko", self.module_data(module))


def compile_guest(name):
    """One of guest/*.c as a static program, built once per source text."""
    source = os.path.join(HERE, "guest", name + ".c")
    with open(source, "rb") as f:
        target = os.path.join(cache_directory(), f"{name}-{hashlib.sha256(f.read()).hexdigest()[:16]}")
    if not os.path.exists(target):
        part = f"{target}.{os.getpid()}"
        subprocess.run(["cc", "-O2", "-Wall", "-static", "-o", part, source], check=True)
        os.replace(part, target)
    return target


def _with_busybox(init):
    archive = Archive()
    for directory in ("dev", "proc", "sys", "tmp"):
        archive.add(directory, mode=0o040755)
    busybox = shutil.which("busybox")
    archive.add_program("bin/busybox", busybox)
    for applet in subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split():
        if applet != "busybox":
            archive.add("bin/" + applet, "busybox", 0o120777)  # a symbolic link
    archive.add_file("init", os.path.join(HERE, "initramfs", init), 0o100755)
    return archive


def digest(data):
    """Short, for names."""
    return hashlib.sha256(data).hexdigest()[:16]


def cached(name, key, make):
    """The file that make(path) makes; it leaves the cache when it has not been used for a week."""
    path = os.path.join(cache_directory(), f"{name}-{key}")
    if not os.path.exists(path):
        part = f"{path}.{os.getpid()}"
        make(part)
        os.replace(part, path)
    os.utime(path)
    for old in glob.glob(os.path.join(cache_directory(), f"{name}-*")):
        if time.time() - os.path.getmtime(old) > UNUSED_SECONDS:
            os.unlink(old)
    return path


def _packed(archive, name):
    data = archive.pack()

    def write(path):
        with open(path, "wb") as f:
            f.write(data)

    return cached(name, digest(data) + ".cpio", write)


@functools.lru_cache(None)
def capture_image(kernel, makedumpfile, tool):
    """The capture kernel's initramfs; tool: the kexec-quiesce command, or None."""
    archive = _with_busybox("capture.init")
    kernel.add_modules(archive, CAPTURE_MODULES)
    for program in ("canary", "pcicommand"):
        archive.add_program("bin/" + program, compile_guest(program))
    if makedumpfile:
        archive.add_fetched("bin/makedumpfile", makedumpfile)
    else:
        archive.add_program("bin/makedumpfile", shutil.which("makedumpfile"))
    if tool:
        archive.add_program("bin/kexec-quiesce", tool)
    return _packed(archive, "capture")


@functools.lru_cache(None)
def first_image(kernel, capture, tool):
    """The first kernel's initramfs, which carries the capture kernel and its initramfs."""
    archive = _with_busybox("first.init")
    kernel.add_modules(archive, loads.ALL_MODULES)
    archive.add_program("bin/audioload", compile_guest("audioload"))
    archive.add_program("sbin/kexec", shutil.which("kexec") or "/sbin/kexec")
    archive.add_file("capture/vmlinuz", capture.vmlinuz)
    archive.add_file("capture/initramfs.cpio", capture_image(capture, kernel.makedumpfile, tool))
    return _packed(archive, "first")
