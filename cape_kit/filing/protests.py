"""The entries to protest, for whoever files CBP Form 19: what is attacked, on what grounds, by which day.

A list, never a filing: a person licensed to do so files the protest. It says nothing about the merits.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from cape_kit.assessment import timeline
from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.decisions import deadlines
from cape_kit.entries import identifiers, kept, schema
from cape_kit.law import workdays

FILE, KEEP, UNLESS = "file a protest", "keep the open protest", "file unless CAPE refunds first"
PROTECT, LOOK = "counsel decides on a protective protest", "counsel must review today"
SUMMONS, ASK = "no second protest: counsel decides on a summons", "protest decided: ask counsel"
#: Actions that are a protest still to be filed, as far as counsel does not decide otherwise.
TO_FILE = (FILE, UNLESS, PROTECT, LOOK)
#: Said on every row, since rows travel without their title.
NOTE = "A list for whoever files CBP Form 19. Not a protest, and not filed with CBP."
#: The answer of the law book that names the judgment every ground rests on.
JUDGMENT = "judgment"
GROUP = ["importer_number", "filer_code", "port_of_entry"]
_COLUMNS = [
    *("importer_number", "importer_name", "filer_code", "port_of_entry", "entry_number", "entry_type"),
    *("entry_date", "liquidated_on", "liquidation", "action", "plan_day", "protest_last_day", "days_left"),
    *("duty_paid_cents", "principal_cents", "interest_cents", "confidence", "programmes", "grounds"),
    *(
        "protest_number",
        "protest_status",
        "protest_afr",
        "protest_denied_on",
        "summons_last_day",
        "why",
        "note",
    ),
]


@kept
def listing(assessment: Assessment) -> pd.DataFrame:
    """One row per entry to protest, by importer, filer and port, the most urgent first. [cents]

    `plan_day` is the last working day before the protest window ends: its very last day may be a weekend, and
    nobody should rely on it. An entry CAPE accepted and CBP has not reliquidated stands here as protective; one
    whose protest was approved does not, for nothing is left to protest. Source: keys ``window.protest``,
    ``usc-19-1514``.
    """
    table = assessment.table
    ends = (
        deadlines.PROTEST,
        deadlines.PROTECTIVE,
        deadlines.OPEN_DAY,
        deadlines.SUMMONS,
        deadlines.FILED_PROTEST,
    )
    wanted = table["disposition"].eq("protest") | table["next_deadline_what"].isin(ends)
    found = table[wanted].copy()
    found["action"] = _action(found, assessment)
    by_plan = found["action"].isin((PROTECT, LOOK, SUMMONS))
    planned = _before(found["protest_last_day"]).mask(found["action"].isin((KEEP, ASK)), pd.NaT)
    found["plan_day"] = planned.mask(by_plan, found["act_by"])
    found["days_left"] = found["protest_days_left"]
    found["liquidation"] = _liquidation(found)
    grounds = _by_entry(assessment).reindex(found["entry_number"])
    found["programmes"], found["grounds"] = grounds["programmes"].to_numpy(), grounds["grounds"].to_numpy()
    found["why"], found["note"] = found["reason"], NOTE
    return found.sort_values([*GROUP, "protest_last_day", "entry_number"], na_position="last")[
        _COLUMNS
    ].reset_index(drop=True)


def groups(listed: pd.DataFrame) -> pd.DataFrame:
    """The list summed by importer, filer and port, protests still to be filed only. [cents]

    Columns: importer_number, filer_code, port_of_entry, entries, principal_cents, interest_cents, plan_day
    (the first), protest_last_day (the first).
    """
    to_file = listed[listed["action"].isin(TO_FILE)]
    return (
        schema.gathered(
            to_file.groupby(GROUP, dropna=False),
            entries=("entry_number", "size"),
            principal_cents=("principal_cents", "known"),
            principal_unknown=("principal_cents", "unknown"),
            interest_cents=("interest_cents", "known"),
            plan_day=("plan_day", "min"),
            protest_last_day=("protest_last_day", "min"),
        )
        .reset_index()
        .sort_values(["plan_day", *GROUP], na_position="last", ignore_index=True)
    )


def grounds(assessment: Assessment) -> pd.DataFrame:
    """The ground of each programme: programme, headings, authority, entries, principal_cents, ground."""
    listed = listing(assessment)
    lines = assessment.refund_lines
    lines = lines[identifiers.among(lines["entry_number"], listed["entry_number"])]
    return schema.gathered(
        lines.assign(ground=lines["heading"].map(_texts(assessment))).groupby("programme", sort=True),
        headings=("heading", lambda told: ", ".join(sorted(set(told)))),
        entries=("entry_number", "nunique"),
        principal_cents=("principal_cents", "known"),
        grounds=("ground", lambda told: " ".join(sorted(set(told)))),
    ).reset_index()


def _action(table: pd.DataFrame, assessment: Assessment) -> pd.Series:
    words = timeline.canonical(table["protest_status"], assessment.law, "protest_status")
    live = words.isin(("open", "suspended")) | (
        table["protest_number"].notna() & (words.isna() | words.eq("unexpanded"))
    )
    what = table["next_deadline_what"]
    decided = words.isin(("denied", "approved", "closed"))
    conditions = [
        live,
        what.eq(deadlines.SUMMONS),
        decided & ~what.eq(deadlines.OPEN_DAY),
        what.eq(deadlines.PROTECTIVE),
        what.eq(deadlines.OPEN_DAY),
        table["disposition"].ne("protest"),
    ]
    chosen = np.select(
        [one.to_numpy(dtype=bool) for one in conditions], [KEEP, SUMMONS, ASK, PROTECT, LOOK, UNLESS], FILE
    )
    return pd.Series(chosen, index=table.index, dtype="str")


def _before(last_days: pd.Series) -> pd.Series:
    """The last working day strictly before each day."""
    return workdays.business_days_on_or_before(last_days - pd.Timedelta(days=1))


def _liquidation(table: pd.DataFrame) -> pd.Series:
    """What the protest attacks: kind and day of the liquidation."""
    day = table["liquidated_on"].dt.strftime("%Y-%m-%d")
    kind = table["status"].where(table["status"].isin(timeline.LIQUIDATED), "liquidated")
    first = table["original_liquidation_date"].dt.strftime("%Y-%m-%d")
    after = (" (first liquidated " + first + ")").where(kind.eq("reliquidated")).fillna("")
    return (kind + " " + day + after).fillna("not liquidated: too early to protest")


def _by_entry(assessment: Assessment) -> pd.DataFrame:
    lines = assessment.refund_lines
    texts = lines.assign(ground=lines["heading"].map(_texts(assessment))).groupby("entry_number")
    return pd.DataFrame(
        {
            "programmes": texts["programme"].agg(lambda told: ", ".join(dict.fromkeys(told))),
            "grounds": texts["ground"].agg(lambda told: " ".join(dict.fromkeys(told))),
        }
    )


def _texts(assessment: Assessment) -> dict[str, str]:
    """The ground of each IEEPA heading, in one sentence."""
    law = assessment.law
    judgment = "; ".join(law.cite(one.source) for one in law.answers if one.key == JUDGMENT)
    rows = law.headings.drop_duplicates("heading")
    return {
        heading: f"Duty under {heading} ({programme}; {authority}) rests on IEEPA, which gives no power "
        f"to impose tariffs: {judgment}."
        for heading, programme, authority in zip(
            rows["heading"], rows["programme"], rows["authority"], strict=True
        )
    }


def overdue(listed: pd.DataFrame, on: date) -> pd.DataFrame:
    """The rows still to be filed whose plan day has come or gone while the window is open."""
    late = (listed["plan_day"] <= pd.Timestamp(on)) & listed["action"].isin(TO_FILE)
    return listed[late & (listed["protest_last_day"] >= pd.Timestamp(on))].reset_index(drop=True)
