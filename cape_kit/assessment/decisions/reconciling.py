"""Whether a reconciliation entry (type 09) goes before CAPE, which refuses the entry once one is on file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment.rules import Facts
from cape_kit.errors import NoLawInForce


def due_first(facts: Facts) -> np.ndarray:
    """Entries with so little time left to their reconciliation that it goes first; none before CBP said so.

    Source: key ``recon.file_first_days``.
    """
    try:
        days = int(facts.law.value("recon.file_first_days", facts.day).value)
    except NoLawInForce:
        return np.zeros(len(facts.entries), dtype=bool)
    left = facts.entries["recon_due_date"] - pd.Timestamp(facts.day)
    return ((left < pd.Timedelta(days=days)) & (left >= pd.Timedelta(0))).to_numpy(dtype=bool)


def first(facts: Facts) -> np.ndarray:
    """Those of them that are flagged and have none on file yet."""
    flagged = facts.flag("recon_flag").fillna(False).to_numpy(dtype=bool)
    return flagged & facts.entries["recon_entry_number"].isna().to_numpy() & due_first(facts)
