"""What a report was made from and what it consists of: hashes of every input and output, and the parameters.

It holds no time of day: the same inputs give the same manifest. By it a delivered folder is verified: what was
lost, changed or added since. It is no signature: who changes a file can change the manifest.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import cape_kit
from cape_kit.entries import LAYOUTS_SETTING
from cape_kit.entries.client import LEDGER, out_of_reach
from cape_kit.errors import Usage
from cape_kit.filing import REPORT_ENTRIES, REPORT_ENTRIES_BEGIN
from cape_kit.law.book import Law

NAME = "manifest.json"
#: Outputs whose bytes may differ between two runs over the same inputs, and when; the manifest then differs by
#: their hashes.
_PRINTED = "printed by another browser, or another version of it"
MAY_DIFFER = {"report.pdf": _PRINTED, "memo.pdf": _PRINTED}
#: Libraries whose version can change the bytes of a picture or a page.
_LIBRARIES = ("icalendar", "matplotlib", "nbconvert", "pandas", "papermill", "xlsxwriter")


def digest(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def tree(folder: Path) -> dict[str, str]:
    """Relative path -> sha256 of every file under a folder, hidden ones left out."""
    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and not _hidden(path.relative_to(folder))
    )
    return {path.relative_to(folder).as_posix(): digest(path) for path in files}


def ingredients(
    client: Path, notebook: Path, *, law: Law, parameters: dict[str, Any], earlier: Path | None = None
) -> dict[str, Any]:
    """Everything that decides what a report says: inputs, parameters, notebook, law book, kit, libraries.

    The ledger of what was filed is an input, though its name hides it from the client's exports; so is the report
    in the folder `earlier`, since which the changes are told.
    """
    return {
        "parameters": parameters,
        "inputs": inputs(client),
        "since": {"report": earlier.name, "entries": digest(earlier / REPORT_ENTRIES)} if earlier else None,
        **_layouts(),
        "notebook": digest(notebook),
        "law": law.version,
        "own_law": {"files": _hashes(law), "rows": law.own_rows},
        "kit": {"version": cape_kit.__version__, "code": _code()},
        "libraries": _versions(),
    }


def before(reports: Path, day: date) -> Path | None:
    """The folder of the latest earlier report of a client that keeps its entries' figures; None for none.

    `reports`: the client's own folder of reports, with one for each day.
    """
    if not reports.is_dir():
        return None
    days = {path: on for path in reports.iterdir() if (on := _named_for(path.name)) is not None and on < day}
    return next((path for path in sorted(days, key=days.__getitem__, reverse=True) if _keeps(path)), None)


def _named_for(name: str) -> date | None:
    """The day a report's folder is named for; None for one of another kind."""
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _keeps(report: Path) -> bool:
    """Whether a report keeps its figures in a form this version reads: one of an earlier version keeps none."""
    try:
        with (report / REPORT_ENTRIES).open("rb") as file:
            return file.read(len(REPORT_ENTRIES_BEGIN)) == REPORT_ENTRIES_BEGIN
    except OSError:
        return False


def inputs(client: Path) -> dict[str, str]:
    """Every file of a client's folder that decides what is said, by its hash; what is out of reach has none."""
    away = (path.relative_to(client) for path in out_of_reach(client))
    return tree(client) | {path.as_posix(): "" for path in away if not _hidden(path)} | _ledger(client)


def fingerprint(parts: dict[str, Any]) -> str:
    """One hash over the ingredients: equal fingerprints mean an equal report."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8")).hexdigest()


def withheld(parts: dict[str, Any]) -> dict[str, Any]:
    """The ingredients without what names the client's files or lets somebody who has one recognise it.

    How many there are stays. The fingerprint over all of them, with their hashes, still says whether they are
    the same.
    """
    files = {f"File {place}": None for place in range(1, len(parts["inputs"]) + 1)}
    told = {
        "parameters": {**parts["parameters"], "client": None, "law": None},
        "inputs": files,
        "law": parts["law"].partition("+own")[0],
        "own_law": {"rows": len(parts["own_law"]["rows"])},
    }
    if "layouts" in parts:
        told["layouts"] = len(parts["layouts"])
    return {**parts, **told}


def write(
    folder: Path, parts: dict[str, Any], summary: dict[str, Any], *, said: str = "", withhold: bool = False
) -> Path:
    """The manifest of a finished report folder; `said` is what there was to say of its making.

    `withhold` leaves out what identifies the client.
    """
    outputs = {name: hash_ for name, hash_ in tree(folder).items() if name != NAME}
    varying = {name: why for name, why in MAY_DIFFER.items() if name in outputs}
    told = {
        "fingerprint": fingerprint(parts),
        **(withheld(parts) if withhold else parts),
        "summary": summary,
        "said": said,
        "outputs": outputs,
        "may_differ": varying | {NAME: "by their hashes"} if varying else {},
    }
    path = folder / NAME
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return path


def read(folder: Path) -> dict[str, Any] | None:
    """The manifest of a folder; None where there is none that can be read."""
    try:
        found = json.loads((folder / NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def held(folder: Path, parts: dict[str, Any]) -> dict[str, Any] | None:
    """The manifest of a folder that already has this very report, whole and untouched; else None."""
    found = read(folder)
    if found is None or found.get("fingerprint") != fingerprint(parts):
        return None
    outputs = found.get("outputs", {})
    same = bool(outputs) and {name: hash_ for name, hash_ in tree(folder).items() if name != NAME} == outputs
    return found if same and isinstance(found.get("summary"), dict) else None


def holds(folder: Path, parts: dict[str, Any]) -> bool:
    """Whether the folder already has this very report, whole and untouched."""
    return held(folder, parts) is not None


def identity(law: Law) -> dict[str, str]:
    """What kit and which law a report is made by: equal ones make equal reports of equal files."""
    own = hashlib.sha256(json.dumps(_hashes(law), sort_keys=True).encode("utf-8")).hexdigest()
    libraries = json.dumps(_versions(), sort_keys=True)
    return {
        "kit": f"{cape_kit.__version__} {_code()[:12]}",
        "law": f"{law.version} {own[:12]}",
        "libraries": libraries,
    }


def _ledger(client: Path) -> dict[str, str]:
    """What was filed, by its hash: hidden from the readers of exports, and it decides what is said."""
    path = client / LEDGER
    return {LEDGER: digest(path)} if path.is_file() else {}


def _layouts() -> dict[str, Any]:
    """The firm's own layouts by name and hash, where there is a folder of them."""
    firm = os.environ.get(LAYOUTS_SETTING, "").strip()
    return (
        {"layouts": {path.name: digest(path) for path in sorted(Path(firm).glob("*.toml"))}} if firm else {}
    )


@functools.cache
def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in _LIBRARIES}


def _hashes(law: Law) -> dict[str, str]:
    """Every file of the user's own folder of law, by its hash."""
    texts = law.folder.texts if law.folder else ()
    return {name: hashlib.sha256(text).hexdigest() for name, text in texts}


@functools.cache
def _code() -> str:
    """One hash over the kit's own files: an edited checkout is another kit."""
    root = Path(cape_kit.__file__).parent
    files = {
        path.relative_to(root).as_posix(): digest(path) for path in sorted(root.rglob("*.*")) if _own(path)
    }
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode("utf-8")).hexdigest()


def _own(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.parts)


@dataclass(frozen=True)
class Verdict:
    """One folder with a manifest: the files that are missing, changed or not of it; `trouble` if it can't be told."""

    folder: Path
    files: int = 0
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def whole(self) -> bool:
        """Whether the folder holds what its manifest says, and nothing else."""
        return not (self.trouble or self.missing or self.changed or self.extra)

    @property
    def sentences(self) -> list[str]:
        """What is wrong, a sentence each."""
        return [
            *([self.trouble] if self.trouble else []),
            *(f"{name} is missing." for name in self.missing),
            *(f"{name} has changed since the report was made." for name in self.changed),
            *(f"{name} is not part of the report: its manifest does not list it." for name in self.extra),
        ]


def verify(folder: Path) -> list[Verdict]:
    """A verdict on a report's folder, or on each of those under a folder of several, in order of their paths.

    Raises Usage where no manifest is found: nothing can be said then.
    """
    if not folder.is_dir():
        raise Usage(f"{folder}: no such folder; give the folder of a report, or one that holds several")
    found = sorted(path.parent for path in _manifests(folder))
    if not found:
        raise Usage(f"{folder}: no {NAME} in it or below it, so there is nothing to check against")
    return [_verdict(one) for one in found]


def _manifests(folder: Path) -> Iterator[Path]:
    own = folder / NAME
    return iter([own]) if own.is_file() else folder.rglob(NAME)


def _verdict(folder: Path) -> Verdict:
    told = read(folder)
    outputs = told.get("outputs") if told else None
    if not isinstance(outputs, dict) or not all(isinstance(one, str) for one in outputs.values()):
        return Verdict(folder, trouble=f"{NAME} can't be read as the manifest of a report.")
    there = {name: mark for name, mark in tree(folder).items() if name != NAME}
    return Verdict(
        folder,
        files=len(outputs),
        missing=tuple(sorted(set(outputs) - set(there))),
        changed=tuple(
            sorted(name for name, mark in there.items() if name in outputs and outputs[name] != mark)
        ),
        extra=tuple(sorted(set(there) - set(outputs))),
    )
