"""The inner readers attacked directly, thousands of inputs a case: cells of every kind, the members of archives."""

import json
import random
import re
from datetime import date
from decimal import Decimal

import pyarrow as pa

from cape_kit.entries.readers import cells, openers, rows
from cape_kit.entries.readers.layouts import ColumnKind
from cape_kit.errors import CapeError, UnreadableReport
from tests.fuzz import mutations, starts

#: Cells of one case; archives of one case.
CELLS_A_CASE, ARCHIVES_A_CASE = 5_000, 50
#: How many cells of a case are also understood alone, by the quick way, where there is one.
_ALONE = 20
CELLS, ARCHIVE = "cells.json", "archive"
_PLAIN = re.compile(r"-?\$?[0-9]{1,12}\.[0-9]{2}")
_ISO = re.compile(r"(19[89][0-9]|20[0-9]{2})-[0-9]{2}-[0-9]{2}")
_SIGNS = "0123456789.,-/$ ()'\"=:;+EeNAZ\t\n\u00a0\u2212\u0663é"
COLUMNS = [
    *(
        ColumnKind("x", kind, ())
        for kind in ("entry_number", "other_entry_number", "count", "hts", "country")
    ),
    *(ColumnKind("x", kind, ()) for kind in ("entry_type", "port", "flag", "importer", "reference", "text")),
    *(ColumnKind("x", "day", (), order=order) for order in ("MDY", "DMY", "ISO", "ANY")),
    *(ColumnKind("x", "cents", (), decimals=decimals) for decimals in ("point", "comma", "unclear")),
    ColumnKind("x", "text", (), status=True),
]


# --- made -------------------------------------------------------------------------------------------------


def many_cells(chance):
    """A file of cells: those people write, those nobody would, and what lies between."""
    return {CELLS: json.dumps([_cell(chance) for _ in range(CELLS_A_CASE)]).encode()}


def _cell(chance):
    how = chance.randrange(8)
    if how == 0:
        return chance.choice(mutations.CELLS)[:400]
    if how == 1:
        text = f"{chance.randrange(-(10 ** chance.randrange(1, 21)), 10 ** chance.randrange(1, 21))}"
        text += chance.choice(["", ".5", ".50", ".505", ",50", "." + str(chance.randrange(10**15))])
    elif how == 2:
        year = chance.choice(["2025", "25", "1899", "0000", "9999", "2024"])
        parts = [
            year,
            f"{chance.randrange(14):02}",
            str(chance.randrange(33)).zfill(chance.choice([1, 2, 2])),
        ]
        if chance.random() < 0.5:
            chance.shuffle(parts)
        text = chance.choice("-/. ").join(parts)
    elif how == 3:
        digits = f"{chance.randrange(10**8):08}"
        text = f"{digits[:4]}.{digits[4:6]}.{digits[6:]}"
    elif how == 4:
        filer, gap = chance.choice(["B76", "016", "ABC", "16"]), chance.choice(["", "-", " "])
        text = f"{filer}{gap}{chance.randrange(10**8):08}"
    elif how == 5:
        text = "".join(chance.choice(_SIGNS) for _ in range(chance.randrange(1, 14)))
    else:
        text = chance.choice(mutations.CELLS)[:60]
    for _ in range(chance.choice([0, 0, 1, 1, 2, 4])):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(_SIGNS) + text[at + chance.randrange(2) :]
    return text


def many_archives(chance):
    """Files of small archives, each spoilt in its own way."""
    texts = sorted(starts.texts(), key=len)[:6]
    return {
        f"{ARCHIVE}{place}.zip": mutations.archive(
            chance, [chance.choice(texts)[:400] for _ in range(chance.choice([0, 1, 2, 3]))]
        )
        for place in range(ARCHIVES_A_CASE)
    }


# --- run --------------------------------------------------------------------------------------------------


def cells_of(case, folder):
    """The faults of cells: nothing breaks the engine, both ways agree, and plain ones mean what they say."""
    texts = json.loads((folder / CELLS).read_text("utf-8"))
    some = random.Random(case.id).sample(range(len(texts)), _ALONE)
    with rows.connect() as con:
        for column in COLUMNS:
            typed = cells.understood(con, column, pa.array(texts, pa.string())).to_pylist()
            label = f"cells: {column.kind} {column.order} {column.decimals}"
            for text, value in zip(texts, typed, strict=True):
                if value is None:
                    cells.hint(column.kind, text)
                    cells.says_nothing(column.kind, text)
                    if column.kind in cells.CODES:
                        cells.problem_code(column, text)
                elif (meant := _meant(column, text)) is not None and meant != value:
                    yield f"{label}: {text!r} is {value!r}, not {meant!r}"
            for place in some:
                alone = cells.plainly_understood(column, pa.array([texts[place]], pa.string()))
                if alone is not None and alone.to_pylist()[0] != typed[place]:
                    yield f"{label}: {texts[place]!r} is {alone.to_pylist()[0]!r} alone, {typed[place]!r} among others"


def _meant(column, text):
    """What a cell in its plainest form means, reckoned apart; None where it is in another."""
    if column.kind == "cents" and column.decimals == "point" and _PLAIN.fullmatch(text):
        return int(Decimal(text.replace("$", "")) * 100)
    if column.kind == "day" and _ISO.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return "no day"
    return None


def archives_of(_, folder):
    """The faults of archives: each gives its members or a sentence."""
    scratch = folder.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    for path in sorted(folder.glob(f"{ARCHIVE}*")):
        said = []
        try:
            for member, shown in openers.members(path, scratch, path.name):
                said.append(str(member) if isinstance(member, UnreadableReport) else shown)
        except CapeError as refused:
            said.append(str(refused))
        for one in said:
            if "\n" in one or "\r" in one or len(one) > 3000:
                yield f"words: {one[:300]!r}"
