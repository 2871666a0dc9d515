"""The controls of what-if: which there are, how a scenario sets them, and what they say in plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np

from cape_kit.assessment import scenarios
from cape_kit.assessment.scenarios import BASELINE, Scenario
from cape_kit.views import markup, words
from cape_kit.views.whatif import title

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

ALL = ""
#: Filter -> column of the assessment's table, and its label.
FILTERS = {
    "importer": ("importer_number", "Importer"),
    "filer": ("filer_code", "Filer"),
    "programme": ("programme", "Programme"),
}
_WAREHOUSE = "warehouse_readmitted"
_LABEL = {"description_width": "170px"}
_WIDE = {"width": "560px"}


class Controls:
    """The widgets by name; what they say is read through `scenario` and `rows`."""

    def __init__(self, assessment: Assessment, days: int) -> None:
        self.assessment = assessment
        self.start = assessment.filing_date
        self.known = scenarios.known(assessment.client.folder)
        self.usual_pace = scenarios.usual_pace(assessment.law, self.start)
        self.widgets = {**_timing(self.start, days, self.usual_pace), **_law(self.known)}
        self.widgets |= _filters(assessment)
        self.pick(BASELINE)

    def pick(self, scenario: Scenario) -> None:
        """Set every control as a scenario has it."""
        last = self.widgets["filing"].options[-1][1]
        asked = scenario.filing_on or self.start + timedelta(days=scenario.filing_after_days)
        values = {
            "filing": min(max(asked, self.start), last),
            "pace": scenario.liquidation_after_acceptance_days or self.usual_pace,
            "payment": scenario.payment_later_days,
            "cycle": scenario.cycle_shift_days,
            "phase_3": scenario.phase_3,
            "warehouse": bool(scenario.readmitted_types),
            "importer_class": scenario.importer_class or ALL,
            "cures": scenario.cures_succeed,
            "rejected": scenario.rejected_share,
            "name": scenario.name if scenario.changes else "my_scenario",
        }
        for name, value in values.items():
            self.widgets[name].value = value

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
        if made.changes == self._settled(base).changes:
            return self._settled(base)
        return replace(made, name=value("name").strip() or "my_scenario", reason="")

    def _settled(self, base: Scenario) -> Scenario:
        """The chosen scenario with its filing day as a day."""
        asked = base.filing_on or self.start + timedelta(days=base.filing_after_days)
        return replace(base, filing_after_days=0, filing_on=asked if asked != self.start else None)

    @property
    def rows(self) -> np.ndarray | None:
        """The places of the entries the filters let through; None when they let all through."""
        table, kept = self.assessment.table, None
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
    options = [(words.day(day), day) for day in (start + timedelta(days=n) for n in range(days + 1))]
    filing = ipywidgets.SelectionSlider(
        options=options, value=start, description="Filing day", style=_LABEL, layout=_WIDE
    )
    filing.add_class("whatif-filing")
    return {
        "filing": filing,
        "pace": _slider("CBP liquidates after", (1, 4 * pace), pace, "days from acceptance to liquidation"),
        "payment": _slider("Money later by", (-21, 120), 0, "days later than CBP says it mostly pays"),
        "cycle": _slider("Liquidation cycle later by", (-60, 120), 0, "days; below zero is earlier"),
    }


def _slider(label: str, ends: tuple[int, int], value: int, told: str) -> Any:
    return ipywidgets.IntSlider(
        value=value, min=ends[0], max=ends[1], description=label, tooltip=told, style=_LABEL, layout=_WIDE
    )


def _law(known: dict[str, Scenario]) -> dict[str, Any]:
    phases = [("not open", "off"), ("open to all", "all"), ("open to those who sued", "litigants")]
    classes = [("as the client is", ALL), ("corporate", "corporate"), ("non-corporate", "non_corporate")]
    return {
        "scenario": _choice("Scenario", [(title(name), name) for name in known]),
        "phase_3": _choice("Phase 3 (assumed)", phases),
        "warehouse": _switch("Warehouse types readmitted (assumed)"),
        "importer_class": _choice("Interest class", classes),
        "cures": _switch("Everything curable is cured"),
        "rejected": ipywidgets.FloatSlider(
            value=0, min=0, max=0.5, step=0.01, description="Share rejected by CBP", readout_format=".0%",
            style=_LABEL, layout=_WIDE,
        ),
        "name": ipywidgets.Text(value="my_scenario", description="Name to keep it by", style=_LABEL),
    }  # fmt: skip


def _filters(assessment: Assessment) -> dict[str, Any]:
    table, found = assessment.table, {}
    for name, (column, label) in FILTERS.items():
        there = sorted(str(one) for one in table[column].dropna().unique() if str(one))
        found[name] = _choice(label, [("all", ALL), *((markup.told(one), one) for one in there)])
    return found


def _choice(label: str, options: list[tuple[str, Any]]) -> Any:
    return ipywidgets.Dropdown(options=options, description=label, style=_LABEL)


def _switch(label: str) -> Any:
    return ipywidgets.Checkbox(value=False, description=label, indent=False)
