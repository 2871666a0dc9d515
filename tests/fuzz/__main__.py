"""``python -m tests.fuzz --cases N --seed S --jobs J``: many cases, and the faults, the alike ones together.

``--case ID`` runs one again; ``--keep FOLDER`` with it leaves its files there. ``--guided`` lets coverage choose
(needs atheris). Ctrl-C ends the run and keeps what is done.
"""

import argparse
import re
import sys
import threading
from collections import Counter, defaultdict
from pathlib import Path

from tests.fuzz import checking, supervising
from tests.fuzz.cases import INPUTS, TARGETS, Case, cases


def main():
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("--cases", type=int, default=20_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--jobs", type=int, default=1)
    asked.add_argument("--target", choices=TARGETS, help="only these")
    asked.add_argument("--case", help="one case by its id")
    asked.add_argument("--keep", type=Path, help="with --case: write its files into this folder")
    asked.add_argument("--guided", choices=("reader", "settings"), help="coverage-guided, with atheris")
    said = asked.parse_args()
    if said.case:
        return one(Case.from_id(said.case), said.keep)
    if said.guided:
        from tests.fuzz import guided

        return guided.main(said.guided, said.cases, said.seed)
    chosen = (
        cases(said.cases, said.seed)
        if said.target is None
        else (Case(said.target, said.seed, number) for number in range(said.cases))
    )
    return many(chosen, said)


def one(case, keep):
    """A single case, its files and its faults."""
    files = case.files()
    for name, data in files.items():
        print(f"{name}: {len(data):,} bytes {data[:300]!r}")
        if keep:
            (keep / name).parent.mkdir(parents=True, exist_ok=True)
            (keep / name).write_bytes(data)
    if case.target == "command":
        print(" ".join(case.command()))
    with checking.listening() as heard:
        faults = checking.run(case)
    print("\n".join([*faults, *heard]) or "no fault")
    return bool(faults or heard)


def many(chosen, said):
    """The run, counted on stderr, and its faults by what is alike."""
    ran, counts, alike, stop = 0, Counter(), defaultdict(list), threading.Event()
    try:
        for outcome in supervising.run(chosen, said.jobs, stop):
            ran += 1
            counts[outcome.case.partition(".")[0]] += 1
            for fault in outcome.faults:
                alike[shape(fault)].append((outcome.case, fault))
            if outcome.faults and len(alike[shape(outcome.faults[0])]) == 1:
                supervising.say(f"{outcome.case}: {outcome.faults[0]}")
            if ran % 500 == 0:
                supervising.say(
                    f"{ran:,} cases, {sum(map(len, alike.values())):,} faults of {len(alike)} kinds"
                )
    except KeyboardInterrupt:
        stop.set()
        supervising.say("stopped")
    print(
        f"seed {said.seed}: {ran:,} cases ran, {sum(map(len, alike.values())):,} faults of {len(alike)} kinds"
    )
    for target, count in sorted(counts.items()):
        many = f", {count * INPUTS[target]:,} inputs" if target in INPUTS else ""
        print(f"  {target}: {count:,}{many}")
    for _, found in sorted(alike.items(), key=lambda pair: -len(pair[1])):
        print(f"{len(found)} × {found[0][1]}\n    again: python -m tests.fuzz --case {found[0][0]}")
    return bool(alike)


def shape(fault):
    """A fault without what differs from case to case."""
    return re.sub(r"[0-9]+|'[^']*'|\"[^\"]*\"", "#", fault)[:90]


if __name__ == "__main__":
    sys.exit(main())
