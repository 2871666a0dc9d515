"""How dollars, days and counts are written for people; no number is made here, only spelt."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from cape_kit import money

NOTHING = "–"
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
#: Below this many dollars an amount is short enough as it is.
_IN_FULL = 9_999.5
_SCALES = ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K"))


def dollars(cents: Any) -> str:
    """An amount in whole dollars, such as ``$1,234,568``; a dash where it is unknown."""
    return NOTHING if pd.isna(cents) else money.show(int(cents), whole=True)


def short_dollars(cents: Any) -> str:
    """An amount short enough for a chart: ``$1.23M``, ``$412K``; under ten thousand in full, ``$9,500``."""
    if pd.isna(cents):
        return NOTHING
    sign, amount = ("-" if cents < 0 else ""), abs(int(cents)) / 100
    # 999,950 dollars would round up to "1000K"; from half a unit below, the next scale is used.
    for scale, letter in _SCALES:
        if amount >= max(scale * 0.9995, _IN_FULL):
            figure = amount / scale
            digits = 0 if figure >= 99.95 else 1 if figure >= 9.995 else 2
            text = f"{figure:.{digits}f}"
            return f"{sign}${text.rstrip('0').rstrip('.') if '.' in text else text}{letter}"
    return f"{sign}${amount:,.0f}"


def day(value: Any, *, long: bool = False) -> str:
    """A day as people write it: ``May 5, 2026``; with `long`, the month is never shortened."""
    if pd.isna(value):
        return NOTHING
    return f"{month(value.month, long=long)} {value.day}, {value.year}"


def short_day(value: Any) -> str:
    """A day without its year: ``May 5``."""
    return NOTHING if pd.isna(value) else f"{month(value.month)} {value.day}"


def month(number: int, *, long: bool = False) -> str:
    """The name of a month, 1 to 12."""
    return _MONTHS[number - 1] if long else _MONTHS[number - 1][:3]


def count(number: Any, one: str = "", many: str | None = None) -> str:
    """A count with its noun: ``1 entry``, ``1,204 entries``; without a noun only the figure."""
    if pd.isna(number):
        return NOTHING
    noun = one if int(number) == 1 else (many if many is not None else f"{one}s" if one else "")
    return f"{int(number):,} {noun}".rstrip()


def entries(number: Any) -> str:
    """``1 entry`` or ``1,204 entries``."""
    return count(number, "entry", "entries")


def not_known(number: Any) -> str:
    """That an amount leaves some entries out: ``not known for 3 entries``; nothing where it leaves out none."""
    return "" if pd.isna(number) or not int(number) else f"not known for {entries(number)}"


def days_left(number: Any) -> str:
    """How far off a day is: ``today``, ``in 12 days``, ``3 days ago``."""
    if pd.isna(number):
        return NOTHING
    ahead = int(number)
    if ahead == 0:
        return "today"
    return f"in {count(ahead, 'day')}" if ahead > 0 else f"{count(-ahead, 'day')} ago"


def sentence(text: Any) -> str:
    """Words as a cell begins them, with a capital; a name with a dot or underscore in it stays as it is."""
    told = "" if pd.isna(text) else str(text)
    first = told.partition(" ")[0]
    return told if any(sign in first for sign in "._") else told[:1].upper() + told[1:]


def until(value: Any, as_of: date) -> Any:
    """Days from `as_of` to a day; null stays null. [days]"""
    return pd.NA if pd.isna(value) else (pd.Timestamp(value) - pd.Timestamp(as_of)).days


#: Countries goods come from, by their ISO 3166 codes.
_COUNTRIES = {
    "AE": "United Arab Emirates", "AR": "Argentina", "AT": "Austria", "AU": "Australia", "BD": "Bangladesh",
    "BE": "Belgium", "BG": "Bulgaria", "BR": "Brazil", "CA": "Canada", "CH": "Switzerland", "CL": "Chile",
    "CN": "China", "CO": "Colombia", "CR": "Costa Rica", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark",
    "DO": "Dominican Republic", "EC": "Ecuador", "EE": "Estonia", "EG": "Egypt", "ES": "Spain",
    "FI": "Finland", "FR": "France", "GB": "United Kingdom", "GR": "Greece", "GT": "Guatemala",
    "HK": "Hong Kong", "HN": "Honduras", "HR": "Croatia", "HU": "Hungary", "ID": "Indonesia",
    "IE": "Ireland", "IL": "Israel", "IN": "India", "IT": "Italy", "JO": "Jordan", "JP": "Japan",
    "KE": "Kenya", "KH": "Cambodia", "KR": "South Korea", "LA": "Laos", "LK": "Sri Lanka",
    "LT": "Lithuania", "LU": "Luxembourg", "LV": "Latvia", "MA": "Morocco", "MG": "Madagascar",
    "MM": "Myanmar", "MO": "Macau", "MU": "Mauritius", "MX": "Mexico", "MY": "Malaysia", "NI": "Nicaragua",
    "NL": "Netherlands", "NO": "Norway", "NP": "Nepal", "NZ": "New Zealand", "PE": "Peru",
    "PH": "Philippines", "PK": "Pakistan", "PL": "Poland", "PT": "Portugal", "RO": "Romania",
    "RS": "Serbia", "RU": "Russia", "SA": "Saudi Arabia", "SE": "Sweden", "SG": "Singapore",
    "SI": "Slovenia", "SK": "Slovakia", "SV": "El Salvador", "TH": "Thailand", "TN": "Tunisia",
    "TR": "Türkiye", "TW": "Taiwan", "UA": "Ukraine", "US": "United States", "UY": "Uruguay",
    "VN": "Vietnam", "ZA": "South Africa",
}  # fmt: skip


def country(code: str) -> str:
    """The name of a country; a code not listed is shown as it is."""
    return _COUNTRIES.get(code, code)
