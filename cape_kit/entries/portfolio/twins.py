"""Two entry numbers that differ in one place, one with a wrong check digit, with the same lines: one entry.

Somebody mistyped a number in one of the files. The entry under the wrong number is pointed out and not counted
beside the right one.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries import identifiers, schema
from cape_kit.entries.portfolio.liquidations import places
from cape_kit.entries.readers import file_problems

_DIGITS = "0123456789"
_ANY = _DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FILER = 3
_COMPARED = ("line_number", "hts", "goods_value_cents", "duty_cents")


def find(entries: pd.DataFrame, tariff_lines: pa.Table) -> pd.Series:
    """By entry number with a wrong check digit, the sound one it is the twin of."""
    numbers = entries["entry_number"]
    sound = identifiers.check_digits_agree(numbers)
    wrong = numbers[~sound]
    found: dict[str, str] = {}
    if wrong.empty:
        return pd.Series(found, dtype="str")
    known = set(numbers[sound])
    for number in wrong:
        near = _near(number) & known
        mine = _rows(tariff_lines, number) if near else None
        twin = next((other for other in sorted(near) if mine and _rows(tariff_lines, other) == mine), None)
        if twin is not None:
            found[number] = twin
    return pd.Series(found, dtype="str")


def problems(entries: pd.DataFrame, twins: pd.Series) -> pd.DataFrame:
    """An error for each entry under a wrong number, with the right one."""
    here = entries[entries["entry_number"].isin(twins.index)]
    rows = [
        file_problems.problem(
            "C11",
            file=file,
            row=int(row) if pd.notna(row) else None,
            column="entry_number",
            value=number,
            detail=f"{number} ({place}) and {twins[number]}",
        )
        for number, file, row, place in zip(
            here["entry_number"], here["source_file"], here["source_row"], places(here), strict=True
        )
    ]
    return schema.problem_rows(rows)


def _near(number: str) -> set[str]:
    """Numbers that differ from this one in one character, or in two neighbours that changed places."""
    near = {
        number[:at] + other + number[at + 1 :]
        for at in range(len(number))
        for other in (_ANY if at < _FILER else _DIGITS)
    }
    near |= {number[:at] + number[at + 1] + number[at] + number[at + 2 :] for at in range(len(number) - 1)}
    return near - {number}


def _rows(tariff_lines: pa.Table, number: str) -> list[tuple[object, ...]]:
    mine = tariff_lines.filter(pc.equal(tariff_lines["entry_number"], number)).select(list(_COMPARED))
    return sorted((tuple(row.values()) for row in mine.to_pylist()), key=repr)
