#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What uses what goes one way: no circle of files, no file of the module and no folder of kexec-quiesce uses one above it. TAP."""

import glob
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests")]

from tap import plan, tap  # noqa: E402

OUT = os.environ.get("OUT") or os.path.join(ROOT, "out")
TOOL = os.path.join(ROOT, "tools/kexec-quiesce")
INJECT = os.path.join(ROOT, "tools/kexec-quiesce-inject")
CRASH = os.path.join(ROOT, "tools/crash")

# Each uses itself and those before it. The last one is what has no folder: main.c, and what crash adds.
FOLDERS = ("base", "read", "machine", "explain", "draw", "commands", "")
# The objects of the module, by floors: each uses what is below it. Those of the crash path and of the healthy side
# are in the order that kexec_pci_internal.h and quiesce.h give.
FLOORS = (
    "arch/x86/kernel/crash_pci",
    "kernel/kexec_pci_quiesce",
    "kernel/kexec_pci_contain",
    "kernel/kexec_pci_reset",
    "kernel/kexec_pci_walk",
    "kernel/kexec_pci_stages",
    "arch/x86/kernel/crash_pci_windows",
    *(f"drivers/pci/quiesce/{name}" for name in "match describe plan ops build snapshot dry_run sysfs param arm".split()),
    "module/note",
    # One floor: where C calls assembly that remembers the stack and calls C again, which alone may go back to it.
    "module/hook module/escape",
    "module/main",
)
# In place of a library, which would be below all.
INSTEAD_OF_A_LIBRARY = ("libpci.o",)


def symbols(path):
    """(what an object defines for others, what it takes from others)"""
    defined, taken = set(), set()
    listed = subprocess.run(["nm", "-P", "-g", path], stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in listed.splitlines():
        name, kind = line.split()[:2]
        (taken if kind in "Uwv" else defined).add(name)
    return defined, taken


def calls(directory, objects):
    """{object: {another that it uses: by which symbol}}; both are paths below the directory."""
    of = {path: symbols(os.path.join(directory, path)) for path in objects}
    where = {name: path for path, (defined, _) in of.items() for name in defined}
    return {
        path: {where[name]: name for name in sorted(taken) if where.get(name, path) != path} for path, (_, taken) in of.items()
    }


def circle(graph):
    """Nodes of which each uses the next, and the last is the first again; empty if there are none such."""
    done = set()

    def search(node, above):
        if node in above:
            return [*above[above.index(node) :], node]
        if node in done:
            return []
        found = next(filter(None, (search(lower, [*above, node]) for lower in graph.get(node, ()))), [])
        done.add(node)
        return found

    return next(filter(None, (search(node, []) for node in graph)), [])


def height(path):
    return -1 if path in INSTEAD_OF_A_LIBRARY else FOLDERS.index(os.path.dirname(path))


def is_upward(user, used):
    return height(used) > height(user)


def upward(graph):
    """What uses something of a folder above its own, a line each."""
    return [f"{user} uses {name} of {used}" for user in graph for used, name in graph[user].items() if is_upward(user, used)]


def no_circle(what, directory, objects):
    """A result for the objects given, which are paths below the directory; returns what calls() has of them."""
    graph = calls(directory, objects)
    found = circle(graph)
    why = [f"{user} uses {graph[user][used]} of {used}" for user, used in zip(found, found[1:])]
    tap(len(objects) > 1 and not found, f"{what}: no circle in {len(objects)} objects", "\n".join(why))
    return graph


def no_upward(what, graph):
    found = upward(graph)
    used = sum(map(len, graph.values()))
    tap(used and not found, f"{what}: no folder uses one above it, {used} times", "\n".join(found))


def sources(directory, pattern="*.c"):
    """Sources below a directory, which has no folders but those above."""
    found = [path for folder in FOLDERS for path in glob.glob(os.path.join(directory, folder, pattern))]
    return sorted(os.path.relpath(path, directory) for path in found)


def objects_of(paths, prefix=""):
    return [prefix + path.removesuffix(".c") + ".o" for path in paths]


def make(directory, out):
    """Build there into @out, which is returned; standard output is ours."""
    subprocess.run(["make", "-s", "-C", directory, f"O={out}", "all"], stdout=sys.stderr, check=True)
    return out


def tests_itself():
    """Two files that call each other are found, so what is below can fail."""
    texts = {
        "base/low": "int high(void); int low(void) { return high(); }",
        "read/high": "int low(void); int high(void) { return low(); }",
    }
    with tempfile.TemporaryDirectory() as tmp:
        for path, text in texts.items():
            os.mkdir(os.path.join(tmp, os.path.dirname(path)))
            subprocess.run(["cc", "-x", "c", "-c", "-o", f"{tmp}/{path}.o", "-"], input=text, text=True, check=True)
        graph = calls(tmp, ["base/low.o", "read/high.o"])
    tap(circle(graph) == ["base/low.o", "read/high.o", "base/low.o"], "two files that call each other are a circle", graph)
    tap(upward(graph) == ["base/low.o uses high of read/high.o"], "and one of the calls goes up", upward(graph))


def no_folder_is_missed():
    found = {os.path.relpath(path, TOOL) for path, _, files in os.walk(TOOL) if any(f.endswith((".c", ".h")) for f in files)}
    known = {folder or "." for folder in FOLDERS}
    tap(found == known, "kexec-quiesce has these folders and no others", f"{sorted(found ^ known)}")


def includes():
    """Types and macros leave no symbol behind: who includes a header uses it."""
    bad = []
    for path in sources(TOOL, "*.[ch]"):
        with open(os.path.join(TOOL, path), encoding="utf-8") as f:
            named = re.findall(r'^#\s*include "(.*)"', f.read(), re.M)
        bad += [f"{path} includes {name}" for name in named if os.path.dirname(name) not in FOLDERS or is_upward(path, name)]
    tap(not bad, "kexec-quiesce: no header of a folder above", "\n".join(bad))


def tools():
    out = make(TOOL, os.path.join(OUT, "tools"))
    no_upward("kexec-quiesce", no_circle("kexec-quiesce", out, objects_of(sources(TOOL))))
    make(INJECT, out)
    no_circle("kexec-quiesce-inject", out, ["inject-nearest.o", *objects_of(sources(INJECT), "inject-")])
    of_command = {name for path in objects_of(sources(TOOL)) for name in symbols(os.path.join(out, path))[0]}
    out = make(CRASH, os.path.join(OUT, "crash"))
    # Of the command's files, what it has taken.
    shared = [path for path in objects_of(sources(TOOL)) if os.path.dirname(path) and os.path.exists(os.path.join(out, path))]
    no_upward("pciq.so", no_circle("pciq.so", out, objects_of(sources(CRASH)) + shared))
    # It is loaded, not linked: what is missing would be seen in crash only.
    missing = symbols(os.path.join(out, "pciq.so"))[1] & of_command
    tap(not missing, "pciq.so has all that it takes from the command", sorted(missing))


def parts_of_module(tree):
    """The objects of kexec_pci_quiesce.ko, as make has them, below the tree."""
    with open(os.path.join(tree, "module/kexec_pci_quiesce.mod"), encoding="utf-8") as f:
        return sorted(os.path.relpath(os.path.normpath(line), os.path.realpath(tree)) for line in f.read().split())


def no_floor_above(tree):
    """A result for our module, in which two objects share a floor."""
    floor = {f"{name}.o": at for at, names in enumerate(FLOORS) for name in names.split()}
    parts = parts_of_module(tree)
    tap(parts == sorted(floor), "kexec_pci_quiesce.ko: each object has its floor", f"{sorted(set(parts) ^ set(floor))}")
    graph = calls(tree, parts)
    bad = [f"{user} uses {graph[user][used]} of {used}" for user in graph for used in graph[user] if floor.get(used, 0) > floor.get(user, 0)]
    used = sum(map(len, graph.values()))
    tap(used and not bad, f"kexec_pci_quiesce.ko: no object uses one of a floor above, {used} times", "\n".join(bad))


def modules():
    command = [os.path.join(ROOT, "scripts/build-modules"), "6.1"]
    built = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    no_floor_above(os.path.join(built, "tree"))
    module = os.path.join(INJECT, "module")
    # accessor.c is part of another module.
    objects = [path for path in objects_of(sources(module)) if path != "accessor.o"]
    no_circle("pciq_inject.ko", os.path.join(built, "tree", os.path.relpath(module, ROOT)), objects)


def main():
    tests_itself()
    no_folder_is_missed()
    includes()
    tools()
    modules()
    return plan()


sys.exit(main())
