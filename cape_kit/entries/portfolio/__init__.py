"""A client's folder as one portfolio: what the importer's files say, joined, with all that is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cape_kit import few_values
from cape_kit.entries import client as clients
from cape_kit.entries import identifiers, readers, schema
from cape_kit.entries import uploads as ledger
from cape_kit.entries.client import Client
from cape_kit.entries.portfolio import beside, files, joining, lines, stated_facts
from cape_kit.entries.readers import Reading, mapping, rows
from cape_kit.entries.readers.layouts import vocabulary
from cape_kit.errors import BadClient
from cape_kit.law.book import Law

# Arrow's own allocator keeps what it freed, a tenth of a large client's memory; the machine's gives it back.
pa.set_memory_pool(pa.system_memory_pool())

_NOT_DATA = {*clients.OWN, "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Portfolio:
    """What a client's files say: frames as declared in `schema`, tariff lines in the columnar engine.

    `law` is the law by which tariff lines were chosen and gaps looked for.
    """

    client: Client
    entries: pd.DataFrame
    tariff_lines: pa.Table
    problems: pd.DataFrame
    conflicts: pd.DataFrame
    files: pd.DataFrame
    appearances: pd.DataFrame
    fingerprint: str
    claims: pd.DataFrame
    refunds: pd.DataFrame
    law: Law
    alternatives: pd.DataFrame = field(default_factory=lambda: schema.empty("entries"))
    money: pd.DataFrame = field(default_factory=lambda: schema.empty("money"))
    unexplained: pd.DataFrame = field(default_factory=lambda: schema.empty("unexplained"))
    uploads: pd.DataFrame = field(default_factory=lambda: schema.empty("uploads"))

    def under(self, law: Law) -> Portfolio:
        """The same files by another law, read again where it would choose other tariff lines.

        Raises BadClient when they have to be read again and have changed since.
        """
        if law is self.law:
            return self
        if lines.ieepa_numbers(law) == lines.ieepa_numbers(self.law) and files.collection(
            law
        ) == files.collection(self.law):
            return replace(self, law=law)
        found = open_client(self.client.folder, law)
        if found.fingerprint != self.fingerprint:
            raise BadClient(
                f"{self.client.folder}: its files have changed since it was opened; open it again"
            )
        return found

    @property
    def coverage(self) -> pd.DataFrame:
        """Entries by filer, importer number and month."""
        return files.coverage(self.entries)


def open_client(folder: Path | str, law: Law) -> Portfolio:
    """Read everything in a client's folder by a law. Raises BadClient when it can't be used at all."""
    client = clients.load(Path(folder))
    paths = data_files(client.folder)
    manner = manner_of(client, law)
    found = [readers.read_file(path, name=file_name(path, client.folder), manner=manner) for path in paths]
    readings = [_dated(reading, client) for file in found for reading in file.readings]
    rows.give_back(sum(reading.rows for reading in readings))
    if not readings:
        raise BadClient(_nothing(client.folder, found))
    return _join(client, readings, found, fingerprint(client.folder), law)


def manner_of(client: Client | None, law: Law) -> readers.Manner:
    """How the files of a client are read; of no client, by the law's words alone."""
    status = {kind: frozenset(words) for kind, words in law.contents.words.items()}
    own = mapping.load(client.folder if client else None)
    return readers.Manner(client.date_order if client else None, own, status)


def data_files(folder: Path) -> list[Path]:
    """The files of a folder that may hold data, in order: not the client's own, its logo, or hidden."""
    picture = clients.logo(folder)
    listed = [path for path in _listed(folder) if path not in mapping.files(folder)]
    return listed if picture is None else [path for path in listed if path.resolve() != picture]


def _listed(folder: Path) -> list[Path]:
    """What is out of reach is listed too: reading it says so, and the report that a file is missing."""
    inside = {*(path for path in folder.rglob("*") if path.is_file()), *clients.out_of_reach(folder)}
    return sorted(path for path in inside if _may_hold_data(path.relative_to(folder)))


def file_name(path: Path, folder: Path) -> str:
    """A file's name within the folder, in text that can be written anywhere."""
    return path.relative_to(folder).as_posix().encode("utf-8", "replace").decode("utf-8")


def _may_hold_data(path: Path) -> bool:
    name = path.name.lower()
    hidden = any(part.startswith((".", "~$")) for part in path.parts)
    truth = name.endswith(".truth.json") or "truth" in (part.lower() for part in path.parts[:-1])
    return not (hidden or truth or name in _NOT_DATA or name.startswith("readme"))


def fingerprint(folder: Path) -> str:
    """One hash over the names and contents of all input files, of the logo, and of the client's own four.

    With them the layouts of the client, which lie in its folder, and those of the firm.
    """
    own = [folder / name for name in clients.OWN if (folder / name).is_file()]
    marks = []
    firm = [path for path in mapping.files(folder) if not path.is_relative_to(folder)]
    away = set(clients.out_of_reach(folder))
    for path in (*own, *_listed(folder), *firm):
        name = path.name if path in firm else file_name(path, folder)
        if path in away:
            marks.append(f"{name} out of reach")
            continue
        with path.open("rb") as file:
            marks.append(f"{name} {hashlib.file_digest(file, 'sha256').hexdigest()}")
    return hashlib.sha256("\n".join(sorted(marks)).encode()).hexdigest()


def _dated(reading: Reading, client: Client) -> Reading:
    """The reading with the day of its export: the file's own word, else the client's."""
    return reading if reading.extracted_on else replace(reading, extracted_on=client.extracted_on)


def _nothing(folder: Path, files_read: Sequence[readers.FileRead]) -> str:
    if not files_read:
        return f"{folder}: no data files in it; put the client's ACE or broker exports beside client.toml"
    problems = pd.concat([file.problems for file in files_read]).sort_values("severity", kind="stable")
    said = [*problems["message"], *(f"{name}: made by CAPE Kit" for file in files_read for name in file.own)]
    first = said[0] if said else "nothing is in them"
    which = "its one file is not" if len(files_read) == 1 else f"none of its {len(files_read)} files is"
    return f"{folder}: {which} a report the kit can read ({first})"


def _join(
    client: Client, readings: list[Reading], files_read: Sequence[readers.FileRead], mark: str, law: Law
) -> Portfolio:
    unread = [one for file in files_read for one in file.unread]
    with rows.connect() as con:
        by_entry = [reading for reading in readings if reading.profile.grain != "list"]
        joined = joining.entries(by_entry, law)
        answers = files.claims(readings)
        accepted, others = (
            files.with_acceptance(one, answers, law) for one in (joined.entries, joined.alternatives)
        )
        entries, by_hand, stated = stated_facts.apply(con, client, accepted)
        chosen = lines.choose(con, readings, joining.appearances(readings), entries, law)
    complete = entries["entry_number"].map(chosen.complete).astype("boolean")
    within = [r.conflicts.loc[r.conflicts["column"] == "tariff_lines", "entry_number"] for r in readings]
    disputed = identifiers.among(entries["entry_number"], chosen.disputed.union(*within))
    entries = entries.assign(
        lines_complete=entries["lines_complete"].fillna(complete),
        duty_disputed=pd.array(disputed, dtype="boolean"),
    )
    tariff_lines = beside.numbers_beside(lines.gather(readings, chosen), entries, law)
    mistyped = joining.find_twins(entries, tariff_lines)
    entries = entries.assign(twin_of=entries["entry_number"].map(mistyped).astype("str"))
    entries = few_values.held_once(_without_people(entries))
    problems = [
        *(file.problems for file in files_read),
        files.own(files_read),
        *(r.problems for r in readings),
        chosen.problems,
        joining.twin_problems(entries, mistyped),
        stated,
        files.misnamed(client.folder),
        files.left_open(client, entries, readings, law),
    ]
    conflicts = [*(r.conflicts for r in readings), joined.conflicts, chosen.conflicts, by_hand]
    return Portfolio(
        client=client,
        entries=entries,
        tariff_lines=tariff_lines,
        problems=_stack(problems, "problems"),
        conflicts=_masked(_stack(conflicts, "conflicts")),
        files=files.table(readings, unread),
        money=files.dollars(readings, unread),
        unexplained=files.unexplained(readings, unread),
        appearances=few_values.held_once(schema.conform(chosen.appearances, "appearances")),
        fingerprint=mark,
        claims=answers,
        refunds=files.refunds(readings),
        law=law,
        alternatives=_still_open(others, entries, client),
        uploads=ledger.read(client.folder),
    )


def _still_open(alternatives: pd.DataFrame, entries: pd.DataFrame, client: Client) -> pd.DataFrame:
    """The other readings with what is stated by hand put in: that is settled in all of them."""
    known = entries.set_index("entry_number")
    found = alternatives.assign(
        lines_complete=alternatives["entry_number"].map(known["lines_complete"]).astype("boolean")
    )
    stated = [fact for fact in client.facts["fact"].dropna().unique() if fact in found.columns]
    for fact in stated:
        by_hand = client.facts.loc[client.facts["fact"] == fact, "entry_number"].dropna()
        numbers = {identifiers.normalise_entry_number(text).normalised for text in by_hand}
        here = identifiers.among(found["entry_number"], numbers)
        # Not mapped: what is mapped from nothing has no type of its own.
        settled = known[fact].reindex(found["entry_number"]).set_axis(found.index)
        found[fact] = settled.where(here, found[fact])
    return found


def _without_people(entries: pd.DataFrame) -> pd.DataFrame:
    """The entries with numbers shaped like Social Security numbers masked in the words of their states."""
    said = [name for name, column in vocabulary().items() if column.status and name in entries]
    return entries.assign(**{name: _masked_words(entries[name]) for name in said})


def _masked_words(said: pd.Series) -> pd.Series:
    """Words, of which few are different, with such numbers masked; nine bare digits may be a claim's."""
    shown = {word: identifiers.mask_text(word, bare=False) for word in said.dropna().unique()}
    return (
        said.map(shown).astype("str") if any(word != as_shown for word, as_shown in shown.items()) else said
    )


def _masked(conflicts: pd.DataFrame) -> pd.DataFrame:
    """Conflicts are for showing: numbers shaped like Social Security numbers are masked in them."""
    people = conflicts["column"].isin(["importer_number", "notify_party"])
    masked = conflicts.loc[people, ["taken", "other"]].map(identifiers.mask_importer, na_action="ignore")
    conflicts = conflicts.assign(
        taken=_masked_words(conflicts["taken"]), other=_masked_words(conflicts["other"])
    )
    return conflicts.assign(
        taken=conflicts["taken"].mask(people, masked["taken"]),
        other=conflicts["other"].mask(people, masked["other"]),
    )


def _stack(frames: Iterable[pd.DataFrame], table: str) -> pd.DataFrame:
    filled = [frame for frame in frames if not frame.empty]
    return pd.concat(filled, ignore_index=True) if filled else schema.empty(table)
