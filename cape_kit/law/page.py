"""The law in force on a day as a page a person reads, each line with its source; and what to re-check."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cape_kit.errors import NoLawInForce
from cape_kit.law.book import Conflict, Law, Pending, Phase, Source, Validation, Value
from cape_kit.law.book.rows import Answer, Heading, OtherFamily, Rate


@dataclass(frozen=True)
class Checkup:
    """What is stale, pending or conflicting on a day."""

    stale: str | None
    pending: tuple[Pending, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def clean(self) -> bool:
        """Nothing to re-check."""
        return not (self.stale or self.pending or self.conflicts)


def checkup(law: Law, as_of: date) -> Checkup:
    """What should be looked at again before the book is called current. Source: key ``staleness.days``."""
    return Checkup(law.stale(as_of), law.pending, law.conflicts)


def text(law: Law, on: date) -> str:
    """The whole page."""
    parts = [
        _opening(law, on),
        *_own(law),
        section("The program", _phases(law, on)),
        section("Numbers and lists in force", _values(law, on)),
        section("Checks of the declaration file", _checks(law, on, files=True)),
        section("Checks of each entry", _checks(law, on, files=False)),
        section("IEEPA headings for entries of this day", _headings(law, on)),
        section("Interest", _interest(law, on)),
        section("Entry types", _entry_types(law)),
        section("Status words in reports", _words(law)),
        section("Questions and answers", _answers(law, _current(law.answers, on))),
        _open_points(law),
        section("Sources", map(_source, law.contents.sources.values())),
    ]
    return "\n".join(parts)


def checkup_text(result: Checkup, law: Law, as_of: date) -> str:
    """The check-up as text."""
    told = result.stale or f"Current: last checked on {law.checked_on}, for use on {as_of}."
    return "\n".join([section("Freshness", [paragraph(told)]), _open_points(law)])


def found_text(law: Law, on: date, words: str) -> str:
    """The lines that mention all the words, or an empty text: all of the book but rates and gaps.

    Of the program and of numbers only what is in force on the day; of headings every row. A heading is found by its
    number with dots or without.
    """
    wanted = words.lower().split()
    parts: list[tuple[str, Iterable[str]]] = [
        ("The program", [_phase(law, phase) for phase in law.phases(on)]),
        ("Numbers and lists", [_value(law, value) for value in _in_force(law, on)]),
        ("Checks", [_check(law, check) for check in law.contents.validations]),
        ("IEEPA headings", [_heading(law, row) for row in law.contents.headings]),
        ("Numbers of chapter 99 that are not IEEPA", [_other(law, row) for row in law.contents.others]),
        ("Entry types", _entry_types(law)),
        ("Status words in reports", _each_word(law)),
        ("Questions and answers", [_answer(law, one) for one in law.answers]),
        ("Where sources disagree", [_conflict(law, one) for one in law.conflicts]),
        ("Pending: not applied", [_pending(law, one) for one in law.pending]),
        ("Sources", [_source(one) for one in law.contents.sources.values()]),
    ]
    kept = [(title, [line for line in lines if _mentions(line, wanted)]) for title, lines in parts]
    return "\n".join(section(title, lines) for title, lines in kept if lines)


def answers_text(law: Law, subject: str) -> str:
    """The answers whose key begins with a subject, such as postal."""
    return "\n".join(_answer(law, one) for one in law.answers if one.key.startswith(subject))


def answers(law: Law, subject: str) -> list[dict[str, str]]:
    """The same for programs: question, answer and source of each."""
    found = [one for one in law.answers if one.key.startswith(subject)]
    return [{"question": one.question, "answer": one.answer, "source": law.cite(one.source)} for one in found]


def _mentions(line: str, wanted: list[str]) -> bool:
    text = " ".join(line.lower().split())
    undotted = text.replace(".", "")
    return all(word in text or (word.isdigit() and word in undotted) for word in wanted)


def _source(one: Source) -> str:
    when = f", {one.date}" if one.date else ""
    return labelled(one.citation, f"{one.title} ({one.issuer}{when}; seen: {one.seen})", column=4)


def _opening(law: Law, on: date) -> str:
    replayed = f", as known on {law.known_on}" if law.known_on else ""
    title = f"The law of CAPE refunds on {on}{replayed}"
    told = f"Law book {law.version}, sources last checked on {law.checked_on}; {_newest(law)}."
    blocks = [title, "=" * len(title), paragraph(told, indent=0)]
    stale = law.stale(on)
    return "\n".join([*blocks, *([paragraph(f"STALE: {stale}", indent=0)] if stale else []), ""])


def _own(law: Law) -> list[str]:
    """What the user's own folder adds or closes; nothing without one."""
    rows = [
        labelled(f"{one['what']}, {one['file']}", f"{one['told']}. [{one['source']}]", column=28)
        for one in law.own_rows
    ]
    return [section("Rows of your own", rows)] if rows else []


def _mark(law: Law, row: Any) -> str:
    """Says of a row that it is the user's, not the book's."""
    return " YOUR OWN." if law.is_own(row) else ""


def _newest(law: Law) -> str:
    """The newest text of CBP that was read itself."""
    read = [one for one in law.contents.sources.values() if one.issuer == "CBP" and one.seen == "copy"]
    newest = max((one for one in read if one.date), key=lambda one: str(one.date))
    return f"the newest CBP text read for it is dated {newest.date}"


def _phases(law: Law, on: date) -> Iterable[str]:
    phases = law.phases(on)
    if not phases:
        yield paragraph(f"CAPE was not open on {on}, according to the book.")
    for phase in phases:
        yield _phase(law, phase)


def _phase(law: Law, phase: Phase) -> str:
    told = f"{phase.title}. {phase.what}{_mark(law, phase)} [{law.cite(phase.source)}]"
    return labelled(f"from {phase.first_day}", told)


def _values(law: Law, on: date) -> Iterable[str]:
    in_force = _in_force(law, on)
    for before, value in zip([None, *in_force], in_force, strict=False):
        if before is not None and before.key.split(".")[0] != value.key.split(".")[0]:
            yield ""
        yield _value(law, value)
    silent = sorted(set(law.contents.series) - {value.key for value in in_force})
    if silent:
        yield labelled("no value this day", ", ".join(silent))


def _in_force(law: Law, on: date) -> list[Value]:
    found = []
    for key in law.contents.series:
        try:
            found.append(law.value(key, on))
        except NoLawInForce:
            continue
    return found


def _value(law: Law, value: Value) -> str:
    return labelled(value.key, _in_words(law, value), column=38)


def _in_words(law: Law, value: Value) -> str:
    series = law.series(value.key)
    until = f" to {value.last_day}" if value.last_day else ""
    kit = " A choice of this kit." if value.status == "kit" else _mark(law, value)
    return (
        f"{_measured(value, series.unit)}. {series.meaning}.{kit}{_doubt(value)} "
        f"In the book from {value.first_day}{until}. [{law.cite(value.source)}]"
    )


def _doubt(row: Value | Heading | OtherFamily) -> str:
    """How sure the book is of a row, where it is not."""
    return {"high": "", "conflict": " Sources conflict."}.get(
        row.confidence, f" Confidence {row.confidence}."
    )


def _measured(value: Value, unit: str) -> str:
    """A value with its unit, where the unit says more than the value does."""
    shown = _shown(value.value)
    if unit in ("text", "day", "weekday", "convention", "class", "entry types"):
        return shown
    return f"{shown} {unit.removesuffix('s') if value.value == 1 else unit}"


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _checks(law: Law, on: date, *, files: bool) -> Iterable[str]:
    try:
        checks = law.file_checks(on) if files else law.validations(on)
    except NoLawInForce as none:
        yield paragraph(str(none))
        return
    yield from (_check(law, check) for check in checks)


def _check(law: Law, check: Validation) -> str:
    official = f"“{check.official_text}” " if check.official_text else "(no line in CBP's tables) "
    cures = "" if check.client_can else " The client can't cure it."
    until = f" to {check.last_day}" if check.last_day else ""
    missing = f" Without {', '.join(check.needs)}: {check.missing}." if check.needs else ""
    return labelled(
        check.code,
        f"{official}{check.meaning} Cure: {check.cure}{cures}{missing} Resolved by: {check.settles}. "
        f"Since {check.first_day}{until}.{_mark(law, check)} [{law.cite(check.source)}]",
        column=6,
    )


def _headings(law: Law, on: date) -> Iterable[str]:
    rows = [row for row in law.contents.headings if row.first_day <= on and (row.last_day or on) >= on]
    if not law.contents.headings:
        yield paragraph(f"None: no IEEPA heading was public on {law.known_on}.")
    elif not rows:
        first = min(row.first_day for row in law.contents.headings)
        last = max(row.last_day or on for row in law.contents.headings)
        yield paragraph(f"None: IEEPA duty was collected on entries of {first} to {last}.")
        return
    programmes = sorted({row.programme for row in rows})
    for programme in programmes:
        mine = [row for row in rows if row.programme == programme]
        duty = [
            f"{row.heading} {row.country} {row.rate_pct}%{_mark(law, row)}"
            for row in mine
            if row.kind == "duty"
        ]
        free = [row.heading for row in mine if row.kind == "exception"]
        if duty:
            yield labelled(programme, "; ".join(duty))
        if free:
            yield labelled(f"{programme}, free" if not duty else "  exceptions", ", ".join(free))


def _heading(law: Law, row: Heading) -> str:
    """One heading with all that the book says of it, whatever the day."""
    rate = f"{row.rate_pct}%{', all-in' if row.all_in else ''}" if row.kind == "duty" else "free of this duty"
    told = f"{row.programme}: {row.measure} ({row.authority}). {row.country}, {rate}, {_span(row)}."
    note = f" {row.note}" if row.note else ""
    return labelled(row.heading, f"{told}{_doubt(row)}{note}{_mark(law, row)} [{law.cite(row.source)}]")


def _other(law: Law, row: OtherFamily) -> str:
    """One family of numbers of another law."""
    rate = f", {row.rate_pct}%" if row.rate_pct else ""
    note = f" {row.note}" if row.note else ""
    told = f"{row.programme}{rate}, {_span(row)}.{_doubt(row)}{note}"
    return labelled(row.family, f"{told}{_mark(law, row)} [{law.cite(row.source)}]")


def _span(row: Heading | OtherFamily) -> str:
    """The days of a row in words."""
    first = f"from {row.first_day}" if row.first_day else "first day not in the book"
    return f"{first} to {row.last_day}" if row.last_day else first


def _interest(law: Law, on: date) -> Iterable[str]:
    known = [row for row in law.contents.rates if row.noncorporate_pct is not None]
    if known:
        yield labelled("rates published for", f"{known[0].first_day} to {known[-1].last_day}")
    for row in law.contents.rates:
        if row.first_day <= on <= row.last_day:
            yield labelled(f"quarter from {row.first_day}", _rate(law, row))
        elif row.status == "pending":
            yield labelled(f"quarter from {row.first_day}", f"pending. {row.note}")


def _rate(law: Law, row: Rate) -> str:
    if row.noncorporate_pct is None:
        return f"pending. {row.note}"
    corporate = row.corporate_pct if row.corporate_pct is not None else row.noncorporate_pct
    over = f"overpayment {row.noncorporate_pct}%, corporations {corporate}%"
    told = f"{over}; underpayment {row.underpayment_pct}%."
    return f"{told} Confidence {row.confidence}. {row.note}{_mark(law, row)} [{law.cite(row.source)}]"


def _entry_types(law: Law) -> Iterable[str]:
    for code, one in law.entry_types.items():
        yield labelled(code, f"{one.name}. {one.note}{_mark(law, one)} [{law.cite(one.source)}]", column=4)


def _words(law: Law) -> Iterable[str]:
    for kind, words in law.contents.words.items():
        yield paragraph(f"{kind.replace('_', ' ')} [{law.cite(next(iter(words.values())).source)}]")
        for canon in dict.fromkeys(word.canon for word in words.values()):
            mine = [word for word in words.values() if word.canon == canon]
            yield labelled(", ".join(word.word for word in mine), mine[0].meaning, indent=4, column=36)


def _each_word(law: Law) -> Iterable[str]:
    """Every status word by itself, with the meaning the kit acts on (canon)."""
    for kind, words in law.contents.words.items():
        for one in words.values():
            told = f"{kind}, canon “{one.canon}”. {one.meaning}{_mark(law, one)} [{law.cite(one.source)}]"
            yield labelled(one.word, told)


def _current(answers: Iterable[Answer], on: date) -> list[Answer]:
    return [one for one in answers if (one.first_day or on) <= on <= (one.last_day or on)]


def _answers(law: Law, answers: Iterable[Answer]) -> Iterable[str]:
    topic = None
    for one in answers:
        if one.topic != topic:
            topic = one.topic
            yield paragraph(topic.upper())
        yield _answer(law, one)


def _answer(law: Law, one: Answer) -> str:
    return labelled(
        one.question, f"{one.answer}{_mark(law, one)} [{law.cite(one.source)}]", indent=4, column=4
    )


def _open_points(law: Law) -> str:
    disagree = [_conflict(law, one) for one in law.conflicts]
    waiting = [_pending(law, one) for one in law.pending]
    return "\n".join([section("Where sources disagree", disagree), section("Pending: not applied", waiting)])


def _conflict(law: Law, one: Conflict) -> str:
    readings = "; ".join(f"“{text}” [{law.cite(source)}]" for text, source in one.readings)
    return labelled(one.question, f"Readings: {readings}. Taken: {one.taken}. {one.why}", column=4)


def _pending(law: Law, one: Pending) -> str:
    told = f"({one.state}) {one.what} Look at: {one.watch}.{_mark(law, one)} [{law.cite(one.source)}]"
    return labelled(one.title, told, column=4)


# ---- plain text for terminals: titled sections, wrapped rows, aligned labels -------------------------------

WIDTH = 100


def section(title: str, blocks: Iterable[str]) -> str:
    """A title, a rule under it, and its blocks."""
    return "\n".join([title, "-" * len(title), *blocks, ""])


def labelled(label: str, text: str, *, indent: int = 2, column: int = 24) -> str:
    """A label and its text, wrapped beside it; a label too long for its column gets a line of its own."""
    margin = " " * (indent + column)
    if len(label) >= column:
        return _wrap(label, " " * indent, " " * indent) + "\n" + _wrap(text, margin, margin)
    return _wrap(text, " " * indent + label.ljust(column), margin)


def paragraph(text: str, *, indent: int = 2) -> str:
    """A wrapped paragraph."""
    margin = " " * indent
    return _wrap(text, margin, margin)


def aligned(rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), indent: int = 2) -> str:
    """Rows in aligned columns; ``right`` names the columns set flush right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for cells in rows:
        placed = [
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        lines.append((" " * indent + "  ".join(placed)).rstrip())
    return "\n".join(lines)


def _wrap(text: str, first: str, rest: str) -> str:
    return textwrap.fill(
        text or "-",
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
