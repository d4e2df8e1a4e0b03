# SPDX-License-Identifier: GPL-2.0-only
"""Guest RAM seen from outside: a file that QEMU shares with the harness.

The guest's physical address is the offset in the file (true below 2 GiB on q35).
Memory is compared in lines of 64 bytes. What belongs to the capture kernel is left
out: the regions reserved for it, and the first MiB, from which x86 starts. All else is the dead kernel's and should not change any more.
"""

import errno
import glob
import mmap
import os
import shutil
import tempfile
import time

LINE = 64
LOW_MEMORY = 1 << 20
BLOCK = 1 << 16
PAGE = 1 << 12


def scratch_directory(need_bytes):
    """A directory for RAM files: in shared memory if there is room, so that no disk is involved."""
    shm = "/dev/shm"
    for left in glob.glob(f"{shm}/kpt.*.*"):  # by a run that was killed
        if not os.path.exists(f"/proc/{left.split('.')[1]}"):
            shutil.rmtree(left, ignore_errors=True)
    try:
        stat = os.statvfs(shm)
        if stat.f_bavail * stat.f_frsize < need_bytes:
            shm = None
    except OSError:
        shm = None
    return tempfile.mkdtemp(prefix=f"kpt.{os.getpid()}.", dir=shm)


class Ram:
    def __init__(self, path):
        self.path = path
        self._file = open(path, "rb")
        self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def close(self):
        self._map.close()
        self._file.close()

    def word(self, address, size=4):
        return int.from_bytes(self._map[address : address + size], "little")

    def line(self, address):
        return self._map[address : address + LINE]

    def find(self, data):
        return self._map.find(data)

    def _touched(self):
        """Ranges that are no holes: memory that somebody has used. To look into a hole would fill it."""
        at, size = 0, len(self._map)
        while at < size:
            try:
                at = os.lseek(self._file.fileno(), at, os.SEEK_DATA)
            except OSError as error:
                if error.errno != errno.ENXIO:  # no more data
                    raise
                return
            end = os.lseek(self._file.fileno(), at, os.SEEK_HOLE)
            yield at, end
            at = end

    def _touched_in_steps(self, step):
        return {at for start, end in self._touched() for at in range(start - start % step, end, step)}

    def watch_for_jump(self, start, end):
        """What wait_for_jump() compares with: to be called while the guest waits, or the jump may be over first.

        Once the capture kernel is loaded, the first write there is machine_kexec()'s,
        to its control page, and then purgatory's. One page is left out: the kernel
        keeps a copy of VMCOREINFO there, and adds the time of the crash to it before it
        has even stopped the other CPUs.
        """
        watched = {at: self._map[at : at + PAGE] for at in self._touched_in_steps(PAGE) if start <= at < end}
        return {at: page for at, page in watched.items() if page.count(0) != PAGE and not page.startswith(b"OSRELEASE=")}

    def wait_for_jump(self, watched, give_up):
        """Wait until somebody writes to the memory reserved for the capture kernel."""
        while not give_up():
            started = time.monotonic()
            if any(self._map[at : at + PAGE] != page for at, page in watched.items()):
                return True
            time.sleep(max(0.005, 2 * (time.monotonic() - started)))  # leave the host to the guest
        return False

    def save(self, path):
        """A copy, holes left as holes."""
        with open(path, "wb") as copy:
            copy.truncate(len(self._map))
            for start, end in self._touched():
                copy.seek(start)
                while start < end:
                    start += os.sendfile(copy.fileno(), self._file.fileno(), start, end - start)

    def newest_line(self, ranges, marker):
        """The highest number that an endpoint has written behind its marker (see endpoint/dma.c)."""
        newest = 0
        for start, end in ranges:
            at = self._map.find(marker, start, end)
            while at >= 0:
                newest = max(newest, self.word(at + LINE // 2, 8))
                at = self._map.find(marker, at + LINE, end)
        return newest

    def changed_lines(self, before, reserved):
        """Addresses of the lines that differ from an earlier copy, outside the ranges that are reserved."""
        for block in sorted(self._touched_in_steps(BLOCK) | before._touched_in_steps(BLOCK)):
            if block < LOW_MEMORY or any(start <= block < end for start, end in reserved) or self._map[block : block + BLOCK] == before._map[block : block + BLOCK]:
                continue
            for address in range(block, block + BLOCK, LINE):
                if self.line(address) != before.line(address):
                    yield address


class Attribution:
    """Whose write was it? By the marker in the line (old or new), else by the ring it is in."""

    def __init__(self, loads, rings):
        self._loads = loads
        self._rings = rings  # load name -> [(address, bytes)]

    def owner(self, address, before, after):
        for load in self._loads:
            if load.marker and (load.marker in before or load.marker in after):
                return load.name
        for name, ranges in self._rings.items():
            if any(start - LINE < address < start + size for start, size in ranges):
                return name
        return "other"
