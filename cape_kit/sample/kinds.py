"""How each kind of entry comes about: its entry day, its liquidation and whatever else is peculiar to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from cape_kit.sample import days
from cape_kit.sample.lines import Wish
from cape_kit.sample.recipe import Recipe


@dataclass
class Plan:
    """What a kind asks of the entry to be made."""

    day: date
    status: str | None = None  # None: as the cycle has it
    liquidated: date | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    wish: Wish = field(default_factory=Wish)
    origins: tuple[str, ...] = ()
    on_cycle: bool = True


@dataclass(frozen=True)
class Dice:
    """The recipe and a seeded source of chance."""

    recipe: Recipe
    rng: Random

    def pick(self, options: Any) -> Any:
        """One of the options."""
        return options[self.rng.randrange(len(options))]

    def day(self, window: str) -> date:
        """A day out of one of the recipe's windows, longer ones the more often."""
        spans = self.recipe.windows[window]
        place = self.rng.randrange(sum((last - first).days + 1 for first, last in spans))
        for first, last in spans:
            length = (last - first).days + 1
            if place < length:
                return date.fromordinal(first.toordinal() + place)
            place -= length
        raise AssertionError("a window of the recipe is empty")

    def any_day(self) -> date:
        """A day of the collection period."""
        first, last = self.recipe.first_entry, self.recipe.last_entry
        return first + timedelta(days=self.rng.randrange((last - first).days + 1))

    def digits(self, count: int) -> str:
        """So many digits, the first one not zero."""
        return str(self.rng.randrange(10 ** (count - 1), 10**count))


def forecast(recipe: Recipe, entry_date: date) -> date:
    """When the ordinary cycle would liquidate an entry."""
    due = entry_date + timedelta(days=recipe.windows["cycle_days"])
    return days.on_or_after(due, recipe.windows["posting_weekday"])


def on_the_cycle(recipe: Recipe, entry_date: date, extract: date) -> tuple[str, date | None]:
    """Status and day an export of that day shows for an entry nothing happened to."""
    due = forecast(recipe, entry_date)
    if due <= extract:
        return "Liquidated", due
    if due <= extract + timedelta(days=recipe.windows["due_days"]):
        return "Pending", due
    return "Unliquidated", None


def _cycle(dice: Dice) -> Plan:
    return Plan(
        dice.any_day(),
        facts={"psc": dice.rng.randrange(16) == 0},
        wish=Wish(in_transit=dice.rng.randrange(6) == 0, twin=dice.rng.randrange(18) == 0),
    )


def _early(dice: Dice) -> Plan:
    day = dice.day("early_days")
    return Plan(day, "Liquidated", day + timedelta(days=dice.rng.randrange(35, 140)))


def _informal(dice: Dice) -> Plan:
    day = dice.any_day()
    paid = days.add_working(day, dice.recipe.windows["single_statement_working_days"])
    return Plan(day, "Liquidated", paid, wish=Wish(small=True))


def _deemed(dice: Dice) -> Plan:
    day = dice.day("deemed_days")
    return Plan(day, "Deemed Liquidated", date(day.year + 1, day.month, day.day))


def _off_cycle(status: str, **facts: Any) -> Callable[[Dice], Plan]:
    return lambda dice: Plan(dice.day("extended_days"), status, facts=dict(facts), on_cycle=False)


def _adcvd_suspended(dice: Dice) -> Plan:
    case = f"A-{dice.pick(('570', '552', '533'))}-{dice.digits(3)}"
    return Plan(dice.day("extended_days"), "Suspended", facts={"adcvd_case": case}, on_cycle=False)


def _adcvd_pending(dice: Dice) -> Plan:
    facts = {"adcvd_case": f"A-570-{dice.digits(3)}", "suspension_record": True}
    return Plan(dice.day("overdue_days"), "Pending", facts=facts, on_cycle=False)


def _in_window(window: str, **facts: Any) -> Callable[[Dice], Plan]:
    return lambda dice: Plan(dice.day(window), facts=dict(facts))


def _unliquidated(*windows: str, **facts: Any) -> Callable[[Dice], Plan]:
    return lambda dice: Plan(dice.day(dice.pick(windows)), "Unliquidated", facts=dict(facts), on_cycle=False)


def _recon(window: str) -> Callable[[Dice], Plan]:
    def plan(dice: Dice) -> Plan:
        day = dice.day(window)
        return Plan(
            day,
            facts={
                "recon_flag": True,
                "recon_due": day + timedelta(days=dice.recipe.windows["recon_due_days"]),
            },
        )

    return plan


def _recon_filed(dice: Dice) -> Plan:
    made = _recon("clear_days")(dice)
    made.facts["recon_entry"] = "new"
    return made


def _protest(status: str, ieepa_only: bool | None = None) -> Callable[[Dice], Plan]:
    def plan(dice: Dice) -> Plan:
        day = dice.day("protested_days")
        facts = {"protest_status": status, "protest_ieepa_only": ieepa_only, "protest_number": "new"}
        if dice.rng.randrange(3) == 0:  # liquidated before its time: the protest outlives the window
            return Plan(day, "Liquidated", day + timedelta(days=dice.rng.randrange(150, 230)), facts)
        return Plan(day, facts=facts)

    return plan


def _cancelled(dice: Dice) -> Plan:
    made = _unliquidated("overdue_days", "late_days")(dice)
    made.facts["summary_status"] = dice.pick(("Cancelled", "Rejected"))
    return made


def _wishing(window: str, wish: Wish, *origins: str) -> Callable[[Dice], Plan]:
    return lambda dice: Plan(dice.day(window), wish=wish, origins=origins)


def _claimed(dice: Dice) -> Plan:
    return Plan(dice.day("clear_days"), facts={"claim_result": "Entry Summary Updated"})


def _claim_failed(dice: Dice) -> Plan:
    facts = {"claim_result": "Failed", "claim_error": "HTS RELATIONSHIP/SEQUENCE MISMATCH"}
    return Plan(dice.day("open_days"), facts=facts)


def _exempt(dice: Dice) -> Plan:
    if dice.rng.randrange(2):
        return Plan(dice.day("exempt_days"), wish=Wish(usmca=True), origins=("MX", "CA"))
    return Plan(dice.day("exempt_days"), wish=Wish(annex=True), origins=("VN", "TW", "TH", "DE", "JP", "GB"))


#: make (in recipe.toml) -> how
PLANS: dict[str, Callable[[Dice], Plan]] = {
    "cycle": _cycle,
    "early": _early,
    "informal": _informal,
    "deemed": _deemed,
    "extended": _off_cycle("Extended"),
    "suspended": _off_cycle("Suspended"),
    "under_review": _off_cycle("Under Review"),
    "injunction": _off_cycle("Suspended", injunction=True),
    "adcvd_suspended": _adcvd_suspended,
    "adcvd_pending": _adcvd_pending,
    "liquidated": _in_window("liquidated_days"),
    "unliquidated_late": _unliquidated("late_days"),
    "unliquidated_overdue_or_late": _unliquidated("overdue_days", "late_days"),
    "recon_open": _recon("open_days"),
    "recon_liquidated": _recon("liquidated_days"),
    "recon_late": _recon("late_days"),
    "recon_filed": _recon_filed,
    "drawback": _in_window("clear_days", drawback=True),
    "protest_open": _protest("Open"),
    "protest_suspended": _protest("Suspended"),
    "protest_ieepa": _protest("Open", ieepa_only=True),
    "protest_other": _protest("Open", ieepa_only=False),
    "protest_denied": _protest("Denied"),
    "trade_control": _in_window("open_days", control="Trade"),
    "cancelled": _cancelled,
    "statement_not_paid": _in_window("late_days", statement_status="AU"),
    "value_on_99": _wishing("open_days", Wish(value_on_99=True)),
    "claimed": _claimed,
    "claim_failed": _claim_failed,
    "exempt": _exempt,
    "only_232": _wishing("exempt_days", Wish(metal_only=True), "DE", "TW", "VN", "JP", "GB"),
    "section_122": _wishing("after_collection_days", Wish(section_122=True), "CN", "VN", "DE", "TW"),
    "nothing_paid": _wishing("exempt_days", Wish(nothing_paid=True)),
    "gap": _wishing("gap_days", Wish(), "CH"),
    "early_kept": _wishing("early_kept_days", Wish(keep_mfn_apart=True), "DE", "IT"),
}
