"""What may be shared: nothing in it names the client, in whatever spelling and from whichever file."""

import csv
import dataclasses
import functools
import stat
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

import cape_kit
from cape_kit.assessment.scenarios import Scenario
from cape_kit.entries import identifiers, schema
from cape_kit.views import redaction, redaction_words, tables, whatif

DAY = date(2026, 5, 5)
HEADER = (
    "Entry Number,Entry Type,Importer Number,Importer Name,Entry Date,Line,Tariff Ordinal,HTS Number,"
    "Country of Origin,Goods Value,Duty Amount,Liquidation Status,Liquidation Date,4811 Number,"
    "Protest Number,Port of Entry Code"
)
HEAD = HEADER.split(",")
CLIENT = """name = "Zebra Widgets, Inc."
extracted_on = 2026-05-05
[[importer]]
number = "12345678900"
name = "Zebra Import Group Incorporated"
notify_party = "66-666666600"
[[broker]]
filer_code = "ABC"
name = "Lakeside Forwarders, Inc."
[[broker]]
filer_code = "QX9"
name = "Prairie Brokerage"
[assertions]
no_drawback_claims = true
asserted_by = "Jane Roe"
"""
LAW = {
    "sources.toml": """[zebra-letter]
title = "Letter of Zebra Widgets about entry ABC-0000001-0"
issuer = "CBP"
citation = "Letter to Zebra Widgets"
seen = "own"
""",
    "words.toml": """[liquidation_status]
source = "zebra-letter"
confidence = "medium"
checked_on = 2026-04-01
words = [{ canon = "unliquidated", words = ["zebra pending"], meaning = "As Zebra Widgets calls it." }]
""",
}
FACTS = """entry_number,fact,value,note
ABC00000010,payment_date,2025-06-20,told by Jane Roe of zebra widgets: SSN 123-45-6789
ABC00000010,notify_party,55-555555500,x
ABC00000028,importer_number,987-65-4321,
ABC-0000002-8,claim_number,100000777888,
"""
SCENARIOS = '[scenario.zebra]\nreason = "Zebra Widgets pays later"\nliquidation_after_acceptance_days = 75\n'
SECRETS = (
    *("zebra", "ZEBRA", "Zebra", "Jane", "Striped", "66-6666", "55-5555", "77-7777", "98-7654", "44-4444"),
    *("12345678900", "12-3456789", "6789", "4321", "5557", "ABC0", "ABC", "QX9", "Lakeside", "Prairie"),
    *("140126100244", "100000777888", "0000001", "Zebra export", "later.csv"),
)


def row(number, importer, name, *, liquidated="", notify="98-765432100"):
    return [number, "01", importer, name, "2025-06-01", "1", "1", "9903.01.24", "CN", "0", "200.0",
            "Liquidated" if liquidated else "Unliquidated", liquidated, notify, "1401-26-100244", "2704"]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A client whose name and numbers stand in every place a file has for them."""
    folder = tmp_path_factory.mktemp("zebra")
    (folder / "client.toml").write_text(CLIENT, "utf-8")
    (folder / "facts.csv").write_text(FACTS, "utf-8")
    (folder / "scenarios.toml").write_text(SCENARIOS, "utf-8")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Zebra Widgets 2025"
    rows = [
        row("ABC00000010", "12-345678900", "ZEBRA WIDGETS LLC"),
        row("ABC00000028", "555-44-5557", "Striped Holdings"),
        row("Zebra-widgets total", "44-444444400", "x"),
        row("123-45-6789", "44-444444400", "x"),
    ]
    for one in [HEAD, *rows]:
        sheet.append(one)
    book.save(folder / "Zebra export.xlsx")
    later = [HEAD, row("ABC00000010", "77-777777700", "zebra  widgets", liquidated="2026-04-11")]
    (folder / "later.csv").write_text("\n".join(map(",".join, later)), "utf-8")
    return folder


@pytest.fixture(scope="module")
def plain(folder, tmp_path_factory):
    law = tmp_path_factory.mktemp("law of zebra")
    for name, text in LAW.items():
        (law / name).write_text(text, "utf-8")
    return cape_kit.assess(cape_kit.open(folder, law=law), as_of=DAY)


@pytest.fixture(scope="module")
def shared(plain):
    return redaction.masked(plain)


@pytest.fixture(scope="module")
def everything(shared):
    return list(reachable(shared))


FRAMES = ("entries", "problems", "conflicts", "files", "appearances")


def texts(assessment):
    """Every text of an assessment, frame by frame."""
    for name in FRAMES:
        yield name, getattr(assessment.portfolio, name).to_csv()
    yield "facts", assessment.client.facts.to_csv()


@pytest.mark.parametrize("secret", SECRETS)
def test_no_table_gives_the_client_away(shared, secret):
    assert [name for name, text in texts(shared) if secret in text] == []


def reachable(value, path="", seen=None):
    """Every text that can be reached from an object, with the way to it; what is lazy is asked for first."""
    seen = {} if seen is None else seen
    if id(value) in seen or isinstance(value, int | float | bool | date | type(None)):
        return
    seen[id(value)] = value  # held, so that no other object gets its place
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Path | bytes):
        yield path, str(value)
    elif isinstance(value, pa.Table):
        yield from reachable(value.to_pandas(), path, seen)
    elif isinstance(value, pd.DataFrame):
        yield path, value.to_csv()
    elif isinstance(value, pd.Series | pd.Index):
        yield path, value.to_frame().to_csv(index=False)
    elif isinstance(value, np.ndarray):
        yield path, " ".join(map(str, value.ravel()))
    elif isinstance(value, Mapping):
        yield from (found for key, one in value.items() for found in reachable((key, one), f"{path}[]", seen))
    elif isinstance(value, Iterable):
        yield from (found for one in value for found in reachable(one, f"{path}[]", seen))
    elif isinstance(value, functools.partial):
        yield from reachable((value.args, value.keywords), f"{path}()", seen)
    else:
        kind, asked = type(value), functools.cached_property
        lazy = {name for one in kind.__mro__ for name, what in vars(one).items() if isinstance(what, asked)}
        for name in sorted({*getattr(value, "__dict__", ()), *lazy}):
            yield from reachable(getattr(value, name), f"{path}.{name}", seen)


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_reachable_from_a_masked_assessment_gives_the_client_away(everything, secret):
    assert [path for path, text in everything if secret in text] == []


def test_the_walk_reaches_what_would_give_it_away(plain):
    """Facts, lines, other readings and assertions of the plain one all have a secret."""
    found = {path for path, text in reachable(plain) if any(secret in text for secret in SECRETS)}
    for path in ("client.name", "entries", "tariff_lines", "alternatives", "account", "table", "folder",
                 "refund_lines", "clocks", "title"):  # fmt: skip
        assert any(one.endswith(f".{path}") for one in found), (path, sorted(found))


def held_alike(frame):
    """Its text held one way: what is masked is made anew, and need not be held as the reader handed it over."""
    text = [name for name in frame if isinstance(frame[name].dtype, pd.StringDtype)]
    return frame.astype(dict.fromkeys(text, pd.StringDtype("python", na_value=float("nan"))))


def test_masking_changes_no_figure_and_no_decision(plain, shared):
    told, masked = plain.table, shared.table
    masks = ("entry_number", "filer_code", "importer_number", "importer_name", "notify_party", "protest_number",
             "claim_number", "reason", "what_to_do")  # fmt: skip
    same = [name for name in told if name not in masks and not name.startswith("source_")]
    pd.testing.assert_frame_equal(held_alike(told[same]), held_alike(masked[same]))
    pd.testing.assert_frame_equal(plain.outcomes, shared.outcomes)
    assert (shared.decisions["reason"].str.len() > 0).all()


def test_the_secrets_do_stand_in_the_files(plain):
    told = "".join(text for _, text in texts(plain))
    for secret in ("Zebra", "Jane Roe", "77-777777700", "55-555555500", "Striped", "Zebra Widgets 2025"):
        assert secret in told


def test_personal_numbers_are_masked_in_problems_of_any_report(plain):
    problems = plain.problems
    assert "***-**-6789" in problems.loc[problems["code"] == "R05", "value"].tolist()
    fact = problems[(problems["code"] == "K02") & (problems["column"] == "importer_number")].iloc[0]
    assert fact["value"] == "***-**-4321"
    assert fact["message"].endswith("ABC00000028: importer_number is ***-**-4321")
    note = problems.loc[problems["message"].str.contains("payment_date is"), "message"].iloc[0]
    assert note.endswith("(told by Jane Roe of zebra widgets: SSN ***-**-6789)")
    assert not problems.to_csv().count("987-65-4321")


def test_a_personal_number_stated_by_hand_is_masked_in_the_report(plain):
    facts = plain.client.facts.iloc[[2]]
    for spelt in ("987-65-4321", "987654321", "987.65.4321"):
        client = dataclasses.replace(plain.client, facts=facts.assign(value=spelt))
        portfolio = dataclasses.replace(plain.portfolio, client=client)
        table = tables.settled_by_hand(dataclasses.replace(plain, portfolio=portfolio))
        assert table.frame["what"].tolist()[-1] == "Importer number: ***-**-4321"


def test_what_stands_in_place(shared):
    problems, conflicts = shared.problems, shared.conflicts
    note = problems.loc[problems["message"].str.contains("payment_date is"), "message"].iloc[0]
    assert note.endswith("Entry 001: payment_date is 2025-06-20 (note withheld)")
    assert problems.loc[problems["code"] == "K03", "message"].iloc[0].endswith("by the client")
    assert set(problems["sheet"].dropna()) == {"Sheet 1"}
    assert conflicts["other_from"].str.contains(r"File 1 [Sheet 1]", regex=False).any()
    people = conflicts[conflicts["column"] == "importer_number"]
    assert people["taken"].str.fullmatch("Importer [0-9]").all()
    assert people["other"].str.fullmatch("Importer [0-9]|an importer").all()


def test_the_clients_own_scenarios_are_numbered(plain, shared):
    told = whatif.own(shared)
    assert "Scenario 1" in told.text
    assert "zebra" not in told.text.lower()
    assert "Zebra" in whatif.own(plain).text


def test_litigants_are_still_found(plain):
    number = plain.portfolio.entries.set_index("entry_number")["importer_number"]["ABC00000010"]
    asked = Scenario("zebra suit", phase_3="litigants", litigants=(number,), broker_data_arrives=("ABC",))
    found = cape_kit.assess(plain.portfolio, as_of=DAY, scenario=asked, redact=True)
    alias = found.portfolio.entries.set_index("entry_number")["importer_number"]["Entry 001"]
    assert (found.scenario.name, found.scenario.litigants) == ("Client (name withheld) suit", (alias,))
    assert found.scenario.broker_data_arrives == ("Filer A",)
    assert [one.plaintiff for one in found.client.importers if one.number == alias] == [True]


def test_the_key_says_who_is_who_and_is_not_reachable(plain, tmp_path):
    place = tmp_path / "keys" / "key.csv"
    masked = cape_kit.assess(plain.portfolio, as_of=DAY, redact=True, redact_ports=True, key=place)
    with place.open(encoding="utf-8-sig", newline="") as file:
        key = {row["pseudonym"]: row["stands_for"] for row in csv.DictReader(file)}
    assert (key["Entry 001"], key["Entry 002"]) == ("ABC00000010", "ABC00000028")
    assert (key["Filer A"], key["Port 01"], key["Claim 01"]) == ("ABC", "2704", "100000777888")
    assert key["Protest 01"] == "1401-26-100244"
    assert {"12345678900", "987654321"} <= set(key.values())
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert "2704" not in masked.portfolio.entries.to_csv()


def test_one_name_for_one_thing_wherever_it_stands(shared):
    """The entry of the table is the entry of the lines, the facts, the conflicts and the explanation."""
    entries = set(shared.table["entry_number"])
    assert entries == {"Entry 001", "Entry 002"}
    assert set(shared.portfolio.tariff_lines["entry_number"].to_pylist()) == entries
    assert set(shared.client.facts["entry_number"]) == entries
    assert set(shared.conflicts["entry_number"]) <= entries
    assert cape_kit.explain(shared, "Entry 001").startswith("Entry 001: ")


def test_a_mistyped_number_stays_one_and_is_said_to_be():
    numbers = ["ABC00000010", "ABC00000011", "Entry 001", "Entry 002 (mistyped)"]
    assert identifiers.sound(numbers).tolist() == [True, False, True, False]
    assert identifiers.entry_key("Entry 002 (mistyped)") == "Entry 002 (mistyped)"
    assert not identifiers.normalise_entry_number("Entry 001").valid


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("entry ABC-0000001-0 is", "entry Entry 001 is"),
        ("XYZ 9999999 9", "an entry"),
        ("found 6010158381 there", "found (number withheld) there"),
        ("paid 2025-06-01, $1,234,567.89 or 1234567.89, rows 1001-2002, 99030124", None),
        ("HTS 9903.01.24 and 8471.30.0100", None),
    ],
)
def test_numbers_in_what_a_file_says(said, told):
    words = redaction_words.Words({}, tokens={"ABC00000010": "Entry 001"})
    assert words.quote(said) == (said if told is None else told)


@pytest.mark.parametrize(
    "spelt",
    ["Zebra Widgets, Inc.", "ZEBRA WIDGETS", "zebra-widgets llc", "Zebra Widgets Inc. Ltd", "ZebraWidgets"],
)
def test_a_name_in_any_spelling(spelt):
    words = redaction_words.Words({}, names=frozenset({"Zebra Widgets, Inc."}))
    assert words.text(f"For {spelt} (2025)") == "For Client (name withheld) (2025)"


@pytest.mark.parametrize("name", ["Cape LLC", "AB", "Entry"])
def test_a_common_word_is_no_name_by_itself(name):
    told = "File on CAPE; ab initio; the entry; capes"
    assert redaction_words.Words({}, names=frozenset({name})).text(told) == told


def test_why_a_payment_came_back_names_nobody():
    words = redaction_words.Words({"12345678900": "Importer 1"}, names=frozenset({"Zebra Widgets, Inc."}))
    told = redaction.Masks(words, {}).of("reject_reason")("No ACH account of Zebra Widgets, 12-345678900")
    assert told == "No ACH account of Client (name withheld), Importer 1"


def test_a_name_is_not_found_within_another_word():
    words = redaction_words.Words({}, names=frozenset({"Acme Co."}))
    assert words.text("Acmeville; acme, x") == "Acmeville; Client (name withheld), x"


@pytest.mark.parametrize("spelt", ["12-345678900", "12345678900", "12–3456789 00"])
def test_a_number_in_any_spelling(spelt):
    words = redaction_words.Words({"12345678900": "Importer 1"})
    assert words.text(f"is {spelt}.") == "is Importer 1."
    assert words.text(f"is 1{spelt}.") == f"is 1{spelt}."


def test_a_masked_number_of_two_importers_is_nobodys():
    both = redaction_words.Words(
        {"123456789": "Importer 1", "222226789": "Importer 2", "333334444": "Importer 3"}
    )
    assert both.text("***-**-6789, ***-**-4444") == "an importer, Importer 3"
    assert both.number("***-**-6789") == "an importer"
    assert both.number("SSN 123-45-6789") == "Importer 1"


#: Columns whose every value is the kit's own word or a number of a heading: nothing a client wrote.
OWN_WORDS = {"hts", "beside_hts", "code", "severity", "what_to_do", "rows", "why", "profile", "title", "report",
             "taken_as", "about", "columns_missing", "event", "submitter", "sha256"}  # fmt: skip


def test_every_column_of_words_is_masked_but_the_kits_own():
    masks = redaction.Masks(redaction_words.Words({}), {"filer_code": {}, "port_of_entry": {}})
    numbers = {*redaction._OTHERS, *redaction._FILES, *redaction._SHEETS}
    left = {
        column.name
        for table in schema.TABLES.values()
        for column in table
        if column.kind == "text" and column.name not in numbers and masks.of(column.name) is None
    }
    assert left == OWN_WORDS


def test_a_name_or_number_in_a_status_cell_goes():
    words = redaction_words.Words({"12345678900": "Importer 1"}, names=frozenset({"Zebra Widgets, Inc."}))
    masks = redaction.Masks(words, {})
    said = {
        "refund_status": ("Sent to Zebra Widgets", "Sent to Client (name withheld)"),
        "payment_method": ("ACH 12-345678900", "ACH Importer 1"),
        "liquidation_status": ("Unliquidated, see 6010158381", "Unliquidated, see (number withheld)"),
    }
    for column, (stood, told) in said.items():
        assert masks.of(column)(stood) == told
