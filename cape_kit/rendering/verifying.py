"""Whether a delivered report is what was made: every file of its folder against the hashes of its manifest.

It finds what was lost, changed or added since. It is no signature: who changes a file can change the manifest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cape_kit.errors import Usage
from cape_kit.rendering import manifest


@dataclass(frozen=True)
class Verdict:
    """One folder with a manifest: the files that are missing, changed or not of it; `trouble` if it can't be told."""

    folder: Path
    files: int = 0
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def whole(self) -> bool:
        """Whether the folder holds what its manifest says, and nothing else."""
        return not (self.trouble or self.missing or self.changed or self.extra)

    @property
    def sentences(self) -> list[str]:
        """What is wrong, a sentence each."""
        return [
            *([self.trouble] if self.trouble else []),
            *(f"{name} is missing." for name in self.missing),
            *(f"{name} has changed since the report was made." for name in self.changed),
            *(f"{name} is not part of the report: its manifest does not list it." for name in self.extra),
        ]


def verify(folder: Path) -> list[Verdict]:
    """A verdict on a report's folder, or on each of those under a folder of several, in order of their paths.

    Raises Usage where no manifest is found: nothing can be said then.
    """
    if not folder.is_dir():
        raise Usage(f"{folder}: no such folder; give the folder of a report, or one that holds several")
    found = sorted(path.parent for path in _manifests(folder))
    if not found:
        raise Usage(f"{folder}: no {manifest.NAME} in it or below it, so there is nothing to check against")
    return [_verdict(one) for one in found]


def _manifests(folder: Path) -> Iterator[Path]:
    own = folder / manifest.NAME
    return iter([own]) if own.is_file() else folder.rglob(manifest.NAME)


def _verdict(folder: Path) -> Verdict:
    told = manifest.read(folder)
    outputs = told.get("outputs") if told else None
    if not isinstance(outputs, dict) or not all(isinstance(one, str) for one in outputs.values()):
        return Verdict(folder, trouble=f"{manifest.NAME} can't be read as the manifest of a report.")
    there = {name: mark for name, mark in manifest.tree(folder).items() if name != manifest.NAME}
    return Verdict(
        folder,
        files=len(outputs),
        missing=tuple(sorted(set(outputs) - set(there))),
        changed=tuple(
            sorted(name for name, mark in there.items() if name in outputs and outputs[name] != mark)
        ),
        extra=tuple(sorted(set(there) - set(outputs))),
    )
