# SPDX-License-Identifier: GPL-2.0-only
"""The commands in Documentation/kdump, which the tests take from there and run.

A literal block of commands begins its lines with "# " or "crash> ", and the comment
".. run: WHERE" before it says where they are run:

guest         in the first kernel, in the order of the document (cases/guide.py)
panic         there, to panic (likewise)
capture       in the capture kernel (likewise)
panic-script  in the first kernel, one panic each (likewise)
after         on this machine, in a made-up root (tests/tools/hardware-report.t)
host          on this machine, on a made-up dump (tests/check/docs.t)
agree         in crash and drgn, on a real dump (agree.py)
demo          in crash, on a real dump (demo.py)
system        in a whole Debian, which is not ours to install into: not run here

As a program: guide.py FILE... WHERE prints them.
"""

import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
FILES = sorted(glob.glob(os.path.join(ROOT, "Documentation/kdump/*.rst")))
WHERE = ("guest", "panic", "capture", "panic-script", "after", "host", "agree", "demo", "system")


def commands(path):
    """(where or None, command) of each line of a literal block that begins with a prompt."""
    where = None
    with open(path, encoding="utf-8") as f:
        for line in f:
            comment = re.match(r" *\.\. run: (\S+)$", line)
            command = re.match(r" +(# |crash> )(.*)$", line)
            if comment:
                where = comment[1]
            elif command:
                yield where, (command[1] if command[1] != "# " else "") + command[2]
            elif line.strip() not in ("", "::"):
                where = None


def of(where, name=""):
    """The commands that are run there, of the file with that name, or of all."""
    return [c for path in FILES if name in os.path.basename(path) for w, c in commands(path) if w == where]


if __name__ == "__main__":
    print("\n".join(c for path in sys.argv[1:-1] for w, c in commands(path) if w == sys.argv[-1]))
