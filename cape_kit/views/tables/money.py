"""Where the dollars stand: by disposition, by programme and by importer of record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cape_kit.entries import identifiers
from cape_kit.views import words
from cape_kit.views.tables.table import Field, Table

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.entries.client import Importer

#: Dispositions that go on a declaration today.
ON_CAPE = ("file", "file_deferred")
#: Dispositions for which someone can still do something.
IN_REACH = (*ON_CAPE, "cure", "protest", "held", "undetermined")


def dispositions(assessment: Assessment) -> Table:
    """Every disposition with its entries, IEEPA principal and interest, all nine, in order. [cents]"""
    frame = assessment.totals.copy()
    return Table(
        frame,
        (
            Field("disposition", "Disposition", "disposition"),
            Field("entries", "Entries", "count"),
            Field("principal_cents", "IEEPA duty", "dollars"),
            Field("interest_cents", "Interest", "dollars"),
        ),
        caption="All entries, by disposition",
        as_of=assessment.filing_date,
        note=basis(assessment),
        total={"disposition": "All entries", **_sums(frame)},
        labels=labels(assessment),
    )


def labels(assessment: Assessment) -> dict[str, str]:
    """Disposition -> the words it is shown with."""
    return dict(zip(assessment.totals["disposition"], assessment.totals["label"], strict=True))


def programmes(assessment: Assessment) -> Table:
    """IEEPA duty by program: on CAPE now, still in reach another way, out of reach today. [cents]"""
    lines = refund_lines(assessment)
    reach = lines["disposition"].map(_reach_of)
    wide = lines.groupby(["programme", reach])["principal_cents"].sum().unstack(fill_value=0)
    wide = wide.reindex(columns=["now", "other", "out"], fill_value=0)
    wide["all"] = wide.sum(axis=1)
    wide["entries"] = lines.groupby("programme")["entry_number"].nunique()
    frame = wide.sort_values("all", ascending=False, kind="stable").reset_index()
    return Table(
        frame,
        (
            Field("programme", "Programme"),
            Field("entries", "Entries", "count"),
            Field("now", "To file now", "dollars"),
            Field("other", "Cure, protest, held", "dollars"),
            Field("out", "Final, filed or claimed", "dollars"),
            Field("all", "IEEPA duty", "dollars"),
        ),
        caption="IEEPA duty by program",
        as_of=assessment.filing_date,
        note="An entry that paid under two programs counts in each; its dollars are split by heading.",
        total={"programme": "All programs", **_sums(frame, but=("entries",))},
    )


def importers(assessment: Assessment) -> Table:
    """Entries and dollars by importer of record number, masked where it is a person's. [cents]"""
    table = assessment.table
    known = {importer.number: importer for importer in assessment.client.importers}
    number = table["importer_number"].fillna("")
    on_cape = table["disposition"].isin(ON_CAPE)
    protest = table["disposition"].eq("protest")
    parts = pd.DataFrame(
        {
            "importer": number,
            "entries": 1,
            "now": table["principal_cents"].where(on_cape, 0).fillna(0),
            "protest": table["principal_cents"].where(protest, 0).fillna(0),
            "all": table["principal_cents"].fillna(0),
        }
    )
    frame = parts.groupby("importer", as_index=False).sum().sort_values("all", ascending=False, kind="stable")
    frame["ach"] = [_enrolled(known.get(one)) for one in frame["importer"]]
    frame["importer"] = [shown_importer(one, known.get(one)) for one in frame["importer"]]
    return Table(
        named(frame, "importer").reset_index(drop=True),
        (
            Field("name", "Importer of record", under="number"),
            Field("entries", "Entries", "count"),
            Field("now", "To file now", "dollars"),
            Field("protest", "To protest", "dollars"),
            Field("all", "IEEPA duty", "dollars"),
            Field("ach", "ACH refunds"),
        ),
        caption="What each importer number can file",
        as_of=assessment.filing_date,
        note="Each importer number and suffix files its own declaration. ACH refund enrollment is as "
        "stated in client.toml; without it CBP holds the refund.",
        total={"name": "All importers", **_sums(frame)},
    )


def _sums(frame: pd.DataFrame, but: tuple[str, ...] = ()) -> dict[str, int]:
    return {str(name): int(frame[name].sum()) for name in frame.select_dtypes("number") if name not in but}


def refund_lines(assessment: Assessment) -> pd.DataFrame:
    """The lines with IEEPA duty of entries that are refundable at all, each with its entry's disposition."""
    lines = assessment.refund_lines
    decided = assessment.decisions.set_index("entry_number")["disposition"]
    lines = lines.assign(disposition=lines["entry_number"].map(decided))
    return lines[lines["disposition"].ne("not_refundable") & lines["principal_cents"].ne(0)]


def _reach_of(disposition: str) -> str:
    return "now" if disposition in ON_CAPE else "other" if disposition in IN_REACH else "out"


def shown_importer(number: str, importer: Importer | None) -> str:
    """An importer by name and number, a person's number masked."""
    masked = identifiers.mask_importer(number) if number else "Number not in the files"
    name = importer.name if importer else None
    return f"{name} ({masked})" if name else masked


def named(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """The frame with `name` and `number` taken out of what `shown_importer` made of them."""
    parts = frame[column].astype("str").str.extract(r"^(?P<name>.*?)(?: \((?P<number>[^()]*)\))?$")
    return frame.assign(name=parts["name"], number=parts["number"].fillna(""))


def _enrolled(importer: Importer | None) -> str:
    answer = importer.ach_refund_enrolled if importer else None
    return "not stated" if answer is None else "enrolled" if answer else "NOT enrolled"


def basis(assessment: Assessment) -> str:
    """What the amounts are, in two sentences: what is counted, and how far interest runs."""
    classes = assessment.table["importer_class"].unique()
    kind = "corporate or non-corporate" if len(classes) > 1 else "".join(classes).replace("_", "-")
    latest = assessment.table["interest_until"].max()
    if pd.isna(latest):
        return "IEEPA duty is duty paid on IEEPA headings only."
    return (
        f"IEEPA duty is duty paid on IEEPA headings only. Interest runs at the {kind} rate from deposit "
        f"to the liquidation expected after filing, otherwise to this day, and not beyond "
        f"{words.day(latest)}."
    )
