"""How much faster a batch is than a shell loop of papermill and nbconvert.

    python tests/benchmarks/bench_batch.py                2 turns, 3 clients of 240 entries, then 12 small ones
    python tests/benchmarks/bench_batch.py --turns 5 --clients 6 --many 12 200
    python tests/benchmarks/bench_batch.py --turns 0 --many 12 200      only whether the cost per client is flat
    python tests/benchmarks/bench_batch.py --limits       fail (exit 1) when a mark is missed

The yardstick does not move: `plain_report.ipynb` is what a user would write by hand (one export read, six
charts, four tables, no law, no attachment), run for each client by the commands `papermill` and `jupyter
nbconvert --to html`. Ours makes the whole report with every attachment and the index over all, two at a time,
start and all. Also against the same loop on our own template, which then makes the same attachments; the loop
leaves out the manifest and the checks of what is unchanged. Interleaved turns, medians; processor seconds
include every child. Seconds by the clock mean little on a machine that is busy with other work.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
BIN = Path(sys.executable).parent
PLAIN = Path(__file__).with_name("plain_report.ipynb")
SAMPLE = ROOT / "data" / "sample" / "harbor-lane"
WORKERS = 2
#: So much dearer may a client of many be than one of four.
GROWS = 1.25


def spent(words, **more):
    """Seconds by the clock and of the processor that a command takes, its children's counted in."""
    before, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [str(word) for word in words],
        check=more.pop("check", True),
        env=environment,
        capture_output=True,
        **more,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def by_loop(notebook, scratch, *parameters):
    """One client by the two commands a shell loop would run."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    run = [BIN / "papermill", notebook, scratch / "run.ipynb", *parameters]
    page = [BIN / "jupyter", "nbconvert", "--to", "html", scratch / "run.ipynb"]
    one, two = spent(run, cwd=scratch), spent(page, cwd=scratch)
    assert (scratch / "run.html").stat().st_size > 100_000
    return one[0] + two[0], one[1] + two[1]


def by_batch(clients, out, *more, workers=WORKERS):
    """All clients of a folder by one command; per client. A client with trouble in its data is exit 1."""
    count = sum(1 for _ in clients.iterdir())
    words = [sys.executable, "-m", "cape_kit", "batch", clients, "--as-of", "extract", "--out", out, *more]
    clock, cpu = spent([*words, "--workers", str(workers)], check=False)
    made = list(out.glob("*/*/report.html"))
    assert len(made) == count, f"{len(made)} of {count} reports"
    return clock / count, cpu / count


def cells(out):
    """What the forks of the last run cost by the journal: processor seconds each."""
    lines = [json.loads(line) for line in (out / "batch.jsonl").read_text("utf-8").splitlines()]
    return [line["cpu_seconds"] for line in lines if line["event"] == "done"]


def against_loops(scratch, turns, count):
    """The batch against both loops, turn about."""
    clients = scratch / "clients"
    for place in range(count):
        shutil.copytree(SAMPLE, clients / f"client-{place + 1}")
    export = next(SAMPLE.glob("ES-003*.xlsx"))
    found = {"plain loop": [], "own loop": [], "batch": [], "unchanged": []}
    for turn in range(turns):
        out, into = scratch / f"out-{turn}", scratch / "attached"
        into.mkdir(exist_ok=True)
        found["plain loop"].append(by_loop(PLAIN, scratch / "plain", "-p", "file", export))
        found["batch"].append(by_batch(clients, out))
        found["own loop"].append(
            by_loop(
                ROOT / "notebooks" / "client_report.ipynb",
                scratch / "own",
                *("-p", "client", SAMPLE, "-p", "as_of", "2026-05-05", "-p", "into", into),
            )
        )
        found["unchanged"].append(by_batch(clients, out))
        forks = cells(out)
    middle = {
        name: [statistics.median(column) for column in zip(*all_, strict=True)]
        for name, all_ in found.items()
    }
    print(f"{count} clients of 236 entries, {turns} turns, per client (clock s, processor s)")
    for name, (clock, cpu) in middle.items():
        print(f"  {name:<11} {clock:7.2f} {cpu:7.2f}")
    ratios = {name: [a / b for a, b in zip(middle[name], middle["batch"], strict=True)] for name in middle}
    for name in ("plain loop", "own loop"):
        print(
            f"  → {name} / batch: {ratios[name][0]:.1f} by the clock, {ratios[name][1]:.1f} of the processor"
        )
    share = statistics.mean(forks) / WORKERS
    print(f"  → the clock stands {middle['batch'][0] / share:.2f} times the forks' processor time per core")
    return [] if ratios["plain loop"][0] >= 8 else ["under 8 times the plain loop"]


def flat(scratch, many):
    """Cost per client of batches of many small clients against that of a few, and of the same unchanged."""
    from tests.rendering import small

    per = {}
    few, *more = sorted({4, *many})
    for count in (few, *more):
        clients = small.write(scratch / f"small-{count}", [f"client {place:04d}" for place in range(count)])
        out = scratch / f"out-small-{count}"
        _, cpu = by_batch(clients, out)
        forks = statistics.median(cells(out))
        _, again = by_batch(clients, out)
        per[count] = forks, again
        print(
            f"{count} clients of 12 entries: {cpu:.2f} processor s each, in the fork {forks:.2f}; unchanged {again:.3f}"
        )
    missed = []
    for count in more:
        made, unchanged = (per[count][at] / per[few][at] for at in (0, 1))
        print(
            f"  → of {count} against of {few}: {made:.2f} times in the fork, unchanged {unchanged:.2f} times"
        )
        missed += (
            [f"cost per client grows with their number: {count}"] if max(made, unchanged) >= GROWS else []
        )
    return missed


def main():
    """Both comparisons."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--clients", type=int, default=3)
    parser.add_argument("--many", type=int, nargs="*", default=[12], help="batches of so many small clients")
    parser.add_argument("--limits", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        missed = against_loops(Path(name), given.turns, given.clients) if given.turns else []
        missed += flat(Path(name), given.many) if given.many else []
    for sentence in missed:
        print("MISSED:", sentence)
    return 1 if missed and given.limits else 0


if __name__ == "__main__":
    sys.exit(main())
