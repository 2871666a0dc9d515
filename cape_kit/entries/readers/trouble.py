"""The trouble of rows and cells, gathered by whole columns and turned into problem rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers import cells, findings
from cape_kit.entries.readers.layouts import vocabulary
from cape_kit.entries.readers.recognise import Recognised

_REFUSED = {"nokey": "R04", "badkey": "R05", "ragged": "R15"}
_EMPTY = {"blank": "empty", "header": "repeat the header", "total": "totals"}
Where = tuple[str, str | None]


def of_rows(table: pa.Table, used: pa.Table, found: Recognised, *, where: Where) -> pd.DataFrame:
    """Rows refused, rows passed over, and the cells of used rows nobody understands."""
    frames = [
        *(_refused(table, found, where) if used is not table else ()),
        *(_passed_over(table, where) if used is not table else ()),
        *(
            findings.cells(frame, file=where[0], sheet=where[1])
            for frame in (troubled(used, found), _entry_numbers(used, found), _no_duty(used, found))
            if not frame.empty
        ),
    ]
    return pd.concat(frames, ignore_index=True) if frames else schema.empty("problems")


def _refused(table: pa.Table, found: Recognised, where: Where) -> list[pd.DataFrame]:
    """The rows that can't be used, one error each."""
    refused = table.filter(pc.is_in(table["row_kind"], value_set=pa.array(list(_REFUSED))))
    if not refused.num_rows:
        return []
    frame = pd.DataFrame(
        {
            "code": [_REFUSED[kind] for kind in refused["row_kind"].to_pylist()],
            "row": refused["source_row"].to_pandas(),
            "column": found.headers[found.positions[found.profile.row_key]],
            "value": refused["raw_key"].to_pylist(),
            "detail": refused["mended"].to_pylist() if "mended" in refused.column_names else None,
        }
    )
    return [findings.cells(frame, file=where[0], sheet=where[1])]


def _passed_over(table: pa.Table, where: Where) -> list[pd.DataFrame]:
    """One note for each kind of row that holds no data."""
    notes = []
    for kind, meaning in _EMPTY.items():
        rows = table["source_row"].filter(pc.fill_null(pc.equal(table["row_kind"], kind), False)).to_pylist()
        if rows:
            listed = ", ".join(map(str, rows[:10])) + (" …" if len(rows) > 10 else "")
            detail = f"{len(rows)} ({meaning}), rows {listed}"
            notes.append(findings.row("R13", file=where[0], sheet=where[1], row=rows[0], detail=detail))
    return [schema.problem_rows(notes)] if notes else []


def troubled(used: pa.Table, found: Recognised) -> pd.DataFrame:
    """The cells listed in the column `trouble`: code, row, column as the file names it, what stood there."""
    marked = pc.is_valid(used["trouble"])
    if not pc.any(marked).as_py():
        return pd.DataFrame()
    frame = used.select(["source_row", "trouble"]).filter(marked).to_pandas()
    listed = frame.assign(cell=frame["trouble"].str.split(cells.CELL_END)).explode("cell")
    listed = listed[listed["cell"].fillna("") != ""]
    parts = listed["cell"].str.split(cells.PART_END, n=2, expand=True)
    said = parts[2].map(identifiers.unwrap) != ""
    listed, parts = listed[said], parts[said]
    return pd.DataFrame(
        {
            "code": parts[0].map(_code),
            "row": listed["source_row"],
            "column": parts[1].map(lambda position: found.headers[int(position)]),
            "value": parts[2],
        }
    ).reset_index(drop=True)


def _code(name: str) -> str:
    column = vocabulary().get(name)
    kind = column.kind if column else ("hts" if name.endswith("_hts") else "cents")
    return cells.CODES[kind]


def _entry_numbers(used: pa.Table, found: Recognised) -> pd.DataFrame:
    """Entry numbers with a wrong check digit or restored zeros: once each, on the first row they stand on."""
    if "entry_number" not in used.column_names or not used.num_rows:
        return pd.DataFrame()
    encoded = pc.dictionary_encode(used["entry_number"].combine_chunks())
    numbers = encoded.dictionary.to_pylist()
    doubt = np.flatnonzero(~identifiers.check_digits_agree(numbers))
    frames = []
    if len(doubt):
        _, first = np.unique(encoded.indices.to_numpy(), return_index=True)
        rows = used["source_row"].to_numpy()[first[doubt]]
        frames.append(_wrong_digits([numbers[i] for i in doubt], rows))
    if "mended" in used.column_names:
        restored = pc.fill_null(pc.match_substring(used["mended"], "restored"), False)
        once = (
            used.select(["source_row", "raw_key", "mended"])
            .filter(restored)
            .to_pandas()
            .drop_duplicates("raw_key")
        )
        renamed = once.rename(columns={"source_row": "row", "raw_key": "value", "mended": "detail"})
        frames.append(renamed.assign(code="R07"))
    column = found.headers[found.positions["entry_number"]]
    return pd.concat(frames, ignore_index=True).assign(column=column) if frames else pd.DataFrame()


def _wrong_digits(numbers: list[str], rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pd.DataFrame:
    frame = pd.DataFrame({"code": "R06", "row": rows, "value": numbers}).sort_values("row", ignore_index=True)
    detail = [
        f"it ends in {n[-1]}, should be {identifiers.check_digit(n[:-1])}"
        for n in frame["value"][: findings.LISTED]
    ]
    return frame.assign(detail=pd.Series(detail, dtype="str").reindex(frame.index))


def _no_duty(used: pa.Table, found: Recognised) -> pd.DataFrame:
    """Tariff rows with an empty duty cell: unknown, never zero. Chapter 99 singly, the rest as one note."""
    if not {"duty_cents", "hts"} <= set(used.column_names):
        return pd.DataFrame()
    empty = pc.is_null(used["duty_cents"])
    if not pc.any(empty).as_py():
        return pd.DataFrame()
    said = pc.fill_null(pc.match_substring(used["trouble"], "duty_cents" + cells.PART_END), False)
    rows = used.select(["source_row", "hts"]).filter(pc.and_(empty, pc.invert(said))).to_pandas()
    rows = rows.rename(columns={"source_row": "row", "hts": "value"})
    chapter_99 = rows["value"].str.startswith("99").fillna(False).astype(bool)
    others = rows[~chapter_99]
    column = found.headers[found.positions["duty_cents"]]
    listed = rows[chapter_99].assign(code="R11", detail=None)
    note = others.head(1).assign(code="R17", detail=f"{len(others)} rows, this the first")
    return pd.concat([frame for frame in (listed, note) if len(frame)] or [rows.head(0)]).assign(
        column=column
    )
