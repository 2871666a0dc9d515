"""The problems a file can have: permanent codes, how bad, what to say, what to do; those of rows and cells.

Problems of rows and cells are gathered by whole columns and turned into problem rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers import cells, sorting
from cape_kit.entries.readers.cells import Coded, Numbers, Typed
from cape_kit.entries.readers.layouts import toml
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.sorting import KINDS, Sorted
from cape_kit.errors import in_short

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


def problem(code: str, *, file: str | None = None, detail: str | None = None, **more: Any) -> dict[str, Any]:
    """One problem as a dictionary, personal numbers masked; `detail` makes the general message particular."""
    kind = kinds()[code]
    message = f"{kind.message}: {identifiers.mask_text(detail)}" if detail else kind.message
    if isinstance(more.get("value"), str):
        more["value"] = shown(more["value"], more.get("column"))
    if isinstance(more.get("column"), str):
        more["column"] = in_short(more["column"])
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
    """What stood in a cell, in short, with Social Security shaped numbers masked; `column` as declared, if it is."""
    return in_short(identifiers.mask_importer(value) if column in PARTIES else identifiers.mask_text(value))


def of_single_cells(frame: pd.DataFrame, *, file: str, sheet: str | None) -> pd.DataFrame:
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
    full["value"] = _masked(full).map(in_short, na_action="ignore")
    full["column"] = full["column"].map(in_short, na_action="ignore")
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


# --- the problems of rows and cells -----------------------------------------------------------------------


_REFUSED = {"nokey": "R04", "badkey": "R05", "ragged": "R15"}
#: A refused row that holds a tariff line: never a mere note, and its duty is missing from some entry.
_A_LINE = "R19"
#: A refused row that holds some of the digits of an entry number.
_PART = "R23"
_SUFFIX = "the two characters of its suffix are missing"
_EMPTY = {"blank": "empty", "header": "repeat the header", "total": "totals", "note": "notes"}
_RESTORED = "restored"
Where = tuple[str, str | None]


def of_rows(
    kinds: Sorted, numbers: Numbers, report: Recognised, stray: Mapping[int, sorting.Stray], *, where: Where
) -> list[pd.DataFrame]:
    """Rows refused, rows passed over, and entry numbers that were corrected.

    `numbers`: rows of the file. `stray`: of rows (from 0) without entry number, the tariff line they hold.
    """
    frames = [_refused(kinds, numbers, report, stray), _restored(kinds, numbers, report)]
    listed = [of_single_cells(frame, file=where[0], sheet=where[1]) for frame in frames if len(frame)]
    return listed + _passed_over(kinds, numbers, where)


def of_cells(
    table: pa.Table, typed: Mapping[str, Typed], entries: Coded | None, report: Recognised, *, where: Where
) -> list[pd.DataFrame]:
    """The cells of used rows nobody understands, doubtful entry numbers, and duty that is not there."""
    numbers = table["source_row"].to_numpy()
    frames = [misread(list(typed.values()), numbers, report), _no_duty(table, typed, report)]
    if entries is not None:
        frames.insert(1, _wrong_digits(entries, numbers, report))
    return [of_single_cells(frame, file=where[0], sheet=where[1]) for frame in frames if len(frame)]


def _refused(
    kinds: Sorted, numbers: Numbers, report: Recognised, stray: Mapping[int, sorting.Stray]
) -> pd.DataFrame:
    """The rows that can't be used, one error each."""
    rows = np.flatnonzero(kinds.are(*_REFUSED))
    codes = kinds.key.codes[rows]
    parts = {code for code in kinds.said if sorting.part_of_one(kinds.key.values[code].as_py())}
    return pd.DataFrame(
        {
            "code": [
                _A_LINE if row in stray else _PART if code in parts else _REFUSED[KINDS[kind]]
                for row, code, kind in zip(rows.tolist(), codes.tolist(), kinds.kinds[rows], strict=True)
            ],
            "row": numbers[rows],
            "column": report.headers[report.positions[report.profile.row_key]],
            "value": kinds.key.values.take(pa.array(codes, mask=codes < 0)).to_pylist(),
            "detail": [
                stray[row].said if row in stray else kinds.said.get(code)
                for row, code in zip(rows.tolist(), codes.tolist(), strict=True)
            ],
        }
    )


def _restored(kinds: Sorted, numbers: Numbers, report: Recognised) -> pd.DataFrame:
    """Entry numbers with restored zeros: once each, on the first row they stand on."""
    codes = sorted(code for code, said in kinds.said.items() if _RESTORED in said and kinds.valid(code))
    if not codes:
        return pd.DataFrame()
    rows = kinds.key.first_rows()[codes]
    return pd.DataFrame(
        {
            "code": "R07",
            "row": numbers[rows],
            "column": report.headers[report.positions["entry_number"]],
            "value": kinds.key.values.take(pa.array(codes)).to_pylist(),
            "detail": [kinds.said[code] for code in codes],
        }
    ).sort_values("row", ignore_index=True)


def _passed_over(kinds: Sorted, numbers: Numbers, where: Where) -> list[pd.DataFrame]:
    """One note for each kind of row that holds no data."""
    notes = []
    for kind, meaning in _EMPTY.items():
        rows = numbers[kinds.are(kind)]
        if len(rows):
            listed = ", ".join(map(str, rows[:10])) + (" …" if len(rows) > 10 else "")
            detail = f"{len(rows)} ({meaning}), rows {listed}"
            notes.append(problem("R13", file=where[0], sheet=where[1], row=int(rows[0]), detail=detail))
    return [schema.problem_rows(notes)] if notes else []


def misread(typed: Sequence[Typed], numbers: Numbers, report: Recognised) -> pd.DataFrame:
    """The cells nobody understands: code, row, column as the file names it, what stood there.

    Cells of nothing but spaces are empty, and not among them. `numbers`: the row of the file of each row.
    """
    frames = [
        pd.DataFrame(
            {
                "code": _codes(one),
                "row": numbers[one.bad],
                "column": report.headers[one.position],
                "value": one.stood,
                "detail": _hints(one),
            }
        )
        for one in typed
        if len(one.bad)
    ]
    if not frames:
        return pd.DataFrame()
    listed = pd.concat(frames, ignore_index=True).sort_values("row", kind="stable")
    return listed[listed["value"].map(identifiers.unwrap) != ""].reset_index(drop=True)


def no_importer(said: pd.DataFrame, report: Recognised) -> pd.DataFrame:
    """Importer numbers that are none, on each row they stand on. `said`: what rows say of their entry."""
    if "importer_number" not in said or "importer_number" not in report.positions:
        return pd.DataFrame()
    number = said["importer_number"]
    odd = [text for text in number.dropna().unique() if not identifiers.importer_shape(text)]
    rows = said[number.isin(odd)]
    why = {text: _SUFFIX if identifiers.names_an_importer(text) else None for text in odd}
    return pd.DataFrame(
        {
            "code": "R25",
            "row": rows["source_row"].to_numpy(),
            "column": report.headers[report.positions["importer_number"]],
            "value": rows["importer_number"].to_numpy(),
            "detail": pd.Series([why[text] for text in rows["importer_number"]], dtype="str"),
        }
    )


def _codes(one: Typed) -> list[str]:
    """The kind of trouble of each of these cells."""
    code = {text: cells.problem_code(one.column, identifiers.unwrap(text)) for text in set(one.stood)}
    return [code[text] for text in one.stood]


def _hints(one: Typed) -> pd.Series:
    """Why each of these cells may not have been understood."""
    why = {text: cells.hint(one.column.kind, identifiers.unwrap(text)) for text in set(one.stood)}
    return pd.Series([why[text] for text in one.stood], dtype="str")


def _wrong_digits(entries: Coded, numbers: Numbers, report: Recognised) -> pd.DataFrame:
    """Entry numbers with a wrong check digit: once each, on the first row they stand on."""
    doubt = np.flatnonzero(~identifiers.check_digits_agree(entries.values.to_numpy(zero_copy_only=False)))
    if not len(doubt):
        return pd.DataFrame()
    frame = pd.DataFrame(
        {
            "code": "R06",
            "row": numbers[entries.first_rows()[doubt]],
            "column": report.headers[report.positions["entry_number"]],
            "value": entries.values.take(pa.array(doubt)).to_pylist(),
        }
    ).sort_values("row", ignore_index=True)
    detail = [f"it ends in {n[-1]}, should be {identifiers.check_digit(n[:-1])}" for n in frame["value"]]
    return frame.assign(detail=pd.Series(detail, dtype="str"))


def _no_duty(table: pa.Table, typed: Mapping[str, Typed], report: Recognised) -> pd.DataFrame:
    """Tariff rows with an empty duty cell: unknown, never zero. Chapter 99 singly, the rest as one note."""
    duty = typed.get("duty_cents")
    if duty is None or "hts" not in typed or not duty.cells.null_count:
        return pd.DataFrame()
    empty = pc.is_null(duty.cells).to_numpy()
    empty[[row for row, stood in zip(duty.bad, duty.stood, strict=True) if identifiers.unwrap(stood)]] = False
    rows = table.select(["source_row", "hts"]).filter(pa.array(empty)).to_pandas()
    rows = rows.rename(columns={"source_row": "row", "hts": "value"})
    chapter_99 = rows["value"].str.startswith("99").fillna(False).astype(bool)
    others = rows[~chapter_99]
    column = report.headers[report.positions["duty_cents"]]
    listed = rows[chapter_99].assign(code="R11", detail=None)
    note = others.head(1).assign(code="R17", detail=f"{len(others)} rows, this the first")
    return pd.concat([frame for frame in (listed, note) if len(frame)] or [rows.head(0)]).assign(
        column=column
    )
