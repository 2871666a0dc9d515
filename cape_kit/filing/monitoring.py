"""Refunds held against what was expected, to the cent: per entry, per payment, per payee and liquidation day.

Nothing is netted: every cent the reports show stands in exactly one line under exactly one outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cape_kit import money
from cape_kit.assessment import interest, timeline
from cape_kit.assessment import terms as interest_terms
from cape_kit.assessment.assess import Assessment
from cape_kit.entries import identifiers, kept
from cape_kit.filing import expected, matching, receipts, refund_status
from cape_kit.filing import expected as expectations
from cape_kit.filing.expected import Terms
from cape_kit.money import unknown_count

_LINES = [
    *("entry_number", "refund_number", "outcome", "state", "principal_cents", "interest_cents"),
    *("unsplit_cents", "payee", "refund_date", "status_words", "doubt", "how", "source_file", "source_row"),
]

_EXPECTED = ["expected_principal_cents", "expected_interest_cents"]
_REPORTED = ["principal_cents", "interest_cents", "unsplit_cents"]
_RECEIVED = ["principal_cents", "interest_cents"]
_BARE = "the files do not show its amount"


@dataclass(frozen=True)
class Reconciliation:
    """What was paid against what was expected, on a day. [cents]

    `entries`: one row per expected or paid entry. `lines`: one row per entry and payment, and one for money
    no entry explains. `payments`: one row per payment. `groups`: one row per payee and liquidation day.
    `totals`: one row per outcome; its reported columns add up to what the reports show. Sums are of what is known, null
    where nothing is; in `groups` and `totals` `expected_principal_unknown` and `expected_interest_unknown` say of how
    many entries an expected amount is in none.
    """

    as_of: pd.Timestamp
    entries: pd.DataFrame
    lines: pd.DataFrame
    payments: pd.DataFrame
    groups: pd.DataFrame
    totals: pd.DataFrame

    @property
    def to_raise(self) -> pd.DataFrame:
        """The entries to take up with CBP, the client or counsel, the most money first, before it what nobody knows.

        Among them every claim that is not reliquidated while its liquidation's protest window runs.
        """
        outcome = self.entries["outcome"]
        protective = self.entries["protest_last_day"].notna() & ~outcome.isin(refund_status.SETTLED)
        found = self.entries[outcome.isin(refund_status.TO_RAISE) | protective]
        return found.sort_values(
            "at_stake_cents", ascending=False, kind="stable", na_position="first", ignore_index=True
        )

    @property
    def without_interest(self) -> int:
        """How many entries' expected interest is not known, and so in no sum of what is expected."""
        return unknown_count(self.entries["expected_interest_cents"])

    @property
    def without_principal(self) -> int:
        """How many entries' expected principal is not known, and so in no sum of what is expected."""
        return unknown_count(self.entries["expected_principal_cents"])

    @property
    def apart(self) -> pd.DataFrame:
        """The payments that came to another sum than the shares of their entries: part may have been set off."""
        other = self.payments["matched"].eq("by report") & self.payments["unexplained_cents"].ne(0)
        return self.payments[other.fillna(False)].reset_index(drop=True)

    @property
    def later(self) -> pd.DataFrame:
        """The payments dated after the day: the files show them, so they are counted, and it must be said."""
        return self.payments[self.payments["refund_date"] > self.as_of].reset_index(drop=True)


def reconcile(assessment: Assessment) -> Reconciliation:
    """The refund reports of a client's folder against the expected refunds of its claims.

    Sources: keys ``payment.*`` and the interest table of the law book.
    """
    return against(
        *_brought(assessment),
        terms=_terms(assessment),
        headings=assessment.refund_lines,
        as_of=pd.Timestamp(assessment.as_of),
    )


@kept
def received(assessment: Assessment) -> pd.DataFrame:
    """What stayed of the refunds the reports show, by entry: principal_cents and interest_cents. [cents]

    The same as in `reconcile`, without what was expected, what it differs by and what to do. Where no report shows
    an amount, nothing is looked for.
    """
    folder = assessment.portfolio
    amounts = folder.claims[["refund_cents", "interest_cents"]].fillna(0)
    if folder.refunds.empty and amounts.eq(0).all(axis=None):
        return pd.DataFrame({name: pd.Series(dtype="Int64") for name in _RECEIVED})
    parts = _shares(assessment)
    claimed = _claimed(expectations.build(assessment))
    lines, _ = _lines(claimed, parts, _payments_of(assessment, parts), _terms(assessment))
    stayed = lines["entry_number"].notna() & ~lines["state"].isin(receipts.NOT_RECEIVED)
    return lines[stayed].groupby("entry_number")[_RECEIVED].sum()


def _brought(assessment: Assessment) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """What is expected, and the shares and payments the folder's reports show."""
    parts = _shares(assessment)
    return expectations.build(assessment), parts, _payments_of(assessment, parts)


@kept
def _reports(assessment: Assessment) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The reports by entry and by payment, a payment under one number in both."""
    claims, refunds = receipts.numbered_alike(assessment.portfolio.claims, assessment.portfolio.refunds)
    return claims, refunds


def _shares(assessment: Assessment) -> pd.DataFrame:
    """The share of each entry in the payments, as the reports by entry show it."""
    claims, _ = _reports(assessment)
    return receipts.shares(claims, _exported(assessment), assessment.law)


def _payments_of(assessment: Assessment, shares: pd.DataFrame) -> pd.DataFrame:
    """The payments the folder's reports show."""
    _, refunds = _reports(assessment)
    return receipts.payments(refunds, shares, _exported(assessment), assessment.law)


def _exported(assessment: Assessment) -> pd.Series:
    return assessment.portfolio.files.drop_duplicates("file").set_index("file")["extracted_on"]


def _terms(assessment: Assessment) -> Terms:
    client, law = assessment.client, assessment.law
    return Terms(law, interest_terms.of_all(client, law), later=client.later_deposits)


def against(
    expected: pd.DataFrame,
    parts: pd.DataFrame,
    paid: pd.DataFrame,
    *,
    terms: Terms,
    headings: pd.DataFrame,
    as_of: pd.Timestamp,
) -> Reconciliation:
    """Finished frames against each other: `expected` as in `expected.COLUMNS`, shares and payments as in
    `receipts`, `headings` as the assessment's refund lines. [cents]
    """
    entries, lines, matches = _settled(expected, parts, paid, terms, headings, as_of)
    lines = lines.assign(outcome=refund_status.of_lines(lines, entries))
    payments = _payments(paid, lines, matches)
    entries = refund_status.with_less(entries, payments)
    lines = _as_said(lines)
    return Reconciliation(
        as_of=as_of,
        entries=entries,
        lines=lines[_LINES].reset_index(drop=True),
        payments=payments,
        groups=_groups(entries, lines),
        totals=_totals(entries, lines, refund_status.labels(terms.law)),
    )


def _as_said(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines with null where a report names a refund without its amount, or without its interest. [cents]"""
    unsaid = {name: lines[f"{name}_unsaid"].eq(True).fillna(False) for name in ("principal", "interest")}
    return lines.assign(
        **{f"{name}_cents": lines[f"{name}_cents"].mask(flag) for name, flag in unsaid.items()}
    )


def _settled(
    expected: pd.DataFrame,
    parts: pd.DataFrame,
    paid: pd.DataFrame,
    terms: Terms,
    headings: pd.DataFrame,
    as_of: pd.Timestamp,
) -> tuple[pd.DataFrame, pd.DataFrame, list[matching.Match]]:
    """The entries with their outcome, every cent in a line, and how the payments were matched."""
    lines, matches = _lines(_claimed(expected), parts, paid, terms)
    entries = refund_status.by_entry(expected, lines, terms=terms, headings=headings, as_of=as_of)
    return refund_status.with_ambiguous(entries, matches), lines, matches


def _claimed(expected: pd.DataFrame) -> pd.DataFrame:
    """The entries whose claim was accepted, of those of which a refund is expected."""
    return expected[expected["accepted"]].reset_index(drop=True)


def _lines(
    claimed: pd.DataFrame, parts: pd.DataFrame, paid: pd.DataFrame, terms: Terms
) -> tuple[pd.DataFrame, list[matching.Match]]:
    """Every cent of every payment in one line: the shares reported, those found by sum, and what is left."""
    states = paid.set_index("refund_number")
    shares = parts.assign(refund_number=receipts.unnumbered(parts), unsplit_cents=0, how="by report")
    shares[["state", "doubt", "status_words"]] = receipts.fates(shares, paid)
    told = shares["refund_number"].unique()
    pooled = paid[~paid["refund_number"].isin(told)]
    bare = pooled["total_cents"].isna()
    other = ~bare & timeline.canonical(pooled["refund_type"], terms.law, "refund_type").eq("other").fillna(
        False
    )
    mine = pooled[~bare & ~other]
    matches = matching.match(mine, _pool(claimed, shares, terms)) if len(mine) else []
    notes = pd.Series(_BARE, index=pooled.index).mask(
        other, "its refund type, “" + pooled["refund_type"] + "”, is no refund of IEEPA duty"
    )
    matches += [
        matching.Match(number, matching.NONE, note=note)
        for number, note in zip(pooled.loc[bare | other, "refund_number"], notes[bare | other], strict=True)
    ]
    by_sum = _by_sum(matches, claimed, states, terms)
    shared = pd.concat([shares, by_sum], ignore_index=True) if len(by_sum) else shares
    return pd.concat([shared, _rest(paid, shared)], ignore_index=True).reindex(
        columns=[*(column for column in _LINES if column != "outcome"), "interest_unsaid", "principal_unsaid"]
    ), matches


def _pool(claimed: pd.DataFrame, shares: pd.DataFrame, terms: Terms) -> matching.Pool:
    """Claimed entries that no report shows as paid, with what each would be paid under each reading."""
    got = shares.loc[~shares["state"].isin(receipts.NOT_RECEIVED), "entry_number"]
    known = claimed["interest_cents"].notna() & (claimed["principal_cents"] > 0).fillna(False)
    open_ones = claimed[known & ~identifiers.among(claimed["entry_number"], got)]
    entries = open_ones[["entry_number", "payee", "liquidated_on"]].assign(
        importer=receipts.keys(open_ones["importer_number"])
    )
    amounts = {
        reading: (open_ones["principal_cents"] + cents).set_axis(open_ones["entry_number"]).astype("int64")
        for reading, cents in _readings(open_ones, terms).items()
    }
    undated = claimed[claimed["liquidated_on"].isna() & ~identifiers.among(claimed["entry_number"], got)]
    return matching.Pool(entries, amounts, undated=_payees(undated))


def _payees(entries: pd.DataFrame) -> frozenset[str]:
    """Whoever may be paid for some entries."""
    return frozenset([*entries["payee"].dropna(), *receipts.keys(entries["importer_number"]).dropna()])


def _readings(entries: pd.DataFrame, terms: Terms) -> dict[str, pd.Series]:
    """Interest under the expected terms, and under the other class and day count. [cents]"""
    own, (_, own_count) = terms.classes(entries), terms.chosen
    other = own.map(dict(zip(interest.CLASSES, reversed(interest.CLASSES), strict=True)))
    other_count = "start" if own_count == "end" else "end"
    named = other.unique()
    by_class = f"{expected.OTHER_CLASS} " + (
        named[0].replace("_", "-") if len(named) == 1 else "the other of each"
    )
    by_count = f"{expected.OTHER_COUNT} '{other_count}'"
    asked = {
        by_class: (other, own_count),
        by_count: (own, other_count),
        f"{by_class}, {by_count}": (other, other_count),
    }
    told = {matching.EXPECTED: entries["interest_cents"]}
    for name, (classes, day_count) in asked.items():
        told[name] = expectations.interest_on(
            entries,
            entries["principal_cents"],
            law=terms.law,
            later=terms.later,
            importer_class=classes,
            day_count=day_count,
        )
    return {**told, "without interest": entries["interest_cents"] * 0}


def _by_sum(
    matches: list[matching.Match], claimed: pd.DataFrame, states: pd.DataFrame, terms: Terms
) -> pd.DataFrame:
    """Lines of the payments that fit: the entries' own amounts, which add up to the payment."""
    fitting = [(one, number) for one in matches for number in one.entry_numbers]
    if not fitting:
        return pd.DataFrame()
    numbers = [number for _, number in fitting]
    own = claimed.set_index("entry_number").loc[numbers].reset_index()
    readings = pd.DataFrame(_readings(own, terms))
    place = readings.columns.get_indexer(pd.Index([one.reading for one, _ in fitting]))
    interest = readings.to_numpy(dtype="int64", na_value=0)[np.arange(len(own)), place]
    refunds = [one.refund_number for one, _ in fitting]
    wanted = ["state", "payee", "refund_date", "status_words", "doubt", "source_file", "source_row"]
    payment = states[wanted].reindex(refunds)
    return payment.reset_index().assign(
        entry_number=numbers,
        principal_cents=own["principal_cents"].to_numpy(),
        interest_cents=interest,
        unsplit_cents=0,
        how=[f"by sum: {one.how}" for one, _ in fitting],
    )


def _rest(paid: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """What a payment has more, or less, than its entries: a line of its own, without an entry."""
    split = (shares["principal_cents"] + shares["interest_cents"]).groupby(shares["refund_number"]).sum()
    explained = split.reindex(paid["refund_number"]).fillna(0).astype("Int64").set_axis(paid.index)
    rest = paid["total_cents"].fillna(explained) - explained
    left = paid[rest != 0]
    return left.assign(
        entry_number=None,
        principal_cents=0,
        interest_cents=0,
        unsplit_cents=rest[rest != 0],
        how="no entry explains it",
    )


def _payments(paid: pd.DataFrame, lines: pd.DataFrame, matches: list[matching.Match]) -> pd.DataFrame:
    """One row per payment: how it was matched, its entries, and what is left unexplained. [cents]"""
    grouped = lines.groupby("refund_number")
    how = {one.refund_number: one.how for one in matches}
    note = {one.refund_number: one.note for one in matches}
    reading = {one.refund_number: one.reading for one in matches if one.reading != matching.EXPECTED}
    numbers = paid["refund_number"]
    frame = paid.assign(
        matched=[how.get(number, "by report") for number in numbers],
        entries=grouped["entry_number"].nunique().reindex(numbers).fillna(0).astype("Int64").to_numpy(),
        explained_cents=_sum(grouped, ["principal_cents", "interest_cents"]).reindex(numbers).to_numpy(),
        unexplained_cents=_sum(grouped, ["unsplit_cents"]).reindex(numbers).to_numpy(),
        reading=[reading.get(number, "") for number in numbers],
        note=[note.get(number, "") for number in numbers],
    )
    off = frame["unexplained_cents"].astype("Int64").where(frame["matched"].eq("by report")).fillna(0)
    side = pd.Series("less", index=frame.index).mask(off > 0, "more")
    apart = off.abs().map(money.show).astype("str") + " " + side + " than the refunds by entry in it"
    frame["note"] = frame["note"].mask(off.ne(0), apart)
    return frame.astype({"explained_cents": "Int64", "unexplained_cents": "Int64"}).reset_index(drop=True)


def _sum(grouped: Any, columns: list[str]) -> pd.Series:
    return grouped[columns].sum().sum(axis=1)


def _groups(entries: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """One row per payee and liquidation day, as CBP pools its payments; strangers stand apart. [cents]"""
    mine = entries[entries["outcome"] != refund_status.UNEXPECTED]
    by = ["payee", "liquidated_on"]
    grouped = mine.groupby(by, dropna=False, sort=True)
    amounts = [column for column in mine.columns if column.endswith("_cents") and column != "at_stake_cents"]
    frame = grouped[amounts].sum(min_count=1)
    frame.insert(0, "entries", grouped.size().astype("Int64"))
    for name in _EXPECTED:
        frame[name.replace("_cents", "_unknown")] = grouped[name].agg(unknown_count)
    numbers = lines.merge(mine[["entry_number", *by]], on="entry_number", suffixes=("_paid", ""))
    told = numbers.groupby(by, dropna=False)["refund_number"].agg(lambda n: ", ".join(sorted(set(n))))
    counts = grouped["outcome"].agg(_counts)
    return frame.join(counts.rename("outcomes")).join(told.rename("refund_numbers")).reset_index()


def _known(groups: Any, order: list[str]) -> pd.DataFrame:
    """The sums of what is known, by outcome; nothing stands under one that has no row. [cents]"""
    empty = groups.size().reindex(order, fill_value=0).eq(0)
    return groups.sum(min_count=1).reindex(order).apply(lambda sums: sums.mask(empty, 0))


def expected_cents(totals: pd.DataFrame) -> pd.Series:
    """What is expected, with its interest as far as that is known; null where the principal is not. [cents]"""
    return totals["expected_principal_cents"] + totals["expected_interest_cents"].fillna(0)


def _counts(column: pd.Series) -> str:
    return "; ".join(f"{outcome}: {count}" for outcome, count in column.value_counts().items())


def _totals(entries: pd.DataFrame, lines: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """One row per outcome, in the order they are told; zero rows kept. [cents]

    Expected amounts go by the outcome of the entry, reported ones by that of the line.
    """
    order = list(labels)
    count = entries["outcome"].value_counts().reindex(order).fillna(0).astype("int64")
    grouped = entries.groupby("outcome")
    wanted, shown = grouped[_EXPECTED], lines.groupby("outcome")[_REPORTED]
    # No entry, or no line, under an outcome is nothing; some of which nobody knows the amount are no zero.
    sums = [_known(one, order) for one in (wanted, shown)]
    sums[1].columns = [f"reported_{name}" for name in sums[1].columns]
    frame = pd.concat(sums, axis=1).astype("Int64")
    frame["reported_total_cents"] = frame[list(sums[1].columns)].sum(axis=1, min_count=1)
    for name in _EXPECTED:
        left = grouped[name].agg(unknown_count).reindex(order, fill_value=0)
        frame[name.replace("_cents", "_unknown")] = left.astype("int64")
    frame.insert(0, "entries", count)
    frame.insert(0, "label", [labels[key] for key in order])
    return frame.rename_axis("outcome").reset_index()
