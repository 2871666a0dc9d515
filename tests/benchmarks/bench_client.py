"""A large messy client from files to figures: processor seconds and peak memory, and whether they grow in step.

    python tests/benchmarks/bench_client.py                         50,000, 100,000 and 200,000 lines
    python tests/benchmarks/bench_client.py --lines 10000 100000 1000000 10000000
    python tests/benchmarks/bench_client.py --against ../before     the same of another tree, turn by turn

The client has two extracts that differ: a later one of every line, and an earlier one of the first quarter whose
amounts are others, so that every entry in both is a dispute to be settled. Measured: `cape_kit.open`, `assess` and
the figures of every entry, each turn in a process of its own. Left out: making the files, starting Python, the
sentences, tables, charts and files of a report. Exit 1 where a further line between the two largest costs over
TOLERANCE times one between the two smallest: then something grows faster than the client.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

#: How much dearer a further line of a large client may be than one of a small; what grows by the square doubles it.
TOLERANCE = 1.5
TURN = """
import resource, sys, time
sys.path.insert(0, sys.argv[1])
import cape_kit
begun = time.process_time()
found = cape_kit.assess(cape_kit.open(sys.argv[2]), as_of="2026-05-05")
found.figures
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(time.process_time() - begun, peak / 1024, len(found.figures))
"""


def make(folder, lines):
    """The client's folder with both extracts."""
    from tests.benchmarks import bench_reading

    folder.mkdir(parents=True)
    (folder / "client.toml").write_text('name = "Large"\nextracted_on = 2026-05-05\n', "utf-8")
    bench_reading.write_csv(folder / "later.csv", lines)
    bench_reading.write_csv(folder / "earlier.csv", lines // 4)


def turn(tree, folder):
    """Processor seconds, peak megabytes and entries of one run in a tree."""
    told = subprocess.run(
        [sys.executable, "-c", TURN, str(tree), str(folder)],
        cwd=tree,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, peak, entries = map(float, told.stdout.split())
    return seconds, peak, int(entries)


def main(arguments=None):
    """Print the table; the exit code says whether the costs grow in step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[50_000, 100_000, 200_000])
    parser.add_argument("--against", type=Path, help="another checkout of the kit, measured in turns")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args(arguments)
    trees = {"this": ROOT} | ({"other": asked.against.resolve()} if asked.against else {})
    costs = []
    with tempfile.TemporaryDirectory() as place:
        for lines in sorted(asked.lines):
            folder = Path(place, str(lines))
            make(folder, lines)
            taken = {name: [] for name in trees}
            for _ in range(asked.rounds):
                for name, tree in trees.items():
                    taken[name].append(turn(tree, folder))
            middle = {name: [statistics.median(row[at] for row in rows) for at in (0, 1)]
                      for name, rows in taken.items()}  # fmt: skip
            seconds, peak = middle["this"]
            costs.append((lines, seconds))
            told = (
                f"{lines:>10,} lines, {taken['this'][0][2]:>9,} entries: {seconds:>7.2f} s, {peak:>6,.0f} MB"
            )
            if "other" in middle:
                before, more = middle["other"]
                told += f"; the other tree {before:.2f} s, {more:,.0f} MB: {seconds / before:.2f}x, {peak / more:.2f}x"
            print(told, flush=True)
    if len(costs) < 3:
        return 0
    small, large = ((b[1] - a[1]) / (b[0] - a[0]) for a, b in (costs[:2], costs[-2:]))
    growth = large / small
    print(f"  a further line of the largest costs {growth:.2f}x one of the smallest (limit {TOLERANCE}x)")
    return 0 if growth <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
