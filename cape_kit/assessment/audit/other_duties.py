"""Checks of duty under other laws, as far as the law book allows a judgement: only this can be set off."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment.audit.filed_lines import CHECK, OVER, Filed, direction_of, found, owed, tolerance
from cape_kit.assessment.refund import heading_of


def other_country(filed: Filed) -> pd.DataFrame:
    """A section 301 duty whose programme names another country than the line's origin."""
    rows = filed.of_lines
    rows = rows[(rows["family"] == "Section 301") & (rows["paid"] > 0) & rows["country"].notna()]
    meant = rows["programme"].map(
        {
            programme: [
                code
                for name, codes in filed.countries.items()
                if f" {name} " in f" {programme} "
                for code in codes
            ]
            for programme in rows["programme"].unique()
        }
    )
    off = [
        bool(codes) and country not in codes for codes, country in zip(meant, rows["country"], strict=True)
    ]
    why = "the section 301 duty is for goods of another country"
    return found(rows[np.array(off, dtype=bool)], OVER, 0, confidence="medium", why=why)


def no_232(filed: Filed) -> pd.DataFrame:
    """The exception for section 232 goods claimed on a line that bears no section 232 heading."""
    rows = filed.of_lines
    rows = rows[rows["for_232"].fillna(False).astype(bool) & ~rows["has_232"]]
    rows = rows.merge(
        filed.called.rename(columns={"rate": "right"}), on=["country", "day", "levy"], how="left"
    )
    told = found(
        rows,
        CHECK,
        0,
        confidence="low",
        why="no section 232 heading stands on the line; its rate is not in the law book",
    )
    return told.assign(expected=np.nan, amount=np.nan)


def normal_duty(filed: Filed) -> pd.DataFrame:
    """Normal duty on the goods rows against the printed rates, where no all-in heading holds it."""
    bears = filed.headings.loc[filed.headings["all_in"].fillna(False).astype(bool), "at"]
    rows = filed.lines[filed.lines["normal_rated"] & ~filed.lines["at"].isin(bears)]
    rows = rows[~rows["preference"] & ~rows["chapter_98"] & (rows["goods_rows"] == 1) & (rows["value"] > 0)]
    rows = rows.assign(
        paid=rows["goods_duty"], heading="", programme=heading_of.NORMAL, family=heading_of.NORMAL
    )
    rows["rate"] = rows["normal_owed"] / rows["value"] * 100
    difference = rows["normal_owed"] - rows["paid"]
    off = difference.abs() > tolerance(rows, rows["rate"])
    free = rows.loc[off, "paid"] == 0
    why = "the duty on the goods row is not its printed rate times its value"
    told = np.where(free, "low", "medium")
    return found(
        rows[off], direction_of(difference[off]), rows.loc[off, "normal_owed"], confidence=told, why=why
    )


def other_rate(filed: Filed) -> pd.DataFrame:
    """Duty of another law whose one rate the law book has (section 122), against that rate."""
    rows = filed.of_lines.drop(columns="rate").merge(filed.others, on="hts8")
    rows = rows[(rows["value"] > 0) & ~rows["unread"] & (rows["goods_rows"] == 1)]
    rows = rows[rows["day"].between(rows["since"], rows["until"])]
    expected = owed(rows["value"], rows["rate"])
    difference = expected - rows["paid"]
    off = difference.abs() > tolerance(rows, rows["rate"])
    why = "the duty is not the law book's rate times the value"
    return found(rows[off], direction_of(difference[off]), expected[off], confidence="medium", why=why)
