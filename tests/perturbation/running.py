"""A case from files to failures: written into a folder of its own, read and decided by the kit, checked."""

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cape_kit
from cape_kit.errors import CapeError
from tests.perturbation import checker, tables, truths
from tests.perturbation.cases import Case
from tests.perturbation.checker import Failure, Seen


@dataclass(frozen=True)
class Outcome:
    """A case and all that went wrong in it."""

    case: Case
    failures: tuple[Failure, ...]

    def __str__(self):
        lines = [f"{self.case.id}: {len(self.failures)} wrong answers", *map(str, self.failures[:12])]
        more = len(self.failures) - 12
        lines += [f"… and {more} more"] if more > 0 else []
        return "\n".join([*lines, f"again: python -m tests.perturbation --case '{self.case.id}'"])


def run(case: Case) -> Outcome:
    """The case run; a refusal of the whole folder in words is an answer, a crash is not."""
    changed = case.changed()
    try:
        return Outcome(case, tuple(_failures(case, changed)))
    except CapeError as refused:
        named = all(table.name in str(refused) or len(changed) == 1 for table in changed[:1])
        return Outcome(case, () if named else (_crash("refused", str(refused)),))
    except Exception as crash:
        return Outcome(case, (_crash("crash", f"{type(crash).__name__}: {crash}"),))


def _crash(check, said):
    return Failure(check, "", "", "an answer, or words that name the file", said.splitlines()[0][:300])


def _failures(case, changed) -> Iterable[Failure]:
    unchanged = case.kind == "none"
    portfolio, answers = _unchanged(case.client, case.seed) if unchanged else (opened(case, changed), {})
    seen = Seen(changed, portfolio, *_usual(case.client, case.seed))
    yield from checker.of_files(seen)
    yield from checker.of_money(seen)
    for day in truths.DAYS:
        truth = {number: one for number, one in truths.on(case.client, day).items() if number in _held(case)}
        answer = answers.get(day) or cape_kit.assess(portfolio, as_of=day)
        yield from checker.of_entries(seen, answer, day, truth)


@cache
def _held(case: Case):
    """The entries whose rows the unchanged files hold under a readable number."""
    files = Case(case.client, case.seed, "none").changed()
    return frozenset(row.entry for table in files for row in table.rows) - {""}


def opened(case, files):
    """The files written into a folder with the client's own words, and read by the kit."""
    with tempfile.TemporaryDirectory(prefix="perturbed-") as folder:
        place = Path(folder) / case.client
        place.mkdir()
        _own_words(case, place)
        tables.write(files, place)
        return cape_kit.open(place)


def _own_words(case, place):
    source = tables.SAMPLES / case.client
    shutil.copy(source / "client.toml", place)
    head, *facts = (source / "facts.csv").read_text("utf-8").splitlines()
    kept = [line for line in facts if line.split(",")[0] in case.entries()]
    (place / "facts.csv").write_text("\n".join([head, *kept, ""]), "utf-8")


@cache
def _unchanged(client, seed):
    """The unchanged files read, and what the kit answers for them by day."""
    case = Case(client, seed, "none")
    portfolio = opened(case, case.changed())
    return portfolio, {day: cape_kit.assess(portfolio, as_of=day) for day in truths.DAYS}


@cache
def _usual(client, seed):
    """What is said of the unchanged files: their caveats by day, their problems."""
    portfolio, answers = _unchanged(client, seed)
    found = {day: answer.caveats for day, answer in answers.items()}
    caveats = {day: set(zip(c["code"], c["entries"], strict=True)) for day, c in found.items()}
    return caveats, checker.problem_counts(portfolio.problems)
