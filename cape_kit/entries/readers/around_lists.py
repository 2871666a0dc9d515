"""What is said around a list of all its entries: the name of its file and sheet, the rows above it and below.

"Filed", "CAPE submitted 5/1", "All of these were refunded" stand on a sheet of entries like any other; who filed
them again would do it twice. It is a doubt about each of them, and decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePath
from typing import Any

import pandas as pd

from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers import column_evidence, done_words
from cape_kit.entries.readers.layouts import words

#: Where it stands, and what is said there.
Said = tuple[str, str]
#: Characters of it that are shown.
_SHOWN = 100
#: Titles whose words are kept between files.
_KEPT = 1 << 10


def said(where: tuple[str, str | None], above: Sequence[Said], below: Mapping[int, str]) -> Iterator[Said]:
    """What tells around a list that something was done with its entries. `above` and `below`: its other rows."""
    path, sheet = PurePath(where[0]), where[1]
    names = [("name of the file", path.stem), ("name of the sheet", sheet or "")]
    names += [("name of the folder", part) for part in path.parts[:-1]]
    notes = [*above, *((f"row {row}", text) for row, text in below.items())]
    for place, text in [*names, *notes]:
        if any(tells_of_all(part) for part in re.split(r"[;|\n]", text)):
            yield place, text


def of_head(head: Sequence[Sequence[str | None]], header_row: int) -> list[Said]:
    """The rows above a header as texts."""
    rows = [
        " | ".join(cell.strip() for cell in row if cell and cell.strip()) for row in head[: header_row - 1]
    ]
    return [(f"row {place}", text) for place, text in enumerate(rows, start=1) if text]


def of_each(numbers: pd.Series, one: Said, where: tuple[str, str | None]) -> pd.DataFrame:
    """What was said, as a cell of each entry that nobody can place."""
    place, text = one
    frame = pd.DataFrame({"entry_number": numbers.to_numpy(), "column": place})
    told: dict[str, Any] = {"about": schema.SENT, "value": identifiers.mask_text(text)[:_SHOWN], "rows": 1}
    return schema.conform(frame.assign(**told, file=where[0], sheet=where[1]), "unexplained")


@lru_cache(maxsize=_KEPT)
def tells_of_all(text: str) -> bool:
    """Whether a name, a title or a note says of all it stands with what was done, or what they are.

    A subject with an act ("CAPE claims filed 5/1"), or nothing but an act or a state ("Submitted", "Recon entries").
    Paid may be the duty.
    """
    known, spoken = words().done, done_words.without_where(column_evidence.spoken(text))
    sent = set(spoken) & set(known["sent"])
    there = set(spoken) - {
        "paid",
        *(known["batches"] if sent else ()),
        "used",
        "issued",
        "approved",
        "granted",
    }
    never = ("denied", "never", "never_sent", "unsure", "elsewhere")
    if not there or there & {word for kind in never for word in known[kind]} - {"by"}:
        return False
    if there & {"refunded", "protested", "claimed"}:
        return True
    subjects = {*known["declared"], *(word for subject in done_words.SUBJECTS for word in known[subject])}
    acts = {*known["acts"], *known["sent"], "declared"} - {"suspended"}
    if there & acts and there & (subjects - acts):
        return True
    states = {
        *known["states_of_all"],
        *known["summary"],
        *known["protest"],
        *known["recon"],
        *known["drawback"],
    }
    plain = {*known["sent"], "declared", "done", *states}
    idle = {*known["of_all"], *(known["cbp"] if sent else ()), *(word for word in there if word.isdigit())}
    return bool(there & plain) and there <= plain | idle
