"""What client.toml and facts.csv say of a client: who they are, who files for them, what is known by hand."""

from __future__ import annotations

import csv
import difflib
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cape_kit import money
from cape_kit.entries import identifiers
from cape_kit.errors import BadClient, Usage, in_short, in_words

if TYPE_CHECKING:
    import pandas as pd

FACTS = "facts.csv"
#: What later rooms keep in the folder: the consultant's own scenarios, and the account of what was filed. The
#: dot keeps the second from being read as one of the client's exports.
SCENARIOS, LEDGER = "scenarios.toml", ".cape-filed.csv"
#: Everything in the folder that is about the client and is no export.
OWN = ("client.toml", FACTS, SCENARIOS, LEDGER)
#: How pictures are named that can be a logo.
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".bmp")
#: A fact that an entry may have several of: IEEPA duty deposited on a day of its own, as "2025-09-12 1250.00".
LATER_DEPOSIT = "deposited_later"
_FACT_COLUMNS = ("entry_number", "fact", "value", "note")
_TABLES = ("importer", "broker", "assertions", "brand", "engagement")
_KNOWN = {"name", "importer_class", "statement", "extracted_on", "date_order", "plaintiff", *_TABLES}
_STATES = {
    "importer_class": ("corporate", "non_corporate"),
    "statement": ("monthly", "daily"),
    "date_order": ("MDY", "DMY"),
}


@dataclass(frozen=True)
class Importer:
    """One importer of record number of the client."""

    number: str
    name: str | None = None
    ace_subaccount: bool | None = None
    ach_refund_enrolled: bool | None = None
    notify_party: str | None = None
    plaintiff: bool | None = None  # sued over the duties; None: as the client says of all
    importer_class: str | None = None  # 'corporate' or 'non_corporate'; None: as the client says of all
    statement: str | None = None  # 'monthly' or 'daily'; None: as the client says of all


@dataclass(frozen=True)
class Broker:
    """One broker that filed entries for the client."""

    filer_code: str
    name: str | None = None
    data_received: bool | None = None


@dataclass(frozen=True)
class Brand:
    """How the consultant's firm wants its reports to look."""

    firm: str | None = None
    logo: str | None = None
    colour: str | None = None


@dataclass(frozen=True)
class Engagement:
    """What a consultant asks for the work: a share of what comes back, a floor, a sum for each entry."""

    share: Decimal = Decimal(0)  # of the refund with interest; 0.1 is ten percent
    floor_cents: int = 0
    per_entry_cents: int = 0

    def fee_cents(self, refund_cents: int, entries: int) -> int:
        """The fee for a refund of so much on so many entries, rounded once to the cent. [cents]"""
        part = (refund_cents * self.share).quantize(Decimal(1), ROUND_HALF_UP)
        return max(int(part), self.floor_cents) + entries * self.per_entry_cents


@dataclass(frozen=True)
class UnreadFact:
    """A column of facts.csv that is none of its columns, or a row with more cells than the header has."""

    row: int  # as a person counts it; of a column the first on which something stands in it
    column: str | None  # None: cells beyond the header, and the row is not read
    value: str
    rows: int = 1


def _no_facts() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype="str") for name in _FACT_COLUMNS})


@dataclass(frozen=True)
class Client:
    """A client's folder as its client.toml describes it."""

    name: str
    folder: Path
    key: str
    importer_class: str | None = None  # None: nobody says, and what is reckoned with is an assumption
    statement: str | None = None  # 'monthly' or 'daily'; None: nobody says
    importers: tuple[Importer, ...] = ()
    brokers: tuple[Broker, ...] = ()
    extracted_on: date | None = None
    date_order: str | None = None  # 'MDY' or 'DMY', of all files
    assertions: dict[str, bool] = field(default_factory=dict)
    asserted_by: str | None = None
    asserted_on: date | None = None
    brand: Brand = field(default_factory=Brand)
    facts: pd.DataFrame = field(default_factory=_no_facts)
    facts_unread: tuple[UnreadFact, ...] = ()  # what stands in facts.csv and is no fact
    plaintiff: bool | None = None  # whether its importers sued over the duties; None: nobody says
    engagement: Engagement | None = None  # what the consultant asks for the work; no client sees it
    filed: pd.DataFrame | None = None  # the account of what was filed, where it is not read from the folder

    def exported(self) -> date:
        """The day the client's files were exported. Raises Usage where client.toml does not say it."""
        if self.extracted_on is None:
            raise Usage(f"{self.folder}: client.toml has no extracted_on, so 'extract' has no day; give one")
        return self.extracted_on

    @cached_property
    def later_deposits(self) -> pd.DataFrame:
        """IEEPA duty deposited after the entry's own deposit, as facts.csv states it: entry_number, day, cents.

        A correction or a bill, each with its own day and the part of the IEEPA duty it paid. Rows that say
        something else are left out here, and listed as problems by whoever reads the folder. [cents]
        """
        rows = self.facts[self.facts["fact"].eq(LATER_DEPOSIT)] if len(self.facts) else self.facts
        told = [(row["entry_number"], later_deposit(row["value"])) for row in rows.to_dict("records")]
        good = [(identifiers.entry_key(str(number)), *found) for number, found in told if found is not None]
        return _deposits(good)


def no_later_deposits() -> pd.DataFrame:
    """The table of later deposits without rows: entry_number, day, cents."""
    return _deposits([])


def _deposits(rows: list[tuple[str | None, pd.Timestamp, int]]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=["entry_number", "day", "cents"])
    return frame.astype({"entry_number": "str", "day": "datetime64[s]", "cents": "Int64"})


def later_deposit(value: object) -> tuple[pd.Timestamp, int] | None:
    """The day and the cents of a later deposit, written as ``2025-09-12 1250.00``; None for anything else."""
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2}) +(\S+)", value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        day, amount = date.fromisoformat(found.group(1)), money.parse(found.group(2))
    except (ValueError, Usage):
        return None
    import pandas as pd

    return (pd.Timestamp(day).as_unit("s"), money.to_cents(amount)) if amount > 0 else None


def load(folder: Path) -> Client:
    """The client of a folder. Raises BadClient, in one sentence, for a missing file or an absurd value."""
    folder = Path(folder)
    path = folder / "client.toml"
    if not folder.is_dir():
        raise BadClient(
            f"{folder}: no such folder; give the folder that holds a client's exports and client.toml"
        )
    for own in OWN:  # what it says would be missing unseen: a ledger taken for empty is filed twice
        if leads_nowhere(folder / own):
            raise BadClient(
                f"{folder / own} is a link that leads nowhere; put the file there, or remove the link"
            )
    if not path.is_file():
        raise BadClient(f'{folder}: no client.toml in it; write one with at least name = "…"')
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadClient(
            f"{path}: not readable as TOML ({in_words(error)}); text needs quotes, dates are YYYY-MM-DD"
        ) from error
    return _client(folder, path, raw)


def _client(folder: Path, path: Path, raw: dict[str, Any]) -> Client:
    _refuse_unknown(path, raw, _KNOWN)
    name = _text(path, raw, "name")
    if not name:
        raise BadClient(f'{path}: name is missing; write name = "…"')
    stated = _table(path, raw, "assertions")
    facts, unread = _facts(folder / FACTS)
    return Client(
        name=name,
        folder=folder,
        key=safe_key(folder),
        importer_class=_state(path, raw, "importer_class"),
        statement=_state(path, raw, "statement"),
        importers=tuple(_importer(path, item) for item in _list(path, raw, "importer")),
        brokers=tuple(_broker(path, item) for item in _list(path, raw, "broker")),
        extracted_on=_day(path, raw, "extracted_on"),
        date_order=_state(path, raw, "date_order"),
        assertions=_assertions(path, stated),
        asserted_by=_text(path, stated, "asserted_by"),
        asserted_on=_day(path, stated, "asserted_on"),
        brand=_brand(path, _table(path, raw, "brand")),
        facts=facts,
        facts_unread=unread,
        plaintiff=_flag(path, raw, "plaintiff"),
        engagement=_engagement(path, raw),
    )


def _refuse_unknown(path: Path, raw: dict[str, Any], known: set[str], where: str = "") -> None:
    """Raise BadClient for a setting the kit does not know: a typing mistake must not be silently ignored."""
    unknown = sorted(set(raw) - known)
    if unknown:
        near = difflib.get_close_matches(unknown[0].lower(), sorted(known), n=1)
        meant = f" (did you mean {near[0]}?)" if near else ""
        raise BadClient(
            f"{path}: '{in_short(unknown[0])}' is not a setting{where}{meant}; known are {', '.join(sorted(known))}"
        )


def _settings(of: type) -> set[str]:
    return {one.name for one in fields(of)}


def logo(folder: Path) -> Path | None:
    """The picture client.toml names as the brand's logo, if it lies in the folder: it is no export.

    For those who only list the folder: what is wrong with client.toml is `load`'s to say. A file that is
    named like an export is never taken for a picture.
    """
    try:
        raw = tomllib.loads((folder / "client.toml").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None
    brand = raw.get("brand")
    named = brand.get("logo") if isinstance(brand, dict) else None
    if not isinstance(named, str) or not named.strip():
        return None
    try:
        path = (folder / named.strip()).resolve()
        there = path.is_file()
    except (OSError, ValueError):  # a name no file can have
        return None
    return path if there and path.suffix.lower() in PICTURES else None


def leads_nowhere(path: Path) -> bool:
    """Whether a path is a link to something that is not there: a share that is away, an export that was moved."""
    return path.is_symlink() and not path.exists()


def out_of_reach(folder: Path) -> list[Path]:
    """What lies in a folder and can't be looked into: links to nowhere or to other folders, folders without the right.

    A listing passes over all of them without a word, and with them over what they hold.
    """
    found: list[Path] = []
    closed: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=closed.append):
        found += [Path(place, one) for one in folders if Path(place, one).is_symlink()]
        found += [Path(place, one) for one in names if leads_nowhere(Path(place, one))]
    return sorted({*found, *(Path(one.filename) for one in closed if one.filename)} - {folder})


def safe_key(folder: Path) -> str:
    """A folder name for outputs, from the client's folder: no separators, leading dots or control signs."""
    name = unicodedata.normalize("NFC", folder.resolve().name)
    kept = "".join(c if c.isalnum() or c in "-_ .&()+" else "_" for c in name)
    kept = re.sub(r"\s+", " ", kept).strip(" .")[:64].strip(" .")
    if re.fullmatch(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", kept):
        kept = f"_{kept}"
    return kept or "client"


def _importer(path: Path, item: dict[str, Any]) -> Importer:
    _refuse_unknown(path, item, _settings(Importer), " of an [[importer]]")
    number = _text(path, item, "number")
    if not number:
        raise BadClient(f'{path}: an [[importer]] has no number; write number = "12-345678900"')
    return Importer(
        number=number,
        name=_text(path, item, "name"),
        ace_subaccount=_flag(path, item, "ace_subaccount"),
        ach_refund_enrolled=_flag(path, item, "ach_refund_enrolled"),
        notify_party=_text(path, item, "notify_party"),
        plaintiff=_flag(path, item, "plaintiff"),
        importer_class=_state(path, item, "importer_class"),
        statement=_state(path, item, "statement"),
    )


def _broker(path: Path, item: dict[str, Any]) -> Broker:
    _refuse_unknown(path, item, _settings(Broker), " of a [[broker]]")
    code = (_text(path, item, "filer_code") or "").upper()
    if not re.fullmatch(r"[0-9A-Z]{3}", code):
        raise BadClient(
            f"{path}: a [[broker]] has filer_code '{in_short(code)}'; it is three letters or digits, in quotes"
        )
    return Broker(code, _text(path, item, "name"), _flag(path, item, "data_received"))


def _brand(path: Path, item: dict[str, Any]) -> Brand:
    _refuse_unknown(path, item, _settings(Brand), " of [brand]")
    colour = _text(path, item, "colour")
    if colour and not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
        raise BadClient(f"{path}: brand colour '{in_short(colour)}' is not of the form #1F4E79")
    return Brand(_text(path, item, "firm"), _text(path, item, "logo"), colour)


def _engagement(path: Path, raw: dict[str, Any]) -> Engagement | None:
    if "engagement" not in raw:
        return None
    item = _table(path, raw, "engagement")
    _refuse_unknown(path, item, {"percent", "floor", "per_entry"}, " of [engagement]")
    percent = _number(path, item, "percent", most=100)
    floor, each = (_number(path, item, name, most=100_000_000) for name in ("floor", "per_entry"))
    return Engagement(percent / 100, int(floor * 100), int(each * 100))


def _number(path: Path, raw: dict[str, Any], key: str, *, most: int) -> Decimal:
    """A number of at most two decimals, from 0 to `most`; 0 where it is not given."""
    value = raw.get(key, 0)
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    number = Decimal(str(value)) if plain and abs(value) <= most else None
    if number is None or number < 0 or number != round(number, 2):
        raise BadClient(
            f"{path}: {key} is '{in_short(value)}'; it must be a number from 0 to {most:,} with at most "
            "two decimals"
        )
    return number


def _assertions(path: Path, stated: dict[str, Any]) -> dict[str, bool]:
    facts = {name: value for name, value in stated.items() if name not in ("asserted_by", "asserted_on")}
    for name, value in facts.items():
        if not isinstance(value, bool):
            raise BadClient(
                f"{path}: assertion {in_short(name)} is '{in_short(value)}'; it must be true or false"
            )
    return facts


def _list(path: Path, raw: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = raw.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BadClient(f"{path}: {key} is not a list of tables; write [[{key}]] above each one")
    return value


def _table(path: Path, raw: dict[str, Any], key: str) -> dict[str, Any]:
    value = raw.get(key, {})
    if not isinstance(value, dict):
        raise BadClient(f"{path}: {key} is '{in_short(value)}'; write it as a table [{key}]")
    return value


def _text(path: Path, raw: dict[str, Any], key: str) -> str | None:
    value = raw.get(key)
    if value is not None and not isinstance(value, str):
        raise BadClient(f"{path}: {key} is {in_short(value)}; it must be text in quotes")
    return value.strip() if value and value.strip() else None


def _flag(path: Path, raw: dict[str, Any], key: str) -> bool | None:
    value = raw.get(key)
    if value is not None and not isinstance(value, bool):
        raise BadClient(f"{path}: {key} is '{in_short(value)}'; it must be true or false")
    return value


def _day(path: Path, raw: dict[str, Any], key: str) -> date | None:
    value = raw.get(key)
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise BadClient(
                f"{path}: {key} is '{in_short(raw[key])}'; it must be a date such as YYYY-MM-DD"
            ) from None
    if isinstance(value, datetime):
        return value.date()
    if value is not None and not isinstance(value, date):
        raise BadClient(f"{path}: {key} is '{in_short(value)}'; it must be a date such as YYYY-MM-DD")
    return value


def _state(path: Path, raw: dict[str, Any], key: str) -> str | None:
    value = _text(path, raw, key)
    if value is not None and value not in _STATES[key]:
        raise BadClient(f"{path}: {key} is '{in_short(value)}'; it must be one of {', '.join(_STATES[key])}")
    return value


def _facts(path: Path) -> tuple[pd.DataFrame, tuple[UnreadFact, ...]]:
    """facts.csv as text, with `row` as a person counts it, empty when there is none; and what is not read of it."""
    import pandas as pd

    if not path.is_file():
        return _no_facts().assign(row=pd.Series(dtype="Int64")), ()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first, *lines = [[cell.strip() for cell in line] for line in csv.reader(file)] or [[]]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadClient(f"{path}: not readable as CSV in UTF-8 ({in_words(error)}); save it again") from error
    headers = [header.lower() for header in first]
    for name in _FACT_COLUMNS:
        if headers.count(name) > 1:
            raise BadClient(f"{path}: two columns are called {name}; keep one")
        if name not in headers and name != _FACT_COLUMNS[-1]:
            raise BadClient(f"{path}: no column {name}; its header is {','.join(_FACT_COLUMNS)}")
    numbered = list(enumerate(lines, 2))
    # A comma without quotes moves all cells behind it: what stands in which column is not known then.
    whole = [(number, line) for number, line in numbered if not any(line[len(headers) :])]
    unread = [_beyond(number, line, len(headers)) for number, line in numbered if any(line[len(headers) :])]
    rows = [
        {name: (dict(zip(headers, line, strict=False)).get(name) or None) for name in _FACT_COLUMNS}
        | {"row": number}
        for number, line in whole
    ]
    rows = [row for row in rows if any(row[name] for name in _FACT_COLUMNS)]  # empty rows say nothing
    return _as_text(rows), (*_other_columns(first, whole), *unread)


def _beyond(number: int, line: list[str], width: int) -> UnreadFact:
    return UnreadFact(number, None, ", ".join(filter(None, line[width:])))


def _other_columns(first: list[str], lines: list[tuple[int, list[str]]]) -> Iterator[UnreadFact]:
    """The columns of facts.csv that are none of its columns and hold something."""
    for at, header in enumerate(first):
        if header.lower() in _FACT_COLUMNS:
            continue
        filled = [(number, line[at]) for number, line in lines if at < len(line) and line[at]]
        if filled:
            yield UnreadFact(filled[0][0], header or f"{at + 1}, without a header", filled[0][1], len(filled))


def _as_text(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=[*_FACT_COLUMNS, "row"])
    return frame.astype(dict.fromkeys(_FACT_COLUMNS, "str") | {"row": "Int64"})
