"""What headers and cells nobody took say was done to an entry, or was not: claimed, refunded, protested, paid …

By the words of profiles/_words.toml, `[done]`: a subject and an act, in a header or in a cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

from cape_kit.entries import schema
from cape_kit.entries.readers import column_evidence
from cape_kit.entries.readers.layouts import words

#: Cells whose words are kept between files.
_KEPT = 1 << 14
#: A small number, alone or of so many, with the word for it or a letter; or a letter.
_FEW = re.compile(
    r"(?i)\s*([a-z]{1,8}\b)?[\s.:#_-]*([a-z]{0,2}[\s.:#_-]*0*[0-9]{1,2}(\s*(of|/)\s*[0-9]{1,2})?|[a-z]|i{1,3}|iv|v)\s*"
)
_A_DAY = re.compile(
    r"\s*(?<![0-9])([0-9]{1,2}[/.-][0-9]{1,2}[/.-]([0-9]{4}|[0-9]{2})|[0-9]{4}-[0-9]{2}-[0-9]{2})\s*"
)
#: What a header writes for "number".
_NUMBER = ("no", "nr", "nbr", "num", "nos")
#: Before who did it.
_BY = ("by", "por", "von")
#: What may have been done, in the order in which a header or a cell is asked for it.
SUBJECTS = ("claim", "protest", "recon", "drawback")


@cache
def says_done(header: str) -> str | None:
    """Of what a header says that something was done ("CAPE Filed Date", "Refunded", "Replaced By Entry"): a subject.

    One of an estimate, a deadline or a plan, and one of another thing, says it of nothing.
    """
    known, said = words().done, set(_without_agent(_of_header(header)))
    if said & set(known["summary"]) and said <= {*known["summary"], *known["of_summary"]}:
        return "summary"
    if said & set(known["refunds"]) and said & set(known["means"]) and not said & set(known["never"]):
        set_up = said & set(known["setting_up"])
        return None if set_up or column_evidence.of_another_thing(header) else "claim"
    subject = next((name for name in SUBJECTS if said & set(known[name])), None)
    acted = bool(said & {*known["acts"], *known["marks"], *known["acts_in_headers"]})
    of_money = "amount" in said and not said & set(known["acts"])
    if of_money or said & set(known["never"]) or column_evidence.of_another_thing(header):
        return None
    return subject if acted else None


@lru_cache(maxsize=_KEPT)
def _of_header(header: str) -> tuple[str, ...]:
    """The words of a header, a "No." at its end or in its middle written out: "Treasury Check No" names a number."""
    said = f" {' '.join(column_evidence.spoken(header))} ".replace(" to date ", " ").split()
    asked = {"y", "yes"} & set(said)
    return tuple(
        "number" if one in _NUMBER and not (one == "no" and asked) and at else one
        for at, one in enumerate(said)
    )


@cache
def ieepa_done(header: str, *, money: bool) -> bool:
    """Whether a header says that IEEPA duty came back, or was filed for: "IEEPA Removed"; of amounts the first."""
    known, said = words().done, set(column_evidence.spoken(header))
    acts = {*known["ieepa_back"], *(() if money else known["ieepa_done"])}
    return bool(said & acts) and column_evidence.speaks_of(header, "ieepa") and not said & set(known["never"])


def _without_agent(said: Sequence[str]) -> list[str]:
    """Words without the "by" that names who did it: "CAPE filed by", not "Protest by"."""
    acts = words().done["acts"]
    return [one for before, one in zip(("", *said), said, strict=False) if one != "by" or before not in acts]


@cache
def asks_done(header: str) -> str | None:
    """Of what a header asks whether it was done, by naming it and nothing else: "CAPE", "Protest Y/N"."""
    known, said = words().done, set(column_evidence.spoken(header))
    subject = next((name for name in SUBJECTS if said & set(known[name])), None)
    return subject if subject and said <= {*known[subject], *known["asked"]} else None


@cache
def says_eligible(header: str) -> bool:
    """Whether a header asks if CAPE takes the entry ("Cape Phase 1 Eligible"), or if ACE has it ("In ACE").

    A no there speaks against filing.
    """
    known, said = words().done, set(column_evidence.spoken(header))
    in_ace = "ace" in said and len(said) > 1 and said <= set(known["in_ace"])
    alone = (
        bool(said) and said <= {*known["eligible"], *known["asked"]} and bool(said & set(known["eligible"]))
    )
    included = "include" in said and said <= set(known["to_include"])
    return (
        in_ace
        or alone
        or included
        or _plans(header)
        or (bool(said & set(known["eligible"])) and bool(said & set(known["claim"])))
    )


def _plans(header: str) -> bool:
    """Whether a header asks if an entry is to be filed: "To be filed", "File on CAPE?"; "CAPE File" is a file."""
    known, said = words().done, column_evidence.spoken(header)
    asks = bool(said) and said[0] in {"to", "file", "submit", "should", "will"} and len(said) > 1
    return (
        asks and bool(set(said) & set(known["plans"])) and set(said) <= {*known["plans"], *known["of_plans"]}
    )


@cache
def tells_of_entries(header: str) -> bool:
    """Whether a header alone says what a list of entries is for: what was done to them, asked, or remarked."""
    told = says_done(header) or asks_done(header) or says_sent(header) or asks_paid(header)
    return bool(told) or any(column_evidence.speaks_of(header, one) for one in ("state", "remarks"))


@cache
def states_refund(header: str) -> bool:
    """Whether a column of money may hold what was refunded, or what may yet be: "Refund Amount" leaves it open."""
    known, said = words().done, set(column_evidence.spoken(header))
    if said & set(known["claim"]) and said <= {*known["claim"], *known["asked_of_money"]}:
        return True
    estimate = said & {*known["never"], *words().headers["no_duty"], "outstanding"}
    return (
        bool(said & set(known["refunds"])) and not estimate and not column_evidence.of_another_thing(header)
    )


@cache
def says_sent(header: str) -> bool:
    """Whether a header asks if something was sent, declared or uploaded, and not what: "Uploaded", "Declared On".

    It may be the entry summary or the claim.
    """
    known, said = words().done, set(_of_header(header))
    asked = said & {*known["sent"], *known["declared"], *known["receipts"]} and "by" not in said
    return bool(asked) and said <= {*known["of_sent"], *known["receipts"]}


@cache
def names_act(header: str) -> str | None:
    """An act a header names without its subject: "sure" where a yes may be the claim's, "dated" where a day may."""
    known, said = words().done, set(column_evidence.spoken(header))
    if said & set(known["surely_acts"]) and said <= {*known["surely_acts"], *known["of_bare_acts"]}:
        return "sure"
    acts = {*known["bare_acts"], *known["surely_acts"]}
    return "dated" if said & acts and said <= {*acts, *known["of_bare_acts"]} - {"by"} else None


@cache
def forbids(header: str) -> bool:
    """Whether a header alone forbids to file what it marks, or holds it back: "Do Not File", "On Hold"."""
    known, said = words().done, column_evidence.spoken(header)
    text, there = f" {' '.join(said)} ", set(said)
    held = any(f" {phrase} " in text for phrase in known["forbidden"]) or bool(there & set(known["holding"]))
    return held and there <= {*known["held_back"], *known["of_held_back"]}


@cache
def may_be_the_claims(header: str) -> bool:
    """Whether a header that names no claim may speak of one all the same: of a batch, a credit, a bare act."""
    receipt = says_sent(header) and set(column_evidence.spoken(header)) & set(words().done["receipts"])
    return bool(
        receipt or names_batch(header) or says_returned(header) or names_act(header) or forbids(header)
    )


def has_day(cell: str) -> bool:
    """Whether a day stands in a cell."""
    return bool(_A_DAY.search(cell))


@cache
def names_batch(header: str) -> bool:
    """Whether a header names a batch and nothing else: "Batch", "Batch #". It may be CAPE's, or the accounting's."""
    known, said = words().done, set(_of_header(header))
    return bool(said & set(known["batches"])) and said <= {*known["batches"], *known["marks"]}


@lru_cache(maxsize=_KEPT)
def one_of_few(cell: str) -> bool:
    """Whether a cell names one of a few batches, as declarations are: "2", "Batch: 2 of 3", a day; not "4711"."""
    return bool(_FEW.fullmatch(cell)) or bool(_A_DAY.fullmatch(cell))


@cache
def names_claim(header: str) -> str | None:
    """The claim a header of an amount names: "Refund Amount", "IEEPA Refund"; of an estimate or a plan none."""
    known, said = words().done, set(column_evidence.spoken(header))
    if said & set(known["never"]) or column_evidence.of_another_thing(header):
        return None
    ours = {*known["claim"], *known["asked"], *known["asked_of_money"], *known["marks"], *known["by_customs"]}
    return "claim" if said & set(known["claim"]) and said <= ours else None


@cache
def says_returned(header: str) -> str | None:
    """Of what a header says that money came back: "CBP Credit Issued" of a claim, "Credited" of nobody knows what."""
    known, said = words().done, set(_of_header(header))
    if _from_customs(header):
        return "claim"
    allowed = {*known["returned"], *known["of_returned"], *known["by_customs"], *known["went_back"]}
    if (
        said & set(known["went_back"])
        and said & {"duty", "duties", "tariff", "tariffs", "money"}
        and said <= allowed
    ):
        return schema.SENT
    if not said & set(known["returned"]) or not said <= {
        *known["returned"], *known["of_returned"], *known["by_customs"],
    }:  # fmt: skip
        return None
    return "claim" if said & set(known["by_customs"]) else schema.SENT


def _from_customs(header: str) -> bool:
    """Whether a header names money that came from customs: "Received from CBP", "Paid by Treasury"."""
    known, said = words().done, _of_header(header)
    pairs = set(pairwise(said))
    giver = any((by, payer) in pairs for by in ("from", "by") for payer in known["payers"])
    return giver and bool(set(said) & set(known["got"])) and not set(said) & (set(known["never"]) - {"by"})


@cache
def says_left(header: str) -> bool:
    """Whether a header says what is left of IEEPA duty or of a refund, or may yet be claimed: "Net IEEPA Due"."""
    known, said = words().done, set(column_evidence.spoken(header))
    of_duty = column_evidence.speaks_of(header, "ieepa") or said & {*known["claim"], *known["able"]}
    plain = {*known["left"], *known["of_left"]}
    return bool(said & set(known["left"])) and bool(of_duty) and said <= plain


@cache
def left_of_duty(header: str) -> bool:
    """Whether an amount under such a header is what is left of the IEEPA duty itself: "IEEPA Remaining"."""
    said = set(column_evidence.spoken(header))
    return bool(said & set(words().done["rest"])) and column_evidence.speaks_of(header, "ieepa")


@cache
def asks_paid(header: str) -> bool:
    """Whether a header asks if the duty was paid, and names nothing else: "Paid?", "Statement", "Duty Paid Y/N"."""
    known, said = words().done, set(column_evidence.spoken(header))
    return bool(said & set(known["payment"])) and said <= {*known["payment"], *known["of_payment"]}


@cache
def owes(header: str) -> bool:
    """Whether an amount under a header is still owed: "Balance Due", "Outstanding"; not of another thing."""
    known, said = words().done, column_evidence.spoken(header)
    owed = any(f" {phrase} " in f" {' '.join(said)} " for phrase in known["owed"])
    return owed and not set(said) & set(known["claim"]) and not column_evidence.of_another_thing(header)


@lru_cache(maxsize=_KEPT)
def says_not(cell: str) -> bool:
    """Whether a cell only says that it was not done, or that there is nothing: "No - n/a", "none filed"."""
    known, said = words().done, column_evidence.spoken(cell)
    of_it = {word for name in (*SUBJECTS, "acts") for word in known[name]}
    plain = {*known["denied"], *known["said_not"], *of_it}
    return bool(said) and said[0] in {"no", "none", "not", "never", "n", "na"} and set(said) <= plain


@lru_cache(maxsize=_KEPT)
def says_unpaid(cell: str) -> bool:
    """Whether a cell under a header of payment says that it was not paid: "N", "Unpaid", "Outstanding"."""
    said = column_evidence.spoken(cell)
    plain = bool(said) and set(said) <= {"open", "due", "pending"}
    return cell.strip().lower() in words().no or _unpaid(said) or plain


@lru_cache(maxsize=_KEPT)
def tells_done(cell: str) -> str | None:
    """Of what a cell of a column of state or of remarks says that it was done: a subject, or the entry summary.

    "Refunded 5/1/26", "Protest filed", "drawback", "VOID" do; "CAPE eligible", "no protest", "to be refunded" do not.
    "Warranty claim paid" may be told of another thing: what it says then is a state nobody can place.
    """
    known = words().done
    parts = [column_evidence.spoken(part) for part in re.split(r"[;,.|\n]", cell)]
    ours = [
        part
        for part in parts
        if part and (not set(part) & set(known["elsewhere"]) or set(part) & set(known["customs"]))
    ]
    said = column_evidence.spoken(cell)
    if _told(said) is not None:
        return next((about for part in ours if (about := _told(part))), schema.STATE)
    # What one part denies takes nothing back of what another says with an act: "Refunded 5/1; no protest".
    acts = {*known["acts"], *known["acts_in_cells"], *known["summary"]}
    done = next((about for part in ours if set(part) & acts and (about := _told(part))), None)
    done = done or next((about for part in ours if (about := _returned(part) or _declared(part))), None)
    done = done or next((schema.SENT for part in ours if _noted(part) or _money_from_cbp(part)), None)
    if done is None and any(_unpaid(part) for part in ours):
        return "payment"
    return done or (schema.STATE if _warns(said) else None)


@lru_cache(maxsize=_KEPT)
def tells_plainly(cell: str) -> str | None:
    """Of what a cell of any column tells that it was done, by a subject and an act: "CAPE claim filed 5/2"."""
    about, said = tells_done(cell), set(column_evidence.spoken(cell))
    known = words().done
    acted = said & {*known["acts"], *known["sent"], *known["declared"], "pending", "unpaid"}
    return about if about and acted and about not in ("summary", schema.STATE) else None


def _returned(said: Sequence[str]) -> str | None:
    """Of what words tell that money came back: by customs a refund of the entry, by anyone perhaps one."""
    known, there = words().done, set(said)
    if not there & set(known["returned"]) or there & {
        *known["denied"],
        *known["elsewhere"],
        *known["parties"],
    }:
        return None
    if not there & {*known["acts"], *known["acts_in_cells"], *known["came_back"]}:
        return None
    return "claim" if there & {*known["by_customs"], *known["refunds"]} else schema.SENT


def _noted(said: Sequence[str]) -> bool:
    """Whether words note a claim or refund by its number, day or amount alone: "CAPE 5/3", "refund ck 1123"."""
    then = (*said[1:], "")
    known = words().done
    there = {one for one, after in zip(said, then, strict=True) if not (one in _NUMBER and after.isdigit())}
    numbers = {word for word in said if word.isdigit()}
    some = any(number.strip("0") for number in numbers)
    asked = there & {*known["acknowledged"], "yes", "y", "x"}
    of_it = {*known["claim"], *known["marks"], *known["means"], *known["noted"], *known["acknowledged"]}
    noted = bool(there & set(known["claim"])) and bool(some or asked) and said[0] != "check"
    return noted and there <= {*of_it, *numbers, "yes", "y", "x"}


def _money_from_cbp(said: Sequence[str]) -> bool:
    """Whether words tell of money that came from customs: "check from CBP", "paid by CBP"; of a plan of it not."""
    known, there = words().done, set(said)
    if there & {*known["denied"], *known["never_sent"], "request", "expect"}:
        return False
    trios = zip(("", *said), said, said[1:], strict=False)
    givers = {*known["payers"]} - {"customs", "irs"}
    return any(
        payer in givers
        and ((by == "from" and bool(there & set(known["cash"]))) or (by in _BY and act in known["gave"]))
        for act, by, payer in trios
    )


@lru_cache(maxsize=_KEPT)
def tells_act(cell: str) -> bool:
    """Whether a cell names an act, of nobody knows what, as a state among others: "5 - Paid"; no denial, no plan."""
    known, said = words().done, set(column_evidence.spoken(cell))
    acts = {*known["acts"], *known["acts_in_cells"], *known["bare_acts"]} - {"open", "pending"}
    return bool(said & acts) and not said & {*known["denied"], *known["never_sent"], *known["elsewhere"]}


@lru_cache(maxsize=_KEPT)
def tells_within(cell: str) -> str | None:
    """Of what a remark behind a code or a name tells plainly: "9903.01.24 (refunded)"; or a word against filing."""
    if about := tells_plainly(cell):
        return about
    known, text = words().done, f" {' '.join(column_evidence.spoken(cell))} "
    phrases = [phrase for kind in ("forbidden", "warned") for phrase in known[kind] if " " in phrase]
    return schema.STATE if any(f" {phrase} " in text for phrase in phrases) else None


def without_where(said: Sequence[str]) -> list[str]:
    """Words without the "to" of where something went: "to ACE" is that, "to upload" is still to be done."""
    after = (*said[1:], "")
    return [
        one for one, then in zip(said, after, strict=False) if one != "to" or then not in words().done["cbp"]
    ]


def _declared(said: Sequence[str]) -> str | None:
    """Of what words tell that it was declared or sent to CBP: on a declaration, a claim; in a batch, nobody knows.

    "Included in declaration 3", "Declared: Y" are of CAPE, "Export declaration" is not; "Uploaded to ACE",
    "Filed 5/1", "sent w/ batch 2" may be the entry summary's.
    """
    known = words().done
    there = set(without_where(said))
    numbers = {word for word in said if word.isdigit()}
    if there & {*known["denied"], *known["never_sent"], *known["of_goods"], *known["elsewhere"]}:
        return None
    acted = there & {*known["acts"], *known["sent"], *known["included"]}
    if there & set(known["declared"]):
        acted |= there & set(known["acts_in_cells"])
        return "claim" if acted or numbers or there <= {*known["declared"], *words().yes} else None
    if there & set(known["batches"]):
        return (
            schema.SENT
            if acted or there <= {*known["batches"], *known["cbp"], "of", "number", *numbers}
            else None
        )
    alone = there <= {*known["sent"], *known["of_sent"], *known["receipts"], "received", "recd", *numbers}
    sent = there & set(known["sent"]) or (there & set(known["receipts"]) and numbers)
    return schema.SENT if sent and alone else None


def _unpaid(said: Sequence[str]) -> bool:
    """Whether words say that duty was not paid; those of another thing, of a refund or a claim do not."""
    known, text, there = words().done, f" {' '.join(said)} ", set(said)
    if there & {*known["claim"], "no", "none", "nothing"} or not any(
        f" {p} " in text for p in known["unpaid"]
    ):
        return False
    surely = {*known["customs"], *known["payment"], "ach", "nsf"}
    return bool(there & surely) or there <= {word for phrase in known["unpaid"] for word in phrase.split()}


def _without_account(said: Sequence[str]) -> list[str]:
    """Words without the account refunds are paid into: "ACH refund setup done", "enrolled for ACH refunds"."""
    set_up = "|".join(words().done["setting_up"])
    account = rf" (?:ach )?refunds? (?:{set_up})(?= )| (?:{set_up}) (?:(?:in|for|of) )?(?:ach )?refunds?(?= )"
    return re.sub(account, " ", f" {' '.join(said)} ").split()


def _without_payee(said: Sequence[str]) -> list[str]:
    """Words without the "to" of who got it: "refunded to client" was; "approved to be refunded" is a plan."""
    known = words().done
    before, after = ("", *said), (*said[1:], "")
    return [
        one
        for was, one, then in zip(before, said, after, strict=False)
        if one != "to" or was not in known["given_to"] or then in known["planned_to"]
    ]


def _told(said: Sequence[str]) -> str | None:
    """Of what words of a cell say that it was done, whatever the thing is."""
    known, there = words().done, set(_without_payee(_without_account(said)))
    subject = next((name for name in (*SUBJECTS, "summary") if there & set(known[name])), None)
    acted = subject == "summary" or bool(there & {*known["acts"], *known["acts_in_cells"]})
    if subject is None or (subject == "claim" and not acted):
        return None
    unsaid = {*known["denied"], *(() if acted else (*known["never"], *known["unsure"]))}
    # "Drawback: n/a", "Protest filed? N"
    nothing = said[-1] in ("n", "na", "nil") or list(said[-2:]) == ["n", "a"]
    return None if there & unsaid or nothing else subject


def _warns(said: Sequence[str]) -> bool:
    """Whether a cell warns of something that may keep the entry out: "Do not file", "Paid by surety", "CIT suit"."""
    known, text = words().done, f" {' '.join(said)} "
    if any(f" {phrase} " in text for phrase in known["forbidden"]):
        return True
    return any(f" {phrase} " in text for phrase in known["warned"]) and not set(said) & set(known["denied"])


def may_tell() -> str:
    """A pattern that every cell fits that may tell of something done, for a first look at a whole column."""
    known = words().done
    of_one = (*SUBJECTS, "summary", "warned", "declared", "batches", "sent", "receipts", "returned", "payers")
    stems = {word for name in of_one for word in known[name]}
    stems |= {phrase.split()[-1] for name in ("forbidden", "unpaid", "warned") for phrase in known[name]}
    stems |= {said for said, meant in words().phrases.items() if set(meant.split()) & set(known["claim"])}
    return r"(?i)(^|[^a-z])(" + "|".join(sorted(stems)) + r")([^a-z]|$)"
