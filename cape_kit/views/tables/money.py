"""Where the dollars are: by disposition, program and importer of record; and from duty paid to money in hand.

The waterfall, the cash to come, duties before and after, interest. Nothing is reckoned here but sums of what the
rooms of the assessment and of filing have found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment import money, payments, recalculated_summary, sensitivity
from cape_kit.entries import identifiers, kept, schema
from cape_kit.filing import monitoring
from cape_kit.money import known_sum, plain
from cape_kit.views import words
from cape_kit.views.tables.table import Field, Table, duty, told_apart, total

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.entries.client import Importer
    from cape_kit.filing.monitoring import Reconciliation


#: Dispositions that go on a declaration today.
ON_CAPE = ("file", "file_deferred")
#: Dispositions for which someone can still do something.
IN_REACH = (*ON_CAPE, "cure", "protest", "held", "undetermined")


def dispositions(assessment: Assessment) -> Table:
    """Every disposition with its entries, IEEPA principal and interest, all nine, in order. [cents]"""
    frame = told_apart(told_apart(assessment.totals), "interest")
    return Table(
        frame,
        (
            Field("disposition", "Disposition", "disposition"),
            Field("entries", "Entries", "count"),
            duty(frame),
            duty(frame, "Interest", "interest"),
        ),
        caption="All entries, by disposition",
        as_of=assessment.filing_date,
        note=basis(assessment),
        total={
            "disposition": "All entries",
            "entries": int(frame["entries"].sum()),
            **_found(assessment),
        },
        labels=labels(assessment),
    )


def _found(assessment: Assessment) -> dict[str, Any]:
    """All that is known of the duty and its interest, and of how many entries nothing is. [cents]"""
    sums = assessment.totals[assessment.totals["entries"].gt(0)]
    return total(sums, "principal") | total(sums, "interest")


def labels(assessment: Assessment) -> dict[str, str]:
    """Disposition -> the words it is shown with."""
    return dict(zip(assessment.totals["disposition"], assessment.totals["label"], strict=True))


def programmes(assessment: Assessment) -> Table:
    """IEEPA duty by program: on CAPE now, still in reach another way, out of reach today. [cents]"""
    lines = refund_lines(assessment)
    reach = lines["disposition"].map(_reach_of)
    wide = lines.groupby(["programme", reach])["principal_cents"].sum(min_count=1).unstack(fill_value=0)
    wide = wide.reindex(columns=["now", "other", "out"], fill_value=0)
    by_programme = lines.groupby("programme")
    wide["all"] = by_programme["principal_cents"].sum(min_count=1)
    wide["entries"] = by_programme["entry_number"].nunique()
    unread = lines["entry_number"].where(lines["principal_cents"].isna())
    wide["all_unknown"] = unread.groupby(lines["programme"]).nunique()
    frame = told_apart(wide, "all").sort_values("all", ascending=False, kind="stable").reset_index()
    return Table(
        frame,
        (
            Field("programme", "Program"),
            Field("entries", "Entries", "count"),
            Field("now", "To file now", "dollars"),
            Field("other", "Cure, protest, held", "dollars"),
            Field("out", "Final, filed or claimed", "dollars"),
            Field("all", "IEEPA duty", "dollars", under="all_told" if frame["all_told"].any() else ""),
        ),
        caption="IEEPA duty by program",
        as_of=assessment.filing_date,
        note="An entry that paid under two programs counts in each; its dollars are split by heading.",
        total={"programme": "All programs", **_sums(frame, but=("entries", "all_unknown")), "all_told": ""},
    )


def importers(assessment: Assessment) -> Table:
    """Entries and dollars by importer of record number, masked where it is a person's. [cents]"""
    table = assessment.table
    stated = {importer.number: importer for importer in assessment.client.importers}
    number = table["importer_number"].fillna("")
    on_cape = table["disposition"].isin(ON_CAPE)
    protest = table["disposition"].eq("protest")
    parts = pd.DataFrame(
        {
            "importer": number,
            "entries": 1,
            "now": on_cape,
            "protest": protest,
            "principal_cents": table["principal_cents"],
        }
    )
    frame = schema.gathered(
        parts.groupby("importer"),
        entries=("entries", "sum"),
        principal_cents=("principal_cents", "known"),
        principal_unknown=("principal_cents", "unknown"),
    ).reset_index()
    for name in ("now", "protest"):
        here = parts[parts[name]].groupby("importer")["principal_cents"].sum(min_count=1)
        frame[name] = here.reindex(frame["importer"], fill_value=0).astype("Int64").to_numpy()
    frame = told_apart(frame).sort_values("principal_cents", ascending=False, kind="stable")
    frame["ach"] = [_enrolled(stated.get(one)) for one in frame["importer"]]
    frame["importer"] = [shown_importer(one, stated.get(one)) for one in frame["importer"]]
    return Table(
        named(frame, "importer").reset_index(drop=True),
        (
            Field("name", "Importer of record", under="number"),
            Field("entries", "Entries", "count"),
            Field("now", "To file now", "dollars"),
            Field("protest", "To protest", "dollars"),
            duty(frame),
            Field("ach", "ACH refunds"),
        ),
        caption="What each importer number can file",
        as_of=assessment.filing_date,
        note="Each importer number and suffix files its own declaration. ACH refund enrollment is as "
        "stated to us; without it CBP holds the refund.",
        total={"name": "All importers", **_sums(frame), **total(frame)},
    )


def _sums(frame: pd.DataFrame, but: tuple[str, ...] = ()) -> dict[str, int | None]:
    """The sum of what is known in every column of numbers."""
    names = [str(name) for name in frame.select_dtypes("number") if name not in but]
    return {name: plain(known_sum(frame[name])) for name in names}


@kept
def refund_lines(assessment: Assessment) -> pd.DataFrame:
    """The lines with IEEPA duty of entries that are refundable at all, each with its entry's disposition."""
    lines = assessment.refund_lines
    decided = assessment.decisions.set_index("entry_number")["disposition"]
    lines = lines.assign(disposition=lines["entry_number"].map(decided))
    return lines[lines["disposition"].ne("not_refundable") & lines["principal_cents"].ne(0).fillna(True)]


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


#: Steps of the waterfall after the IEEPA duty: what comes off it, the furthest from payment first.
_OFF = ("claimed", "final", "undetermined", "held", "protest", "cure")


def waterfall(assessment: Assessment) -> Table:
    """All duty paid, step by step down to what can be declared now, and the interest on that. [cents]

    Each row is a step: its amount, whether it is a level (`total`), comes off (`less`) or on (`plus`), and
    the level it leaves.
    """
    totals = assessment.totals[assessment.totals["entries"].gt(0)].set_index("disposition")
    principal, label = totals["principal_cents"], totals["label"].astype("str")
    paid = plain(known_sum(assessment.table["duty_paid_cents"]))
    ieepa = plain(known_sum(principal))
    steps: list[tuple[str, str, int | None, str]] = []
    if ieepa is not None and paid is not None and paid > ieepa:
        steps += [("paid", "All duty paid", paid, "total"), ("other", "Other duty", paid - ieepa, "less")]
    steps.append(("ieepa", "IEEPA duty found", ieepa, "total"))
    off = {key: plain(principal.get(key)) for key in _OFF}
    steps += [(key, str(label[key]), cents, "less") for key, cents in off.items() if cents]
    on_cape = totals[totals.index.isin(money.ON_CAPE)]
    now, interest = (plain(known_sum(on_cape[f"{name}_cents"])) for name in ("principal", "interest"))
    through = "Filed, or to file now" if money.UPLOADED in on_cape.index else "To file now"
    whole = None if now is None else sum(cents for cents in (now, interest) if cents is not None)
    steps.append(("file", through, now, "total"))
    steps.append(("interest", "Interest", interest, "plus"))
    steps.append(("refund", "Expected, with interest", whole, "total"))
    frame = pd.DataFrame(steps, columns=["step", "label", "cents", "kind"]).astype({"cents": "Int64"})
    return Table(
        frame.assign(level=pd.array(_levels(steps), dtype="Int64")),
        (Field("label", "Step"), Field("cents", "Amount", "dollars"), Field("level", "Leaves", "dollars")),
        caption="From all duty paid to what CAPE can refund now",
        as_of=assessment.filing_date,
        note=f"Source: the client’s entry summary lines; interest calculated. As of "
        f"{words.day(assessment.filing_date)}. {not_counted(assessment)}".strip(),
    )


def _levels(steps: list[tuple[str, str, int | None, str]]) -> list[int | None]:
    """The level each step leaves; None from where one is not known to the next that is. [cents]"""
    level: int | None = None
    told = []
    for _, _, cents, kind in steps:
        if kind == "total" or level is None or cents is None:
            level = cents if kind == "total" else None
        else:
            level += cents if kind == "plus" else -cents
        told.append(level)
    return told


def not_counted(assessment: Assessment, dispositions: tuple[str, ...] | None = None) -> str:
    """Of how many entries, of all or of some dispositions, an amount is not known and so in no sum; empty for none."""
    totals = assessment.totals
    if dispositions is not None:
        totals = totals[totals["disposition"].isin(dispositions)]
    principal, interest = (int(totals[f"{name}_unknown"].sum()) for name in ("principal", "interest"))
    if not principal and not interest:
        return ""
    if principal >= interest:
        return f"Not known and in no amount: the IEEPA duty of {words.entries(principal)}."
    more = f"IEEPA duty of {words.entries(principal)} and the " if principal else ""
    return f"Not known and in no amount: the {more}interest of {words.entries(interest)}."


def cash_curve(assessment: Assessment) -> Table:
    """Money in hand by the end of each week, paid early, as expected and late. [cents]"""
    weeks = payments.weekly(assessment)
    frame = pd.DataFrame(
        {
            "day": weeks["ends"],
            "early_cents": weeks["low_total_cents"],
            "base_cents": weeks["base_total_cents"],
            "late_cents": weeks["high_total_cents"],
        }
    )
    return Table(
        frame,
        (
            Field("day", "By", "day"),
            Field("early_cents", "If paid early", "dollars"),
            Field("base_cents", "Expected", "dollars"),
            Field("late_cents", "If paid late", "dollars"),
        ),
        caption="Refunds in hand, week by week",
        as_of=assessment.filing_date,
        note=_not_in_curve(assessment),
        empty="No payment can be expected yet.",
    )


def cash_steps(assessment: Assessment, *, rows: int = 6) -> Table:
    """What comes on which day: the steps of the curve, on the expected day of each payment. [cents]

    Of a longer list the last row stands for all the later days together, and says the last of them.
    """
    paid = payments.expected(assessment)
    paid = paid[paid["blocked"].eq("") & paid["payment_high"].notna()]
    days = paid["payment_base"].drop_duplicates().sort_values()
    apart = paid["payment_base"].isin(days if len(days) <= rows else days.head(rows - 1))
    grouped = paid.groupby(paid["payment_base"].where(apart, days.max()), sort=True)
    cents = ["principal_cents", "interest_cents", "amount_cents"]
    frame = grouped[cents].sum(min_count=1).astype("Int64").rename_axis("day").reset_index()
    ends = zip(grouped["payment_low"].min(), grouped["payment_high"].max(), strict=True)
    spans = [f"{words.day(first)} to {words.day(last)}" for first, last in ends]
    frame = frame.assign(span=pd.Series(spans, dtype="str"), total_cents=frame["amount_cents"].cumsum())
    return Table(
        frame,
        (
            Field("day", "Expected", "day", under="span"),
            Field("principal_cents", "IEEPA duty", "dollars"),
            Field("interest_cents", "Interest", "dollars"),
            Field("amount_cents", "Total", "dollars"),
        ),
        caption="Refunds by expected date",
        as_of=assessment.filing_date,
        note=f"Under each date: earliest to latest. {not_counted(assessment, money.ON_CAPE)}".strip(),
        total={"day": "Total expected", **{name: plain(known_sum(frame[name])) for name in cents}},
        empty="No payment can be expected yet.",
    )


def _not_in_curve(assessment: Assessment) -> str:
    left = payments.undated(assessment)
    left = left[left["amount_cents"].notna()]
    told = [f"{words.dollars(row['amount_cents'])} {_LEFT[row['why']]}" for row in left.to_dict("records")]
    out = f"Not in the chart: {' and '.join(told)}. " if told else ""
    return (
        f"Assumes everything that can be filed is filed on {words.day(assessment.filing_date)}. "
        f"{_filed(assessment)}{out}{not_counted(assessment, money.ON_CAPE)}"
    ).strip()


def _filed(assessment: Assessment) -> str:
    """How much was filed before, and from when its money is reckoned; empty for nothing."""
    filed = assessment.totals.set_index("disposition").loc["filed"]
    if not filed["entries"]:
        return ""
    cents = filed["principal_cents"]
    worth = "amount not known" if plain(cents) is None else words.dollars(cents)
    return f"{words.entries(filed['entries'])} filed earlier ({worth}) taken as accepted on the upload date. "


_LEFT = {
    "blocked": "that can't be paid until the requirements are met",
    "no date yet": "with no payment date yet",
}


def before_after(assessment: Assessment) -> Table:
    """Duty by family as paid and as CBP would recalculate it without the IEEPA lines. [cents]"""
    parts = recalculated_summary.totals(assessment).iloc[:-1]
    frame = parts.groupby("family", sort=False, as_index=False, observed=True)[
        list(recalculated_summary.CENTS)
    ].sum()
    names = ["before_cents", "removed_cents", "returned_cents", "after_cents"]
    return Table(
        frame.astype(dict.fromkeys(names, "int64")),
        (
            Field("family", "Duty"),
            Field("before_cents", "As paid", "dollars"),
            Field("removed_cents", "IEEPA duty out", "dollars"),
            Field("returned_cents", "Normal duty back", "dollars"),
            Field("after_cents", "Without IEEPA duty", "dollars"),
        ),
        caption="Duties as paid, and without the IEEPA duty",
        as_of=assessment.filing_date,
        note="Source: the client’s entry summary lines, all entries. Normal duty reappears where an "
        f"all-in rate had replaced it. {not_counted(assessment)}".strip(),
        total={"family": "All duties", **{name: int(frame[name].sum()) for name in names}},
        empty="No duty was found in the files.",
    )


#: What each reading of the interest turns on, as people say it.
_READINGS = {
    "importer_class": "Class of importer",
    "day_count": "Whether the first or the last day bears interest",
    "deposit_basis": "Deposit date",
}


def interest_sensitivity(assessment: Assessment) -> Table:
    """The least and most interest when one open reading changes and the others stay as taken. [cents]

    What is known of every entry, or stated, is not open and has no row.
    """
    found = sensitivity.interest_by_reading(assessment)
    taken = found[found["is_taken"].astype(bool)]
    open_ = {"importer_class": "assumed_class", "deposit_basis": "estimated_entries"}
    settled = {name for name, count in open_.items() if not found[count].max()}
    rows = []
    for name, label in _READINGS.items() if len(taken) else ():
        if name in settled:
            continue
        others = [other for other in _READINGS if other != name]
        here = found.merge(taken[others], on=others)["interest_cents"]
        rows.append((label, int(here.min()), int(taken["interest_cents"].iloc[0]), int(here.max())))
    return Table(
        pd.DataFrame(rows, columns=["assumption", "low_cents", "base_cents", "high_cents"]),
        (
            Field("assumption", "Open point"),
            Field("low_cents", "Least", "dollars"),
            Field("base_cents", "As calculated", "dollars"),
            Field("high_cents", "Most", "dollars"),
        ),
        caption="What the interest depends on",
        as_of=assessment.filing_date,
        note="Each row changes one assumption, for the entries it applies to, and leaves the others as "
        "they are. What the files show or the client states is not varied. All entries still owed.",
        empty="There is no interest to calculate.",
    )


def reconciliation(found: Reconciliation) -> Table:
    """Expected and reported money by outcome; outcomes without entries or money are left out. [cents]"""
    frame = found.totals
    expected = monitoring.expected_cents(frame)
    told = frame.assign(expected_cents=expected, reported_cents=frame["reported_total_cents"])
    told = told[(told["entries"] > 0) | told["reported_cents"].ne(0).fillna(True)].reset_index(drop=True)
    names = ["entries", "expected_cents", "reported_cents"]
    day = found.as_of.date()
    return Table(
        told[["outcome", "label", *names]],
        (
            Field("label", "Outcome"),
            Field("entries", "Entries", "count"),
            Field("expected_cents", "Expected", "dollars"),
            Field("reported_cents", "Reported by CBP", "dollars"),
        ),
        caption="Refunds: expected and reported",
        as_of=day,
        note=f"Source: claim and refund reports in the client’s folder, as of {words.day(day)}."
        + _without_amount(found),
        total={"label": "All", **{name: plain(known_sum(told[name])) for name in names}},
        empty="Nothing has been claimed yet.",
    )


def _without_amount(found: Reconciliation) -> str:
    left = {"refunds are": found.without_principal, "interest is": found.without_interest}
    told = [
        f" Expected {what} not known for {words.entries(entries)} and not counted."
        for what, entries in left.items()
        if entries
    ]
    return "".join(told)


def to_raise(found: Reconciliation, *, rows: int = 25) -> Table:
    """The entries to take up with CBP or the client, the most money first. [cents]"""
    frame = found.to_raise
    labels = found.totals.set_index("outcome")["label"]
    shown = frame.assign(label=frame["outcome"].map(labels)).head(rows)
    return Table(
        shown.reset_index(drop=True),
        (
            Field("entry_number", "Entry", "number_of_entry"),
            Field("label", "Outcome"),
            Field("at_stake_cents", "At stake", "dollars"),
            Field("cause", "Why"),
            Field("what_to_do", "What to do"),
        ),
        caption="Entries to follow up",
        as_of=found.as_of.date(),
        empty="Every refund due was paid as expected.",
        left_out=max(0, len(frame) - rows),
    )


def payments_received(found: Reconciliation, *, rows: int = 25) -> Table:
    """The payments CBP reports, the newest first: to whom, what became of each, and what no entry explains. [cents]"""
    frame = found.payments.sort_values(
        ["refund_date", "refund_number"], ascending=[False, True], kind="stable"
    )
    shown = frame.head(rows).reset_index(drop=True)
    payee = shown["payee"].map(lambda one: shown_importer(one, None), na_action="ignore")
    told = shown.assign(payee=payee, became=shown["state"].map(words.sentence))
    return Table(
        told,
        (
            Field("refund_number", "Payment", under="payee"),
            Field("refund_date", "Date", "day"),
            Field("became", "State", under="reject_reason"),
            Field("entries", "Entries", "count"),
            Field("total_cents", "Amount", "dollars"),
            Field("unexplained_cents", "No entry explains", "dollars", under="note"),
        ),
        caption="Payments CBP reports",
        as_of=found.as_of.date(),
        total={"refund_number": "All shown", "total_cents": plain(known_sum(shown["total_cents"]))},
        empty="The reports show no payment.",
        left_out=max(0, len(frame) - rows),
    )
