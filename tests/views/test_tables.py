"""Expected figures are reckoned by hand from the six entries of the fixture."""

import re
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

import cape_kit
from cape_kit.views import deadlines, tables
from cape_kit.views.tables import summary
from tests.entries.folders import folder
from tests.numbers import numbered
from tests.views import made_up

WITHOUT_ARGUMENTS = (
    "actions",
    "checks",
    "clock_groups",
    "conflicting_readings",
    "conflicts",
    "deadlines",
    "dispositions",
    "files",
    "importers",
    "priorities",
    "problems",
    "programmes",
    "settled_by_hand",
    "sources",
)


def row(table, **where):
    frame = table.frame
    for name, value in where.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def test_dispositions_keep_all_of_them_and_add_up(six):
    table = tables.dispositions(six)
    assert len(table.frame) == len(made_up.LABELS)
    assert row(table, disposition="file")["principal_cents"] == 3000_00
    assert table.total["entries"] == 6
    assert table.total["principal_cents"] == 3750_00
    assert table.total["interest_cents"] == 375_00


def test_programmes_split_an_entry_by_heading_and_count_it_in_both(six):
    table = tables.programmes(six)
    china, brazil = row(table, programme="China"), row(table, programme="Brazil")
    assert (china["now"], china["other"], china["out"], china["all"]) == (2500_00, 300_00, 0, 2800_00)
    assert (brazil["now"], brazil["other"], brazil["out"], brazil["all"]) == (500_00, 400_00, 50_00, 950_00)
    assert (china["entries"], brazil["entries"]) == (3, 3)
    assert table.total["all"] == 3750_00
    assert "entries" not in table.total


def test_importers_are_masked_and_add_up(six):
    table = tables.importers(six)
    assert table.frame["importer"].str.contains("123-45-6789").sum() == 0
    corporate = table.frame.iloc[0]
    assert corporate["now"] == 3000_00
    assert corporate["protest"] == 300_00
    assert corporate["ach"] == "enrolled"
    assert table.frame["ach"].iloc[1] == "not stated"
    assert "123-45-6789" not in table._repr_html_()
    assert table.total["entries"] == 6


def test_clock_groups(six):
    frame = tables.clock_groups(six).frame.set_index("group")
    assert frame["entries"].to_dict() == {"closed": 1, "protest": 1, "cape": 2, "waiting": 1}
    assert frame.at["cape", "principal_cents"] == 1400_00
    assert frame.at["protest", "next_close"] == pd.Timestamp("2026-07-01")
    assert pd.isna(frame.at["closed", "next_close"])


def test_clocks_are_sorted_and_say_what_is_left_out(six):
    table = tables.clocks(six)
    assert table.frame["entry_number"].tolist() == ["E", "D", "A", "C", "B"]
    assert table.frame["forecast"].tolist() == [False, False, False, False, True]
    assert table.note == "Each line is one entry. Left out: 1 entry without IEEPA duty."


def test_long_lists_are_thinned_but_no_group_vanishes():
    many = made_up.assessment(5000)
    table = tables.clocks(many, rows=200)
    assert len(table.frame) <= 215
    drawn = table.frame.groupby("group", observed=True)["weight"].sum().round().astype(int)
    whole = tables.clock_groups(many).frame.set_index("group")["entries"]
    assert drawn.to_dict() == whole.to_dict()
    assert table.note.startswith("Each line is about")


def test_actions_group_steps_and_name_what_is_in_the_way(six):
    table = tables.actions(six)
    assert table.frame["what_to_do"].tolist() == ["Declare", "Withdraw the protest", "Protest", "Watch"]
    first = table.frame.iloc[0]
    assert (first["entries"], first["principal_cents"]) == (2, 3000_00)
    assert first["by"] == pd.Timestamp("2026-05-25")
    assert row(table, what_to_do="Withdraw the protest")["in_the_way"] == "“Protest on Entry”"
    assert pd.isna(row(table, what_to_do="Watch")["in_the_way"])


def test_an_amount_or_a_day_that_is_not_known_is_no_zero_and_no_later_day(six):
    """Entry A lacks its lines and its liquidation: no dollars, and its window may be about to close."""
    lacking = six.table["entry_number"].eq("A")
    changed = {
        "disposition": "undetermined",
        "what_to_do": "Get it",
        "principal_cents": pd.NA,
        "next_deadline": pd.NaT,
    }
    for name, value in changed.items():
        six.table[name] = six.table[name].mask(lacking, value)
    table = tables.actions(six)
    step = row(table, what_to_do="Get it")
    assert pd.isna(step["principal_cents"]) and pd.isna(step["by"])
    (shown,) = re.findall(r"<tr>(?:(?!</tr>).)*Get it.*?</tr>", table._repr_html_())
    assert ">now<" in shown and "$" not in shown
    first = tables.actions(six, rows=1).frame
    assert first["what_to_do"].tolist() == ["Get it"]  # what is not known may be the most


def test_a_day_gone_by_is_no_deadline(six):
    """An expected liquidation can be overtaken: its windows are then no day to work towards."""
    six.filing_date = made_up.AS_OF.replace(month=12)
    assert tables.deadlines(six).frame.empty
    assert tables.priorities(six).frame.empty
    assert tables.actions(six).frame["by"].isna().all()
    assert tables.clock_groups(six).frame["next_close"].isna().all()
    assert "no deadline ahead" in tables.headline(six).text


def test_deadlines_by_day_and_by_what_ends(six):
    frame = tables.deadlines(six).frame
    assert frame["next_deadline"].dt.strftime("%m-%d").tolist() == ["05-25", "07-01", "08-24"]
    assert frame["entries"].tolist() == [2, 1, 1]
    assert frame["principal_cents"].tolist() == [1400_00, 300_00, 2000_00]
    assert frame["from_now"].tolist() == ["in 20 days", "in 57 days", "in 111 days"]


def test_deadlines_left_out_are_counted(six):
    assert tables.deadlines(six, days=1).left_out == 2


def test_weeks_hold_every_dollar_once(six):
    frame = tables.weeks(six).frame
    assert frame["starts"].iloc[0] == pd.Timestamp(made_up.AS_OF)
    # 20, 57 and 111 days on are in weeks 2, 8 and 15.
    assert frame["cape"].loc[2] == 1400_00
    assert frame["protest"].loc[8] == 300_00
    assert frame["cape_expected"].loc[15] == 2000_00
    assert frame[["cape", "protest", "cape_expected"]].to_numpy().sum() == 3700_00


def test_weeks_beyond_the_chart_are_told(six):
    table = tables.weeks(six, weeks=10)
    assert len(table.frame) == 10
    assert table.note == "A further $2,000 has later deadlines."


def test_priorities_put_the_soonest_and_largest_first(six):
    assert tables.priorities(six).frame["entry_number"].tolist() == ["A", "C", "D", "B"]


def test_the_answer_in_one_sentence(six):
    html = tables.cover(six).text
    assert (
        "$3,000 of the $3,750 in IEEPA duties found on 6 entries can be filed on a CAPE declaration "
        "today" in html
    )
    assert "$3,300 is the expected refund, with interest: $3,000 of the $3,750 in IEEPA" in html
    assert "Six Entries &amp; Sons" in html


def test_headline_cards(six):
    cards = tables.headline(six).words
    assert "To file now: $3,000" in cards
    assert "Next deadline: May 25, 2026" in cards


def test_cards_of_dollars_add_up_and_none_stands_for_nothing():
    for entries in (1, 6, 300):
        made = made_up.assessment(entries)
        shown = [card.partition(": $") for card in tables.headline(made).words.split("; ")]
        dollars = sum(int(figure.replace(",", "")) for _, found, figure in shown if found)
        parts = made.totals.set_index("disposition")["principal_cents"]
        assert abs(dollars - round(parts.sum() / 100)) <= len(shown)
        told = {label for label, _, _ in shown}
        empty = made.totals.loc[made.totals["entries"].eq(0), "disposition"]
        assert not told & {summary._CARDS[key] for key in empty if key in summary._CARDS}


def test_notices_tell_stale_law_and_unread_rows(six):
    six.law.stale = lambda day: "The law book was last checked long ago."
    assert "The law book was last checked long ago." in tables.alerts(six).text
    text = tables.notices(six).text
    assert "3 rows of the files could not be used" in text
    assert "Not verified: $987,654 of the duty depends on 1 point" in text
    assert "exported after this day" not in text


def test_notices_tell_of_files_exported_after_the_day(six):
    six.portfolio.files["extracted_on"] = pd.Timestamp("2026-06-20")
    told = tables.notices(six).words
    assert "exported after this day, the latest on Jun 20, 2026: a status without a date may not" in told


def test_old_exports_stand_before_everything_else(six):
    """Fourteen days are the most the law book's own threshold lets pass in silence."""
    files = six.portfolio.files
    for days, told in ((0, "the day of this report"), (14, "14 days ago")):
        files["extracted_on"] = pd.Timestamp(made_up.AS_OF) - pd.Timedelta(days=days)
        assert tables.alerts(six).text == ""
        assert told in tables.notices(six).words
    files["extracted_on"] = pd.Timestamp(made_up.AS_OF) - pd.Timedelta(days=15)
    assert "All are 15 days old (Apr 20, 2026)" in tables.alerts(six).words
    # A newer export of the same report takes its place; of another report it does not.
    newer = files.assign(extracted_on=pd.Timestamp(made_up.AS_OF))
    six.portfolio.files = pd.concat([files, newer])
    assert tables.alerts(six).text == ""
    six.portfolio.files = pd.concat([files, newer.assign(profile="es022")])
    assert "The newest are 0 days old, the oldest 15 days old" in tables.alerts(six).words


def test_a_file_without_a_day_of_export_may_be_old(six):
    six.portfolio.files["extracted_on"] = pd.NaT
    assert "1 file has no day of export" in tables.notices(six).words
    six.portfolio.files["rows_used"] = 0
    assert "no day of export" not in tables.notices(six).words


def test_figures_for_the_index(six):
    figures = tables.figures(six)
    assert figures["dispositions"]["cure"] == {
        "entries": 1,
        "principal_cents": 400_00,
        "principal_unknown": 0,
        "interest_cents": 40_00,
        "interest_unknown": 0,
    }
    assert figures["next_deadline"] == {
        "day": "2026-05-25",
        "what": "last day for CAPE",
        "entries": 2,
        "principal_cents": 1400_00,
        "principal_unknown": 0,
    }
    assert figures["problems"] == {"error": 3}


def test_problems_are_grouped_with_an_example(six):
    frame = tables.problems(six).frame
    assert frame["times"].tolist() == [3]
    assert frame["example"].iloc[0] == "‘n/a’ is no amount of money. (es003.xlsx, row 14)"


def test_facts_settled_by_hand_name_who_said_so(six):
    frame = tables.settled_by_hand(six).frame
    assert frame["what"].tolist() == ["No drawback claims", "Injunction: no"]
    assert frame["scope"].tolist() == ["whole client", "1 entry"]
    assert frame["by"].tolist() == ["J. Doe, compliance", "facts.csv"]


def test_sources_and_readings(six):
    assert tables.sources(six).frame.to_dict("records") == [{"source": "19 U.S.C. 1514", "entries": 6}]
    assert tables.conflicting_readings(six).frame["taken"].tolist() == ["9,999"]
    assert "September 2, 2026" in tables.law_in_force(six).words


def test_conflicts_of_one_kind_are_one_row_with_an_example(six):
    sides = {"taken_from": "June.xlsx [Main Report] row {}", "other_from": "May.xlsx row {}"}
    six.conflicts = pd.DataFrame(
        {
            "entry_number": list("ABC"),
            "column": ["liquidation_date"] * 3,
            "taken": ["2026-05-14", "2026-05-12", "2026-05-11"],
            "other": ["2026-03-27"] * 3,
            "why": ["latest extract"] * 3,
            **{name: [told.format(row) for row in (6, 9, 10)] for name, told in sides.items()},
        }
    )
    table = tables.conflicts(six)
    found = table.frame.iloc[0]
    assert (len(table.frame), found["times"]) == (1, 3)
    assert found["example"] == "A: May 14, 2026, not Mar 27, 2026"
    assert (found["used"], found["unused"]) == ("June.xlsx [Main Report]", "not May.xlsx")
    assert table.caption.endswith(": 3 values")


def test_a_place_to_look_is_named_once(six):
    six.table["disposition"] = "undetermined"
    six.table["what_to_do"] = "Get the missing column."
    six.table["facts_missing"] = ["ES-003; ES-701"] * 3 + ["ES-701; ES-022"] * 3
    assert tables.actions(six).frame["in_the_way"].tolist() == ["Source: ES-003; ES-701; ES-022"]


def test_a_cell_that_says_nothing_is_marked_and_long_tables_may_break(six):
    html = tables.actions(six)._repr_html_()
    assert html.count("data-blank") == 1
    assert 'class="table short"' in html
    wordy = tables.Table(
        six.table, (tables.Field("reason", "Why"), tables.Field("source", "Source")), "Long", six.as_of
    )
    assert 'class="table short"' not in wordy._repr_html_()


def test_conflicts_never_show_a_personal_number(six):
    six.conflicts = pd.DataFrame(
        [["A", "importer_number", "12-345678900", "a.csv", "123-45-6789", "b.csv", "a.csv is newer"]],
        columns=["entry_number", "column", "taken", "taken_from", "other", "other_from", "why"],
    )
    html = tables.conflicts(six)._repr_html_()
    assert "123-45-6789" not in html
    assert "Where the files disagree: 1 value" in html


@pytest.mark.parametrize("name", WITHOUT_ARGUMENTS)
@pytest.mark.parametrize("entries", [0, 1, 300])
def test_every_table_can_be_shown_for_few_and_many(name, entries):
    html = getattr(tables, name)(made_up.assessment(entries))._repr_html_()
    assert html.startswith(("<div", "<p"))
    assert "nan" not in html.lower().replace("financ", "")
    assert "NaT" not in html


@pytest.mark.parametrize(
    "name",
    [
        "进出口贸易有限公司" * 13,
        "شركة الاستيراد " * 8,
        "<script>alert(1)</script>" * 5,
        "W" * 120,
        "$x$ & \"y\" 'z'" * 8,
    ],
)
def test_any_name_of_120_characters_stands_on_the_cover_and_does_nothing(name):
    html = tables.cover(made_up.assessment(3, name=name[:120])).text
    assert "<script" not in html
    assert html.count("<bdi>") == html.count("</bdi>") == 1
    assert '"' not in html.split("<bdi>")[1].split("</bdi>")[0]


def test_without_duty_or_entries_the_answer_still_reads_well(six):
    assert tables.answer(made_up.assessment(0)) == "The files hold no entry that could be read."
    six.totals = six.totals.assign(principal_cents=0)
    assert tables.answer(six) == "No IEEPA duty was found on the 6 entries in the files."


def test_a_logo_is_embedded_and_a_wrong_one_is_told(six, tmp_path):
    six.client = replace(six.client, folder=tmp_path, brand=replace(six.client.brand, logo="logo.png"))
    assert "The logo logo.png named in client.toml is not" in tables.notices(six).words
    (tmp_path / "logo.png").write_bytes(b"<svg onload=x>")
    assert "is no PNG, JPEG or GIF" in tables.notices(six).words
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(9))
    html = tables.cover(six).text
    assert '<img class="logo" src="data:image/png;base64,' in html
    assert 'alt="Example Trade Advisers LLC"' in html
    six.client = replace(six.client, brand=replace(six.client.brand, logo="../logo.png"))
    assert "is not in the client’s folder" in tables.notices(six).words


def test_duty_nobody_knows_is_no_zero(tmp_path):
    """One entry without tariff lines, one with $1,000: a step or a day of the first alone has a dash, not $0."""
    rows = [
        ["Entry Number", "Entry Type", "Entry Date", "HTS", "Duty", "Liquidation Status", "Liquidation Date"],
        [numbered("K12", 400), "01", "06/14/2025", "9903.01.24", "1000.00", "Liquidated", "04/24/2026"],
        [numbered("K12", 401), "01", "06/14/2025", "", "", "Liquidated", "04/20/2026"],
    ]
    found = cape_kit.assess(
        cape_kit.open(folder(tmp_path / "client", {"a.csv": rows})), as_of=date(2026, 5, 25)
    )
    steps = tables.actions(found).frame.set_index("disposition")["principal_cents"]
    assert steps["file"] == 100000
    assert pd.isna(steps["undetermined"])
    days = deadlines.days(found).set_index(deadlines.days(found)["day"].astype("str"))["principal_cents"]
    # 80 days after 2026-04-20 and 2026-04-24.
    assert [cents if pd.notna(cents) else None for cents in days[["2026-07-09", "2026-07-13"]]] == [
        None,
        100000,
    ]
