"""The words of a PDF, page by page, written to standard output: run as a program of its own, never imported.

PDFs come from anywhere, and the library that reads them is native code: what makes it hang, eat memory or
crash must not take the kit along. So it runs here, under the limits its caller hands over, and knows nothing
of the kit. One JSON object a line: first the number of pages, or why there are none; then each page.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import sys
import time
from typing import Any, NamedTuple

import pypdfium2 as pdfium
from pypdfium2 import raw

try:
    import resource
except ImportError:  # Windows: the caller's clock is the only limit there
    resource = None  # type: ignore[assignment]

#: Signs that are no letters: two kinds of spaces, and what pdfium puts for a hyphen at a line's end.
BLANK = {0xA0, 0xAD, *range(0x2000, 0x200C), 0xFFFE}
#: A gap wider than this share of the letters' size parts two words; so does such a step up or down.
GAP, STEP = 0.24, 0.30
INVISIBLE = 3  # text render mode of letters that are there to be searched, not seen


class Limits(NamedTuple):
    """What a PDF may ask for: pages, letters on a page, bytes of memory, processor seconds for one step."""

    pages: int
    letters: int
    memory: int
    seconds: int


def main(path: str, skip: int, limits: Limits) -> None:
    """Write the pages of a PDF, those to skip apart."""
    _bound_memory(limits.memory)
    _bound_time(limits.seconds)
    try:
        document = pdfium.PdfDocument(path)
        count = len(document)
    except pdfium.PdfiumError as error:
        say({"error": str(error)})
        return
    say({"pages": count})
    if count > limits.pages:
        return
    with contextlib.suppress(pdfium.PdfiumError):
        if document.get_formtype():
            document.init_forms()
    for index in range(skip, count):
        _bound_time(limits.seconds)
        say(_page(document, index, limits.letters))


def say(thing: dict[str, Any]) -> None:
    """One line to whoever asked."""
    sys.stdout.write(json.dumps(thing, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _bound_memory(memory: int) -> None:
    """No more memory than allowed."""
    if resource is not None:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _bound_time(seconds: int) -> None:
    """So many more seconds of the processor, whatever else the machine is doing; then the system ends us."""
    if resource is not None:
        with contextlib.suppress(ValueError, OSError):
            _, most = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds, most))


def _page(document: pdfium.PdfDocument, index: int, most_letters: int) -> dict[str, Any]:
    """One page: its size, its words, how many of its letters are invisible, whether it holds pictures."""
    try:
        page = document[index]
        if raw.FPDFPage_GetAnnotCount(page) > 0:
            page.flatten()  # what is typed into form fields becomes text of the page
            page = document[index]
        text = page.get_textpage()
        letters = text.count_chars()
        told = {"page": index + 1, "letters": letters, "width": page.get_width(), "height": page.get_height()}
        if letters > most_letters:
            return told | {"words": [], "invisible": 0, "pictures": 0}
        words, invisible = _words(text, letters, _upright(page))
        pictures = 0
        if not words or invisible:
            pictures = sum(1 for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))
        return told | {"words": words, "invisible": invisible, "pictures": pictures}
    except pdfium.PdfiumError as error:
        return {"page": index + 1, "error": str(error)}


def _upright(page: pdfium.PdfPage) -> Any:
    """A place on the page as it is looked at, from the top left corner, for one in its own coordinates."""
    left, bottom, right, top = page.get_cropbox()
    turned = raw.FPDFPage_GetRotation(page)  # quarters, clockwise
    if turned == 1:
        return lambda x, y: (y - bottom, x - left)
    if turned == 2:
        return lambda x, y: (right - x, y - bottom)
    if turned == 3:
        return lambda x, y: (top - y, right - x)
    return lambda x, y: (x - left, top - y)


def _words(text: Any, letters: int, upright: Any) -> tuple[list[list[Any]], int]:
    """Words as [left, right, baseline, height, text], in the order of the file; and those not to be seen."""
    found: list[list[Any]] = []
    invisible = 0
    page, box = text.raw, raw.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    at_box, at_x, at_y = ctypes.byref(box), ctypes.byref(x), ctypes.byref(y)
    unicode, loose, origin = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox, raw.FPDFText_GetCharOrigin
    open_word: list[Any] | None = None
    for index in range(letters):
        code = unicode(page, index)
        if code <= 32 or code in BLANK:
            open_word = None
            continue
        loose(page, index, at_box)
        origin(page, index, at_x, at_y)
        left, base = upright(x.value, y.value)
        (one, up), (other, down) = upright(box.left, box.bottom), upright(box.right, box.top)
        right, height = max(one, other), base - min(up, down)
        if open_word is not None:
            size = max(open_word[3], 1.0)
            gap = left - open_word[1]
            together = -0.5 * size < gap < GAP * size and abs(base - open_word[2]) < STEP * size
            if together:
                open_word[1] = right
                open_word[4] += chr(code)
                continue
        open_word = [left, right, base, height, chr(code)]
        found.append(open_word)
        if _unseen(page, index):
            invisible += 1
    for word in found:
        word[:4] = [round(number, 2) for number in word[:4]]
    return found, invisible


def _unseen(page: Any, index: int) -> bool:
    """Whether a letter is of the kind that character recognition lays over a picture."""
    drawn = raw.FPDFText_GetTextObject(page, index)
    return bool(drawn) and raw.FPDFTextObj_GetTextRenderMode(drawn) == INVISIBLE


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Limits(*map(int, sys.argv[3:7])))
