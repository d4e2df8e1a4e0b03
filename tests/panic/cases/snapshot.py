# SPDX-License-Identifier: GPL-2.0-only
"""Every function of the machine is in the snapshot, and it follows the machine."""

from kpt import expect, segments

from .case import Case

CASES = []

TOPOLOGY = [
    "-device", "pcie-root-port,id=root0,chassis=1",
    "-device", "x3130-upstream,id=up0,bus=root0",
    "-device", "xio3130-downstream,id=down0,bus=up0,chassis=2",
    "-device", "xio3130-downstream,id=down1,bus=up0,chassis=3",
    "-device", "e1000e,bus=down0",
    "-device", "edu,bus=down1",
    "-device", "pcie-pci-bridge,id=conventional,bus=pcie.0",
    "-device", "e1000,bus=conventional,addr=3",
    "-device", "pxb-pcie,id=pxb,bus=pcie.0,bus_nr=128",
    "-device", "pcie-root-port,id=root1,bus=pxb,chassis=4",
    "-device", "nvme,serial=x,bus=root1",
    "-device", "pcie-root-port,id=root2,bus=pxb,chassis=5",
    "-device", "qemu-xhci,bus=root2",
]  # fmt: skip

# The kernel's view, for comparison: address, secondary bus (0 = not a bridge), PF of a VF.
LIST_FUNCTIONS = """
for dev in /sys/bus/pci/devices/*; do
	secondary=$(hexdump -s 25 -n 1 -e '1/1 "%02x"' $dev/config)
	[ $(hexdump -s 14 -n 1 -e '1/1 "%u"' $dev/config) = 1 -o $(hexdump -s 14 -n 1 -e '1/1 "%u"' $dev/config) = 129 ] || secondary=-
	echo KPCIQ function ${dev##*/} $secondary $(basename $(readlink $dev/physfn || echo -))
done
"""


def complete(result):
    """The record has exactly the kernel's functions, children before parents, VFs before PFs."""
    listed = [line.split()[2:] for line in result["console"] if line.startswith("KPCIQ function ")]
    order = [f["address"] for f in result["record"]["functions"]] if result.get("record") else []
    if sorted(order) != sorted(address for address, _, _ in listed):
        return f"functions differ: kernel {sorted(a for a, _, _ in listed)}, record {sorted(order)}"
    for address, secondary, physfn in listed:
        below = [a for a in order if secondary != "-" and a.startswith(f"{address[:5]}{secondary}:")]
        late = [a for a in below if order.index(a) > order.index(address)]
        if late:
            return f"{address} comes before its children {late}"
        if physfn != "-" and order.index(address) > order.index(physfn):
            return f"PF {physfn} comes before its VF {address}"
    return "" if listed else "the guest listed no function"


def at_least(number):
    return expect.record(f"at least {number} functions", lambda r: len(r["functions"]) >= number)


CASES.append(
    Case(
        "switch, PCIe-to-PCI bridge, second root bus",
        {"devices": TOPOLOGY, "modules": ("e1000e", "e1000", "nvme", "xhci_pci"), "before_panic": LIST_FUNCTIONS},
        [expect.saved, complete, at_least(17), expect.quiet(), expect.verdict("clean")],
    )
)

CASES.append(
    Case(
        "no MMCONFIG (pci=nommconf): 0xCF8",
        {"cmdline": "pci=nommconf", "loads": ("nic", "audio"), "before_panic": LIST_FUNCTIONS},
        [expect.saved, complete, expect.quiet(), expect.verdict("clean")],
    )
)

CASES.append(
    Case(
        "no MMCONFIG and both snapshots corrupted: 0xCF8 is scanned",
        {
            "cmdline": "pci=nommconf",
            "loads": ("audio",),
            "panic": "arm both\ncrash process\n",
        },
        [expect.saved, expect.quiet(), expect.verdict("partial"), expect.record("scanned", lambda r: r["source"] == "scan")],
    )
)

CASES.append(
    Case(
        "VFs of an igb",
        {
            "qemu": "11",
            "devices": ["-device", "pcie-root-port,id=root0,chassis=1", "-device", "igb,bus=root0"],
            "modules": ("igb", "igbvf"),
            "before_panic": "echo 4 >/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs\n"
            "try ls /sys/bus/pci/devices/0000:01:00.0/virtfn3/driver\nusleep 300000\n" + LIST_FUNCTIONS,
        },
        [
            expect.saved,
            complete,
            expect.quiet(),
            expect.verdict("clean"),
            expect.record("4 VFs quieted by a write", lambda r: sum("vf" in f["flags"] and f["outcome"] == "quiet" for f in r["functions"]) == 4),
        ],
    )
)

# Two segments, each with an ECAM window of its own. Segment 1 is RAM, so that the
# harness sees for itself which Command registers were written.
SEGMENTS = segments.make(1, 0x18000000, 16, 4)


def second_segment(harm):
    def check(result):
        mastering = result["segments-mastering"]
        if harm:
            return "" if mastering == 64 else f"{mastering} of 64 functions master, expected all"
        return f"{mastering} of 64 functions still master" if mastering else ""

    return check


for harm in (True, False):
    CASES.append(
        Case(
            "second segment: " + ("64 functions master without the module" if harm else "none masters with it"),
            {"segments": SEGMENTS, "memory_mb": 1024, "before_panic": "" if harm else LIST_FUNCTIONS},
            [expect.saved, second_segment(harm)]
            + ([] if harm else [complete, expect.verdict("clean"), at_least(80)]),
            None if harm else "",
        )
    )

FUNCTIONS = "/sys/kernel/kexec_pci_quiesce/functions"
GENERATION = "/sys/kernel/kexec_pci_quiesce/generation"

CASES.append(
    Case(
        "function plugged in after arming",
        {
            "devices": ["-device", "pcie-root-port,id=empty,chassis=9"],
            "modules": ("e1000e",),
            "before_panic": f"before=$(cat {FUNCTIONS})\nwait_host plug\n"
            f"try grep -qx $((before + 1)) {FUNCTIONS}\n" + LIST_FUNCTIONS,
            "hooks": {"plug": lambda machine: machine.hmp("device_add e1000e,id=late,bus=empty")},
        },
        [
            expect.saved,
            complete,
            expect.quiet(),
            expect.verdict("clean"),
            expect.record("has the late function", lambda r: any(f["device"] == "10d3" for f in r["functions"])),
        ],
    )
)

# A snapshot may be late, or fail: the one in use does not know the function, and nothing in it shows that.
CASES.append(
    Case(
        "function plugged in, and our snapshot waits for its lock: not clean",
        {
            "devices": ["-device", "pcie-root-port,id=empty,chassis=9"],
            "modules": ("e1000e",),
            "before_panic": "arm capture-lock\nwait_host plug\nwait_path '/sys/bus/pci/drivers/e1000e/0*/net/*'\n",
            "hooks": {"plug": lambda machine: machine.hmp("device_add e1000e,id=late,bus=empty")},
        },
        [
            expect.saved,
            lambda r: "" if r["mastering-at-jump"] else "the function that was plugged in is not mastering: no harm",
            expect.record("does not have it, and says so", lambda r: r["incomplete"] and all(f["device"] != "10d3" for f in r["functions"])),
            expect.verdict("partial"),
        ],
    )
)

CASES.append(
    Case(
        "function unplugged after arming",
        {
            "devices": ["-device", "pcie-root-port,id=full,chassis=9", "-device", "e1000e,id=early,bus=full"],
            "before_panic": f"before=$(cat {FUNCTIONS})\nwait_host unplug\n"
            f"try grep -qx $((before - 1)) {FUNCTIONS}\n" + LIST_FUNCTIONS,
            "hooks": {"unplug": lambda machine: machine.hmp("device_del early")},
        },
        [
            expect.saved,
            complete,
            expect.verdict("clean"),
            expect.record("lost the function", lambda r: all(f["device"] != "10d3" for f in r["functions"])),
        ],
    )
)

# The drivers have restored config space, and maybe not as it was; of hotplug there is none.
CASES.append(
    Case(
        "suspended and resumed: another snapshot",
        {
            "loads": ("nic",),
            "before_panic": f"before=$(cat {GENERATION})\n"
            "echo 1 >/sys/module/suspend/parameters/pm_test_delay\necho devices >/sys/power/pm_test\necho freeze >/sys/power/state\n"
            f"try sh -c \"[ \\$(cat {GENERATION}) -gt $before ]\"\n"
            "say suspended=$(dmesg | grep -c 'suspend debug: Waiting for 1 second')\n" + LIST_FUNCTIONS,
        },
        [
            expect.saved,
            complete,
            expect.quiet(),
            expect.verdict("clean"),
            lambda r: "" if r["said"].get("suspended") == "1" else "the devices were not suspended",
        ],
        only="module",  # the kernels that we build cannot suspend
    )
)

# 40 events (and as many of drivers) in a row: far fewer snapshots.
CASES.append(
    Case(
        "a flood of hotplug events coalesces",
        {
            "devices": ["-device", "pcie-root-port,id=flooded,chassis=9", "-device", "e1000e,bus=flooded"],
            "before_panic": f"before=$(cat {GENERATION})\n"
            "for _ in $(seq 20); do\n"
            "\techo 1 >/sys/bus/pci/devices/0000:01:00.0/remove\n\techo 1 >/sys/bus/pci/rescan\ndone\n"
            f"usleep 500000\nsay snapshots=$(($(cat {GENERATION}) - before))\n" + LIST_FUNCTIONS,
        },
        [
            expect.saved,
            complete,
            expect.verdict("clean"),
            lambda r: "" if 0 < int(r["said"]["snapshots"]) < 40 else f"{r['said']['snapshots']} snapshots for 40 events",
        ],
    )
)
