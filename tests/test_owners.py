"""What the kit writes is its owner's alone, whatever the machine's usual mode for new files is."""

import os
import stat
import sys
from datetime import date
from types import SimpleNamespace

import pytest

import cape_kit
from cape_kit import owners
from cape_kit.filing import csv_out, ledger
from cape_kit.rendering import index
from tests import samples
from tests.test_cli import cape

DAY = date(2026, 5, 5)


@pytest.fixture(autouse=True)
def open_machine(monkeypatch):
    """A machine on which a new file can be read by everybody."""
    monkeypatch.delenv(owners.SHARED, raising=False)
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder):
    """Everything under a folder with its mode, itself included."""
    return {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


def others_may_not(folder):
    return {path: oct(mode) for path, mode in modes(folder).items() if mode & 0o077} == {}


def test_declarations_ledger_and_index_are_the_owners_alone(tmp_path):
    declared = cape_kit.declare(samples.assessed("harbor-lane"), tmp_path / "out" / "declared")
    assert declared
    client = tmp_path / "client"
    client.mkdir(mode=0o700)
    sent = ledger.upload(declared[0], ["ABC00000010"])
    assert ledger.record(client, sent, filed_on=DAY) == 1
    index.write([], tmp_path / "index")
    assert {path.name for path in client.iterdir()} == {ledger.NAME, f"{ledger.NAME}.lock"}
    assert all(others_may_not(tmp_path / one) for one in ("out", "client", "index"))


def test_a_command_leaves_nothing_for_others_and_the_mask_as_it_was(tmp_path):
    client = samples.SAMPLES / "harbor-lane"
    assert cape("assess", client, "--as-of", DAY, "--out", tmp_path / "out").returncode == 0
    assert any((tmp_path / "out").rglob("*.csv"))
    assert others_may_not(tmp_path / "out")
    (tmp_path / "after").touch()
    assert modes(tmp_path / "after") == {tmp_path / "after": 0o644}


def test_a_setting_says_otherwise_but_not_for_a_key(tmp_path, monkeypatch):
    monkeypatch.setenv(owners.SHARED, "1")
    with owners.alone():
        csv_out.put(tmp_path / "table.csv", b"x")
    csv_out.put(tmp_path / "key.csv", b"x", private=True)
    found = {path.name: mode for path, mode in modes(tmp_path).items()}
    assert (found["table.csv"], found["key.csv"]) == (0o644, 0o600)


def test_a_file_is_taken_by_one_at_a_time(tmp_path):
    first, second = (os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT) for _ in range(2))
    assert owners.take(first)
    assert not owners.take(second)
    os.close(first)
    assert owners.take(second)
    os.close(second)


def test_on_windows_what_a_locked_file_says_can_be_read(tmp_path, monkeypatch):
    """There a lock is on bytes, and nobody else may read those: it lies beyond all that is in the file."""
    taken = {}

    def locking(handle, how, count):
        assert (how, count) == ("without waiting", 1)
        byte = (os.fstat(handle).st_ino, os.lseek(handle, 0, os.SEEK_CUR))
        if taken.setdefault(byte, handle) != handle:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK="without waiting"))
    monkeypatch.setattr(owners.sys, "platform", "win32")
    with (tmp_path / "lock").open("a+") as first, (tmp_path / "lock").open("a+") as second:
        assert owners.take(first.fileno())
        first.write("process 7 on a machine")
        first.flush()
        assert not owners.take(second.fileno())
        second.seek(0)
        assert second.read() == "process 7 on a machine"
        ((_, place),) = taken
        assert place > 1_000_000
