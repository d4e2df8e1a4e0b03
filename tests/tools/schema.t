#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What kexec-quiesce prints with --json fits its schema, and has no key that is not in it. TAP."""

import ast
import copy
import json
import os
import re
import subprocess
import sys
import tempfile

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))

from tap import plan, tap  # noqa: E402

TOOL = os.environ.get("KEXEC_QUIESCE") or os.path.join(os.environ.get("OUT") or os.path.join(ROOT, "out"), "tools/kexec-quiesce")
SAMPLES = os.path.join(HERE, "samples.py")
RECORDS = "good clean kdump many longer bad-sum reasons contained not-ready no-ports bad-ports late unknown aborted never forest".split()

with open(os.path.join(ROOT, "Documentation/schema/kexec-quiesce-1.json"), encoding="utf-8") as f:
    SCHEMA = json.load(f)


def closed(part):
    """The schema lets keys be added; what is printed now has none that is not described."""
    if isinstance(part, dict):
        part = {key: closed(value) for key, value in part.items()}
        if "properties" in part:
            part["additionalProperties"] = False
        return part
    return [closed(item) for item in part] if isinstance(part, list) else part


def validator(kind):
    schema = closed(copy.deepcopy(SCHEMA))
    del schema["oneOf"]
    schema["$ref"] = "#/$defs/" + kind
    return jsonschema.Draft202012Validator(schema)


def printed(*arguments):
    return json.loads(subprocess.run([TOOL, *arguments, "--json"], stdout=subprocess.PIPE, check=False).stdout)


def fits(what, kind, document):
    errors = [f"{'/'.join(map(str, e.path))}: {e.message[:200]}" for e in validator(kind).iter_errors(document)]
    tap(not errors, f"{what} fits", "\n".join(errors))
    kinds = [k for k in ("record", "status", "plan") if validator(k).is_valid(document)]
    tap(jsonschema.Draft202012Validator(SCHEMA).is_valid(document) and kinds == [kind], f"{what} is one kind of document", kinds)


def refused(what, kind, document, change):
    """A schema that takes everything would be no test."""
    document = copy.deepcopy(document)
    change(document)
    tap(not validator(kind).is_valid(document), f"not valid: {what}")


def names():
    """The lists of names.c are those of the schema."""
    with open(os.path.join(ROOT, "tools/kexec-quiesce/explain/names.c"), encoding="utf-8") as f:
        tables = dict(re.findall(r"const (\w+)\[\] = \{(.*?)\};", f.read(), re.S))
    record, plan = SCHEMA["$defs"]["record"]["properties"], SCHEMA["$defs"]["plan"]["properties"]
    function = record["functions"]["items"]["properties"]
    places = {
        "policies": record["policy"], "verdicts": record["verdict"], "sources": record["source"], "steps": record["step"],
        "outcomes": function["outcome"], "reasons": function["reason"], "dones": function["done"]["items"],
        "flags": SCHEMA["$defs"]["flags"]["items"], "no_resets": SCHEMA["$defs"]["no_reset"], "durations": function["duration"],
        "plans": plan["functions"]["items"]["properties"]["plan"], "resets": plan["functions"]["items"]["properties"]["reset"],
    }  # fmt: skip
    for table, place in places.items():
        wanted = re.findall(r'"([^"]*)"', tables[table])
        found = place["anyOf"][0]["enum"]
        tap(wanted == found, f"{table}: names.c and the schema have the same", f"{wanted}\n{found}")


def scripts():
    """And those of the drgn script."""
    with open(os.path.join(ROOT, "tools/kexec-quiesce/explain/names.c"), encoding="utf-8") as f:
        tables = dict(re.findall(r"const (\w+)\[\] = \{(.*?)\};", f.read(), re.S))
    with open(os.path.join(ROOT, "tools/drgn/pciq.py"), encoding="utf-8") as f:
        lists = {t.id: n.value for n in ast.parse(f.read()).body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    for table in ("policies", "verdicts", "outcomes", "reasons", "steps", "sources", "plans", "no_resets", "durations", "dones", "flags"):
        wanted, found = re.findall(r'"([^"]*)"', tables[table]), ast.literal_eval(lists[table.upper()])
        tap(wanted == found, f"{table}: names.c and pciq.py have the same", f"{wanted}\n{found}")


def hold():
    """In the crash kernel with kexec_pci_hold, by the names that it has."""
    with open(os.path.join(ROOT, "module/hold/main.c"), encoding="utf-8") as f:
        states = re.findall(r'"([^"]*)"', re.search(r"hold_names\[HOLD_NR_STATES\] = \{(.*?)\};", f.read(), re.S)[1])
    wanted = SCHEMA["$defs"]["record"]["properties"]["hold"]["items"]["properties"]["state"]["enum"]
    tap(states == ["waits", *wanted], "states of kexec_pci_hold: its own and the schema's are the same", states)
    os.makedirs("crash/kernel/kexec_pci_hold")
    with open("crash/kernel/kexec_pci_hold/functions", "w", encoding="ascii") as f:
        f.writelines(f"0000:01:00.{i} {state}\n" for i, state in enumerate(wanted))
    document = printed("--sysfs", "crash", "report", "contained")
    fits("report in the crash kernel", "record", document)
    found = [entry["state"] for entry in document["hold"]]
    tap(found == wanted, "report in the crash kernel has what became of them", found)


def main():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        subprocess.run([sys.executable, SAMPLES, "sysfs", "sys"], check=True)
        for case in RECORDS:
            subprocess.run([sys.executable, SAMPLES, "vmcore", case, case], check=True)
            fits(f"report {case}", "record", printed("report", case))
        fits("dry-run", "record", printed("--sysfs", "sys", "dry-run"))
        fits("status", "status", printed("--sysfs", "sys", "status"))
        fits("status, not loaded", "status", printed("--sysfs", tmp, "status"))
        for policy in ("off", "busmaster", "escalate", "reset"):
            fits(f"plan --policy {policy}", "plan", printed("--sysfs", "sys", "plan", "--policy", policy))
            fits(f"plan --registers --policy {policy}", "plan", printed("--sysfs", "sys", "plan", "--registers", "--policy", policy))
        os.replace("sys/kernel/kexec_pci_quiesce/flags", "sys/kernel/kexec_pci_quiesce/snapshot")
        fits("plan of every flag", "plan", printed("--sysfs", "sys", "plan"))
        good = printed("report", "contained")
        tap(good["hold"] is None, "no crash kernel: nothing is known of what became of what was held")
        hold()
    refused("another schema", "record", good, lambda j: j.update(schema=2))
    refused("a key that is not described", "record", good, lambda j: j.update(extra=1))
    refused("a key that is missing", "record", good, lambda j: j.pop("verdict"))
    refused("an outcome that does not exist", "record", good, lambda j: j["functions"][0].update(outcome="fine"))
    refused("an address of another form", "record", good, lambda j: j["functions"][0].update(address="1:2.3"))
    names()
    scripts()
    return plan()


sys.exit(main())
