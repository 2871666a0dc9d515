"""The first page: whose report it is, the answer in one sentence, the headline figures, and what to mind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment import terms
from cape_kit.assessment.money import FILED
from cape_kit.entries import kept
from cape_kit.entries.portfolio import files
from cape_kit.entries.readers import file_problems
from cape_kit.money import known_sum, plain, unknown_count
from cape_kit.views import markup, palette, words
from cape_kit.views.markup import Card, Html
from cape_kit.views.tables.clocks import first_suit
from cape_kit.views.tables.expected import expected_figures
from cape_kit.views.tables.money import ON_CAPE

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

#: The problem of a column that speaks of duty and was not understood; how many are told on the first page.
_COLUMN, _MOST = "R40", 5
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
#: How points begin that are checks of CBP's nobody could make from the files; how many are named.
_NOT_VERIFIED, _POINTS = re.compile("^Not verified: "), 3


def cover(assessment: Assessment) -> Html:
    """The client's name, the day the report speaks of, who prepared it, and the answer in one sentence."""
    client, brand = assessment.client, assessment.client.brand
    colour = brand.colour or ""
    accent = colour if _COLOUR.fullmatch(colour) else palette.ACCENT
    firm = brand.firm
    days = f"As of {words.day(assessment.as_of, long=True)}"
    if assessment.filing_date != assessment.as_of:
        days += f", filing on {words.day(assessment.filing_date, long=True)}"
    image, _ = markup.logo(client)
    mark = f'<img class="logo" src="{image}" alt="{markup.safe(firm or "Logo")}">' if image else ""
    byline = f'<p class="firm">{mark}{markup.safe(firm)}</p>' if firm or image else ""
    told = answer(assessment)
    text = (
        f'<header class="cover" style="--accent:{accent};--accent-ink:{palette.readable(accent)}">{byline}'
        f'<h1><span class="kicker">IEEPA duty refunds through CAPE</span> '
        f"<bdi>{markup.safe(client.name)}</bdi></h1>"
        f'<p class="day">{markup.safe(days)}</p><p class="answer">{markup.safe(told)}</p></header>'
    )
    return Html(text, f"{client.name}: {days}. {told}")


#: Disposition -> the headline of its card, in their order; with those on CAPE they hold every dollar found.
_CARDS = {
    "cure": "After a cure",
    "protest": "By protest",
    "held": "Held today",
    "final": "Final: later phase or court",
    "filed": "Filed, awaiting CBP",
    "claimed": "Already claimed",
}


def headline(assessment: Assessment) -> Html:
    """The figures a client asks for first: how much, after what, by when, and what is missing.

    The cards of dollars add up to the IEEPA duty found; one without entries is left out.
    """
    totals = assessment.totals.set_index("disposition")
    cards = [_card(totals, key, label) for key, label in _CARDS.items() if totals.at[key, "entries"]]
    if totals.at["undetermined", "entries"]:
        cards.insert(min(3, len(cards)), _data_needed(assessment, totals))
    found = _found(assessment)
    what = "IEEPA duty" if found is None else f"{words.dollars(found)} of IEEPA duty found"
    title = f"Where the {what} stands"
    ready = totals["entries"].reindex(ON_CAPE).sum() or not totals.at["filed", "entries"]
    first = [_on_cape(totals)] if ready else []
    return markup.cards([*first, *cards, _next_day(assessment)], title=title)


def alerts(assessment: Assessment, *, most: int | None = None) -> Html:
    """What stands before everything else: old exports, an old law book, and what is in no figure.

    Of each list no more than `most` lines, and how many more there are.
    """
    stale = assessment.law.stale(assessment.as_of)
    old, _ = _exports(assessment)
    return markup.together(
        markup.notice("The exports are out of date", [old], kind="serious"),
        markup.notice("The law book may be out of date", [stale] if stale else [], kind="serious"),
        markup.notice(
            "Not read: none of this is in these figures", _first(_not_read(assessment), most), kind="serious"
        ),
        markup.notice("Columns not understood", _first(_columns(assessment), most), kind="serious"),
    )


def _first(lines: list[str], most: int | None) -> list[str]:
    more = 0 if most is None else len(lines) - most
    return [*lines[:most], f"{words.count(more, 'more', 'more')}; see the report."] if more > 0 else lines


def notices(assessment: Assessment) -> Html:
    """How sure the figures are, in dollars: what is not proved, what moves the interest, what is not in them."""
    return markup.notice(
        "How reliable these figures are",
        [
            _unverified(assessment),
            _interest(assessment),
            first_suit(assessment),
            _unread(assessment),
            _exports(assessment)[1],
            _undated(assessment),
            _exported_later(assessment),
            markup.logo(assessment.client)[1],
        ],
    )


def figures(assessment: Assessment) -> dict[str, Any]:
    """The same figures as plain values, for an index over many clients and for the manifest. [cents]"""
    columns = ["entries", "principal_cents", "principal_unknown", "interest_cents", "interest_unknown"]
    totals = assessment.totals.set_index("disposition")[columns]
    severities = assessment.problems["severity"].value_counts()
    return {
        "name": assessment.client.name,
        "as_of": assessment.as_of.isoformat(),
        "filing_date": assessment.filing_date.isoformat(),
        "dispositions": {
            str(key): {name: plain(row[name]) for name in columns} for key, row in totals.iterrows()
        },
        "expected": expected_figures(assessment),
        "interest": _span(assessment),
        "next_deadline": _first_deadline(assessment),
        "unread": _not_read(assessment),
        "rows_not_used": int(assessment.portfolio.files["rows_refused"].fillna(0).sum()),
        "money": _money(assessment),
        "problems": {str(kind): int(times) for kind, times in sorted(severities.items())},
        "conflicts": len(assessment.conflicts),
        "unverified": len(assessment.caveats),
        "law": assessment.law.version,
        "stale": assessment.law.stale(assessment.as_of),
    }


def _span(assessment: Assessment) -> dict[str, int]:
    found = assessment.interest_span()
    return {
        "low_cents": found.low_cents, "taken_cents": found.taken_cents, "high_cents": found.high_cents,
    }  # fmt: skip


@kept
def answer(assessment: Assessment) -> str:
    """The one sentence a client asks for: how much can be filed today, out of what."""
    totals = assessment.totals.set_index("disposition")
    paid, entries = _found(assessment), int(totals["entries"].sum())
    if not entries:
        return "The files hold no entry that could be read."
    open_ = _open(assessment)
    if not paid and open_:
        return f"No IEEPA duty could be calculated for the {words.entries(entries)} in the files. {open_}"
    if not paid:
        return f"No IEEPA duty was found on the {words.entries(entries)} in the files."
    open_ = " ".join(part for part in (_filed(totals), open_) if part)
    here = totals.loc[list(ON_CAPE)]
    able = int(here["entries"].sum())
    of_them = f"of the {words.dollars(paid)} in IEEPA duties found on {words.entries(entries)}"
    if not able:
        return f"Nothing can be filed on a CAPE declaration today, {of_them}. {open_}".strip()
    part = known_sum(here["principal_cents"]) if able else 0
    share = "all" if part == paid else words.dollars(part)
    whole = known_sum(pd.concat([here["principal_cents"], here["interest_cents"]]))
    without = words.not_known(here["interest_unknown"].sum())
    interest = f"with interest ({without})" if without else "with interest"
    return (
        f"{words.dollars(whole)} is the expected refund, {interest}: {share} {of_them} can be filed on "
        f"a CAPE declaration "
        f"today ({words.entries(able)}). {open_}"
    ).strip()


def _found(assessment: Assessment) -> int | None:
    """The IEEPA duty found: all that is known of it; None where nothing is. [cents]"""
    return _of(assessment.totals)


def _filed(totals: pd.DataFrame) -> str:
    """What was filed and waits for CBP's answer; empty for nothing."""
    row = totals.loc["filed"]
    if not row["entries"]:
        return ""
    entries = words.entries(row["entries"])
    if plain(row["principal_cents"]) is None:
        return f"{entries} filed and awaiting CBP; the amount is not known."
    left = words.not_known(row["principal_unknown"])
    detail = f"{entries}; {left}" if left else entries
    return f"{words.dollars(row['principal_cents'])} ({detail}) is filed and awaiting CBP."


def _open(assessment: Assessment) -> str:
    """How many entries' IEEPA duty is not known, and the dollars the files state for them; empty for none."""
    table = assessment.table[["principal_cents", "stated_cents"]]
    unread = table["principal_cents"].isna()
    if not unread.any():
        return ""
    stated = plain(known_sum(table.loc[unread, "stated_cents"]))
    told = f"The amount is not known for {words.entries(int(unread.sum()))}"
    return told + (f", though the files state {words.dollars(stated)}." if stated else ".")


def _on_cape(totals: pd.DataFrame) -> Card:
    here = totals.loc[list(ON_CAPE)]
    later, now = plain(totals.at["file_deferred", "principal_cents"]), _of(here)
    detail = f"{words.entries(here['entries'].sum())}"
    if later and later == now:
        detail += "; paid later, at liquidation"
    elif later:
        detail += f"; {words.short_dollars(later)} of this is paid later, at liquidation"
    return Card("To file now", words.dollars(now), detail + _without(here["principal_unknown"].sum()), "file")


def _of(rows: pd.DataFrame) -> int | None:
    """The duty of some dispositions together; None where they have entries and none of it is known. [cents]"""
    return plain(known_sum(rows.loc[rows["entries"].gt(0), "principal_cents"]))


def _without(left: Any) -> str:
    """What a card says of entries whose amount is in no sum."""
    return f"; amount not known for {left:,}" if left else ""


def _card(totals: pd.DataFrame, key: str, label: str) -> Card:
    row = totals.loc[key]
    detail = words.entries(row["entries"]) + _without(row["principal_unknown"])
    return Card(label, words.dollars(row["principal_cents"]), detail, key)


def _data_needed(assessment: Assessment, totals: pd.DataFrame) -> Card:
    """Entries without an answer: what is known of their principal, and what the files state beside it."""
    table = assessment.table[["disposition", "stated_cents", "principal_cents"]]
    mine = table[table["disposition"].eq("undetermined")]
    stated = plain(known_sum(mine["stated_cents"]))
    row = totals.loc["undetermined"]
    # What is found beside what is not known may be next to nothing: a zero would be taken for an answer.
    shown = plain(row["principal_cents"]) or None if row["principal_unknown"] else row["principal_cents"]
    detail = words.entries(row["entries"]) + _without(row["principal_unknown"])
    detail += f"; {words.short_dollars(stated)} stated" if stated else ""
    return Card("Data needed", words.dollars(shown), detail, "undetermined")


def _next_day(assessment: Assessment) -> Card:
    coming = _first_deadline(assessment)
    if coming is None:
        return Card("Next deadline", words.NOTHING, "no deadline ahead")
    first = pd.Timestamp(coming["day"])
    far = words.days_left(words.until(first, assessment.filing_date))
    detail = f"{far}: {words.entries(coming['entries'])}"
    detail += f", {words.short_dollars(coming['principal_cents'])}" if coming["principal_cents"] else ""
    return Card("Next deadline", words.day(first), detail + _without(coming["principal_unknown"]))


def _first_deadline(assessment: Assessment) -> dict[str, Any] | None:
    table = assessment.table[["next_deadline", "next_deadline_what", "principal_cents"]]
    today = pd.Timestamp(assessment.filing_date)
    days = table["next_deadline"]
    ahead = days[days.ge(today).fillna(False)]
    if ahead.empty:
        return None
    here = table[days.eq(ahead.min()).fillna(False)]
    return {
        "day": ahead.min().date().isoformat(),
        "what": str(here["next_deadline_what"].iloc[0]),
        "entries": len(here),
        "principal_cents": plain(known_sum(here["principal_cents"])),
        "principal_unknown": unknown_count(here["principal_cents"]),
    }


@kept
def _unverified(assessment: Assessment) -> str:
    """What rests on facts that no file proves, in dollars of duty, and the points that touch the most."""
    caveats = assessment.caveats
    if caveats.empty:
        return ""
    most = caveats.sort_values("principal_cents", ascending=False, kind="stable")
    names = [_NOT_VERIFIED.sub("", title) for title in most["title"] if _NOT_VERIFIED.match(title)]
    named = (
        f" (chiefly {', '.join(name[:1].lower() + name[1:] for name in names[:_POINTS])})" if names else ""
    )
    cents = assessment.unproved_cents
    return (
        f"Not verified: {_some(cents)} of the duty depends on "
        f"{words.count(len(caveats), 'point')} the files do not show{named}. “What is not verified” lists "
        f"what would resolve each."
    )


def _some(cents: int | None) -> str:
    return "an unknown part" if cents is None else words.dollars(cents)


@kept
def _interest(assessment: Assessment) -> str:
    """How far the interest moves with what nobody has settled, and with what; empty without interest."""
    whole, filed = assessment.interest_span(), assessment.interest_span(FILED)
    if not whole.taken_cents:
        return ""
    found, of = (filed, "the expected refund") if filed.taken_cents else (whole, "all duty still owed")
    more = f" On all duty still owed it is {words.dollars(whole.taken_cents)}." if found is filed else ""
    open_points = "; ".join(terms.said(assessment.money))
    least, most = words.dollars(found.low_cents), words.dollars(found.high_cents)
    range_ = (
        f", whatever the answer to these open points: {open_points}"
        if least == most
        else (f"; between {least} and {most}, depending on points the sources leave open: {open_points}")
    )
    left = words.not_known(assessment.totals["interest_unknown"].sum())
    unknown = f" It is {left}." if left else ""
    return f"Interest on {of} is {words.dollars(found.taken_cents)} as calculated{range_}.{more}{unknown}"


def _not_read(assessment: Assessment) -> list[str]:
    """Each file that was not read, by name, with its rows and dollars."""
    return [f"{name}: {holds}." for name, holds in files.told_not_read(assessment.portfolio)]


def _columns(assessment: Assessment) -> list[str]:
    """Each column that speaks of duty and was not understood, with its dollars."""
    found = assessment.problems
    found = found[found["code"].eq(_COLUMN)]
    told = [
        f"{file}: {message.split(': ', 1)[-1]}."
        for file, message in zip(found["file"], found["message"], strict=True)
    ]
    more = [f"{words.count(len(told) - _MOST, 'more column')}; see “Data problems”."]
    return told[:_MOST] + (more if len(told) > _MOST else [])


def _money(assessment: Assessment) -> list[dict[str, Any]]:
    """The account of the files' dollars as plain values. [cents]"""
    frame = assessment.portfolio.money
    return [
        {str(name): None if pd.isna(value) else value for name, value in one.items()}
        for one in frame.to_dict("records")
    ]


def _unread(assessment: Assessment) -> str:
    """How many single rows could not be used; a whole file or column is told by its name."""
    found = assessment.problems
    of_rows = found["severity"].eq("error") & found["row"].notna() & found["code"].ne(_COLUMN)
    errors = int(file_problems.times(found[of_rows]).sum())
    return (
        f"{words.count(errors, 'row')} of the files could not be used; see “Data problems”." if errors else ""
    )


def _exports(assessment: Assessment) -> tuple[str, str]:
    """How old the exports are: as an alert where one is older than the law book's `exports.stale_after`, or as a line.

    Of several exports of one report the newest counts; what was exported after the day is told elsewhere.
    """
    known = assessment.portfolio.files
    known = known[known["extracted_on"].le(pd.Timestamp(assessment.as_of)).fillna(False)]
    if known.empty:
        return "", ""
    newest = known.groupby("profile", dropna=False)["extracted_on"].max()
    oldest = newest.min()
    age = -words.until(oldest, assessment.as_of)
    if age <= int(assessment.law.value("exports.stale_after", assessment.as_of).value):
        told = f"{words.day(oldest)}, {words.days_left(-age)}" if age else "the day of this report"
        return (
            "",
            f"The exports are dated {told}; where a file shows no date, as stated in the client's settings.",
        )
    late = -words.until(newest.max(), assessment.as_of)
    whole = "All are" if late == age else f"The newest are {words.count(late, 'day')} old, the oldest"
    return (
        f"{whole} {words.count(age, 'day')} old ({words.day(oldest)}): entries may have liquidated and "
        f"windows closed since. Export again before filing.",
        "",
    )


def _undated(assessment: Assessment) -> str:
    """Files that were read and whose day of export neither they nor the client's settings tell: they may be old."""
    found = assessment.portfolio.files
    bare = found[found["extracted_on"].isna() & found["rows_used"].ne(0).fillna(True)]
    count = bare["file"].nunique()
    if not count:
        return ""
    whose, it, old = ("has", "it", "it is") if count == 1 else ("have", "them", "they are")
    return (
        f"{words.count(count, 'file')} {whose} no day of export, and client.toml states none for {it}: "
        f"nobody knows how old {old}. Entries may have liquidated and windows closed since."
    )


def _exported_later(assessment: Assessment) -> str:
    """Liquidations have their own day; a claim's, protest's or summary's status has none in most reports."""
    files, day = assessment.portfolio.files, pd.Timestamp(assessment.as_of)
    later = files[files["extracted_on"] > day].drop_duplicates("file")
    if later.empty:
        return ""
    return (
        f"{words.count(len(later), 'file')} exported after this day, the latest on "
        f"{words.day(later['extracted_on'].max())}: a status without a date may not have applied yet."
    )
