"""From which files an entry's tariff lines are taken, and what the files say differently.

The lines of an entry come from one file, by the order of `joining`, where that file has them all. Lines of one
entry that stand in several files, none in two, are joined. A file that has every row of another and more is the
fuller reading, unless the other is surely later. One exception: CBP deletes the IEEPA rows of an entry it has
accepted on CAPE, so a later extract that has lost every one of them is no better reading of what was paid.
Later means: of a later day, both days known. Where the days do not say which is later, the file with IEEPA rows
is taken too, but nothing is said to be gone.

Rows are compared by line and ordinal where both files have ordinals, by line where both have lines; without
lines only two parts of one sheet can be told apart, by their rows themselves. Where those have one HTS number with
different amounts, nobody can say whether they are two lines or one line twice: they are not added up.

Where two files give different IEEPA duty for an entry and neither day, issuer nor rows say which is right, the
entry is disputed: one file's lines are taken, and its amount is in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries import schema
from cape_kit.entries.identifiers import among
from cape_kit.entries.portfolio.joining import lines_rank
from cape_kit.entries.readers import file_problems
from cape_kit.entries.readers.reading import Reading, line_schema
from cape_kit.law import status_words
from cape_kit.law.book import Law

ORDER = (
    "exports prevail over paper, then rows by tariff ordinal over one row a line, then the latest extract, "
    "then the importer's own export, then the fuller file"
)
VANISHED = (
    "the later extract has lost its IEEPA rows, as CBP deletes them on acceptance: the earlier rows are kept"
)
UNDATED = "one file has IEEPA rows, one has none, and no days say which is later: the rows are kept"
#: What tells rows of two parts of one sheet apart, where it numbers no lines.
_BY_CONTENT = ("hts", "goods_value_cents", "duty_cents")
JOINED = "lines of the entry stand in both files: joined, each row once"


@dataclass(frozen=True)
class Chosen:
    """Appearances with `lines_taken`, the conflicts between the files, problems to look into.

    `left_out`: rows of a file whose entry is taken from it, but which another file has already.
    `complete`: by entry number, whether the lines taken are all there are. `disputed`: entries for which the files
    give different IEEPA duty, and nothing says which is right.
    """

    appearances: pd.DataFrame
    conflicts: pd.DataFrame
    problems: pd.DataFrame
    left_out: dict[int, set[int]]
    complete: pd.Series
    disputed: frozenset[str] = frozenset()


@dataclass
class Joined:
    """By entry: the reading that leads, where it is not the first of the order; readings whose rows are added.

    `left_out`: by reading, rows that another reading has already. `parts`: readings that say nothing else than the
    one that leads, only less.
    """

    leading: pd.Series = field(default_factory=lambda: pd.Series(dtype="int64"))
    added: set[tuple[str, int]] = field(default_factory=set)
    parts: set[tuple[str, int]] = field(default_factory=set)
    left_out: dict[int, set[int]] = field(default_factory=dict)


def ieepa_numbers(law: Law) -> tuple[str, ...]:
    """HTS numbers of dutiable IEEPA headings, as 8 digits, in the registry of the law as it is known."""
    return tuple(dict.fromkeys(row.hts8 for row in law.contents.headings if row.kind == "duty"))


def choose(
    con: duckdb.DuckDBPyConnection,
    readings: Sequence[Reading],
    appearances: pd.DataFrame,
    entries: pd.DataFrame,
    law: Law,
) -> Chosen:
    """Settle from which files the lines of every entry are taken."""
    ranked = sorted((r for r in readings if r.lines is not None), key=lines_rank)
    with_lines = appearances[appearances["has_lines"].astype(bool)]
    several = with_lines.loc[
        with_lines["entry_number"].duplicated(keep=False), ["entry_number"]
    ].drop_duplicates()
    if several.empty:
        none = schema.empty("conflicts"), schema.empty("problems")
        return Chosen(appearances, *none, {}, _complete(ranked, appearances))
    said = _signatures(con, ranked, several, law).merge(
        with_lines[["entry_number", "rank", "file", "sheet", "first_row"]], on=["entry_number", "rank"]
    )
    said = said.sort_values(["entry_number", "rank"], ignore_index=True)
    said["day"] = said["rank"].map(dict(enumerate(map(_day, ranked)))).astype("datetime64[s]")
    first = said.drop_duplicates("entry_number").set_index("entry_number")
    keep = _with_rows_kept(said, first, entries)
    earlier = keep["day"] < keep["entry_number"].map(first["day"])
    gone, undated = keep[earlier], pd.concat([keep[~earlier], _doubted(said, first, entries)])
    differing = said[
        among(said["entry_number"], _unlike(said)) & ~among(said["entry_number"], keep["entry_number"])
    ]
    joined = _shared(con, ranked, differing)
    rank = first["rank"].copy()
    rank.loc[keep["entry_number"]] = keep["rank"].to_numpy()
    rank.loc[joined.leading.index] = joined.leading.to_numpy()
    taken_rank = appearances["entry_number"].map(rank)
    settled = appearances["lines_taken"].where(taken_rank.isna(), appearances["rank"] == taken_rank)
    pairs = pd.MultiIndex.from_frame(appearances[["entry_number", "rank"]])
    settled = settled.astype(bool) | pairs.isin(joined.added)
    why = dict.fromkeys(gone["entry_number"], VANISHED) | dict.fromkeys(undated["entry_number"], UNDATED)
    why |= dict.fromkeys({number for number, _ in joined.added}, JOINED)
    said = said.assign(taken=said["rank"] == said["entry_number"].map(rank))
    explained = pd.concat([gone, undated])["entry_number"]
    disputed = _disputed(said[~among(said["entry_number"], explained)], ranked, joined)
    problems = [
        *_rows_of("C12", disputed),
        *_rows_of("C06", _on_no_claim(gone, entries, law)),
        *_rows_of("C09", _on_no_claim(undated, entries, law)),
        *_rows_of("C10", said[pd.MultiIndex.from_frame(said[["entry_number", "rank"]]).isin(joined.added)]),
    ]
    appearances = appearances.assign(lines_taken=settled)
    return Chosen(
        appearances,
        _conflicts(said, why),
        schema.problem_rows(problems),
        joined.left_out,
        _complete(ranked, appearances),
        frozenset(disputed["entry_number"]),
    )


def _disputed(said: pd.DataFrame, ranked: Sequence[Reading], joined: Joined) -> pd.DataFrame:
    """The reading taken of each entry for which another gives different IEEPA duty, and may be the right one.

    A later export goes before an earlier one, ACE's before a broker's, an export before paper; a part of what is
    taken, or rows that were added to it, dispute nothing.
    """
    issuer = pd.Series({rank: reading.profile.issuer for rank, reading in enumerate(ranked)}, dtype="str")
    # Duty that can't be read is no zero: it is another than any that can.
    known = said["on_ieepa"].fillna(0).mask(said["possible"] > said["ieepa"], -1)
    told = said.assign(issuer=said["rank"].map(issuer), on_ieepa=known)
    pairs = pd.MultiIndex.from_frame(told[["entry_number", "rank"]])
    quiet = pairs.isin(joined.added) | pairs.isin(joined.parts)
    taken = told[told["taken"]]
    others = told[~told["taken"] & ~quiet].merge(taken, on="entry_number", suffixes=("", "_taken"))
    settled = (others["day"] < others["day_taken"]) | others["issuer"].eq("paper")
    settled |= others["issuer_taken"].eq("ace") & others["issuer"].ne("ace")
    open_ = others[(others["on_ieepa"] != others["on_ieepa_taken"]) & ~settled]
    return taken[among(taken["entry_number"], open_["entry_number"])]


def _complete(ranked: Sequence[Reading], appearances: pd.DataFrame) -> pd.Series:
    """By entry number: whether every file its lines are taken from lists all there are."""
    told = [
        reading.entries[["entry_number", "lines_complete"]].assign(rank=rank)
        for rank, reading in enumerate(ranked)
    ]
    if not told:
        return pd.Series(dtype="boolean")
    taken = appearances[appearances["lines_taken"].astype(bool)]
    said = taken[["entry_number", "rank"]].merge(pd.concat(told), on=["entry_number", "rank"])
    said["lines_complete"] = said["lines_complete"].eq(True).fillna(False).astype(bool)
    return said.groupby("entry_number")["lines_complete"].all().astype("boolean")


def _with_rows_kept(said: pd.DataFrame, first: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """The reading of each entry with IEEPA rows, where the one that goes first has none, and is not surely right."""
    corrected = set(entries.loc[entries["psc_flag"].fillna(False).astype(bool), "entry_number"])
    lost = first.index[(first["possible"] == 0) & ~among(first.index, corrected)]
    fuller = said[among(said["entry_number"], lost) & (said["possible"] > 0)]
    # a comparison with an unknown day is false: rows are gone only from what is surely later
    return fuller[~(fuller["day"] > fuller["entry_number"].map(first["day"]))].drop_duplicates("entry_number")


def _doubted(said: pd.DataFrame, first: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """The leading reading of entries whose IEEPA rows a whole file, not surely earlier, does not have."""
    corrected = entries.loc[entries["psc_flag"].fillna(False).astype(bool), "entry_number"]
    lacking = said[(said["possible"] == 0) & said["lists_all"] & ~among(said["entry_number"], corrected)]
    mine = first.loc[lacking["entry_number"]]
    bears, day = (mine["possible"] > 0).to_numpy(), mine["day"].set_axis(lacking.index)
    numbers = lacking.loc[bears & ~(lacking["day"] < day), "entry_number"].unique()
    return first.loc[numbers].reset_index()


def _unlike(said: pd.DataFrame) -> pd.Index:
    """Entries whose lines the files tell differently."""
    marks = said.groupby("entry_number")["mark"].nunique()
    return marks.index[marks > 1]


def _day(reading: Reading) -> pd.Timestamp | None:
    return pd.Timestamp(reading.extracted_on) if reading.extracted_on else None


def _signatures(
    con: duckdb.DuckDBPyConnection, ranked: Sequence[Reading], several: pd.DataFrame, law: Law
) -> pd.DataFrame:
    """What each file says of each entry that several hold: rows, duty, IEEPA rows, a mark of the whole.

    `ieepa` counts IEEPA rows with duty; `possible` those as well whose duty can't be read.
    """
    con.register("several", pa.Table.from_pandas(several, preserve_index=False))
    # No heading was public yet: no number is an IEEPA heading's, and an empty list is no SQL.
    numbers = ", ".join(f"'{number}'" for number in ieepa_numbers(law)) or "NULL"
    frames = []
    for rank, reading in enumerate(ranked):
        con.register("some_lines", reading.lines)
        frame = con.sql(
            f"""SELECT entry_number, count(*) AS rows, CAST(sum(duty_cents) AS BIGINT) AS duty,
                count(*) FILTER (duty_cents IS NULL) AS not_known,
                CAST(sum(duty_cents) FILTER (hts IN ({numbers})) AS BIGINT) AS on_ieepa,
                count(*) FILTER (hts IN ({numbers}) AND duty_cents > 0) AS ieepa,
                count(*) FILTER (hts IN ({numbers}) AND coalesce(duty_cents > 0, true)) AS possible,
                CAST(sum(hash(line_number, hts, duty_cents) % 1000000007) AS VARCHAR) AS mark
                FROM some_lines SEMI JOIN several USING (entry_number) GROUP BY entry_number"""
        ).df()
        frames.append(frame.assign(rank=rank, lists_all=reading.profile.silence == "proof"))
    return pd.concat(frames, ignore_index=True)


def _conflicts(said: pd.DataFrame, why: dict[str, str]) -> pd.DataFrame:
    """One conflict for each file whose lines of an entry differ from those taken. `why`: by entry."""
    sheet = (" [" + said["sheet"].astype("str") + "]").fillna("")
    duty, ieepa = (
        schema.shown(said[name].rename(f"{name}_cents")).fillna(none)
        for name, none in (("duty", "unknown"), ("on_ieepa", "0.00"))
    )
    ieepa = ieepa.mask(said["possible"] > said["ieepa"], "unknown")  # duty that can't be read is no zero
    not_known = (" and " + said["not_known"].astype("str") + " not known").where(
        said["not_known"].gt(0) & said["duty"].notna(), ""
    )
    said = said.assign(
        place=said["file"] + sheet + " row " + said["first_row"].astype("str"),
        shown=said["rows"].astype("str") + " rows, duty " + duty + not_known + ", of it IEEPA " + ieepa,
    )
    taken = said[said["taken"]]
    others = said[~said["taken"]].merge(taken, on="entry_number", suffixes=("", "_taken"))
    differ = others[others["mark"] != others["mark_taken"]]
    # Alike in sums and yet not in rows: what differs is said, not the same figure twice.
    same = (differ["shown"] == differ["shown_taken"]).to_numpy()
    frame = pd.DataFrame(
        {
            "entry_number": differ["entry_number"],
            "column": "tariff_lines",
            "taken": differ["shown_taken"],
            "taken_from": differ["place_taken"],
            "other": np.where(same, "the same sums on other lines or numbers", differ["shown"]),
            "other_from": differ["place"],
            "why": [why.get(number, ORDER) for number in differ["entry_number"]],
        }
    )
    return schema.conform(frame, "conflicts")


def _on_no_claim(keep: pd.DataFrame, entries: pd.DataFrame, law: Law) -> pd.DataFrame:
    """Those of the entries that no claim explains: none is named, or it was not taken.

    With IEEPA rows in one file alone they may be refused when filed again.
    """
    refused = status_words.read(entries["claim_status"], law, "claim_status").among(*status_words.REFUSED)
    on_claim = (entries["claim_number"].notna() | entries["claim_status"].notna()) & ~refused
    return keep[~among(keep["entry_number"], entries.loc[on_claim, "entry_number"])]


def _rows_of(code: str, keep: pd.DataFrame) -> list[dict[str, Any]]:
    """A problem for each of the entries."""
    return [
        file_problems.problem(
            code,
            file=file,
            sheet=sheet if isinstance(sheet, str) else None,
            row=row,
            column="entry_number",
            value=number,
        )
        for number, file, sheet, row in zip(
            keep["entry_number"],
            keep["file"],
            keep["sheet"],
            keep["first_row"],
            strict=True,
        )
    ]


def gather(readings: Sequence[Reading], chosen: Chosen) -> pa.Table:
    """The tariff lines of all entries, each entry's from the files they are taken from, no row twice."""
    ranked = sorted((r for r in readings if r.lines is not None), key=lines_rank)
    tables = []
    for rank in sorted(range(len(ranked)), key=lambda at: (ranked[at].file, ranked[at].sheet or "")):
        reading = ranked[rank]
        mine = chosen.appearances[chosen.appearances["rank"] == rank]
        lines = reading.lines
        taken = mine["lines_taken"].astype(bool)
        if lines is not None and not taken.all():
            numbers = pa.array(mine.loc[taken, "entry_number"], type=pa.string())
            lines = lines.filter(pc.is_in(lines["entry_number"], value_set=numbers))
        left_out = chosen.left_out.get(rank)
        if lines is not None and left_out:
            rows = pa.array(sorted(left_out), type=pa.int64())
            lines = lines.filter(pc.invert(pc.is_in(lines["source_row"], value_set=rows)))
        tables.append(lines)
    return pa.concat_tables(tables).unify_dictionaries() if tables else line_schema().empty_table()


def _shared(con: duckdb.DuckDBPyConnection, ranked: Sequence[Reading], said: pd.DataFrame) -> Joined:
    """Which readings of each entry lead, and which add rows to it.

    `said`: entry_number, rank and day of the readings that differ, the first of the order first.
    """
    joined = Joined()
    if said.empty:
        return joined
    rows = _rows(con, ranked, said)
    leading: dict[str, int] = {}
    for number, readings in said.groupby("entry_number", sort=False):
        mine = {rank: rows.get((str(number), rank), _NONE) for rank in readings["rank"]}
        days = dict(zip(readings["rank"], readings["day"], strict=True))
        first = _settle_one(str(number), ranked, mine, days, joined)
        if first != readings["rank"].iloc[0]:
            leading[str(number)] = first
    joined.leading = pd.Series(leading, dtype="int64")
    return joined


class _Rows(NamedTuple):
    """The rows of one entry in one reading: a stretch of the columns of all of that reading's, as text."""

    text: dict[str, list[str | None]]
    source_rows: list[int]
    first: int
    end: int

    def keys(self, columns: Sequence[str]) -> list[tuple[str | None, ...]]:
        """What stands in some columns, row by row."""
        return list(zip(*(self.text[name][self.first : self.end] for name in columns), strict=True))


_NONE = _Rows({}, [], 0, 0)
_TEXT = ("line_number", "ordinal", "hts", "goods_value_cents", "duty_cents")


def _rows(
    con: duckdb.DuckDBPyConnection, ranked: Sequence[Reading], said: pd.DataFrame
) -> dict[tuple[str, int], _Rows]:
    """The rows of each entry and reading."""
    found: dict[tuple[str, int], _Rows] = {}
    for rank, group in said.groupby("rank"):
        con.register("some_lines", ranked[int(str(rank))].lines)
        con.register("wanted", pa.table({"entry_number": group["entry_number"].to_list()}))
        table = con.sql(
            f"""SELECT entry_number, {", ".join(_TEXT)}, source_row
                FROM some_lines SEMI JOIN wanted USING (entry_number) ORDER BY entry_number"""
        ).to_arrow_table()
        text = {name: table[name].cast(pa.string()).to_pylist() for name in _TEXT}
        source_rows = table["source_row"].to_pylist()
        numbers = table["entry_number"].to_pylist()
        starts = [at for at, number in enumerate(numbers) if at == 0 or number != numbers[at - 1]]
        for first, end in pairwise([*starts, len(numbers)]):
            found[str(numbers[first]), int(str(rank))] = _Rows(text, source_rows, first, end)
    return found


def _settle_one(
    number: str,
    ranked: Sequence[Reading],
    mine: dict[int, _Rows],
    days: dict[int, pd.Timestamp],
    joined: Joined,
) -> int:
    """Lead and additions of one entry; returns the reading that leads."""
    order = list(mine)
    lead = order[0]
    for rank in order[1:]:
        keys, others = _keys(ranked, lead, rank, mine[lead]), _keys(ranked, rank, lead, mine[rank])
        fuller = others > keys if keys is not None and others is not None else False
        if fuller and not days[lead] > days[rank]:
            lead = rank
    held = None
    added: list[int] = []
    for rank in order:
        keys, others = _keys(ranked, lead, rank, mine[lead]), _keys(ranked, rank, lead, mine[rank])
        if rank == lead or keys is None or others is None:
            continue
        held = keys if held is None else held
        apart = not (others & held)
        held_rows = [mine[lead], *(mine[r] for r in added)]
        # parts of one export number their lines alike; two layouts may number the same lines each in its way
        one_layout = ranked[rank].report.headers == ranked[lead].report.headers
        stands = _duty_stands_already(mine[rank], held_rows)
        if not others - held or (apart and not one_layout and stands):
            # the same lines with other duty are no part of what is taken: one of the two is wrong, or was corrected
            joined.parts |= {(number, rank)} if stands else set()
            continue
        by_content = _kind(ranked[lead], ranked[rank]) == _BY_CONTENT
        superseded = not apart and days[lead] > days[rank]
        if superseded or (by_content and _same_numbers(mine[rank], held_rows)):
            continue
        joined.added.add((number, rank))
        added.append(rank)
        if known := _known(mine[rank], _row_keys(ranked, rank, lead, mine[rank]), held):
            joined.left_out.setdefault(rank, set()).update(known)
        held = held | others
    return lead


def _known(rows: _Rows, keys: list[tuple[str | None, ...]], held: set[object]) -> list[int]:
    """The rows of the file whose keys are held already."""
    places = rows.source_rows[rows.first : rows.end]
    return [row for key, row in zip(keys, places, strict=True) if key in held]


def _duty_stands_already(rows: _Rows, others: list[_Rows]) -> bool:
    """Whether the duty of these rows stands on other rows already; a row without duty, or unread, is quiet."""
    content = ("hts", "duty_cents")
    held = {key for one in others for key in one.keys(content)}
    return {key for key in rows.keys(content) if key[1] is not None} <= held


def _same_numbers(rows: _Rows, others: list[_Rows]) -> bool:
    """Whether an HTS number of these rows stands on other rows too, with another value or duty."""
    told = {key for one in others for key in one.keys(_BY_CONTENT)}
    at = _BY_CONTENT.index("hts")
    fresh = {key[at] for key in rows.keys(_BY_CONTENT) if key not in told}
    return bool(fresh & {key[at] for key in told})


def _keys(ranked: Sequence[Reading], mine: int, other: int, rows: _Rows) -> set[object] | None:
    """The keys of a reading's rows, as far as two readings can be compared; None where they can't."""
    kind = None if rows.first == rows.end else _kind(ranked[mine], ranked[other])
    if kind is None:
        return None
    keys = rows.keys(kind)
    # a row that lacks a part of its key can't be told from any other
    if kind[0] == "line_number" and any(None in key for key in keys):
        return None
    return set(keys)


def _row_keys(ranked: Sequence[Reading], mine: int, other: int, rows: _Rows) -> list[tuple[str | None, ...]]:
    kind = _kind(ranked[mine], ranked[other])
    assert kind is not None
    return rows.keys(kind)


def _kind(one: Reading, other: Reading) -> tuple[str, ...] | None:
    """The columns that tell rows of both readings apart."""

    def both(name: str) -> bool:
        return name in one.report.positions and name in other.report.positions

    if both("line_number"):
        return ("line_number", "ordinal") if both("ordinal") else ("line_number",)
    if one.report.headers == other.report.headers:
        return _BY_CONTENT
    return None
