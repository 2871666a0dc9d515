"""Some dozens of changed folders; ``make deep`` tries hundreds, ``make perturb`` tens of thousands."""

from pathlib import Path

import pytest

from tests import effort
from tests.perturbation.cases import Case, cases, round_of
from tests.perturbation.running import run
from tests.perturbation.truths import CLIENTS


def chosen():
    """Every kind on a client, the clients in turn, and every file; a deep run takes what comes, many times more."""
    if effort.DEEP:
        return [case.id for case in cases(240, seed=1)]
    able = [case for case in round_of(1) if case.kind != "none"]
    found = []
    for turn, kind in enumerate(dict.fromkeys(case.kind for case in able)):
        in_turn = [*CLIENTS[turn % len(CLIENTS) :], *CLIENTS]
        mine = [case for client in in_turn for case in able if (case.kind, case.client) == (kind, client)]
        found.append(next(case for case in mine if case.changed()))
    done = {(case.client, case.file) for case in found}
    for case in able:
        if case.file and (case.client, case.file) not in done and case.changed():
            found.append(case)
            done.add((case.client, case.file))
    return [case.id for case in found]


#: What `chosen` chooses for the usual run, written down: to choose, all files are read, by each worker.
USUAL = Path(__file__).parent / "usual.txt"
CASES = chosen() if effort.DEEP else USUAL.read_text("utf-8").splitlines()


def test_the_cases_written_down_are_those_chosen():
    """Where the samples or the kinds change: write `chosen()` into usual.txt, a line each."""
    assert chosen() == CASES


@pytest.mark.parametrize("client", CLIENTS)
def test_files_left_alone_answer_the_truth(client):
    """The checks find nothing wrong where nothing was changed: what they find elsewhere is the change."""
    outcome = run(Case(client, 1, "none"))
    assert not outcome.failures, str(outcome)


def test_a_case_is_made_again_from_its_id():
    for case in round_of(1)[:40]:
        again = Case.from_id(case.id)
        assert again == case and again.changed() == case.changed()


@pytest.mark.parametrize("case", CASES)
def test_nothing_unknown_becomes_no_paid_or_no_hurry(case):
    outcome = run(Case.from_id(case))
    assert not outcome.failures, str(outcome)
