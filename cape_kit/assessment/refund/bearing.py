"""Whether an entry bears IEEPA duty: yes, no, or not known, and what then leaves it open.

Yes where duty was paid, or stands unread, on a dutiable heading. No only where the lines are all there are and
none of them can be IEEPA duty. Everything else is open: nothing a file can't show is taken for "no".
"""

from __future__ import annotations

import numpy as np
import pandas as pd

#: What leaves it open, the first that holds; the empty text where nothing does.
TWIN, NO_LINES, UNREGISTERED, NAMELESS, UNEXPLAINED, NOT_LISTED = (
    "mistyped number", "no lines", "unregistered number", "amount without a number", "column not understood",
    "not listed",
)  # fmt: skip


def told(facts: pd.DataFrame, entries: pd.DataFrame, unexplained: pd.DataFrame) -> pd.DataFrame:
    """The line facts of each entry with whether it bears IEEPA duty, row by row alike with the entries. [cents]

    Adds `bears_ieepa` (true, false, null), `bears_open` (why it is null), `stated_cents` (money the files
    state that may be IEEPA duty and is on no heading) and `stated_as` (what stood there). The principal of an
    entry of which that is not known is not known. `unexplained`: cells about IEEPA duty in columns nobody
    understood, as the portfolio lists them.
    """
    stated = _stated(facts, unexplained)
    complete = entries["lines_complete"].eq(True).fillna(False).to_numpy(dtype=bool)
    paid = facts["ieepa_paid_cents"].ne(0).fillna(False) | facts["unread_duty"].gt(0).fillna(False)
    open_ = np.select(
        [
            entries["twin_of"].notna().to_numpy(),
            facts["line_rows"].isna() & (stated["cells"] > 0),
            facts["line_rows"].isna(),
            paid,
            facts["unknown_duty_cents"].ne(0).fillna(False),
            facts["nameless_cents"].ne(0).fillna(False),
            stated["cells"] > 0,
            ~facts["has_ieepa_heading"].eq(True).fillna(False).to_numpy(dtype=bool) & ~complete,
        ],
        [TWIN, UNEXPLAINED, NO_LINES, "", UNREGISTERED, NAMELESS, UNEXPLAINED, NOT_LISTED],
        default="",
    )
    unknown = open_ != ""
    return facts.assign(
        bears_ieepa=pd.Series(
            pd.arrays.BooleanArray(paid.to_numpy(dtype=bool) & ~unknown, unknown), index=facts.index
        ),
        bears_open=pd.Series(open_, index=facts.index, dtype="str").mask(~unknown),
        stated_cents=stated["cents"].astype("Int64").mask(stated["cents"].eq(0)),
        stated_as=stated["as"].astype("str"),
        principal_cents=facts["principal_cents"].mask(unknown),
        ieepa_paid_cents=facts["ieepa_paid_cents"].mask(unknown),
    )


def _stated(facts: pd.DataFrame, unexplained: pd.DataFrame) -> pd.DataFrame:
    """Per entry, money on rows without a number and in columns nobody understood; how many cells of these."""
    groups = unexplained.groupby("entry_number")
    by_entry = pd.DataFrame(
        {
            "cents": groups["cents"].sum(),
            "cells": groups.size(),
            "as": groups["column"].first() + ": " + groups["value"].first(),
        }
    ).reindex(facts["entry_number"])
    by_entry.index = facts.index
    cents = by_entry["cents"].astype("Int64").fillna(0) + facts["nameless_cents"].astype("Int64").fillna(0)
    return by_entry.assign(cents=cents, cells=by_entry["cells"].fillna(0).astype("int64"))
