"""The client that has been through it all: made afresh it is the committed one, and its truth adds up."""

import json
from pathlib import Path

from click.testing import CliRunner

from cape_kit.cli.lab import sample as command
from tests.sample.test_generation import contents, files_of

COMMITTED = Path(__file__).parents[2] / "data" / "sample-after"


def test_the_committed_client_is_a_fresh_generation(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, [str(tmp_path), "--after-filing"])
    assert done.exit_code == 0
    made, kept = files_of(tmp_path), files_of(COMMITTED)
    assert sorted(made) == sorted(kept)
    for name in made:
        assert contents(name, made[name]) == contents(name, kept[name]), name
    assert sum(map(len, kept.values())) < 400_000


def test_every_fate_occurs() -> None:
    truth = json.loads((COMMITTED / "quarry-and-pine" / "truth" / "truth.json").read_text("utf-8"))
    outcomes = {entry["outcome"] for entry in truth["entries"]}
    assert outcomes == {
        *("paid", "short", "over", "diverted", "returned", "reissued", "rejected", "sent"),
        *("within", "overdue", "unexpected"),
    }
    assert truth["pooled"] and truth["unmatched"] and truth["refused"] and truth["cured"]
