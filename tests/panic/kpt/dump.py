# SPDX-License-Identifier: GPL-2.0-only
"""Reading a saved dump on the host: our own command, and the crash utility."""

import json
import re
import subprocess


def report(tool, dump):
    """(what "kexec-quiesce report --json" says or None, its exit code, its error message)."""
    done = subprocess.run([tool, "report", "--json", dump], capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout), done.returncode, done.stderr.strip()
    except ValueError:
        return None, done.returncode, done.stderr.strip()


def crash(program, vmlinux, dump, commands, *options):
    """Run commands in crash; returns them and what it prints."""
    script = "".join(f"!echo 'crash> {command}'\n{command}\n" for command in commands)
    done = subprocess.run(
        ["stdbuf", "-oL", program, "-s", *options, vmlinux, dump],  # by lines: "!echo" prints past the buffer
        input=script + "quit\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip()


def opens(program, vmlinux, dump, minimal):
    """crash opens the dump: it says what the kernel died of or, in its minimal mode, finds the last line of the log."""
    if minimal:
        return bool(re.search(r"^\[ *\d+\.\d{6}\]", crash(program, vmlinux, dump, ["log | tail -n 1"], "--minimal"), re.MULTILINE))
    return "PANIC:" in crash(program, vmlinux, dump, ["sys"])


def record_address(notes):
    """Physical address of the record from the lines of the VMCOREINFO note, or None."""
    match = re.search(r"\(record\)=(0x[0-9a-f]+),", "\n".join(notes))
    return match[1] if match else None


def record_commands(address, module):
    """How to look at the record in crash, without any extension of it.

    The first two need no debug information of ours. page_offset_base is where the
    kernel maps all of physical memory.
    """
    record = f"((struct kexec_quiesce_record *)(page_offset_base + {address}))"
    return [
        "help -D | grep KEXEC_PCI_QUIESCE",
        f"rd -p -a {address} 8",
        f"mod -s kexec_pci_quiesce {module}",
        "gdb set print null-stop on",
        f"p *{record}",
        f"p (enum kexec_quiesce_verdict){record}->verdict",
    ]
