"""Files for reading and no tables: mails, letters, notes, pictures. What each is, and what its text tells.

None is read as evidence. One that names an entry, or that brings tables along, is not read and may hold CBP's answer;
one that tells of something done and names no entry is to be read by a person; any other is for another purpose.
"""

from __future__ import annotations

import email
import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from functools import cached_property
from itertools import islice
from pathlib import Path

from cape_kit.entries import identifiers
from cape_kit.entries.readers import done_words, openers, text_files
from cape_kit.errors import CapeError

#: Kinds of table the kit reads; anything else with a report's ending was meant as one.
TABLES = {
    "", ".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".htm", ".html", ".json", ".jsonl", ".xml",
}  # fmt: skip
#: What may be an entry number within a running text.
IN_TEXT = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{3}[- ]?[0-9]{7}[- ]?[0-9](?![0-9A-Z])")
_WORD = "word/document.xml"
#: Characters of a text in which numbers are looked for, and its lines that are looked at for what they tell.
_MOST, _LINES = 8 << 20, 4000
_START, _PLAIN = 512, 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
#: How a mail begins: with the names of its first fields.
_MAIL = re.compile(
    rb"(?i)\s*(From |>?(?:from|to|subject|date|received|return-path|delivered-to|mime-version|message-id|x-[a-z-]+|"
    rb"content-type|reply-to|sender|cc):)"
)
_FIELDS = re.compile(rb"(?im)^(from|to|subject|date|received|message-id|mime-version):")
_TABLE_NAMES = re.compile(r"[\w()' .-]{1,60}\.(?:xlsx|xlsm|xlsb|xls|ods|csv|tsv|zip|pdf)\b", re.IGNORECASE)
#: A mark of a page or a document. A sign that opens one anew ends it: what never closes would be sought through again.
_MARK = re.compile(r"<[^<>]*>")
MAIL = "a mail"
_FEW_WORDS = 3


@dataclass(frozen=True)
class Letter:
    """A file that is no table: what it is, its text as far as it shows, and the tables attached to it."""

    what: str
    text: str
    attached: tuple[str, ...] = ()

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The entries it names."""
        return frozenset(entry_numbers(self.text.upper()))

    @cached_property
    def tells(self) -> str | None:
        """What it tells of that was done, in words; None where it tells of nothing."""
        return _SUBJECTS.get(tells(self.text) or "")


#: What a text tells of, in words.
_SUBJECTS = {
    "claim": "it tells of a claim, declaration or refund",
    "protest": "it tells of a protest",
    "recon": "it tells of a reconciliation",
    "drawback": "it tells of a drawback claim",
    "payment": "it tells of a payment that was not made",
    "sent": "it tells of something sent to CBP",
}


def tells(text: str) -> str | None:
    """Of what a text tells plainly that it was done, by the first sentence that does; None where none does."""
    lines = text.splitlines()[:_LINES]
    sentences = (one for line in lines for one in re.split(r"(?<=[.!?;])\s", line))
    for sentence in islice(sentences, _LINES):
        if about := done_words.tells_plainly(" ".join(sentence.split())[:_START]):
            return about
    return None


def look(path: Path, name: str) -> Letter | None:
    """What a file is that can't be a report; None where it may be one."""
    with path.open("rb") as file:
        start = file.read(_START)
    if start.startswith(_PICTURES):
        return Letter("a picture", "")
    letter = _document(path, name, start)
    if letter is None and text_files.is_json(start):
        return _json(path)
    no_table = Path(name).suffix.lower() not in TABLES and not text_files.is_spreadsheet_xml(start)
    return Letter("no table", start.decode("latin-1")) if letter is None and no_table else letter


def for_another_purpose(path: Path, name: str) -> str | None:
    """What a file is that can't be a report, shows no entry number and brings no table; None otherwise."""
    letter = look(path, name)
    return None if letter is None or letter.numbers or letter.attached else letter.what


def _document(path: Path, name: str, start: bytes) -> Letter | None:
    """A document for reading; None for anything else."""
    if start.startswith(b"%PDF"):
        return Letter("a PDF", _bytes(path).decode("latin-1"))
    if start.startswith(b"{\\rtf"):
        return Letter("a text document", _of_rtf(_bytes(path).decode("latin-1")))
    if start.startswith(b"BEGIN:VCALENDAR"):
        return Letter("a calendar", _bytes(path).decode("utf-8", errors="replace"))
    if start.startswith(_OLE) and Path(name).suffix.lower() not in TABLES:
        return _outlook(path)
    if _MAIL.match(start) and len(set(_FIELDS.findall(_bytes(path)[: 1 << 14]))) > 1:
        return _mail(path)
    text = _word(path) if start.startswith(b"PK") and openers.is_archive(path) else None
    return None if text is None else Letter("a Word document", text)


def _outlook(path: Path) -> Letter:
    """A mail kept by Outlook, or another document of Office's old form: its texts, in whatever form they stand."""
    text = _bytes(path).replace(b"\x00", b"").decode("latin-1")
    kept = "__substg1.0_" in text
    attached = _tables_named(text) if "__attach_version1.0" in text else ()
    return Letter(MAIL if kept else "no table", text, attached)


def _mail(path: Path) -> Letter:
    """A mail as it was sent: its subject and its text, whatever form that was packed in; the tables attached."""
    raw = _bytes(path)
    raw = raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw
    message = email.message_from_bytes(raw)
    parts: list[str] = [_plainly(str(message.get("subject", "")))]
    attached: list[str] = []
    for part in message.walk():
        named = _plainly(str(part.get_filename() or ""))
        if named and Path(named).suffix.lower() in {*TABLES, ".zip", ".pdf"} - {""}:
            attached.append(named)
        elif part.get_content_maintype() == "text":
            said = _unpacked(part)
            parts.append(_of_html(said) if part.get_content_subtype() == "html" else said)
    return Letter(MAIL, "\n".join(parts)[:_MOST], tuple(attached))


def _unpacked(part: Message) -> str:
    """The text of a part of a mail, in the signs it says it is written in, or in those it must be."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return str(content or "")
    try:
        return content.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        return content.decode("latin-1")


def _plainly(field: str) -> str:
    """A field of a mail as it reads: "=?utf-8?q?...?=" is a packed one."""
    try:
        return str(make_header(decode_header(field)))
    except (HeaderParseError, LookupError, ValueError):
        return field


def _tables_named(text: str) -> tuple[str, ...]:
    """The files a mail names that may be tables, each once."""
    return tuple(dict.fromkeys(one.strip() for one in _TABLE_NAMES.findall(text)))


def _of_html(text: str) -> str:
    """The text of a page without its marks."""
    for hidden in ("style", "script"):
        text = _without(text, hidden)
    text = re.sub(r"(?i)</?(p|div|br|tr|td|th|li|table|h\d)\b[^<>]*>", "\n", text)
    return html.unescape(_MARK.sub("", text))


def _without(text: str, hidden: str) -> str:
    """The text without an element that nobody sees; one that never ends hides the rest."""
    parts, at, inside = [], 0, False
    for mark in re.finditer(rf"(?i)<(/?){hidden}\b", text):
        if inside and mark[1]:
            at, inside = mark.start(), False
        elif not inside and not mark[1]:
            parts.append(text[at : mark.start()])
            inside = True
    return " ".join([*parts, "" if inside else text[at:]])


def _of_rtf(text: str) -> str:
    """The text of a document in RTF, its control words left out."""
    return re.sub(r"\\[a-z]+-?\d* ?|[{}]", " ", text.replace("\\par", "\n"))


def _json(path: Path) -> Letter | None:
    """JSON that holds no list of records, and its text; records are a table."""
    try:
        records = bool(text_files.open_records(path, where=path.name))
    except CapeError:
        records = False
    return None if records else Letter("no table", _bytes(path).decode("utf-8", errors="replace"))


def _word(path: Path) -> str | None:
    """The text of a Word document; None where it is none, or can't be looked into."""
    try:
        with zipfile.ZipFile(path) as archive:
            if _WORD not in archive.namelist():
                return None
            with archive.open(_WORD) as part:
                text = part.read(_MOST).decode("utf-8", errors="replace")
    except openers.ARCHIVE_TROUBLE:
        return None
    return _MARK.sub("", text.replace("</w:p>", "\n"))


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST)


#: Parts of a workbook that hold words beside its cells: comments and text boxes.
_BESIDE = re.compile(r"xl/(?:comments\d*|comments/[^/]+|threadedComments/[^/]+|drawings/drawing\d+)\.xml")


def beside_cells(path: Path) -> str | None:
    """What a comment or a text box of a workbook tells of that was done, in words; None where none does."""
    with path.open("rb") as file:
        if not file.read(4).startswith(b"PK"):
            return None
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [name for name in archive.namelist() if _BESIDE.fullmatch(name)]
            texts = [archive.open(name).read(_PLAIN).decode("utf-8", errors="replace") for name in parts]
    except openers.ARCHIVE_TROUBLE:
        return None
    text = "\n".join(_MARK.sub("", re.sub(r"</(?:[a-z]+:)?(?:comment|p|text)>", "\n", one)) for one in texts)
    return Letter("a workbook", html.unescape(text)).tells


def running_text(path: Path) -> Letter | None:
    """A file of plain text that speaks of entries in sentences, or tells of something done and names none."""
    with path.open("rb") as file:
        text = file.read(_PLAIN).decode("utf-8", errors="replace")
    letter = Letter("a text", text)
    if "\x00" in text or not (letter.numbers or letter.tells):
        return None
    return letter if not letter.numbers or _in_sentences(text) else None


def _in_sentences(text: str) -> bool:
    """Whether a good part of the lines of a text are sentences, and no rows of cells."""
    lines = [line for line in text.splitlines() if line.strip()]
    return 3 * sum(map(_is_sentence, lines)) >= len(lines)


def _is_sentence(line: str) -> bool:
    """Whether a line has several words with blanks between them, and few signs that part cells."""
    parted = sum(line.count(sign) for sign in ",;|\t<")
    return len(line.split()) > _FEW_WORDS and 2 * parted < len(line.split())


def named_in(path: Path) -> frozenset[str]:
    """The entry numbers that stand in a file nobody could open as a table, as far as its text shows."""
    try:
        with path.open("rb") as file:
            start = file.read(_START)
        letter = _document(path, path.name, start)
        if letter is not None:
            return letter.numbers
        return frozenset() if start.startswith(b"PK") else _in(_bytes(path).decode("latin-1"))
    except OSError:
        return frozenset()


def _in(text: str) -> frozenset[str]:
    return frozenset(entry_numbers(text.upper()))


def entry_numbers(text: str) -> Iterator[str]:
    """The entry numbers in a running text, those with the right check digit."""
    for found in IN_TEXT.findall(text):
        verdict = identifiers.normalise_entry_number(found)
        if verdict.valid and verdict.normalised:
            yield verdict.normalised
