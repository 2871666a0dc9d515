"""What CBP may find when it liquidates: each line as filed against the registry of its day and origin.

Findings stand beside the refund, never in it. IEEPA duty that was not paid is no longer collected, so only
other duty can be set off. Sources: keys "cfr-19-159-1", "cfr-19-24-72" and "cbp-faq-2026-05-20".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cape_kit.assessment import recalculated_summary
from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.audit import checks, registry_rates
from cape_kit.assessment.audit.checks import UNDER, Filed
from cape_kit.assessment.refund import coded_lines, frames
from cape_kit.assessment.refund.coded_lines import coded
from cape_kit.entries import kept
from cape_kit.law.book import Law

COLUMNS = (
    "entry_number", "line_number", "code", "title", "direction", "heading", "programme", "country",
    "value_cents", "paid_cents", "expected_cents", "amount_cents", "set_off_cents", "implied_pct",
    "registry_pct", "confidence", "why", "source",
)  # fmt: skip
_CENTS = ("value_cents", "paid_cents", "expected_cents", "amount_cents", "set_off_cents")
#: Questions of the law book that explain netting and offset, in the order they are told.
EXPLAINED = ("net-amount", "set-off", "all-in")
_OTHER_LAWS = (
    coded_lines.NORMAL,
    "Section 301",
    "Section 232",
    "Section 201",
    "Section 122",
    coded_lines.OTHER_99,
)
_NAMES = {
    "value": "value_cents",
    "paid": "paid_cents",
    "expected": "expected_cents",
    "amount": "amount_cents",
    "rate": "registry_pct",
}


@dataclass(frozen=True)
class Check:
    """One check: what it is called, who says so, and the rows that fail it."""

    code: str
    title: str
    source: str
    find: Callable[[Filed], pd.DataFrame]


CHECKS = (
    Check("rate", "IEEPA duty not at the registry rate", "hts-2026-rev6", checks.rate),
    Check(
        "all-in-rate",
        "All-in duty not at the registry rate",
        "csms-66319804; csms-67045953",
        checks.all_in_rate,
    ),
    Check("missing", "IEEPA heading missing", "hts-2026-rev6", checks.missing),
    Check("wrong-country", "IEEPA heading for another origin", "hts-2026-rev6", checks.wrong_country),
    Check("outside-days", "IEEPA heading outside its days", "hts-2026-rev6", checks.outside),
    Check("gap", "Superseded IEEPA heading", "hts-2026-rev6", checks.gap),
    Check("exception-duty", "Duty on an IEEPA exception heading", "hts-2026-rev6", checks.exception_duty),
    Check("unknown-number", "Duty on an unknown IEEPA number", "hts-2026-rev6", checks.unknown_number),
    Check("negative", "Negative IEEPA duty", "cape-kit", checks.negative),
    Check("no-value", "IEEPA duty without value", "cape-kit", checks.no_value),
    Check("twice", "Two IEEPA headings for the same duty", "hts-2026-rev6", checks.twice),
    Check(
        "232-and-ieepa", "Section 232 with an IEEPA duty that exempts it", "hts-2026-rev6", checks.both_232
    ),
    Check(
        "no-232",
        "Exception for section 232 goods without a 232 heading",
        "hts-2026-rev6",
        checks.no_232,
    ),
    Check("301-origin", "Section 301 duty for another origin", "hts-2026-rev6", checks.other_country),
    Check("normal-duty", "Normal duty not at the printed rate", "cfr-19-159-1", checks.normal_duty),
    Check("other-rate", "Other duty not at the law book's rate", "hts-2026-rev6", checks.other_rate),
)


@kept
def findings(assessment: Assessment) -> pd.DataFrame:
    """One row per finding, by entry and line; empty when every line is as the registry would have it. [cents]

    Columns: entry_number, line_number, code, title, direction ("underpaid", "overpaid", "to check"), heading,
    programme, country, value_cents, paid_cents, expected_cents, amount_cents (how far apart, never negative;
    null where it can't be reckoned), set_off_cents (what of it CBP could net against the refund),
    implied_pct, registry_pct, confidence (high, medium, low), why, source.
    """
    if not assessment.portfolio.tariff_lines.num_rows:
        return _conformed(pd.DataFrame(columns=list(COLUMNS)))
    filed, numbers = _filed(assessment)
    parts = []
    for check in CHECKS:
        found = check.find(filed).rename(columns=_NAMES)
        if len(found):
            cited = assessment.law.cite(check.source)
            parts.append(found.assign(code=check.code, title=check.title, source=cited))
    if not parts:
        return _conformed(pd.DataFrame(columns=list(COLUMNS)))
    told = pd.concat(
        [part.reindex(columns=[*COLUMNS, "entry", "family"]) for part in parts], ignore_index=True
    )
    told["entry_number"] = frames.texts(numbers, told["entry"].to_numpy(dtype="int64"))
    told["implied_pct"] = (
        told["paid_cents"] / told["value_cents"].where(told["value_cents"] > 0) * 100
    ).round(3)
    other = told["family"].isin(_OTHER_LAWS) & (told["direction"] == UNDER)
    told["set_off_cents"] = told["amount_cents"].where(other, 0)
    return _conformed(told).sort_values(
        ["entry_number", "line_number", "code"], ignore_index=True, kind="stable"
    )


def netting(assessment: Assessment, *, line_findings: pd.DataFrame | None = None) -> pd.DataFrame:
    """One row per entry: the net of the revised summary, and with the findings set off. [cents]

    Columns: entry_number, disposition, net_cents (revised summary), set_off_cents (other duty found underpaid
    with medium or high confidence), doubtful_cents (with low confidence), net_if_set_off_cents, outcome
    ("refund", "bill", "nothing", after setting off). Sources: keys "cfr-19-159-1", "cfr-19-24-72".
    """
    line_findings = findings(assessment) if line_findings is None else line_findings
    frame = recalculated_summary.by_entry(assessment)[["entry_number", "disposition", "net_cents"]]
    sure = line_findings["confidence"] != "low"
    for name, chosen in (("set_off_cents", sure), ("doubtful_cents", ~sure)):
        sums = line_findings[chosen].groupby("entry_number")["set_off_cents"].sum()
        frame[name] = frame["entry_number"].map(sums).fillna(0).astype("int64")
    frame["net_if_set_off_cents"] = frame["net_cents"] - frame["set_off_cents"]
    net = frame["net_if_set_off_cents"]
    outcome = np.select(
        [net > 0, net < 0],
        [recalculated_summary.REFUND, recalculated_summary.BILL],
        default=recalculated_summary.NOTHING,
    )
    return frame.assign(outcome=pd.Series(outcome, dtype="str"))


def explained(law: Law) -> pd.DataFrame:
    """Netting and offset in plain words, with their authority: key, question, answer, source."""
    by_key = {answer.key: answer for answer in law.answers}
    told = [by_key[key] for key in EXPLAINED if key in by_key]
    rows = [(one.key, one.question, one.answer, law.cite(one.source)) for one in told]
    return pd.DataFrame(rows, columns=["key", "question", "answer", "source"])


@kept
def _filed(assessment: Assessment) -> tuple[Filed, pd.Series]:
    law = assessment.law
    lines = coded(assessment.portfolio.tariff_lines, assessment.portfolio.entries, law)
    book = registry_rates.registry(law)
    of = registry_rates.filed_lines(lines, assessment)
    filed = Filed(
        lines=of,
        headings=registry_rates.filed_headings(lines, book, of),
        called=registry_rates.called_for(of, law),
        book=book,
        others=registry_rates.other_rates(law),
        countries={name: one.codes for name, one in law.contents.countries.items()},
    )
    return filed, lines.entries


def _conformed(rows: pd.DataFrame) -> pd.DataFrame:
    types: dict[str, str] = dict.fromkeys(_CENTS, "Int64") | {"line_number": "Int64"}
    types |= dict.fromkeys(("implied_pct", "registry_pct"), "Float64")
    texts = [name for name in COLUMNS if name not in types]
    return rows[list(COLUMNS)].astype(types | dict.fromkeys(texts, "str"))
