"""An assessment fit to be shared: whatever identifies is masked before anything is made of it.

Entries, filers, importers, other parties, protests, claims and payments get names such as "Entry 017" and
"Filer B", the same in every output of a run. Which is which stands in the key, a table for whoever made the
report and for nobody else; nothing that can be reached from a masked assessment leads back. What the files,
sheets and folders are called goes too, and so do notes, who asserts a fact, and what the client's own
scenarios are called. The consultant's own firm, logo and colour stay.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from cape_kit.assessment import scenarios as scenario_room
from cape_kit.entries import identifiers
from cape_kit.entries.client import OWN, Broker, Client
from cape_kit.entries.portfolio import stated_facts
from cape_kit.filing import csv_out, ledger
from cape_kit.views import markup
from cape_kit.views.redaction_words import CLIENT, ENTRY, Words, bare, lettered, numbered

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.scenarios import Scenario
    from cape_kit.entries.portfolio import Portfolio

__all__ = ["CLIENT", "KEY", "Withheld", "masked", "scenarios", "with_key"]

KEY = "client"
ASSERTED_BY = "the client"
#: A folder no machine can have: what is looked for in it is not there.
NOWHERE = Path(os.devnull) / "withheld"
_IMPORTERS = ("importer_number",)
_PARTIES = ("payee_number", "notify_party")
_NAMES = ("importer_name", "payee_name")
_ENTRIES = ("entry_number", "twin_of", "recon_entry_number")
_FILES = ("file", "source_file")
_SHEETS = ("sheet", "source_sheet")
#: Columns of other numbers -> what they are called in their place.
_OTHERS = {
    "protest_number": "Protest",
    "claim_number": "Claim",
    "refund_number": "Refund",
    "document_number": "Document",
    "trace_number": "Trace",
}
_SAME = {"refused_claim": "claim_number", "filed_claim": "claim_number"}
#: Texts that quote cells of a file, and texts of the kit's or of a header.
_QUOTES = (
    "message",
    "value",
    "taken",
    "other",
    "unread",
    "error_description",
    "refused_error",
    "said_done",
    "state_unread",
    "in_unread",
    "value_stood",
    "reject_reason",
)
#: What a file says in words or codes; people write more into such cells than a code.
_WORDS = ("entry_type", "summary_status", "control_status", "liquidation_status", "liquidation_reason",
          "protest_status", "adcvd_status", "statement_status", "claim_status", "refund_status",
          "refund_secondary_status", "refund_type", "payment_method", "country_of_origin", "spi",
          "mfn_rate")  # fmt: skip
_TEXTS = ("taken_from", "other_from", "column", "columns_matched", "columns_unknown", "hts_stood", "named_for",
          "stated_as", "filers")  # fmt: skip
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


@dataclasses.dataclass(frozen=True)
class Withheld(Client):
    """A client whose names, numbers and folder are withheld. What lay in the folder and is needed is in it."""

    scenarios: tuple[Scenario, ...] = ()


def masked(assessment: Assessment, redact: bool = True, *, ports: bool = False) -> Assessment:
    """The same assessment with all that identifies masked, `ports` too if asked; as it was if not asked for."""
    return with_key(assessment, ports=ports)[0] if redact else assessment


def with_key(assessment: Assessment, *, ports: bool = False) -> tuple[Assessment, pd.DataFrame]:
    """The masked assessment, and its key: what, pseudonym, stands_for. The key is for its maker alone."""
    given = assessment.portfolio
    masks = _masks(given, ports)
    client, law = _client(given.client, masks), assessment.law.masked(masks.words.of_author().for_keys().text)
    portfolio = _portfolio(given, client, masks)
    portfolio = dataclasses.replace(portfolio, law=law)
    facts = assessment.facts
    facts = dataclasses.replace(
        facts,
        entries=masks.frame(facts.entries),
        lines=masks.frame(facts.lines),
        seen=masks.frame(facts.seen),
        clocks=masks.frame(facts.clocks),
        client=client,
        law=law,
    )
    settled = assessment.settled
    account = settled.account.assign(by=client.asserted_by)
    scenario, author = assessment.scenario, masks.words.of_author()
    told = dataclasses.replace(
        assessment,
        portfolio=portfolio,
        questions=dataclasses.replace(assessment.questions, facts=facts),
        refund_lines=masks.frame(assessment.refund_lines),
        settled=dataclasses.replace(settled, entries=portfolio.entries, account=account),
        scenario=scenario
        and _scenario(scenario, masks, author.text(scenario.name), author.text(scenario.reason)),
    )
    return told, masks.key(given.client)


def write_key(key: pd.DataFrame, path: Path) -> Path:
    """The key as CSV, which only its owner can read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return csv_out.write(key, path, private=True)


def scenarios(assessment: Assessment) -> list[Scenario]:
    """The client's own scenarios; where its name is withheld, as "Scenario 1" … without their reasons.

    Raises Usage for a file that is no list of scenarios.
    """
    client = assessment.client
    return list(client.scenarios) if isinstance(client, Withheld) else _own(client)


def _own(client: Client) -> list[Scenario]:
    path = client.folder / scenario_room.FILE
    return list(scenario_room.read(path).values()) if path.is_file() else []


def _scenario(scenario: Scenario, masks: Masks, name: str, reason: str = "") -> Scenario:
    return dataclasses.replace(
        scenario,
        name=name,
        reason=reason,
        litigants=tuple(masks.words.number(one) for one in scenario.litigants),
        broker_data_arrives=tuple(
            masks.known["filer_code"].get(one, one) for one in scenario.broker_data_arrives
        ),
    )


@dataclasses.dataclass(frozen=True)
class Masks:
    """What stands for each value of a column, and for what texts say of them."""

    words: Words
    #: Column -> value -> what stands for it.
    known: Mapping[str, Mapping[str, str]]

    def of(self, column: str) -> Callable[[str], str] | None:
        """How a value of a column is masked; None for a column that stays."""
        column = _SAME.get(column, column)
        if column in self.known:
            found = self.known[column]
            return lambda value: found.get(value, "withheld")
        if column in _ENTRIES:
            return self.entry
        if column in (*_IMPORTERS, *_PARTIES):
            return self.words.number
        if column in _NAMES:
            return self.name
        if column in (*_QUOTES, *_WORDS):
            return self.words.quote
        return self.words.text if column in _TEXTS else None

    def entry(self, number: str) -> str:
        """What stands for an entry's number, however it is spelt."""
        normalised = identifiers.normalise_entry_number(number).normalised or number
        return self.words.tokens.get(bare(normalised), ENTRY)

    def name(self, name: str) -> str:
        """What stands for an importer's or payee's name."""
        return self.words.others.get(name, CLIENT)

    def frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame with every column of it masked as its name asks for."""
        told = {name: self.of(str(name)) for name in frame.columns}
        return frame.assign(**{name: _map(frame[name], how) for name, how in told.items() if how})

    def each(self, about: pd.Series, values: pd.Series) -> pd.Series:
        """Values of many columns, each masked as its own column asks for."""
        told = _map(values, self.words.quote)
        for column in about.dropna().unique():
            how = None if column in _QUOTES else self.of(str(column))
            if how:
                told = told.mask(about.eq(column), _map(values.where(about.eq(column)), how))
        return told

    def key(self, client: Client) -> pd.DataFrame:
        """Everything masked, one row each."""
        rows = [("client", CLIENT, client.name), ("folder", KEY, str(client.folder))]
        rows += [
            ("importer", told, stands) for stands, told in sorted(self.words.aliases.items(), key=_second)
        ]
        rows += [("name", told, stands) for stands, told in sorted(self.words.others.items(), key=_second)]
        entries = ((stands, told) for stands, told in self.words.tokens.items() if told.startswith("Entry "))
        rows += [("entry", told, stands) for stands, told in sorted(entries, key=_second)]
        for what, found in self.known.items():
            if what not in ("source_file", "source_sheet"):
                pairs = ((stands, told) for stands, told in found.items() if stands != told)
                rows += [
                    (what.replace("_", " "), told, stands) for stands, told in sorted(pairs, key=_second)
                ]
        return pd.DataFrame(rows, columns=["what", "pseudonym", "stands_for"]).astype("str")


def _second(pair: tuple[str, str]) -> tuple[int, str]:
    return len(pair[1]), pair[1]


def _masks(portfolio: Portfolio, ports: bool) -> Masks:
    frames = [getattr(portfolio, name) for name in _FRAMES]
    client = portfolio.client
    filed = ledger.of(client)
    files, sheets = _file_names(portfolio), numbered(_stated(frames, _SHEETS), "Sheet")
    codes = {*_stated(frames, ("filer_code",)), *(one.filer_code for one in client.brokers)}
    known = {"filer_code": lettered(codes, "Filer")}
    for column, word in _OTHERS.items():
        found = {*_stated([*frames, filed], (column,)), *_said(portfolio, (column,))}
        known[column] = numbered(found, word, digits=2)
    if ports:
        found = {*_stated(frames, ("port_of_entry",)), *_said(portfolio, ("port_of_entry",))}
        known["port_of_entry"] = numbered(found, "Port", digits=2)
    entries = _numbers([*frames, filed], portfolio)
    tokens = {bare(text): told for found in known.values() for text, told in found.items() if _tells(text)}
    words = Words(
        aliases=_aliases(portfolio),
        names=frozenset(_client_names(portfolio)),
        others=_others(portfolio, known["filer_code"]),
        texts=_set_texts(client) | files | {f"[{name}]": f"[{place}]" for name, place in sheets.items()},
        tokens=tokens | entries,
    )
    of_files = dict.fromkeys(_FILES, files) | dict.fromkeys(_SHEETS, sheets)
    return Masks(words, {**known, **of_files})


def _tells(text: str) -> bool:
    """Whether a text is no figure that may stand anywhere for something else: a filer may be called 101."""
    return len(text) > 4 or not text.isdigit()


def _numbers(frames: Iterable[pd.DataFrame], portfolio: Portfolio) -> dict[str, str]:
    """Every entry number -> "Entry 017", in the order of the numbers; what has a wrong check digit says so."""
    stated = portfolio.client.facts["entry_number"].dropna()
    by_hand = {identifiers.normalise_entry_number(text).normalised for text in stated}
    found = {*_stated(frames, _ENTRIES), *(one for one in by_hand if one)}
    return {
        bare(number): told
        if identifiers.normalise_entry_number(number).valid
        else told + identifiers.MISTYPED
        for number, told in numbered(found, identifiers.MASKED_ENTRY, digits=3).items()
    }


def _file_names(portfolio: Portfolio) -> dict[str, str]:
    files = numbered(portfolio.files["file"], "File")
    others = set(portfolio.problems["file"].dropna()) - set(files)
    return files | numbered(others - set(OWN), "File", after=len(files)) | {name: name for name in OWN}


def _portfolio(portfolio: Portfolio, client: Withheld, masks: Masks) -> Portfolio:
    changed: dict[str, Any] = {name: masks.frame(getattr(portfolio, name)) for name in _FRAMES}
    changed["uploads"] = client.filed
    about = portfolio.conflicts["column"]
    sides = {side: masks.each(about, portfolio.conflicts[side]) for side in ("taken", "other")}
    changed["conflicts"] = changed["conflicts"].assign(column=about, **sides)
    changed["problems"] = _problems(portfolio.problems, changed["problems"], masks)
    lines = portfolio.tariff_lines
    named = lines.select([name for name in lines.column_names if masks.of(name)])
    for name, column in masks.frame(named.to_pandas()).items():
        place = lines.column_names.index(str(name))
        lines = lines.set_column(
            place, lines.schema.field(place), pa.array(column, lines.schema.types[place])
        )
    return dataclasses.replace(portfolio, client=client, tariff_lines=lines, fingerprint="", **changed)


def _problems(given: pd.DataFrame, told: pd.DataFrame, masks: Masks) -> pd.DataFrame:
    """The masked problems with values of short codes, filers and ports, masked where the column says so."""
    about = given["column"].where(given["column"].isin(masks.known) & given["value"].notna())
    if not about.notna().any():
        return told
    values = masks.each(about, given["value"])
    told = told.assign(value=told["value"].mask(about.notna(), values))
    here = about.notna() & given["value"].str.len().ge(3)
    messages = told["message"].copy()
    for row in given.index[here]:
        messages[row] = messages[row].replace(given.loc[row, "value"], values[row])
    return told.assign(message=messages)


def _aliases(portfolio: Portfolio) -> dict[str, str]:
    """Every importer number of the files, the facts and client.toml by its key, and other parties' numbers."""
    client = portfolio.client
    frames = [getattr(portfolio, name) for name in _FRAMES]
    stated = {importer.number for importer in client.importers}
    found = {*_stated([portfolio.entries], _IMPORTERS), *_said(portfolio, _IMPORTERS)}
    importers = {identifiers.importer_key(one) for one in stated | found if "*" not in one} - {""}
    parties = {*_stated(frames, (*_IMPORTERS, *_PARTIES)), *_said(portfolio, ("notify_party",))}
    parties |= {one.notify_party for one in client.importers if one.notify_party}
    others = {identifiers.importer_key(one) for one in parties if "*" not in one} - {""} - importers
    return {**numbered(importers, "Importer"), **numbered(others, "Party")}


def _client_names(portfolio: Portfolio) -> set[str]:
    client = portfolio.client
    named = {client.name, *(one.name for one in client.importers if one.name)}
    frames = [getattr(portfolio, name) for name in _FRAMES]
    return named | _stated(frames, _NAMES) | _said(portfolio, _NAMES)


def _others(portfolio: Portfolio, filers: Mapping[str, str]) -> dict[str, str]:
    """The brokers' names, each as its filer."""
    return {one.name: filers[one.filer_code] for one in portfolio.client.brokers if one.name}


def _set_texts(client: Client) -> dict[str, str]:
    """What problem messages quote of client.toml and facts.csv -> what stands in its place."""
    texts = {client.asserted_by: ASSERTED_BY} if client.asserted_by else {}
    for note in client.facts["note"].dropna().unique():
        shown = stated_facts.note_shown(note)
        texts |= dict.fromkeys(
            (f"({one})" for one in (note, shown, *map(identifiers.mask_text, (note, shown)))),
            "(note withheld)",
        )
    return texts


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


def _client(client: Client, masks: Masks) -> Withheld:
    words, filers = masks.words, masks.known["filer_code"]
    importers = tuple(
        dataclasses.replace(
            one,
            number=words.number(one.number),
            name=None,
            notify_party=words.number(one.notify_party) if one.notify_party else None,
        )
        for one in client.importers
    )
    plain = {one.name: getattr(client, one.name) for one in dataclasses.fields(client)}
    changed: dict[str, Any] = {
        "name": CLIENT,
        "folder": NOWHERE,
        "key": KEY,
        "importers": importers,
        "brokers": tuple(Broker(filers[one.filer_code], None, one.data_received) for one in client.brokers),
        "brand": dataclasses.replace(client.brand, logo=markup.logo(client)[0] or None),
        "asserted_by": ASSERTED_BY if client.asserted_by else None,
        "facts": _facts(client.facts, masks),
        "facts_unread": (),
        "filed": _filed(ledger.of(client), masks),
        "scenarios": tuple(
            _scenario(one, masks, f"Scenario {place}") for place, one in enumerate(_own(client), start=1)
        ),
    }
    return Withheld(**plain | changed)


def _facts(facts: pd.DataFrame, masks: Masks) -> pd.DataFrame:
    """The facts stated by hand, without their notes."""
    return facts.assign(
        entry_number=_map(facts["entry_number"], masks.entry),
        value=masks.each(facts["fact"], facts["value"]),
        note=pd.Series(pd.NA, index=facts.index, dtype="str"),
    )


def _filed(filed: pd.DataFrame, masks: Masks) -> pd.DataFrame:
    """The account of what was filed: which lines are of one file stays, what it is called and its hash do not."""
    uploads = {mark: f"Upload {place}" for place, mark in enumerate(filed["sha256"].unique(), start=1)}
    told = filed["sha256"].map(uploads).astype("str")
    return masks.frame(filed.drop(columns="file")).assign(file=told, sha256=told)[list(filed.columns)]


def _map(values: pd.Series, told: Callable[[str], str]) -> pd.Series:
    return values.map({value: told(value) for value in values.dropna().unique()}).astype("str")
