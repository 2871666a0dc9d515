"""A large client from files to figures: processor seconds and peak memory, and whether they grow in step.

    python tests/benchmarks/bench_client.py                         50,000, 100,000 and 200,000 lines
    python tests/benchmarks/bench_client.py --lines 10000 100000 1000000 3000000 --clean
    python tests/benchmarks/bench_client.py --against ../before     the same of another tree, turn by turn
    python tests/benchmarks/bench_client.py --facts 10000           what facts stated by hand cost, each

A messy client has two extracts that differ: a later one of every line, and an earlier one of the first quarter
whose amounts are others, so that every entry in both is a dispute to be settled; a clean one (--clean) has the
later one alone. Measured: `cape_kit.open`, `assess` and the figures of every entry, each turn in a process of its
own. Left out: making the files, starting Python, the sentences, tables, charts and files of a report. What ten
million lines would take is drawn on in a straight line from the two largest, and said to be. Exit 1 where a further
line between the two largest costs over TOLERANCE times one between the two smallest, in seconds or in memory:
then something grows faster than the client; and where a fact costs over FACT_LIMIT.
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
#: What a fact stated by hand may cost. [processor seconds]
FACT_LIMIT = 0.0005
TARGET = 10_000_000
# The peak of this program alone: what `getrusage` gives is never below that of the process that started it, which has
# made the files.
TURN = """
import sys, time
sys.path.insert(0, sys.argv[1])
import cape_kit
begun = time.process_time()
portfolio = cape_kit.open(sys.argv[2])
opened = time.process_time()
found = cape_kit.assess(portfolio, as_of="2026-05-05")
found.figures
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(opened - begun, time.process_time() - opened, peak / 1024, len(found.figures))
"""


def make(folder, lines, *, clean):
    """The client's folder with its extracts."""
    from tests.benchmarks import bench_reading

    folder.mkdir(parents=True)
    (folder / "client.toml").write_text('name = "Large"\nextracted_on = 2026-05-05\n', "utf-8")
    bench_reading.write_csv(folder / "later.csv", lines)
    if not clean:
        bench_reading.write_csv(folder / "earlier.csv", lines // 4)


def turn(tree, folder):
    """Processor seconds to open and to assess, peak megabytes and entries of one run in a tree."""
    told = subprocess.run(
        [sys.executable, "-c", TURN, str(tree), str(folder)],
        cwd=tree,
        capture_output=True,
        text=True,
        check=True,
    )
    # An older tree may draw the engine's bar in front of the figures.
    opening, deciding, peak, entries = map(float, told.stdout.split()[-4:])
    return opening, deciding, peak, int(entries)


def middle(rows):
    """The median of each column."""
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def sizes(place, asked, trees):
    """Lines, seconds and memory of each size, printed as they come; of the other tree too, if there is one."""
    costs = {name: [] for name in trees}
    for lines in sorted(asked.lines):
        folder = Path(place, str(lines))
        make(folder, lines, clean=asked.clean)
        taken = {name: [] for name in trees}
        for _ in range(asked.rounds):
            for name, tree in trees.items():
                taken[name].append(turn(tree, folder))
        for file in folder.glob("*.csv"):
            file.unlink()
        for name, rows in taken.items():
            opening, deciding, peak, entries = middle(rows)
            costs[name].append((lines, opening + deciding, peak))
            print(
                f"{name:>6} {lines:>10,} lines, {int(entries):>9,} entries: open {opening:7.2f} s, assess "
                f"{deciding:7.2f} s, peak {peak:6,.0f} MB",
                flush=True,
            )
    return costs


def drawn_on(costs):
    """Seconds and megabytes of TARGET lines, on a straight line through the two largest sizes."""
    (fewer, seconds, peak), (more, longer, higher) = costs[-2:]
    ahead = (TARGET - more) / (more - fewer)
    return longer + (longer - seconds) * ahead, higher + (higher - peak) * ahead


def growth(costs):
    """How much a further line of the largest costs of one of the smallest: seconds, memory."""
    found = []
    for at in (1, 2):
        small, large = ((b[at] - a[at]) / (b[0] - a[0]) for a, b in (costs[:2], costs[-2:]))
        found.append(large / small)
    return found


def facts(place, count):
    """Processor seconds a fact in facts.csv costs when the client is opened."""
    from tests.numbers import numbered

    lines = 6 * count
    bare, stated = Path(place, "bare"), Path(place, "stated")
    for folder in (bare, stated):
        make(folder, lines, clean=True)
    rows = [f"{numbered('B76', at)},drawback_flag,no,by hand" for at in range(count)]
    (stated / "facts.csv").write_text("\n".join(["entry_number,fact,value,note", *rows]) + "\n", "utf-8")
    runs = [(turn(ROOT, bare)[0], turn(ROOT, stated)[0]) for _ in range(3)]
    without, with_ = middle(runs)
    each = (with_ - without) / count
    print(f"{count:,} facts: open {with_:.2f} s, without {without:.2f} s: {each * 1e6:.0f} µs a fact")
    return [] if each <= FACT_LIMIT else [f"a fact costs {each * 1e3:.2f} ms"]


def main(arguments=None):
    """Print the table; the exit code says whether the costs grow in step."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, nargs="*", default=[50_000, 100_000, 200_000])
    parser.add_argument("--clean", action="store_true", help="one extract, nothing to be settled")
    parser.add_argument("--against", type=Path, help="another checkout of the kit, measured in turns")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--facts", type=int, default=2_000)
    asked = parser.parse_args(arguments)
    trees = {"this": ROOT} | ({"other": asked.against.resolve()} if asked.against else {})
    missed = []
    with tempfile.TemporaryDirectory() as place:
        costs = sizes(place, asked, trees)
        missed += facts(place, asked.facts) if asked.facts else []
    if len(asked.lines) > 1:
        ends = {name: drawn_on(one) for name, one in costs.items()}
        for name, (seconds, peak) in ends.items():
            print(f"  {name}: {TARGET:,} lines, drawn on in a straight line: {seconds:.0f} s, {peak:,.0f} MB")
        if "other" in ends:
            shares = [a / b for a, b in zip(ends["this"], ends["other"], strict=True)]
            print(f"  of the other tree: {shares[0]:.0%} of its time, {shares[1]:.0%} of its memory")
    if len(asked.lines) > 2:
        dearer = dict(zip(("seconds", "memory"), growth(costs["this"]), strict=True))
        told = ", ".join(f"{ratio:.2f}x in {name}" for name, ratio in dearer.items())
        print(f"  a further line of the largest costs of one of the smallest: {told} (limit {TOLERANCE}x)")
        missed += [
            f"{name} grow faster than the client" for name, ratio in dearer.items() if ratio > TOLERANCE
        ]
    for sentence in missed:
        print("MISSED:", sentence)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
