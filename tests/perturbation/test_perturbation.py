"""Some hundreds of changed folders; ``make perturb`` tries tens of thousands."""

import pytest

from tests import effort
from tests.perturbation.cases import Case, cases, round_of
from tests.perturbation.running import run
from tests.perturbation.truths import CLIENTS


def chosen():
    """Every kind on every client it can change, and every file; a deep run takes what comes, many times more."""
    if effort.DEEP:
        return [case.id for case in cases(240, seed=1)]
    found, done = [], set()
    for case in round_of(1):
        new = {(case.kind, case.client), (case.client, case.file)} - done
        if new and case.changed():
            found.append(case.id)
            done |= new
    return found


CASES = chosen()


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
