"""The law book keeps its own rules, and says what the sheets it was made from say."""

import itertools
import pickle
from datetime import date, timedelta
from decimal import Decimal

import pytest

from cape_kit.errors import NoLawInForce, UnsoundLawbook
from cape_kit.law import book
from cape_kit.law.book import files, soundness

LAW = book.load()
NOVEMBER = date(2026, 11, 25)

KEYS = {
    "window.cape": 80,
    "window.reliquidation": 90,
    "window.protest": 180,
    "alert.amber_day": 70,
    "alert.plan_day": 75,
    "cycle.auto_liquidation": 314,
    "cycle.posting_weekday": "Friday",
    "deemed.years": 1,
    "extension.limit_years": 4,
    "psc.days_after_entry": 300,
    "psc.days_before_liquidation": 15,
    "psc.refused_types": ("11", "12"),
    "psc.ieepa_locked_types": ("06",),
    "psc.refused_error": "B49",
    "psc.ieepa_locked_error": "F883",
    "suit.years": 2,
    "suit.readings": ("deposit", "liquidation", "decision"),
    "suit.decision_day": date(2026, 2, 20),
    "protest.closed_day": "next",
    "phase.admits_final": "none",
    "processing.liquidation_after_acceptance": 45,
    "processing.reliquidation_business_days": 1,
    "payment.days_low": 60,
    "payment.days_high": 90,
    "payment.weeks_after_liquidation_low": 3,
    "payment.weeks_after_liquidation_high": 5,
    "protest.decision_years": 2,
    "protest.afr_decision_days": 30,
    "protest.accelerated_days": 30,
    "court.days_after_denial": 180,
    "collection.first_day": date(2025, 2, 4),
    "collection.last_day": date(2026, 2, 23),
    "programme.first_day": date(2026, 4, 20),
    "file.max_entries": 9999,
    "file.max_bytes": 1_000_000,
    "file.header": "Entry Number",
    "file.entry_number_length": 11,
    "types.excluded": ("08", "09", "21", "22", "23", "41", "42", "43", "44", "45", "46", "47"),
    "types.warehouse": ("21", "22"),
    "types.warehouse_withdrawal": ("31", "32", "34", "38"),
    "types.recon_allowed": ("01", "02", "06"),
    "types.adcvd": ("03", "07", "34", "38"),
    "types.informal": ("11", "12"),
    "interest.day_count": "start",
    "interest.importer_class": "corporate",
    "deposit.single_working_days": 10,
    "deposit.statement_working_day": 15,
    "staleness.days": 30,
    "exports.stale_after": 14,
}


@pytest.mark.parametrize("key", KEYS)
def test_values_in_november_2026(key):
    assert LAW.value(key, NOVEMBER).value == KEYS[key]


@pytest.mark.parametrize("key", sorted(LAW.contents.series))
def test_series_have_no_overlap_and_no_gap(key):
    values = LAW.series(key).values
    for before, after in itertools.pairwise(values):
        assert before.last_day + timedelta(days=1) == after.first_day
    assert all(one.last_day is None or one.first_day <= one.last_day for one in values)
    assert values[-1].last_day is None


def test_every_row_is_sourced_and_checked():
    cited = list(soundness._cited(LAW.contents))
    assert len(cited) > 500
    for where, source in cited:
        assert LAW.cite(source), where
    for series in LAW.contents.series.values():
        for value in series.values:
            assert value.known_from and value.checked_on and value.confidence in soundness.CONFIDENCE


def test_sources_are_complete_and_none_is_from_the_future():
    for one in LAW.contents.sources.values():
        assert one.title and one.issuer and one.citation
        assert one.seen in {"copy", "secondary", "listing", "memory", "own"}
        assert one.date is None or one.date <= NOVEMBER
        assert one.url is None or one.url.startswith("https://")


def test_the_authority_of_every_heading_is_a_source():
    for row in LAW.contents.headings:
        for number in [part[:5] for part in row.authority.split("EO ")[1:]]:
            assert LAW.source(f"eo-{number}")


def test_names_of_values_in_conflicts_exist():
    assert all(key in LAW.contents.series for one in LAW.conflicts for key in one.values)
    assert all(len(one.readings) >= 2 for one in LAW.conflicts)


def test_conflicts_the_reader_must_be_told_of():
    told = {one.key for one in LAW.conflicts}
    assert {"file-limit", "day-80", "warehouse-types", "dashes", "day-count", "corporate"} <= told


#: What was found on November 25, 2026, and how sure it is: never surer than it was read.
FOUND = {
    "psc.days_after_entry": ("medium", "82 FR 2385"),
    "psc.days_before_liquidation": ("medium", "82 FR 2385"),
    "psc.refused_types": ("medium", "CSMS 69915001"),
    "psc.ieepa_locked_types": ("medium", "CSMS 69635410"),
    "psc.refused_error": ("medium", "CSMS 69915001"),
    "psc.ieepa_locked_error": ("medium", "CSMS 69635410"),
    "suit.readings": ("medium", "28 U.S.C. 2636"),
    "protest.closed_day": ("medium", "T.D. 53961(1)"),
}


@pytest.mark.parametrize("key", FOUND)
def test_what_was_found_later_is_no_surer_than_marked(key):
    value = LAW.value(key, NOVEMBER)
    confidence, source = FOUND[key]
    assert value.confidence == confidence
    assert source in LAW.cite(value.source)
    assert all(LAW.source(one).seen != "copy" for one in ("csms-69635410", "csms-69915001", "td-53961"))


def test_which_day_bears_interest_is_a_reading():
    asked = next(one for one in LAW.conflicts if one.key == "day-count")
    assert "An interpretation" in asked.why
    assert "customs reading" not in asked.why


def test_choices_are_the_only_values():
    assert LAW.series("phase.admits_final").choices == ("none", "plaintiffs", "all")
    assert LAW.series("interest.day_count").choices == ("start", "end")


def test_what_is_settled_is_pending_no_more():
    texts = files.texts()
    old = b'key = "omb-clearance"\n'
    texts["pending.toml"] = texts["pending.toml"].replace(old, old + b"settled_on = 2026-11-01\n")
    contents = soundness.sound(files.read(texts))
    for known_on, pending in ((None, False), (date(2026, 11, 1), False), (date(2026, 10, 31), True)):
        known = book.replay.as_known(contents, known_on)
        assert ("omb-clearance" in {one.key for one in known.pending}) is pending


def test_pending_is_never_in_force():
    waiting = {one.key for one in LAW.pending}
    assert {"phase.3", "final-liquidations", "interest.next-quarter"} <= waiting
    assert {phase.key for phase in LAW.phases(NOVEMBER)} == {
        "phase-1",
        "validations-june",
        "phase-2",
        "warehouse-held-back",
    }
    assert LAW.phases(date(2026, 4, 19)) == ()


@pytest.mark.parametrize(
    ("day", "key", "expected"),
    [
        (date(2026, 6, 28), "types.recon_allowed", ()),
        (date(2026, 6, 29), "types.recon_allowed", ("01", "02", "06")),
        (date(2026, 7, 6), "types.excluded", False),
        (date(2026, 7, 7), "types.excluded", True),
        (date(2026, 8, 20), "psc.ieepa_locked_types", ()),
        (date(2026, 8, 20), "psc.ieepa_locked_error", "none"),
        (date(2026, 8, 21), "psc.ieepa_locked_error", "F883"),
        (date(2026, 9, 21), "psc.refused_error", "none"),
        (date(2026, 8, 21), "psc.ieepa_locked_types", ("06",)),
        (date(2026, 9, 21), "psc.refused_types", ()),
        (date(2026, 9, 22), "psc.refused_types", ("11", "12")),
    ],
)
def test_boundaries_of_the_phases(day, key, expected):
    value = LAW.value(key, day).value
    assert ("21" in value and "22" in value) is expected if isinstance(expected, bool) else value == expected


def test_next_first_day():
    assert LAW.next_first_day("types.recon_allowed", date(2026, 5, 5)) == date(2026, 6, 29)
    assert LAW.next_first_day("types.recon_allowed", date(2026, 6, 29)) is None


def test_uncovered_day_raises_and_names_what_is_covered():
    with pytest.raises(NoLawInForce, match=r"'window\.cape' on 2026-04-19; it covers 2026-04-20 and after"):
        LAW.value("window.cape", date(2026, 4, 19))
    with pytest.raises(NoLawInForce, match="2026-04-20"):
        LAW.validations(date(2026, 4, 19))


def test_unknown_key_source_and_kind_are_refused():
    for ask in (
        lambda: LAW.value("window.none", NOVEMBER),
        lambda: LAW.cite("nobody"),
        lambda: LAW.words("colour"),
    ):
        with pytest.raises(UnsoundLawbook):
            ask()


def test_staleness():
    assert LAW.checked_on == NOVEMBER
    assert LAW.stale(NOVEMBER + timedelta(days=30)) is None
    assert LAW.stale(date(2026, 5, 5)) is None
    sentence = LAW.stale(NOVEMBER + timedelta(days=31))
    assert "2026-11-25, 31 days before 2026-12-26" in sentence
    assert "Phase 3" in sentence


def test_words():
    assert LAW.words("liquidation_status")["liquidated"].canon == "liquidated"
    assert LAW.words("protest_status")["op"].canon == "open"
    assert LAW.words("protest_status")["wd"].canon == "unexpanded"  # nobody published what it stands for
    assert LAW.words("refund_status")["funds diverted"].canon == "diverted"
    assert LAW.words("statement_status")["au"].canon == "authorised"
    assert LAW.words("control_status")["1"].canon == "trade"
    assert "gone fishing" not in LAW.words("liquidation_status")
    assert all(word == word.lower() for words in LAW.contents.words.values() for word in words)


def test_entry_types():
    assert len(LAW.entry_types) == 40
    assert LAW.entry_types["06"].name == "Consumption - Foreign Trade Zone (FTZ)"
    assert LAW.entry_types["13"].confidence == "low"
    types = {code for key in ("types.excluded", "types.adcvd", "types.informal", "types.recon_allowed")
             for code in LAW.value(key, NOVEMBER).value}  # fmt: skip
    assert types <= set(LAW.entry_types)


# Copied by hand from the published table: quarter -> underpayment, non-corporate, corporate overpayment.
RATES = {
    date(1983, 1, 1): (16, 16, None),
    date(1995, 4, 1): (10, 9, None),
    date(1999, 1, 1): (7, 7, 6),
    date(2003, 10, 1): (4, 4, 3),
    date(2011, 1, 1): (3, 3, 2),
    date(2016, 4, 1): (4, 4, 3),
    date(2022, 7, 1): (5, 5, 4),
    date(2023, 10, 1): (8, 8, 7),
    date(2024, 10, 1): (8, 8, 7),
    date(2025, 1, 1): (7, 7, 6),
    date(2025, 10, 1): (7, 7, 6),
    date(2026, 1, 1): (7, 7, 6),
    date(2026, 4, 1): (6, 6, 5),
    date(2026, 7, 1): (7, 7, 6),
    date(2026, 10, 1): (7, 7, 6),
}


@pytest.mark.parametrize("quarter", RATES)
def test_rates(quarter):
    row = next(one for one in LAW.contents.rates if one.first_day == quarter)
    found = (row.underpayment_pct, row.noncorporate_pct, row.corporate_pct)
    assert found == tuple(None if pct is None else Decimal(pct) for pct in RATES[quarter])


def test_every_quarter_since_1983_has_a_rate_and_the_next_one_is_pending():
    published = [row for row in LAW.contents.rates if row.status == "published"]
    assert len(published) == 44 * 4
    assert (published[0].first_day, published[-1].last_day) == (date(1983, 1, 1), date(2026, 12, 31))
    assert all(row.corporate_pct == row.noncorporate_pct - 1 for row in published if row.corporate_pct)
    waiting = LAW.contents.rates[-1]
    assert (waiting.status, waiting.first_day, waiting.last_day) == (
        "pending",
        date(2027, 1, 1),
        date(2027, 3, 31),
    )
    assert waiting.noncorporate_pct is None


def test_a_quarter_is_added_by_one_line_of_one_file():
    line = b"2027-01-01,2027-03-31,7,7,6,published,2027-01-01,rev-rul-2026-15,medium,2026-12-20,\n"
    texts = files.texts()
    texts["interest.csv"] += line
    contents = book.replay.as_known(soundness.sound(files.read(texts)), None)
    assert contents.rates[-2].last_day == date(2027, 3, 31)
    assert (contents.rates[-1].first_day, contents.rates[-1].last_day) == (
        date(2027, 4, 1),
        date(2027, 6, 30),
    )


BROKEN = {
    "a source nobody knows": ("interest.csv", b"rev-rul-2026-10", b"a-friend-told-me", "a-friend-told-me"),
    "a gap": ("interest.csv", b"2026-07-01,2026-09-30", b"2026-07-02,2026-09-30", "no value between"),
    "an overlap": ("cape.toml", b"last_day = 2026-07-06", b"last_day = 2026-07-07", "overlaps"),
    "an end before its start": (
        "interest.csv",
        b"2026-10-01,2026-12-31",
        b"2026-10-01,2026-09-01",
        "before it begins",
    ),
    "no date": ("headings.csv", b"2025-03-04", b"03/04/2025", "is not a date"),
    "an unknown field": ("pending.toml", b"watch =", b"wacht =", "unknown field wacht"),
    "no TOML": ("words.toml", b"[liquidation_status]", b"[liquidation_status", "can't be read"),
    "a value that is no choice": ("cape.toml", b'value = "none"', b'value = "some"', "none, plaintiffs, all"),
    "a type nobody knows": ("cape.toml", b'value = ["06"]', b'value = ["99"]', "'99'"),
    "a quoted day": ("cape.toml", b"first_day = 2026-07-07", b'first_day = "2026-07-07"', "without quotes"),
    "an unknown confidence": ("cape.toml", b'confidence = "medium"', b'confidence = "so-so"', "so-so"),
    "a code twice": ("pending.toml", b'key = "omb-clearance"', b'key = "ach-hold"', "twice"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_an_unsound_book_is_refused_with_one_sentence(fault):
    name, old, new, told = BROKEN[fault]
    texts = files.texts()
    assert old in texts[name]
    texts[name] = texts[name].replace(old, new)
    with pytest.raises(UnsoundLawbook, match=told):
        soundness.sound(files.read(texts))


def test_a_missing_file_is_named():
    texts = files.texts()
    del texts["gaps.csv"]
    with pytest.raises(UnsoundLawbook, match=r"gaps\.csv"):
        files.read(texts)


def test_the_version_follows_every_byte():
    texts = files.texts()
    assert files.version(texts) == LAW.version
    texts["words.toml"] += b"\n"
    assert files.version(texts) != LAW.version


def test_a_law_crosses_processes():
    copied = pickle.loads(pickle.dumps(LAW))
    assert copied.version == LAW.version
    assert copied.headings.equals(LAW.headings)


def test_an_assumption_is_marked():
    assumed = LAW.assume("window.cape", 120, date(2026, 12, 1))
    assert assumed.value("window.cape", date(2026, 11, 30)).value == 80
    told = assumed.value("window.cape", date(2026, 12, 1))
    assert (told.value, told.status, told.confidence) == (120, "assumed", "low")
    assert assumed.version != LAW.version
    assert LAW.value("window.cape", date(2026, 12, 1)).value == 80


def test_words_that_look_alike_mean_the_same():
    """Case, blanks and punctuation say nothing: no two words of a kind may differ by them alone."""
    from cape_kit.assessment import timeline

    for kind, words in LAW.contents.words.items():
        meant, known = {}, timeline.spellings(LAW, kind)
        for word, entry in words.items():
            assert meant.setdefault(timeline.plain(word), entry.canon) == entry.canon, (kind, word)
            assert timeline.understood(word, known) == entry.canon
