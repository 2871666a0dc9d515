"""client.toml written for a person: what they say is put in, all else in the file stays as it is, comments too.

Nothing is written that the kit could not read again, and nobody's file is changed without the lines that change.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT
from tomlkit.items import Table as TomlTable

from cape_kit import leftovers
from cape_kit.entries import client
from cape_kit.errors import BadClient, in_words

FILE = "client.toml"
#: What the form asks of the client, of each importer number and of each broker; the first tells them apart.
ABOUT = ("name", "importer_class", "statement", "extracted_on", "date_order")
IMPORTER = ("number", "name", "ace_subaccount", "ach_refund_enrolled", "notify_party")
BROKER = ("filer_code", "name", "data_received")

Said = dict[str, Any]


def said(folder: Path) -> Said:
    """What client.toml says, in plain values; nothing where there is none.

    Raises BadClient for a file that can't be read: a form over it would lose what stands there.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError, OSError) as error:
        raise BadClient(
            f"{path}: not readable as TOML ({in_words(error)}); correct it by hand first"
        ) from error


def written(folder: Path, wanted: Mapping[str, Any]) -> str:
    """The text client.toml would have. `wanted` has the keys of `ABOUT`, and importer, broker, assertions.

    A key that is not among `wanted` stays; one whose value is None or empty says nothing, and goes.
    """
    path = folder / FILE
    said(folder)
    text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    document = tomlkit.parse(text)
    for key in ABOUT:
        if key in wanted:
            _put(document, key, wanted[key])
    for key, fields in (("importer", IMPORTER), ("broker", BROKER)):
        if key in wanted:
            _tables(document, key, fields, wanted[key])
    if "assertions" in wanted:
        table = document.get("assertions")
        if table is None and any(value is not None for value in wanted["assertions"].values()):
            table = document["assertions"] = tomlkit.table()
        for key, value in wanted["assertions"].items():
            if table is not None:
                _put(table, key, value)
    return tomlkit.dumps(document)


def changes(folder: Path, wanted: Mapping[str, Any]) -> list[str]:
    """The lines that go (-) and come (+) when the form is written; none where nothing changes."""
    path = folder / FILE
    before = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    lines = difflib.unified_diff(before.splitlines(), written(folder, wanted).splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def save(folder: Path, wanted: Mapping[str, Any]) -> Path:
    """Write client.toml whole. Raises BadClient, in one sentence, for what the kit could not read again."""
    text, path = written(folder, wanted), folder / FILE
    with leftovers.temporary() as trial:
        (trial / FILE).write_text(text, encoding="utf-8")
        try:
            client.load(trial)
        except BadClient as error:
            raise BadClient(error.message.replace(str(trial / FILE), FILE)) from error
    return leftovers.put(path, text.encode("utf-8"))


def _put(table: Any, key: str, value: Any) -> None:
    """One key; what stands there with the same value is left as it is written."""
    if value is None or value == "":
        if key in table:
            del table[key]
    elif key not in table or table[key] != value:
        table[key] = value


def _tables(document: Any, key: str, fields: Sequence[str], wanted: Sequence[Mapping[str, Any]]) -> None:
    """A list of tables ([[importer]]) by its first field: those there are changed in place, new ones added."""
    kept = [one for one in wanted if one.get(fields[0])]
    there = document.get(key)
    if not isinstance(there, AoT):
        if not kept:
            return
        if there:  # written within one pair of brackets: what the form does not ask of would be lost
            raise BadClient(f"{FILE}: {key} is a list in brackets; write [[{key}]] above each one first")
        there = document[key] = tomlkit.aot()
    names = [str(one[fields[0]]) for one in kept]
    for place in reversed(range(len(there))):
        if str(there[place].get(fields[0])) not in names:
            del there[place]
    by_name: dict[str, TomlTable] = {str(one.get(fields[0])): one for one in there}
    for one in kept:
        table = by_name.get(str(one[fields[0]]))
        fresh = tomlkit.table() if table is None else table
        for name in fields:
            if name in one:
                _put(fresh, name, one[name])
        if table is None:
            there.append(fresh)
