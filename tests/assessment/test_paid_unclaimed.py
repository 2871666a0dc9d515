"""A payment to the importer that no accepted claim in the files explains may be of an entry that would be filed."""

import pytest

import cape_kit
from tests.entries.folders import folder
from tests.entries.test_unsaid import DAY, HEADERS, ROW
from tests.numbers import numbered

LINES = [[*HEADERS, "Importer Number", "Notify Party"], [*ROW, "12-345678900", ""]]
PAID = [
    "Refund Number",
    "Payee ID",
    "Refund Date",
    "Refund Status",
    "Refund Secondary Status",
    "Refund Type",
    "Total Refund Amount",
]
PAYMENT = dict(
    zip(
        PAID,
        ["R1", "12-345678900", "05/12/2026", "Complete", "Treasury Issued", "CAPE", "1,050.00"],
        strict=True,
    )
)
CLAIM = ["Entry Number", "Claim Number", "STATUS"]


def told(tmp_path, lines=LINES, claims=(), by_entry=(), **cells):
    changed = {name: cells.get(name.replace(" ", "_").lower(), cell) for name, cell in PAYMENT.items()}
    files = {"lines.csv": lines, "rev603.csv": [PAID, list(changed.values())]}
    files |= {"claims.csv": [CLAIM, *claims]} if claims else {}
    files |= {"rev615.csv": list(by_entry)} if by_entry else {}
    found = cape_kit.assess(cape_kit.open(folder(tmp_path / "c", files, 'name = "X"\n')), as_of=DAY)
    caveats = found.caveats.set_index("code")
    return int(caveats.loc["paid-unclaimed", "entries"]) if "paid-unclaimed" in caveats.index else 0


def test_a_payment_nobody_explains_is_a_caveat_of_its_payees_entries(tmp_path):
    assert told(tmp_path) == 1


@pytest.mark.parametrize("cells", [
    {"payee_id": "98-765432100"}, {"refund_date": "03/12/2026"}, {"refund_type": "Drawback"},
    {"total_refund_amount": "0.00"},
    {"refund_secondary_status": "ACH Rejected", "refund_status": "Rejected"} | {"total_refund_amount": "0.00"},
    {"refund_status": "On hold", "refund_secondary_status": ""},
])  # fmt: skip
def test_a_payment_of_another_before_cape_of_another_kind_or_not_made_is_none(tmp_path, cells):
    assert told(tmp_path, **cells) == 0


def test_a_party_of_form_4811_is_a_payee_too_and_an_entry_of_nobody_may_be_its(tmp_path):
    party = [LINES[0], [*ROW, "98-765432100", "12-345678900"]]
    assert told(tmp_path / "a", party) == 1
    assert told(tmp_path / "b", [HEADERS, ROW]) == 1


def test_an_accepted_claim_of_the_payee_explains_it_and_so_does_a_report_by_entry(tmp_path):
    other = [numbered("K12", 777), *ROW[1:], "12-345678900", ""]
    lines = [*LINES, other]
    assert told(tmp_path / "a", lines, claims=[[other[0], "100000241223", "Accepted"]]) == 0
    head = ["Entry Summary Number", "Refund Number", "Refund Date", "Refund Status", "Refund Amount"]
    rows = [head, [other[0], "R1", "05/12/2026", "Treasury Issued", "1,050.00"]]
    assert told(tmp_path / "b", lines, by_entry=rows) == 0
