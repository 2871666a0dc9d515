"""What the audit compares: each line as filed, and what the registry says of its origin on its day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.refund import reducing
from cape_kit.assessment.refund.coded_lines import CodedLines, Flags, Ints, indices, lengths, starts
from cape_kit.assessment.refund.frames import texts
from cape_kit.assessment.refund.reducing import total
from cape_kit.entries import kept, schema
from cape_kit.law import headings
from cape_kit.law.book import Law

#: The programmes of one levy: a line bears one of them, or an exception of one of them.
RECIPROCAL = "Reciprocal"
_SECTION_232 = "Section 232"
HOME = "United States"


def levy(programme: pd.Series) -> pd.Series:
    """The levy a programme belongs to: all reciprocal lists are one, every other programme is its own."""
    return programme.where(~programme.str.startswith(RECIPROCAL), RECIPROCAL)


@kept
def registry(law: Law) -> pd.DataFrame:
    """The dated headings with levy, rate as a number, and whether they except section 232 goods."""
    names = ["heading", "hts8", "programme", "country", "rate_pct", "kind", "all_in", "note"]
    frame = law.headings[[*names, "first_day", "last_day", "gap_last_day"]].copy()
    frame["levy"] = levy(frame["programme"])
    frame["rate"] = frame["rate_pct"].astype(float)
    frame["for_232"] = (frame["kind"] == "exception") & frame["note"].str.contains(_SECTION_232, case=False)
    frame["last_day"] = frame["last_day"].fillna(pd.Timestamp.max.floor("s"))
    frame["codes"] = pd.Series([headings.origins(law, one) for one in frame["country"]], dtype=object)
    return frame.drop(columns=["rate_pct", "note"])


def filed_lines(lines: CodedLines, assessment: Assessment) -> pd.DataFrame:
    """One row per line: day, origin, value, duty and normal rate of its goods, and what else it bears."""
    begins = starts(lines.entry, lines.line)
    goods = ~lines.of_number("chapter_99", default=True)
    value = np.where(goods, lines.value.amount, 0)
    worth, elsewhere = total(value, begins), np.maximum.reduceat(lines.value.amount, begins)
    rows = total(goods.astype("int64"), begins)
    days = assessment.portfolio.entries["entry_date"].to_numpy(dtype="datetime64[s]")
    entry = lines.entry[begins]
    family = lines.numbers["family"].to_numpy()
    is_232 = np.append(family == _SECTION_232, False)[lines.code]
    owed, rated = _normal(lines, goods, begins)
    return pd.DataFrame(
        {
            "at": np.arange(len(begins)),
            "entry": entry,
            "line_number": lines.line[begins],
            "day": np.append(days, np.datetime64("NaT", "s"))[np.minimum(entry, len(days))],
            "country": texts(lines.origins, _origin(lines, goods, begins)),
            # Value that stands on a chapter 99 row is that of the one goods row.
            "value": np.where((worth <= 0) & (rows == 1), elsewhere, worth),
            "goods_rows": rows,
            "goods_duty": total(np.where(goods, lines.duty.amount, 0), begins),
            "normal_owed": owed,
            "normal_rated": rated,
            "preference": _said(lines, "spi", begins),
            "chapter_98": total(lines.of_number("chapter_98", default=False).astype("int64"), begins) > 0,
            "has_232": total(is_232.astype("int64"), begins) > 0,
            "paid_232": total(np.where(is_232, lines.duty.amount, 0), begins),
        }
    )


def filed_headings(lines: CodedLines, book: pd.DataFrame, of: pd.DataFrame) -> pd.DataFrame:
    """One row per line and chapter 99 number: duty, family, and for IEEPA the registry's row of that day.

    status: in force | gap | outside | elsewhere (not IEEPA).
    """
    chosen = lines.of_number("chapter_99", default=False)
    # A number with and without its padding is one number.
    first_of_number = pd.factorize(lines.numbers["hts8"])[0]
    first_of_number = lines.numbers.index.to_numpy()[~lines.numbers["hts8"].duplicated()][first_of_number]
    begins = starts(lines.entry, lines.line)
    at = np.repeat(np.arange(len(begins)), lengths(begins, len(chosen)))[chosen]
    frame = pd.DataFrame(
        {
            "at": at,
            "code": first_of_number[lines.code[chosen]],
            "paid": lines.duty.amount[chosen],
            "negative": np.minimum(lines.duty.amount[chosen], 0),
            "unread": ~lines.duty.known[chosen],
        }
    )
    frame = schema.gathered(
        frame.groupby(["at", "code"]),
        paid=("paid", "sum"),
        negative=("negative", "sum"),
        unread=("unread", "any"),
    ).reset_index()
    known = lines.numbers[["hts8", "heading", "family", "programme"]]
    frame = frame.merge(known, left_on="code", right_index=True, how="left")
    frame = frame.merge(of[["at", "day", "country"]], on="at", how="left")
    return _on_the_day(frame, book)


@kept
def calls(law: Law) -> tuple[pd.DataFrame, pd.DataFrame, pd.MultiIndex]:
    """The duties of named origins, levy by levy those of any origin, and which origins a program excepts."""
    book = registry(law)
    duties = book[book["kind"] == "duty"].drop(columns="country").sort_values("heading", kind="stable")
    named = duties[duties["codes"].notna()].explode("codes").rename(columns={"codes": "country"})
    general = duties[duties["codes"].isna()].drop_duplicates("levy").drop(columns="codes")
    spared = (
        book[(book["kind"] == "exception") & book["codes"].notna()].drop(columns="country").explode("codes")
    )
    return named, general, pd.MultiIndex.from_frame(spared[["codes", "programme"]])


def called_for(of: pd.DataFrame, law: Law) -> pd.DataFrame:
    """The duty headings that origins call for on days, levy by levy: country, day, levy, called, rate.

    A heading that names the origin goes before the one for any origin; within a levy the first in the tariff
    is the general one. An origin that an exception of the general programme names is not called on at all.
    """
    home = law.contents.countries[HOME].codes
    pairs = of.loc[of["country"].notna() & ~of["country"].isin(home), ["country", "day"]]
    pairs = pairs.dropna().drop_duplicates()
    named, general, out = calls(law)
    rest = pairs.merge(general, how="cross")
    rest = rest[~pd.MultiIndex.from_frame(rest[["country", "programme"]]).isin(out)]
    both = pd.concat([pairs.merge(named, on="country"), rest], ignore_index=True)
    both = both[both["day"].between(both["first_day"], both["last_day"])]
    both = both.drop_duplicates(["country", "day", "levy"]).rename(columns={"heading": "called"})
    return both[["country", "day", "levy", "called", "rate"]].reset_index(drop=True)


def _on_the_day(frame: pd.DataFrame, book: pd.DataFrame) -> pd.DataFrame:
    """The rows with the registry's row of their entry day, or of the last before it."""
    dated = frame.drop(columns=["heading", "programme"]).merge(book, on="hts8")
    within = dated["day"].between(dated["first_day"], dated["last_day"])
    gap = (dated["day"] > dated["last_day"]) & (dated["day"] <= dated["gap_last_day"])
    dated["status"] = np.select([within, gap], ["in force", "gap"], default="outside")
    rank = np.select([within, gap], [0, 1], default=2)
    best = dated.iloc[np.lexsort((rank, dated["code"], dated["at"]))].drop_duplicates(["at", "code"])
    best["names_origin"] = [
        codes is None or country is None or country in codes
        for codes, country in zip(best["codes"], best["country_x"], strict=True)
    ]
    others = frame[~frame["hts8"].isin(book["hts8"])].assign(status="elsewhere", names_origin=True)
    told = best.drop(columns=["codes", "country_x", "country_y"])
    return pd.concat([told, others.drop(columns="country")], ignore_index=True).sort_values(["at", "code"])


def _normal(lines: CodedLines, goods: Flags, begins: Ints) -> tuple[Ints, Flags]:
    """Normal duty by the printed rates of each line's goods, and whether all of them have one. [cents]"""
    printed = lines.texts("mfn_rate", np.arange(len(goods)))
    told = [reducing.percent(text) for text in printed.dictionary.to_pylist()]
    pct = np.append(np.array([np.nan if one is None else float(one) for one in told]), np.nan)[
        indices(printed)
    ]
    owed = np.where(goods, np.nan_to_num(np.floor(lines.value.amount * pct / 100 + 0.5)), 0).astype("int64")
    rated = total((goods & np.isnan(pct)).astype("int64"), begins) == 0
    return total(owed, begins), rated


def _origin(lines: CodedLines, goods: Flags, begins: Ints) -> Ints:
    """The origin of a line: of its first goods row, else of its first row."""
    rows = np.flatnonzero(goods)
    if not len(rows):
        return lines.origin[begins]
    at = np.searchsorted(rows, begins)
    first = rows[np.minimum(at, len(rows) - 1)]
    ends = begins + lengths(begins, len(goods))
    return lines.origin[np.where((at < len(rows)) & (first < ends), first, begins)]


def _said(lines: CodedLines, column: str, begins: Ints) -> Flags:
    """Whether any row of a line says something in a text column."""
    printed = lines.texts(column, np.arange(len(lines.entry)))
    blank = [bool(text.strip()) for text in printed.dictionary.to_pylist()]
    said = np.append(np.array(blank, dtype=bool), False)[indices(printed)]
    return total(said.astype("int64"), begins) > 0


def other_rates(law: Law) -> pd.DataFrame:
    """Numbers of other laws with one rate in the law book: hts8, rate, since, until."""
    rows = [
        (one.first_hts8, float(one.rate_pct), one.first_day, one.last_day)
        for one in law.contents.others
        if one.first_hts8 == one.last_hts8 and one.rate_pct and float(one.rate_pct) > 0 and one.first_day
    ]
    frame = pd.DataFrame(rows, columns=["hts8", "rate", "since", "until"])
    frame["since"] = pd.to_datetime(frame["since"])
    frame["until"] = pd.to_datetime(frame["until"]).fillna(pd.Timestamp.max.floor("s"))
    return frame
