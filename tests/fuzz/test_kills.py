"""Two kills with every test run; ``make kills`` makes hundreds, of every command that writes."""

import sys

import pytest

from tests.fuzz import kills


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_recording_that_is_killed_is_there_once_or_not_at_all():
    chosen = [one for one in kills.COMMANDS if one.name == "filed"]
    assert kills.many(chosen, 2, 4, loaded=False) == {}
