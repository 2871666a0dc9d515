"""The kinds of change: each takes a client's files, one file, one column (or none) and a seeded chooser.

A kind answers with the changed files, or None where it has nothing to change. None of them destroys a row;
what a row said may become unreadable, never untrue.
"""

from dataclasses import replace
from decimal import Decimal

from tests.perturbation import words

#: Kinds that need a column, kinds that take a whole file, kinds that take the folder.
BY_COLUMN, BY_FILE, BY_FOLDER = {}, {}, {}


def _kind(where, name):
    def enter(function):
        where[name] = function
        return function

    return enter


def some(rng, table, most=6):
    """A few of the entries of a file."""
    return frozenset(rng.sample(table.entries, min(most, len(table.entries))))


# --- one column ------------------------------------------------------------------------------------------


@_kind(BY_COLUMN, "rename-near")
def rename_near(table, column, rng):
    return [table.renamed(column, rng.choice(words.near(column)))]


@_kind(BY_COLUMN, "rename-far")
def rename_far(table, column, rng):
    return [table.renamed(column, rng.choice(words.FAR))]


@_kind(BY_COLUMN, "drop-column")
def drop_column(table, column, rng):
    return [table.without(column)]


@_kind(BY_COLUMN, "blank-column")
def blank_column(table, column, rng):
    return [table.mapped(column, lambda cell: _nothing(table))]


@_kind(BY_COLUMN, "blank-cells")
def blank_cells(table, column, rng):
    return [table.mapped(column, lambda cell: _nothing(table), some(rng, table))]


@_kind(BY_COLUMN, "dash-cells")
def dash_cells(table, column, rng):
    sign = rng.choice(("-", "N/A", "none", "—"))
    return [table.mapped(column, lambda cell: sign, some(rng, table))]


@_kind(BY_COLUMN, "unknown-status")
def unknown_status(table, column, rng):
    if not any(word in column.lower() for word in ("status", "indicator")):
        return None
    word = rng.choice(words.NOBODY_KNOWS)
    entries = None if rng.random() < 0.3 else some(rng, table)
    return [table.mapped(column, lambda cell: word, entries)]


@_kind(BY_COLUMN, "european-decimals")
def european_decimals(table, column, rng):
    return [table.mapped(column, words.european)] if _is_money(column) else None


@_kind(BY_COLUMN, "thousands-point")
def thousands_point(table, column, rng):
    return [table.mapped(column, words.thousands_point, some(rng, table))] if _is_money(column) else None


@_kind(BY_COLUMN, "date-form")
def date_form(table, column, rng):
    if not any(words.day(row.cells[table.place(column)]) for row in table.rows):
        return None
    return [table.mapped(column, words.written(rng.choice(sorted(words.DAY_FORMS))))]


@_kind(BY_COLUMN, "words-around-heading")
def words_around(table, column, rng):
    form = rng.choice(words.AROUND)
    dress = lambda cell: form.format(words.dotted(words.heading(cell)))  # noqa: E731
    return _of_headings(table, column, some(rng, table), dress)


@_kind(BY_COLUMN, "headings-in-a-note")
def headings_in_a_note(table, column, rng):
    """The chapter 99 numbers leave their column and stand in a note at the end of the row."""
    place = table.place(column)
    if not any(words.heading(row.cells[place]) for row in table.rows):
        return None
    name, entries = rng.choice(("Remarks", "Notes", "Broker Comment")), some(rng, table, 12)
    rows = []
    for row in table.rows:
        moved = words.heading(row.cells[place]) if row.entry in entries else ""
        kept = row.but(place, _nothing(table)) if moved else row
        rows.append(replace(kept, cells=(*kept.cells, words.dotted(moved) if moved else _nothing(table))))
    return [replace(table, header=(*table.header, name), rows=tuple(rows))]


@_kind(BY_COLUMN, "unread-heading")
def unread_heading(table, column, rng):
    return _of_headings(
        table, column, some(rng, table), lambda cell: rng.choice(("99O3", "ch. 99", "see 7501"))
    )


# --- rows ------------------------------------------------------------------------------------------------


@_kind(BY_FILE, "paste-again")
def paste_again(table, rng):
    """Two exports pasted under one another, with the header between them or without."""
    between = () if rng.random() < 0.5 else (_as_row(table, table.header),)
    return [replace(table, rows=(*table.rows, *between, *_about_entries(table)))]


@_kind(BY_FILE, "repeat-rows")
def repeat_rows(table, rng):
    twice = [row for row in _about_entries(table) if rng.random() < 0.1]
    return [replace(table, rows=(*table.rows, *twice))] if twice else None


@_kind(BY_FILE, "repeat-changed")
def repeat_changed(table, rng):
    """Some rows of money stand twice, one dollar apart: a version or a conflict, never a sum."""
    money = [place for place, name in enumerate(table.header) if _is_duty(name)]
    if not money:
        return None
    chosen = some(rng, table)
    rows = [row for row in _about_entries(table) if row.entry in chosen and words.amount(row.cells[money[0]])]
    again = [row.but(money[0], float(words.amount(row.cells[money[0]]) + Decimal(1))) for row in rows]
    return [replace(table, rows=(*table.rows, *again))] if again else None


@_kind(BY_FILE, "shuffle-rows")
def shuffle_rows(table, rng):
    rows = list(_about_entries(table))
    rng.shuffle(rows)
    return [replace(table, rows=tuple(rows))]


@_kind(BY_FILE, "split-by-entry")
def split_by_entry(table, rng):
    half = {entry for entry in table.entries if rng.random() < 0.5}
    return _split(table, rng, [row.entry in half for row in table.rows])


@_kind(BY_FILE, "split-inside-entries")
def split_inside(table, rng):
    """Rows of one entry, even of one line, fall into different files."""
    return _split(table, rng, [rng.random() < 0.5 for _ in table.rows])


# --- the folder ------------------------------------------------------------------------------------------


@_kind(BY_FOLDER, "rename-files")
def rename_files(tables, rng):
    names = rng.sample(words.ARBITRARY, len(tables))
    return [replace(t, name=f"{n}{_ending(t)}") for t, n in zip(tables, names, strict=True)]


@_kind(BY_FOLDER, "swap-names")
def swap_names(tables, rng):
    """The files take one another's names, so far as their endings allow."""
    turned = list(tables)
    for ending in (".csv", ".xlsx"):
        places = [place for place, table in enumerate(turned) if table.name.endswith(ending)]
        names = [turned[place].name for place in places]
        for place, name in zip(places, [*names[1:], *names[:1]], strict=True):
            turned[place] = replace(turned[place], name=name)
    return turned if turned != list(tables) else None


# --- parts ------------------------------------------------------------------------------------------------


def _nothing(table):
    return "" if table.is_csv else None


def _ending(table):
    return ".csv" if table.is_csv else ".xlsx"


def _is_money(column):
    return any(word in column.lower() for word in ("amount", "value", "duty amount"))


def _is_duty(column):
    return "duty amount" in str(column).lower()


def _about_entries(table):
    return tuple(row for row in table.rows if row.entry)


def _as_row(table, cells):
    return replace(table.rows[0], entry="", cells=tuple(cells))


def _of_headings(table, column, entries, change):
    """The column with the chapter 99 numbers of some entries changed."""
    place = table.place(column)
    if not any(words.heading(row.cells[place]) for row in table.rows):
        return None
    return [table.mapped(column, lambda cell: change(cell) if words.heading(cell) else cell, entries)]


def _split(table, rng, first):
    names = rng.sample(words.ARBITRARY, 2)
    parts = [
        replace(
            table,
            name=f"{name}{_ending(table)}",
            rows=tuple(row for row, one in zip(table.rows, first, strict=True) if one is side),
        )
        for name, side in zip(names, (True, False), strict=True)
    ]
    return parts if all(part.rows for part in parts) else None
