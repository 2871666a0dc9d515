"""Situations written by a person -> the facts the rules look at; those of one day are decided at once."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cape_kit.assessment import caveats, decisions, line_order, refund, rules, timeline
from cape_kit.entries import schema
from cape_kit.entries.client import Broker, Client, Importer
from cape_kit.law import book, official
from tests.numbers import numbered

LAW = book.load()
CLIENT = Client(
    name="Example Imports, Inc.",
    folder=Path("example"),
    key="example",
    importers=(Importer("12-345678900", ace_subaccount=True), Importer("12-345678901", ace_subaccount=False)),
    brokers=(Broker("B76"),),
)

ORDINARY = {
    "entry_number": "B7603245278",
    "filer_code": "B76",
    "importer_number": "12-345678900",
    "entry_type": "01",
    "entry_date": date(2025, 6, 10),
    "liquidation_status": "Unliquidated",
    "summary_status": "Accepted",
    "control_status": "CBP",
    "recon_flag": False,
    "protest_status": "None",
    "drawback_flag": False,
    "suspension_flag": False,
    "injunction_flag": False,
    "surety_paid_flag": False,
    "statement_status": "PD",
    "lines_complete": True,
}
LINES = [["99030124", 0.00, 200.00], ["99030125", 0.00, 100.00], ["3923900080", 1000.00, 30.00]]


def entries(*facts):
    """One entry per dictionary of departures from the ordinary; an empty string is an unknown fact."""
    rows = []
    for number, changed in enumerate(facts):
        row = {**ORDINARY, "entry_number": numbered("B76", number), **changed}
        rows.append({name: None if value == "" else value for name, value in row.items()})
    return schema.conform(pd.DataFrame(rows), "entries")


def tariff_lines(per_entry):
    """{entry number: [[hts, value in dollars, duty in dollars], …]} as an Arrow table; "" is unknown.

    A fourth cell is the column 1 rate as printed, a fifth the line number (else 1).
    """
    rows = [
        {
            "entry_number": entry,
            "line_number": line[4] if len(line) > 4 else 1,
            "ordinal": ordinal,
            "hts": line[0],
            "country_of_origin": "CN",
            "goods_value_cents": _cents(line[1]),
            "duty_cents": _cents(line[2]),
            "mfn_rate": line[3] if len(line) > 3 else None,
        }
        for entry, lines in per_entry.items()
        for ordinal, line in enumerate(lines, start=1)
    ]
    frame = schema.conform(pd.DataFrame(rows), "tariff_lines") if rows else schema.empty("tariff_lines")
    return pa.Table.from_pandas(frame, preserve_index=False)


def facts(frame, per_entry, on, law=LAW, *, seen=None, client=CLIENT, ordinals_known=True):
    """The bundle the rules take."""
    table = tariff_lines(per_entry)
    if not ordinals_known:
        table = table.set_column(
            table.schema.get_field_index("ordinal"), "ordinal", pa.nulls(len(table), pa.int64())
        )
    lines = refund.coded(table, frame, law)
    amounts = refund.per_entry(refund.reduce_lines(lines, frame, law), frame)
    marks = line_order.per_entry(lines, frame, law, on=on).drop(columns="entry_number")
    if seen is None:
        marks = {
            "in_ace": True,
            "on_list": False,
            "rows_gone": False,
            "rows_doubted": False,
            "paid_unclaimed": False,
            "refund_seen": False,
            "listed": False,
            "refund_made": False,
        }
        seen = pd.DataFrame(marks, index=frame.index).join(refused([None] * len(frame), law))
        seen["claim_liquidated_on"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
        seen["accepted_by"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
        seen["filed_on"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
        seen["filed_claim"] = seen["said_done"] = seen["state_unread"] = seen["in_unread"] = pd.Series(
            None, index=frame.index, dtype="str"
        )
    return rules.Facts(
        entries=frame,
        clocks=timeline.build(frame, law, as_of=on),
        lines=pd.concat([amounts, marks], axis=1),
        law=law,
        day=on,
        client=client,
        seen=seen,
    )


def bundle(cases, on, law=LAW):
    """Many situations of one day as one bundle of facts, in their order."""
    frame = entries(*(case.get("facts", {}) for case in cases))
    numbers = frame["entry_number"]
    lines = {n: case.get("lines", LINES) for n, case in zip(numbers, cases, strict=True)}
    seen = pd.DataFrame(
        {
            "in_ace": [case.get("in_ace", True) for case in cases],
            "on_list": [case.get("on_list", False) for case in cases],
            "rows_gone": [case.get("rows_gone", False) for case in cases],
            "refund_made": [case.get("refund_made", False) for case in cases],
            "claim_liquidated_on": pd.to_datetime(
                [case.get("claim_liquidated_on") for case in cases]
            ).as_unit("s"),
            "accepted_by": pd.to_datetime([case.get("accepted_by") for case in cases]).as_unit("s"),
            "refund_seen": False,
            "listed": False,
            "rows_doubted": False,
            "paid_unclaimed": False,
            "filed_on": pd.to_datetime([case.get("filed_on") for case in cases]).as_unit("s"),
            "filed_claim": pd.Series([case.get("filed_claim") for case in cases], dtype="str"),
            "said_done": pd.Series([case.get("said_done") for case in cases], dtype="str"),
            "state_unread": pd.Series([case.get("state_unread") for case in cases], dtype="str"),
            "in_unread": pd.Series([case.get("in_unread") for case in cases], dtype="str"),
        }
    )
    seen = seen.join(refused([case.get("refused") for case in cases], law))
    known = all(case.get("ordinals", True) for case in cases)
    return facts(frame, lines, on, law, seen=seen, ordinals_known=known)


def refused(told, law=LAW):
    """What CBP's refusals on earlier claims say: {error, claim, seen_on} for each entry, or None."""
    rows = []
    for one in told:
        read = official.understand((one or {}).get("error", ""), law)
        row = {"state": "failed", "codes": read.codes, "understood": read.known, "error": read.text or None}
        row |= {"claim": one.get("claim", "100000241002"), "seen_on": one.get("seen_on")} if one else {}
        rows.append(row if one else dict.fromkeys((*row, "claim", "seen_on")))
    frame = pd.DataFrame(rows).astype(dict.fromkeys(("state", "codes", "error", "claim"), "str"))
    frame["seen_on"] = pd.to_datetime(frame["seen_on"]).astype("datetime64[s]")
    return frame.assign(understood=frame["understood"].eq(True)).add_prefix("refused_")


def asked(cases, on, law=LAW):
    """Many situations of one day with every question about them."""
    return decisions.decide(bundle(cases, on, law))


def decide_all(cases, law=LAW):
    """{name: (decision row, outcomes row)} of many situations, those of one day decided together."""
    by_day = defaultdict(list)
    for case in cases:
        by_day[case["on"], case.get("ordinals", True)].append(case)
    told = {}
    for (on, _), group in by_day.items():
        found = bundle(group, on, law)
        answers = decisions.decide(found)
        for place, case in enumerate(group):
            told[case["name"]] = (answers.decisions.iloc[place], answers.outcomes.iloc[place])
    return told


def decide(changed, on, lines=None, law=LAW):
    """One situation decided: its decision row and its outcomes by rule code."""
    case = {"name": "", "on": on, "facts": changed} | ({} if lines is None else {"lines": lines})
    return decide_all([case], law)[""]


def doubts(cases, on, law=LAW):
    """{caveat code: entries touched} of some situations of one day."""
    found = asked(cases, on, law)
    frame = caveats.collect(found, caveats.touched(found))
    return dict(zip(frame["code"], frame["entries"], strict=True))


def _cents(amount):
    return None if amount is None or amount == "" else int(Decimal(str(amount)) * 100)
