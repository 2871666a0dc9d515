"""The door for who dislikes a command line: what each file was taken for, what waits, what is left, and the desk."""

from __future__ import annotations

import importlib.util
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cape_kit.views import markup
from cape_kit.views.markup import Html
from cape_kit.views.start import folder as of_folder
from cape_kit.views.start.folder import EXTRACT, Look
from cape_kit.views.tables import Table
from cape_kit.views.whatif import notebook_style

if TYPE_CHECKING:
    from cape_kit.views.start.live_desk import Desk

__all__ = ["EXTRACT", "Look", "desk", "look", "taken", "to_do", "waiting"]


def look(folder: Path, as_of: date | str = EXTRACT, law: str | Path | None = None) -> Look:
    """Everything in a client's folder as it lies, readable or not; `taken`, `waiting` and `to_do` show it."""
    return of_folder.look(folder, as_of, law)


def taken(found: Look) -> Table:
    """What each file was taken for, and where its dollars went, as a notebook shows it. [cents]"""
    return notebook_style.table(of_folder.taken(found))


def waiting(found: Look) -> Table:
    """The columns that wait for a person, as a notebook shows them."""
    return notebook_style.table(of_folder.columns(found))


def to_do(found: Look) -> Html:
    """What is left to do, as a notebook shows it."""
    return notebook_style.words(of_folder.to_do(found))


def desk(
    folder: Path, *, as_of: date | str, into: Path, law: str | Path | None = None, opens: bool = True
) -> Desk | Html:
    """The live desk on a client's folder: files, columns, client.toml, what is left, the report under `into`.

    `opens`: whether the report is shown in the browser once it is made. Where ipywidgets is not installed, one
    sentence that says so: the tables give the same answers.
    """
    if importlib.util.find_spec("ipywidgets") is None:
        return markup.notice("No live controls here", ["Install cape-kit[lab] to have them."], kind="hint")
    from cape_kit.views.start.live_desk import Desk

    return Desk(folder, as_of=as_of, into=into, law=law, opens=opens)
