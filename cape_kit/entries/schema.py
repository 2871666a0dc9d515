"""The declared tables of the kit: every column with its type, unit and meaning; `conform` makes a frame obey.

A column a file does not carry is present and null: null means *unknown*, never "no".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

Kind = Literal["text", "day", "cents", "count", "flag", "number"]

#: How each kind is held in pandas. Days are naive calendar days at second resolution.
DTYPES: dict[Kind, str] = {
    "text": "str",
    "day": "datetime64[s]",
    "cents": "Int64",
    "count": "Int64",
    "flag": "boolean",
    "number": "Float64",
}


@dataclass(frozen=True)
class Column:
    """One declared column: its name, kind, and what it means."""

    name: str
    kind: Kind
    meaning: str


def _table(*columns: tuple[str, Kind, str]) -> tuple[Column, ...]:
    return tuple(Column(*column) for column in columns)


PROVENANCE = _table(
    ("source_file", "text", "file the row was read from, relative to the client's folder"),
    ("source_sheet", "text", "sheet of a workbook; null for text files"),
    ("source_row", "count", "row as a person counts it in the file, the first row being 1"),
)

TARIFF_LINES = (
    *_table(
        ("entry_number", "text", "11 characters, upper case, no dashes"),
        ("line_number", "count", "entry summary line"),
        ("ordinal", "count", "sequence of the HTS number within its line"),
        ("hts", "text", "digits only; 8 for chapter 99, up to 10 for goods"),
        ("country_of_origin", "text", "ISO 3166 two letters"),
        ("goods_value_cents", "cents", "entered value carried by this ordinal"),
        ("duty_cents", "cents", "duty on this ordinal; null when the cell could not be read"),
        ("mfn_rate", "text", "column 1 rate as printed, such as 'Free' or '5.3%'"),
        ("spi", "text", "special program indicator of the line"),
        ("hts_stood", "text", "what stood in the HTS cell where it could not be read; null where it was"),
        ("value_stood", "text", "what stood in the value cell where it could not be read; null where it was"),
        (
            "named_for",
            "text",
            "the duty that the name of the amount's own column speaks of; null for plain duty",
        ),
        ("beside_hts", "text", "chapter 99 number in a column beside the row's own; null once settled"),
    ),
    *PROVENANCE,
)

ENTRIES = (
    *_table(
        ("entry_number", "text", "11 characters, upper case, no dashes; the key"),
        ("filer_code", "text", "first three characters of the entry number"),
        ("importer_number", "text", "importer of record number as filed, with its suffix"),
        ("importer_name", "text", "importer of record"),
        ("entry_type", "text", "two digits"),
        ("port_of_entry", "text", "Schedule D, four digits"),
        ("entry_date", "day", "date of entry: governs rate, cycle and collection period"),
        ("entry_summary_date", "day", "date of the entry summary"),
        ("payment_date", "day", "day the duty was collected"),
        ("summary_status", "text", "accepted, rejected, cancelled, inactive, adjusted …"),
        ("control_status", "text", "CBP, trade or inactive"),
        ("liquidation_status", "text", "as the report says it"),
        ("liquidation_date", "day", "recorded or scheduled day of (re)liquidation"),
        ("original_liquidation_date", "day", "first liquidation, where the entry was reliquidated since"),
        ("reliquidation_date", "day", "reliquidation, where a report has a column of its own for it"),
        ("liquidation_reason", "text", "reason code of the liquidation; 36 is CAPE"),
        ("recon_flag", "flag", "flagged for reconciliation"),
        ("recon_due_date", "day", "day the reconciliation entry is due"),
        ("recon_entry_number", "text", "type 09 entry on file"),
        ("psc_flag", "flag", "a post summary correction was filed"),
        ("protest_number", "text", "protest on the entry"),
        ("protest_status", "text", "open, suspended, denied, approved, withdrawn …"),
        ("protest_ieepa_only", "flag", "the protest concerns IEEPA duty only"),
        ("protest_afr", "flag", "application for further review was requested"),
        ("protest_denied_on", "day", "day CBP mailed the denial of the protest: the days to sue run from it"),
        ("drawback_flag", "flag", "designated on a drawback claim"),
        ("adcvd_status", "text", "AD/CVD case or suspension code"),
        ("suspension_flag", "flag", "a suspension record is on the entry"),
        ("injunction_flag", "flag", "a court injunction is on the entry"),
        ("surety_paid_flag", "flag", "the surety paid the duty"),
        ("statement_status", "text", "PD paid, AU authorised, NP not paid"),
        ("notify_party", "text", "4811 party named on the entry summary"),
        ("claim_number", "text", "CAPE claim the entry is on"),
        ("claim_status", "text", "accepted, failed, refunded …"),
        (
            "total_duty_cents",
            "cents",
            "duty of the whole entry as the report repeats it; never summed over rows",
        ),
        ("extracted_on", "day", "day the entry's liquidation facts were exported"),
        ("twin_of", "text", "sound number of the entry this one, under a mistyped number, repeats"),
        (
            "lines_complete",
            "flag",
            "whether its tariff lines are all there are, so that no IEEPA number among them is proof",
        ),
        (
            "duty_disputed",
            "flag",
            "whether files or rows give different IEEPA duty for it, and nothing shows which is correct",
        ),
        ("unread", "text", "columns whose cell says something that is neither yes nor no, and the cell"),
    ),
    *PROVENANCE,
)

PROBLEMS = _table(
    (
        "severity",
        "text",
        "error: the row could not be used; warning: used, with a doubt; note: corrected, and how",
    ),
    ("code", "text", "permanent code of the kind of problem"),
    ("file", "text", "file, relative to the client's folder"),
    ("sheet", "text", "sheet of a workbook"),
    ("row", "count", "row in the file, the first of them; null when the whole file is meant"),
    ("column", "text", "column as the file names it"),
    ("value", "text", "what stood there, in the first of them"),
    ("message", "text", "what is wrong"),
    ("what_to_do", "text", "what a person should do about it"),
    ("times", "count", "how many rows or cells it stands for; null for one"),
    ("rows", "text", "all of their rows, where there are several: 4, 7-9"),
)

CONFLICTS = _table(
    ("entry_number", "text", "entry the files disagree on"),
    ("column", "text", "declared column"),
    ("taken", "text", "value the kit goes on with"),
    ("taken_from", "text", "file, sheet and row of that value"),
    ("other", "text", "value not taken"),
    ("other_from", "text", "file, sheet and row of that value"),
    ("why", "text", "the stated order that decided"),
)

FILES = _table(
    ("file", "text", "file, relative to the client's folder"),
    ("sheet", "text", "sheet read"),
    ("profile", "text", "report layout recognized"),
    ("title", "text", "name a person knows the report by"),
    ("rows", "count", "data rows in the sheet"),
    ("rows_used", "count", "data rows that became tariff lines or entry rows"),
    (
        "rows_refused",
        "count",
        "data rows in the problem list as errors; rows = rows_used + rows_refused + rows_repeated + "
        "rows_blank",
    ),
    ("rows_repeated", "count", "data rows that repeat another, or are of an earlier version: counted once"),
    ("rows_blank", "count", "empty, repeated-header and total rows, recognized as such and listed as notes"),
    ("entries", "count", "different entry numbers"),
    ("first_day", "day", "earliest entry date"),
    ("last_day", "day", "latest entry date"),
    ("extracted_on", "day", "day the report was run, where the file or client.toml says"),
    ("columns_matched", "text", "headers taken for known ones, by words and cells or as a person says"),
    ("columns_unknown", "text", "headers the profile does not know"),
    ("columns_missing", "text", "columns that would answer more, by their ACE object names"),
    ("filers", "text", "of a file that was not read: filer codes of the entry numbers found in it"),
)

MONEY = _table(
    ("file", "text", "file, relative to the client's folder"),
    ("sheet", "text", "sheet of a workbook"),
    ("column", "text", "column as the file names it"),
    (
        "taken_as",
        "text",
        "declared column it was read as; 'not needed' where the layout knows it; null where nobody does",
    ),
    ("cells", "count", "cells that hold something, rows without data left out"),
    (
        "sum_cents",
        "cents",
        "sum of all its cells, taken from the text itself and not by the way the rows are typed; "
        "sum = used + refused + repeated + not understood + not needed + passed over",
    ),
    ("used_cents", "cents", "on rows used, as the kit read them"),
    ("refused_cents", "cents", "on rows in the problem list as errors"),
    ("repeated_cents", "cents", "on rows set aside because they repeat another"),
    ("not_understood_cents", "cents", "in columns nobody took, and in cells that were not understood"),
    ("not_needed_cents", "cents", "in columns of the layout the kit has no use for, such as fees"),
    ("passed_over_cents", "cents", "on rows that hold no data, such as totals"),
    ("cells_unread", "count", "cells that say something no amount could be read from"),
)

#: What an unexplained cell is about where it does not speak of something done: duty, or a state nobody can place;
#: that something was sent to CBP or came back from it, for the summary or the claim; a file nobody could read. And
#: amounts that stand beside those taken: of duty again, and as it was liquidated.
DUTY, STATE, SENT, FILE, AGAIN, LIQUIDATED = "duty", "state", "sent", "file", "duty again", "liquidated duty"
UNEXPLAINED = _table(
    ("entry_number", "text", "entry the cell speaks of"),
    ("column", "text", "column as the file names it, which was not taken for anything"),
    (
        "about",
        "text",
        "what it speaks of: duty; a claim, protest, recon, drawback or summary of which something was done; a payment "
        "that was not made; a state; something sent; a file not read; duty again, or as liquidated",
    ),
    ("value", "text", "what stands there"),
    ("cents", "cents", "the money it states, over the rows that say so; null where it is none"),
    ("rows", "count", "rows of the entry that say so"),
    ("file", "text", "file, relative to the client's folder"),
    ("sheet", "text", "sheet of a workbook"),
    ("source_row", "count", "first of those rows, as a person counts it"),
)

APPEARANCES = _table(
    ("entry_number", "text", "entry"),
    ("file", "text", "file it appears in"),
    ("sheet", "text", "sheet"),
    ("first_row", "count", "first row it appears on"),
    ("rows", "count", "rows it appears on"),
    ("lines_taken", "flag", "whether its tariff lines were taken from this file"),
)

CLAIMS = (
    *_table(
        ("report", "text", "layout the row was read as: claim_details, es022, rev615"),
        ("entry_number", "text", "entry the answer is about"),
        ("claim_number", "text", "CAPE claim (accepted declaration)"),
        ("claim_status", "text", "as the report says it"),
        ("error_description", "text", "why CBP took the entry off the claim"),
        ("importer_number", "text", "importer of record number"),
        ("notify_party", "text", "4811 party that gets the refund"),
        ("payee_number", "text", "payee"),
        ("payee_name", "text", "payee or 4811 party"),
        ("entry_date", "day", "date of entry"),
        ("liquidation_date", "day", "day of liquidation or reliquidation"),
        ("refund_cents", "cents", "principal refunded"),
        ("interest_cents", "cents", "interest refunded, apart from principal"),
        ("refund_number", "text", "key to the payment"),
        ("refund_date", "day", "day of the refund"),
        ("refund_status", "text", "as the report says it"),
        ("refund_secondary_status", "text", "what Treasury did with it"),
        ("refund_type", "text", "as the report says it: principal or interest, where the rows are parts"),
        ("trace_number", "text", "check or ACH trace number"),
    ),
    *PROVENANCE,
)

REFUNDS = (
    *_table(
        ("report", "text", "layout the row was read as: rev603, rev613"),
        ("refund_number", "text", "key of the payment"),
        ("payee_number", "text", "payee"),
        ("payee_name", "text", "payee"),
        ("refund_date", "day", "day of the refund"),
        ("refund_status", "text", "as the report says it"),
        ("refund_secondary_status", "text", "what Treasury did with it"),
        ("refund_type", "text", "as the report says it"),
        ("document_number", "text", "document of the payment"),
        ("total_refund_cents", "cents", "principal and interest of the whole payment"),
        ("trace_number", "text", "check or ACH trace number"),
        ("payment_method", "text", "check or ACH"),
        ("reject_reason", "text", "why the payment came back"),
    ),
    *PROVENANCE,
)

UPLOADS = _table(
    ("event", "text", "filed, refused (the whole file), numbered (a claim number given), undone (a mistake)"),
    ("filed_on", "day", "day of the event"),
    ("file", "text", "name of the declaration file"),
    ("sha256", "text", "hash of its bytes"),
    ("submitter", "text", "whose account uploaded it: importer or filer"),
    ("entry_number", "text", "one line for each entry of the file"),
    ("claim_number", "text", "claim number CBP gave; null until recorded"),
    ("refusals_before", "count", "claims known to have failed on the entry when the line was written"),
)

TABLES: dict[str, tuple[Column, ...]] = {
    "tariff_lines": TARIFF_LINES,
    "entries": ENTRIES,
    "problems": PROBLEMS,
    "conflicts": CONFLICTS,
    "files": FILES,
    "money": MONEY,
    "unexplained": UNEXPLAINED,
    "appearances": APPEARANCES,
    "claims": CLAIMS,
    "refunds": REFUNDS,
    "uploads": UPLOADS,
}


def names(table: str) -> list[str]:
    """The declared column names of a table, in order."""
    return [column.name for column in TABLES[table]]


def kinds(table: str) -> dict[str, Kind]:
    """Column name -> kind."""
    return {column.name: column.kind for column in TABLES[table]}


def conform(frame: pd.DataFrame, table: str, *, keep: tuple[str, ...] = ()) -> pd.DataFrame:
    """The frame with exactly the declared columns (plus `keep`), in order and type; absent ones are null."""
    columns: dict[str, Any] = {}
    absent: dict[str, Any] = {}
    here = dict(frame.dtypes)
    if (
        not keep
        and list(here) == names(table)
        and all(map(_is, here.values(), map(DTYPES.get, kinds(table).values())))
    ):
        return frame.copy(deep=False)
    for column in TABLES[table]:
        dtype = DTYPES[column.kind]
        if column.name in here:
            values = frame[column.name]
            columns[column.name] = values if _is(values.dtype, dtype) else values.astype(cast(Any, dtype))
        else:
            if dtype not in absent:
                absent[dtype] = _nothing(dtype).take(np.zeros(len(frame), dtype=np.intp))
            columns[column.name] = absent[dtype]
    columns.update({name: frame[name] for name in keep})
    return pd.DataFrame(columns, index=frame.index)


@cache
def _is(found: Any, dtype: str) -> bool:
    """Whether a column's type is the declared one; pandas reads the name anew each time it is asked."""
    return bool(found == dtype)


@cache
def _nothing(dtype: str) -> Any:
    """One null of a type, to be repeated."""
    return pd.array([None], dtype=cast(Any, dtype))


def unread_in(entries: pd.DataFrame, column: str) -> pd.Series[bool]:
    """Entries in whose cell of that column something stands that nobody could read."""
    if entries["unread"].isna().all():
        return pd.Series(False, index=entries.index, name="unread", dtype="bool")
    return ("; " + entries["unread"]).str.contains(f"; {column}: ", regex=False).fillna(False).astype(bool)


def still_unread(said: pd.DataFrame, joined: pd.DataFrame) -> pd.Series[Any]:
    """For each joined entry: the columns none of its rows could be read in, and what stands there first."""
    marks = said.loc[said["unread"].notna(), ["entry_number", "unread"]]
    if marks.empty:
        return pd.Series(None, index=joined.index, dtype="str")
    each = marks.assign(one=marks["unread"].str.split("; ")).explode("one", ignore_index=True)
    each["column"] = each["one"].str.split(": ", n=1).str[0]
    each = each.drop_duplicates(["entry_number", "column"])
    each["place"] = each["entry_number"].map(pd.Series(joined.index, index=joined["entry_number"]))
    left = [
        rows[joined[column].reindex(rows["place"]).isna().to_numpy()]
        for column, rows in each.groupby("column", sort=False)
    ]
    texts = pd.concat(left).sort_index().groupby("place")["one"].agg("; ".join)
    return texts.reindex(joined.index).astype("str")


def empty(table: str) -> pd.DataFrame:
    """A table with its columns and no rows."""
    return _empty(table).copy()


@cache
def _empty(table: str) -> pd.DataFrame:
    return conform(pd.DataFrame(), table)


def problem_rows(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Problem dictionaries as the declared table."""
    return conform(pd.DataFrame(rows), "problems") if rows else empty("problems")


def gathered(groups: Any, **columns: tuple[str, Any]) -> pd.DataFrame:
    """A row for each group: name=(column, how), with pandas' own words for how, or a function of a group's values.

    "known" is a sum as well: of what is known, and null where nothing is, for that is no zero; "unknown" counts nulls.
    What `groups.agg` gives, in a third of its time: a report gathers some fifty small tables.
    """
    size = groups.size() if any(how in ("size", "unknown") for _, how in columns.values()) else None
    parts = {of: groups[of] for of, how in columns.values() if how != "size"}
    made = {name: _of_groups(parts.get(of), size, how) for name, (of, how) in columns.items()}
    first = next(iter(made.values()))
    return pd.DataFrame({name: values.array for name, values in made.items()}, index=first.index)


def _of_groups(part: Any, size: Any, how: Any) -> Any:
    if how == "size":
        return size
    if how == "known":
        return part.sum(min_count=1)
    if how == "unknown":
        return size - part.count()
    return part.agg(how) if callable(how) else getattr(part, how)()


def shown(values: pd.Series[Any]) -> pd.Series[Any]:
    """Values of a declared column as text a person reads: days as ISO, amounts in dollars."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.strftime("%Y-%m-%d")
    if str(values.name).endswith("_cents"):
        return (values.astype("Float64") / 100).map("{:.2f}".format, na_action="ignore").astype("str")
    return values.astype("str")
