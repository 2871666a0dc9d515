"""Declarations and reconciliation at scale; exits 1 above the limit.

Run: python -m tests.benchmarks.bench_filing
Building declarations of 50,000 entries beside all that writing them takes; reconciling many clients at once
held against one by one.
"""

import sys
import tempfile
import time
from pathlib import Path

from cape_kit.filing import declaration
from tests.filing import stories
from tests.filing.world import assessed

ENTRIES, CLIENTS = 50_000, 400
#: A reconciliation of many clients at once may cost this much of one by one.
SHARE_LIMIT = 0.5


def seconds(work):
    """How long a call takes, and what it gives."""
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def declarations():
    """Building, checking, writing and reading back against building alone."""
    found = assessed(*({} for _ in range(ENTRIES)))
    building, parts = seconds(lambda: declaration.build(found))
    with tempfile.TemporaryDirectory() as folder:
        whole, paths = seconds(lambda: declaration.write_all(found, Path(folder)))
    print(
        f"declare: {ENTRIES:,} entries, {len(paths)} files; built in {building:.2f} s, all in {whole:.2f} s"
    )
    return len(parts) == len(paths)


def reconciliations():
    """Many clients in one call against each by itself."""
    told = [stories.told(seed) for seed in range(20)]
    alone, _ = seconds(lambda: [stories.reconciled(*one) for one in told])
    made, happened = stories.together(range(CLIENTS))
    together, found = seconds(lambda: stories.reconciled(made, happened))
    share = (together / CLIENTS) / (alone / len(told))
    print(
        f"reconcile: {CLIENTS} clients, {len(found.entries):,} entries, {len(found.payments):,} payments in "
        f"{together:.2f} s; a client alone {1000 * alone / len(told):.0f} ms; share {share:.2f}"
    )
    return share <= SHARE_LIMIT


def main():
    """Print both; the exit code says whether the limits hold."""
    return 0 if declarations() & reconciliations() else 1


if __name__ == "__main__":
    sys.exit(main())
