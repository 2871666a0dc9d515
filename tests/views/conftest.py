"""A portfolio small enough to reckon by hand, and one large enough to look like a client."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.views import made_up

DAY = pd.Timestamp


@pytest.fixture(scope="session")
def usual():
    return made_up.assessment(300)


@pytest.fixture
def six():
    """Six entries, each of another kind, with round amounts."""
    rows = [
        # entry, disposition, opens, cents, deadline, what ends
        ("A", "file", "2026-03-06", 1000_00, "2026-05-25", "last day for CAPE"),
        ("B", "file", "2026-06-05", 2000_00, "2026-08-24", "last day for CAPE if liquidated as expected"),
        ("C", "cure", "2026-03-06", 400_00, "2026-05-25", "last day for CAPE"),
        ("D", "protest", "2026-01-02", 300_00, "2026-07-01", "last day to protest"),
        ("E", "final", "2025-10-03", 50_00, None, ""),
        ("F", "not_refundable", "2026-03-06", 0, None, ""),
    ]
    table = pd.DataFrame(
        rows,
        columns=[
            "entry_number",
            "disposition",
            "opens",
            "principal_cents",
            "next_deadline",
            "next_deadline_what",
        ],
    )
    opens = table.pop("opens").astype("datetime64[s]")
    table["next_deadline"] = table["next_deadline"].astype("datetime64[s]")
    table["principal_cents"] = table["principal_cents"].astype("Int64")
    table["interest_cents"] = (table["principal_cents"] // 10).astype("Int64")
    table["entry_date"] = opens - pd.Timedelta(days=300)
    table["liquidated_on"] = opens.where(opens <= DAY(made_up.AS_OF))
    table["expected_liquidation"] = opens.where(opens > DAY(made_up.AS_OF))
    table["cape_last_day"], table["protest_last_day"] = (
        opens + pd.Timedelta(days=80),
        opens + pd.Timedelta(days=180),
    )
    table["cape_state"] = ["open", "not_open", "open", "closed", "closed", "open"]
    table["protest_state"] = ["open", "not_open", "open", "open", "closed", "open"]
    table["blocking_rules"] = ["", "", "E13", "E04", "E04", ""]
    table["facts_missing"] = ""
    table["stated_cents"] = pd.array([pd.NA] * len(table), dtype="Int64")
    table["what_to_do"] = ["Declare", "Declare", "Withdraw the protest", "Protest", "Watch", "Nothing."]
    table["importer_number"] = ["12-345678900"] * 4 + ["123-45-6789"] * 2
    table["filer_code"] = ["ABC", "ABC", "ABC", "XYZ", "XYZ", "XYZ"]
    table["duty_paid_cents"] = table["principal_cents"] + 100_00
    table["source"], table["reason"], table["interest_until"] = "19 U.S.C. 1514", "because", DAY("2026-06-19")
    lines = table[["entry_number", "principal_cents"]].assign(
        programme=["China", "China", "Brazil", "China", "Brazil", "China"],
        country=["CN", "CN", "BR", "CN", "ZZ", "CN"],
    )
    # Entry B paid under two programmes.
    lines.loc[1, "principal_cents"] = 1500_00
    lines.loc[6] = ["B", 500_00, "Brazil", "BR"]
    return made_up.of(table, lines, "Six Entries & Sons")
