"""What became different since the last report: new, moved, lost, restated and paid, entry by entry, in dollars.

Each report keeps its entries' figures beside it (entries.json): number, disposition, principal, interest, what was
paid; no name or importer number. A redacted report, whose entries bear other names each time, keeps none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.decisions import DISPOSITIONS
from cape_kit.entries import schema
from cape_kit.errors import Usage
from cape_kit.filing import REPORT_ENTRIES, csv_out, monitoring

#: Its first key, by which the kit knows the file again, and its form.
MARK, _VERSION = "cape_kit_entries", 1
FIGURES = ["disposition", "principal_cents", "interest_cents", "paid_cents"]
_CENTS = dict.fromkeys(FIGURES[1:], "Int64")
#: Kinds of change, in the order in which they are told; an entry is of one kind.
NEW, MOVED, LOST, RESTATED, GONE, SAME = "new", "moved", "lost", "restated", "gone", "same"
KINDS = {
    NEW: "New in the files",
    MOVED: "Moved",
    LOST: "Lost: both windows closed",
    RESTATED: "Amount changed",
    GONE: "No longer in the files",
    SAME: "Unchanged",
}
#: What an entry comes to when it is lost.
_LOST = "final"


@dataclass(frozen=True)
class LastReport:
    """An earlier report: the day it speaks of, and its entries' figures by entry number. [cents]"""

    as_of: date
    entries: pd.DataFrame


@dataclass(frozen=True)
class Changes:
    """An earlier report and an assessment side by side.

    `table`: entry_number, kind, before, after (dispositions; empty where there is none), before_cents, after_cents
    (principal; null where it was or is not known), paid_cents (what CBP's reports show as paid now and did not then).
    [cents]
    """

    last: LastReport
    table: pd.DataFrame

    @property
    def summary(self) -> pd.DataFrame:
        """A row per kind and pair of dispositions: entries, before_cents, after_cents, paid_cents. [cents]"""
        frame = self.table[self.table["kind"].ne(SAME)]
        sums = schema.gathered(
            frame.groupby(["kind", "before", "after"]),
            entries=("entry_number", "size"),
            before_cents=("before_cents", "known"),
            after_cents=("after_cents", "known"),
            paid_cents=("paid_cents", "sum"),
        ).reset_index()
        place = {name: number for number, name in enumerate((*KINDS, *DISPOSITIONS))}
        rank = [sums[name].map(place).fillna(-1) for name in ("after", "before", "kind")]
        return sums.iloc[np.lexsort([one.to_numpy() for one in rank])].reset_index(drop=True)


def figures(assessment: Assessment) -> pd.DataFrame:
    """The figures a report keeps of its entries, by entry number; null where an amount is not known. [cents]

    `paid_cents` is what CBP's reports show as refunded, with its interest; 0 where no report of refunds is there.
    """
    table = assessment.figures[["entry_number", "disposition", "principal_cents", "interest_cents"]]
    frame = table.set_index("entry_number")
    paid = _paid(assessment).reindex(frame.index).fillna(0)
    return frame.assign(paid_cents=paid).astype(_CENTS)


def _paid(assessment: Assessment) -> pd.Series:
    """What was paid for each entry, as far as its reports of refunds show."""
    paid = monitoring.received(assessment)
    return paid["principal_cents"] + paid["interest_cents"]


def write(assessment: Assessment, folder: Path) -> Path:
    """The figures of a report's entries in its folder. The same assessment gives the same bytes."""
    rows = figures(assessment).sort_index()
    told = {
        MARK: _VERSION,
        "as_of": assessment.as_of.isoformat(),
        "columns": FIGURES,
        "entries": {
            str(number): [disposition, *(None if pd.isna(one) else int(one) for one in cents)]
            for number, disposition, *cents in rows.itertuples()
        },
    }
    return csv_out.put(
        folder / REPORT_ENTRIES, (json.dumps(told, separators=(",", ":")) + "\n").encode("utf-8")
    )


def read(folder: Path) -> LastReport | None:
    """The figures a report's folder keeps; None where it has none that can be read: an earlier version made it."""
    try:
        told = json.loads((folder / REPORT_ENTRIES).read_text("utf-8"))
        if told[MARK] != _VERSION or told["columns"] != FIGURES:
            return None
        frame = pd.DataFrame.from_dict(told["entries"], orient="index", columns=FIGURES)
        return LastReport(date.fromisoformat(told["as_of"]), frame.astype(_CENTS | {"disposition": "str"}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def changes(assessment: Assessment, folder: Path) -> Changes:
    """What became different since an earlier report.

    Raises Usage for a folder that keeps no figures, or those of a day that is not earlier.
    """
    last = read(folder)
    if last is None:
        raise Usage(
            f"{folder}: no report with its entry figures ({REPORT_ENTRIES}); give a report's folder, "
            f"reports/CLIENT/DAY"
        )
    if last.as_of >= assessment.as_of:
        raise Usage(f"{folder}: a report of {last.as_of}, which is not before {assessment.as_of}")
    both = last.entries.add_suffix("_before").join(figures(assessment).add_suffix("_after"), how="outer")
    was, now = both["disposition_before"], both["disposition_after"]
    # An entry that is not there bears nothing; one whose duty is not known bears nobody knows what.
    cents = {
        end: both[f"principal_cents_{end}"].mask(there.isna(), 0)
        for end, there in (("before", was), ("after", now))
    }
    same = cents["before"].eq(cents["after"]).fillna(False) | (cents["before"].isna() & cents["after"].isna())
    kind = np.select(
        [
            was.isna(),
            now.isna(),
            was.ne(now) & now.eq(_LOST),
            was.ne(now),
            ~same.to_numpy(dtype=bool),
        ],
        [NEW, GONE, LOST, MOVED, RESTATED],
        SAME,
    )
    paid = both["paid_cents_after"].fillna(0) - both["paid_cents_before"].fillna(0)
    columns: dict[str, Any] = {
        "entry_number": both.index,
        "kind": kind,
        "before": was.fillna("").to_numpy(),
        "after": now.fillna("").to_numpy(),
        "before_cents": cents["before"].to_numpy(),
        "after_cents": cents["after"].to_numpy(),
        "paid_cents": paid.astype("int64").to_numpy(),
    }
    return Changes(last, pd.DataFrame(columns))
