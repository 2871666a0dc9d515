"""How exactly and how fast entry summaries on paper are read.

    python tests/benchmarks/bench_paper.py            small: 120 entries, 40 spoilt prints
    python tests/benchmarks/bench_paper.py --full     2,000 entries, 200 spoilt prints and 150 more
    python tests/benchmarks/bench_paper.py --limits   fail (exit 1) when a mark is missed

Right of printed: an entry that ties out must be right in every number, amount and fact; at least 99 of 100
clean prints must tie out. Spoilt prints (columns shifted, a line clipped, a page missing, numbers run
together; further kinds beyond the promise) must never give wrong dollars in silence. Speed is in processor
seconds, the reading process and its start counted in. pdfplumber, where installed, reads the same pages.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

PDFPLUMBER = """
import pdfplumber, sys
with pdfplumber.open(sys.argv[1]) as document:
    for page in document.pages:
        for word in page.extract_words(x_tolerance=1.5, y_tolerance=1):
            print(page.page_number, word["text"], word["x0"], word["x1"], sep="\\t")
        page.close()
"""


def busy():
    """Processor seconds of this process and of those it started."""
    mine, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


def layouts(scratch, count):
    """Right of printed, and pages a second, by layout: one file of all entries, then a file each of some."""
    from cape_kit.sample import paper
    from tests.entries.paper import prints

    made = prints.entries(count)
    total, missed = Counter(), []
    print(f"clean prints, {count:,} entries over {len(prints.LAYOUTS)} layouts")
    for place, layout in enumerate(prints.LAYOUTS):
        mine = made[place :: len(prints.LAYOUTS)]
        path = scratch / f"{layout}.pdf"
        pages = paper.write(path, mine, layout)
        began = busy()
        found = prints.judged(path, {entry.number: paper.truth(entry) for entry in mine})
        speed = pages / (busy() - began)
        total += found
        others = ", ".join(f"{kind} {number}" for kind, number in (+found).items() if kind != "right")
        print(
            f"  {layout:<10} {found['right']:>5} of {len(mine):>5} right, {pages:>5} pages, "
            f"{speed:.0f} a processor second {others}"
        )
    single = [paper.files(scratch / "each", made[:20], "official")][0]
    began = busy()
    for file in single:
        prints.judged(scratch / "each" / file["file"], {})
    print(f"  a file each: {(busy() - began) / len(single) * 1000:.0f} processor ms a file of one page")
    wrong = total["wrong dollars"] + total["wrong fact"] + total["strange"]
    if wrong:
        missed.append(f"{wrong} entries tie out and are wrong")
    if total["right"] < 0.99 * count:
        missed.append(f"{total['right']} of {count} right")
    return missed


def spoilt(scratch, count, more):
    """What becomes of prints with one thing wrong; `more`: of kinds beyond the promised ones."""
    from cape_kit.sample import paper
    from tests.entries.paper import prints

    made = prints.entries(200)
    missed = []
    for title, kinds, seeds in (
        ("spoilt prints, as promised", prints.PROMISED, range(count)),
        ("further kinds", prints.SPOILS[len(prints.PROMISED) :], range(more)),
    ):
        total = {}
        for seed in seeds:
            layout = prints.LAYOUTS[seed // len(kinds) % len(prints.LAYOUTS)]
            some, pages, how = prints.spoiled(made, layout, seed, kinds)
            if not pages:
                continue
            paper.draw(scratch / "spoilt.pdf", pages, paper.layouts()[layout])
            truths = {entry.number: paper.truth(entry) for entry in some}
            total.setdefault(how, Counter()).update(prints.judged(scratch / "spoilt.pdf", truths))
        print(f"{title}, {len(seeds)} files of three entries")
        for how, found in total.items():
            print(
                f"  {how:<14} " + ", ".join(f"{kind} {number}" for kind, number in sorted((+found).items()))
            )
        wrong = sum(found["wrong dollars"] + found["strange"] for found in total.values())
        print(f"  → wrong dollars in silence: {wrong}")
        if wrong and kinds is prints.PROMISED:
            missed.append(f"{wrong} entries with wrong dollars in silence")
    return missed


def libraries(scratch):
    """The same pages read by both libraries, each in a process of its own: seconds, memory, places."""
    from cape_kit.entries.readers.paper import words
    from cape_kit.sample import paper
    from tests.entries.paper import prints

    path = scratch / "all.pdf"
    pages = paper.write(path, prints.entries(80), "tidewater")
    print(f"libraries, {pages} pages")
    limits = [0, words.MAX_PAGES, words.MAX_LETTERS, words.MAX_MEMORY, words.SECONDS_A_PAGE]
    ways = {"pypdfium2": [str(words._PROCESS), str(path), *map(str, limits)]}
    try:
        import pdfplumber  # noqa: F401

        (scratch / "plumb.py").write_text(PDFPLUMBER, encoding="utf-8")
        ways["pdfplumber"] = [str(scratch / "plumb.py"), str(path)]
    except ImportError:
        print("  pdfplumber is not installed: not compared")
    seconds = {}
    for name, command in ways.items():
        for turn in range(2):
            began = busy()
            clock = time.perf_counter()
            measured = subprocess.run(
                [sys.executable, "-c", _MEASURED, *command], check=True, capture_output=True, text=True
            )
            spent = (busy() - began, time.perf_counter() - clock)
            seconds[name] = min(seconds.get(name, spent), spent)
            if turn:
                peak = float(measured.stderr.split()[-1])
                print(f"  {name:<11} {pages / seconds[name][0]:6.0f} pages a second, peak {peak:.0f} MB")
    if len(seconds) == 2:
        print(f"  → pypdfium2 is {seconds['pdfplumber'][0] / seconds['pypdfium2'][0]:.1f} times faster")
        _places(path, scratch)
    return []


_MEASURED = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-P", *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, file=sys.stderr)
"""


def _places(path, scratch):
    """How far apart the two put the same words."""
    from cape_kit.entries.readers.paper import words

    said = subprocess.run(
        [sys.executable, str(scratch / "plumb.py"), str(path)], check=True, capture_output=True, text=True
    ).stdout
    rows = (line.split("\t") for line in said.splitlines())
    theirs = sorted((int(page), text, float(left), float(right)) for page, text, left, right in rows)
    mine = sorted(
        (page.number, word.text, word.left, word.right)
        for page in words.pages(path, where=path.name)
        for word in page.words
    )
    if [word[:2] for word in mine] != [word[:2] for word in theirs]:
        print(f"  words differ: {len(mine)} and {len(theirs)}")
        return
    apart = max(max(abs(a[2] - b[2]), abs(a[3] - b[3])) for a, b in zip(mine, theirs, strict=True))
    print(f"  the same {len(mine):,} words, at most {apart:.2f} points apart")


def main():
    """Print, read, spoil, compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--limits", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        missed = [
            *layouts(scratch, 2_000 if given.full else 120),
            *spoilt(scratch, *((200, 150) if given.full else (40, 18))),
            *libraries(scratch),
        ]
    for sentence in missed:
        print("MISSED:", sentence)
    return 1 if missed and given.limits else 0


if __name__ == "__main__":
    sys.exit(main())
