"""A full disk, a folder nobody may write to, files that change while they are read, a clock that is wrong.

Nothing is lost, nothing half-written is left, and one plain sentence says what it was.
"""

import dataclasses
import errno
import os
import resource
import subprocess
import sys
import traceback
from datetime import date

import pytest

from cape_kit.entries.portfolio import open_client  # noqa: F401  (imported before a child may read no files)
from cape_kit.errors import ReportFailed, for_log, of_system
from cape_kit.filing import csv_out, ledger
from cape_kit.rendering import manifest, report
from tests import samples
from tests.test_cli import cape

CLIENT = samples.SAMPLES / "harbor-lane"
DAY = date(2026, 5, 5)
SENT = ledger.Upload("CAPE_a.csv", "0" * 64, ("ABC00000010",))
ANOTHER = dataclasses.replace(SENT, sha256="1" * 64)


def written(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_full_disk_leaves_what_was_there_and_says_so(tmp_path):
    """A file may have 4,000 bytes, as where only so many are left."""
    out = tmp_path / "out" / "harbor-lane"
    out.mkdir(parents=True)
    (out / "entries.csv").write_bytes(b"earlier")
    command = [
        sys.executable,
        "-m",
        "cape_kit",
        "assess",
        str(CLIENT),
        "--as-of",
        "2026-05-05",
        "--out",
        str(out.parent),
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000)),
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("cape-kit: File too large")
    assert "what was there before stays" in done.stderr
    assert written(out)[next(iter(written(out)))] == b"earlier"
    assert [path.name for path in out.rglob("*.part")] == []


def test_a_ledger_that_has_no_room_stays_as_it_was(tmp_path, monkeypatch):
    ledger.record(tmp_path, SENT, filed_on=DAY)
    before = written(tmp_path)

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        ledger.record(tmp_path, ANOTHER, filed_on=date(2026, 5, 6))
    assert written(tmp_path) == before


def refused_to_anybody(open_to, work):
    """What an ordinary user is told when the system refuses it: root may do all, so a child gives its rights up."""
    for path in (*open_to.parents, open_to):
        if path.owner() == open_to.owner() and path.is_relative_to("/tmp"):
            path.chmod(0o755)
    told, say = os.pipe()
    child = os.fork()
    if not child:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setuid(65534)
            work()
        except OSError as refused:
            os.write(say, of_system(refused).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(say)
    with os.fdopen(told) as answer:
        return answer.read()


def test_where_it_may_not_write_nothing_changes_and_the_folder_is_named(tmp_path):
    folder = tmp_path / "client"
    folder.mkdir()
    ledger.record(folder, SENT, filed_on=DAY)
    before = written(folder)
    for file in folder.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    folder.chmod(0o555)
    said = refused_to_anybody(tmp_path, lambda: ledger.record(folder, ANOTHER, filed_on=date(2026, 5, 6)))
    assert said.startswith(str(folder)) and "can't be read or written here (Permission denied)" in said
    folder.chmod(0o755)
    assert written(folder) == before


def test_where_it_may_not_read_another_folder_to_write_into_is_no_advice(tmp_path):
    secret = tmp_path / "export.csv"
    secret.write_bytes(b"1")
    secret.chmod(0)
    said = refused_to_anybody(tmp_path, secret.read_bytes)
    assert said == f"{secret} can't be read here (Permission denied): ask for the right to read it"


def test_a_report_of_files_that_changed_meanwhile_is_not_put_in_place(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"1")
    before = manifest.inputs(tmp_path)
    report._still_the_same(tmp_path, before)
    (tmp_path / "a.csv").write_bytes(b"2")
    (tmp_path / "b.csv").write_bytes(b"3")
    with pytest.raises(
        ReportFailed, match=r"a\.csv and 1 more changed while the report was being made; make it again"
    ):
        report._still_the_same(tmp_path, before)


@pytest.mark.usefixtures("samples_at_hand")
def test_a_day_before_the_exports_is_said(tmp_path):
    told = "harbor-lane: exported on 2026-05-05, after 2026-04-25: the files may include later information"
    assert told in cape("assess", CLIENT, "--as-of", "2026-04-25").stderr
    assert "may include" not in cape("assess", CLIENT, "--as-of", "2026-05-05").stderr


def test_a_file_put_in_place_leaves_no_part_of_itself_where_it_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(
        os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.EDQUOT, "Disk quota exceeded"))
    )
    with pytest.raises(OSError, match="quota") as full:
        csv_out.put(tmp_path / "a.csv", b"x")
    assert list(tmp_path.iterdir()) == []
    assert of_system(full.value, tmp_path).startswith(
        f"Disk quota exceeded: {tmp_path}. Make room and run again"
    )


def test_a_log_keeps_the_programs_lines_and_no_line_of_a_file():
    try:
        raise ValueError("row 3\n    98-765432100 in Acme's row\nend")
    except ValueError:
        told = traceback.format_exc()
    kept = for_log(told).splitlines()
    assert kept[:3] == told.splitlines()[:3] and "raise ValueError" in kept[2]
    assert "98-765432100" not in "\n".join(kept[-3:])
