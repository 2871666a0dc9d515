"""What the rules look at: entries, their clocks, their reduced lines, where seen, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from cape_kit.assessment import cbp_answers, timeline
from cape_kit.entries import schema
from cape_kit.entries.client import Client
from cape_kit.law.book import Law


@dataclass(frozen=True)
class Facts:
    """Entries with everything known of them, row by row alike, and the law of a day.

    `seen` says of each entry whether a report of ACE shows it (`in_ace`) and whether an earlier declaration
    list names it (`on_list`), whether a later extract has lost its IEEPA rows (`rows_gone`), and what CBP's
    refusal says where its standing answer is one (`refused_…`), and since when an upload of it waits for CBP
    (`filed_on`, `filed_claim`), and what a column that was not read says was done (`said_done`), as
    `asserted_and_seen.seen` answers.
    """

    entries: pd.DataFrame
    clocks: pd.DataFrame
    lines: pd.DataFrame
    law: Law
    day: date
    client: Client
    seen: pd.DataFrame
    _read: dict[str, timeline.Words] = field(default_factory=dict, repr=False, compare=False)

    def words(self, column: str) -> timeline.Words:
        """A status column read by the law book's words of that name."""
        if column not in self._read:
            self._read[column] = timeline.read(self.entries[column], self.law, column)
        return self._read[column]

    def unread(self, column: str) -> np.ndarray:
        """Entries in whose column something stands that the kit does not understand."""
        if column not in self.law.contents.words:
            return schema.unread_in(self.entries, column).to_numpy(dtype=bool)
        words = self.words(column)
        return (words.unknown | words.among("unexpanded")) & self.entries[column].notna().to_numpy()

    def unread_text(self, column: str) -> pd.Series:
        """What stands there; null where the column is understood, or empty."""
        here = self.unread(column)
        if column in self.law.contents.words:
            return self.entries[column].where(here)
        quoted = self.entries["unread"].where(here).str.extract(rf"(?:^|; ){column}: ([^;]*)", expand=False)
        return quoted.astype("str")

    def days(self, key: str) -> pd.Timedelta:
        """A number of days of the law book."""
        return pd.Timedelta(days=int(self.law.value(key, self.day).value))

    def cite(self, key: str) -> str:
        """Authority a value of the law book stands."""
        return self.law.cite(self.law.value(key, self.day).source)

    def types(self, key: str) -> list[str]:
        """A list of entry types in force on the day."""
        return [str(code) for code in self.law.value(key, self.day).value]

    def flag(self, column: str) -> pd.Series:
        """A yes-or-no column of the entries; null where nobody says."""
        return self.entries[column].astype("boolean")

    def line(self, column: str) -> pd.Series:
        """A mark made from the tariff lines; null where there are no lines."""
        return self.lines[column].astype("boolean")

    @property
    def rows_gone(self) -> np.ndarray:
        """Its IEEPA rows are gone from the later extract, as CBP deletes them on accepting a declaration."""
        return self.seen["rows_gone"].to_numpy(dtype=bool)

    @property
    def refund_seen(self) -> np.ndarray:
        """A report of CAPE refunds names it: there was a claim, whatever the other files hold."""
        return self.seen["refund_seen"].to_numpy(dtype=bool)

    @property
    def listed(self) -> np.ndarray:
        """CBP's answers name it, and say neither its claim nor the outcome."""
        return self.seen["listed"].to_numpy(dtype=bool)

    @property
    def liquidated_by_cape(self) -> np.ndarray:
        """Its liquidation bears CAPE's reason code: it was on a declaration, whatever the other files hold."""
        return self.words("liquidation_reason").among("cape")

    @cached_property
    def refused(self) -> pd.DataFrame:
        """The refusals that stand, by the place of their entry; columns as `asserted_and_seen.seen` names them."""
        names = ("state", "codes", "understood", "error", "claim", "seen_on")
        told = self.seen[self.seen["refused_codes"].notna()]
        return told[[f"refused_{name}" for name in names]].set_axis(list(names), axis=1)

    @property
    def claimed_elsewhere(self) -> np.ndarray:
        """CBP refused it, and not its whole file, as a duplicate: another claim of it may have been accepted."""
        told = self.seen["refused_error"].where(self.seen["refused_codes"].notna())
        told = told.where(self.seen["refused_state"].eq(cbp_answers.FAILED))
        return timeline.read(told, self.law, "claimed_elsewhere").among("claimed")

    def unrefused(self, where: np.ndarray) -> Facts:
        """The same facts as if CBP's answers had not refused some entries."""
        return replace(self, seen=self.seen.assign(refused_codes=self.seen["refused_codes"].mask(where)))

    def take(self, rows: np.ndarray) -> Facts:
        """The same facts of some entries only, numbered anew."""
        frames = (self.entries, self.clocks, self.lines, self.seen)
        entries, clocks, lines, seen = (frame.iloc[rows].reset_index(drop=True) for frame in frames)
        return Facts(entries, clocks, lines, self.law, self.day, self.client, seen)
