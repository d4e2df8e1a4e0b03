#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The crash path stays as small as it is to be: scripts/size, and the budgets that it is held to. TAP."""

import importlib.machinery
import importlib.util
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests")]

from tap import plan, tap  # noqa: E402

sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("size", os.path.join(ROOT, "scripts/size"))
size = importlib.util.module_from_spec(importlib.util.spec_from_loader("size", loader))
loader.exec_module(size)

BUDGETS = (
    ("core", "lines", 400),
    ("core", "bytes", 5120),
    ("panic path", "lines", 950),
    ("panic path", "bytes", 9728),
    ("panic path and walk", "lines", 1100),
)
DOCUMENT = os.path.join(ROOT, "Documentation/kdump/pci-quiesce.rst")
LETTER = os.path.join(ROOT, "patches/cover-letter")
LETTER_ROWS = {"core": "  disable and record ", "panic path": "  with resets, containment, arch ", "panic path and walk": "  with the scan "}
# Of 16 KiB, or of a page where the stack is that of an exception.
STACK = 1024

SAMPLE = """// a line
/* a block
 * of three
 */

#include <linux/types.h>
static const char *text = "/* no comment */";	/* one */
int f(void) /* in the middle */ {
	return 0; // behind
}
"""


def compiled(text):
    """Stack and calls of what the compiler makes of it."""
    with tempfile.TemporaryDirectory() as tmp:
        command = ["cc", "-O2", "-mno-red-zone", "-fcallgraph-info=su", "-fno-optimize-sibling-calls", "-x", "c", "-c", "-o", f"{tmp}/it.o", "-"]
        subprocess.run(command, input=text, text=True, check=True)
        return size.of_compiler(f"{tmp}/it.ci")


def unbounded(text, name="f"):
    """What is said against it, "" if nothing is."""
    try:
        stack, calls = compiled(text)
        size.deepest(name, stack, calls, {})
    except size.Unbounded as why:
        return str(why)
    return ""


def tests_itself():
    """What is measured is not always the same."""
    tap(size.lines_of_code(SAMPLE) == 5, "comments and blank lines are no code", str(size.lines_of_code(SAMPLE)))
    leaf = "__attribute__((noinline)) int leaf(int n) { volatile char a[100]; a[n] = n; return a[0]; } "
    stack, calls = compiled(leaf + "int f(int n) { return leaf(n) + 1; }")
    depth = size.deepest("f", stack, calls, {})
    tap(depth == stack["f"] + stack["leaf"] > 108, "the stack of what is called is added", f"{stack} {depth}")
    why = unbounded("__attribute__((noinline)) int f(int n) { volatile int a = n; return n ? f(n - 1) + a : 0; }")
    tap("calls itself" in why, "recursion is not passed", why)
    why = unbounded("int f(int n) { volatile char a[n]; a[0] = n; return a[0]; }")
    tap("dynamic" in why, "nor is a frame of variable size", why)
    why = unbounded("int g(void); int f(void) { return g() + 1; }")
    tap("not known" in why, "nor is a call to who knows whom", why)
    why = unbounded("int f(int (*g)(void)) { return g() + 1; }")
    tap("not known" in why, "nor is a call through a pointer", why)


def no_file_is_missed(found):
    """All objects of the module with code in the section are counted."""
    tree = os.path.join(size.script("build-modules", "6.1"), "tree")
    with open(os.path.join(tree, "module/kexec_pci_quiesce.mod"), encoding="utf-8") as f:
        objects = [os.path.relpath(os.path.normpath(line), os.path.realpath(tree)) for line in f.read().split()]
    with_code = sorted(path for path in objects if size.section_size(os.path.join(tree, path)))
    counted = sorted(os.path.splitext(path)[0] + ".o" for path in found if path != size.INIT)
    tap(with_code == counted, f"{len(counted)} objects have code of the crash path, all counted", f"{set(with_code) ^ set(counted)}")


def table_is_true(found):
    """The documentation's table."""
    with open(DOCUMENT, encoding="utf-8") as f:
        rows = re.findall(r"^(\S.*?)  +(\d+) +(\d+) +(\d+) +[\d,]+ ", f.read(), re.M)
    written = {name: tuple(map(int, numbers)) for name, *numbers in rows if name in size.TOTALS}
    is_now = {name: tuple(size.total(found, paths)[what] for what in ("lines", "bytes", "stack")) for name, paths in size.TOTALS.items()}
    tap(written == is_now, "the documentation says so", f"written {written}\nmeasured {is_now}")
    with open(LETTER, encoding="utf-8") as f:
        letter = f.read()
    for name, row in LETTER_ROWS.items():
        numbers = [int(number.replace(",", "")) for number in re.findall(r"[\d,]+(?: KB)?", letter.split(row, 1)[1].split("\n", 1)[0])[:3:2]]
        tap(tuple(numbers) == is_now[name][:2], f"so does the cover letter: {name}", f"written {numbers}\nmeasured {is_now[name]}")


def main():
    tests_itself()
    found = size.measure()
    no_file_is_missed(found)
    table_is_true(found)
    for name, what, budget in BUDGETS:
        is_now = size.total(found, size.TOTALS[name])[what]
        tap(is_now <= budget, f"{name}: at most {budget} {what}", f"{is_now}")
    stack = max(of["stack"] for of in found.values())
    tap(stack <= STACK, f"at most {STACK} bytes of stack, whatever happens", f"{stack}")
    return plan()


sys.exit(main())
