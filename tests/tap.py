# SPDX-License-Identifier: GPL-2.0-only
"""What the tests in Python have in common."""

count = failed = 0


def tap(good, what, why="", todo=""):
    """One result; why is shown if it is not good."""
    global count, failed
    count += 1
    failed += not good and not todo
    print(f"{'ok' if good else 'not ok'} {count} - {what}{' # TODO ' + todo if todo else ''}")
    for line in str(why).splitlines()[:12] if not good else ():
        print("# " + line)


def plan():
    """The last line; true if a test has failed."""
    print(f"1..{count}")
    return bool(failed)
