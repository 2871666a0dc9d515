"""Where a report's cells run: this interpreter and this kit, in a kernel of its own or in this very process.

A kernel named "python3" somewhere in the user's home could be any Python; a report must not depend on it. Who
owns a process that makes one report and ends may have the cells run inside it: the same bytes without a
kernel's start. A process that lives on may not: what one client left in it would be there for the next.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stderr, redirect_stdout
from io import TextIOBase
from pathlib import Path
from typing import Any

import nbformat
from ipykernel.ipkernel import IPythonKernel
from ipykernel.jsonutil import encode_images, json_clean
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError
from papermill.engines import Engine, papermill_engines
from traitlets import Any as Anything
from traitlets import Instance, List, Type, Unicode
from traitlets.config import Config

import cape_kit
from cape_kit import leftovers
from cape_kit.errors import ReportFailed

LOG = "kernel.log"
#: The name under which papermill knows the engine whose cells run in this process.
WITHIN = "cape-kit-within"
#: How the cells of such a process hold text: as Python's own. What a report does to text is many small steps, and
#: each costs Arrow more than the work itself. What it says is the same.
TEXT = ("mode.string_storage", "python")
#: Arguments for papermill's engine, for as long as the notebook runs.
Kernel = Callable[[], AbstractContextManager[dict[str, Any]]]


class OwnKernel(AsyncKernelManager):
    """A kernel manager that always starts the interpreter it runs in itself."""

    home = Unicode(help="folder for everything the kernel would otherwise write into the user's home").tag(
        config=True
    )

    @property
    def kernel_spec(self) -> KernelSpec:
        """How to start it; the user's own start-up files stay out."""
        here = str(Path(cape_kit.__file__).parents[1])
        paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            env={
                "IPYTHONDIR": self.home,
                "PYTHONPATH": os.pathsep.join(paths),
                "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            },
            display_name="Python",
            language="python",
        )

    async def start_kernel(self, **more: Any) -> None:  # type: ignore[override]
        """Start it with its chatter kept out of ours; what it says when it can't start is in `home`."""
        with Path(self.home, LOG).open("wb") as log:
            await super().start_kernel(stdout=log, stderr=log, **more)


@contextmanager
def private_kernel() -> Iterator[dict[str, Any]]:
    """Arguments for papermill's engine: whose kernel, and where it may write. Removed afterwards."""
    with leftovers.temporary() as made:
        folder = str(made)
        settings = {"home": folder, "connection_file": str(made / "kernel.json")}
        if os.name == "posix":
            settings |= {"transport": "ipc", "ip": str(made / "channel")}
        yield {
            "kernel_manager_class": OwnKernel,
            "config": Config({"OwnKernel": settings}),
            "record_timing": False,
        }


def _output(kind: str, **content: Any) -> nbformat.NotebookNode:
    """One output of a cell. The whole notebook is checked when it is written, not each output as it is made."""
    return nbformat.from_dict({"output_type": kind, **content})


class _Collected(DisplayPublisher):
    """What cells show goes onto the list of outputs of the cell that runs."""

    outputs: Any = List()

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **more: Any) -> None:
        """One thing shown by `display`; one that would take another's place stands after it, as in a file."""
        content = {"data": json_clean(encode_images(data)), "metadata": metadata or {}}
        self.outputs.append(_output("display_data", **content))

    def clear_output(self, wait: bool = False) -> None:
        """Take away what the cell has shown."""
        self.outputs.clear()


class _Result(DisplayHook):
    """The value of a cell's last line goes onto the same list."""

    def write_output_prompt(self) -> None:
        """Nothing: it stands in the output's number."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """One result, as a kernel would have sent it."""
        data = json_clean(encode_images(format_dict))
        made = _output("execute_result", data=data, metadata=md_dict or {}, execution_count=self.prompt_count)
        self.shell.display_pub.outputs.append(made)  # type: ignore[union-attr]

    def finish_displayhook(self) -> None:
        """Nothing to send."""
        self._is_active = False


class _Shell(InteractiveShell):
    """IPython without a terminal, a history or a kernel."""

    displayhook_class = Type(_Result)
    display_pub_class = Type(_Collected)
    display_pub = Instance(_Collected)
    #: What pandas asks after, to tell a notebook from a terminal.
    kernel = Anything()

    def init_history(self) -> None:
        """A history in memory: nothing of a client goes into the user's home."""
        self.config.HistoryManager.enabled = False
        super().init_history()  # type: ignore[no-untyped-call]

    def enable_gui(self, gui: Any = None) -> None:
        """No window is ever opened here."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        """An error is an output of its cell, and the first one is the last."""
        made = {"ename": getattr(etype, "__name__", str(etype)), "evalue": str(evalue), "traceback": stb}
        self.display_pub.outputs.append(_output("error", **made))


class _Stream(TextIOBase):
    """What cells print, joined to what they printed before it."""

    def __init__(self, name: str, outputs: list[Any]) -> None:
        self.name, self.outputs = name, outputs

    def write(self, text: str) -> int:
        """Add to the last output where that is of the same stream."""
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last.output_type == "stream" and last.name == self.name:
            last.text += text
        elif text:
            self.outputs.append(_output("stream", name=self.name, text=text))
        return len(text)


class Within(Engine):  # type: ignore[misc]
    """papermill's engine for a process that makes one report and ends: its cells run here."""

    ran = False

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **more: Any) -> Any:
        """Run the cells in order, stop at the first error, and leave the notebook as a kernel would have."""
        if cls.ran:
            raise ReportFailed(
                "One process runs one notebook: what the first left behind would be in the second."
            )
        cls.ran = True
        shell = _Shell.instance(ipython_dir=more["home"])
        with shell.builtin_trap:
            for place, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, place)
                try:
                    if cell.cell_type == "code" and not cls._good(shell, cell):
                        error = cell.outputs[-1]
                        fault = CellExecutionError.from_cell_and_msg(cell, error)
                        nb_man.cell_exception(cell, cell_index=place, exception=fault)
                        break
                finally:
                    nb_man.cell_complete(cell, cell_index=place)
        nb_man.nb.metadata["language_info"] = dict(IPythonKernel.language_info)
        return nb_man.nb

    @classmethod
    def _good(cls, shell: _Shell, cell: Any) -> bool:
        """Run one cell, its outputs in it; whether it ended without an error. A cell of blanks is not run."""
        outputs: list[Any] = []
        cell.outputs, shell.display_pub.outputs = outputs, outputs
        outputs = shell.display_pub.outputs
        cell.execution_count = None
        if cell.source.strip():
            cell.execution_count = shell.execution_count
            with redirect_stdout(_Stream("stdout", outputs)), redirect_stderr(_Stream("stderr", outputs)):
                shell.run_cell(cell.source, store_history=True)  # type: ignore[no-untyped-call]
        cell.outputs = [nbformat.from_dict(one) for one in outputs]
        return not any(one.output_type == "error" for one in outputs)


papermill_engines.register(WITHIN, Within)


@contextmanager
def within() -> Iterator[dict[str, Any]]:
    """Arguments for papermill where this process is the report's own and ends with it."""
    import pandas as pd  # not before a notebook's manners are there: see `load_as_notebooks_do`

    with leftovers.temporary() as made:
        os.environ["IPYTHONDIR"] = str(made)
        with pd.option_context(*TEXT):
            yield {"engine_name": WITHIN, "home": str(made)}


def load_as_notebooks_do(home: str) -> None:
    """Import pandas as it is imported in a kernel: by whether there is one it decides how wide it shows tables."""
    shell = _Shell.instance(ipython_dir=home)
    shell.kernel = None
    with shell.builtin_trap:
        importlib.import_module("pandas")
    _Shell.clear_instance()
