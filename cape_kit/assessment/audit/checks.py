"""The table of checks: code, title, authority and the question each asks of the lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from cape_kit.assessment.audit import ieepa, others
from cape_kit.assessment.audit.filed import Filed


@dataclass(frozen=True)
class Check:
    """One check: what it is called, who says so, and the rows that fail it."""

    code: str
    title: str
    source: str
    find: Callable[[Filed], pd.DataFrame]


CHECKS = (
    Check("rate", "IEEPA duty at another rate than the registry's", "hts-2026-rev6", ieepa.rate),
    Check(
        "all-in-rate",
        "All-in duty at another rate than the registry's",
        "csms-66319804; csms-67045953",
        ieepa.all_in_rate,
    ),
    Check("missing", "IEEPA heading missing", "hts-2026-rev6", ieepa.missing),
    Check("wrong-country", "IEEPA heading of another origin", "hts-2026-rev6", ieepa.wrong_country),
    Check("outside-days", "IEEPA heading outside its days", "hts-2026-rev6", ieepa.outside),
    Check("gap", "Superseded IEEPA heading", "hts-2026-rev6", ieepa.gap),
    Check("exception-duty", "Duty on an IEEPA exception heading", "hts-2026-rev6", ieepa.exception_duty),
    Check("unknown-number", "Duty on an unknown IEEPA number", "hts-2026-rev6", ieepa.unknown_number),
    Check("negative", "Negative IEEPA duty", "cape-kit", ieepa.negative),
    Check("no-value", "IEEPA duty without value", "cape-kit", ieepa.no_value),
    Check("twice", "Two IEEPA headings of one levy", "hts-2026-rev6", ieepa.twice),
    Check("232-and-ieepa", "Section 232 and an IEEPA levy that excepts it", "hts-2026-rev6", ieepa.both_232),
    Check("no-232", "Exception for section 232 goods without a 232 heading", "hts-2026-rev6", others.no_232),
    Check("301-origin", "Section 301 duty of another origin", "hts-2026-rev6", others.other_country),
    Check("normal-duty", "Normal duty at another rate than printed", "cfr-19-159-1", others.normal_duty),
    Check("other-rate", "Duty of another law at another rate", "hts-2026-rev6", others.other_rate),
)
