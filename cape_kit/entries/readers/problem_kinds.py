"""The kinds of trouble a file can have: permanent codes, how bad, what to say, what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers.layouts import toml

#: Refused rows and doubtful entry numbers are listed one by one up to this number, beyond it as one problem.
LISTED = 20
#: Kinds of trouble that are looked into one by one, as long as they are few.
_SINGLY = ("R04", "R05", "R06", "R15")
#: Each of these has dollars of its own.
_ALWAYS_SINGLY = ("R19",)
#: Kinds that are the trouble of a whole column, whatever stands in its cells.
_WHOLE_COLUMN = ("R11", "R16", "R21", "R22")
#: Rows named in the message.
_NAMED = 5
#: Columns of the declared tables that hold a person's or a firm's number.
PARTIES = ("importer_number", "notify_party", "payee_number")
#: What files call such columns.
_PARTY_HEADERS = "importer n|importer_n|4811|notify|payee n"
#: Trouble whose value is sure to be an entry number, however few its digits: the check digit agrees.
_ENTRY_NUMBERS = ("R06", "R07")


@dataclass(frozen=True)
class ProblemKind:
    """One kind of trouble."""

    code: str
    severity: str
    message: str
    what_to_do: str


@cache
def kinds() -> dict[str, ProblemKind]:
    """Every kind of trouble by its code."""
    return {code: ProblemKind(code, **kind) for code, kind in toml("_problems.toml").items()}


def row(code: str, *, file: str | None = None, detail: str | None = None, **more: Any) -> dict[str, Any]:
    """One problem as a dictionary, personal numbers masked; `detail` makes the general message particular."""
    kind = kinds()[code]
    message = f"{kind.message}: {identifiers.mask_text(detail)}" if detail else kind.message
    if isinstance(more.get("value"), str):
        more["value"] = shown(more["value"], more.get("column"))
    what = more.pop("what_to_do", kind.what_to_do)
    return {
        "severity": kind.severity,
        "code": code,
        "file": file,
        "message": message,
        "what_to_do": what,
        **more,
    }


def shown(value: str, column: object = None) -> str:
    """What stood in a cell, with Social Security shaped numbers masked; `column` as declared, if it is."""
    return identifiers.mask_importer(value) if column in PARTIES else identifiers.mask_text(value)


def cells(frame: pd.DataFrame, *, file: str, sheet: str | None) -> pd.DataFrame:
    """Problems of single cells (code, row, column, value, optionally detail) as the declared table.

    One mistake that repeats is one problem, with how often and on which rows: so the one odd cell is seen.
    """
    if frame.empty:
        return schema.empty("problems")
    full = _together(frame)
    kind = full["code"].map(lambda code: kinds()[code])
    full = full.assign(
        severity=kind.map(lambda k: k.severity),
        message=kind.map(lambda k: k.message),
        what_to_do=kind.map(lambda k: k.what_to_do),
        file=file,
        sheet=sheet,
    )
    if "detail" in full:
        particular = full["detail"].notna()
        full.loc[particular, "message"] = full["message"] + ": " + full["detail"].astype("str")
    full["message"] = full["message"] + full["so_on"]
    full["value"] = _masked(full)
    full["message"] = full["message"].map(identifiers.mask_text)
    return schema.conform(full, "problems")


def _together(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each mistake: the first cell of it, with `times`, `rows` and `so_on` for the message."""
    frame = frame.assign(times=None, rows=None, so_on="").reset_index(drop=True)
    detail = _text(frame["detail"]) if "detail" in frame else pd.Series("", index=frame.index)
    singly = frame["code"].isin(_SINGLY)
    whole = singly | frame["code"].isin(_WHOLE_COLUMN)
    alike = {"": "", **{text: _form(text) for text in frame.loc[~whole, "value"].dropna().unique()}}
    form = _text(frame["value"]).map(alike).fillna("").where(~whole, "")
    keys = [frame["code"], _text(frame["column"]), form, detail.where(~whole, "")]
    groups = frame.groupby(keys, sort=False)
    size = groups["row"].transform("size")
    several = (size > 1) & (~singly | (size > LISTED)) & ~frame["code"].isin(_ALWAYS_SINGLY)
    if not several.any():
        return frame
    firsts = frame[several].groupby([key[several] for key in keys], sort=False)
    kept = frame.loc[firsts.head(1).index].copy()
    numbers = [sorted(rows.tolist()) for _, rows in firsts["row"]]
    kept["times"] = [len(rows) for rows in numbers]
    kept["rows"] = [_spans(rows) for rows in numbers]
    kept["so_on"] = [_so_on(rows) for rows in numbers]
    return pd.concat([frame[~several], kept]).sort_index(ignore_index=True)


def _text(column: pd.Series) -> pd.Series:
    """A column as text, what is missing as nothing."""
    return column.astype("object").where(column.notna(), "").astype("str")


def _form(text: str) -> str:
    """What a cell looks like, whatever its digits: cells of one form hold one mistake."""
    return re.sub(r"[0-9]+", "0", text.strip().lower())


def _so_on(rows: list[int]) -> str:
    named = ", ".join(f"{row:,}" for row in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED:,} more" if len(rows) > _NAMED else ""
    return f"; {len(rows):,} times, on rows {named}{more}"


def _spans(rows: list[int]) -> str:
    """Rows in text, neighbours drawn together: 4, 7-9."""
    numbers = np.unique(np.array(rows, dtype=np.int64))
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    return ", ".join(f"{part[0]}" if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def on_row(rows: str, row: int) -> bool:
    """Whether a problem that stands for several rows, named as `rows`, stands for this one."""
    for part in rows.split(", "):
        first, _, last = part.partition("-")
        if int(first) <= row <= int(last or first):
            return True
    return False


def times(problems: pd.DataFrame) -> pd.Series:
    """How many rows or cells each problem stands for."""
    return problems["times"].fillna(1).astype("int64")


def _masked(frame: pd.DataFrame) -> pd.Series:
    """The values of problems fit to be shown: personal numbers masked, entry numbers as they stand."""
    party = frame["column"].astype("str").str.contains(_PARTY_HEADERS, case=False).fillna(False).astype(bool)
    value = frame["value"]
    told = value.map(shown, na_action="ignore")
    told = told.mask(party, value.map(identifiers.mask_importer, na_action="ignore"))
    return told.where(~frame["code"].isin(_ENTRY_NUMBERS), value)
