"""The controls of what-if: which there are, how a scenario sets them, and what they say in plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
import pandas as pd

from cape_kit.assessment import scenarios, timeline
from cape_kit.assessment.scenarios import BASELINE, Scenario
from cape_kit.views import markup, words
from cape_kit.views.whatif.tables import title

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.entries.client import Client

ALL = ""
UNNAMED = "my_scenario"
#: Filter -> column of the assessment's table, and its label.
FILTERS = {
    "importer": ("importer_number", "Importer"),
    "filer": ("filer_code", "Filer"),
    "programme": ("programme", "Main program"),
}
#: Controls with ends that a scenario may lie beyond.
SLIDERS = ("pace", "payment", "cycle", "rejected")
_WAREHOUSE = "warehouse_readmitted"
_LABEL = {"description_width": "185px"}
_WIDE = {"width": "440px"}
_LONG = {"width": "min(880px, 98%)"}


class Controls:
    """The widgets by name; what they say is read through `scenario` and `rows`."""

    def __init__(self, assessment: Assessment, days: int) -> None:
        self.assessment = assessment
        self.start = assessment.filing_date
        self.known = self._known()
        self.usual_pace = scenarios.usual_pace(assessment.law, self.start)
        self.widgets = {**_timing(self.start, days, self.usual_pace), **_law(self.known, assessment.client)}
        self.widgets |= _filters(assessment)
        self.ends = {name: (self.widgets[name].min, self.widgets[name].max) for name in SLIDERS}
        self.pick(BASELINE)

    def _known(self) -> dict[str, Scenario]:
        """The scenarios there are, but for those whose filing day has gone by.

        One that only sets the interest class the client has is the baseline under another name.
        """
        there, own = scenarios.known(self.assessment.client.folder), _own_class(self.assessment.client)
        kept: dict[str, Scenario] = {}
        for name, one in there.items():
            same = one.changes and one.changes == {"importer_class": own}
            if not one.gone_by(self.start) and not same:
                kept[name] = one
        return kept

    def learn(self, name: str) -> None:
        """Take in a scenario that was added to the client's folder, as the one chosen."""
        self.known = self._known()
        self.widgets["scenario"].options = _names(self.known)
        self.widgets["scenario"].value = name

    def every_entry(self) -> None:
        """No filter any more."""
        for name in FILTERS:
            self.widgets[name].value = ALL

    def pick(self, scenario: Scenario) -> None:
        """Set every control as a scenario has it; a control too short for it grows."""
        asked = scenario.filing_on or self.start + timedelta(days=scenario.filing_after_days)
        filing = self.widgets["filing"]
        # It never shrinks: a page that holds a day beyond the new end would send another one back.
        if asked > filing.options[-1][1]:
            filing.options = _days(self.start, (asked - self.start).days)
        values = {
            "filing": asked,
            "pace": scenario.liquidation_after_acceptance_days or self.usual_pace,
            "payment": scenario.payment_later_days,
            "cycle": scenario.cycle_shift_days,
            "phase_3": scenario.phase_3,
            "warehouse": bool(scenario.readmitted_types),
            "importer_class": self._class(scenario),
            "cures": scenario.cures_succeed,
            "rejected": scenario.rejected_share,
            "name": scenario.name if scenario.changes else UNNAMED,
        }
        for name, value in values.items():
            one = self.widgets[name]
            if name in SLIDERS:
                one.min, one.max = min(one.min, value), max(one.max, value)
            one.value = value
            if name in SLIDERS:
                low, high = self.ends[name]
                one.min, one.max = min(low, value), max(high, value)

    def _class(self, scenario: Scenario) -> str:
        """The interest class a scenario has; where it is the client's own, the choice that says so."""
        own = _own_class(self.assessment.client)
        return ALL if scenario.importer_class == own else scenario.importer_class or ALL

    @property
    def only(self) -> str:
        """Which entries the filters let through, in words; nothing where they let all through."""
        named = [
            f"{label} {self.widgets[name].label}"
            for name, (_, label) in FILTERS.items()
            if self.value(name) != ALL
        ]
        if not named:
            return ""
        rows = self.rows
        none = " No entry is left." if rows is not None and not len(rows) else ""
        return f"Only these entries: {'; '.join(named).rstrip('.')}.{none}"

    @property
    def picked(self) -> Scenario:
        """The scenario chosen in the list."""
        return self.known[self.widgets["scenario"].value]

    @property
    def scenario(self) -> Scenario:
        """What the controls say, as a scenario; settings without a control are those of the chosen one."""
        value, base = self.value, self.picked
        types = base.readmitted_types or self.known[_WAREHOUSE].readmitted_types
        made = replace(
            base,
            filing_on=value("filing") if value("filing") != self.start else None,
            filing_after_days=0,
            liquidation_after_acceptance_days=value("pace") if value("pace") != self.usual_pace else None,
            payment_later_days=value("payment"),
            cycle_shift_days=value("cycle"),
            phase_3=value("phase_3"),
            readmitted_types=types if value("warehouse") else (),
            importer_class=value("importer_class") or None,
            cures_succeed=value("cures"),
            rejected_share=round(value("rejected"), 4),
        )
        name = value("name").strip() or UNNAMED
        if made.changes == self._settled(base).changes:
            return self._settled(base) if name in (base.name, UNNAMED) else replace(made, name=name)
        return replace(made, name=name, reason="")

    def _settled(self, base: Scenario) -> Scenario:
        """The chosen scenario with its filing day as a day."""
        asked = base.filing_on or self.start + timedelta(days=base.filing_after_days)
        return replace(base, filing_after_days=0, filing_on=asked if asked != self.start else None)

    @property
    def rows(self) -> np.ndarray | None:
        """The places of the entries the filters let through; None when they let all through."""
        table, kept = self.assessment.figures, None
        for name, (column, _) in FILTERS.items():
            if self.value(name) != ALL:
                here = (table[column] == self.value(name)).fillna(False).to_numpy(dtype=bool)
                kept = here if kept is None else kept & here
        return None if kept is None else np.flatnonzero(kept)

    def value(self, name: str) -> Any:
        """What one control says."""
        return self.widgets[name].value

    @property
    def values(self) -> dict[str, Any]:
        """What all controls say, as plain values."""
        return {name: one.value for name, one in self.widgets.items()}


def _timing(start: date, days: int, pace: int) -> dict[str, Any]:
    filing = ipywidgets.SelectionSlider(
        options=_days(start, days), value=start, description="Filing day", style=_LABEL, layout=_LONG
    )
    filing.add_class("whatif-filing")
    return {
        "filing": filing,
        "pace": _slider("CBP liquidates after, days", (1, 4 * pace), pace, "from acceptance to liquidation"),
        "payment": _slider("Money later by, days", (-21, 120), 0, "than CBP says it mostly pays"),
        "cycle": _slider("Usual cycle later by, days", (-60, 120), 0, "of liquidation; minus is earlier"),
        "rejected": ipywidgets.FloatSlider(
            value=0, min=0, max=0.5, step=0.01, description="Share rejected by CBP", readout_format=".0%",
            style=_LABEL, layout=_WIDE,
        ),
    }  # fmt: skip


def _days(start: date, days: int) -> list[tuple[str, date]]:
    """The days to choose from; a weekend or holiday says what it is."""
    there = [start + timedelta(days=n) for n in range(days + 1)]
    off = timeline.day_off(pd.Series(pd.to_datetime(there)))
    return [
        (f"{words.day(day)}, {why}" if why else words.day(day), day)
        for day, why in zip(there, off, strict=True)
    ]


def _slider(label: str, ends: tuple[int, int], value: int, told: str) -> Any:
    return ipywidgets.IntSlider(
        value=value, min=ends[0], max=ends[1], description=label, tooltip=told, style=_LABEL, layout=_WIDE
    )


def _names(known: dict[str, Scenario]) -> list[tuple[str, str]]:
    return [(title(name), name) for name in known]


def _law(known: dict[str, Scenario], client: Client) -> dict[str, Any]:
    phases = [("not open", "off"), ("open to all", "all"), ("open to those who sued", "litigants")]
    as_is = f"as the client is: {(client.importer_class or 'not stated').replace('_', '-')}"
    others = [("corporate", "corporate"), ("non-corporate", "non_corporate")]
    classes = [(as_is, ALL), *((told, one) for told, one in others if one != _own_class(client))]
    return {
        "scenario": _choice("Start from scenario", _names(known)),
        "phase_3": _choice("Phase 3 (assumed)", phases),
        "warehouse": _switch("Warehouse readmitted (assumed)"),
        "importer_class": _choice("Interest class", classes),
        "cures": _switch("Everything curable is cured"),
        "name": ipywidgets.Text(value=UNNAMED, description="Name to keep it by", style=_LABEL, layout=_WIDE),
    }


def _own_class(client: Client) -> str | None:
    """The one interest class of all the client's importers; None where they differ, or nobody says."""
    own = {one.importer_class for one in client.importers if one.importer_class}
    return client.importer_class if own <= {client.importer_class} else None


def _filters(assessment: Assessment) -> dict[str, Any]:
    table, client, found = assessment.figures, assessment.client, {}
    known = {
        "importer": {one.number: one.name for one in client.importers},
        "filer": {one.filer_code: one.name for one in client.brokers},
    }
    for name, (column, label) in FILTERS.items():
        there = sorted(str(one) for one in table[column].dropna().unique() if str(one))
        named = known.get(name, {})
        options = [(markup.told(f"{one} {named.get(one) or ''}".strip()), one) for one in there]
        # One only is the same as all of them.
        found[name] = _choice(label, [("all", ALL), *(options if len(options) > 1 else [])])
    return found


def _choice(label: str, options: list[tuple[str, Any]]) -> Any:
    return ipywidgets.Dropdown(options=options, description=label, style=_LABEL, layout=_WIDE)


def _switch(label: str) -> Any:
    return ipywidgets.Checkbox(value=False, description=label, style=_LABEL, layout=_WIDE)
