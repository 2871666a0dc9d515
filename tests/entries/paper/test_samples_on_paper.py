"""`cape-kit sample --paper`: the generator's clients on paper give the duty their truth has, to the cent."""

import json

from click.testing import CliRunner

import cape_kit
from cape_kit.cli.lab import sample


def test_the_clients_on_paper_have_the_duty_of_their_truth(tmp_path):
    asked = [str(tmp_path), "--clients", "1", "--entries", "60", "--seed", "7", "--paper", "tidewater"]
    done = CliRunner().invoke(sample, asked)
    assert done.exit_code == 0, done.output
    (paper,) = tmp_path.glob("*-paper")
    digital = tmp_path / paper.name.removesuffix("-paper")
    truth = json.loads((digital / "truth" / "truth.json").read_text("utf-8"))
    found = cape_kit.assess(cape_kit.open(paper), as_of="2026-05-05")
    assert len(found.table) == len(truth["entries"])
    assert found.caveats.set_index("code").loc["paper", "entries"] > 50
    assert int(found.money["principal_cents"].sum()) == truth["true_refund"]


def test_a_layout_nobody_knows_is_refused(tmp_path):
    done = CliRunner().invoke(
        sample, [str(tmp_path), "--clients", "1", "--entries", "60", "--paper", "napkin"]
    )
    assert "napkin" in str(done.exception) and "official" in str(done.exception)
