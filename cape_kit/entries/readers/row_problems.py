"""The trouble of rows and cells, gathered by whole columns and turned into problem rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers import cells, problem_kinds, sorting
from cape_kit.entries.readers.columns import Coded, Numbers, Typed
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.sorting import KINDS, Sorted

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
    kinds: Sorted, numbers: Numbers, found: Recognised, stray: Mapping[int, str], *, where: Where
) -> list[pd.DataFrame]:
    """Rows refused, rows passed over, and entry numbers that were mended.

    `numbers`: rows of the file. `stray`: of rows (from 0) without entry number, the tariff line they hold.
    """
    frames = [_refused(kinds, numbers, found, stray), _restored(kinds, numbers, found)]
    listed = [problem_kinds.cells(frame, file=where[0], sheet=where[1]) for frame in frames if len(frame)]
    return listed + _passed_over(kinds, numbers, where)


def of_cells(
    table: pa.Table, typed: Mapping[str, Typed], entries: Coded | None, found: Recognised, *, where: Where
) -> list[pd.DataFrame]:
    """The cells of used rows nobody understands, doubtful entry numbers, and duty that is not there."""
    numbers = table["source_row"].to_numpy()
    frames = [misread(list(typed.values()), numbers, found), _no_duty(table, typed, found)]
    if entries is not None:
        frames.insert(1, _wrong_digits(entries, numbers, found))
    return [problem_kinds.cells(frame, file=where[0], sheet=where[1]) for frame in frames if len(frame)]


def _refused(kinds: Sorted, numbers: Numbers, found: Recognised, stray: Mapping[int, str]) -> pd.DataFrame:
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
            "column": found.headers[found.positions[found.profile.row_key]],
            "value": kinds.key.values.take(pa.array(codes, mask=codes < 0)).to_pylist(),
            "detail": [
                stray.get(row) or kinds.said.get(code)
                for row, code in zip(rows.tolist(), codes.tolist(), strict=True)
            ],
        }
    )


def _restored(kinds: Sorted, numbers: Numbers, found: Recognised) -> pd.DataFrame:
    """Entry numbers with restored zeros: once each, on the first row they stand on."""
    codes = sorted(code for code, said in kinds.said.items() if _RESTORED in said and kinds.valid(code))
    if not codes:
        return pd.DataFrame()
    rows = kinds.key.first_rows()[codes]
    return pd.DataFrame(
        {
            "code": "R07",
            "row": numbers[rows],
            "column": found.headers[found.positions["entry_number"]],
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
            notes.append(
                problem_kinds.row("R13", file=where[0], sheet=where[1], row=int(rows[0]), detail=detail)
            )
    return [schema.problem_rows(notes)] if notes else []


def misread(typed: Sequence[Typed], numbers: Numbers, found: Recognised) -> pd.DataFrame:
    """The cells nobody understands: code, row, column as the file names it, what stood there.

    Cells of nothing but spaces are empty, and not among them. `numbers`: the row of the file of each row.
    """
    frames = [
        pd.DataFrame(
            {
                "code": _codes(one),
                "row": numbers[one.bad],
                "column": found.headers[one.position],
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


def no_importer(said: pd.DataFrame, found: Recognised) -> pd.DataFrame:
    """Importer numbers that are none, on each row they stand on. `said`: what rows say of their entry."""
    if "importer_number" not in said or "importer_number" not in found.positions:
        return pd.DataFrame()
    number = said["importer_number"]
    odd = [text for text in number.dropna().unique() if not identifiers.importer_shape(text)]
    rows = said[number.isin(odd)]
    why = {text: _SUFFIX if identifiers.names_an_importer(text) else None for text in odd}
    return pd.DataFrame(
        {
            "code": "R25",
            "row": rows["source_row"].to_numpy(),
            "column": found.headers[found.positions["importer_number"]],
            "value": rows["importer_number"].to_numpy(),
            "detail": pd.Series([why[text] for text in rows["importer_number"]], dtype="str"),
        }
    )


def _codes(one: Typed) -> list[str]:
    """The kind of trouble of each of these cells."""
    code = {text: cells.code(one.column, identifiers.unwrap(text)) for text in set(one.stood)}
    return [code[text] for text in one.stood]


def _hints(one: Typed) -> pd.Series:
    """Why each of these cells may not have been understood."""
    why = {text: cells.hint(one.column.kind, identifiers.unwrap(text)) for text in set(one.stood)}
    return pd.Series([why[text] for text in one.stood], dtype="str")


def _wrong_digits(entries: Coded, numbers: Numbers, found: Recognised) -> pd.DataFrame:
    """Entry numbers with a wrong check digit: once each, on the first row they stand on."""
    doubt = np.flatnonzero(~identifiers.check_digits_agree(entries.values.to_numpy(zero_copy_only=False)))
    if not len(doubt):
        return pd.DataFrame()
    frame = pd.DataFrame(
        {
            "code": "R06",
            "row": numbers[entries.first_rows()[doubt]],
            "column": found.headers[found.positions["entry_number"]],
            "value": entries.values.take(pa.array(doubt)).to_pylist(),
        }
    ).sort_values("row", ignore_index=True)
    detail = [f"it ends in {n[-1]}, should be {identifiers.check_digit(n[:-1])}" for n in frame["value"]]
    return frame.assign(detail=pd.Series(detail, dtype="str"))


def _no_duty(table: pa.Table, typed: Mapping[str, Typed], found: Recognised) -> pd.DataFrame:
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
    column = found.headers[found.positions["duty_cents"]]
    listed = rows[chapter_99].assign(code="R11", detail=None)
    note = others.head(1).assign(code="R17", detail=f"{len(others)} rows, this the first")
    return pd.concat([frame for frame in (listed, note) if len(frame)] or [rows.head(0)]).assign(
        column=column
    )
