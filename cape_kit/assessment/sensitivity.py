"""How far the interest moves with what nobody has settled: importer class, day count, and the deposit day."""

from __future__ import annotations

from itertools import product

import pandas as pd

from cape_kit.assessment import interest, money
from cape_kit.assessment.assess import Assessment


def table(assessment: Assessment, *, dispositions: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Interest of all entries, or those of some dispositions, under each reading. [cents]

    One row per importer_class × day_count × deposit_basis: entries, principal_cents, interest_cents,
    difference_cents (against the assessment's own figure), is_taken (the reading the assessment took). A
    payment date in the files is a fact and stays; the basis moves only the entries that have none
    (`estimated_entries`). Sources: keys ``interest.*`` and ``deposit.*`` of the law book.
    """
    here = assessment.figures
    bears = ~here["disposition"].isin(money.NONE) & (here["principal_cents"].fillna(0) > 0)
    if dispositions is not None:
        bears &= here["disposition"].isin(dispositions)
    here = here[bears].reset_index(drop=True)
    law, taken = assessment.law, _taken(assessment)
    rows = []
    for basis in money.BASES:
        day, _ = money.deposit(here, law, assessment.filing_date, basis=basis)
        for importer_class, day_count in product(interest.CLASSES, interest.DAY_COUNTS):
            told = interest.accrue_many(
                here["principal_cents"],
                day,
                here["interest_until"],
                law,
                importer_class=importer_class,
                day_count=day_count,
            )
            rows.append((importer_class, day_count, basis, int(told.sum())))
    frame = pd.DataFrame(rows, columns=["importer_class", "day_count", "deposit_basis", "interest_cents"])
    chosen = pd.Series(True, index=frame.index)
    for column, reading in taken.items():
        chosen &= frame[column] == reading
    own = int(frame.loc[chosen, "interest_cents"].iloc[0])
    return frame.assign(
        entries=len(here),
        estimated_entries=int(here["payment_date"].isna().sum()),
        principal_cents=int(here["principal_cents"].sum()),
        difference_cents=frame["interest_cents"] - own,
        is_taken=chosen,
    )


def _taken(assessment: Assessment) -> dict[str, str]:
    """The reading the assessment itself took."""
    importer_class, day_count = interest.choices(assessment.law, assessment.client.importer_class, None)
    basis = money.basis_of(assessment.client)
    return {"importer_class": importer_class, "day_count": day_count, "deposit_basis": basis}
