"""client.toml written by a form: what is said is put in, all else stays, and nothing unreadable is written."""

import tomllib
from datetime import date

import pytest

from cape_kit.entries import client, client_form
from cape_kit.errors import BadClient

TOML = """# ours since 2019
name = "Acme"  # the client

[[importer]]
number = "12-345678900"  # EIN
name = "Acme Inc"
plaintiff = true

[[importer]]
number = "98-765432100"

[brand]
firm = "Northgate"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "client.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


def test_what_is_said_is_put_in_and_comments_and_other_settings_stay(folder):
    wanted = {
        "extracted_on": date(2026, 5, 5),
        "importer": [
            {"number": "12-345678900", "name": "Acme Inc", "ach_refund_enrolled": True, "notify_party": None},
            {"number": "98-765432100"},
        ],
        "broker": [{"filer_code": "K12", "name": "Northgate", "data_received": True}],
        "assertions": {"no_protests": True, "no_drawback_claims": None},
    }
    client_form.save(folder, wanted)
    text = (folder / "client.toml").read_text("utf-8")
    for kept in (
        "# ours since 2019",
        "# the client",
        "# EIN",
        "plaintiff = true",
        '[brand]\nfirm = "Northgate"',
    ):
        assert kept in text
    read = client.load(folder)
    assert read.extracted_on == date(2026, 5, 5)
    assert [one.number for one in read.importers] == ["12-345678900", "98-765432100"]
    assert read.importers[0].ach_refund_enrolled is True
    assert read.importers[0].ace_subaccount is None
    assert [one.filer_code for one in read.brokers] == ["K12"]
    assert read.assertions == {"no_protests": True}


def test_the_same_again_changes_nothing_and_changes_are_shown_before(folder):
    wanted = {"name": "Acme", "importer": [dict(one) for one in tomllib.loads(TOML)["importer"]]}
    assert client_form.changes(folder, wanted) == []
    assert client_form.changes(folder, {"name": "Acme Ltd"}) == [
        '-name = "Acme"  # the client',
        '+name = "Acme Ltd"  # the client',
    ]
    assert (folder / "client.toml").read_text("utf-8") == TOML


def test_what_says_nothing_goes_and_an_importer_not_named_any_more_goes(folder):
    client_form.save(folder, {"importer": [{"number": "12-345678900", "name": ""}]})
    (only,) = client.load(folder).importers
    assert (only.number, only.name, only.plaintiff) == ("12-345678900", None, True)


def test_a_file_is_made_where_there_is_none(tmp_path):
    client_form.save(
        tmp_path, {"name": "New", "statement": "monthly", "importer": [], "assertions": {"no_protests": None}}
    )
    assert (tmp_path / "client.toml").read_text("utf-8") == 'name = "New"\nstatement = "monthly"\n'


@pytest.mark.parametrize(
    ("wanted", "named"),
    [({"name": None}, "name is missing"), ({"broker": [{"filer_code": "K"}]}, "filer_code 'K'")],
)
def test_nothing_is_written_that_could_not_be_read_again(folder, wanted, named):
    with pytest.raises(BadClient, match=named):
        client_form.save(folder, wanted)
    assert (folder / "client.toml").read_text("utf-8") == TOML
    assert [path.name for path in folder.iterdir()] == ["client.toml"]


def test_a_list_in_brackets_is_left_to_a_person(tmp_path):
    text = 'name = "Acme"\nimporter = [{ number = "12-345678900", plaintiff = true }]\n'
    (tmp_path / "client.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadClient, match=r"write \[\[importer\]\] above each one"):
        client_form.save(tmp_path, {"importer": [{"number": "12-345678900", "name": "Acme Inc"}]})
    assert (tmp_path / "client.toml").read_text(encoding="utf-8") == text


def test_a_broken_file_is_never_written_over(tmp_path):
    (tmp_path / "client.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(BadClient, match="correct it by hand"):
        client_form.save(tmp_path, {"name": "X"})
    assert (tmp_path / "client.toml").read_text("utf-8") == "name = "
