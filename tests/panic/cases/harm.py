# SPDX-License-Identifier: GPL-2.0-only
"""Devices that keep writing memory after the panic, without us and with us."""

from kpt import expect

from .case import Case

CASES = []


def without_and_with(name, setup, harm):
    """A pair: the harm is seen without us, and is not seen with us."""
    CASES.append(Case(f"{name}: harm without the module", setup, [expect.saved, expect.harm_by(*harm)], None))
    CASES.append(Case(f"{name}: quiet with the module", setup, [expect.saved, expect.quiet(), expect.verdict("clean")]))


# The measuring itself: with no load nothing changes, so every line that changes counts.
CASES.append(
    Case(
        "no load: nothing changes, and no false alarm",
        {},
        [expect.saved, lambda r: str(r["outside"] or ""), lambda r: r["said"]["canary-lines-changed"].strip("0")],
        None,
    )
)

without_and_with("nic behind a switch", {"loads": ("nic",)}, ["nic"])
without_and_with("audio on bus 0", {"loads": ("audio",)}, ["audio"])
without_and_with("usb behind a port", {"loads": ("usb",)}, ["usb"])
without_and_with("audio on machine pc, no MCFG", {"loads": ("audio",), "machine": "pc"}, ["audio"])
# Nobody asks it to, and no frame has to arrive: a storage controller's log, an accelerator's.
without_and_with("firmware logs a line a second", {"loads": ("rogue-logs=1000",), "qemu": "11"}, ["rogue-logs=1000"])

# What this emulator cannot show. If one of these fails, the emulator has learnt it:
# set gated=True in kpt/loads.py and make it a pair.
for rogue in ("disk", "keyboard"):
    CASES.append(
        Case(
            f"{rogue}: writes at BME=0 in this emulator",
            {"loads": (rogue,)},
            [expect.saved, expect.verdict("clean"), expect.harm_by(rogue), expect.quiet(rogue)],
        )
    )


def root_interrupts(result):
    """Ports had their AER or PME interrupt on, and no longer have."""
    before, after = result["root-interrupts"]
    if not before:
        return "no port had its AER or PME interrupt on: nothing was tested"
    return f"AER or PME interrupt still on: {after}" if after else ""


# SERR at a port is set first, so that there is something that would be masked before a reset.
CASES.append(
    Case(
        "config space afterwards: only what was meant to change",
        {
            "loads": ("nic", "audio"),
            "compare_config": True,
            "before_panic": "bridge=/sys/bus/pci/devices/0000:02:00.0/config\n"
            "[ $(hexdump -s 10 -n 2 -e '1/2 \"%04x\"' $bridge) = 0604 ] || give_up 'not a bridge'\n"
            "printf '\\007\\001' | dd of=$bridge bs=1 seek=4 conv=notrunc 2>/dev/null\n"
            "printf '\\002' | dd of=$bridge bs=1 seek=62 conv=notrunc 2>/dev/null\n",
        },
        [
            expect.saved,
            expect.quiet(),
            expect.verdict("clean"),
            lambda r: "; ".join(r["config-unexpected"]),
            root_interrupts,
            expect.record(
                "nothing refused, so error reporting was left as it was",
                lambda r: not any({"mask", "unmask"} & set(f["done"]) for f in r["functions"]),
            ),
        ],
    )
)
