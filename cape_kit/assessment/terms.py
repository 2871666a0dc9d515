"""What the interest of each entry is reckoned with, and whether the files, the client or nobody says so.

Three things decide it beside the amount: the importer's class, the statement its duty is paid by, and the day
of the deposit. What nobody says is assumed, is said to be, and moves the range of the interest.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit import few_values
from cape_kit.assessment import interest
from cape_kit.entries import identifiers
from cape_kit.entries.client import Client, Importer
from cape_kit.law.book import Law

#: Where a term comes from: a report or export, client.toml or facts.csv, or nobody at all.
FILES, STATED, ASSUMED, UNKNOWN = "from the files", "stated", "assumed", "unknown"
#: Ways to tell the deposit day of an entry without a payment date, from the latest day to the earliest.
BASES = ("monthly statement", "working days", "entry date")
#: How the duty of a statement of client.toml is paid; of none, as single entries are: assumed.
STATEMENTS = {"monthly": "monthly statement", "daily": "working days"}
#: How the duty is taken to have been paid where nobody says.
NOBODY_SAYS = "working days"


def of(entries: pd.DataFrame, client: Client, law: Law) -> pd.DataFrame:
    """One row per entry: importer_class, class_from, deposit_by (one of BASES), statement_from, deposit_from.

    `deposit_from` is "from the files" where a payment date stands there, "stated" where facts.csv gives it or
    the day follows from the statement client.toml names, else "assumed".
    Sources: keys ``interest.importer_class``, ``deposit.single_working_days``.
    """
    assumed, _ = interest.choices(law, None, None)
    place, classes, statements = _by_importer(entries, client)
    paid = entries["payment_date"].notna().to_numpy()
    by_hand = entries["entry_number"].isin(_stated_payments(client)).to_numpy()
    says = np.array([one is not None for one in statements])[place]
    dated = entries["entry_date"].notna().to_numpy()
    sources = (STATED, FILES, UNKNOWN, STATED, ASSUMED)
    where = np.select([paid & by_hand, paid, ~dated, says], range(4), default=4)
    columns = {
        "importer_class": (place, [one or assumed for one in classes]),
        "class_from": (place, [ASSUMED if one is None else STATED for one in classes]),
        "deposit_by": (place, [STATEMENTS.get(one or "", NOBODY_SAYS) for one in statements]),
        "statement_from": (place, [ASSUMED if one is None else STATED for one in statements]),
        "deposit_from": (where, sources),
    }
    return pd.DataFrame({name: few_values.spelt(*told, entries.index) for name, told in columns.items()})


def of_all(client: Client, law: Law) -> str:
    """The one class of a whole client, for what is reckoned on sums: as stated, else the law book's."""
    return interest.choices(law, client.importer_class, None)[0]


def said(terms: pd.DataFrame) -> list[str]:
    """What of an assessment's interest nobody has settled, each with the entries it is open for."""
    open_ = {
        "the importer's class ({}: the {} rate assumed)": terms["class_from"].eq(ASSUMED),
        "how the duty was paid ({}: {} after entry assumed)": terms["deposit_from"].eq(ASSUMED),
    }
    classes = terms.loc[terms["class_from"].eq(ASSUMED), "importer_class"]
    taken = (classes.iloc[0].replace("_", "-") if len(classes) else "", NOBODY_SAYS)
    told = []
    for (text, here), with_ in zip(open_.items(), taken, strict=True):
        count = int(here.sum())
        if count:
            noun = "entry" if count == 1 else "entries"
            told.append(text.format(f"{count:,} {noun}", with_))
    return [*told, "whether the first or the last day bears interest (all entries: the first assumed)"]


def _by_importer(
    entries: pd.DataFrame, client: Client
) -> tuple[np.ndarray, list[str | None], list[str | None]]:
    """What client.toml says of each importer number, else of all: classes and statements, and each entry's place.

    The last place is that of entries without a number; None where nothing is said.
    """
    codes, numbers = pd.factorize(entries["importer_number"])
    known: dict[str, Importer] = {identifiers.importer_key(one.number): one for one in client.importers}
    found = [*(known.get(identifiers.importer_key(str(number))) for number in numbers), None]
    classes = [(one.importer_class if one else None) or client.importer_class for one in found]
    statements = [(one.statement if one else None) or client.statement for one in found]
    return np.where(codes < 0, len(numbers), codes), classes, statements


def _stated_payments(client: Client) -> set[str]:
    """Entries whose payment date facts.csv gives."""
    rows = client.facts[client.facts["fact"].eq("payment_date")] if len(client.facts) else client.facts
    numbers = (identifiers.entry_key(text) for text in rows["entry_number"].dropna())
    return {number for number in numbers if number}
