"""For all tests: the long files first, and the committed samples opened once where opening is not what is tested."""

from pathlib import Path

import pytest

from cape_kit.entries import portfolio
from cape_kit.law import book
from tests import samples

#: The files that take longest, the longest first. Begun last, one of them would keep one processor waiting.
LONG = (
    "perturbation/test_perturbation.py",
    "browser/test_what_if.py",
    "views/test_what_if_panel.py",
    "rendering",
    "test_docs.py",
    "test_wheel.py",
    "test_door.py",
    "trials",
    "filing/test_commands.py",
    "fuzz",
    "test_cli.py",
    "assessment",
    "entries/test_mangling.py",
)


def pytest_collection_modifyitems(items):
    """Whole files go to one worker, in this order; within a file, and among the others, nothing changes."""
    root = Path(__file__).parent

    def rank(item):
        try:
            name = item.path.relative_to(root).as_posix()
        except ValueError:
            return len(LONG)
        return next((place for place, start in enumerate(LONG) if name.startswith(start)), len(LONG))

    items.sort(key=rank)


@pytest.fixture
def samples_at_hand(monkeypatch):
    """Commands find the committed samples opened: for tests of what is said of them, not of how they are read."""
    opened, known = portfolio.open_client, {path: name for name, path in samples.shipped().items()}

    def at_hand(folder, law):
        name = known.get(Path(folder).resolve())
        return samples.opened(name) if name and law is book.load() else opened(folder, law)

    monkeypatch.setattr(portfolio, "open_client", at_hand)
