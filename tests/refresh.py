"""The committed notebooks executed anew, outputs and all: ``python -m tests.refresh [NAME …]``.

What a live control leaves behind is taken out: it means nothing without the kernel it belonged to, and the
text that stands in for it reads well on the web.
"""

import sys

import nbformat
from nbconvert.preprocessors import ExecutePreprocessor

from tests.test_notebooks import NOTEBOOKS, TEMPLATES

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


if __name__ == "__main__":
    for path in NOTEBOOKS:
        if path.name not in TEMPLATES and (not sys.argv[1:] or path.stem in sys.argv[1:]):
            print(path.name)
            refresh(path)
