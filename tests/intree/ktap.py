# SPDX-License-Identifier: GPL-2.0-only
"""KTAP on the console of a kernel (Documentation/dev-tools/ktap.rst), what is wrong with it included.

Subtests come indented by four more spaces, and before the line that sums them up.
"""

import re

PLAN = re.compile(r"( *)1\.\.(\d+)$")
RESULT = re.compile(r"( *)(ok|not ok) (\d+) (?:- )?([^#]*?)(?: # (.*))?$")
PREFIX = re.compile(r"^(?:<\d+>)?\[ *\d+\.\d+\] ?")
KERNEL_IS_ILL = re.compile(r"BUG: |WARNING: |UBSAN: |Oops|Kernel panic|INFO: .* blocked|possible .* locking")


class Level:
    def __init__(self):
        self.planned = None
        self.seen = 0


def parse(lines, suites):
    """Results of the wanted suites: ([(path, good, directive)], [what is wrong]); path: "suite/test/parameter"."""
    levels, pending, results, wrong = {}, {}, [], []
    finished = set()
    for line in (PREFIX.sub("", text.rstrip()) for text in lines):
        if KERNEL_IS_ILL.search(line):
            wrong.append(f"the kernel complains: {line.strip()}")
        plan, result = PLAN.match(line), RESULT.match(line)
        if plan:
            levels[len(plan[1]) // 4] = Level()
            levels[len(plan[1]) // 4].planned = int(plan[2])
        if not result:
            continue
        depth, name = len(result[1]) // 4, result[4].strip()
        level = levels.setdefault(depth, Level())
        level.seen += 1
        below = pending.pop(depth + 1, [])
        # Parameters of one case have no plan before 6.15.
        inner = levels.pop(depth + 1, None)
        if inner and inner.planned not in (None, inner.seen):
            wrong.append(f"{name}: {inner.planned} planned, {inner.seen} seen")
        here = [(f"{name}/{path}", good, why) for path, good, why in below] or [(name, result[2] == "ok", result[5] or "")]
        if below and result[2] != "ok" and all(good for _, good, _ in below):
            here.append((name, False, ""))
        pending.setdefault(depth, []).extend(here)
        if depth == 0:
            if name in suites:
                finished.add(name)
                results += here
            pending.pop(0)
    wrong += [f"{name}: not finished" for name in suites if name not in finished]
    wrong += [f"{path}: {why or 'failed'}" for path, good, why in results if not good or why.startswith("SKIP")]
    if not results:
        wrong.append("no test ran")
    return results, wrong
