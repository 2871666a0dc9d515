"""Prints of made-up entries, what a reading of one says beside its truth, and ways to spoil one."""

from collections import Counter
from random import Random

from cape_kit.entries.readers import paper as reader
from cape_kit.entries.readers.paper import tables
from cape_kit.sample import make, paper, recipe, registry

LAYOUTS = ("official", "gateway", "lakehead", "tidewater")
#: Columns of the table whose words hold what counts.
COLUMNS = ("line", "hts", "value", "rate", "duty", "cents")


def entries(count, seed=7):
    """So many made-up entries of several clients."""
    made = recipe.load()
    specs = recipe.invent(made, clients=1 + count // 400, entries=min(count, 400), seed=seed)
    found = [e for spec in specs for e in make.entries(make.bench(spec, made, registry.load(), seed))]
    return found[:count]


def said(verdict, lines=None):
    """What a reading says of an entry, as `paper.truth` writes it."""
    entry = verdict.entry
    return {
        "entry_number": entry.number,
        "entry_type": entry.said.get("entry_type"),
        "entry_date": str(entry.said.get("entry_date")),
        "summary_date": str(entry.said.get("entry_summary_date")),
        "port": entry.said.get("port_of_entry"),
        "importer": entry.said.get("importer_number"),
        "totals": {
            "value": entry.totals.get("total_value"), "duty": entry.totals.get("duty"),
            "tax": entry.totals.get("tax"), "other": entry.totals.get("other"),
        },
        "lines": by_entry([verdict]).get(entry.number, []) if lines is None else lines,
    }  # fmt: skip


def by_entry(verdicts):
    """The tariff lines of the entries that tie out, as the table of the reading has them."""
    found = {}
    for reading in tables.readings(verdicts, [], file="x"):
        columns = ["line_number", "ordinal", "hts", "country_of_origin", "goods_value_cents", "duty_cents"]
        for row in (
            [] if reading.lines is None else reading.lines.select(["entry_number", *columns]).to_pylist()
        ):
            found.setdefault(row["entry_number"], []).append([row[name] for name in columns])
    return found


def judged(path, truths):
    """How many entries of a PDF tie out and are right, tie out and are wrong, do not tie out, are missing."""
    return judged_of(reader.entry_summaries(path), truths)


def judged_of(read, truths):
    """The same of entries that were read before."""
    found = Counter()
    verdicts = {verdict.entry.number: verdict for verdict in read}
    lines = by_entry(list(verdicts.values()))
    for number, truth in truths.items():
        verdict = verdicts.get(number)
        if verdict is None:
            found["missing"] += 1
        elif not verdict.ties:
            found["refused"] += 1
        else:
            found[compared(said(verdict, lines.get(number, [])), truth)] += 1
    found["strange"] = sum(1 for number, v in verdicts.items() if number not in truths and v.ties)
    return found


def dollars(lines):
    """Line, HTS number, value and duty of whatever bears either."""
    return [(line, hts, value, duty) for line, _, hts, _, value, duty in lines if value or duty]


def compared(read, truth):
    """Right; wrong, of which wrong dollars are the worst; or right with a fact unknown."""
    if dollars(read["lines"]) != dollars(truth["lines"]) or read["totals"] != truth["totals"]:
        return "wrong dollars"
    if [row[:3] for row in read["lines"]] != [row[:3] for row in truth["lines"]]:
        return "wrong fact"  # a number without dollars, as exceptions are: nothing on paper misses it
    pairs = [(read[name], truth[name]) for name in truth if name not in ("lines", "totals")]
    pairs += [(row[3], true[3]) for row, true in zip(read["lines"], truth["lines"], strict=True)]
    differ = [mine for mine, true in pairs if mine != true]
    if not differ:
        return "right"
    return "unknown" if all(mine in (None, "None") for mine in differ) else "wrong fact"


# --- spoiling -------------------------------------------------------------------------------------
def table_words(page):
    return [word for word in page.words if word.column in COLUMNS and word.text]


def a_table(pages, rng):
    """A page with lines on it."""
    return rng.choice([page for page in pages if table_words(page)])


def shift_column(pages, rng):
    """A column of a page stands elsewhere: sideways, or between the rows, or a whole row off."""
    page = a_table(pages, rng)
    column = rng.choice([word.column for word in table_words(page)])
    across, down = rng.choice(
        [(rng.uniform(-90, 90), 0), (0, rng.uniform(-14, 14)), (0, 10.0), (0, -11.0), (0, 12.0)]
    )
    for word in page.words:
        if word.column == column:
            word.x, word.y = word.x + across, word.y + down


def clip_line(pages, rng):
    """A row of the table is gone, or one word of it, or its right end."""
    page = a_table(pages, rng)
    word = rng.choice(table_words(page))
    how = rng.randrange(3)
    page.words = [
        other
        for other in page.words
        if not (
            other is word or (how and other.column and other.y == word.y and (how == 1 or other.x >= word.x))
        )
    ]


def missing_page(pages, rng):
    """One page is gone."""
    del pages[rng.randrange(len(pages))]


def run_together(pages, rng):
    """Two words of a row become one."""
    page = a_table(pages, rng)
    first = rng.choice(table_words(page))
    row = [word for word in table_words(page) if word.y == first.y and word is not first]
    if not row:
        return
    other = min(row, key=lambda word: abs(word.x - first.x))
    left, right = sorted((first, other), key=lambda word: word.x)
    left.text += right.text
    page.words.remove(right)


def lose_a_digit(pages, rng):
    """A number of the table or of the totals loses or changes a digit."""
    page = rng.choice(pages)
    word = rng.choice([w for w in page.words if any(sign.isdigit() for sign in w.text) and w.size > 7])
    at = rng.choice([index for index, sign in enumerate(word.text) if sign.isdigit()])
    word.text = word.text[:at] + rng.choice(["", str(rng.randrange(10))]) + word.text[at + 1 :]


def swap_numbers(pages, rng):
    """Two words of one column change places."""
    page = a_table(pages, rng)
    word = rng.choice(table_words(page))
    other = rng.choice([w for w in table_words(page) if w.column == word.column])
    word.text, other.text = other.text, word.text


def mix_pages(pages, rng):
    """Pages in another order, one of them twice."""
    pages.append(rng.choice(pages))
    rng.shuffle(pages)


SPOILS = (shift_column, clip_line, missing_page, run_together, lose_a_digit, swap_numbers, mix_pages)
#: The first four are those the kit promises; all of them count.
PROMISED = SPOILS[:4]


def spoiled(made, layout, seed, spoils=SPOILS):
    """Pages of some entries with one thing wrong, and what was done."""
    rng = Random(f"{layout}/{seed}")
    some = rng.sample(made, 3)
    pages = paper.pages(some, layout)
    spoil = spoils[seed % len(spoils)]
    spoil(pages, rng)
    return some, pages, spoil.__name__
