"""The kinds of trouble a file can have: permanent codes, how bad, what to say, what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers.layouts import toml

#: Notes and warnings beyond this number, of one kind in one column of one sheet, are summed up in one row.
LISTED = 1000
#: Columns of the declared tables that hold a person's or a firm's number.
PARTIES = ("importer_number", "notify_party", "payee_number")
#: What files call such columns.
_PARTY_HEADERS = "importer n|importer_n|4811|notify|payee n"
#: Trouble whose value is sure to be an entry number, however few its digits: the check digit agrees.
_ENTRY_NUMBERS = ("R06", "R07")


@dataclass(frozen=True)
class Trouble:
    """One kind of trouble."""

    code: str
    severity: str
    message: str
    what_to_do: str


@cache
def kinds() -> dict[str, Trouble]:
    """Every kind of trouble by its code."""
    return {code: Trouble(code, **kind) for code, kind in toml("_problems.toml").items()}


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

    Errors are all listed; of the others at most LISTED for each code and column, then one row that sums up.
    """
    if frame.empty:
        return schema.empty("problems")
    kind = frame["code"].map(lambda code: kinds()[code])
    full = frame.assign(
        severity=kind.map(lambda k: k.severity),
        message=kind.map(lambda k: k.message),
        what_to_do=kind.map(lambda k: k.what_to_do),
        file=file,
        sheet=sheet,
    )
    if "detail" in full:
        particular = full["detail"].notna()
        full.loc[particular, "message"] = full["message"] + ": " + full["detail"].astype("str")
    full["value"] = _masked(full)
    full["message"] = full["message"].map(identifiers.mask_text)
    rank = full.groupby(["code", "column"], dropna=False).cumcount()
    beyond = (full["severity"] != "error") & (rank >= LISTED)
    return pd.concat([schema.conform(full[~beyond], "problems"), _summed_up(full[beyond])], ignore_index=True)


def _masked(frame: pd.DataFrame) -> pd.Series:
    """The values of problems fit to be shown: personal numbers masked, entry numbers as they stand."""
    party = frame["column"].astype("str").str.contains(_PARTY_HEADERS, case=False).fillna(False).astype(bool)
    value = frame["value"]
    told = value.map(shown, na_action="ignore")
    told = told.mask(party, value.map(identifiers.mask_importer, na_action="ignore"))
    return told.where(~frame["code"].isin(_ENTRY_NUMBERS), value)


def _summed_up(beyond: pd.DataFrame) -> pd.DataFrame:
    """One row for each code and column whose further cells are not listed one by one."""
    if beyond.empty:
        return schema.empty("problems")
    groups = beyond.groupby(["code", "column"], dropna=False)
    first = groups.head(1).copy()
    counts = groups["row"].transform("size").loc[first.index]
    first["message"] = first["message"] + "; and so on in " + counts.astype("str") + " rows from this one"
    return schema.conform(first, "problems")
