# SPDX-License-Identifier: GPL-2.0-only
"""Devices that do not do as they are told, each in its own way: see kpt/endpoint.py.

Several per machine: whose write it was, each line says. They write past all gates of
QEMU's, those of ports too, so "contained" can be shown as what was done and recorded, not as
quiet: that is in tests/fabric.
"""

from kpt import expect

from .case import Case

CASES = []
ESCALATE_CASES = []

DISOBEY = ("rogue-ignores-bme", "rogue-pending", "rogue-all-ones")
# Late: later than the 100 ms that anything may take after its reset (PCIe 6.6.1), but
# within the second that it is waited for.
LATE = "rogue-late=250"
ON_ROOT = "rogue-late=200[root,flr]"
OF_CHIPSET = "rogue-late=150[root,af]"
SHARES = "rogue-obeys[beside=ignores-bme]"
STAY_AWAY = ("rogue-late=30000", "rogue-all-ones-forever", "rogue-never")
SLOW = "rogue-slow=3000"
# Nothing that can be read tells that it lies.
LIES = "rogue-silent-rogue"
# As long as may be: a host may be slow without anything being wrong.
PATIENT = "deadline_ms=10000"


def wrote(*rogues):
    """These wrote memory after the jump, nothing else did."""

    def check(result):
        found = sorted(result["outside"])
        return "" if found == sorted(rogues) else f"wrote after the jump: {found}, expected {sorted(rogues)}"

    return check


def outcomes(wanted):
    """load -> "outcome reason" in the record."""

    def check(result):
        if not result.get("record"):
            return f"no record in the dump: {result.get('report-error', '')}"
        by_address = {f["address"]: f"{f['outcome']} {f['reason']}".strip() for f in result["record"]["functions"]}
        found = {load: by_address.get(result["told"][load]["address"]) for load in wanted}
        wrong = [f"{load}: {found[load]}, expected {text}" for load, text in wanted.items() if found[load] != text]
        return "; ".join(wrong)

    return check


def seen_by_device(test, what, *rogues):
    """What the endpoint itself has logged."""

    def check(result):
        wrong = [f"{rogue}: {result['told'][rogue]}" for rogue in rogues if not test(result["told"][rogue])]
        return f"not so: {what}: {'; '.join(wrong)}" if wrong else ""

    return check


def reset_once(*rogues):
    """Between panic and jump, after bus mastering was disabled, and never again."""
    return seen_by_device(
        lambda told: told["resets"] == 1 and not told["resets_later"] and told["gated_first"],
        "told to stop, then reset once", *rogues,
    )  # fmt: skip


def stopped_by_reset(*rogues):
    return seen_by_device(lambda told: told["lines_after_last_reset"] == 0, "the reset stopped it", *rogues)


def never_reset(*rogues):
    return seen_by_device(lambda told: told["resets"] == 0, "not reset", *rogues)


def devctl_restored(*rogues):
    """Device Control, which QEMU does not look at: what it was is in the device's own log."""
    return seen_by_device(
        lambda told: told["devctl"][0] == told["devctl"][1] is not None, "Device Control as before", *rogues
    )


def config_as_before(result):
    """But for bus mastering, INTx, and what is contained and the ports that contain it."""
    functions = result["record"]["functions"]
    contained = {f["address"][5:] for f in functions if f["outcome"] == "contained"}
    return "; ".join(text for text in result["config-unexpected"] if text.split()[0] not in contained)


# Their driver is in user space, and nobody tells us what it does to Device Control: built in, the last image would be
# one from before.
CAPTURE_AGAIN = "load_capture_kernel -p\n"


def rogues(name, loads, checks, parameters, **setup):
    return Case(name, {"qemu": "11", "loads": loads, **setup}, [expect.saved, *checks], parameters)


EVERYONE = (*DISOBEY, LIES, LATE, ON_ROOT, OF_CHIPSET, SHARES, *STAY_AWAY, SLOW)
CASES.append(
    rogues("rogues: all write without the module", EVERYONE, [wrote(*EVERYONE), expect.verdict(None)], None)
)

CASES.append(
    rogues(
        "rogues under policy busmaster: who refused is recorded",
        ("rogue-obeys", *DISOBEY, LIES),
        [
            wrote(*DISOBEY, LIES),
            expect.verdict("partial"),
            outcomes(
                {
                    "rogue-obeys": "quiet",
                    "rogue-ignores-bme": "refused bme-stuck",
                    "rogue-pending": "quiet",
                    "rogue-all-ones": "refused no-response",
                    LIES: "quiet",
                }
            ),
            never_reset("rogue-obeys", *DISOBEY, LIES),
        ],
        f"policy=busmaster {PATIENT}",
    )
)

# Late for the deadline by one config read, which shows that it is off: nothing more is asked, and it jumps.
CASES.append(
    rogues(
        "a config read of 3 s, deadline of 2 s: it jumps, and does not say clean",
        (SLOW, "audio"),
        [
            expect.verdict("partial"),
            outcomes({SLOW: "quiet"}),
            expect.record("the rest was not reached", lambda r: r["counts"]["untouched"] > 1 and r["step"] == "done"),
        ],
        "policy=busmaster deadline_ms=2000",
    )
)

# One shares the link of another; two have FLR and no port above them, one as functions of a chipset have it.
COME_BACK = ("rogue-ignores-bme", LATE, SHARES, ON_ROOT, OF_CHIPSET)

ESCALATE_CASES.append(
    rogues(
        "rogues under policy escalate: reset, quiet, and as they were",
        COME_BACK,
        [
            wrote(),
            expect.quiet(),
            expect.verdict("clean"),
            outcomes(
                {
                    "rogue-ignores-bme": "reset bme-stuck",
                    LATE: "reset bme-stuck",
                    SHARES: "reset shared-link",
                    ON_ROOT: "reset bme-stuck",
                    OF_CHIPSET: "reset bme-stuck",
                }
            ),
            reset_once(*COME_BACK),
            stopped_by_reset(*COME_BACK),
            devctl_restored(*COME_BACK[:4]),
            config_as_before,
        ],
        f"policy=escalate {PATIENT}",
        compare_config=True,
        before_panic=CAPTURE_AGAIN,
    )
)

# The nic obeys and is on a link of its own: that must not be reset.
ESCALATE_CASES.append(
    rogues(
        "rogues that are not ready after a reset, or do not respond: contained, and recorded",
        (*STAY_AWAY, "nic"),
        [
            wrote("rogue-all-ones-forever", "rogue-never"),
            expect.verdict("contained"),
            outcomes(
                {
                    "rogue-late=30000": "contained not-ready",
                    "rogue-all-ones-forever": "contained no-response",
                    "rogue-never": "contained bme-stuck",
                }
            ),
            expect.record("each by its port", lambda r: sum("contain" in f["done"] for f in r["functions"]) == 3),
            expect.record("nothing else", lambda r: r["counts"]["contained"] == 6 and not r["counts"]["reset"]),
            reset_once("rogue-late=30000", "rogue-never"),
            stopped_by_reset("rogue-late=30000"),
            never_reset("rogue-all-ones-forever"),
            config_as_before,
        ],
        f"policy=escalate {PATIENT}",
        compare_config=True,
    )
)
