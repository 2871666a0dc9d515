"""What each command costs before it has anything to do: processor seconds of a whole process.

    python tests/benchmarks/bench_commands.py                3 turns of every command on a client of twelve entries
    python tests/benchmarks/bench_commands.py --turns 1 --only help law

The yardsticks are `python -c pass` and importing pandas and DuckDB, which every command that reads files needs: what
a command costs is told as seconds and as a multiple of the second. Turn about, medians, children counted in. Left
out: the disk (files are in the system's cache from the first turn on). Exit 1 where `--help` costs more than HELP
times an empty Python: then something heavy is imported to say what the commands are.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

HELP = 5
DAY = "2026-05-05"


def commands(client, entry, scratch):
    """Every command by a short name, as a person would type it."""
    kit = ["-m", "cape_kit"]
    return {
        "empty": ["-c", "pass"],
        "engines": ["-c", "import duckdb, pandas, pyarrow"],
        "help": [*kit, "--help"],
        "law": [*kit, "law", "--as-of", DAY],
        "inspect": [*kit, "inspect", client],
        "assess": [*kit, "assess", client, "--as-of", DAY],
        "entry": [*kit, "assess", client, "--as-of", DAY, "--entry", entry],
        "declare": [*kit, "declare", client, "--as-of", DAY, "--out", scratch / "declared"],
        "protest": [*kit, "protest", client, "--as-of", DAY, "--out", scratch / "protests"],
        "reconcile": [*kit, "reconcile", client, "--as-of", DAY],
    }


def spent(words):
    """Processor seconds of a command and its children, and how it ended."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *map(str, words)], env=environment, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # 1 is trouble in the data, which a client may have; anything above is a command that did not run.
    assert done.returncode in (0, 1), f"{words}: {done.stderr[-2000:]}"
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(arguments=None):
    """Print the table; the exit code says whether `--help` is light."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="some of the commands, by their short names")
    asked = parser.parse_args(arguments)
    import cape_kit
    from tests.rendering import small

    with tempfile.TemporaryDirectory() as place:
        scratch = Path(place)
        (client,) = sorted(small.write(scratch / "clients", ["one"]).iterdir())
        entry = cape_kit.open(client).entries["entry_number"].iloc[0]
        listed = commands(client, entry, scratch)
        wanted = [
            "empty",
            "engines",
            *(asked.only or [name for name in listed if name not in ("empty", "engines")]),
        ]
        taken = {name: [] for name in wanted}
        for _ in range(asked.turns):
            for name in wanted:
                taken[name].append(spent(listed[name]))
    middle = {name: statistics.median(column) for name, column in taken.items()}
    for name, seconds in middle.items():
        print(
            f"  {name:<10} {seconds:6.2f} s   {seconds / middle['engines']:5.2f} times pandas and DuckDB imported"
        )
    if "help" not in middle:
        return 0
    ratio = middle["help"] / middle["empty"]
    print(f"  → --help costs {ratio:.1f} times an empty Python (at most {HELP})")
    return 0 if ratio <= HELP else 1


if __name__ == "__main__":
    sys.exit(main())
