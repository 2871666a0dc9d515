"""A batch: each client on its own, and an index that tells the good from the bad."""

import base64
import hashlib
import pickle
import re
from concurrent.futures import Executor, Future
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from cape_kit import cli
from cape_kit.errors import Usage
from cape_kit.rendering import batch, cluster, index, report
from cape_kit.rendering.report import Outcome
from cape_kit.views import redaction, tables
from tests.rendering.reading import Page, accessibility_faults, outside_references
from tests.views import made_up

DAY = date(2026, 5, 5)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("beta", "alpha", ".hidden"):
        (tmp_path / "clients" / name).mkdir(parents=True)
    (tmp_path / "clients" / "a file.txt").write_text("x")
    return tmp_path


def jobs(folders):
    return [batch.Job(path, DAY, folders / "out") for path in batch.clients(folders / "clients")]


def test_clients_are_the_visible_folders_by_name(folders):
    assert [path.name for path in batch.clients(folders / "clients")] == ["alpha", "beta"]


@pytest.mark.parametrize("case", ["missing", "empty", "one client"])
def test_a_wrong_folder_is_one_sentence(tmp_path, case):
    if case == "one client":
        (tmp_path / "client.toml").write_text('name = "x"')
    with pytest.raises(Usage):
        batch.clients(tmp_path / "nowhere" if case == "missing" else tmp_path)


def test_clients_one_folder_further_down_are_named(folders):
    lower = folders / "clients" / "beta" / "acme"
    lower.mkdir()
    (lower / "client.toml").write_text('name = "Acme"')
    with pytest.raises(
        Usage, match=f"{lower} is a client, one folder further down; give {lower.parent} instead"
    ):
        batch.clients(folders / "clients")
    (folders / "clients" / "alpha" / "client.toml").write_text('name = "Alpha"')
    assert len(batch.clients(folders / "clients")) == 2


def test_reports_among_the_clients_are_no_client(folders):
    out = folders / "clients" / "reports"
    out.mkdir()
    found = batch.clients(folders / "clients", out)
    assert [path.name for path in found] == ["alpha", "beta"]
    batch.refuse_inside(found, out)
    (out / "client.toml").write_text('name = "Reports Inc."')  # a client that bears this name
    with pytest.raises(Usage, match="inside the client's folder reports"):
        batch.refuse_inside(batch.clients(folders / "clients", out), out)
    # The first time nothing tells that a folder made for the reports is no client's; the next time it would be one.
    with pytest.raises(Usage, match="would be taken for a client"):
        batch.refuse_inside(found, folders / "clients" / "of 2026" / "reports")


def test_a_folder_without_client_toml_fails_alone(folders):
    outcomes = list(batch.run(jobs(folders)))
    assert [outcome.state for outcome in outcomes] == ["failed", "failed"]
    assert all("client.toml" in outcome.message for outcome in outcomes)
    assert [outcome.log.parent.name for outcome in outcomes] == ["alpha", "beta"]


def test_a_folder_that_cannot_be_looked_at_fails_alone(folders, monkeypatch):
    # Whoever runs the tests may have every right: the system is asked in its place. As on a share that went away.
    real = Path.is_file

    def is_file(path):
        if path.parent.name == "alpha":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "is_file", is_file)
    (folders / "clients" / "gamma").symlink_to(folders / "away" / "gamma")
    outcomes = list(batch.run(jobs(folders)))
    assert [(one.source.name, one.kind) for one in outcomes] == [
        *(("alpha", "file"), ("beta", "refused"), ("gamma", "refused")),
    ]
    assert "alpha/client.toml can't be read or written here (Permission denied)" in outcomes[0].message
    assert "no such folder" in outcomes[2].message


def test_the_index_is_the_same_wherever_the_reports_lie(tmp_path):
    def made(out):
        page = batch.conclude(
            [Outcome(tmp_path / "good", "done", folder=out / "good" / "2026-05-05", summary=summary())], out
        )
        return page.read_bytes()

    assert made(tmp_path / "one") == made(tmp_path / "somewhere" / "two")


def test_an_unexpected_error_is_a_failed_client(folders, monkeypatch):
    def breaks(*_, **__):
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(report, "render", breaks)
    outcome = batch.attempt_in_kernel(jobs(folders)[0])
    assert (outcome.state, outcome.message) == ("failed", "Unexpected ZeroDivisionError: by zero")
    assert "Traceback" in outcome.log.read_text("utf-8")


SAID = (
    "could not convert 'Zebra Widgets' of entry B76-0324527-8 (B7603245278), importer 12-345678900, "
    'paid $1,234.56 by "Jane Roe", 3400.00 or 3.400,00'
)
SECRETS = ("Zebra", "Jane", "0324527", "B7603245278", "345678900", "234.56", "3400", "3.400")


def test_a_log_says_where_it_was_and_nothing_that_stood_in_a_file(folders, monkeypatch):
    def breaks(*_, **__):
        raise ValueError(SAID)

    monkeypatch.setattr(report, "render", breaks)
    log = batch.attempt_in_kernel(jobs(folders)[0]).log.read_text("utf-8")
    assert "ValueError: could not convert" in log and "in breaks" in log and 'test_batch.py", line' in log
    assert [one for one in SECRETS if one in log] == []


def test_what_debug_shows_can_be_passed_on(folders, monkeypatch, capsys):
    def breaks(*_, **__):
        raise ValueError(SAID)

    monkeypatch.setattr(report, "render", breaks)
    (folders / "clients" / "alpha" / "client.toml").write_text('name = "x"')
    with pytest.raises(SystemExit):
        cli.run(["report", "clients/alpha", "--as-of", "2026-05-05", "--out", "out", "--debug"])
    said = capsys.readouterr().err
    assert "in breaks" in said
    assert [one for one in SECRETS if one in said] == []


class Dying(Executor):
    """An executor whose second worker is killed."""

    count = 0

    def submit(self, fn, /, *args, **kwargs):
        self.count += 1
        future = Future()
        if self.count == 2:
            future.set_exception(RuntimeError("killed"))
        else:
            future.set_result(Outcome(args[0].source, "done"))
        return future


def test_a_dead_worker_does_not_end_the_run(folders):
    for name in ("alpha", "beta"):
        (folders / "clients" / name / "client.toml").write_text('name = "x"')
    outcomes = {outcome.source.name: outcome.state for outcome in batch.run_on(Dying(), jobs(folders))}
    assert outcomes == {"alpha": "done", "beta": "failed"}


class Mixed(Executor):
    """A cluster one worker of which, joined later, has another kit: it is free first, and is given the jobs."""

    def __init__(self, refusals):
        self.refusals = refusals

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        if self.refusals:
            self.refusals -= 1
            future.set_exception(batch.WrongKit("This worker has another kit."))
        else:
            future.set_result(Outcome(args[0].source, "done"))
        return future


@pytest.mark.parametrize(("refusals", "states"), [(19, ["done", "done"]), (10**6, ["failed", "failed"])])
def test_what_a_worker_of_another_kit_gives_back_is_given_out_again(folders, refusals, states):
    for name in ("alpha", "beta"):
        (folders / "clients" / name / "client.toml").write_text('name = "x"')
    outcomes = list(batch.run_on(Mixed(refusals), jobs(folders)))
    assert [one.state for one in outcomes] == states
    assert {one.message for one in outcomes if one.state == "failed"} <= {"This worker has another kit."}


def test_a_worker_of_another_kit_is_in_no_hurry_for_the_next_job(folders, monkeypatch):
    slept = []
    monkeypatch.setattr(cluster.time, "sleep", slept.append)
    job = jobs(folders)[0]
    wanted = cluster.identity(job.home, None) | {"kit": "another"}
    with pytest.raises(batch.WrongKit, match="another kit"):
        cluster.attempt_on_worker(job, wanted=wanted, limits=batch.Limits())
    assert slept == [cluster._HELD] and slept[0] >= 10


def test_a_cluster_without_a_worker_is_told_once_and_again_when_one_comes(monkeypatch):
    clock, present, told = [0.0], {"tcp://a": 1}, []
    monkeypatch.setattr(cluster.time, "monotonic", lambda: clock[0])
    watch = cluster._Workers(lambda: present, told.append)

    def pass_(seconds):
        for _ in range(seconds * 2):
            clock[0] += 0.5
            watch.waiting()

    pass_(60)
    assert told == []
    present.clear()
    pass_(10)
    assert told == [], "a worker that starts anew is not missed at once"
    pass_(60)
    assert len(told) == 1 and told[0].startswith("The cluster has no worker left: the batch waits for one.")
    present["tcp://b"] = 1
    pass_(10)
    assert told[1:] == ["A worker is there again: the batch goes on."]
    present.clear()
    pass_(60)
    assert len(told) == 3


class Addressed(Executor):
    """A cluster of two workers; it writes down which were asked for."""

    def __init__(self):
        self.asked = []

    def submit(self, fn, /, *args, **kwargs):
        self.asked.append(kwargs)
        future, refusal = Future(), batch.WrongKit("This worker has another kit.")
        refusal.worker = "tcp://wrong"
        if kwargs:
            future.set_result(Outcome(args[0].source, "done"))
        else:
            future.set_exception(pickle.loads(pickle.dumps(refusal)))
        return future

    def nthreads(self):
        return {"tcp://wrong": 1, "tcp://right": 1}


def test_a_worker_that_refused_is_not_asked_again_while_there_is_another(folders):
    (folders / "clients" / "alpha" / "client.toml").write_text('name = "x"')
    both = Addressed()
    outcomes = list(batch.run_on(cluster._Sifted(both, both), jobs(folders)[:1]))
    assert [one.state for one in outcomes] == ["done"]
    assert both.asked == [{}, {"workers": ["tcp://right"], "allow_other_workers": True}]


class Gone(Executor):
    """An executor whose scheduler goes away after the first call."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        if args[0].source.name == "alpha":
            future.set_result(Outcome(args[0].source, "done"))
        else:
            future.cancel()
            future.set_running_or_notify_cancel()
        return future


def test_a_scheduler_that_is_gone_fails_what_waited_and_keeps_what_was_made(folders):
    for name in ("alpha", "beta"):
        (folders / "clients" / name / "client.toml").write_text('name = "x"')
    outcomes = list(batch.run_on(Gone(), jobs(folders)))
    assert [(one.source.name, one.state, one.message) for one in outcomes] == [
        *(("alpha", "done", ""), ("beta", "failed", batch.GONE)),
    ]


def summary(entries=40, name="A Client"):
    return tables.figures(made_up.assessment(entries, name=name))


@pytest.fixture
def page(tmp_path):
    out = tmp_path / "reports"
    good = Outcome(
        tmp_path / "one two", "done", "", out / "one two" / "2026-05-05", summary(name="<i>Ünder & Co</i>")
    )
    same = Outcome(tmp_path / "same", "unchanged", "", out / "same" / "2026-05-05", summary())
    bad = Outcome(tmp_path / "bad", "failed", "No <b>client.toml</b>; importer 123-45-6789.")
    return index.write([same, good, bad], out)


def test_the_index_is_accessible_and_fetches_nothing(page):
    read = Page(page.read_text("utf-8"))
    assert accessibility_faults(read) == []
    # Two scripts, in the page itself; the page's own policy lets no other run.
    assert outside_references(read) == ["<script>"]
    text = page.read_text("utf-8")
    for script in re.findall(r"<script>(.*?)</script>", text, re.S):
        digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
        assert re.search(f"script-src[^;\"]*'sha256-{re.escape(digest)}'", text)
        assert not re.search(r"fetch|XMLHttp|https?:|import\(|innerHTML", script)


def test_the_index_links_to_each_report_relatively(page):
    read = Page(page.read_text("utf-8"))
    assert read.links == [
        "one%20two/2026-05-05/report.html",
        "same/2026-05-05/report.html",
        "summary.xlsx",
    ]


def test_the_index_says_what_failed_and_escapes_it(page):
    text = page.read_text("utf-8")
    assert "No &lt;b&gt;client.toml&lt;/b&gt;; importer ***-**-6789." in text
    assert "&lt;i&gt;Ünder &amp; Co&lt;/i&gt;" in text
    assert "1 client without a report" in text


def test_the_index_adds_up(page):
    words = " ".join("".join(Page(page.read_text("utf-8")).words).split())
    assert "3 clients, 80 entries:" in words


def test_the_index_says_of_which_days_it_speaks(page, tmp_path):
    """Two reports of one day speak of it; where one is of June 1, each speaks of its own day, and none of today."""
    said = " ".join(Page(page.read_text("utf-8")).words)
    assert "on a CAPE declaration on May 5, 2026" in said and "declared on May 5, 2026" in said
    out = tmp_path / "two"
    days = [summary() | {"as_of": day} for day in ("2026-05-05", "2026-06-01")]
    made = [Outcome(tmp_path / told["as_of"], "done", "", out / told["as_of"], told) for told in days]
    said = " ".join(Page(index.write(made, out).read_text("utf-8")).words)
    assert "on the day of each report, May 5, 2026 to Jun 1, 2026" in said
    assert "today" not in said and "declaration now" not in said


def test_the_index_says_which_report_is_behind_the_others(tmp_path):
    """A report of May 5 beside one of July 1, after a deadline of June 29 that the former tells as ahead."""
    ahead = {"day": "2026-06-29", "what": "last day for CAPE", "entries": 2, "principal_cents": 1000_00,
             "interest_cents": 10_00, "principal_unknown": 1}  # fmt: skip
    old = summary() | {
        "book": {"deadlines": [ahead], "filers": [], "exported_on": "2026-05-05", "paid": None}
    }
    out = tmp_path / "reports"
    made = [
        Outcome(tmp_path / name, "done", "", out / name, told)
        for name, told in (("old", old), ("new", summary() | {"as_of": "2026-07-01"}))
    ]
    text = index.write(made, out).read_text("utf-8")
    said = "1 deadline of 2 entries, $1,000 (not known for 1 entry), gone by since, the first on Jun 29, 2026"
    assert text.count(said) == 1
    assert sum("behind" in one.split('"')[0].split() for one in text.split('<tr data-is="')[1:]) == 1


def test_clients_of_one_name_are_two_clients(tmp_path):
    ahead = {"what": "last day for CAPE", "entries": 1, "principal_cents": 7, "interest_cents": 1}
    days = [ahead | {"day": day} for day in ("2026-05-06", "2026-06-04")]
    told = summary() | {"book": {"deadlines": days, "filers": [], "exported_on": None, "paid": None}}
    made = [
        Outcome(tmp_path / name, "done", folder=tmp_path / "out" / name / "2026-05-05", summary=told)
        for name in ("west", "east")
    ]
    text = index.write(made, tmp_path / "out").read_text("utf-8")
    for name in ("west", "east"):
        assert f"A Client ({name})" in text
        assert f'data-folder="{name}"' in text, "and is found by its folder"
    # Each has the same deadlines: a day's row counts two clients.
    assert len(re.findall(r'data-label="Clients"[^>]*>2<', text)) == len(days)
    names = [cell.value for cell in openpyxl.load_workbook(tmp_path / "out" / "summary.xlsx")["Clients"]["A"]]
    assert names[3:5] == ["A Client (east)", "A Client (west)"]


def test_the_index_counts_what_is_not_known(tmp_path):
    """Of two clients one has nothing but an entry to file of unknown duty, and a deadline for it."""
    entry = {"entries": 1, "principal_cents": None, "principal_unknown": 1, "interest_cents": None}
    coming = {"day": "2026-07-13", "what": "last day for CAPE", "entries": 1, "principal_cents": None}
    told = summary() | {
        "dispositions": summary()["dispositions"]
        | {key: {**entry, "entries": 0, "principal_unknown": 0, "principal_cents": 0, "interest_cents": 0}
           for key in summary()["dispositions"]} | {"file": entry | {"interest_unknown": 1}},
        "next_deadline": coming | {"principal_unknown": 1},
        "name": "X",
    }  # fmt: skip
    out = tmp_path / "reports"
    made = [
        Outcome(tmp_path / "a", "done", "", out / "a", summary()),
        Outcome(tmp_path / "x", "done", "", out / "x", told),
    ]
    text = index.write(made, out).read_text("utf-8")
    assert "The duty of 1 entry is not known and in no amount." in " ".join(
        " ".join(Page(text).words).split()
    )
    mine = text.split("<bdi>X</bdi>")[1].split("</tr>")[0]
    for label in ("IEEPA duty", "Interest", "To file now"):
        assert f'data-label="{label}" data-v="">–' in mine
    assert "not known for 1" in mine and "1 entry, amount not known" in mine
    sheet = openpyxl.load_workbook(out / "summary.xlsx")["Clients"]
    head = [cell.value for cell in sheet[3]]
    row = next(row for row in sheet.iter_rows(min_row=4, values_only=True) if row[0] == "X")
    assert row[head.index("IEEPA duty")] is None and row[head.index("Entries, duty not known")] == 1


def test_an_index_of_nothing_is_still_a_page(tmp_path):
    page = index.write([], tmp_path)
    assert accessibility_faults(Page(page.read_text("utf-8"))) == []


def test_two_clients_that_would_write_to_one_folder(tmp_path, monkeypatch):
    """Neither sign can stand in an output's name, so both would be a_b."""
    monkeypatch.setattr(batch, "_there", lambda job: Outcome(job.source, "done"))
    for name in ("a*b", "a?b", "c", "C"):
        (tmp_path / "clients" / name).mkdir(parents=True)
    found = {one.source.name: one for one in batch.run(jobs(tmp_path))}
    states = {name: one.state for name, one in found.items()}
    assert states == {"a*b": "done", "a?b": "failed", "C": "done", "c": "failed"}
    assert "would overwrite that of a*b" in found["a?b"].message
    assert found["a?b"].message.endswith("rename one of the two folders.")


@pytest.mark.parametrize("out", ["clients", "clients/alpha", "clients/alpha/reports"])
def test_no_report_and_no_index_among_the_files_that_are_read(folders, out):
    with pytest.raises(Usage, match="inside the client's folder alpha"):
        batch.refuse_inside(batch.clients(folders / "clients"), folders / out)
    batch.refuse_inside(batch.clients(folders / "clients"), folders / "out")


def test_an_index_of_shared_reports_names_no_client(tmp_path):
    out = tmp_path / "reports"
    shared = summary(name=redaction.CLIENT)
    good = Outcome(tmp_path / "alpha", "done", "No PDF of Alpha.", out / "a" / "2026-05-05 redacted", shared)
    bad = Outcome(tmp_path / "Zebra GmbH", "failed", f"{tmp_path}/Zebra GmbH: no client.toml in it")
    text = index.write([bad, good], out).read_text("utf-8")
    sheet = openpyxl.load_workbook(out / "summary.xlsx")["Clients"]
    cells = {str(value) for row in sheet.iter_rows(values_only=True) for value in row}
    for secret in ("Zebra", "Alpha", str(tmp_path)):
        assert secret not in text
        assert not any(secret in cell for cell in cells)
    # In the order of their folders' names: capitals go first.
    assert "Client 1 (name withheld)" in text
    assert {"Client 1 (name withheld)", "Client 2 (name withheld)"} <= cells


def test_where_every_shared_report_failed_it_has_to_be_said(tmp_path):
    bad = Outcome(tmp_path / "zebra", "failed", "zebra: no client.toml in it")
    assert "zebra" in index.write([bad], tmp_path / "plain").read_text("utf-8")
    assert "zebra" not in index.write([bad], tmp_path / "shared", redact=True).read_text("utf-8")
