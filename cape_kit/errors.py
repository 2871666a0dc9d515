"""The few exceptions of the kit: each says what, where, what was found, what was expected, what to do.

Trouble *in the client's data* is never an exception: it is a row of the problem list. These are for the
cases in which no honest answer is possible at all. All survive pickling, since they cross processes.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable


class CapeError(Exception):
    """Base of the kit's errors: a sentence for a person, and the exit code a command ends with."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message

    def _render_traceback_(self) -> list[str]:
        """In a notebook the sentence stands alone: IPython asks for this before it shows a traceback."""
        return [self.message]


class Usage(CapeError):
    """The command or call was used wrongly: a date that is none, an option that does not exist."""

    exit_code = 2


class NoLawInForce(CapeError):
    """The law book has no value for the day asked about. The kit never extrapolates."""


class UnsoundLawbook(CapeError):
    """A row of the law book breaks the book's own rules (no source, overlap, gap, unknown key)."""


class UnreadableReport(CapeError):
    """A file is not a report the kit knows, or can't be opened at all."""


class AnotherPurpose(UnreadableReport):
    """A file was looked into and is no report, nor does it name an entry: it is left alone."""


class AmbiguousReport(CapeError):
    """Two profiles claim the same file."""


class BadClient(CapeError):
    """A client's folder can't be used: no client.toml, or one that says something impossible."""


class InvalidDeclaration(CapeError):
    """A declaration file would not pass CBP's file checks; nothing was written."""


class ReportFailed(CapeError):
    """A client's report could not be rendered; what there was before is left as it was."""


class Incomplete(UserWarning):
    """What was asked for is made and something of it is missing: a file was not read, no PDF was printed."""


_SHORT = 120
#: A line of a traceback that says a place; the code there and the marks under it follow, further in.
_PLACE, _CODE = re.compile(r'Traceback|  File "'), "    "
_QUOTED = re.compile(r"(?<!\w)'[^']*'|\"[^\"]*\"|“[^”]*”|`[^`]*`")
_NUMBERED = re.compile(r"[$(]?[\w.,()-]*(?:[0-9][\w.,()-]*){4,}")
#: What the system says where there is no room: on the disk, in a quota, in a file.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def no_room(error: OSError) -> bool:
    """Whether it is for want of room that the system refused to write."""
    return error.errno in _NO_ROOM


def of_system(error: OSError, place: object = "") -> str:
    """What the machine refused, as a sentence, with the file, or else the place, it is about."""
    where = str(error.filename or place or "")
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        if where and os.access(where, os.F_OK) and not os.access(where, os.R_OK):
            return f"{where} can't be read here ({error.strerror}): ask for the right to read it"
        return (
            f"{where or 'a file'} can't be read or written here ({error.strerror}): close it if another program has it "
            "open, ask for the right to it, or name another folder with --out"
        )
    told = f"{error.strerror or error}: {where}" if where else str(error.strerror or error)
    if no_room(error):
        told += (
            ". Make room and run again; what was not finished was taken away, and what was there before stays"
        )
    return told


def in_words(error: BaseException) -> str:
    """What another program says of its trouble, as a part of one sentence: a line, and not a long one."""
    if isinstance(error, RecursionError):
        return "too many brackets within one another"
    said = " ".join(str(error).split()) or type(error).__name__
    if "integer string conversion" in said or isinstance(error, ArithmeticError):
        return "a number of thousands of digits"
    return said if len(said) <= _SHORT else said[:_SHORT] + " …"


def in_short(value: object, form: Callable[[object], str] = str, *, most: int = _SHORT) -> str:
    """A value somebody wrote, for quoting in a sentence: a line, and not a long one. `form`: str or repr."""
    try:
        said = " ".join(form(value).split())
    except (ValueError, RecursionError) as error:
        return in_words(error)
    return said if len(said) <= most else said[:most] + " …"


def for_log(text: str) -> str:
    """What happened, for a log that may be passed on: where in the program, and nothing that stood in a file.

    Quotations go, and every word with as many digits as an entry, an importer or an amount has. The lines of a
    traceback that say where in the program it was stay as they are.
    """
    kept, ours = [], False
    for line in text.splitlines():
        # What an error says may have lines further in, too: a file's own.
        ours = bool(_PLACE.match(line)) or (ours and line.startswith(_CODE))
        kept.append(line if ours else _NUMBERED.sub("…", _QUOTED.sub("'…'", line)))
    return "\n".join(kept)


def with_short_quotes(sentence: str) -> str:
    """A sentence in which no quotation and no word is longer than a line: what somebody wrote stands in it."""
    told = re.sub(rf"'([^']{{{_SHORT}}})[^']+'", r"'\1 …'", " ".join(sentence.split()))
    return re.sub(rf"(\S{{{_SHORT}}})\S+", r"\1 …", told)
