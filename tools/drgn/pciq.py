# SPDX-License-Identifier: GPL-2.0-only
"""The record of kexec_pci_quiesce in a dump, in drgn.

    drgn -c VMCORE -s VMLINUX pciq.py [-t] [-s] [-d ADDRESS]

Without an option: the verdict and a table of all PCI functions. No debug
information of the module is needed. It has a parser of its own, so that it can be
compared with kexec-quiesce report and pciq.so; only these two explain in words
how a function refused, and what was tried.
"""

import argparse
import ctypes
import struct
import sys
import time
from typing import Optional

from drgn import FaultError, Object
from drgn.helpers.linux.list import list_for_each_entry

try:
    import xxhash
except ImportError:
    xxhash = None

NOTE_KEY = "KEXEC_PCI_QUIESCE(record)="

# As include/uapi/linux/kexec_quiesce.h has them: struct, then the names of the fields.
RECORD = ("<8sHHHHQIIBBBBIQ64s16sII8Q8I12I", "magic version header_size entry_size reserved checksum total_bytes nr_entries policy "
          "verdict source step generation taken_at release build tsc_khz deadline_ms", "total quiet held microseconds reads writes "
          "faults unanswered links_reset functions_reset ports_contained incomplete")  # fmt: skip
ENTRY = ("<IBBBBHHIHHHBBIIII12s", "domain bus devfn outcome reason vendor device class_revision before after done no_reset duration "
         "flags ticks ready_us port driver_name")  # fmt: skip
RECORD_SUMMED = 24  # where the checksum of the record begins, and the first one of a snapshot

# As include/linux/kexec_quiesce_snapshot.h has them.  The record's header follows the parts.
SNAPSHOT = ("<8sHHIQQIIIHH12I", "magic version header_size hot_bytes hot_sum cold_sum total_bytes took_us arrivals reset_ms always "
            "windows_at nr_windows funcs_at nr_funcs ops_at nr_ops resets_at nr_resets restores_at nr_restores reset_ops_at "
            "nr_reset_ops")  # fmt: skip
WINDOW = ("<IBBBBQQ", "domain bus_start bus_end type reserved phys virt")
FUNC_BYTES = struct.calcsize(ENTRY[0]) + 4  # and its window, and more
RESET = ("<III4H12B", "parent first witness flr_bit pending_bit settle_ms command nr pcie_cap flr_reg pending_reg method no_reset "
         "link cause plan0 plan1 plan2 plan3")  # fmt: skip

POLICIES = ["off", "busmaster", "escalate", "reset"]
VERDICTS = ["none", "clean", "contained", "partial", "skipped", "aborted"]
OUTCOMES = ["untouched", "quiet", "already-quiet", "reset", "contained", "refused", "absent", "excluded"]
REASONS = ["", "deadline", "bridge", "class", "user", "no-window", "identity", "bme-stuck", "no-response", "not-ready",
           "shared-link", "asleep", "firmware-bme", "peer", "intx-stuck", "cxl-cache"]  # fmt: skip
STEPS = ["validate", "disable", "ports", "reset", "ready", "contain", "undo", "done"]
SOURCES = ["none", "newest", "other", "scan"]
PLANS = ["leave", "port", "disable", "reset"]
DURATIONS = ["", "held", "lasts"]
NO_RESETS = ["", "display", "cxl", "no-bus-reset", "noreset", "excluded", "vmd", "unsaved", "no-port", "no-flr", "empty",
             "no-time", "no-effect", "slow-storage", "firmware-dpc", "held-in-reset", "changed"]  # fmt: skip
DONES = ["read", "disable", "mask", "unmask", "drain", "reset", "flr", "restore", "assert", "contain"]
FLAGS = ["bridge", "vf", "pf", "vmd", "root-bus", "scan", "exclude-class", "exclude-user", "noreset-user", "reset-user",
         "no-bus-reset", "no-flr", "flr", "display", "cxl", "cxl-cache", "intx", "intx-used", "intx-broken", "offline", "unread",
         "unsaved", "firmware-bme", "peer", "held", "slow-storage"]  # fmt: skip
MEANINGS = ["the routine did not run", "all in scope read back quiet", "functions that refused are cut off at the port above",
            "something may still write memory or interrupt", "no valid snapshot, or no function responded",
            "a fault or panic inside the routine"]  # fmt: skip
CHECKSUMS = {False: "wrong: the routine did not get to its end, or the record is damaged",
             None: "not verified: there is no Python module xxhash"}  # fmt: skip


class Stop(Exception):
    """No answer, and why."""


def name(names, value):
    return names[value] if value < len(names) else f"unknown({value})"


def bits(names, value):
    return ",".join(name(names, bit) for bit in range(32) if value >> bit & 1) or "-"


def sum_is(data: bytes, wanted: int) -> Optional[bool]:
    """Is that its checksum?  None: no module to say so."""
    return xxhash.xxh64(data).intdigest() == wanted if xxhash else None


def printable(data: bytes) -> str:
    return "".join(chr(c) if 0x20 <= c <= 0x7E else "?" for c in data.split(b"\0")[0])


def utc(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds)) if seconds else "never"


# --- names of devices, from libpci ---

VENDOR, DEVICE, CLASS, NO_NUMBERS = 1, 2, 4, 0x20000
QUIET = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(lambda text: None)


class Access(ctypes.Structure):
    """The part of struct pci_access that a program may set: libpci calls what is there."""

    _fields_ = [("method", ctypes.c_uint), ("writeable", ctypes.c_int), ("buscentric", ctypes.c_int),
                ("id_file_name", ctypes.c_char_p), ("free_id_name", ctypes.c_int), ("numeric_ids", ctypes.c_int),
                ("id_lookup_mode", ctypes.c_uint), ("debugging", ctypes.c_int),
                ("error", type(QUIET)), ("warning", type(QUIET)), ("debug", type(QUIET))]  # fmt: skip


class Names:
    def __init__(self):
        try:
            self.lib = ctypes.CDLL("libpci.so.3")
        except OSError:
            self.lib = None
            return
        self.lib.pci_alloc.restype = ctypes.POINTER(Access)
        self.lib.pci_lookup_name.restype = ctypes.c_char_p
        self.access = self.lib.pci_alloc()
        # No pci_init(): it wants access to devices, and a dump is read anywhere.
        self.access[0].error = self.access[0].warning = self.access[0].debug = QUIET
        self.buf = ctypes.create_string_buffer(160)

    def _look_up(self, flags, a, b=0):
        if not self.lib:
            return None
        found = self.lib.pci_lookup_name(self.access, self.buf, 160, flags | NO_NUMBERS, a, b)
        return found.decode(errors="replace") if found else None

    def class_(self, code):
        return self._look_up(CLASS, code >> 8) or f"class {code >> 8:04x}"

    def device(self, vendor, device):
        return self._look_up(VENDOR | DEVICE, vendor, device) or self._look_up(VENDOR, vendor) or f"{vendor:04x}:{device:04x}"


# --- reading ---


class Fields:
    """A structure, by the names of its fields."""

    def __init__(self, layout, data: bytes):
        values = struct.unpack_from(layout[0], data)
        names = layout[1].split()
        self.__dict__.update(zip(names, values))
        self.rest = values[len(names):]

    @property
    def address(self) -> str:
        return f"{self.domain:04x}:{self.bus:02x}:{self.devfn >> 3:02x}.{self.devfn & 7}"

    @property
    def class_(self) -> int:
        return self.class_revision >> 8

    @property
    def driver(self) -> str:
        return printable(self.driver_name)


def read(address, size, what, physical=False):
    try:
        return prog.read(address, size, physical)
    except FaultError:
        raise Stop(f"{what} at {address:#x} ({size} bytes) is not in the dump") from None


def note_text():
    """Of VMCOREINFO, as the crash path left it."""
    at = prog["vmcoreinfo_note"].value_()
    namesz, descsz, _ = struct.unpack("<III", read(at, 12, "VMCOREINFO note"))
    if namesz != 11 or descsz > 1 << 16:
        raise Stop(f"the VMCOREINFO note at {at:#x} is empty or damaged: no panic yet?")
    return read(at + 24, descsz, "VMCOREINFO").decode("ascii", "replace")


class Record:
    def __init__(self):
        lines = [line for line in note_text().split("\n") if line.startswith(NOTE_KEY)]
        if not lines:
            raise Stop(f"no record: VMCOREINFO has no line {NOTE_KEY} (module not loaded?)")
        try:
            address, size = lines[-1][len(NOTE_KEY):].split(",")
            address, size = int(address, 16), int(size)
        except ValueError:
            raise Stop(f"malformed line {lines[-1]}: 0x<address>,<bytes> expected") from None
        self._parse(read(address, struct.calcsize(RECORD[0]), "record", True), size)
        data = read(address, self.head.total_bytes, "record", True)
        self._parse(data, size)
        self.checksum_ok = sum_is(data[RECORD_SUMMED:], self.head.checksum)
        self.entries = [self._entry(data, i) for i in range(self.head.nr_entries)]

    def _parse(self, data: bytes, room: int) -> None:
        """The header; may be called again, with more behind it."""
        head = Fields(RECORD[:2], data)
        if head.magic != b"KPCIQREC":
            raise Stop("wrong magic: a record begins with KPCIQREC")
        if head.version != 2:
            raise Stop(f"record version {head.version}, this script knows 3: use that of its module")
        if head.header_size < struct.calcsize(RECORD[0]) or head.entry_size < struct.calcsize(ENTRY[0]) or not (
            head.header_size + head.nr_entries * head.entry_size <= head.total_bytes <= room
        ):
            raise Stop(f"damaged record: {head.nr_entries} entries of {head.entry_size} bytes in {head.total_bytes} of {room}")
        self.head, self.tsc, self.counts = head, head.rest[:8], head.rest[8:16]
        self.__dict__.update(zip(RECORD[2].split(), head.rest[16:]))

    def _entry(self, data: bytes, i: int) -> Fields:
        return Fields(ENTRY, data[self.head.header_size + i * self.head.entry_size :])

    def us(self, ticks):
        return ticks * 1000 / self.head.tsc_khz if self.head.tsc_khz else None

    def began(self, step):
        first, at = self.tsc[0], self.tsc[step]
        return self.us(at - first) if first and at and at >= first else None

    def took(self, step):
        later = [at for at in self.tsc[step + 1 :] if at]
        if not self.tsc[step] or not later or later[0] < self.tsc[step]:
            return None
        return self.us(later[0] - self.tsc[step])

    def port(self, i):
        """The entry of the port whose link it is on, or None."""
        port = self.entries[i].port
        if not i + 1 < port <= len(self.entries) or not self.entries[port - 1].flags & 1:
            return None
        return self.entries[port - 1]


def module_symbol(wanted):
    """Address of a symbol of our module, from the kernel's own list, or of the kernel."""
    for module in list_for_each_entry("struct module", prog["modules"].address_of_(), "list"):
        if module.name.string_() != b"kexec_pci_quiesce":
            continue
        symbols = module.kallsyms
        for i in range(symbols.num_symtab.value_()):
            symbol = symbols.symtab[i]
            text = Object(prog, "char *", symbols.strtab.value_() + symbol.st_name.value_())
            if text.string_() == wanted.encode():
                return symbol.st_value.value_()
    try:
        return prog.symbol(wanted).address
    except LookupError:
        raise Stop(f"no symbol {wanted} in this kernel: kexec_pci_quiesce was not loaded") from None


class Snapshot:
    """One that the kernel took, at a kernel address."""

    def __init__(self, virt: int):
        if not virt:
            raise Stop("there is no snapshot: none was taken, or it was being rewritten")
        head = Fields(SNAPSHOT, read(virt, struct.calcsize(SNAPSHOT[0]), "snapshot"))
        if head.magic != b"KPCIQSNP" or not head.header_size <= head.hot_bytes <= head.total_bytes <= 256 << 20:
            raise Stop(f"damaged snapshot at {virt:#x}")
        if head.version != 3:
            raise Stop(f"snapshot version {head.version}, this script knows 3: use that of its module")
        self.head, self.data = head, read(virt, head.total_bytes, "snapshot")
        sums = [sum_is(self.data[RECORD_SUMMED : head.hot_bytes], head.hot_sum), sum_is(self.data[head.hot_bytes :], head.cold_sum)]
        if False in sums:
            raise Stop(f"damaged snapshot at {virt:#x}: a checksum is wrong")
        self.checked = None not in sums
        self.record = Fields(RECORD[:2], self._at(struct.calcsize(SNAPSHOT[0])))

    def _at(self, offset: int) -> bytes:
        return self.data[offset : offset + 512].ljust(512, b"\0")

    def windows(self) -> list:
        size = struct.calcsize(WINDOW[0])
        return [Fields(WINDOW, self._at(self.head.windows_at + size * i)) for i in range(self.head.nr_windows)]

    def functions(self) -> list:
        """(entry, reset) of each."""
        size = struct.calcsize(RESET[0])
        return [(Fields(ENTRY, self._at(self.head.funcs_at + FUNC_BYTES * i)), Fields(RESET, self._at(self.head.resets_at + size * i)))
                for i in range(self.head.nr_funcs)]  # fmt: skip


def snapshot(record: Optional[Record]) -> tuple:
    """The one that the record was made from, or the newest; and the policy."""
    *slots, newest, policy = struct.unpack("<3QII", read(module_symbol("pciq_ctl"), 32, "pciq_ctl"))
    newest &= 1
    if record and record.head.source == 2 and slots[not newest]:
        newest = not newest
    return Snapshot(slots[newest]), record.head.policy if record else policy


# --- showing ---


def known(entry, command):
    return command != 0xFFFF or entry.done & 1


def command(entry, value):
    return f"{value:04x}" if known(entry, value) else "-"


def outcome(entry):
    reason = name(REASONS, entry.reason)
    return name(OUTCOMES, entry.outcome) + (f" ({reason})" if reason else "")


def is_(entry, outcomes, reasons):
    return name(OUTCOMES, entry.outcome) in outcomes and name(REASONS, entry.reason) in reasons


def is_bridge(entry):
    return bool(entry.flags & 1) or name(REASONS, entry.reason) == "bridge"


def stopped_responding(entry) -> bool:
    return is_(entry, ("absent",), ("no-response", "no-window"))


def left_on(entry):
    return is_(entry, ("untouched", "excluded"), ("deadline", "user", "no-window", "identity", "asleep", "firmware-bme", "peer"))


def may_master(entry):
    """May it still write memory?  As entry_may_master() of tools/kexec-quiesce/read/record.c has it."""
    if is_bridge(entry):
        return False
    if name(OUTCOMES, entry.outcome) == "refused":
        return name(REASONS, entry.reason) != "intx-stuck"
    return stopped_responding(entry) or (left_on(entry) and not (known(entry, entry.before) and not entry.before & 4))


def may_interrupt(entry):
    """Likewise entry_may_interrupt()."""
    if is_bridge(entry):
        return left_on(entry) or stopped_responding(entry)
    return is_(entry, ("refused", "untouched"), ("intx-stuck",))


def stopped(r):
    """Functions, without ports, by what stopped them."""
    n = dict.fromkeys(("disabled", "reset", "found", "contained", "not", "left"), 0)
    for e in r.entries:
        if not e.flags & 1:
            n["not" if may_master(e) or may_interrupt(e) else {1: "disabled", 2: "found", 3: "reset", 4: "contained"}.get(e.outcome, "left")] += 1
    return n


def show_ports(r, what, done):
    ports = [e for e in r.entries if e.flags & 1 and e.done >> DONES.index(done) & 1]
    # A port whose reset was written, and did not begin, was not reset.
    ports = [e for e in ports if done != "assert" or name(NO_RESETS, e.no_reset) != "no-effect"]
    if ports:
        print(f"\n{what}")
    for e in ports:
        print(f"  {e.address}")


def show_summary(r):
    h = r.head
    meaning = MEANINGS[h.verdict] if h.verdict < len(MEANINGS) else "not known to this tool"
    print(f"Verdict:   {name(VERDICTS, h.verdict)} ({meaning})")
    print(f"Quiet:     {r.quiet} of {r.total} functions in scope, in {r.microseconds} us")
    if r.held:
        print(f"Held:      {r.held} of them, until a driver of the crash kernel calls pci_set_master()")
    # One that was prepared, and never begun, has no checksum yet.
    if r.checksum_ok in CHECKSUMS and (h.verdict or h.checksum):
        print(f"Checksum:  {CHECKSUMS[r.checksum_ok]}")
    print(f"Kernel:    {printable(h.release[:63])}, kexec_pci_quiesce {printable(h.build[:15])}")
    print(f"Policy:    {name(POLICIES, h.policy)}, deadline {h.deadline_ms} ms")
    print(f"Snapshot:  {name(SOURCES, h.source)}, generation {h.generation}, taken {utc(h.taken_at)}")
    if r.incomplete:
        print("Missing:   functions may have come after the snapshot: they are in no table")
    print(f"Config:    {r.reads} reads, {r.writes} writes, {r.faults} faults")
    if r.unanswered:
        print(f"All ones:  {r.unanswered} reads; where unsupported, a port may have reported an error")
    print(f"Last step: {name(STEPS, h.step)}")
    counts = [f"{n} {what}" for n, what in zip(r.counts, OUTCOMES) if n]
    print(f"Outcomes:  {', '.join(counts) or 'none'}")
    n = stopped(r)
    print(f"Stopped:   {n['disabled']} disabled, {n['reset']} reset, {n['found']} found quiet, {n['contained']} contained, "
          f"{n['not']} not stopped, {n['left']} left alone or absent")  # fmt: skip
    if n["contained"]:
        print("           contained: until the port driver opens the port (not with pcie_ports=compat)")
    print(f"Resets:    links: {r.links_reset}, functions by FLR: {r.functions_reset}; ports contained: {r.ports_contained}")


def show_table(r, names):
    if not r.entries:
        return
    address = max(7, *(len(e.address) for e in r.entries))
    class_ = min(30, max(5, *(len(names.class_(e.class_)) for e in r.entries)))
    driver = max(6, *(len(e.driver) for e in r.entries))
    what = max(7, *(len(outcome(e)) for e in r.entries))
    print(f"\n{'Address':{address}} {'Class':{class_}} {'ID':9} {'Driver':{driver}} {'Outcome':{what}} Quiet {'Command':12} {'us':>11}  Done")
    for e in r.entries:
        us = r.us(e.ticks)
        no_reset = f"; no reset: {name(NO_RESETS, e.no_reset)}" if e.no_reset else ""
        print(f"{e.address:{address}} {names.class_(e.class_)[:class_]:{class_}} {e.vendor:04x}:{e.device:04x} {e.driver or '-':{driver}} "
              f"{outcome(e):{what}} {name(DURATIONS, e.duration) or '-':5} {command(e, e.before):>4} -> {command(e, e.after):4} {'-' if us is None else f'{us:.3f}':>11}  "
              f"{bits(DONES, e.done)}{no_reset}")  # fmt: skip


def show_suspects(r, names, what, suspected):
    suspects = [e for e in r.entries if suspected(e)]
    if suspects:
        print(f"\n{what}")
    for e in suspects:
        print(f"  {e.address} {names.class_(e.class_)}: {names.device(e.vendor, e.device)}{f' ({e.driver})' if e.driver else ''}")


def show_steps(r):
    print(f"\n{'Step':10} {'began at us':>14} {'took us':>14}")
    for step, what in enumerate(STEPS):
        if not r.tsc[step]:
            continue
        times = ["-" if us is None else f"{us:.3f}" for us in (r.began(step), r.took(step))]
        print(f"{what:10} {times[0]:>14} {times[1]:>14}")


def show_function(r, names, text):
    wanted = text if text.count(":") == 2 else "0000:" + text
    found = [i for i, e in enumerate(r.entries) if e.address == wanted.lower()]
    if not found:
        raise Stop(f"{text} is none of the {len(r.entries)} functions of the record ([dddd:]bb:dd.f, in hexadecimal)")
    e, port = r.entries[found[0]], r.port(found[0])
    rows = [("ADDRESS", e.address), ("CLASS", f"{e.class_:06x} {names.class_(e.class_)}"),
            ("DEVICE", f"{e.vendor:04x}:{e.device:04x} {names.device(e.vendor, e.device)}"),
            ("DRIVER", e.driver or "-"), ("PORT", port.address if port else "-"), ("OUTCOME", name(OUTCOMES, e.outcome)),
            ("REASON", name(REASONS, e.reason) or "-"),
            ("QUIET", name(DURATIONS, e.duration) or "-"),
            ("BEFORE", f"{e.before:04x}" if known(e, e.before) else "never read"),
            ("AFTER", f"{e.after:04x}" if known(e, e.after) else "never read"),
            ("DONE", bits(DONES, e.done)), ("NO RESET", name(NO_RESETS, e.no_reset) or "-")]  # fmt: skip
    if r.head.tsc_khz:
        rows.append(("TOOK", f"{r.us(e.ticks):.3f} us"))
    if e.ready_us:
        rows.append(("READY", f"{e.ready_us} us after its reset"))
    rows.append(("FLAGS", bits(FLAGS, e.flags)))
    for what, value in rows:
        print(f"{what:>10}: {value}")


def show_snapshot(record: Optional[Record], names: Names) -> None:
    snap, policy = snapshot(record)
    head = snap.record
    for w in snap.windows():
        print(f"Window: {'cf8' if w.type == 2 else 'ecam'}, domain {w.domain:04x}, buses {w.bus_start:02x}-{w.bus_end:02x}, "
              f"phys {w.phys:#x}")  # fmt: skip
    if not snap.checked:
        print(f"Checksum: {CHECKSUMS[None]}")
    print(f"Kernel: {printable(head.release[:63])}, taken in {snap.head.took_us} us\n")
    print(f"Policy {name(POLICIES, policy)}, generation {head.generation}, taken {utc(head.taken_at)}\n")
    print(f"{'Address':12} {'Class':30} {'ID':9} {'Plan':7} [flags]")
    for f, reset in snap.functions():
        plan = name(PLANS, (reset.plan0, reset.plan1, reset.plan2, reset.plan3)[policy & 3])
        flags = bits(FLAGS, f.flags)
        print(f"{f.address:12} {names.class_(f.class_)[:30]:30} {f.vendor:04x}:{f.device:04x} {plan:7}"
              f"{'' if flags == '-' else f' [{flags}]'}")  # fmt: skip


def show(wanted):
    names = Names()
    try:
        record = Record()
    except Stop:
        if not wanted.s or wanted.t or wanted.d:
            raise
        record = None
    if not (wanted.t or wanted.s or wanted.d):
        show_summary(record)
        show_table(record, names)
        show_ports(record, "Links reset, below port:", "assert")
        show_ports(record, "Contained, bus mastering off at port:", "contain")
        show_suspects(record, names, "May still write memory:", may_master)
        show_suspects(record, names, "May still interrupt:", may_interrupt)
    if wanted.d:
        show_function(record, names, wanted.d)
    if wanted.t:
        show_steps(record)
    if wanted.s:
        show_snapshot(record, names)


def main():
    parser = argparse.ArgumentParser(prog="pciq.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-t", action="store_true", help="when each step began, and how long it took")
    parser.add_argument("-s", action="store_true", help="the snapshot that the crash path worked from")
    parser.add_argument("-d", metavar="ADDRESS", help="everything about one function, [dddd:]bb:dd.f")
    wanted = parser.parse_args()
    try:
        show(wanted)
    except Stop as why:
        sys.exit(f"pciq.py: {why}")


main()
