"""What a column is, by two witnesses: the words of its header, and what its cells hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache

from cape_kit.entries import identifiers
from cape_kit.entries.readers.layouts import ColumnKind, Part, collapse, profiles, vocabulary, words

#: How sure a match is: the same words; one of them misspelt; the same but for words that say little.
SAME, MISSPELT, NEARLY = 100, 96, 92
#: Likeness by letters alone never gets higher: it is a proposal.
_ALIKE, _LEAST = 0.85, 60
#: Headers whose words are kept between files.
_KEPT = 1 << 14
_PART = {"hts": "hts", "duty": "cents"}


@dataclass(frozen=True)
class Known:
    """One known header, its words, and every declared column that goes by it in one layout or another."""

    header: str
    words: tuple[str, ...]
    columns: tuple[ColumnKind, ...]

    @property
    def names(self) -> frozenset[str]:
        """The declared columns by name."""
        return frozenset(column.name for column in self.columns)

    @property
    def money(self) -> bool:
        """Whether one of them holds amounts."""
        return any(column.kind == "cents" for column in self.columns)


# --- the words of a header ----------------------------------------------------------------------------------


@lru_cache(maxsize=_KEPT)
def in_words(header: str) -> tuple[str, ...]:
    """The words of a header written out, without those that only join, in the order of the alphabet."""
    known = words()
    for sign, meant in known.chinese.items() if not header.isascii() else ():
        header = header.replace(sign, f" {meant} ")
    bare = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare).lower()
    said = [known.short.get(word, word) for word in re.findall(r"[a-z]+|[0-9]+|[#%]", spaced)]
    text = f" {' '.join(said)} "
    for phrase, meant in known.phrases.items():
        text = text.replace(f" {phrase} ", f" {meant} ")
    return tuple(sorted(set(text.split()) - known.idle["joining"]))


def _bare(said: Iterable[str], *, money: bool) -> tuple[str, ...]:
    """Words without those that say little; of money only "amount" says nothing."""
    idle = {"amount"} if money else words().idle["formal"]
    return tuple(word for word in said if word not in idle)


def of_part(part: Part) -> tuple[ColumnKind, ...]:
    """The columns of one programme of a wide layout."""
    return tuple(
        ColumnKind(f"{part.name}_{role}", _PART[role], names)
        for role, names in (("hts", part.hts), ("duty", part.duty))
    )


def columns_of(header: str) -> tuple[ColumnKind, ...]:
    """The declared columns that go by a header as it stands; none where no layout knows it."""
    found = _known().get(collapse(header))
    return found.columns if found else ()


def is_known(header: str) -> bool:
    """Whether a layout knows a header as it stands."""
    return collapse(header) in letters()


@cache
def _known() -> dict[str, Known]:
    """Every header of the layouts by its letters."""
    columns: dict[str, dict[str, ColumnKind]] = {}
    headers: dict[str, str] = {}

    def add(names: Iterable[str], column: ColumnKind) -> None:
        for name in names:
            headers.setdefault(collapse(name), name)
            columns.setdefault(collapse(name), {}).setdefault(column.name, column)

    for column in vocabulary().values():
        add(column.names, column)
    for profile in profiles():
        for column in profile.columns.values():
            add(column.names, column)
        for column in (one for part in profile.parts for one in of_part(part)):
            add(column.names, column)
    return {
        key: Known(headers[key], in_words(headers[key]), tuple(found.values()))
        for key, found in columns.items()
    }


@cache
def letters() -> frozenset[str]:
    """Every header the layouts know, those they have no use for too, unless another layout may need them."""
    unused = [header for profile in profiles() for header in profile.unused]
    return frozenset(_known()) | {collapse(one) for one in unused if in_words(one) not in _by_words()}


@cache
def _by_words() -> dict[tuple[str, ...], list[Known]]:
    found: dict[tuple[str, ...], list[Known]] = {}
    for known in _known().values():
        found.setdefault(known.words, []).append(known)
    return found


@cache
def _by_bare_words() -> dict[tuple[str, ...], list[Known]]:
    found: dict[tuple[str, ...], list[Known]] = {}
    for known in _known().values():
        bare = _bare(known.words, money=known.money)
        if bare:
            found.setdefault(bare, []).append(known)
    return found


@cache
def _all_words() -> tuple[str, ...]:
    single = {word for known in _known().values() for word in known.words}
    return tuple(sorted(word for word in single if len(word) >= 5 and word.isalpha()))


def _spelt(said: tuple[str, ...]) -> tuple[str, ...]:
    """The words with those nobody knows put right, where one known word alone is a letter or two away."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    right: set[str] = set()
    for word in said:
        most = 1 if len(word) < 8 else 2
        if word in _all_words() or len(word) < 5 or not word.isalpha():
            right.add(word)
            continue
        near = process.extract(word, _all_words(), scorer=OSA.distance, score_cutoff=most, limit=2)
        alone = near and (len(near) == 1 or near[0][1] < near[1][1])
        right.add(near[0][0] if alone else word)
    return tuple(sorted(right))


# --- what a header may be -----------------------------------------------------------------------------------


@lru_cache(maxsize=_KEPT)
def candidates_for(header: str) -> tuple[int, list[Known]]:
    """The known headers that say the same, in the surest of the ways that finds any."""
    said = in_words(header)
    if not said:
        return 0, []
    if said in _by_words():
        return SAME, _by_words()[said]
    spelt = _spelt(said)
    if spelt != said and spelt in _by_words():
        return MISSPELT, _by_words()[spelt]
    # An amount is no number, day or code: "Claim Amount" is no claim number.
    bare = [] if "amount" in spelt else _by_bare_words().get(_bare(spelt, money=False), [])
    found = [k for k in bare if not k.money]
    found += [k for k in _by_bare_words().get(_bare(spelt, money=True), []) if k.money]
    return NEARLY, found


def alike(header: str, limit: int = 4) -> list[tuple[Known, int]]:
    """The known headers most like one by their letters, each declared column once: guesses, never taken."""
    from rapidfuzz import fuzz, process

    said = " ".join(_spelt(in_words(header)))
    listed = list(_known().values())
    texts = [" ".join(known.words) for known in listed]
    found: list[tuple[Known, int]] = []
    if not said:
        return found
    for _, score, at in process.extract(said, texts, scorer=fuzz.token_sort_ratio, limit=40):
        known = listed[at]
        seen = any(known.names & other.names for other, _ in found)
        if not seen and score * _ALIKE >= _LEAST * _ALIKE:
            found.append((known, int(score * _ALIKE)))
    return found[:limit]


def likeness(header: str, name: str) -> float:
    """How alike two headers are: by their letters, and by the words they share."""
    from rapidfuzz import fuzz

    left, right = in_words(header), in_words(name)
    if not left:
        return 0.0
    shared = set(left) & set(right)
    alike = fuzz.token_sort_ratio(" ".join(left), " ".join(right)) / 100
    return max(alike, len(shared) / max(min(len(left), len(right)), 1))


# --- what a header speaks of --------------------------------------------------------------------------------


def spoken(header: str) -> list[str]:
    """The words of a header in small letters: "LineDuty_AMT" is line, duty, amt."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header).lower().replace("#", " number ")
    text = text.replace("rec'd", "recd").replace("rec’d", "recd").replace("dbk", "drawback")
    text = f" {' '.join(re.findall(r'[a-z]+|[0-9]+|[%$]', text))} "
    for phrase, meant in words().phrases.items():
        text = text.replace(f" {phrase} ", f" {meant} ")
    return text.split()


def speaks_of(header: str, subject: str) -> bool:
    """Whether a header speaks of a subject of profiles/_words.toml: money, duty, ieepa, state …"""
    known = words().headers[subject]
    if subject == "state" and (
        of_another_thing(header) or set(spoken(header)) & set(words().headers["no_state"])
    ):
        return False
    if subject == "ieepa":
        return any(word in collapse(header) for word in known)
    return any(word in known for word in spoken(header))


@cache
def of_another_thing(header: str) -> bool:
    """Whether a header speaks of something else than the entry: "PO Status", "Insurance Claim Number"."""
    known, said = words().done, set(spoken(header))
    ours = {*known["customs"], "refund", "refunds", "refunded"}
    return bool(said & {*known["elsewhere"], *known["elsewhere_in_headers"]}) and not said & ours


@cache
def states_duty(header: str) -> bool:
    """Whether a header states IEEPA duty that was paid: no estimate, no refund, no value it was paid on."""
    said, known = set(spoken(header)), words()
    other = {*known.done["never"], *known.done["claim"], *known.headers["no_duty"]}
    return speaks_of(header, "ieepa") and names_money(f"{header} duty") and not said & other


@cache
def duty_again(header: str) -> bool:
    """Whether a header names the duty of the row in another's words: "ACE Duty", "Duty per 7501", "Revised Duty"."""
    said = set(spoken(header))
    return bool(said & {"duty", "duties"}) and said <= {"duty", "duties", *words().headers["another_duty"]}


@cache
def liquidated_duty(header: str) -> bool:
    """Whether a header names the duty an entry, or a line of it, was liquidated with."""
    said = set(in_words(header))
    return (
        "liquidation" in said
        and bool(said & {"duty", "amount"})
        and said <= set(words().headers["liquidated"])
    )


def of_goods(header: str) -> bool:
    """Whether a header speaks of the goods, their parties or transport, or of another thing than the entry."""
    return of_another_thing(header) or speaks_of(header, "goods")


def names_money(header: str) -> bool:
    """Whether a header names an amount: "Duty Paid" does, "Duty Rate" and "Refund Date" do not."""
    return (speaks_of(header, "money") or "$" in header) and not names_no_money(header)


def names_no_money(header: str) -> bool:
    """Whether a header names something that is counted or told, and no amount."""
    return "%" in header or speaks_of(header, "not_money")


#: Share of the filled cells that must have a shape to prove something; with fewer than half it is another.
_MOST, _HALF = 0.8, 0.5


# --- what the cells of a column say -----------------------------------------------------------------------


_DAY = re.compile(
    r"\d{4}-\d{2}-\d{2}([ T][\d:.]+)?|\d{1,2}[/.-]\d{1,2}[/.-](\d{4}|\d{2})( [\d:]+)?|(19|20)\d{6}"
    r"|\d{1,2}[- ][A-Za-z]{3,9}[- ,]+(\d{4}|\d{2})|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}"
)
_HTS = re.compile(r"\d{4}[. ]?\d{2}([. ]?\d{2}([. ]?\d{2})?)?")
_CHAPTER_99 = re.compile(r"99\d{2}[. ]?\d{2}([. ]?\d{2})?([. ]?0{2})?")
_MONEY = re.compile(r"\(?-?\s*(USD|US\$|\$|€)?\s*-?\d[\d,. ]*\)?\s*(USD)?-?")
_COUNT = re.compile(r"0*\d{1,4}(\.0+)?")
_TYPE = re.compile(r"\d{1,2}(\s*-.*)?")
_PORT = re.compile(r"\d{3,4}(\s*-.*)?|[A-Z][A-Za-z ,]+\(?\d{4}\)?")
_IMPORTER = re.compile(r"\d{2}-?\d{7}([0-9A-Z]{2})?|\d{6}-?\d{5}|\d{3}-\d{2}-\d{4}")
_CODE = re.compile(r"[A-Z]{2}")
_REFERENCE = re.compile(r"(?=.*\d)[A-Za-z0-9][\w ./-]{1,}")
_NUMBER = re.compile(r"[$(-]*[\d,.]+[)%]?")


class Says(IntEnum):
    """What a column's cells say of a column it may be."""

    AGAINST = -1
    NOTHING = 0
    FITS = 1
    PROVES = 2


#: The status words of each declared column, as the law book knows them.
StatusWords = Mapping[str, Collection[str]]


def judge(column: ColumnKind, cells: Sequence[str], known: StatusWords | None) -> Says:
    """What the first cells of a column say to its being one of the declared columns.

    `known`: the status words of the law book; None where it is not at hand.
    """
    filled = [text for cell in cells if (text := identifiers.unwrap(cell)) and text.lower() not in _blank()]
    if not filled:
        return Says.NOTHING
    if column.kind == "text":
        return _text(column.name, filled, None if known is None else known.get(column.name))
    if column.kind == "hts" and column.name != "hts" and not column.name.startswith("pair_"):
        return Says.PROVES if _share(filled, _is_chapter_99) >= _MOST else Says.AGAINST
    proves, test = _TESTS[column.kind]
    share = _share(filled, test)
    if share < _HALF:
        return Says.AGAINST
    if column.kind == "cents" and _share(filled, _plain_hts) >= _MOST:
        return Says.AGAINST
    return proves if share >= _MOST else Says.FITS


def why(column: ColumnKind, says: Says) -> str:
    """What the cells say, in words."""
    if says is Says.NOTHING:
        return "its first cells are empty"
    if says is Says.AGAINST:
        return "what it holds is something else"
    return _HOLDS[column.kind]


def are_entry_numbers(cells: Sequence[str]) -> bool:
    """Whether the check digits of a column prove it to hold entry numbers."""
    filled = [text for cell in cells if (text := identifiers.unwrap(cell))]
    return bool(filled) and _share(filled, _entry_number) >= _MOST


@cache
def _blank() -> frozenset[str]:
    return frozenset(words().blank)


def _share(cells: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, cells)) / len(cells)


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _entry_number(text: str) -> bool:
    return identifiers.normalise_entry_number(text).valid


def _is_chapter_99(text: str) -> bool:
    return _CHAPTER_99.fullmatch(text) is not None


def _plain_hts(text: str) -> bool:
    """An HTS number without dots looks like an amount; one with two dots never does."""
    return re.fullmatch(r"\d{8}|\d{10}|\d{4}\.\d{2}\.\d{2,4}(\.\d{2})?", text) is not None


def _hts(text: str) -> bool:
    return _HTS.fullmatch(text) is not None and not _DAY.fullmatch(text)


def _country(text: str) -> bool:
    code = text.partition(" - ")[0].strip()
    return _CODE.fullmatch(code) is not None or text.lower() in words().countries


def _flag(text: str) -> bool:
    return text.lower() in words().yes or text.lower() in words().no


def _text(name: str, filled: Sequence[str], known: Collection[str] | None) -> Says:
    """Of a status: whether its words are known. Of other text: that it is none of the things with a shape.

    Words nobody knows say nothing; in a status column they are told as such, row by row.
    """
    if known is not None and _share([_words(one) for one in filled], _one_of(known)) >= _MOST:
        return Says.PROVES
    shapes = (_DAY, _HTS, _IMPORTER)
    if any(_share(filled, _matches(shape)) >= _MOST for shape in shapes):
        return Says.AGAINST
    if _share(filled, _entry_number) >= _MOST:
        return Says.AGAINST
    numbers = _share(filled, _matches(_NUMBER))
    if numbers >= _MOST and not name.endswith(("rate", "code", "digit")):
        return Says.AGAINST
    return Says.FITS if known is None else Says.NOTHING


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _one_of(known: Collection[str]) -> Callable[[str], bool]:
    """Whether a cell is a known word, by itself or behind its code ("01 liquidated")."""

    def test(text: str) -> bool:
        first, _, rest = text.partition(" ")
        return text in known or (len(first) <= 2 and rest in known)

    return test


_TESTS: dict[str, tuple[Says, Callable[[str], bool]]] = {
    "entry_number": (Says.PROVES, _entry_number),
    "other_entry_number": (Says.FITS, _entry_number),
    "hts": (Says.PROVES, _hts),
    "day": (Says.PROVES, _matches(_DAY)),
    "country": (Says.PROVES, _country),
    "cents": (Says.FITS, _matches(_MONEY)),
    "count": (Says.FITS, _matches(_COUNT)),
    "entry_type": (Says.FITS, _matches(_TYPE)),
    "port": (Says.FITS, _matches(_PORT)),
    "flag": (Says.FITS, _flag),
    "importer": (Says.PROVES, _matches(_IMPORTER)),
    "reference": (Says.FITS, _matches(_REFERENCE)),
}
_HOLDS = {
    "entry_number": "its check digits are right",
    "other_entry_number": "its check digits are right",
    "hts": "it holds HTS numbers",
    "day": "it holds days",
    "country": "it holds countries",
    "cents": "it holds amounts",
    "count": "it holds small numbers",
    "entry_type": "it holds entry types",
    "port": "it holds ports",
    "flag": "it holds yes and no",
    "importer": "it holds importer numbers",
    "reference": "it holds numbers of documents",
    "text": "its words fit",
}
