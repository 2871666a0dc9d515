"""``python -m tests.perturbation --cases N --seed S``: many cases, and a table of what went wrong.

``--case ID`` runs one again, with all it has to say; ``--keep FOLDER`` leaves its files there to look at.
"""

import argparse
import os
import sys
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.perturbation import tables
from tests.perturbation.cases import Case, cases
from tests.perturbation.running import run


def main():
    asked = argparse.ArgumentParser(prog="python -m tests.perturbation", description=__doc__)
    asked.add_argument("--cases", type=int, default=20_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--jobs", type=int, default=os.cpu_count())
    asked.add_argument("--case", help="one case by its id")
    asked.add_argument("--keep", type=Path, help="with --case: write its files into this folder")
    asked.add_argument("--examples", type=int, default=2, help="failures shown of each kind, file and column")
    said = asked.parse_args()
    if said.case:
        return one(Case.from_id(said.case), said.keep)
    with ProcessPoolExecutor(said.jobs) as pool:
        outcomes = _until_stopped(pool.map(run, cases(said.cases, said.seed), chunksize=5), said.cases)
    print(report(outcomes, said.examples))
    return any(outcome.failures for outcome in outcomes)


def _until_stopped(running, wanted):
    """The outcomes, counted on stderr; Ctrl-C ends the run and keeps what is done."""
    outcomes = []
    try:
        for outcome in running:
            outcomes.append(outcome)
            wrong = sum(bool(one.failures) for one in outcomes)
            print(f"\r{len(outcomes):,} of {wanted:,}, {wrong:,} wrong", end="", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
    return outcomes


def one(case, keep):
    """A single case, every failure of it."""
    outcome = run(case)
    print("\n".join([f"{case.id}: {len(outcome.failures)} wrong answers", *map(str, outcome.failures)]))
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        tables.write(case.changed(), keep)
    return bool(outcome.failures)


def report(outcomes, examples=2):
    """The failures counted by kind of change, check, file and column, with examples to run again."""
    bad = [outcome for outcome in outcomes if outcome.failures]
    lines = [f"{len(outcomes):,} cases, {len(bad):,} with wrong answers"]
    by_kind = defaultdict(list)
    for outcome in outcomes:
        by_kind[outcome.case.kind].append(outcome)
    for kind, group in sorted(by_kind.items()):
        wrong = [outcome for outcome in group if outcome.failures]
        checks = Counter(failure.check for outcome in wrong for failure in outcome.failures)
        lines += ["", f"## {kind}: {len(wrong)} of {len(group)} cases; {_counts(checks) or 'nothing wrong'}"]
        lines += _places(wrong, examples)
    return "\n".join(lines)


def _places(wrong, examples):
    """Per client, file and column: the failures by check, and the first of each."""
    places = defaultdict(list)
    for outcome in wrong:
        case = outcome.case
        for failure in outcome.failures:
            places[case.client, case.file, case.column, failure.check].append((case, failure))
    for (client, file, column, check), found in sorted(places.items(), key=lambda item: item[0]):
        yield f"- {' / '.join(part for part in (client, file, column) if part)}: {check} × {len(found)}"
        for case, failure in found[:examples]:
            yield f"    {failure}"
            yield f"    again: --case '{case.id}'"


def _counts(counter):
    return ", ".join(f"{name} × {count}" for name, count in counter.most_common())


if __name__ == "__main__":
    sys.exit(main())
