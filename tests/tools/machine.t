#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""kexec-quiesce plan --from: the plan of a machine from its config space. TAP.

The machine is made up here; what is expected of it is what the specifications and drivers/pci/quirks.c say of
each function. Real ones are in tests/fabric/machines.t.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.dirname(HERE), HERE]

from machines import MACHINE, text  # noqa: E402
from tap import plan, tap  # noqa: E402

TOOL = os.environ.get("KEXEC_QUIESCE") or os.path.join(os.environ.get("OUT") or os.path.join(ROOT, "out"), "tools/kexec-quiesce")
# What could reset each that masters: (method, no-reset reason of its link).
EXPECTED = {
    "0000:00:02.0": ("none", "display"),  # a display is never reset, though it has FLR
    "0000:00:19.0": ("none", "no-flr"),  # quirk_no_flr() has 8086:1503
    "0000:00:1a.0": ("flr", "no-port"),
    "0000:00:1b.0": ("flr", "no-port"),
    "0000:00:1f.2": ("none", "no-port"),
    "0000:01:00.0": ("link", ""),
    "0000:01:10.0": ("link", ""),
    "0000:01:10.2": ("link", ""),
    "0000:02:00.0": ("none", "display"),
    "0000:02:00.1": ("none", "display"),  # beside one
}


def run(*arguments, stdin=None):
    done = subprocess.run([TOOL, "plan", *arguments], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def write(path, content):
    with open(path, "wb") as f:
        f.write(content if isinstance(content, bytes) else content.encode())
    return path


def planned(*arguments):
    code, out, err = run(*arguments, "--json")
    tap(code == 0 and not err, f"plan {' '.join(arguments)} --json", f"exit {code}: {err}")
    return json.loads(out) if code == 0 else {}


def resets(document):
    """What could reset each function that masters."""
    return {f["address"]: (f["reset"], f["no_reset"]) for f in document.get("functions", ()) if f["address"] in EXPECTED}


def good():
    write("machine", text(MACHINE))
    document = planned("--from", "machine")
    functions = {f["address"]: f for f in document["functions"]}
    tap(sorted(functions) == sorted(MACHINE), "each function once", sorted(functions))
    tap(resets(document) == EXPECTED, "what could reset each, and why nothing could", resets(document))
    outlook = document["outlook"]
    tap(outlook["functions"] == len(MACHINE) and outlook["mastering"] == len(EXPECTED), "how many master", outlook)
    tap((outlook["by_link"], outlook["by_flr"]) == (3, 2), "how many can be reset", outlook)
    tap(outlook["by_nothing"] == {"display": 3, "no-flr": 1, "no-port": 1}, "why the others cannot", outlook)
    tap(functions["0000:00:00.0"]["plan"] == "leave", "a host bridge is left alone", functions["0000:00:00.0"])
    tap(functions["0000:00:1f.3"]["plan"] == "disable", "what does not master is read", functions["0000:00:1f.3"])
    tap("offline" in functions["0000:03:00.0"]["flags"], "what did not respond is known to", functions["0000:03:00.0"])
    vf = functions["0000:01:10.2"]
    tap((vf["parent"], vf["vendor"], vf["device"]) == ("0000:01:00.0", "8086", "10ca"), "a VF has the ID that its PF says", vf)
    shared = {port["port"]: (port["no_reset"], sorted(port["functions"])) for port in outlook["shared"]}
    want = {
        "0000:00:1c.0": ("", ["0000:01:00.0", "0000:01:10.0", "0000:01:10.2"]),
        "0000:00:1c.4": ("display", ["0000:02:00.0", "0000:02:00.1"]),
    }
    tap(shared == want, "which share a link", shared)
    # Four for each that masters, two for one that does not, one for what is silent; two for a port, and its interrupts.
    least = 4 * len(EXPECTED) + 2 + 1 + 2 * 3
    tap(least <= outlook["accesses"] <= least + 4 * 3, "config accesses", outlook["accesses"])
    # 100 ms from the reset (PCIe r6.0, sec 6.6.1), as long a wait for pending transactions, and to spare.
    tap(200 <= outlook["reset_ms"] <= 250, "the time of resets", outlook["reset_ms"])


def lists():
    document = planned("--from", "machine", "--policy", "reset", "--noreset", "0000:01:00.0")
    found = [resets(document)[f"0000:01:{f}"] for f in ("00.0", "10.0")]
    tap(found == [("none", "noreset"), ("flr", "noreset")], "--noreset: the link above is not reset either", found)
    document = planned("--from", "machine", "--exclude", "class=0c03")
    plans = {f["address"]: f["plan"] for f in document["functions"]}
    tap(plans["0000:00:1a.0"] == "leave" and plans["0000:00:1b.0"] == "disable", "--exclude", plans)
    document = planned("--from", "machine", "--reset", "8086:10c9")
    plans = {f["address"]: f["plan"] for f in document["functions"]}
    tap(plans["0000:01:00.0"] == "reset" and plans["0000:00:1b.0"] == "disable", "--reset", plans)


def forms():
    code, out, err = run("--from", "machine")
    lines = out.splitlines()
    tap(code == 0 and not err and lines[0].startswith("Machine in machine: 16 functions, 10 of them master: 3 can be reset by their link, 2 by FLR"),
        "in words", out[:400] + err)  # fmt: skip
    tap("  0000:00:1c.4 (not reset: display): 0000:02:00.0 0000:02:00.1" in lines, "which are not reset, as they share a link", out)
    code, out, _ = run("--from", "machine", "--tree")
    tap(code == 0 and "+-1a.0  disable>flr" in out, "--tree", out)
    code, out, _ = run("--from", "machine", "--registers")
    # AF Control is at offset 4 (Advanced Capabilities for Conventional PCI ECN), the capability at 40h.
    tap(code == 0 and any(line.split()[:3] == ["0000:00:1a.0", "44.w=0001:0001", "CAP_AF+4"] for line in out.splitlines()), "--registers", out)
    code, out, err = run("--from", "machine", "--svg", "picture.svg")
    words = [w.text for w in xml.etree.ElementTree.parse("picture.svg").iter("{http://www.w3.org/2000/svg}text")]
    tap(code == 0 and not out + err and "plan, policy escalate" in words and "1a.0" in " ".join(map(str, words)), "--svg", words[:20])
    code, out, err = run("--from", "-", stdin=text(MACHINE).encode())
    tap(code == 0 and "16 functions" in out, "standard input", err)
    code, out, err = run("--from", write("name", text(MACHINE, "x").encode().replace(b" x\n", b" \xff\xfe\n")))
    tap(code == 0 and "16 functions" in out, "names that are not UTF-8 are not looked at", err)


def packed(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def archives():
    write("report.tar.gz", packed({"kexec-pci-quiesce-report-1/log": b"x", "kexec-pci-quiesce-report-1/config-space": text(MACHINE).encode()}))
    tap(resets(planned("--from", "report.tar.gz")) == EXPECTED, "an archive of hardware-report")


def refuses(what, content, message, *arguments, code=3):
    """One line, and nothing else."""
    write("bad", content)
    got, out, err = run("--from", "bad", *arguments)
    tap(got == code and not out and err == f"kexec-quiesce: {message}\n", what, f"exit {got}: {err}{out[:200]}")


def cut(config, size):
    return {**MACHINE, "0000:00:1c.0": MACHINE["0000:00:1c.0"][:size]} if config else None


def bad():
    whole = text(MACHINE)
    lines = whole.splitlines(keepends=True)
    expected = 'the output of "lspci -xxxx" is expected'
    refuses("an empty file", b"", f"bad: no function in it: {expected}")
    refuses("no dump", "hello\n\nworld\n", f"bad: no function in it: {expected}")
    refuses("without hex", "".join(line for line in lines if " Device" in line or line == "\n"), f"bad: 0000:00:00.0 has no hex: {expected}")
    at = lines.index("0000:01:00.0 Device\n")
    refuses("without the hex of one", "".join(lines[: at + 1] + lines[at + 257 :]), f"bad: 0000:01:00.0 has no hex: {expected}")
    refuses("cut in the middle of a function", "".join(lines[: at + 9]), "bad: 0000:01:00.0 has 128 bytes: 64, 256 or 4096 are expected")
    refuses("cut in the middle of a line", whole[: whole.index("0000:01:00.0") + 100],
            "bad: dump: line too long or unterminated, in 0000:01:00.0 or before the next function")  # fmt: skip
    refuses("two machines", whole + whole, "bad: 0000:00:00.0 is in it twice: one machine is expected")
    refuses("256 bytes of a port", text(cut(True, 256)),
            'bad: 0000:00:1c.0 has 256 bytes, 4096 are needed: lspci -xxxx as root prints them')  # fmt: skip
    refuses("64 bytes", text({a: c[:64] for a, c in MACHINE.items()}),
            'bad: 0000:00:02.0 has 64 bytes, 256 are needed: lspci -xxxx as root prints them')  # fmt: skip
    refuses("not hex", whole.replace("00: 86 80", "00: xx 80", 1), "bad: dump: Malformed line, in 0000:00:00.0 or before the next function")
    refuses("an archive without config space", packed({"kexec-pci-quiesce-report-1/log": b"x"}),
            "bad: no config-space in it: an archive of hardware-report is expected")  # fmt: skip
    refuses("an archive that is cut", packed({"a/config-space": whole.encode()})[:300],
            "bad: no config-space in it: an archive of hardware-report is expected")  # fmt: skip
    refuses("a list that is none", whole, '--exclude: "1503" is none of dddd:bb:dd.f, vvvv:dddd, class=cccc (hexadecimal)',
            "--exclude", "1503", code=2)  # fmt: skip
    code, out, err = run("--exclude", "8086:1503", "--sysfs", "nowhere")
    tap((code, out) == (3, "") and err.startswith("kexec-quiesce: nowhere/"), "no module and no --from", f"exit {code}: {err}{out}")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        good()
        lists()
        forms()
        archives()
        bad()
        os.chdir(ROOT)
    return plan()


sys.exit(main())
