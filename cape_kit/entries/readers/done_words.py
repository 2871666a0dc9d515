"""What headers and cells nobody took say was done to an entry: claimed, refunded, protested, canceled …

By the words of profiles/_words.toml, `[done]`: a subject and an act, in a header or in a cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from cape_kit.entries import schema
from cape_kit.entries.readers import column_evidence
from cape_kit.entries.readers.layouts import words

#: Cells whose words are kept between files.
_KEPT = 1 << 14
#: What may have been done, in the order in which a header or a cell is asked for it.
_SUBJECTS = ("claim", "protest", "recon", "drawback")


@cache
def says_done(header: str) -> str | None:
    """Of what a header says that something was done ("CAPE Filed Date", "Refunded", "Replaced By Entry"): a subject.

    One of an estimate, a deadline or a plan, and one of another thing, says it of nothing.
    """
    known, said = words().done, set(column_evidence.spoken(header))
    if said & set(known["summary"]) and said <= {*known["summary"], *known["of_summary"]}:
        return "summary"
    subject = next((name for name in _SUBJECTS if said & set(known[name])), None)
    acted = bool(said & set(known["acts"])) or bool(said & set(known["marks"]))
    of_money = "amount" in said and not said & set(known["acts"])
    if of_money or said & set(known["never"]) or column_evidence.of_another_thing(header):
        return None
    return subject if acted else None


@cache
def asks_done(header: str) -> str | None:
    """Of what a header asks whether it was done, by naming it and nothing else: "CAPE", "Protest Y/N"."""
    known, said = words().done, set(column_evidence.spoken(header))
    subject = next((name for name in _SUBJECTS if said & set(known[name])), None)
    return subject if subject and said <= {*known[subject], *known["asked"]} else None


@cache
def says_eligible(header: str) -> bool:
    """Whether a header asks if CAPE takes the entry ("Cape Phase 1 Eligible"): a no there speaks against filing."""
    known, said = words().done, set(column_evidence.spoken(header))
    return bool(said & set(known["eligible"])) and bool(said & set(known["claim"]))


@cache
def states_refund(header: str) -> bool:
    """Whether a column of money may hold what was refunded, or what may yet be: "Refund Amount" leaves it open."""
    known, said = words().done, set(column_evidence.spoken(header))
    return bool(said & set(known["claim"])) and said <= {*known["claim"], *known["asked_of_money"]}


@lru_cache(maxsize=_KEPT)
def tells_done(cell: str) -> str | None:
    """Of what a cell of a column of state or of remarks says that it was done: a subject, or the entry summary.

    "Refunded 5/1/26", "Protest filed", "drawback", "VOID" do; "CAPE eligible", "no protest", "to be refunded" do not.
    "Warranty claim paid" may be told of another thing: what it says then is a state nobody can place.
    """
    known = words().done
    whole = _told(set(column_evidence.spoken(cell)))
    if whole is None:
        return schema.STATE if _warns(column_evidence.spoken(cell)) else None
    parts = [set(column_evidence.spoken(part)) for part in re.split(r"[;,.|\n]", cell)]
    ours = [part for part in parts if not part & set(known["elsewhere"]) or part & set(known["customs"])]
    return next((about for part in ours if (about := _told(part))), schema.STATE)


def _told(said: set[str]) -> str | None:
    """Of what words of a cell say that it was done, whatever the thing is."""
    known = words().done
    subject = next((name for name in (*_SUBJECTS, "summary") if said & set(known[name])), None)
    acted = subject == "summary" or bool(said & {*known["acts"], *known["acts_in_cells"]})
    if subject is None or (subject == "claim" and not acted):
        return None
    unsaid = {*known["denied"], *(() if acted else (*known["never"], *known["unsure"]))}
    return None if said & unsaid else subject


def _warns(said: Sequence[str]) -> bool:
    """Whether a cell warns of something that may keep the entry out: "Do not file", "Paid by surety", "CIT suit"."""
    known, text = words().done, f" {' '.join(said)} "
    if any(f" {phrase} " in text for phrase in known["forbidden"]):
        return True
    return any(f" {phrase} " in text for phrase in known["warned"]) and not set(said) & set(known["denied"])


def may_tell() -> str:
    """A pattern that every cell fits that may tell of something done, for a first look at a whole column."""
    known = words().done
    stems = {word for name in (*_SUBJECTS, "summary", "warned") for word in known[name]}
    stems |= {phrase.split()[-1] for phrase in known["forbidden"]}
    return r"(?i)(^|[^a-z])(" + "|".join(sorted(stems)) + r")([^a-z]|$)"
