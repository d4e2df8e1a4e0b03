# SPDX-License-Identifier: GPL-2.0-only
"""What a case may expect of its result: each check returns "" or what is wrong.

A check is any function of the result (see kdump.py), so a case can bring its own.
"""

import re


def jumped(result):
    return "" if result["jumped"] else "no jump into the capture kernel"


def no_jump(result):
    return "jumped into the capture kernel" if result["jumped"] else ""


def saved(result):
    return jumped(result) or ("" if result["saved"] else f"vmcore not saved: {result['unsaved']}")


def not_saved(why):
    """The harness has noticed that there is no dump, and why."""

    def check(result):
        if result["saved"]:
            return "told to be saved"
        return jumped(result) or ("" if re.search(why, result["unsaved"]) else f"not saved, but: {result['unsaved']}")

    return check


def harm_by(*loads):
    """These loads kept writing memory after the jump."""

    def check(result):
        idle = [name for name in loads if not result["outside"].get(name)]
        return f"wrote nothing after the jump: {', '.join(idle)}" if idle else ""

    return check


def quiet(*rogues):
    """Nothing wrote memory or interrupted after the jump, inside and outside agree; rogues excepted."""

    def check(result):
        if not result["jumped"]:
            return jumped(result)
        wrote = {n: lines for n, lines in result["outside"].items() if n not in rogues}
        if wrote:
            return f"lines written after the jump: {wrote}, {result['outside-other']}"
        if not rogues and result["said"].get("canary-lines-changed", "0") != "0":
            return f"canary: {result['said']['canary-lines-changed']} lines changed, seen from inside only"
        if result["said"].get("functions-mastering") != "0" or result["mastering-at-jump"]:
            return f"still mastering: {result['mastering']}, at the jump {result['mastering-at-jump']}"
        if result["intx-at-jump"]:
            return f"INTx asserted at the jump: {result['intx-at-jump']}"
        if result["interrupts"]:
            return f"interrupts for the dead kernel: {result['interrupts']}"
        return ""

    return check


def verdict(expected):
    """Verdict of the record in the dump; None: no record, or, built in, one that says that nothing ran."""

    def check(result):
        record = result.get("record")
        found = record["verdict"] if record and record["verdict"] != "none" else None
        return "" if found == expected else f"verdict {found}, expected {expected} ({result.get('report-error', '')})"

    return check


def record(what, test):
    """test(record) holds; what: in words."""

    def check(result):
        if not result.get("record"):
            return f"no record in the dump: {result.get('report-error', '')}"
        return "" if test(result["record"]) else f"record: not so: {what}"

    return check


def console(pattern, there=True):
    """A line of the console matches, or none does."""

    def check(result):
        found = any(re.search(pattern, line) for line in result["console"])
        return "" if found == there else f"console {'lacks' if there else 'has'} '{pattern}'"

    return check


# What KASAN, UBSAN, lockdep and might_sleep() print; a fault that a case makes looks different ("Oops: ... SMP KASAN").
REPORT = re.compile(
    r"KASAN: |UBSAN|BUG: (sleeping|using|Invalid|scheduling|MAX_LOCK|workqueue|spinlock)|possible .*(lock|dependency)|"
    r"suspicious RCU|inconsistent lock|bad unlock|INFO: task|WARNING: (CPU|kernel|arch|lib|mm)"
)


def no_report(result):
    """The kernel, which checks itself, has found nothing."""
    found = [line for line in result["console"] if REPORT.search(line)]
    return f"the kernel reports: {found[:4]}" if found else ""
