"""The committed notebooks executed anew, outputs and all: ``python -m tests.refresh [NAME …]``.

What a live control leaves behind is taken out: it means nothing without the kernel it belonged to, and the
text that stands in for it reads well on the web.
"""

import json
import sys
from datetime import date

import nbformat
from nbconvert.preprocessors import ExecutePreprocessor

import cape_kit
from cape_kit.rendering import book as room
from cape_kit.rendering import manifest
from cape_kit.sample import shipped
from tests.test_notebooks import NOTEBOOKS, TEMPLATES

#: The reports that come with notebook 07: of the shipped clients, on the day of the latest of them.
BOOK, BOOK_DAY = NOTEBOOKS[0].parent / "sample-book", date(2026, 10, 1)

_LIVE = "application/vnd.jupyter.widget-view+json"


def refresh(path):
    """Execute a notebook in its own folder and write it back."""
    notebook = nbformat.read(path, as_version=4)
    ExecutePreprocessor(record_timing=False, store_widget_state=False, timeout=600).preprocess(
        notebook, {"metadata": {"path": str(path.parent)}}
    )
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(_LIVE, None)
    notebook.metadata.pop("widgets", None)
    nbformat.write(notebook, path)


def figures(client):
    """What a shipped client's report says for itself on the book's day."""
    found = cape_kit.assess(cape_kit.open(f"sample:{client}"), as_of=BOOK_DAY)
    return json.loads(json.dumps(cape_kit.tables.figures(found) | {"book": room.figures(found)}))


def write_book():
    """The manifests of the book that comes with the kit, with nothing in them but what a book reads."""
    for client in shipped():
        path = BOOK / client / BOOK_DAY.isoformat() / manifest.NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps({"summary": figures(client)}, indent=1, ensure_ascii=False) + "\n", "utf-8"
        )


if __name__ == "__main__":
    if not sys.argv[1:] or "07_book_of_clients" in sys.argv[1:]:
        write_book()
    for path in NOTEBOOKS:
        if path.name not in TEMPLATES and (not sys.argv[1:] or path.stem in sys.argv[1:]):
            print(path.name)
            refresh(path)
