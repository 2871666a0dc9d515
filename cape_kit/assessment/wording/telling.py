"""What the reasons are made of: who may be told alike, since when, what stands against an entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment.rules import FAIL
from cape_kit.assessment.wording import all_of, choose, day, join_codes

if TYPE_CHECKING:
    from cape_kit.assessment.decisions.view import View

    Texts = pd.Series[Any]


@dataclass(frozen=True)
class Reason:
    """A sentence about entries, and the columns it speaks of beside the rules that fail.

    Entries alike in these columns get the same sentence, so it is written once for all of them.
    """

    write: Callable[[View], Texts]
    columns: tuple[str, ...]

    def __call__(self, view: View) -> Texts:
        """The sentence for each entry of the view."""
        return self.write(view)


def speaks_of(*columns: str) -> Callable[[Callable[[View], Texts]], Reason]:
    """Name the columns a sentence speaks of."""

    def mark(write: Callable[[View], Texts]) -> Reason:
        return Reason(write, columns)

    return mark


def against(view: View) -> Texts:
    """What stands in the way: CBP's own messages, and what no table of CBP has words for."""
    fails = view.outcomes == FAIL
    texts = {code: f"“{rule.official_text}”" for code, rule in view.rules.items() if rule.official_text}
    titles = {code: _lower(rule.title) for code, rule in view.rules.items() if not rule.official_text}
    official = join_codes(fails[[code for code in fails if code in texts]], texts)
    unofficial = join_codes(fails[[code for code in fails if code in titles]], titles)
    answer = ("CAPE would answer " + official + ".").where(official != "", "")
    other = ("Against it stands: " + unofficial + ".").where(unofficial != "", "")
    return (answer + " " + other).str.strip()


def in_the_way(view: View) -> Texts:
    """What stands in the way: by CBP's tables, or by its own refusal where the files show nothing."""
    told = against(view)
    return told.where(told != "", refusal(view))


def refusal(view: View) -> Texts:
    """CBP's own refusal on an earlier claim, of which nothing shows that it is mended."""
    claim = ("claim " + view.refused_claim).fillna("an earlier claim")
    said = (" (“" + view.refused_error + "”)").fillna("")
    return "CBP refused it on " + claim + said + ", and nothing in the files shows that mended since."


def corrected(view: View) -> Texts:
    """What a post summary correction is to it; CBP's refusal can also have another cause."""
    only = view.failed(*view.corrected_rules)
    would = " A post summary correction would have mended that"
    return choose([only], [" Only a post summary correction mends that"], would, view.outcomes.index)


def since(view: View) -> Texts:
    """Liquidated when, and how long ago."""
    clocks = view.facts.clocks
    on_day = clocks["liquidated_on"]
    elapsed = (pd.Timestamp(view.facts.day) - on_day).dt.days.astype("Int64")
    ago = choose([elapsed.eq(0).fillna(False), elapsed.eq(1).fillna(False)], ["today", "1 day ago"],
                 elapsed.astype("str") + " days ago", clocks.index)  # fmt: skip
    return clocks["status"].str.capitalize() + " " + day(on_day) + ", " + ago


def everyone(view: View, text: str) -> Texts:
    """The same sentence for all."""
    return all_of(text, view.outcomes.index)


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
