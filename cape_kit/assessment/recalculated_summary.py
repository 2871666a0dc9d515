"""The entry summary as CBP recalculates it: duties by programme before, the IEEPA lines gone, and after.

CBP takes the IEEPA headings off and reckons the rest anew: the normal duty that an all-in heading held goes
back to its goods row, so the net can be a bill. Sources: keys "cbp-page-2026-09-02" and "cfr-19-159-1".
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.refund import coded_lines, frames, reducing
from cape_kit.assessment.refund.coded_lines import CodedLines, coded, starts
from cape_kit.entries import identifiers

CENTS = ("before_cents", "removed_cents", "returned_cents", "after_cents")
#: What the net comes to.
REFUND, BILL, NOTHING = "refund", "bill", "nothing"
_KEYS = ["family", "programme"]


def by_programme(assessment: Assessment) -> pd.DataFrame:
    """One row per entry, family and programme of duty that is on the entry, before or after. [cents]

    Columns: entry_number, family (in the order of `naming.FAMILIES`), programme, before_cents, removed_cents
    (the IEEPA duty that goes), returned_cents (the normal duty that comes back), after_cents.
    """
    portfolio = assessment.portfolio
    lines = coded(portfolio.tariff_lines, portfolio.entries, assessment.law)
    known = _programmes(lines.numbers)
    parts = [_paid(lines, known), _returned(lines, known)]
    sums = pd.concat(parts).groupby(["entry", "place"], sort=True).sum().reset_index()
    place = sums["place"].to_numpy()
    frame = pd.DataFrame(
        {
            "entry_number": frames.texts(lines.entries, sums["entry"].to_numpy()),
            "family": frames.texts(known["family"], place),
            "programme": frames.texts(known["programme"], place),
            "before_cents": sums["before_cents"],
            "removed_cents": sums["before_cents"].where(
                known["family"].to_numpy()[place] == coded_lines.IEEPA, 0
            ),
            "returned_cents": sums["returned_cents"],
        }
    )
    frame["after_cents"] = frame["before_cents"] - frame["removed_cents"] + frame["returned_cents"]
    shown = (frame["before_cents"] != 0) | (frame["after_cents"] != 0)
    return frame[shown].reset_index(drop=True)


def by_entry(assessment: Assessment, *, programmes: pd.DataFrame | None = None) -> pd.DataFrame:
    """One row per entry that has lines: before, removed, returned, after, net and what it comes to. [cents]

    net_cents is what comes back, negative when the entry ends as a bill; outcome is refund, bill or nothing.
    It equals principal_cents but where a row bore less than the normal duty it was to hold. confidence is the
    principal's. Nothing the audit finds is in it. `programmes`: what `by_programme` gave, when at hand.
    """
    programmes = by_programme(assessment) if programmes is None else programmes
    sums = programmes.groupby("entry_number", sort=True)[list(CENTS)].sum()
    facts = assessment.figures[["entry_number", "disposition", "principal_cents", "confidence"]]
    frame = facts[facts["principal_cents"].notna()].reset_index(drop=True)
    whole = sums.reindex(frame["entry_number"], fill_value=0).reset_index(drop=True)
    net = whole["before_cents"] - whole["after_cents"]
    outcome = np.select([net > 0, net < 0], [REFUND, BILL], default=NOTHING)
    told = whole.assign(net_cents=net, outcome=pd.Series(outcome, dtype="str"))
    return pd.concat(
        [frame[["entry_number", "disposition"]], told, frame[["principal_cents", "confidence"]]], axis=1
    )


def totals(assessment: Assessment, *, dispositions: tuple[str, ...] | None = None) -> pd.DataFrame:
    """The revised entry summary of all entries, or of those of some dispositions, added up. [cents]

    Columns: family, programme, entries, before_cents, removed_cents, returned_cents, after_cents; the last
    row, family "Total", adds up the others (its entries are counted once).
    """
    found = by_programme(assessment)
    if dispositions is not None:
        table = assessment.figures
        wanted = table.loc[table["disposition"].isin(dispositions), "entry_number"]
        found = found[identifiers.among(found["entry_number"], wanted)]
    groups = found.groupby(_KEYS)
    sums = groups[list(CENTS)].sum()
    sums.insert(0, "entries", groups["entry_number"].nunique())
    told = _programmes(found).merge(sums.reset_index(), on=_KEYS)
    last = {"family": "Total", "programme": "", "entries": found["entry_number"].nunique()}
    last |= {name: int(found[name].sum()) for name in CENTS}
    return pd.concat([told, pd.DataFrame([last])], ignore_index=True)


def _programmes(numbers: pd.DataFrame) -> pd.DataFrame:
    """The distinct families and programmes, in the order they are shown."""
    known = numbers[_KEYS].drop_duplicates()
    if not (known["family"] == coded_lines.NORMAL).any() and "hts" in numbers:
        normal_duty = pd.DataFrame({"family": [coded_lines.NORMAL], "programme": [coded_lines.NORMAL]})
        known = pd.concat([known, normal_duty])
    rank = known["family"].map({family: place for place, family in enumerate(coded_lines.FAMILIES)})
    order = np.lexsort((known["programme"].to_numpy(dtype=object), rank.to_numpy()))
    return known.iloc[order].reset_index(drop=True)


def _paid(lines: CodedLines, known: pd.DataFrame) -> pd.DataFrame:
    """Duty on the rows, by entry and programme. [cents]"""
    place_of = lines.numbers[_KEYS].merge(known.reset_index(names="place"), on=_KEYS, how="left")["place"]
    # A row without a readable HTS number counts as goods: its duty is nobody's programme.
    last = int(known.index[known["family"] == coded_lines.NORMAL][0])
    place = np.append(place_of.to_numpy(dtype="int64"), last)[lines.code]
    frame = pd.DataFrame({"entry": lines.entry, "place": place, "before_cents": lines.duty.amount})
    return frame.groupby(["entry", "place"], as_index=False).sum().assign(returned_cents=0)


def _returned(lines: CodedLines, known: pd.DataFrame) -> pd.DataFrame:
    """Normal duty that goes back to the goods rows of lines with an all-in heading, by entry. [cents]

    A line whose all-in duty can't be read gives none back: what it bore is not known either.
    """
    held = reducing.normal_duty(lines)
    all_in = np.flatnonzero(lines.of_number("all_in", default=False))
    begins = starts(lines.entry[all_in], lines.line[all_in])
    unread = reducing.total((~lines.duty.known[all_in]).astype("int64"), begins) > 0
    frame = pd.DataFrame(
        {
            "entry": held.entry,
            "place": int(known.index[known["family"] == coded_lines.NORMAL][0]),
            "before_cents": 0,
            "returned_cents": np.where(unread, 0, held.normal_cents),
        }
    )
    return frame.groupby(["entry", "place"], as_index=False).sum()
