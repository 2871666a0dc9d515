"""Stories of refunds at random, as the frames the kit would have read them into."""

from datetime import date, timedelta
from random import Random

import pandas as pd

from cape_kit.entries import schema
from cape_kit.entries.client import no_later_deposits
from cape_kit.filing import expected, monitoring, receipts
from cape_kit.filing.expected import Terms
from cape_kit.law import book
from cape_kit.sample import days, registry
from cape_kit.sample.after import story
from cape_kit.sample.truth import Interest
from tests.numbers import numbered

LAW = book.load()
DAYS = (
    *("seen_on", "filed_on", "entry_date", "entry_summary_date", "payment_date"),
    *("liquidated_on", "first_liquidated_on", "protect_by", "protest_last_day"),
)
AS_OF = date(2026, 10, 1)
EXPORTED = pd.Timestamp("2026-09-30")
HEADINGS = ("9903.01.24", "9903.01.25", "9903.02.69")
FATES = ["paid"] * 9 + [fate for fate in story.OUTCOMES if not fate.startswith("over: c") and fate != "paid"]
REGISTRY = registry.load()
GROWN = {name: Interest(name, REGISTRY) for name in ("corporate", "non_corporate")}


def dues(rng, seed, count):
    """Entries to be refunded, on a few liquidation days, and a fate for each."""
    spread = [date(2026, 5, 11) + timedelta(days=rng.randrange(90)) for _ in range(4)]
    made, fates = [], {}
    for place in range(count):
        number = numbered("QP4", seed * 100 + place)
        fate = FATES[rng.randrange(len(FATES))]
        liquidated = spread[rng.randrange(len(spread))]
        if fate == "within":
            liquidated = date(2026, 9, 1) + timedelta(days=rng.randrange(20))
        entered = date(2025, 4, 10) + timedelta(days=rng.randrange(250))
        headings = tuple((h, rng.randrange(4_000, 4_000_000)) for h in HEADINGS[: 1 + rng.randrange(3)])
        if fate not in ("paid",):
            fates[number] = fate
        made.append(
            story.Due(
                number,
                f"89-{seed:07d}0{rng.randrange(2)}",
                entered,
                days.working_day_of_next_month(entered, 15),
                liquidated,
                headings,
                accepted=fate not in ("unexpected", "stranger"),
            )
        )
    return made, fates


def told(seed, count=14, importer_class="corporate", pools=2):
    """A story of so many entries: the entries, and what came of them."""
    rng = Random(seed)
    made, fates = dues(rng, seed, count)
    other = "non_corporate" if importer_class == "corporate" else "corporate"
    teller = story.Teller(GROWN[importer_class], GROWN[other], rng, (22, 34), AS_OF)
    return made, story.tell(teller, made, fates, pools=pools, prefix=f"R{seed}-")


def together(seeds, importer_class="corporate"):
    """Many clients side by side: they share no payee, so each is matched by itself."""
    made, whole = [], story.Story()
    for seed in seeds:
        mine, one = told(seed, importer_class=importer_class)
        made += mine
        whole.shares += one.shares
        whole.payments += one.payments
        whole.unmatched += one.unmatched
        for name in ("outcomes", "fates", "pooled", "ambiguous"):
            getattr(whole, name).update(getattr(one, name))
    return made, whole


def expected_frame(made, importer_class, strangers=()):
    """What the kit expects of the entries, in the columns of `expected`."""
    rows = [
        {
            "entry_number": due.entry_number,
            "importer_number": due.payee,
            "payee_number": due.payee,
            "payee": due.payee.replace("-", ""),
            "claim_number": "100000310501" if due.accepted else None,
            "accepted": due.accepted,
            "known": True,
            "seen_on": pd.Timestamp("2026-05-20"),
            "filed_on": pd.Timestamp("2026-05-06"),
            "entry_date": due.entry_date,
            "liquidated_on": due.liquidated if due.accepted else None,
            "deferred": False,
            "deposit_day": due.deposited,
            "deposit_basis": "monthly statement",
            "importer_class": importer_class,
            "principal_cents": due.principal,
            "least_cents": due.principal,
            "confidence": "exact",
        }
        for due in made
        if due.entry_number not in strangers
    ]
    frame = pd.DataFrame(rows, columns=expected.COLUMNS)
    for name in (*DAYS, "deposit_day"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    for name in ("principal_cents", "least_cents"):
        frame[name] = frame[name].astype("Int64")
    for name in ("entry_number", "importer_number", "payee_number", "payee", "claim_number"):
        frame[name] = frame[name].astype("str")
    frame["accepted"] = frame["accepted"].astype(bool)
    frame["known"] = frame["known"].astype(bool)
    frame["deferred"] = frame["deferred"].astype(bool)
    frame["ours"] = True
    frame["interest_cents"] = expected.interest_on(
        frame,
        frame["principal_cents"],
        law=LAW,
        importer_class=frame["importer_class"],
        later=no_later_deposits(),
    )
    return frame


def headings_frame(made):
    return pd.DataFrame(
        [
            {
                "entry_number": due.entry_number,
                "heading": heading,
                "programme": f"programme of {heading}",
                "principal_cents": amount,
                "paid_cents": amount,
                "confidence": "exact",
            }
            for due in made
            for heading, amount in due.headings
        ]
    )


def claims_frame(shares):
    rows = [
        {
            "report": "rev615",
            "entry_number": one.entry_number,
            "payee_number": one.payee,
            "liquidation_date": one.liquidated,
            "refund_cents": one.principal,
            "interest_cents": one.interest,
            "refund_number": one.refund_number,
            "refund_date": one.refund_date,
            "refund_secondary_status": one.status,
            "source_file": "rev615.xlsx",
            "source_row": place,
        }
        for place, one in enumerate(shares, start=2)
    ]
    return schema.conform(pd.DataFrame(rows), "claims") if rows else schema.empty("claims")


def refunds_frame(payments):
    rows = []
    for place, one in enumerate(payments, start=2):
        row = {
            "report": "rev603",
            "refund_number": one.refund_number,
            "payee_number": one.payee,
            "refund_date": one.refund_date,
            "refund_secondary_status": one.status,
            "total_refund_cents": one.total,
            "source_file": "rev603.xlsx",
            "source_row": place,
        }
        rows.append(row)
        if one.reject_reason:
            rows.append(
                row | {"report": "rev613", "reject_reason": one.reject_reason, "source_file": "rev613.xlsx"}
            )
    return schema.conform(pd.DataFrame(rows), "refunds") if rows else schema.empty("refunds")


def reconciled(made, happened, importer_class="corporate", day_count=None):
    """The story through the kit, from frames to outcomes."""
    exported = pd.Series({"rev615.xlsx": EXPORTED, "rev603.xlsx": EXPORTED, "rev613.xlsx": EXPORTED})
    strangers = {number for number, fate in happened.fates.items() if fate == "stranger"}
    parts = receipts.shares(claims_frame(happened.shares), exported, LAW)
    paid = receipts.payments(refunds_frame(happened.payments), parts, exported, LAW)
    return monitoring.against(
        expected_frame(made, importer_class, strangers),
        parts,
        paid,
        terms=Terms(LAW, importer_class, day_count),
        headings=headings_frame(made),
        as_of=pd.Timestamp(AS_OF),
    )
