"""The cells of a notebook run here and now, in this process: what each shows, without the start of a kernel.

That a kernel shows the same is held where notebooks are executed: by nbval, by the reports that are rendered whole,
and by a deep run.
"""

import ast
from functools import cache

import nbformat

from cape_kit.rendering import report
from tests.samples import DAY, SAMPLES

__all__ = ["cells_shown", "html_of", "of_sample", "run"]


def run(path, given):
    """Each cell of a notebook with what its last line gives; `given` goes before the defaults of its parameters."""
    known = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            yield cell, None
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell.id, "exec"), known)
        if "parameters" in cell.metadata.get("tags", []):
            known |= given
        yield (
            cell,
            None if last is None else eval(compile(ast.Expression(last.value), cell.id, "eval"), known),
        )


def cells_shown(folder, into=None):
    """The cells of the report's notebook on a client, with what each shows."""
    return run(report.template(), {"client": str(folder), "as_of": DAY.isoformat(), "into": str(into or "")})


def html_of(shown):
    """What a page shows of it; of a cell that offers several forms at once, the one for a page."""
    if hasattr(shown, "_repr_html_"):
        return shown._repr_html_()
    return None if shown is None else shown._repr_mimebundle_()["text/html"]


@cache
def of_sample(name):
    """The report's cells on a committed sample with the page's form of what each shows, run once in a process."""
    return [(cell, shown, html_of(shown)) for cell, shown in cells_shown(SAMPLES / name)]
