"""For all tests: the long files first, and the committed samples opened once where opening is not what is tested."""

import gc
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from cape_kit.entries import portfolio
from cape_kit.law import book
from tests import effort, samples

#: The files that take longest, the longest first. Begun last, one of them would keep one processor waiting.
LONG = (
    "rendering",
    "assessment/test_scenarios.py",
    "browser",
    "test_docs.py",
    "perturbation/test_perturbation.py",
    "views/test_what_if_panel.py",
    "trials",
    "test_door.py",
    "test_network.py",
    "entries/test_any_file.py",
    "entries/test_workbooks.py",
    "entries/paper",
    "filing",
    "test_wheel.py",
    "fuzz",
    "test_cli.py",
    "test_notebooks.py",
    "assessment",
    "entries/test_mangling.py",
)
#: The files here that look at the one real report, made once in a worker: they all go to the same one.
ONE_REPORT = (
    "browser",
    "layout",
    "pages",
    "pdf",
    "redacted",
    "report",
    "sample_reports",
    "summary",
    "verifying",
)
TOGETHER = {f"tests/rendering/test_{name}.py": "tests/rendering" for name in ONE_REPORT}


def pytest_configure(config):
    """The usual run holds text as a forked report does, as Python's own: on small files that takes a quarter less.

    What is said is the same either way; tests/rendering/test_text_storage.py holds it. A deep run, every command in
    a process of its own and the notebooks hold text as pandas does by itself.
    """
    if not effort.DEEP:
        held = ExitStack()
        held.enter_context(pd.option_context("mode.string_storage", "python"))
        config.add_cleanup(held.close)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With ``--dist loadfile``: a worker for each file, but one for all files that share what is dear to make."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class FilesTogether(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return TOGETHER.get(file, file)

    return FilesTogether(config, log)


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


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What all tests stand on is there until the end: no use looking through it for garbage again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture
def samples_at_hand(monkeypatch):
    """Commands find the committed samples opened: for tests of what is said of them, not of how they are read."""
    opened, known = portfolio.open_client, {path: name for name, path in samples.shipped().items()}

    def at_hand(folder, law):
        folder = Path(folder)
        name = known.get(folder.resolve())
        if name and law is book.load():
            return samples.opened(name)
        if folder.name in known.values() and folder.is_dir() and law is book.load():
            sample = samples.opened(folder.name)
            if portfolio.fingerprint(folder) == sample.fingerprint:  # a copy to which nothing was done yet
                return replace(sample, client=replace(sample.client, folder=folder))
        return opened(folder, law)

    monkeypatch.setattr(portfolio, "open_client", at_hand)
