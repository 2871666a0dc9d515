"""Same seed, same bytes; and the committed clients are what the generator makes today."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from cape_kit import sample
from cape_kit.cli.lab import sample as command

COMMITTED = Path(__file__).parents[2] / "data" / "sample"
CLIENTS = ("harbor-lane", "cedar-and-flint", "northgate-tools")
LIMIT = 400_000


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def contents(name: str, raw: bytes) -> object:
    """What a file says; a workbook part by part, since compressors differ between machines."""
    if not name.endswith(".xlsx"):
        return raw
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {part: archive.read(part) for part in archive.namelist()}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("fresh")
    sample.write_samples(out)
    return out


def test_committed_clients_are_a_fresh_generation(fresh: Path) -> None:
    made, kept = files_of(fresh), files_of(COMMITTED)
    assert sorted(made) == sorted(kept)
    for name in made:
        assert contents(name, made[name]) == contents(name, kept[name]), (
            f"{name}: run the generator again and commit"
        )


@pytest.mark.parametrize("client", CLIENTS)
def test_committed_clients_are_small(client: str) -> None:
    files = files_of(COMMITTED / client)
    assert sum(map(len, files.values())) < LIMIT
    assert {"client.toml", "truth/truth.json", "truth/README.md"} <= set(files)


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        sample.generate(tmp_path / name, clients=4, entries=70, seed=11)
    sample.generate(tmp_path / "other", clients=4, entries=70, seed=12)
    one = files_of(tmp_path / "one")
    assert one == files_of(tmp_path / "two")
    assert one != files_of(tmp_path / "other")


def test_a_client_does_not_depend_on_how_many_are_made(tmp_path: Path) -> None:
    few = sample.generate(tmp_path / "few", clients=2, entries=70, seed=5)
    many = sample.generate(tmp_path / "many", clients=5, entries=70, seed=5)
    for one, other in zip(few, many, strict=False):
        assert files_of(one) == files_of(other)


def test_workbooks_carry_no_moment_of_writing(fresh: Path) -> None:
    for path in fresh.rglob("*.xlsx"):
        with zipfile.ZipFile(path) as archive:
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert b"2026-0" in archive.read("docProps/core.xml")


def test_shapes_take_turns(tmp_path: Path) -> None:
    made = sample.generate(tmp_path, clients=4, entries=60, seed=3)
    exports = [
        sorted(p.name for p in folder.iterdir() if p.suffix in (".xlsx", ".csv") and p.stem != "facts")
        for folder in made
    ]
    assert exports[0] == exports[3]
    assert len(exports[1]) == 5
    assert len({tuple(names) for names in exports}) == 3


def test_command_writes_clients_and_says_where(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        command, [str(tmp_path / "out"), "--clients", "2", "--entries", "60", "--seed", "9"]
    )
    assert result.exit_code == 0, result.output
    folders = [Path(line) for line in result.stdout.splitlines()]
    assert len(folders) == 2
    assert all((folder / "client.toml").is_file() for folder in folders)


def test_command_makes_the_committed_clients(tmp_path: Path, fresh: Path) -> None:
    result = CliRunner().invoke(command, [str(tmp_path), "--committed"])
    assert result.exit_code == 0, result.output
    assert files_of(tmp_path) == files_of(fresh)


@pytest.mark.parametrize("wrong", [["--entries", "3"], ["--clients", "0"], ["--seed", "x"]])
def test_command_refuses_nonsense(tmp_path: Path, wrong: list[str]) -> None:
    result = CliRunner().invoke(command, [str(tmp_path / "out"), *wrong])
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()
