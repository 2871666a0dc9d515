"""The truth of the committed clients: sound in itself, and borne out by a plain second reading."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cape_kit.sample import facts

COMMITTED = Path(__file__).parents[2] / "data" / "sample"
CLIENTS = ("harbor-lane", "cedar-and-flint", "northgate-tools")
DISPOSITIONS = {
    *("file", "file_deferred", "cure", "protest", "held"),
    *("undetermined", "final", "claimed", "not_refundable"),
}


@pytest.fixture(scope="module", params=CLIENTS)
def client(request: pytest.FixtureRequest) -> dict[str, Any]:
    return truth(request.param)


def truth(key: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((COMMITTED / key / "truth" / "truth.json").read_text(encoding="utf-8"))
    return told


def check_digit_by_hand(number: str) -> int:
    """The scheme once more: letters to digits, every second one doubled from the right, tens' complement."""
    letters = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789", strict=True))
    digits = [int(letters.get(c, c)) for c in number[:10]]
    doubled = [sum(divmod(2 * d, 10)) for d in digits[1::2]]
    return (10 - (sum(digits[0::2]) + sum(doubled)) % 10) % 10


def test_check_digit_of_published_numbers() -> None:
    for number in (
        "B7603245278",
        "31625093146",
        "31600005040",
    ):  # CATAIR appendix E and a broker system's tests
        assert facts.check_digit(number[:10]) == number[10]
        assert check_digit_by_hand(number) == int(number[10])


def test_entry_numbers_are_valid_and_different(client: dict[str, Any]) -> None:
    numbers = [entry["entry_number"] for entry in client["entries"]]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert len(number) == 11
        assert check_digit_by_hand(number) == int(number[10])


def test_totals_are_the_sums_of_the_entries(client: dict[str, Any]) -> None:
    for place, day in enumerate(client["as_of"]):
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for entry in client["entries"]:
            into = sums[entry["disposition"][place]]
            into["entries"] += 1
            into["principal"] += entry["principal_from_files"]
            into["interest"] += entry["interest"][place]
        assert {what: dict(told) for what, told in client["totals"][day].items()} == {
            what: {key: told[key] for key in ("entries", "principal", "interest")}
            for what, told in sums.items()
        }
    assert client["true_refund"] == sum(entry["true_refund"] for entry in client["entries"])
    for entry in client["entries"]:
        assert entry["principal_from_files"] == sum(entry["by_heading"].values())


def test_every_disposition_occurs() -> None:
    seen = {what for key in CLIENTS for entry in truth(key)["entries"] for what in entry["disposition"]}
    assert seen == DISPOSITIONS


def test_every_kind_of_the_recipe_occurs() -> None:
    from cape_kit.sample import recipe

    seen = {entry["kind"] for key in CLIENTS for entry in truth(key)["entries"]}
    assert {kind.name for kind in recipe.load().kinds} <= seen


def test_boundary_days_occur() -> None:
    """Somewhere an entry stands on day 80, 81, 180 and 181 of its liquidation; the truth turns there."""
    found: dict[int, set[str]] = defaultdict(set)
    for key in CLIENTS:
        told = truth(key)
        for entry in told["entries"]:
            if entry["kind"] not in ("liquidated early", "cycle") or entry.get("status") != "Liquidated":
                continue
            if "liquidation_date" not in entry:
                continue
            for place, day in enumerate(told["as_of"]):
                age = (date.fromisoformat(day) - date.fromisoformat(entry["liquidation_date"])).days
                found[age].add(entry["disposition"][place])
    assert (found[80], found[81], found[180], found[181]) == ({"file"}, {"protest"}, {"protest"}, {"final"})


def test_clocks_are_counted_from_liquidation(client: dict[str, Any]) -> None:
    clocked = [entry for entry in client["entries"] if "cape_last_day" in entry]
    assert len(clocked) > 60
    for entry in clocked:
        liquidated = date.fromisoformat(entry["liquidation_date"])
        assert date.fromisoformat(entry["cape_last_day"]) - liquidated == timedelta(days=80)
        assert date.fromisoformat(entry["protest_last_day"]) - liquidated == timedelta(days=180)


def test_cycle_entries_liquidate_on_the_friday_after_day_314(client: dict[str, Any]) -> None:
    told = [e for e in client["entries"] if e["kind"] == "cycle" and e.get("status") == "Liquidated"]
    for entry in told:
        liquidated = date.fromisoformat(entry["liquidation_date"])
        assert liquidated.weekday() == 4
        assert 314 <= (liquidated - date.fromisoformat(entry["entry_date"])).days <= 320


def test_interest_recounted_by_quarters(client: dict[str, Any]) -> None:
    """Closed form by quarter, rates of the published notices typed here, against the day-by-day truth."""
    corporate = {date(2025, 1, 1): 6, date(2026, 4, 1): 5, date(2026, 7, 1): 6}
    steps = {day: rate + (client["importer_class"] == "non_corporate") for day, rate in corporate.items()}
    place = client["as_of"].index("2026-07-10")
    for entry in client["entries"]:
        what, end = entry["disposition"][place], date(2026, 7, 10)
        if what not in ("protest", "final", "held", "cure"):
            continue
        factor, start = Decimal(1), date.fromisoformat(entry["deposit_day"])
        starts = [day for day in sorted(steps) if start < day < end]
        for first, last in zip([start, *starts], [*starts, end], strict=True):
            rate = steps[max(day for day in steps if day <= first)]
            factor *= (1 + Decimal(rate) / 100 / 365) ** (last - first).days
        expected = (entry["principal_from_files"] * (factor - 1)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        assert entry["interest"][place] == int(expected), entry["entry_number"]


def table_of(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(path)
    try:
        return list(book[sheet].iter_rows(values_only=True))
    finally:
        book.close()


# --- the same totals, read off the files with nothing of the kit ----------------------------------------


def rows_of(path: Path) -> list[dict[str, Any]]:
    table = table_of(path, "Main Report")
    header = next(place for place, row in enumerate(table) if row and row[0] == "Entry Summary Number")
    return [dict(zip(table[header], row, strict=False)) for row in table[header + 1 :]]


def cents(amount: object) -> int:
    return int((Decimal(str(amount)) * 100).to_integral_value(ROUND_HALF_UP))


def emergency(hts: str) -> bool:
    return len(hts) == 8 and hts[:6] in ("990301", "990302")


ALL_IN = {"99030220", "99030273", "99030280", "99030283", "99030288"}


def principal_by_entry(rows: list[dict[str, Any]], *, mfn: bool) -> Counter[str]:
    lines: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        lines[row["Entry Summary Number"], row["Entry Summary Line Number"]].append(row)
    sums: Counter[str] = Counter()
    for (number, _), line in lines.items():
        goods = line[-1]
        for row in line[:-1]:
            if not emergency(row["HTS Number - Full"]):
                continue
            duty = cents(row["Line Tariff Duty Amount"])
            if row["HTS Number - Full"] in ALL_IN and mfn and goods["Line Tariff Duty Amount"] == 0 and duty:
                printed = goods["Column 1 Current Primary Duty Rate"]
                rate = Decimal(0) if printed == "Free" else Decimal(printed.rstrip("%")) / 100
                duty -= cents(Decimal(str(goods["Line Tariff Goods Value Amount"])) * rate)
            sums[number] += duty
    return sums


@pytest.mark.parametrize(("key", "mfn"), [("harbor-lane", True), ("northgate-tools", False)])
def test_principal_recounted_from_the_workbook(key: str, mfn: bool) -> None:
    path = next((COMMITTED / key).glob("ES-003*.xlsx"))
    recounted = principal_by_entry(rows_of(path), mfn=mfn)
    told = {entry["entry_number"]: entry["principal_from_files"] for entry in truth(key)["entries"]}
    assert {number: amount for number, amount in told.items() if amount} == {
        n: a for n, a in recounted.items() if a
    }


def test_principal_recounted_from_the_overlapping_exports() -> None:
    """Entries of the importer's own exports, younger extract first; the rest is at the brokers only."""
    folder = COMMITTED / "cedar-and-flint"
    recounted = principal_by_entry(rows_of(folder / "ACE ES-003 may.xlsx"), mfn=True)
    recounted |= principal_by_entry(rows_of(folder / "ACE ES-003 june.xlsx"), mfn=True)
    told = {entry["entry_number"]: entry for entry in truth("cedar-and-flint")["entries"]}
    assert len(told) > len(recounted) > 100
    for number, amount in recounted.items():
        assert told[number]["principal_from_files"] == amount


def test_true_refund_never_exceeds_what_the_files_show(client: dict[str, Any]) -> None:
    for entry in client["entries"]:
        if entry.get("confidence") == "upper bound":
            assert entry["true_refund"] <= entry["principal_from_files"]
        elif entry.get("confidence") == "exact":
            assert entry["true_refund"] == entry["principal_from_files"]


def test_rows_stand_in_the_files_as_told(client: dict[str, Any]) -> None:
    """The stated number of data rows is what the files hold."""
    folder = COMMITTED / client["client"]
    for told in client["files"]:
        path = folder / told["file"]
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                held = sum(1 for _ in csv.reader(file)) - 1
        else:
            table = table_of(path, told["sheet"])
            first = next(p for p, row in enumerate(table) if sum(cell is not None for cell in row) > 5)
            held = len(table) - first - 1
        assert held == told["rows"], told["file"]
    stated = {entry["file"] for entry in client["files"]}
    exports = {p.name for p in folder.iterdir() if p.suffix in (".xlsx", ".csv") and p.name != "facts.csv"}
    assert stated == exports


def test_problems_and_conflicts_stand_where_told() -> None:
    told, folder = truth("cedar-and-flint"), COMMITTED / "cedar-and-flint"
    assert {conflict["column"] for conflict in told["conflicts"]} == {
        *("liquidation_date", "entry_date", "entry_type", "importer_number", "tariff_lines"),
    }
    with (folder / "gateway_entries.csv").open(encoding="utf-8", newline="") as file:
        gateway = list(csv.reader(file))
    flint = table_of(folder / "Flint Valley entry detail.xlsx", "Entry detail")
    for problem in told["problems"]:
        table = gateway if problem["file"] == "gateway_entries.csv" else flint
        assert problem["value"] in table[problem["row"] - 1]
    assert {problem["kind"] for problem in told["problems"]} == {"digits lost", "no amount"}


def test_days_are_days_and_texts_are_texts() -> None:
    rows = rows_of(COMMITTED / "harbor-lane" / "ES-003 Entry Summary Line Tariff Details.xlsx")
    assert isinstance(rows[0]["Entry Date"], datetime)
    assert {len(row["Port of Entry Code"]) for row in rows} == {4}
    assert all(isinstance(row["HTS Number - Full"], str) for row in rows)
    assert any(row["HTS Number - Full"].startswith("0") for row in rows)
