"""One report to make: how, from what, to where, what became of it, and whether it is there already.

Nothing heavy is imported here: that nothing has changed is found out in milliseconds.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import cape_kit
from cape_kit import owners
from cape_kit.entries import LAYOUTS_SETTING
from cape_kit.entries.client import safe_key
from cape_kit.errors import ReportFailed
from cape_kit.law import book
from cape_kit.law.book import Law
from cape_kit.rendering import manifest, redacted

NOTEBOOK = "client_report.ipynb"
#: Over all clients of a batch: the page, and the workbook beside it.
INDEX, SUMMARY = "index.html", "summary.xlsx"
State = Literal["done", "unchanged", "failed"]
AsOf = date | Literal["extract"]
#: Settings of the caller that decide what a report says, handed to whoever makes it elsewhere.
SETTINGS = (LAYOUTS_SETTING, owners.SHARED)


@dataclass(frozen=True)
class Options:
    """How a report is made: `pdf` also prints it, `redact` masks it, `law` is a folder of own rows.

    `redact_ports` masks the ports of entry too.
    With `force` off, a report whose inputs, law, kit and bytes are unchanged is not made again.
    """

    pdf: bool = False
    redact: bool = False
    force: bool = True
    law: Path | None = None
    redact_ports: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one client: `done`, `unchanged` or `failed`, with a sentence where one is due.

    `kind` says in one word how it failed, and is the one thing of it that holds nothing of the client's.
    `log` is the file with the rest. `key` is the file that says who is who in a redacted report: it stays with
    whoever made it.
    """

    source: Path
    state: State
    message: str = ""
    folder: Path | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    kind: str = ""
    log: Path | None = None
    key: Path | None = None

    @property
    def unread(self) -> list[str]:
        """The files of the client that were not read, each with its rows and dollars."""
        return list(self.summary.get("unread", ()))

    @property
    def page(self) -> Path | None:
        """The report to open."""
        return self.folder / "report.html" if self.folder else None


def _here() -> str:
    return str(Path.cwd())


def _settings() -> dict[str, str]:
    return {name: os.environ[name] for name in SETTINGS if name in os.environ}


@dataclass(frozen=True)
class Job:
    """One report to make, with the folder its relative paths start from and the settings it was asked under."""

    source: Path
    as_of: AsOf
    out: Path
    options: Options = field(default_factory=lambda: Options(force=False))
    home: str = field(default_factory=_here)
    settings: dict[str, str] = field(default_factory=_settings)

    @property
    def place(self) -> Path:
        """The client's folder of reports, but for redacted ones: ``out/<client>``."""
        return self.out / safe_key(self.source)


@dataclass(frozen=True)
class Recipe:
    """What a report is made of and where it goes: the notebook's parameters, the manifest's ingredients."""

    target: Path
    notebook: Path
    parameters: dict[str, Any]
    parts: dict[str, Any]
    key: Path | None = None
    earlier: Path | None = None


def recipe(
    client: Path, day: date, out: Path, law: Law, options: Options, *, filing_date: date | None = None
) -> Recipe:
    """The recipe of one client's report on a day."""
    parameters = {
        "client": Path(client).as_posix(),
        "as_of": day.isoformat(),
        "filing_date": filing_date.isoformat() if filing_date else "",
        "redact": options.redact,
        "redact_ports": options.redact_ports,
        "law": options.law.as_posix() if options.law else "",
    }
    notebook = template()
    asked = {**parameters, "pdf": options.pdf}
    # A redacted report gives its entries other names, so there is nothing to hold it against.
    earlier = None if options.redact else manifest.before(out / safe_key(client), day)
    parts = manifest.ingredients(client, notebook, law=law, parameters=asked, earlier=earlier)
    target, key = out / safe_key(client) / day.isoformat(), None
    if options.redact:
        target = redacted.target(out, client, day.isoformat())
        key = redacted.key(out, client, day.isoformat())
    return Recipe(target, notebook, parameters, parts, key, earlier)


def unchanged(client: Path, made: Recipe) -> Outcome | None:
    """The outcome of a report that is there already, whole and of the same ingredients; else None."""
    if made.parts["parameters"]["pdf"] and not (made.target / "report.pdf").is_file():
        return None  # no browser printed it then; one may be there now
    found = manifest.held(made.target, made.parts)
    if found is None or (made.key is not None and not made.key.is_file()):
        return None
    said = str(found.get("said", ""))
    return Outcome(client, "unchanged", said, made.target, found["summary"], key=made.key)


def there(job: Job) -> Outcome | None:
    """The outcome of a job whose report is there already, without reading the client; None where in doubt."""
    if job.options.force:
        return None
    day = _day(job)
    if day is None or not job.out.is_dir():
        return None
    law = book.load(folder=job.options.law)
    return unchanged(job.source, recipe(job.source, day, job.out, law, job.options))


def _day(job: Job) -> date | None:
    """The day of a job's report; None where client.toml has to be read by those who know how."""
    if job.as_of != "extract":
        return job.as_of
    try:
        stated = tomllib.loads((job.source / "client.toml").read_text("utf-8-sig")).get("extracted_on")
    except (OSError, ValueError, RecursionError):
        return None
    return stated if type(stated) is date else None


def template() -> Path:
    """The report's notebook: inside the installed kit, or beside it in a checkout."""
    root = Path(str(resources.files(cape_kit)))
    for folder in (root / "notebooks", root.parent / "notebooks"):
        if (folder / NOTEBOOK).is_file():
            return folder / NOTEBOOK
    raise ReportFailed(
        f"The notebook {NOTEBOOK} is neither in the installed kit nor beside it; reinstall the kit."
    )
