"""Deciding a million entries against a bare numpy.select over the same conditions, and against apply.

Run: python tests/benchmarks/bench_deciding.py
All three work on the same columns in one process. The kit reckons the clocks, the outcome of every rule, the
disposition, the deadlines, and every sentence once for all entries alike ("spelt out": copied onto each row).
numpy.select only names the disposition, without unknowns; apply tells each row whole. Processor time, so that
a busy machine does not tilt the ratios. Exits 1 when the kit takes more than 10 times numpy.select, apply
less than 100 times the kit, or a million entries more than linearly longer than ten thousand.
"""

import statistics
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from cape_kit.assessment import decisions, rules, timeline
from cape_kit.entries import identifiers, schema
from cape_kit.entries.client import Client
from cape_kit.law import book

SIZES, ROUNDS, APPLIED = (10_000, 100_000, 1_000_000), 3, 2_000
SELECT_LIMIT, APPLY_LIMIT, LINEAR_LIMIT = 10, 100, 1.5
DAY = date(2026, 5, 5)
CLIENT = Client(name="Benchmark", folder=Path("nowhere"), key="benchmark")
_TEXTS = ("bears_open", "stated_as", "exceptions_paid")
_CENTS = ("ended_since_cents", "stated_cents", "exception_duty_cents", "duty_paid_cents", "goods_value_cents")
_REFUSED = ("state", "codes", "error", "claim")
STATUSES = ("Unliquidated", "Liquidated", "Extended", "Suspended", "Pending", "Under Review")
FIRST, LAST = date(2025, 2, 4), date(2026, 2, 23)
EXCLUDED, WAREHOUSE = ("08", "09", "23", "47"), ("21", "22", "31", "32", "34", "38")
CURABLE, CLASSES = (
    {"E05", "E07", "E11", "E13", "E14", "E25", "E26"},
    {"E01", "E02", "E03", "E06", "E08", "E09", "E10", "E20", "E22", "E24"},
)


def portfolio(entries):
    """Entries and line marks as an assessment hands them to the rules."""
    rng = np.random.default_rng(20260505)
    day = np.timedelta64(86_400, "s")
    entered = np.datetime64("2025-02-04", "s") + rng.integers(0, 385, entries) * day
    status = np.array(STATUSES)[rng.choice(6, entries, p=[0.4, 0.4, 0.05, 0.05, 0.05, 0.05])]
    liquidated = np.where(
        status == "Liquidated", entered + rng.integers(60, 400, entries) * day, np.datetime64("NaT")
    )
    serial = np.char.zfill(np.arange(entries).astype(str), 8)
    frame = pd.DataFrame(
        {
            "entry_number": np.char.add("B76", serial),
            "filer_code": "B76",
            "importer_number": "12-345678900",
            "entry_type": np.array(["01", "03", "06", "21", "08"])[
                rng.choice(5, entries, p=[0.8, 0.1, 0.05, 0.03, 0.02])
            ],
            "entry_date": entered,
            "liquidation_status": status,
            "liquidation_date": liquidated,
            "summary_status": np.array(["Accepted", "Cancelled"])[(rng.random(entries) < 0.01).astype(int)],
            "control_status": np.array(["CBP", "Trade"])[(rng.random(entries) < 0.02).astype(int)],
            "recon_flag": rng.random(entries) < 0.05,
            "protest_status": np.array(["None", "Open"])[(rng.random(entries) < 0.05).astype(int)],
            "drawback_flag": rng.random(entries) < 0.03,
            "suspension_flag": rng.random(entries) < 0.02,
            "injunction_flag": False,
            "surety_paid_flag": False,
            "statement_status": np.array(["PD", "AU"])[(rng.random(entries) < 0.01).astype(int)],
            "extracted_on": np.datetime64("2026-05-05", "s"),
        }
    )
    return schema.conform(frame, "entries"), lines(frame["entry_number"], rng)


def lines(numbers, rng):
    """What the tariff lines were reduced to."""
    count = len(numbers)

    def flag(share):
        return pd.array(rng.random(count) < share, dtype="boolean")

    paid = pd.array(rng.integers(0, 20, count) * 10_000, dtype="Int64")
    return pd.DataFrame(
        {
            "entry_number": numbers,
            "line_rows": pd.array(np.full(count, 3), dtype="Int64"),
            "value_on_chapter_99": flag(0.02),
            "has_ieepa_heading": flag(0.97),
            "outside_dates": flag(0.01),
            "partner_needed": flag(0.03),
            "partner_missing": flag(0.01),
            "value_off_goods": flag(0.01),
            "order_wrong": flag(0.01),
            "unpaid_headings": pd.Series(None, index=range(count), dtype="str"),
            "unread_duty": pd.array(np.zeros(count), dtype="Int64"),
            "ieepa_paid_cents": paid,
            "bears_ieepa": pd.array(paid != 0, dtype="boolean"),
            "duty_on_exception": flag(0.0),
            "off_rate": flag(0.0),
            **{name: pd.Series(None, index=range(count), dtype="str") for name in _TEXTS},
            **{name: pd.array([pd.NA] * count, dtype="Int64") for name in _CENTS},
        }
    )


def seen(entries):
    """Every entry in a report of ACE, and in nothing else."""
    marks = {
        "in_ace": True,
        "on_list": False,
        "rows_gone": False,
        "rows_doubted": False,
        "paid_unclaimed": False,
        "refund_seen": False,
        "refund_made": False,
        "listed": False,
    }
    refusals = {f"refused_{name}": pd.Series(None, index=entries.index, dtype="str") for name in _REFUSED}
    none = pd.Series(pd.NaT, index=entries.index, dtype="datetime64[s]")
    days = dict.fromkeys(("refused_seen_on", "accepted_by", "claim_liquidated_on", "filed_on"), none)
    return pd.DataFrame(
        {
            **marks,
            "refused_understood": False,
            "filed_claim": refusals["refused_claim"],
            **refusals,
            **days,
            "said_done": refusals["refused_claim"],
            "state_unread": refusals["refused_claim"],
            "in_unread": refusals["refused_claim"],
        },
        index=entries.index,
    )


def whole(entries, marks, law):
    """The kit: clocks, rules, decisions with all they say."""
    clocks = timeline.build(entries, law, as_of=DAY)
    facts = rules.Facts(entries, clocks, marks, law, DAY, CLIENT, seen(entries))
    decided = decisions.decide(facts)
    assert len(decided.days)
    assert len(decided.sentences)
    return decided


def bare(entries, marks):
    """The same conditions by hand: no unknowns, no reasons, no clocks beyond the two days it needs."""
    day = np.datetime64(DAY, "s")
    on, status = entries["liquidation_date"].to_numpy(), entries["liquidation_status"]
    liquidated = status.isin(["Liquidated"]).to_numpy() & (on <= day)
    age = np.where(liquidated, (day - on).astype("timedelta64[D]").astype("int64"), 0)
    waiting = status.isin(["Pending", "Unliquidated"]).to_numpy()
    due = entries["entry_date"].to_numpy() + np.timedelta64(314, "D")
    stale = waiting & ((day - due).astype("timedelta64[D]").astype("int64") > 80)
    stale &= due > entries["extracted_on"].to_numpy()
    flags = {
        name: entries[name].to_numpy(dtype=bool, na_value=False)
        for name in ("recon_flag", "drawback_flag", "suspension_flag", "injunction_flag", "surety_paid_flag")
    }
    heading = marks["has_ieepa_heading"].to_numpy(dtype=bool)
    paid = marks["ieepa_paid_cents"].to_numpy(dtype="int64") != 0
    protested = entries["protest_status"].isin(["Open", "Suspended"]).to_numpy()
    entered = entries["entry_date"].to_numpy()
    outside = (entered < np.datetime64("2025-02-04")) | (entered > np.datetime64("2026-02-23"))
    out = (
        flags["recon_flag"] | flags["drawback_flag"] | flags["injunction_flag"] | flags["surety_paid_flag"]
        | (flags["suspension_flag"] & waiting) | (outside & heading)
        | entries["entry_type"].isin(EXCLUDED).to_numpy()
        | entries["summary_status"].isin(["Cancelled", "Rejected", "Inactive", "Adjusted"]).to_numpy()
    )  # fmt: skip
    numbers = entries["entry_number"]
    unsound = ~identifiers.check_digits_agree(numbers)
    curable = unsound | protested | entries["control_status"].isin(["Trade"]).to_numpy()
    curable = curable | entries["statement_status"].isin(["AU", "NP"]).to_numpy()
    for name in ("value_on_chapter_99", "value_off_goods", "outside_dates", "partner_missing", "order_wrong"):
        curable |= marks[name].to_numpy(dtype=bool)
    later = entries["entry_type"].isin(WAREHOUSE).to_numpy()
    later = later | status.isin(["Extended", "Suspended", "Under Review"]).to_numpy()
    claimed = entries["claim_status"].isin(["Entry Summary Updated", "Accepted"]).to_numpy()
    return np.select(
        [
            claimed, ~paid, stale, (age > 80) & protested, age > 180, age > 80,
            out & liquidated, out, curable, later & ~liquidated,
        ],
        [
            "claimed", "not_refundable", "undetermined", "protest", "final", "protest",
            "protest", "held", "cure", "file_deferred",
        ],
        default="file",
    )  # fmt: skip


def one(row):
    """One row told whole, as one writes it for a few: rules, windows, sentence, deadline."""
    liquidated = row["liquidation_status"] == "Liquidated" and row["liquidation_date"].date() <= DAY
    age = (DAY - row["liquidation_date"].date()).days if liquidated else 0
    waiting = row["liquidation_status"] in ("Pending", "Unliquidated")
    due = row["entry_date"].date() + timedelta(days=314)
    due += timedelta(days=(4 - due.weekday()) % 7)
    start = row["liquidation_date"].date() if liquidated else due if waiting else None
    windows = {}
    for name, length in (("cape", 80), ("reliquidation", 90), ("protest", 180)):
        last = start + timedelta(days=length) if start else None
        left = (last - DAY).days if last else None
        state = None if left is None else "closed" if left < 0 else "not_open" if left > length else "open"
        windows |= {f"{name}_last_day": last, f"{name}_days_left": left, f"{name}_state": state}
    checks = {
        "E01": row["drawback_flag"],
        "E02": not pd.isna(row["recon_entry_number"]),
        "E03": row["summary_status"] in ("Cancelled", "Rejected", "Inactive"),
        "E04": age > 80,
        "E05": row["control_status"] == "Trade",
        "E06": row["injunction_flag"],
        "E07": identifiers.check_digit(row["entry_number"][:-1]) != row["entry_number"][-1],
        "E08": waiting and row["suspension_flag"],
        "E09": row["summary_status"] == "Adjusted",
        "E10": row["entry_type"] in EXCLUDED,
        "E11": row["value_on_chapter_99"],
        "E12": not row["has_ieepa_heading"],
        "E13": row["protest_status"] in ("Open", "Suspended"),
        "E14": row["statement_status"] in ("AU", "NP"),
        "E20": row["recon_flag"],
        "E21": row["claim_status"] in ("Entry Summary Updated", "Accepted"),
        "E22": row["surety_paid_flag"],
        "E24": not FIRST <= row["entry_date"].date() <= LAST,
        "E25": row["value_off_goods"],
        "E26": row["outside_dates"] or row["partner_missing"] or row["order_wrong"],
    }
    failed = [code for code, fails in checks.items() if fails]
    said = "file_deferred" if not liquidated and row["entry_type"] in WAREHOUSE else "file"
    said = "cure" if set(failed) & CURABLE else said
    said = ("protest" if liquidated else "held") if set(failed) & CLASSES else said
    said = ("final" if age > 180 else "protest") if age > 80 else said
    said = "undetermined" if waiting and row["extracted_on"].date() < due < DAY - timedelta(days=80) else said
    said = "not_refundable" if row["ieepa_paid_cents"] == 0 else "claimed" if checks["E21"] else said
    reason = f"Liquidated {start:%b %d, %Y}, {age} days ago" if liquidated else "Not liquidated"
    deadline = windows["cape_last_day"] if said in ("file", "cure") else windows["protest_last_day"]
    told = {"disposition": said, "reason": f"{reason}; {', '.join(failed)}", "deadline": deadline, **windows}
    return pd.Series(told | checks)


def seconds(work, rounds=ROUNDS):
    """Median processor time of a call, all threads together."""
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def main():
    """Print the table; the exit code says whether the limits hold."""
    law = book.load()
    print(f"{'entries':>10} {'kit':>9} {'select':>9} {'ratio':>7} {'us/entry':>9}")
    per_entry = []
    for size in SIZES:
        entries, marks = portfolio(size)
        kit = seconds(lambda e=entries, m=marks: whole(e, m, law))
        select = seconds(lambda e=entries, m=marks: bare(e, m))
        per_entry.append(kit / size)
        print(f"{size:>10,} {kit:>8.3f}s {select:>8.3f}s {kit / select:>6.1f}x {kit / size * 1e6:>9.2f}")
    spelt = seconds(lambda: whole(entries, marks, law).decisions, rounds=1) - kit
    print(f"{SIZES[-1]:>10,} spelt out on every row: {max(spelt, 0):.2f}s more")
    few = pd.concat([entries.head(APPLIED), marks.head(APPLIED).drop(columns="entry_number")], axis=1)
    applied = seconds(lambda: few.apply(one, axis=1)) / APPLIED * SIZES[-1]
    told = f"{applied:.0f}s, {applied / kit:.0f}x the kit"
    print(f"{SIZES[-1]:>10,} by apply, extrapolated from {APPLIED:,}: {told}")
    linear = per_entry[-1] / per_entry[0]
    print(f"{'':>10} per entry, a million against ten thousand: {linear:.2f}x")
    holds = kit / select <= SELECT_LIMIT and applied / kit >= APPLY_LIMIT and linear <= LINEAR_LIMIT
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
