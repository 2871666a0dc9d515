"""What-if answers ready to read: the comparison, who moves and why, the filing days, and what is assumed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment import scenarios
from cape_kit.money import known_sum, plain, unknown_count
from cape_kit.views import markup, redaction, words
from cape_kit.views.markup import Html
from cape_kit.views.tables import Field, Table
from cape_kit.views.tables.table import duty, told_apart

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.scenarios import Chances, Scenario, Sweep

#: Figures of the answer: name in the comparison -> its heading.
FIGURES = {
    "principal_cents": "On CAPE",
    "interest_cents": "Interest on it",
    "protest_cents": "By protest",
    "held_cents": "Held, waiting",
    "lost_cents": "Out of both windows",
    "filed_cents": "Filed already",
}


def comparison(
    baseline: Assessment, others: Iterable[Scenario | Assessment], *, brief: bool = False
) -> Table:
    """The scenarios side by side, the baseline first; under each name what it assumes. [cents]

    `brief`: under each name the filing day alone, where the assumptions stand elsewhere. A scenario whose
    filing day has gone by is named below the table and not reckoned.
    """
    asked = list(others)
    late = [one for one in asked if isinstance(one, scenarios.Scenario) and one.gone_by(baseline.as_of)]
    made = [
        scenarios.run(baseline, one) if isinstance(one, scenarios.Scenario) else one
        for one in asked
        if one not in late
    ]
    frame = scenarios.table(baseline, [one for one in made if not _is_baseline(one)])
    frame = frame.assign(
        name=frame["scenario"].map(title),
        filed="Filed on " + frame["filing_date"].map(words.day) + ".",
        told=frame["assumes"].map(" ".join),
        more=frame["principal_cents_change"].map(_if_any),
        more_interest=frame["interest_cents_change"].map(_if_any),
        more_protest=frame["protest_cents_change"].map(_if_any),
        more_held=frame["held_cents_change"].map(_if_any),
        more_lost=frame["lost_cents_change"].map(_if_any),
        more_entries=frame["moved"].map(lambda count: f"{count:,} move" if count else ""),
        sooner=frame["latest_cash_change"].map(_sooner).replace(_SAME, ""),
        more_undated=frame["undated_cents_change"].map(_if_any),
    )
    # What was filed before is no part of a scenario; where nothing was, the column would say nothing.
    filed = (Field("filed_cents", FIGURES["filed_cents"], "dollars"),) if _some(frame["filed_cents"]) else ()
    return Table(
        frame,
        (
            Field("name", "Scenario", under="filed" if brief else "told"),
            Field("entries", "Entries on CAPE", "count", under="more_entries"),
            Field("principal_cents", "Duty on CAPE", "dollars", under="more"),
            Field("interest_cents", "Interest on it", "dollars", under="more_interest"),
            Field("protest_cents", "By protest", "dollars", under="more_protest"),
            Field("held_cents", "Held, waiting", "dollars", under="more_held"),
            Field("lost_cents", "Out of both windows", "dollars", under="more_lost"),
            *filed,
            Field("latest_cash", "Paid by", "day", under="sooner"),
            Field("undated_cents", "No payment day", "dollars", under="more_undated"),
        ),
        caption="What if: the scenarios side by side",
        as_of=baseline.as_of,
        note="Every scenario starts from the first row. “Paid by” is the late end of CBP’s range, for what "
        f"can be dated and paid. {_FILED if filed else ''}An assumption is not law.{_left_out(late)}"
        + _not_known(frame["unknown"].iloc[0]),
    )


def moves(baseline: Assessment, other: Assessment, *, rows: int = 20) -> Table:
    """Which entries stand elsewhere under the scenario, from what to what, and why. [cents]"""
    places = scenarios.elsewhere(baseline, other)
    frame = scenarios.moves(baseline, other, places[:rows])
    name = title((other.scenario or scenarios.BASELINE).name)
    return Table(
        frame,
        (
            Field("entry_number", "Entry", "number_of_entry"),
            Field("was_label", "Before"),
            Field("now_label", "Under the scenario", under="why"),
            Field("principal_cents", "IEEPA duty", "dollars"),
        ),
        caption=f"Entries that move: {name}",
        as_of=other.filing_date,
        left_out=max(len(places) - rows, 0),
        empty="No entry stands elsewhere.",
    )


def assumed(assessment: Assessment) -> Html:
    """What the assessment’s scenario takes for granted, as a box; nothing where there is no scenario."""
    return _assumes(assessment.scenario or scenarios.BASELINE, assessment)


def _assumes(scenario: Scenario, assessment: Assessment) -> Html:
    told = scenarios.assumptions(scenario, assessment.law, assessment.filing_date) if scenario.changes else ()
    return markup.notice(f"{title(scenario.name)} assumes", told)


def filing_answer(found: Sweep) -> Html:
    """On which day to file, as cards: the best day, the last sensible one, the steepest loss. [cents]"""
    days, cliffs = found.days.set_index("filing_date"), found.cliffs
    best, last = (pd.Timestamp(day) for day in (found.best_day, found.last_sensible_day))
    gone = _gone(found)
    cells = [
        _card("best_day", "Most on CAPE", words.day(best), words.dollars(days["cape_cents"][best])),
        _card(
            "last_sensible_day", "Last sensible day", words.day(last), "the last working day before a loss"
        ),
    ]
    if len(cliffs):
        steepest = cliffs.iloc[0]
        lost = f"{_worth(steepest['principal_cents'])}, {words.entries(steepest['entries'])}"
        cells.append(_card("cliff", "Most leaves CAPE after", words.day(steepest["last_day"]), lost))
    until = f"Leaves CAPE by {words.day(days.index[-1])}"
    told = f"after {words.count(len(cliffs), 'day')}, the steepest listed below"
    cells.append(_card("left_cents", until, words.dollars(gone), told + _unknown(found, "; "), cents=gone))
    return _cards(cells, f"Most on CAPE {words.day(best)}; last sensible day {words.day(last)}")


def filing_days(found: Sweep, *, rows: int = 10) -> Table:
    """The days before dollars leave CAPE, the most dollars first. [cents]"""
    cliffs = found.cliffs
    best, last = found.best_day, found.last_sensible_day
    told = f"Most can be declared on {words.day(best)}; the last sensible day is {words.day(last)}."
    after = _gone(found)
    cliffs = told_apart(cliffs.assign(principal_unknown=cliffs["principal_unknown"].astype("Int64")))
    return Table(
        cliffs.head(rows),
        (
            Field("last_day", "Last day to file", "day"),
            duty(cliffs, "Leaves CAPE after it"),
            Field("entries", "Entries", "count"),
            Field("left_for", "Most of it goes to"),
        ),
        caption="Days after which dollars leave CAPE, the most first",
        as_of=found.days["filing_date"].iloc[0].date(),
        note=f"{told} {_worth(after)} in all would leave by "
        f"{words.day(found.days['filing_date'].iloc[-1])}{_unknown(found, '; ')}. "
        "More than one declaration may be filed.",
        left_out=max(len(cliffs) - rows, 0),
        empty=f"No dollar leaves CAPE in these days. {told}",
    )


def _gone(found: Sweep) -> int | None:
    """What leaves CAPE in all, as far as it is known; None where something does and nothing of it is. [cents]"""
    left = found.days[found.days["left_entries"].gt(0)]
    return plain(known_sum(left["left_cents"]))


def _unknown(found: Sweep, lead: str) -> str:
    """Of how many entries that leave CAPE the amount is not known."""
    left = int(found.days["left_unknown"].sum())
    return f"{lead}{words.not_known(left)}" if left else ""


def _worth(cents: Any) -> str:
    return "An unknown amount" if plain(cents) is None else words.dollars(cents)


def cash_weeks(assessment: Assessment) -> Table:
    """Money in hand by week under the assessment's scenario, for `charts.cash_curve`. [cents]"""
    paid = scenarios.pay_days(assessment)
    left = paid[paid["left_out"] != ""].groupby("left_out")["cents"].sum(min_count=1)
    left = left.sort_values(ascending=False, na_position="first")
    why = "; ".join(f"{_worth(cents)}, {reason}" for reason, cents in left.items())
    note = f"Not in it, since it can’t be dated or paid as things stand: {why}." if why else ""
    return Table(
        scenarios.weeks(assessment, paid),
        (
            Field("day", "By", "day"),
            Field("early_cents", "If paid early", "dollars"),
            Field("base_cents", "Expected", "dollars"),
            Field("late_cents", "If paid late", "dollars"),
        ),
        caption="Refunds in hand, week by week",
        as_of=assessment.filing_date,
        note=f"{note}{_not_known(unknown_count(paid['cents']))}".strip(),
        empty="No payment can be expected yet.",
    )


def cash_chances(found: Chances) -> Table:
    """Money in hand by week over many runs; weeks in which nothing changes are left out. [cents]"""
    frame = found.weeks
    changes = frame[["p10", "p50", "p90"]].diff().fillna(frame[["p10", "p50", "p90"]]).ne(0).any(axis=1)
    cents = found.undated_cents
    undated = "" if cents == 0 else f" {_worth(cents)} can’t be dated or paid and is left out."
    return Table(
        frame[changes],
        (
            Field("day", "By", "day"),
            Field("p10", "Nine in ten runs at least (P10)", "dollars"),
            Field("p50", "Every second run at least (P50)", "dollars"),
            Field("p90", "One run in ten at least (P90)", "dollars"),
        ),
        caption="Refunds in hand, with CBP’s pace uncertain",
        as_of=frame["day"].iloc[0].date() if len(frame) else date.max,
        note=" ".join(found.assumptions) + undated,
        empty="No payment can be expected yet.",
    )


def answer(baseline: Assessment, other: Assessment) -> Html:
    """The figures of one scenario beside the baseline's, as cards a person and a program can read. [cents]"""
    frame = scenarios.table(baseline, [other])
    row = frame.iloc[-1]
    put = f"{words.entries(row['entries'])} on CAPE"
    shown = {name: label for name, label in FIGURES.items() if name != "filed_cents" or plain(row[name]) != 0}
    cells = [
        _card("filing_date", "Filed on", words.day(row["filing_date"]), put),
        *(_amount(row, name, label) for name, label in shown.items()),
        _card("latest_cash", "Paid by", words.day(row["latest_cash"]), _sooner(row["latest_cash_change"])),
        _amount(row, "undated_cents", "No payment day"),
    ]
    return _cards(cells, "; ".join(f"{label} {words.dollars(row[name])}" for name, label in shown.items()))


def section(baseline: Assessment, other: Assessment, *, only: str = "") -> Html:
    """The scenario as a part of a report: what is assumed, what comes of it, and which entries move.

    `only` says which entries it is about, where it is not about all.
    """
    scenario = other.scenario or scenarios.BASELINE
    head = Html(f"<h2>What if: {markup.safe(title(scenario.name))}</h2>", title(scenario.name))
    reason = markup.paragraph(scenario.reason) if scenario.reason else Html("")
    tables = [comparison(baseline, [other], brief=True), moves(baseline, other)]
    pieces = [Html(one._repr_html_(), repr(one)) for one in tables]
    part = markup.paragraph(only) if only else Html("")
    return markup.together(head, part, reason, assumed(other), *pieces)


def own(assessment: Assessment) -> Html:
    """The scenarios of the client's own scenarios.toml side by side, as a part of the report.

    Nothing where the folder has no such file: what if is asked by a person, never by the kit.
    Raises Usage for a file that is no list of scenarios.
    """
    found = redaction.scenarios(assessment)
    if not found:
        return Html("")
    table = comparison(assessment, found, brief=True)
    told = [_assumes(one, assessment) for one in found if not one.gone_by(assessment.as_of)]
    head = Html("<h3>What if</h3>", "What if")
    return markup.together(head, Html(table._repr_html_(), repr(table)), *told)


def title(name: str) -> str:
    """A scenario's name as a heading: ``slow_cbp`` is “Slow CBP”."""
    text = name.replace("_", " ").replace("-", " ").strip()
    return (text[:1].upper() + text[1:]).replace("cbp", "CBP").replace("Cbp", "CBP")


def signed(cents: Any) -> str:
    """A difference with its sign: ``+$1,200``, ``no change``; one that is not known is not said to be none."""
    if pd.isna(cents):
        return "change not known"
    if not int(cents):
        return _SAME
    return f"{'+' if cents > 0 else '−'}{words.dollars(abs(int(cents)))}"


def _if_any(cents: Any) -> str:
    """A difference, and nothing where there is none: a column of “no change” hides what changes."""
    return "" if signed(cents) == _SAME else signed(cents)


def _some(cents: pd.Series) -> bool:
    """Whether there is any money in a column, known or not."""
    return bool(cents.ne(0).fillna(True).any())


def _not_known(entries: int) -> str:
    return f" The duty of {words.entries(entries)} is not known and in no amount." if entries else ""


def _left_out(late: list[Scenario]) -> str:
    if not late:
        return ""
    named = ", ".join(f"{title(one.name)} ({words.day(one.filing_on)})" for one in late)
    return f" Left out, since the filing day has gone by: {named}."


_SAME = "no change"
_FILED = "“Filed already” awaits CBP’s answer; no scenario moves it. "
_GRID = "display:flex;flex-wrap:wrap;gap:8px 16px;margin:4px 0"


def _amount(row: pd.Series, name: str, label: str) -> str:
    return _card(name, label, words.dollars(row[name]), signed(row[f"{name}_change"]), cents=plain(row[name]))


def _cards(cells: list[str], told: str) -> Html:
    return Html(f'<div role="list" class="whatif-answer" style="{_GRID}">{"".join(cells)}</div>', told)


def _card(name: str, label: str, figure: str, detail: str, *, cents: int | None = None) -> str:
    mark = f' data-cents="{cents}"' if cents is not None else ""
    return (
        f'<div role="listitem" data-figure="{name}"{mark} style="line-height:1.35">'
        f"<span>{markup.safe(label)}</span><br>"
        f'<strong style="font-size:1.2em">{markup.safe(figure)}</strong><br>'
        f"<small>{markup.safe(detail)}</small></div>"
    )


def _sooner(days: Any) -> str:
    if pd.isna(days):
        return "no day is known"
    if not int(days):
        return _SAME
    return f"{words.count(abs(int(days)), 'day')} {'later' if days > 0 else 'sooner'}"


def _is_baseline(one: Assessment) -> bool:
    return one.scenario is not None and one.scenario.name == scenarios.BASELINE.name
