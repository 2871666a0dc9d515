"""What is expected back, with interest and its range: cash by quarter, what has no date yet, what cannot be paid.

And the bridge to it, from all duty paid. Nothing is calculated here but sums of what the assessment found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment import money, payments
from cape_kit.entries import kept
from cape_kit.money import known_sum, plain
from cape_kit.views import words
from cape_kit.views.tables.money import not_counted, waterfall
from cape_kit.views.tables.table import Field, Table

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

_CENTS = ["principal_cents", "interest_cents", "amount_cents"]
_COLUMNS = ("kind", "part", "detail", "entries", *_CENTS)
#: Kinds of row: cash with a day, money without one, money that cannot be paid as things stand.
DATED, UNDATED, BLOCKED = "dated", "undated", "blocked"
#: How a step of the bridge is read.
_SIGNS = {"total": "= ", "less": "− ", "plus": "+ "}
#: How the basis of a payment begins where its day is not known.
_UNKNOWN = "unknown: "
#: Reasons told one by one; more stand together in one row.
_REASONS = 2


@kept
def expected(assessment: Assessment) -> Table:
    """What comes back if filed today, one row per quarter of payment, then what has no day or no payee. [cents]

    The rows add up to everything on CAPE today; `kind` says which of DATED, UNDATED, BLOCKED a row is.
    """
    frame = _parts(assessment)
    return Table(
        frame,
        (
            Field("part", "Expected refund", under="detail"),
            Field("principal_cents", "IEEPA duty", "dollars"),
            Field("interest_cents", "Interest", "dollars"),
            Field("amount_cents", "Total", "dollars"),
        ),
        caption="How much, and when",
        as_of=assessment.filing_date,
        note=f"{_range(assessment)} {not_counted(assessment, money.ON_CAPE)}".strip(),
        total={"part": "Expected through CAPE", **{name: plain(known_sum(frame[name])) for name in _CENTS}},
        empty="Nothing can be filed on a CAPE declaration today, so no payment is expected yet.",
    )


@kept
def _parts(assessment: Assessment) -> pd.DataFrame:
    """The rows, one a part; see `expected`."""
    rows = payments.expected(assessment)
    blocked, undated = rows["blocked"].ne(""), rows["payment_high"].isna()
    told = [
        *_quarters(rows[~blocked & ~undated]),
        *_waiting(rows[~blocked & undated]),
        *_not_payable(rows[blocked]),
    ]
    frame = pd.DataFrame(told, columns=list(_COLUMNS))
    return frame.astype(dict.fromkeys(("entries", *_CENTS), "Int64"))


@kept
def _steps(assessment: Assessment) -> pd.DataFrame:
    """The steps of the bridge; see `bridge`."""
    steps = waterfall(assessment).frame
    entries = assessment.totals.set_index("disposition")["entries"]
    counts = steps["step"].map(entries).where(steps["kind"].eq("less"))
    signs = steps["kind"].map(_SIGNS).where(steps.index > 0, "")
    return steps.assign(
        entries=counts.astype("Int64"),
        cents=steps["cents"].where(steps["kind"].ne("less"), -steps["cents"]),
        label=signs + steps["label"],
    )


def bridge(assessment: Assessment) -> Table:
    """From all duty paid to what is expected: what comes off and why, then the interest. [cents]

    The steps are those of the waterfall, with how many entries each stands for; what comes off is negative.
    """
    frame = _steps(assessment)
    last = frame.iloc[-1]
    return Table(
        frame.iloc[:-1],
        (
            Field("label", "Step"),
            Field("entries", "Entries", "count"),
            Field("cents", "Amount", "dollars"),
        ),
        caption="From duty paid to expected refund",
        as_of=assessment.filing_date,
        note=f"Every IEEPA duty total in this report is a line of this table. {not_counted(assessment)}".strip(),
        total={"label": last["label"], "cents": plain(last["cents"])},
    )


def expected_figures(assessment: Assessment) -> dict[str, Any]:
    """The same as plain values: the total, its range, and its parts. [cents]"""
    table = expected(assessment)
    low, high = _ends(assessment)
    parts = table.frame.groupby("kind")["amount_cents"].sum(min_count=1)
    dated = table.frame[table.frame["kind"].eq(DATED)]
    return {
        **{name: table.total[name] for name in _CENTS},
        "unknown": int(_on_cape(assessment)["principal_unknown"].sum()),
        "low_cents": low,
        "high_cents": high,
        "quarters": dict(zip(dated["part"], map(plain, dated["amount_cents"]), strict=True)),
        **{f"{kind}_cents": plain(parts.get(kind, 0)) for kind in (DATED, UNDATED, BLOCKED)},
    }


def _on_cape(assessment: Assessment) -> pd.DataFrame:
    """The totals of what comes back through CAPE, of the dispositions that have entries. [cents]"""
    totals = assessment.totals
    return totals[totals["disposition"].isin(money.ON_CAPE) & totals["entries"].gt(0)]


@kept
def _ends(assessment: Assessment) -> tuple[int | None, int | None]:
    """The least and the most of the total: the interest under every reading nobody has settled. [cents]

    None where the duty of no entry is known.
    """
    span = assessment.interest_span(money.ON_CAPE)
    principal = plain(known_sum(_on_cape(assessment)["principal_cents"]))
    if principal is None:
        return None, None
    return principal + span.low_cents, principal + span.high_cents


def _range(assessment: Assessment) -> str:
    low, high = _ends(assessment)
    return (
        f"{_span(low, high)} Entries with no date yet earn further interest until they liquidate. "
        f"{_if(assessment)}; CBP decides."
    )


def _span(low: int | None, high: int | None) -> str:
    """How far the total moves with the readings of interest nobody has settled."""
    if low is None:
        return "The total is not known."
    if low == high:
        return "The total is the same under every open reading of interest."
    return f"Range: {words.dollars(low)} to {words.dollars(high)}, depending on how interest is counted."


def _if(assessment: Assessment) -> str:
    """What has to come true: that what can be filed is, and that CBP accepts it."""
    ready = assessment.totals.set_index("disposition")["entries"].reindex(money.FILED).sum()
    return f"If filed on {words.day(assessment.filing_date)} and accepted" if ready else "If accepted"


def _quarters(rows: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Cash by the calendar quarter of the expected payment day."""
    told = []
    for quarter, mine in rows.groupby(rows["payment_base"].dt.to_period("Q"), sort=True):
        first, last = quarter.start_time, quarter.end_time
        part = f"Expected {words.month(first.month)}–{words.month(last.month)} {first.year}"
        detail = (
            f"{words.entries(len(mine))}; payment between {words.day(mine['payment_low'].min())} and "
            f"{words.day(mine['payment_high'].max())}"
        )
        told.append((DATED, part, detail, *_sums(mine)))
    return told


def _waiting(rows: pd.DataFrame) -> list[tuple[Any, ...]]:
    """What no one can date yet, and what it waits for."""
    return [
        (
            UNDATED,
            "No date yet",
            f"{words.entries(len(mine))}: {str(why).removeprefix(_UNKNOWN)}",
            *_sums(mine),
        )
        for why, mine in rows.groupby("basis", sort=True)
    ]


def _not_payable(rows: pd.DataFrame) -> list[tuple[Any, ...]]:
    """What CBP cannot pay as things stand, and why; the rarer reasons stand together."""
    sums = rows.groupby("blocked")["amount_cents"].sum(min_count=1)
    sums = sums.sort_values(ascending=False, kind="stable", na_position="first")
    why = rows["blocked"].where(rows["blocked"].isin(sums.index[:_REASONS]), "other reasons")
    parts = rows.groupby(why.astype("str"), sort=False)
    shown = sorted(parts, key=lambda one: -int(one[1]["amount_cents"].dropna().sum()))
    return [
        (BLOCKED, "Not payable yet", f"{words.entries(len(mine))}: {reason}", *_sums(mine))
        for reason, mine in shown
    ]


def _sums(rows: pd.DataFrame) -> tuple[int | None, ...]:
    return (len(rows), *(plain(known_sum(rows[name])) for name in _CENTS))
