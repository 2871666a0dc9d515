"""The kernel a report runs in: this interpreter and this kit, spoken to through a private folder.

A kernel named "python3" somewhere in the user's home could be any Python; a report must not depend on it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import Unicode
from traitlets.config import Config

import cape_kit

LOG = "kernel.log"


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
    with tempfile.TemporaryDirectory(prefix="cape-", ignore_cleanup_errors=True) as folder:
        settings = {"home": folder, "connection_file": str(Path(folder, "kernel.json"))}
        if os.name == "posix":
            settings |= {"transport": "ipc", "ip": str(Path(folder, "channel"))}
        yield {
            "kernel_manager_class": OwnKernel,
            "config": Config({"OwnKernel": settings}),
            "record_timing": False,
        }
