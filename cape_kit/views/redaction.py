"""An assessment fit to be shared: importer numbers and names masked before anything is made of it.

Entry numbers stay, since without them nothing can be looked up. What the files' own names say goes too.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.entries import identifiers

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.entries.client import Client
    from cape_kit.entries.portfolio import Portfolio

CLIENT = "Client (name withheld)"
KEY = "client"
_NUMBERS = ("importer_number", "payee_number", "notify_party")
_NAMES = ("importer_name", "payee_name")
_FILES = ("file", "source_file")
_TEXTS = ("message", "value", "taken", "other", "taken_from", "other_from")


def masked(assessment: Assessment, redact: bool = True) -> Assessment:
    """The same assessment with importers as "Importer 1", "Importer 2" …; as it was where not asked for."""
    if not redact:
        return assessment
    return dataclasses.replace(assessment, portfolio=_portfolio(assessment.portfolio))


def _portfolio(portfolio: Portfolio) -> Portfolio:
    aliases = _aliases(portfolio)
    files = {name: f"File {place}" for place, name in enumerate(sorted(portfolio.files["file"].unique()), 1)}
    for name in sorted(set(portfolio.problems["file"].dropna()) - set(files)):
        files[name] = f"File {len(files) + 1}"
    words = _words(portfolio, aliases, files)
    frames = ("entries", "problems", "conflicts", "files", "appearances", "claims", "refunds")
    changed: dict[str, Any] = {
        name: _frame(getattr(portfolio, name), aliases, files, words) for name in frames
    }
    return dataclasses.replace(portfolio, client=_client(portfolio.client, aliases), **changed)


def _aliases(portfolio: Portfolio) -> dict[str, str]:
    """Every importer number of the files and of client.toml -> its alias, by size of number."""
    stated = [importer.number for importer in portfolio.client.importers]
    numbers = {*portfolio.entries["importer_number"].dropna().unique(), *stated}
    keys = sorted({identifiers.importer_key(number) for number in numbers})
    named = {key: f"Importer {place}" for place, key in enumerate(keys, start=1)}
    return {number: named[identifiers.importer_key(number)] for number in numbers}


def _words(portfolio: Portfolio, aliases: dict[str, str], files: dict[str, str]) -> dict[str, str]:
    """Every text that gives the client away -> what stands in its place, the longest first."""
    client = portfolio.client
    names = {client.name, *(one.name for one in client.importers if one.name)}
    names |= set(portfolio.entries["importer_name"].dropna().unique())
    found = {**aliases, **files, **dict.fromkeys(filter(None, names), CLIENT)}
    return dict(sorted(found.items(), key=lambda pair: (-len(pair[0]), pair[0])))


def _client(client: Client, aliases: dict[str, str]) -> Client:
    return dataclasses.replace(
        client,
        name=CLIENT,
        key=KEY,
        importers=tuple(
            dataclasses.replace(
                one,
                number=aliases[one.number],
                name=None,
                notify_party="a notify party" if one.notify_party else None,
            )
            for one in client.importers
        ),
        asserted_by="the client" if client.asserted_by else None,
    )


def _frame(
    frame: pd.DataFrame, aliases: dict[str, str], files: dict[str, str], words: dict[str, str]
) -> pd.DataFrame:
    changed: dict[str, pd.Series] = {}
    for name in frame.columns:
        values = frame[name]
        if name in _NUMBERS:
            known = values.map(aliases)
            changed[name] = known.where(known.notna() | values.isna(), "another party").astype("str")
        elif name in _NAMES:
            changed[name] = values.where(values.isna(), CLIENT)
        elif name in _FILES:
            changed[name] = values.map(files).where(values.notna()).astype("str")
        elif name in _TEXTS:
            changed[name] = _without(values, words)
    return frame.assign(**changed)


def _without(values: pd.Series, words: dict[str, str]) -> pd.Series:
    pattern = re.compile("|".join(re.escape(word) for word in words) or r"(?!)")
    told = {value: pattern.sub(lambda found: words[found[0]], value) for value in values.dropna().unique()}
    return values.map(told).astype("str")
