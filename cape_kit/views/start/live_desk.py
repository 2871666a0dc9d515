"""The live door: files into a folder, columns named, client.toml filled in, the report made.

What is typed is kept beside the files until it is saved, so that a re-run of the notebook loses none of it.
Nothing that is there already is written over without being asked.
"""

from __future__ import annotations

import json
import threading
import warnings
import webbrowser
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import ipywidgets

import cape_kit
from cape_kit import leftovers
from cape_kit.entries import client_form
from cape_kit.entries.readers import Waiting, mapping
from cape_kit.errors import CapeError, Incomplete, Usage, in_words
from cape_kit.views import markup
from cape_kit.views.markup import Html
from cape_kit.views.start import folder as start
from cape_kit.views.start.folder import Look
from cape_kit.views.whatif import notebook_style as style

#: What was typed and not saved yet; the dot keeps it from being read as an export.
DRAFT = ".cape-start.json"
#: The bar of a report that is made: a step each half second, and where it waits for the end.
_STEP, _STEPS, _WAITS = 0.5, 60, 57
#: What is not said is an empty text: a list without a value shows none of its choices.
_NOT_SAID = ""
_KNOWN: dict[str, Any] = {"not known": _NOT_SAID, "yes": True, "no": False}
_STATED: dict[str, Any] = {"not stated": _NOT_SAID, "yes, it is so": True}
_CHOICES: dict[str, dict[str, Any]] = {
    "importer_class": {
        "corporate (the usual)": _NOT_SAID,
        "corporate": "corporate",
        "not a corporation": "non_corporate",
    },
    "statement": {"not known": _NOT_SAID, "monthly": "monthly", "daily": "daily"},
}
_LABEL = {"description_width": "130px"}
_WIDE = {"width": "min(520px, 96%)"}
_BUTTON = {"width": "auto", "align_self": "flex-start"}
_FIELD = {"width": "min(300px, 96%)"}
_ROW = {"flex_flow": "row wrap", "width": "98%"}
_NOT_NEEDED, _OPEN = "(not needed)", "(say nothing)"


class Desk:
    """A client's folder, from its files to its report, in a notebook."""

    def __init__(
        self,
        folder: Path,
        *,
        as_of: date | str,
        into: Path,
        law: str | Path | None = None,
        opens: bool = True,
    ) -> None:
        self.folder, self.as_of, self.into, self.law, self.opens = folder, as_of, into, law or None, opens
        self.draft = _read_draft(folder)
        self.page: Path | None = None
        self.told = ipywidgets.HTML(layout=_ROW)
        self.told.add_class("start-told")
        self.files, self.left, self.made = (ipywidgets.HTML(layout={"width": "98%"}) for _ in range(3))
        self.made.add_class("start-made")
        self.upload = ipywidgets.FileUpload(multiple=True, description="Pick files", layout=_BUTTON)
        self.replace = ipywidgets.Checkbox(
            value=False, description="replace files of the same name", indent=False
        )
        self.columns, self.form = ipywidgets.VBox(), ipywidgets.VBox()
        self.changes = ipywidgets.HTML(layout={"width": "98%"})
        self.bar = ipywidgets.IntProgress(value=0, max=_STEPS, layout=_WIDE)
        self.choices: list[tuple[Path, Waiting, dict[str, Any], Any]] = []
        self.typed: dict[str, Any] = {}
        self.found: Look | None = None
        self.refresh()

    # --- what is there --------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the folder again and show what it says; what goes wrong stands in the panel."""
        self._guarded(self._read)

    def _read(self) -> None:
        self.found = found = start.look(self.folder, self.as_of, self.law)
        self.files.value = style.page(start.answer(found).text + start.taken(found)._repr_html_())
        self.left.value = style.page(start.to_do(found).text)
        self._columns(found)
        self._form(found)

    def _guarded(self, make: Callable[[], str | None]) -> None:
        """Do it, and say what came of it, or what is wrong in one sentence."""
        try:
            told, kind = make(), "hint"
        except CapeError as error:
            told, kind = str(error), "caution"
        except OSError as error:
            told, kind = in_words(error), "caution"
        self.told.value = style.page(
            markup.notice("Done" if kind == "hint" else "Not done", [told or ""], kind=kind).text
        )

    # --- files ----------------------------------------------------------------------------------------------

    def put(self, _: Any = None) -> None:
        """The picked files into the folder."""
        self._guarded(self._put)

    def _put(self) -> str:
        done, kept = [], []
        for one in self.upload.value:
            name = Path(str(one["name"]).replace("\\", "/")).name
            target = self.folder / name
            if target.exists() and target.read_bytes() != bytes(one["content"]) and not self.replace.value:
                kept.append(name)
                continue
            leftovers.put(target, bytes(one["content"]))
            done.append(name)
        self.upload.value = ()
        self._read()
        there = (
            f" Another file of that name is there and was left as it was: {', '.join(kept)}." if kept else ""
        )
        return (
            f"Put into the folder: {', '.join(done)}." if done else "No file was put into the folder."
        ) + there

    # --- columns --------------------------------------------------------------------------------------------

    def _columns(self, found: Look) -> None:
        self.choices = [(target, one, *self._sheet(target, one)) for target, one in found.waiting]
        self.columns.children = [box for *_, box in self.choices] or [
            ipywidgets.HTML(style.page("<p>Every file with data was recognized; no column waits.</p>"))
        ]

    def _sheet(self, target: Path, one: Waiting) -> tuple[dict[str, Any], Any]:
        """The dropdowns of one sheet, and its box."""
        drawn: dict[str, Any] = {}
        lines = []
        for column in one.columns:
            names = [name for name, _, _ in column.guesses]
            listed = [*names, *(name for name in one.may if name not in names)]
            options = [(_OPEN, ""), (_NOT_NEEDED, "-"), *((start.plain(name), name) for name in listed)]
            guess = names[0] if names and not column.money else ""
            pick = ipywidgets.Dropdown(options=options, layout=_FIELD)
            pick.value = self._drafted(
                f"{target.name}:{column.header}", guess, [value for _, value in options]
            )
            pick.observe(
                lambda change, k=f"{target.name}:{column.header}": self._keep(k, change["new"]), names="value"
            )
            pick.add_class("start-column")
            said = f"<b>{markup.safe(column.header)}</b><br><small>{markup.safe(', '.join(column.samples))}</small>"
            lines.append(
                ipywidgets.HBox([ipywidgets.HTML(said, layout={"width": "230px"}), pick], layout=_ROW)
            )
            drawn[column.header] = pick
        button = ipywidgets.Button(description="Keep these columns", button_style="primary", layout=_BUTTON)
        button.on_click(lambda _: self.map(target))
        head = (
            f"<p><b>{markup.safe(one.name)}</b> is nearest to {markup.safe(one.title)} and lacks "
            f"{markup.safe(', '.join(one.lacking))}.</p>"
        )
        return drawn, ipywidgets.VBox([ipywidgets.HTML(style.page(head)), *lines, button])

    def map(self, target: Path) -> None:
        """Keep what the dropdowns of one sheet say as its layout, and read again."""
        self._guarded(lambda: self._map(target))

    def _map(self, target: Path) -> str:
        _, one, drawn, _ = next(choice for choice in self.choices if choice[0] == target)
        names: dict[str, list[str]] = {}
        for header, pick in drawn.items():
            if pick.value and pick.value != "-":
                names.setdefault(pick.value, []).append(header)
        twice = [headers for headers in names.values() if len(headers) > 1]
        if twice:
            raise Usage(f"{' and '.join(twice[0])} are said to be one column; each column has one header")
        if not names:
            raise Usage("No column is named yet; pick what at least one of them is")
        mapping.keep(
            target, mapping.written(one, names, [h for h, pick in drawn.items() if pick.value == "-"])
        )
        self._forget(f"{target.name}:")
        self._read()
        return f"Kept in {target.parent.name}/{target.name}; the file is read by it from now on."

    # --- the client -----------------------------------------------------------------------------------------

    def _form(self, found: Look) -> None:
        numbers, filers = start.seen(found)
        importers = [*found.said.get("importer", []), *({"number": one} for one in numbers)]
        brokers = [*found.said.get("broker", []), *({"filer_code": one} for one in filers)]
        self.typed = {
            key: self._about(key, found.said.get(key)) for key in ("name", *_CHOICES, "extracted_on")
        }
        self.typed |= {"importer": self._rows("importer", client_form.IMPORTER, [*importers, {}])}
        self.typed |= {"broker": self._rows("broker", client_form.BROKER, [*brokers, {}])}
        stated = found.said.get("assertions", {})
        self.typed["assertions"] = {
            n: self._stated(n, says, stated.get(n)) for n, says in start.assertions().items()
        }
        self.typed["by"] = self._text("asserted_by", "Stated by", stated.get("asserted_by"))
        self.form.children = self._form_lines()

    def _form_lines(self) -> list[Any]:
        of = self.typed
        show, write = (
            ipywidgets.Button(description=text, layout=_BUTTON)
            for text in ("Show what changes", "Write client.toml")
        )
        write.button_style = "primary"
        show.on_click(lambda _: self._guarded(self._show))
        write.on_click(self.save)
        stated = ipywidgets.VBox([*of["assertions"].values(), of["by"]])
        rows = [
            ipywidgets.HBox(list(row.values()), layout=_ROW)
            for key in ("importer", "broker")
            for row in of[key]
        ]
        heads = [ipywidgets.HTML(f"<b>{text}</b>") for text in ("Importer numbers", "Brokers")]
        many = len(of["importer"])
        return [
            *(of[key] for key in ("name", *_CHOICES, "extracted_on")),
            heads[0], *rows[:many], heads[1], *rows[many:],
            ipywidgets.Accordion(children=[stated], titles=("What you state for all entries",)),
            ipywidgets.HBox([show, write], layout=_ROW), self.changes,
        ]  # fmt: skip

    def _about(self, key: str, value: Any) -> Any:
        label = {
            "name": "Client",
            "importer_class": "For interest",
            "statement": "Statement",
            "extracted_on": "Exported on",
        }
        if key in _CHOICES:
            one = ipywidgets.Dropdown(
                options=_CHOICES[key], description=label[key], style=_LABEL, layout=_WIDE
            )
            one.value = self._drafted(key, value, list(_CHOICES[key].values()))
        elif key == "extracted_on":
            one = ipywidgets.DatePicker(description=label[key], style=_LABEL, layout=_WIDE)
            drafted = self.draft.get(key)
            one.value = date.fromisoformat(drafted) if drafted else value
        else:
            return self._text(key, label[key], value)
        one.observe(lambda change: self._keep(key, change["new"]), names="value")
        return one

    def _text(self, key: str, label: str, value: Any, width: Mapping[str, str] = _WIDE) -> Any:
        one = ipywidgets.Text(
            value=str(self.draft.get(key, value or "")), description=label, style=_LABEL, layout=width
        )
        one.observe(lambda change: self._keep(key, change["new"]), names="value")
        return one

    def _stated(self, name: str, says: str, value: Any) -> Any:
        options = _STATED if value is None or value is True else {**_STATED, "no": False}
        one = ipywidgets.Dropdown(
            options=options, description=says, style={"description_width": "60%"}, layout={"width": "98%"}
        )
        one.value = self._drafted(f"assertions:{name}", value, list(options.values()))
        one.observe(lambda change: self._keep(f"assertions:{name}", change["new"]), names="value")
        return one

    def _rows(self, key: str, fields: tuple[str, ...], rows: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
        labels = {
            "number": "Number", "name": "Name", "ace_subaccount": "ACE sub-account",
            "ach_refund_enrolled": "ACH for refunds",
            "notify_party": "4811 party", "filer_code": "Filer code", "data_received": "Data received",
        }  # fmt: skip
        drawn = []
        for place, row in enumerate(rows):
            line = {}
            for name in fields:
                mark = f"{key}:{place}:{name}"
                if name in ("ace_subaccount", "ach_refund_enrolled", "data_received"):
                    one = ipywidgets.Dropdown(
                        options=_KNOWN, description=labels[name], style=_LABEL, layout=_FIELD
                    )
                    one.value = self._drafted(mark, row.get(name), list(_KNOWN.values()))
                    one.observe(lambda change, k=mark: self._keep(k, change["new"]), names="value")
                else:
                    one = self._text(mark, labels[name], row.get(name), _FIELD)
                line[name] = one
            drawn.append(line)
        return drawn

    @property
    def wanted(self) -> dict[str, Any]:
        """What the form says, in plain values."""
        of = self.typed
        told: dict[str, Any] = {key: of[key].value or None for key in ("name", *_CHOICES, "extracted_on")}
        for key in ("importer", "broker"):
            told[key] = [{n: _said(one.value) for n, one in row.items()} for row in of[key]]
        told["assertions"] = {n: _said(one.value) for n, one in of["assertions"].items()}
        return {**told, "assertions": {**told["assertions"], "asserted_by": _said(of["by"].value)}}

    def _show(self) -> str:
        lines = client_form.changes(self.folder, self.wanted)
        self.changes.value = style.page(f"<pre>{markup.safe(chr(10).join(lines))}</pre>" if lines else "")
        return (
            f"{len(lines)} lines of client.toml change; they stand below the form."
            if lines
            else "Nothing changes."
        )

    def save(self, _: Any = None) -> None:
        """Write client.toml, and read again."""
        self._guarded(self._save)

    def _save(self) -> str:
        lines = client_form.changes(self.folder, self.wanted)
        client_form.save(self.folder, self.wanted)
        self.draft = {key: value for key, value in self.draft.items() if ".toml:" in key}
        _write_draft(self.folder, self.draft)
        self._read()
        self.changes.value = style.page(f"<pre>{markup.safe(chr(10).join(lines))}</pre>" if lines else "")
        return f"client.toml is written: {len(lines)} lines changed, its comments kept."

    # --- what is typed and not saved ------------------------------------------------------------------------

    def _drafted(self, key: str, value: Any, allowed: list[Any]) -> Any:
        """What was typed before, where it can still be said; else what stands in the files."""
        value = _NOT_SAID if value is None else value
        drafted = self.draft.get(key, value)
        return drafted if drafted in allowed else value if value in allowed else allowed[0]

    def _keep(self, key: str, value: Any) -> None:
        self.draft[key] = value.isoformat() if isinstance(value, date) else value
        _write_draft(self.folder, self.draft)

    def _forget(self, start_of_key: str) -> None:
        """What begins so is saved, and no draft any more."""
        self.draft = {key: value for key, value in self.draft.items() if not key.startswith(start_of_key)}
        _write_draft(self.folder, self.draft)

    # --- the report -----------------------------------------------------------------------------------------

    def report(self, _: Any = None) -> threading.Thread:
        """Make the report beside the work of the page; the bar moves while it is made, and the page opens."""
        done = threading.Event()
        threading.Thread(target=self._move, args=(done,), daemon=True).start()
        work = threading.Thread(target=self._report, args=(done,), daemon=True)
        work.start()
        return work

    def _move(self, done: threading.Event) -> None:
        self.bar.bar_style, self.bar.value = "", 1
        while not done.wait(_STEP):
            self.bar.value = min(self.bar.value + 1, _WAITS)

    def _report(self, done: threading.Event) -> None:
        self.made.value = style.page("<p>The report is being made; it takes about half a minute.</p>")
        self.page = None  # where none is made, that of an earlier one is not shown for it
        try:
            day = self.found.day if self.found and self.found.day else self.as_of
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", Incomplete)
                self.page = cape_kit.report(self.folder, as_of=day, out=self.into, law=self.law)
            missing = [str(one.message) for one in caught if one.category is Incomplete]
            told = f"The report is made: <code>{markup.safe(self.page)}</code>"
            told += "".join(f"</p><p><strong>{markup.safe(one)}</strong>" for one in missing)
            self.bar.bar_style = "warning" if missing else "success"
        except CapeError as error:
            told, self.bar.bar_style = f"No report: {markup.safe(error)}", "danger"
        except Exception as error:  # a thread's fault must be seen in the page
            told, self.bar.bar_style = f"No report: {markup.safe(in_words(error))}", "danger"
        finally:
            done.set()
        self.bar.value = _STEPS
        self.made.value = style.page(f"<p>{told}</p>")
        if self.page and self.opens:
            webbrowser.open(self.page.resolve().as_uri())

    # --- as a whole -----------------------------------------------------------------------------------------

    @property
    def box(self) -> Any:
        """The panel as one widget."""
        put = ipywidgets.Button(description="Put them into the folder", layout=_BUTTON)
        put.on_click(self.put)
        again = ipywidgets.Button(description="Read the folder again", layout=_BUTTON)
        again.on_click(lambda _: self.refresh())
        make = ipywidgets.Button(description="Make the report", button_style="primary", layout=_BUTTON)
        make.on_click(self.report)
        heads = [
            ipywidgets.HTML(f"<h3>{place}. {text}</h3>")
            for place, text in enumerate(
                (
                    "Files",
                    "Columns that wait for you",
                    "Who the client is",
                    "What is left to do",
                    "The report",
                ),
                start=1,
            )
        ]
        return ipywidgets.VBox([
            self.told, heads[0], ipywidgets.HBox([self.upload, self.replace, put, again], layout=_ROW), self.files,
            heads[1], self.columns, heads[2], self.form, heads[3], self.left, heads[4], make, self.bar, self.made,
        ])  # fmt: skip

    def __repr__(self) -> str:
        return f"Start: {start.answer(self.found).words}" if self.found else "Start: nothing read yet"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Widgets where they can live; elsewhere what was read and what is left."""
        shown = self.files.value + self.left.value
        return {**dict(self.box._repr_mimebundle_()), "text/plain": repr(self), "text/html": shown}


def _said(value: Any) -> Any:
    """A text without the spaces around it; an empty one says nothing."""
    return (value.strip() or None) if isinstance(value, str) else value


def _read_draft(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / DRAFT).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_draft(folder: Path, draft: Mapping[str, Any]) -> None:
    path = folder / DRAFT
    if draft:
        leftovers.put(path, json.dumps(draft, ensure_ascii=False, indent=1).encode("utf-8"))
    else:
        path.unlink(missing_ok=True)


__all__ = ["DRAFT", "Desk", "Html"]
