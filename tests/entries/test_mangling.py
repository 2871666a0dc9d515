"""A clean export written down in any of the ways people have must give the same portfolio."""

import tempfile
from datetime import date
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cape_kit
from tests import effort
from tests.entries.folders import HEADERS, as_csv, clean_rows, folder, workbook

PROVENANCE = ["source_file", "source_sheet", "source_row"]


def opened(files):
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "client"
        folder(path, {})
        for name, write in files.items():
            write(path / name)
        return cape_kit.open(path)


def told(found):
    """A portfolio without where it stood."""
    lines = found.tariff_lines.to_pandas().drop(columns=PROVENANCE)
    lines = lines.sort_values(["entry_number", "line_number", "ordinal"], ignore_index=True)
    return found.entries.drop(columns=PROVENANCE), lines


CLEAN = told(opened({"clean.csv": lambda path: path.write_text(as_csv([HEADERS, *clean_rows()]), "utf-8")}))


def day(text, form):
    if not text:
        return text
    month, number, year = map(int, text.split("/"))
    value = date(year, month, number)
    serial = (value - date(1899, 12, 30)).days
    forms = {"serial": str(serial), "iso": value.isoformat(), "named": value.strftime("%d-%b-%Y"), "us": text}
    return forms[form]


def amount(text, form):
    return {"plain": text, "dollar": f"${float(text):,.2f}", "bare": f"{float(text):g}"}[form]


def number(text, form):
    dashed = f"{text[:3]}-{text[3:10]}-{text[10]}"
    lost = text.lstrip("0") if text.isdigit() else text
    return {"plain": text, "dashed": dashed, "lower": dashed.lower(), "lost": lost}[form]


def hts(text, form):
    dotted = ".".join(filter(None, (text[:4], text[4:6], text[6:])))
    return {"plain": text, "dotted": dotted, "padded": text.ljust(10, "0")}[form]


@st.composite
def manglings(draw):
    """How one person writes the same rows down."""
    pick = st.sampled_from
    return {
        "number": draw(pick(["plain", "dashed", "lower", "lost"])),
        "hts": draw(pick(["plain", "dotted", "padded"])),
        "day": draw(pick(["us", "iso", "named", "serial"])),
        "amount": draw(pick(["plain", "dollar", "bare"])),
        "wrap": draw(pick(["{}", '="{}"', "'{}", " {} "])),
        "columns": draw(st.permutations(range(len(HEADERS)))),
        "extra": draw(st.integers(0, 3)),
        "rows": draw(st.permutations(range(len(clean_rows())))),
        "titles": draw(st.integers(0, 4)),
        "separator": draw(pick([",", ";", "\t", "|"])),
        "encoding": draw(pick(["utf-8", "utf-8-sig", "utf-16", "cp1252", "xlsx"])),
        "ends": draw(pick(["\r\n", "\n"])),
        "names": draw(pick([str, str.upper, str.lower, lambda name: name.replace(" ", "_")])),
        "cut": draw(st.booleans()),
    }


def mangled(row, how):
    cells = list(row)
    cells[0] = number(cells[0], how["number"])
    cells[4], cells[12] = day(cells[4], how["day"]), day(cells[12], how["day"])
    cells[8] = hts(cells[8], how["hts"])
    cells[9], cells[10] = amount(cells[9], how["amount"]), amount(cells[10], how["amount"])
    return [how["wrap"].format(cell) if cell else cell for cell in cells]


def sheets(how):
    """The rows of one or two files. Split between entries: an entry's lines are taken whole from one file."""
    rows = [clean_rows()[index] for index in how["rows"]]
    groups = [rows]
    if how["cut"]:
        first = {row[0] for row in clean_rows()[:3]}
        groups = [[row for row in rows if row[0] in first], [row for row in rows if row[0] not in first]]
    extra = [f"Extra {index}" for index in range(how["extra"])]
    order = how["columns"]
    for group in groups:
        body = [mangled(row, how) for row in group]
        table = [[how["names"](HEADERS[at]) for at in order] + extra]
        table += [[row[at] for at in order] + ["é;,"] * len(extra) for row in body]
        yield [["Report of entries"], *[[]] * how["titles"], *table] if how["titles"] else table


def writer(table, how):
    def write(path):
        if how["encoding"] == "xlsx":
            workbook(path.with_suffix(".xlsx"), table)
            return
        text = as_csv(table, how["separator"]).replace("\r\n", how["ends"])
        path.write_bytes(text.encode(how["encoding"]))

    return write


@settings(max_examples=effort.examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(manglings())
def test_the_same_portfolio(how):
    files = {f"file{index}.csv": writer(table, how) for index, table in enumerate(sheets(how))}
    found = opened(files)
    entries, lines = told(found)
    pd.testing.assert_frame_equal(entries, CLEAN[0])
    pd.testing.assert_frame_equal(lines, CLEAN[1])
    assert found.conflicts.empty
    assert not (found.problems["severity"] == "error").any()
    counted = found.files[["rows_used", "rows_refused", "rows_blank"]].sum(axis=1)
    assert (counted == found.files["rows"]).all()
