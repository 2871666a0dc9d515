"""client.toml: what it may say, and one clear sentence for each thing it may not."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cape_kit.entries import client
from cape_kit.errors import BadClient

FULL = """
name = "Harbor Lane"
importer_class = "non_corporate"
statement = "monthly"
extracted_on = 2026-05-05
date_order = "DMY"
[[importer]]
number = "12-345678900"
name = "Harbor Lane LLC"
ach_refund_enrolled = false
[[broker]]
filer_code = "b76"
data_received = true
[assertions]
no_drawback_claims = true
asserted_by = "A. Person"
asserted_on = 2026-05-06
[brand]
firm = "Consulting"
colour = "#1F4E79"
"""


def test_everything_it_may_say(tmp_path):
    (tmp_path / "client.toml").write_text(FULL, "utf-8")
    (tmp_path / "facts.csv").write_text("entry_number,fact,value,note\nB7603245278,recon_flag,Y,\n", "utf-8")
    found = client.load(tmp_path)
    assert (found.name, found.importer_class, found.statement) == ("Harbor Lane", "non_corporate", "monthly")
    assert found.extracted_on == date(2026, 5, 5)
    assert found.date_order == "DMY"
    assert found.importers[0].ach_refund_enrolled is False
    assert found.brokers[0].filer_code == "B76"
    assert found.assertions == {"no_drawback_claims": True}
    assert (found.asserted_by, found.asserted_on) == ("A. Person", date(2026, 5, 6))
    assert found.brand.colour == "#1F4E79"
    assert found.facts["row"].tolist() == [2]


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("", "name is missing"),
        ('name = "', "not readable as TOML"),
        ("name = 5", "name is 5; it must be text"),
        ('name = "x"\nimporter_class = "big"', "one of corporate, non_corporate"),
        ('name = "x"\nstatement = "weekly"', "one of monthly, daily"),
        ('name = "x"\ndate_order = "day first"', "one of MDY, DMY"),
        ('name = "x"\nextracted_on = "soon"', "it must be a date"),
        ('name = "x"\nextracted_on = 5', "it must be a date"),
        ('name = "x"\ncolour = "red"', "'colour' is not a setting"),
        ('name = "x"\nimporter = "12-345678900"', r"write \[\[importer\]\]"),
        ('name = "x"\n[[importer]]\nname = "y"', "has no number"),
        ('name = "x"\n[[broker]]\nfiler_code = "TOOLONG"', "three letters or digits"),
        ('name = "x"\n[[broker]]\nfiler_code = "B76"\ndata_received = "yes"', "true or false"),
        ('name = "x"\n[assertions]\nno_drawback_claims = "yes"', "true or false"),
        ('name = "x"\n[brand]\ncolour = "red"', "not of the form"),
        ('name = "x"\nstatment = "monthly"', r"'statment' is not a setting \(did you mean statement\?\)"),
        (
            'name = "x"\n[[importer]]\nnumber = "12-345678900"\nach_refund_enroled = true',
            r"'ach_refund_enroled' is not a setting of an \[\[importer\]\] .*mean ach_refund_enrolled\?",
        ),
        (
            'name = "x"\n[[broker]]\nfiler_code = "B76"\ndata_recieved = false',
            r"'data_recieved' is not a setting of a \[\[broker\]\] .*mean data_received\?",
        ),
        ('name = "x"\n[brand]\ncolr = "#1F4E79"', r"'colr' is not a setting of \[brand\] .*mean colour\?"),
        ('name = "x"\nbrand = "red"', r"table \[brand\]"),
    ],
)
def test_one_sentence_for_what_it_may_not(tmp_path, toml, says):
    (tmp_path / "client.toml").write_text(toml, "utf-8")
    with pytest.raises(BadClient, match=says) as raised:
        client.load(tmp_path)
    assert "\n" not in raised.value.message


def test_missing_folder_and_file(tmp_path):
    with pytest.raises(BadClient, match="no such folder"):
        client.load(tmp_path / "nowhere")
    with pytest.raises(BadClient, match=r"no client\.toml"):
        client.load(tmp_path)


def test_facts_without_a_header(tmp_path):
    (tmp_path / "client.toml").write_text('name = "x"', "utf-8")
    (tmp_path / "facts.csv").write_text("B7603245278,recon_flag,Y\n", "utf-8")
    with pytest.raises(BadClient, match="no column entry_number"):
        client.load(tmp_path)


def test_empty_rows_of_facts_say_nothing_and_count(tmp_path):
    (tmp_path / "client.toml").write_text('name = "x"', "utf-8")
    (tmp_path / "facts.csv").write_text(
        "entry_number,fact,value,note\n,,,\nB7603245278,recon_flag,Y,\n", "utf-8"
    )
    assert client.load(tmp_path).facts["row"].tolist() == [3]


@given(st.text(min_size=1, max_size=300))
def test_the_key_never_escapes(name):
    from pathlib import PurePosixPath

    class Folder:
        def resolve(self):
            return PurePosixPath("/clients") / name.replace("/", "").replace("\0", "")

    key = client.safe_key(Folder())
    assert 0 < len(key) <= 80
    assert not set(key) & set('/\\:*?"<>|')
    assert not key.startswith((".", " "))
    assert not key.endswith((".", " "))
    assert all(unicodedata.category(c)[0] != "C" for c in key)


def test_unicode_is_kept(tmp_path):
    assert client.safe_key(tmp_path / "Müller & Söhne") == "Müller & Söhne"
    assert client.safe_key(tmp_path / "con") == "_con"
