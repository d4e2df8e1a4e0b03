# SPDX-License-Identifier: GPL-2.0-only
"""The commands of the operator's guide and of the hardware protocol, as they stand there."""

import os
import string

from kpt import expect, guide, inputs

from .case import Case

CASES = []

# modprobe finds the module; scripts/ is where the documents have it.
INSTALL = """
mkdir -p /lib/modules/$(uname -r) /var/tmp
mv /modules/kexec_pci_quiesce.ko /lib/modules/$(uname -r)
depmod || give_up depmod
chmod +x /scripts/hardware-report
cd /
"""
FILES = {"scripts/hardware-report": os.path.join(inputs.ROOT, "scripts/hardware-report")}
COMMON = {"loads": ("nic",), "tool_in_first": True, "files": FILES}


def key(n):
    """What is said has no digits in its key."""
    return "guide-" + string.ascii_lowercase[n]


def run_all(name):
    """Each in a shell of its own."""
    lines = [f"( {command} ) </dev/null\nsay \"{key(n)}=$?\"" for n, command in enumerate(guide.of("guest", name))]
    return INSTALL + "\n".join(lines) + "\n"


def all_good(name):
    def check(result):
        wanted = guide.of("guest", name)
        codes = {command: result["said"].get(key(n)) for n, command in enumerate(wanted)}
        wrong = {c: code for c, code in codes.items() if code != "0"}
        return f"exit codes: {wrong}" if wrong or not wanted else ""

    return check


REPORT = "".join(f"{command} | sed 's/^/guide-report: /'\n" for command in guide.of("capture", "operators"))
EXCLUDED = "0000:00:1f.2"  # by the guide

CASES.append(
    Case(
        "operator's guide: every command in the guest, and the panic",
        {
            **COMMON,
            "before_panic": run_all("operators"),
            "panic": "taskset 1 sh -c '" + "\n".join(guide.of("panic", "operators")) + "'\n",
            "tool_in_capture": True,
            "capture": REPORT,
        },
        [
            expect.saved,
            all_good("operators"),
            expect.console("Armed: .*yes"),
            expect.console("kexec_pci_quiesce: armed: policy escalate"),
            expect.console("leave +excluded by exclude="),
            expect.console("kexec-pci-quiesce-report-[0-9-]+.tar.gz"),
            expect.console("guide-report: Verdict: "),
            expect.record(
                "what the guide excludes is excluded",
                lambda r: [f["reason"] for f in r["functions"] if f["address"] == EXCLUDED] == ["user"],
            ),
        ],
        None,
        "module",
    )
)

# Not without the word: the machine goes on.  Then with it.
for command in guide.of("panic-script"):
    policy = command.split()[-1]
    verdict = {"off": None}.get(policy, "clean")
    CASES.append(
        Case(
            f"hardware protocol: {command}",
            {
                **COMMON,
                "before_panic": INSTALL + "modprobe kexec_pci_quiesce || give_up modprobe\n"
                f"echo yes | {command}\nsay refused=$?\n",
                "panic": f"echo panic | taskset 1 {command}\n",
            },
            [
                expect.saved,
                lambda r: "" if r["said"].get("refused") == "3" else f"without the word: {r['said'].get('refused')}",
                expect.console("not confirmed: nothing was done"),
                expect.verdict(verdict),
                expect.harm_by("nic") if policy == "off" else expect.quiet(),
            ],
            None,
            "module",
        )
    )
