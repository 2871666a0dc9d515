"""The sample clients, opened and assessed once in a process for all tests that only look at them.

Nothing of it may be changed: who needs another client copies the folder, or replaces a part of the frozen object.
"""

from datetime import date
from functools import cache

import cape_kit
from cape_kit.entries.portfolio import open_client
from cape_kit.law import book
from cape_kit.sample import shipped
from tests.test_house import ROOT

__all__ = ["CLIENTS", "DAY", "SAMPLES", "assessed", "opened", "shipped"]

SAMPLES = ROOT / "data" / "sample"
CLIENTS = sorted(path.parent.name for path in SAMPLES.glob("*/client.toml"))
#: The day of the samples' exports.
DAY = date(2026, 5, 5)


@cache
def opened(client):
    """A shipped client's portfolio."""
    return open_client(shipped()[client], book.load())


@cache
def assessed(client, day=DAY):
    """A shipped client's assessment on a day."""
    return cape_kit.assess(opened(client), as_of=day)
