"""An assessment fit to be shared: importer numbers and names masked before anything is made of it.

Entry numbers stay, since without them nothing can be looked up. What the files' and sheets' own names say
goes too, and so do notes, who asserts a fact, and what the client's own scenarios are called.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from cape_kit.entries import identifiers
from cape_kit.entries.client import OWN
from cape_kit.views.redaction_words import CLIENT, Withheld, Words, numbered, sealed

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.scenarios import Scenario
    from cape_kit.entries.client import Client
    from cape_kit.entries.portfolio import Portfolio

__all__ = ["CLIENT", "KEY", "masked", "scenarios"]

KEY = "client"
ASSERTED_BY = "the client"
_IMPORTERS = ("importer_number",)
_NUMBERS = (*_IMPORTERS, "payee_number", "notify_party")
_NAMES = ("importer_name", "payee_name")
_FILES = ("file", "source_file")
_SHEETS = ("sheet", "source_sheet")
_TEXTS = (
    "message",
    "value",
    "taken",
    "other",
    "taken_from",
    "other_from",
    "column",
    "columns_matched",
    "columns_unknown",
    "unread",
    "hts_stood",
    "named_for",
    "stated_as",
    "error_description",
    "refused_error",
)
_FRAMES = (
    "entries",
    "alternatives",
    "problems",
    "conflicts",
    "files",
    "appearances",
    "claims",
    "refunds",
    "money",
    "unexplained",
)


def masked(assessment: Assessment, redact: bool = True) -> Assessment:
    """The same assessment with importers as "Importer 1", "Importer 2" …; as it was where not asked for."""
    if not redact:
        return assessment
    given = assessment.portfolio
    files, sheets = _file_names(given), _sheet_names(given)
    words = _words(given, files, sheets)
    client = _client(given.client, words)

    def put(frame: pd.DataFrame) -> pd.DataFrame:
        return _frame(frame, words, files, sheets)

    portfolio = _portfolio(given, client, words, put)
    facts = assessment.facts
    facts = dataclasses.replace(
        facts, entries=put(facts.entries), lines=put(facts.lines), seen=put(facts.seen), client=client
    )
    settled = assessment.settled
    account = settled.account.assign(by=client.asserted_by)
    scenario = assessment.scenario
    return dataclasses.replace(
        assessment,
        portfolio=portfolio,
        questions=dataclasses.replace(assessment.questions, facts=facts),
        settled=dataclasses.replace(settled, entries=portfolio.entries, account=account),
        scenario=scenario
        and _scenario(scenario, words.text(scenario.name), client, words.text(scenario.reason)),
    )


def scenarios(assessment: Assessment, found: Iterable[Scenario]) -> list[Scenario]:
    """The client's own scenarios; where its name is withheld, as "Scenario 1" … without their reasons."""
    client = assessment.client
    if not isinstance(client, Withheld):
        return list(found)
    return [_scenario(one, f"Scenario {place}", client) for place, one in enumerate(found, start=1)]


def _scenario(scenario: Scenario, name: str, client: Withheld, reason: str = "") -> Scenario:
    litigants = tuple(client.alias(number) for number in scenario.litigants)
    return dataclasses.replace(scenario, name=name, reason=reason, litigants=litigants)


def _file_names(portfolio: Portfolio) -> dict[str, str]:
    files = numbered(portfolio.files["file"], "File")
    others = set(portfolio.problems["file"].dropna()) - set(files)
    return files | numbered(others - set(OWN), "File", after=len(files)) | {name: name for name in OWN}


def _sheet_names(portfolio: Portfolio) -> dict[str, str]:
    return numbered(_stated((getattr(portfolio, name) for name in _FRAMES), _SHEETS), "Sheet")


def _portfolio(
    portfolio: Portfolio, client: Withheld, words: Words, put: Callable[[pd.DataFrame], pd.DataFrame]
) -> Portfolio:
    changed: dict[str, Any] = {name: put(getattr(portfolio, name)) for name in _FRAMES}
    changed["uploads"] = portfolio.uploads.assign(file="", submitter="")
    changed["conflicts"] = _sides(portfolio.conflicts, changed["conflicts"], words)
    lines = portfolio.tariff_lines
    named = lines.select([name for name in lines.column_names if name in (*_FILES, *_SHEETS, *_TEXTS)])
    for name, column in put(named.to_pandas()).items():
        place = lines.column_names.index(str(name))
        lines = lines.set_column(
            place, lines.schema.field(place), pa.array(column, lines.schema.types[place])
        )
    return dataclasses.replace(portfolio, client=client, tariff_lines=lines, **changed)


def _words(portfolio: Portfolio, files: dict[str, str], sheets: dict[str, str]) -> Words:
    """Every importer number of the files, the facts and client.toml, every name, and set texts."""
    client = portfolio.client
    keys = {identifiers.importer_key(one) for one in _importers(portfolio)}
    frames = [getattr(portfolio, name) for name in _FRAMES]
    parties = {*_stated(frames, _NUMBERS), *_said(portfolio, ("notify_party",))}
    parties |= {one.notify_party for one in client.importers if one.notify_party}
    names = {client.name, *(one.name for one in client.importers if one.name)}
    names |= {*_stated(frames, _NAMES), *_said(portfolio, _NAMES)}
    return Words(
        aliases=numbered(keys - {""}, "Importer"),
        parties=frozenset(one for one in parties if "*" not in one),
        names=frozenset(names),
        texts=_set_texts(client) | files | {f"[{name}]": f"[{place}]" for name, place in sheets.items()},
    )


def _set_texts(client: Client) -> dict[str, str]:
    """What problem messages quote of client.toml and facts.csv -> what stands in its place."""
    texts = {client.asserted_by: ASSERTED_BY} if client.asserted_by else {}
    for note in client.facts["note"].dropna().unique():
        texts |= dict.fromkeys((f"({note})", f"({identifiers.mask_text(note)})"), "(note withheld)")
    return texts


def _importers(portfolio: Portfolio) -> set[str]:
    """Every importer number known of, those that gave way to another one too."""
    stated = {importer.number for importer in portfolio.client.importers}
    found = {*_stated([portfolio.entries], _IMPORTERS), *_said(portfolio, _IMPORTERS)}
    return {one for one in stated | found if "*" not in one}


def _stated(frames: Iterable[pd.DataFrame], columns: tuple[str, ...]) -> set[str]:
    """Every value of some columns, in whichever of the frames has them."""
    found: set[str] = set()
    for frame in frames:
        for name in frame.columns.intersection(list(columns)):
            found |= set(frame[name].dropna().unique())
    return found


def _said(portfolio: Portfolio, columns: tuple[str, ...]) -> set[str]:
    """What conflicts and facts.csv say of some columns, taken or not."""
    conflicts, facts = portfolio.conflicts, portfolio.client.facts
    sides = conflicts.loc[conflicts["column"].isin(columns), ["taken", "other"]]
    stated = facts.loc[facts["fact"].isin(columns), "value"]
    return {*sides["taken"].dropna(), *sides["other"].dropna(), *stated.dropna()}


def _client(client: Client, words: Words) -> Withheld:
    importers = tuple(
        dataclasses.replace(
            one,
            number=words.number(one.number),
            name=None,
            notify_party="a notify party" if one.notify_party else None,
        )
        for one in client.importers
    )
    plain = {one.name: getattr(client, one.name) for one in dataclasses.fields(client)}
    changed: dict[str, Any] = {
        "name": CLIENT,
        "key": KEY,
        "importers": importers,
        "asserted_by": ASSERTED_BY if client.asserted_by else None,
        "facts": _facts(client.facts, words),
        "aliases": {sealed(key): alias for key, alias in words.aliases.items()},
    }
    return Withheld(**plain | changed)


def _facts(facts: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The facts stated by hand, without their notes."""
    value = _each(facts["fact"], facts["value"], words)
    return facts.assign(value=value, note=pd.Series(pd.NA, index=facts.index, dtype="str"))


def _sides(conflicts: pd.DataFrame, masked: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The masked conflicts with both sides told by what they are about."""
    about = conflicts["column"]
    told = {side: _each(about, conflicts[side], words) for side in ("taken", "other")}
    return masked.assign(column=about, **told)


def _each(about: pd.Series, values: pd.Series, words: Words) -> pd.Series:
    """Values of many columns, each masked as its column asks for."""
    told = _map(values, words.text)
    told = told.where(~about.isin(_NUMBERS), _map(values, words.number))
    return told.where(~about.isin(_NAMES) | values.isna(), CLIENT)


def _frame(frame: pd.DataFrame, words: Words, files: dict[str, str], sheets: dict[str, str]) -> pd.DataFrame:
    changed: dict[str, pd.Series] = {}
    for name in frame.columns:
        values = frame[name]
        if name in _NUMBERS:
            changed[name] = _map(values, words.number)
        elif name in _NAMES:
            changed[name] = values.where(values.isna(), CLIENT)
        elif name in (*_FILES, *_SHEETS):
            known = files if name in _FILES else sheets
            changed[name] = values.map(known).where(values.notna()).astype("str")
        elif name in _TEXTS:
            changed[name] = _map(values, words.text)
    return frame.assign(**changed)


def _map(values: pd.Series, told: Any) -> pd.Series:
    return values.map({value: told(value) for value in values.dropna().unique()}).astype("str")
