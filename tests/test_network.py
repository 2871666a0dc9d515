"""Nothing the kit does asks the network: every command runs where any try is refused and written down."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from cape_kit.cli import lab
from tests import samples
from tests.test_house import ROOT

GUARD = Path(__file__).parent / "guard"
#: Commands one after the other in a process of their own: what is imported once is not tried again.
ONE_BY_ONE = """
import json, sys
from cape_kit.cli import main
for words in json.loads(sys.argv[1]):
    code = main.main(args=words, prog_name="cape-kit", standalone_mode=False)
    if code:
        raise SystemExit(f"{words} ended with {code}")
"""
AFTER = ROOT / "data" / "sample-after" / "quarry-and-pine"


@pytest.fixture
def guard(tmp_path):
    """The environment of a process without a network, and what it tried."""
    log = tmp_path / "guard.log"
    paths = [str(GUARD), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "CAPE_KIT_GUARD": str(log)}
    environment |= {"HOME": str(tmp_path / "home"), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    return environment, log


def tried(log):
    """Who was under the guard, and every host they asked for."""
    lines = log.read_text("utf-8").splitlines()
    return {line for line in lines if line.startswith("began")}, [line for line in lines if line[0] == "t"]


def test_the_guard_refuses_another_machine_and_lets_this_one_be(guard):
    environment, log = guard
    code = """
import socket
socket.getaddrinfo("localhost", 80)
there = socket.create_server(("127.0.0.1", 0))
socket.create_connection(there.getsockname()).close()
for ask in (lambda: socket.socket().connect(("192.0.2.1", 80)), lambda: socket.getaddrinfo("a.test", 80)):
    try:
        ask()
    except OSError as refused:
        assert "no network" in str(refused), refused
    else:
        raise SystemExit(3)
"""
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert tried(log)[1] == ["tried socket.connect 192.0.2.1", "tried socket.getaddrinfo a.test"]


@pytest.fixture
def one_client(tmp_path):
    """A folder of one client, for the batch."""
    shutil.copytree(samples.SAMPLES / "harbor-lane", tmp_path / "clients" / "harbor-lane")
    return tmp_path / "clients"


def test_no_command_asks_the_network(guard, one_client, tmp_path):
    environment, log = guard
    client, out = one_client / "harbor-lane", tmp_path / "out"
    words = [
        ["assess", client, "--as-of", "2026-05-05", "--out", out / "assessed"],
        ["declare", client, "--as-of", "2026-05-05", "--out", out / "declared"],
        ["reconcile", AFTER, "--as-of", "2026-10-01", "--out", out / "reconciled"],
        # The reports of a batch are made as cape-kit report makes one.
        ["batch", one_client, "--as-of", "2026-05-05", "--out", out / "batch", "--workers", "2"],
    ]
    done = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE, json.dumps(words, default=str)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (out / "batch" / "harbor-lane" / "2026-05-05" / "report.html").is_file()
    began, asked = tried(log)
    assert len(began) > 1  # the kernel of the report was under it, too
    assert asked == []


def test_the_lab_asks_for_no_news_updates_or_extensions(guard, tmp_path):
    pytest.importorskip("jupyterlab")
    environment, log = guard
    folder = tmp_path / "notebooks"
    folder.mkdir()
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        *lab.QUIET,
        "--no-browser",
        "--allow-root",
        "--port-retries=50",
    ]
    with (tmp_path / "said").open("wb") as said:
        server = subprocess.Popen([*command, str(folder)], env=environment, stdout=said, stderr=said)
        try:
            asked = ("lab/api/news", "lab/api/update", "lab/api/extensions?query=x&refresh=1")
            answers = [_get(tmp_path / "runtime", server, one) for one in asked]
        finally:
            server.terminate()
            server.wait(30)
    assert answers[0] == {"news": []}
    assert not answers[1].get("notification")
    assert all(one["installed"] for one in answers[2])
    assert tried(log)[1] == []


def _get(runtime, server, path):
    """What the server answers, once it is there."""
    for _ in range(600):
        found = list(runtime.glob("jpserver-*.json"))
        if found or server.poll() is not None:
            break
        time.sleep(0.1)
    where = json.loads(found[0].read_text("utf-8"))
    asked = urllib.request.Request(
        f"{where['url']}{path}", headers={"Authorization": f"token {where['token']}"}
    )
    for _ in range(100):
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError:
            raise
        except OSError:  # it is listed a moment before it listens
            time.sleep(0.1)
    raise AssertionError("the server never answered")
