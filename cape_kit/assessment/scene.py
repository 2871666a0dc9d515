"""Everything reckoned of a portfolio on a day, side by side, with the questions later rooms ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cape_kit.assessment.decisions import View
from cape_kit.assessment.rules import Facts
from cape_kit.law.book import Validation

#: Dispositions that send an entry to CBP: only there does an unverified check matter now.
ACTIONABLE = ("file", "file_deferred", "cure")


@dataclass(frozen=True)
class Scene:
    """The facts, and what was made of them, row by row alike; every question is one flag per entry."""

    facts: Facts
    outcomes: pd.DataFrame
    decided: pd.DataFrame
    priced: pd.DataFrame

    @cached_property
    def rules(self) -> tuple[Validation, ...]:
        """The validations in force on the day."""
        return self.facts.law.validations(self.facts.day)

    @cached_property
    def view(self) -> View:
        """The questions the policy asks."""
        return View(self.facts, self.outcomes)

    @cached_property
    def everything(self) -> np.ndarray:
        """Every entry."""
        return np.ones(len(self.decided), dtype=bool)

    @cached_property
    def acting(self) -> np.ndarray:
        """Entries that go to CBP now."""
        return self.decided["disposition"].isin(ACTIONABLE).to_numpy()

    @cached_property
    def counted(self) -> np.ndarray:
        """Entries whose amount is reckoned with."""
        return ~self.decided["disposition"].isin(("claimed", "not_refundable")).to_numpy()

    @cached_property
    def waiting(self) -> np.ndarray:
        """Not liquidated, for certain as far as the files go."""
        return (~self.facts.clocks["liquidated"].fillna(True)).to_numpy(dtype=bool)

    def past(self, clock_column: str) -> np.ndarray:
        """Entries for which a day of the clocks lies before the day of the assessment."""
        return (self.facts.clocks[clock_column] < pd.Timestamp(self.facts.day)).to_numpy(dtype=bool)

    def sure(self, level: str) -> np.ndarray:
        """Entries whose amount has that confidence."""
        return (self.priced["confidence"].fillna("") == level).to_numpy()

    def marked(self, column: str) -> np.ndarray:
        """Entries with a mark from their lines."""
        return self.facts.line(column).fillna(False).to_numpy(dtype=bool)

    def take(self, rows: np.ndarray) -> Scene:
        """The same scene with some entries only, numbered anew."""
        frames = (self.outcomes, self.decided, self.priced)
        outcomes, decided, priced = (frame.iloc[rows].reset_index(drop=True) for frame in frames)
        return Scene(self.facts.take(rows), outcomes, decided, priced)
