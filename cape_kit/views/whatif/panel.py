"""The live panel: controls that redraw figures at once and pictures shortly after, and say what went wrong.

Everything it shows it also gives as plain values: `scenario`, `result`, `values`, `toml()`, `section()`.
"""

from __future__ import annotations

import asyncio
import threading
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

from cape_kit import leftovers
from cape_kit.assessment import scenarios
from cape_kit.errors import CapeError, Usage
from cape_kit.views import charts, markup, tables
from cape_kit.views.markup import Html
from cape_kit.views.whatif import notebook_style
from cape_kit.views.whatif import tables as what_if
from cape_kit.views.whatif.controls import FILTERS, Controls

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.scenarios import Scenario

#: How long the controls must rest before figures, and then pictures, are made anew. [seconds]
REST, PICTURES_REST = 0.08, 0.35
#: Time between two pieces, in which a further move of a control is heard. [seconds]
_BREATH = 0.02
_FIRST = ("scenario", "filing")
_COLUMNS = (
    ("pace", "payment", "cycle", "rejected", "warehouse", "cures"),
    ("phase_3", "importer_class", *FILTERS),
)
#: What is drawn, in this order: the small before the tall.
_PIECES = ("cash", "risk", "comparison", "moves", "timeline")
_STALE = "whatif-stale"
_WHOLE = {"width": "98%"}


class Panel:
    """What-if on one assessment, in a notebook."""

    def __init__(self, assessment: Assessment, *, days: int) -> None:
        self.controls = Controls(assessment, days)
        self.assessment = assessment
        self.baseline = assessment
        self.result = assessment
        self._rows: bytes | None = None
        self._due: dict[str, Any] = {}
        self._wrong: dict[str, str] = {}
        self._quiet = False
        # JupyterLab may hand one move of a control to the kernel's main thread and the next to another (a
        # subshell). Whoever comes last reads the controls last, so what stands in the end is what they say.
        self._one_at_a_time = threading.RLock()
        self.figures, self.kept, self.saved = (ipywidgets.HTML(layout=_WHOLE) for _ in range(3))
        self.pictures = {name: ipywidgets.HTML(layout=_WHOLE) for name in _PIECES}
        self.figures.add_class("whatif-figures")
        self.errors = ipywidgets.Output()
        for name, one in self.controls.widgets.items():
            one.observe(self._picked if name == "scenario" else self._changed, names="value")
        self.again = ipywidgets.Button(description="Start again", tooltip="Every control as picked")
        self.again.on_click(self._start_again)
        self.keep = ipywidgets.Button(description="Add to scenarios.toml", layout={"width": "auto"})
        self.keep.on_click(lambda _: self._guarded("keeping", self._keep))
        self.redraw()

    @property
    def scenario(self) -> Scenario:
        """What the controls say, as a scenario."""
        return self.controls.scenario

    @property
    def values(self) -> dict[str, Any]:
        """What the controls say, as plain values by name."""
        return self.controls.values

    def toml(self) -> str:
        """The scenario as a consultant would write it in scenarios.toml."""
        return scenarios.written(self.scenario)

    def save(self, folder: Path | str | None = None) -> Path:
        """Add the scenario to scenarios.toml of the client's folder. Raises Usage when its name is taken."""
        path = Path(folder or self.assessment.client.folder) / scenarios.FILE
        scenario = self.scenario
        if not scenario.changes:
            raise Usage("There is nothing to keep: no control differs from the facts and the law.")
        there = scenarios.read(path) if path.is_file() else {}
        if scenario.name in there or scenario.name == scenarios.BASELINE.name:
            raise Usage(f"{path} can't take another '{scenario.name}'; give it another name.")
        text = path.read_text("utf-8-sig") if path.is_file() else ""
        more = f"{text}{'' if not text else chr(10)}{scenarios.written(scenario)}"
        return leftovers.put(path, more.encode("utf-8"))

    def section(self) -> Html:
        """The scenario as a part of a report; where filters are set, it says so."""
        return what_if.section(self.baseline, self.result, only=self.controls.only)

    def redraw(self) -> None:
        """Figures and pictures as the controls have them now; what goes wrong is said in the panel."""
        self._guarded("figures", self._figures)
        self._guarded("pictures", self._pictures)

    def _picked(self, _: Any) -> None:
        self._quiet = True
        try:
            self.controls.pick(self.controls.picked)
        finally:
            self._quiet = False
        self._changed(_)

    def _start_again(self, _: Any) -> None:
        self._quiet = True
        try:
            self.controls.every_entry()
        finally:
            self._quiet = False
        self._picked(_)

    def _keep(self) -> None:
        self.saved.value, name = "", self.scenario.name
        path = self.save()
        self._quiet = True
        try:
            self.controls.learn(name)
        finally:
            self._quiet = False
        self.saved.value = notebook_style.page(f"<p>Added to {markup.safe(path)}.</p>")

    def _changed(self, _: Any) -> None:
        if not self._quiet:
            self._wrong.pop("keeping", None)
            self.saved.value = ""
            self._soon("figures", REST, self._figures)
            self._soon("pictures", PICTURES_REST, self._pictures)

    def _soon(self, what: str, rest: float, make: Callable[[], None]) -> None:
        """Make it once the controls rest; where nothing can wait, at once."""
        loop = _loop()
        if loop is None:
            self._guarded(what, make)
            return
        if what in self._due:
            self._due[what].cancel()
        for one in (self.figures, *self.pictures.values()) if what == "figures" else ():
            one.add_class(_STALE)
        self._due[what] = loop.call_later(rest, self._guarded, what, make)

    def _guarded(self, what: str, make: Callable[[], None]) -> None:
        """Make it; what goes wrong stands in the panel until the same thing succeeds."""
        with self._one_at_a_time:
            self._wrong.pop(what, None)
            try:
                make()
            except CapeError as error:
                self._wrong[what] = str(error)
            except Exception:
                self._wrong[what] = traceback.format_exc()
            told = "\n".join(self._wrong.values())
            shown = {"output_type": "stream", "name": "stderr", "text": f"{told}\n"}
            self.errors.outputs = (shown,) if told else ()

    def _figures(self) -> None:
        self._narrow()
        self.result = scenarios.run(self.baseline, self.scenario)
        only = markup.paragraph(self.controls.only) if self.controls.only else Html("")
        pieces = [only, what_if.answer(self.baseline, self.result), what_if.assumed(self.result)]
        self.figures.value = notebook_style.page("".join(piece.text for piece in pieces))
        self.figures.remove_class(_STALE)
        self.kept.value = f"<pre>{markup.safe(self.toml())}</pre>"

    def _pictures(self, pieces: tuple[str, ...] = _PIECES) -> None:
        """One piece now and the rest when nothing else waits: a move of the slider never waits for all."""
        loop = _loop()
        for place, name in enumerate(pieces):
            if loop is not None and place:
                self._due["pictures"] = loop.call_later(
                    _BREATH, self._guarded, "pictures", partial(self._pictures, pieces[place:])
                )
                return
            self.pictures[name].value = notebook_style.page(self._piece(name))
            self.pictures[name].remove_class(_STALE)

    def _piece(self, name: str) -> str:
        now = self.result
        if name == "cash":
            return notebook_style.drawing(
                charts.cash_curve(what_if.cash_weeks(now)), "Refunds in hand, week by week"
            )
        if name == "risk":
            return notebook_style.drawing(
                charts.dollars_at_risk(tables.weeks(now)), "Dollars leaving a window, by week"
            )
        if name == "comparison":
            return what_if.comparison(self.baseline, [now], brief=True)._repr_html_()
        if name == "moves":
            return what_if.moves(self.baseline, now)._repr_html_()
        drawn = charts.liquidation_timeline(tables.clocks(now), tables.clock_groups(now))
        return notebook_style.drawing(drawn, "Every entry against its windows")

    def _narrow(self) -> None:
        """The baseline of the entries the filters let through; made again only when the filters change."""
        rows = self.controls.rows
        mark = None if rows is None else rows.tobytes()
        if mark != self._rows:
            whole = self.assessment
            self.baseline = whole if rows is None else scenarios.narrowed(whole, rows)
            self._rows = mark

    @property
    def box(self) -> Any:
        """The panel as one widget."""
        of = self.controls.widgets
        first = _row([of["scenario"], self.again])
        columns = _row([ipywidgets.VBox([of[name] for name in names]) for names in _COLUMNS])
        kept = [_row([of["name"], self.keep]), self.saved, self.kept]
        more = ipywidgets.Accordion(children=[ipywidgets.VBox(kept)], titles=("Keep this scenario",))
        drawn = [self.pictures[name] for name in _PIECES]
        return ipywidgets.VBox([first, of["filing"], columns, more, self.errors, self.figures, *drawn])

    def __repr__(self) -> str:
        return f"What if: {what_if.answer(self.baseline, self.result)!r}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Widgets where they can live; elsewhere, such as in a rendered page, the figures as they stand."""
        bundle = dict(self.box._repr_mimebundle_())
        return {**bundle, "text/plain": repr(self), "text/html": self.figures.value}


def _row(of: list[Any]) -> Any:
    return ipywidgets.HBox(of, layout={"flex_flow": "row wrap"})


def _loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
