# SPDX-License-Identifier: GPL-2.0-only
"""The report of a campaign: text, and one picture of fault x trigger."""

from collections import Counter, defaultdict
from statistics import mean, median
from xml.sax.saxutils import escape

from . import cells, inputs

TRIALS = 10
SIDES = ("without", "with")

# What a cell of the picture shows, the worst first.
COLOURS = (
    ("LIE", "#8e24aa", "the verdict said clean, and it was not"),
    ("WORSE", "#d32f2f", "dump lost with us, saved without"),
    ("better", "#1e88e5", "dump lost without us, saved with"),
    ("neither", "#9e9e9e", "dump lost on both sides"),
    ("both", "#a5d6a7", "dump saved on both sides"),
)


def kind(pair, judge):
    return judge(pair).split(":")[0].split()[0]


def rows(pairs):
    """Faults by family, in the order of the table."""
    used = {pair["fault"] for pair in pairs}
    return [name for name in cells.FAULTS if name in used]


def columns(pairs):
    used = {pair["trigger"] for pair in pairs}
    return [name for name in cells.TRIGGERS if name in used]


# === Picture ===

SIDE, LEFT, TOP, MARGIN = 26, 190, 150, 14


def svg(pairs, judge):
    """fault x trigger: colour by the worst pair, in the cell how many there were."""
    faults, triggers = rows(pairs), columns(pairs)
    found = defaultdict(Counter)
    for pair in pairs:
        found[pair["fault"], pair["trigger"]][kind(pair, judge)] += 1
    width = LEFT + SIDE * len(triggers) + MARGIN
    bottom = TOP + SIDE * len(faults) + MARGIN
    height = bottom + 22 * (len(COLOURS) + 1)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{max(width, 520)}" height="{height}" font-family="sans-serif" font-size="12">',
        "<!-- SPDX-License-Identifier: GPL-2.0-only -->",
        f'<rect width="100%" height="100%" fill="#ffffff"/><text x="{MARGIN}" y="24" font-size="15">{len(pairs)} pairs of panics: '
        "fault (rows) by trigger (columns)</text>",
    ]
    for x, trigger in enumerate(triggers):
        at = LEFT + SIDE * x + SIDE / 2
        out.append(f'<text transform="translate({at + 4},{TOP - 8}) rotate(-60)">{escape(trigger)}</text>')
    for y, fault in enumerate(faults):
        base = TOP + SIDE * y
        label = f"{cells.FAULTS[fault][0]}: {fault}" if fault != "none" else "no fault"
        out.append(f'<text x="{LEFT - 8}" y="{base + SIDE / 2 + 4}" text-anchor="end">{escape(label)}</text>')
        for x, trigger in enumerate(triggers):
            kinds = found[fault, trigger]
            colour = next((c for k, c, _ in COLOURS if kinds[k]), "#f5f5f5")
            number = sum(kinds.values())
            text = f"{fault} + {trigger}: " + (", ".join(f"{n} {k}" for k, n in kinds.items()) or "not run")
            at = LEFT + SIDE * x
            out.append(
                f'<g><title>{escape(text)}</title><rect x="{at}" y="{base}" width="{SIDE - 2}" height="{SIDE - 2}" fill="{colour}"/>'
                + (f'<text x="{at + SIDE / 2 - 1}" y="{base + SIDE / 2 + 3}" text-anchor="middle" font-size="10">{number}</text>' if number else "")
                + "</g>"
            )
    totals = Counter(kind(pair, judge) for pair in pairs)
    for i, (name, colour, meaning) in enumerate(COLOURS):
        y = bottom + 22 * i + 8
        out.append(f'<rect x="{MARGIN}" y="{y}" width="16" height="16" fill="{colour}"/><text x="{MARGIN + 24}" y="{y + 13}">{meaning}: {totals[name]}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


# === Text ===


def report(pairs, judge):
    if not pairs:
        return "No pair has been run.\n"
    seeds = [pair["seed"] for pair in pairs]
    lines = [
        f"{len(pairs)} pairs of panics, seeds {min(seeds)} to {max(seeds)}",
        *run_with(pairs),
        "",
        *outcomes(pairs, judge),
        "",
        *by_family(pairs),
        "",
        *drift(pairs),
        "",
        *times(pairs),
        "",
        *first_failure(pairs),
    ]
    worst = [pair for pair in pairs if kind(pair, judge) in ("LIE", "WORSE", "better")]
    if worst:
        kernels = " ".join(f"--kernel {name}" for name in sorted({pair["kernel"] for pair in pairs}))
        lines += ["", f"To be explained (campaign.py {kernels} --replay --seed SEED runs it again):"]
        lines += [one_line(pair, judge) for pair in sorted(worst, key=lambda pair: kind(pair, judge))]
    return "\n".join(lines) + "\n"


def run_with(pairs):
    """Of which kernels, by what."""
    for key, text in (("release", "kernel"), ("capture", "capture kernel"), ("qemu", "emulator"), ("commit", "commit")):
        found = Counter(pair[key] for pair in pairs)
        yield f"{text}: " + ", ".join(f"{name} ({number} pairs)" for name, number in sorted(found.items()))


def one_line(pair, judge):
    what = f"{pair['fault']} {pair['fault_args']} + {pair['trigger']} {pair['trigger_args']}".replace("  ", " ").strip()
    lost = [f"{side}: {pair[side].get('failed') or pair[side].get('tail', ['?'])[-1]}" for side in SIDES if not pair[side]["saved"]]
    wrote = f" wrote {pair['with']['lines']}" if pair["with"]["lines"] else ""
    return f"  {pair['seed']}: {judge(pair)}; {pair['kernel']} {pair['topology']} {pair['policy']}: {what}{wrote} {'; '.join(lost)}".rstrip()


def outcomes(pairs, judge):
    totals = Counter(judge(pair) for pair in pairs)
    verdicts = Counter(str(pair["with"]["verdict"]) for pair in pairs)
    return [
        *(f"{number:6} {text}" for text, number in totals.most_common()),
        *opened(pairs),
        "Verdicts with us: " + ", ".join(f"{name} {number}" for name, number in verdicts.most_common()),
    ]


def opened(pairs):
    for kernel in sorted({pair["kernel"] for pair in pairs}):
        said = []
        for side in SIDES:
            tried = [pair[side]["crash"] for pair in pairs if pair["kernel"] == kernel and pair[side]["crash"] is not None]
            said.append(f"{side} {sum(tried)} of {len(tried)}")
        minimal = "" if inputs.crash_knows(kernel) else " in its minimal mode"
        yield f"Dumps of {kernel} that crash opened{minimal}: " + ", ".join(said)


def by_family(pairs):
    lines = [f"{'family':<10} {'pairs':>6} {'saved without':>14} {'with':>6} {'memory changed without':>23} {'with':>6}"]
    for family in sorted({pair["family"] for pair in pairs}):
        mine = [pair for pair in pairs if pair["family"] == family]
        saved = [sum(pair[side]["saved"] for pair in mine) for side in SIDES]
        changed = [sum(bool(pair[side]["lines"]) for pair in mine) for side in SIDES]
        worse = "  <-- fewer with us" if saved[1] < saved[0] else ""
        lines.append(f"{family:<10} {len(mine):>6} {saved[0]:>14} {saved[1]:>6} {changed[0]:>23} {changed[1]:>6}{worse}")
    return lines


def drift(pairs):
    lines = [f"{'verdict':<10} {'pairs':>6} {'memory changed':>15}   lines by whom, in all of them"]
    for verdict in sorted({str(pair["with"]["verdict"]) for pair in pairs}):
        mine = [pair["with"] for pair in pairs if str(pair["with"]["verdict"]) == verdict]
        whom = Counter()
        for side in mine:
            whom.update(side["lines"])
        lines.append(f"{verdict:<10} {len(mine):>6} {sum(bool(side['lines']) for side in mine):>15}   {dict(whom) or ''}".rstrip())
    return lines


def times(pairs):
    lines = ["Seconds under emulation, median (not hardware time):"]
    for key, text in (("seconds_to_jump", "restored to jump"), ("seconds_to_capture", "jump to capture kernel"), ("seconds", "whole run")):
        values = [[pair[side][key] for pair in pairs if pair[side][key] is not None] for side in SIDES]
        middle = [f"{median(v):.1f}" if v else "-" for v in values]
        lines.append(f"  {text:<24} without {middle[0]:>7}, with {middle[1]:>7}")
    return lines


def failed(side):
    """As one who depends on dumps sees it."""
    return not side["readable"] or side["crash"] is False


def trials(sides):
    """Crashes up to and with each failure; the last that did not end in one is left out."""
    found, since = [], 0
    for side in sides:
        since += 1
        if failed(side):
            found.append(since)
            since = 0
    return found[:TRIALS]


def first_failure(pairs):
    """Mean crashes to first failure over the first ten trials, for what is the same in a part of the pairs."""
    lines = [f"Mean crashes to first failure, {TRIALS} trials at most (a failure: no dump, or none that can be read):"]
    pairs = sorted(pairs, key=lambda pair: pair["seed"])
    parts = [("all", pairs), ("without a fault", [pair for pair in pairs if pair["fault"] == "none"])]
    for what in ("kernel", "topology", "policy"):
        for value in sorted({pair[what] for pair in pairs}):
            parts.append((f"{what} {value}", [pair for pair in pairs if pair[what] == value]))
    for name, mine in parts:
        said = []
        for side in SIDES:
            lengths = trials([pair[side] for pair in mine])
            said.append(f"{side} {mean(lengths):.1f} ({len(lengths)} trials)" if lengths else f"{side} none in {len(mine)}")
        lines.append(f"  {name:<20} " + ", ".join(said))
    return lines
