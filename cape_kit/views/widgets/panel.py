"""The live panel: controls that redraw figures at once and pictures shortly after, and say what went wrong.

Everything it shows it also gives as plain values: `scenario`, `result`, `values`, `toml()`, `section()`.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

from cape_kit.assessment import scenarios
from cape_kit.errors import CapeError, Usage
from cape_kit.views import charts, tables, whatif
from cape_kit.views.markup import Html
from cape_kit.views.widgets.controls import FILTERS, Controls

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.scenarios import Scenario

#: How long the controls must rest before figures, and then pictures, are made anew. [seconds]
REST, PICTURES_REST = 0.08, 0.35
#: Outside a report's page tables and pictures have no style of their own.
_STYLE = (
    "<style>.whatif-more table{border-collapse:collapse;line-height:1.35;margin:10px 0}"
    ".whatif-more caption{text-align:left;font-weight:bold;padding:4px 0}"
    ".whatif-more th,.whatif-more td{text-align:left;vertical-align:top;padding:4px 12px 4px 0}"
    ".whatif-more tbody th{font-weight:normal}"
    ".whatif-more thead th{border-bottom:1px solid #999;font-weight:bold}"
    ".whatif-more .figure{text-align:right;white-space:nowrap}.whatif-more .whole{white-space:nowrap}"
    ".whatif-more .under{display:block;opacity:.7;font-size:.88em}"
    ".whatif-more figure{margin:12px 0}.whatif-more figcaption,.whatif-more .note{opacity:.7;font-size:.88em}"
    "</style>"
)
_TIMING = ("scenario", "filing", "pace", "payment", "cycle")
_REST = ("phase_3", "importer_class", "warehouse", "cures", "rejected")


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
        self.figures, self.pictures, self.kept = (ipywidgets.HTML() for _ in range(3))
        self.figures.add_class("whatif-figures")
        self.errors = ipywidgets.Output()
        for name, one in self.controls.widgets.items():
            one.observe(self._picked if name == "scenario" else self._changed, names="value")
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
        there = scenarios.read(path) if path.is_file() else {}
        if scenario.name in there or scenario.name == scenarios.BASELINE.name:
            raise Usage(f"{path} can't take another '{scenario.name}'; give it another name.")
        text = path.read_text("utf-8-sig") if path.is_file() else ""
        path.write_text(f"{text}{'' if not text else chr(10)}{scenarios.written(scenario)}", "utf-8")
        return path

    def section(self) -> Html:
        """The scenario as a part of a report."""
        return whatif.section(self.baseline, self.result)

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

    def _changed(self, _: Any) -> None:
        if not self._quiet:
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
        self._due[what] = loop.call_later(rest, self._guarded, what, make)

    def _guarded(self, what: str, make: Callable[[], None]) -> None:
        """Make it; what goes wrong stands in the panel until the same thing succeeds."""
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
        pieces = [whatif.answer(self.baseline, self.result), whatif.assumed(self.result)]
        self.figures.value = "".join(piece.text for piece in pieces)
        self.kept.value = f"<pre>{_escaped(self.toml())}</pre>"

    def _pictures(self) -> None:
        now = self.result
        drawn = [
            charts.liquidation_timeline(tables.clocks(now), tables.clock_groups(now)),
            charts.dollars_at_risk(tables.weeks(now)),
            charts.cash_curve(whatif.cash_weeks(now)),
        ]
        told = [whatif.comparison(self.baseline, [now]), whatif.moves(self.baseline, now)]
        parts = [*(one.on_page.text for one in drawn), *(one._repr_html_() for one in told)]
        self.pictures.value = f'<div class="whatif-more">{_STYLE}{"".join(parts)}</div>'

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
        columns = [[of[name] for name in names] for names in (_TIMING, _REST, FILTERS)]
        keep = ipywidgets.VBox([of["name"], self.kept])
        more = ipywidgets.Accordion(children=[ipywidgets.VBox(columns[2]), keep])
        more.titles = ("Only some entries", "Keep this scenario")
        top = ipywidgets.HBox([ipywidgets.VBox(one) for one in columns[:2]], layout={"flex_flow": "row wrap"})
        return ipywidgets.VBox([top, more, self.errors, self.figures, self.pictures])

    def __repr__(self) -> str:
        return f"What if: {whatif.answer(self.baseline, self.result)!r}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Widgets where they can live; elsewhere, such as in a rendered page, the figures as they stand."""
        bundle = dict(self.box._repr_mimebundle_())
        return {**bundle, "text/plain": repr(self), "text/html": f"<div>{self.figures.value}</div>"}


def _loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
