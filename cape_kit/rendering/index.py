"""The page over all clients of a batch: where each stands, its next day, and whether its report was made."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cape_kit import leftovers, owners
from cape_kit.rendering import book, pages, summary
from cape_kit.rendering.jobs import INDEX, Outcome
from cape_kit.views import markup, palette, words
from cape_kit.views.markup import Card
from cape_kit.views.tables import Field, Table
from cape_kit.views.tables.table import duty, told_apart


@owners.alone()
def write(outcomes: Iterable[Outcome], out: Path, *, redact: bool | None = None, made_of: str = "") -> Path:
    """The index of these outcomes in the output folder, and the workbook beside it with the same figures.

    Links are relative, so the folder can be moved. `redact`: no client is named, nor what went wrong told;
    where it is not said, the reports say it.
    """
    outcomes = list(outcomes)
    told = summary.told(outcomes, redact)
    newest = max((one.summary["as_of"] for one in told if one.summary), default="")
    rows = [
        _row(outcome, out, given, newest) for outcome, given in zip(told, _by_name(outcomes), strict=True)
    ]
    environment = Environment(
        loader=FileSystemLoader(pages.TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {
        "told": lambda value: Markup(markup.safe(value)),
        "dollars": words.dollars,
        "count": words.count,
    }
    made = [row for row in rows if row["figures"]]
    total = {key: _sum(row["figures"][key] for row in made) for key in ("entries", *_MONEY)}
    left = sum(row["figures"]["unknown"] for row in made)
    script = (pages.TEMPLATES / "index.js").read_text("utf-8")
    page = environment.get_template("index.html.j2").render(
        rows=rows,
        made_of=made_of,
        style=Markup(pages.style()),
        script=Markup(script),
        first=Markup(_FIRST),
        hashes=[_hash(_FIRST), _hash(script)],
        colours=palette.DISPOSITIONS,
        total=total,
        money=_MONEY,
        kinds=_KINDS,
        heads=_HEADS,
        on=_on(made),
        left=left,
        cards=Markup(_cards(total, made)._repr_html_()) if made else "",
        closing=Markup(_closing(told)),
        workbook=summary.write(outcomes, out, redact=redact).name,
        failed=sum(row["state"] == "failed" for row in rows),
        unread=sum(row["unread"] for row in rows),
    )
    out.mkdir(parents=True, exist_ok=True)
    return leftovers.put(out / INDEX, pages.with_faces(page).encode("utf-8"))


_MONEY = {
    "all": "IEEPA duty",
    "interest": "Interest",
    "now": "To file now",
    "cure": "Cure first",
    "protest": "Protest",
    "filed": "Filed or accepted",
    "paid": "Paid, with interest",
}
#: What the clients can be sifted by.
_KINDS = {
    "failed": "without a report",
    "unread": "with files not read",
    "soon": f"with a deadline within {book.AHEAD} days",
    "old": f"with an export more than {book.OLD} days old",
    "undated": "with a file of no known export day",
    "behind": "with a report that is out of date",
    "paid": "with refunds paid",
}
_HEADS = [
    ("Client", "words"),
    ("As of", "words"),
    ("Entries", "number"),
    *((label, "number") for label in _MONEY.values()),
    ("Next deadline", "words"),
    ("Oldest export", "words"),
    ("Rows not used", "number"),
    ("State", "words"),
]


#: Said before the rows are read: there is a script, and it will show them.
_FIRST = 'document.documentElement.classList.add("scripted")'


def _hash(script: str) -> str:
    """What the page's own policy knows a script by; no other is run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _by_name(outcomes: list[Outcome]) -> list[Outcome]:
    return sorted(outcomes, key=lambda outcome: outcome.source.name)


def _sum(cents: Iterable[int | None]) -> int | None:
    """The sum of what is known; None where something is not, and what is known comes to nothing."""
    every = list(cents)
    whole = sum(one for one in every if one is not None)
    return None if not whole and None in every else whole


def _on(made: list[dict[str, Any]]) -> str:
    """Of which day the figures speak: every report speaks of its own."""
    days = sorted({row["iso"] for row in made})
    if not days:
        return ""
    first, last = _day(days[0]), _day(days[-1])
    return f"on {first}" if len(days) == 1 else f"on the day of each report, {first} to {last}"


def _cards(total: dict[str, int | None], made: list[dict[str, Any]]) -> markup.Html:
    """The sums a firm asks for first."""
    unpaid = sum(row["figures"]["paid"] is None for row in made)
    left = f"; not known for {words.count(unpaid, 'client')}" if unpaid else ""
    one = [
        Card(
            "IEEPA duty",
            words.dollars(total["all"]),
            f"with about {words.dollars(total['interest'])} of interest",
        ),
        Card("To file now", words.dollars(total["now"]), f"can be declared {_on(made)}"),
        Card("Filed or accepted", words.dollars(total["filed"]), "on declarations, awaiting CBP or answered"),
        Card("Paid", words.dollars(total["paid"]), f"with interest, by CBP's reports{left}"),
    ]
    return markup.cards(one)


def _closing(told: list[Outcome]) -> str:
    """What closes in the next days over all clients, a row for each day."""
    firm = book.of((outcome.source.name, outcome.summary) for outcome in told)
    if firm is None:
        return ""
    frame = firm.closing().frame
    money = ["entries", "principal_cents", "interest_cents"]
    groups = frame.groupby(["day", "what"], sort=True)
    days = groups[[*money, "principal_unknown"]].sum(min_count=1)
    days = told_apart(days.assign(clients=groups["client"].nunique()).reset_index())
    days["named"] = groups["client"].agg(book.few).to_numpy()
    fields = (
        Field("day", "Last day", "day"),
        Field("what", "Deadline"),
        Field("clients", "Clients", "count"),
        Field("entries", "Entries", "count"),
        duty(days),
        Field("named", "Clients concerned"),
    )
    caption = f"Deadlines in the next {book.AHEAD} days, all clients"
    note = f"Each client's deadlines are in the workbook, sheet “Deadlines”. {firm.not_told()}".strip()
    return Table(days, fields, caption, firm.as_of, note=note, empty="No deadline.")._repr_html_()


def _row(outcome: Outcome, out: Path, given: Outcome, newest: str) -> dict[str, Any]:
    """One client; `newest` is the day of the newest report, against which older ones are held."""
    told = outcome.summary
    behind = book.out_of_date(told, date.fromisoformat(newest)) if told else ""
    parts = told.get("dispositions", {})
    coming = told.get("next_deadline")
    row = book.row(told) if parts else {}
    kinds = {
        "failed": outcome.state == "failed",
        "unread": bool(outcome.unread),
        "soon": coming is not None and date.fromisoformat(coming["day"]) <= _soon(told),
        "old": bool(parts) and book.is_old(told),
        "undated": bool(parts) and book.undated(told),
        "behind": bool(behind),
        "paid": bool(row.get("paid_cents")),
    }
    return {
        "name": told.get("name", outcome.source.name),
        "folder": outcome.source.name,
        "link": _link(outcome.page, out) if outcome.page else "",
        "log": _link(outcome.log, out) if outcome.log and outcome.source == given.source else "",
        "as_of": _day(told.get("as_of")),
        "iso": told.get("as_of", ""),
        "state": outcome.state,
        "told": summary.STATES[outcome.state],
        "message": " ".join(filter(None, (summary.trouble(outcome), behind and f"{behind}."))),
        "unread": bool(outcome.unread),
        "figures": _figures(row) if parts else None,
        "shares": [
            (key, part["principal_cents"])
            for key, part in parts.items()
            if part["principal_cents"] is not None and part["principal_cents"] > 0
        ],
        "next": _day(coming["day"]) if coming else words.NOTHING,
        "next_iso": coming["day"] if coming else "",
        "next_what": _stake(coming) if coming else "",
        "exported": _day(row.get("exported_on")),
        "exported_iso": row.get("exported_on") or "",
        "problems": words.count(summary.rows_not_used(told)) if parts else words.NOTHING,
        "unused": summary.rows_not_used(told) if parts else "",
        "kinds": " ".join(key for key, holds in kinds.items() if holds),
    }


def _soon(told: dict[str, Any]) -> date:
    return date.fromisoformat(told["as_of"]) + timedelta(book.AHEAD)


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "entries": row["entries"],
        "unknown": row["principal_unknown"],
        "all": row["principal_cents"],
        "interest": row["interest_cents"],
        "now": row["now_cents"],
        "cure": row["cure_cents"],
        "protest": row["protest_cents"],
        "filed": _sum((row["filed_cents"], row["claimed_cents"])),
        "paid": row["paid_cents"],
    }


def _stake(deadline: dict[str, Any]) -> str:
    entries, cents = words.entries(deadline["entries"]), deadline["principal_cents"]
    if cents is None:
        return f"{entries}, amount not known"
    left = words.not_known(deadline.get("principal_unknown", 0))
    told = f"{entries}, {words.dollars(cents)}"
    return f"{told}; {left}" if left else told


def _link(page: Path, out: Path) -> str:
    return quote(Path(os.path.relpath(page, out)).as_posix())


def _day(iso: str | None) -> str:
    return words.day(date.fromisoformat(iso)) if iso else words.NOTHING
