"""``python -m tests.fuzz.kills --kills N --seed S``: commands killed at random moments, and what is left of them.

Each kill starts the real command in a process group of its own on a copy of a small client's folder and sends
SIGKILL: to the leading process, to its whole group, or to a process below it. Then, of every kill: within ten
seconds nothing of it lives and no temporary folder stays; every file that can be seen is what it was before or what
the undisturbed run makes of it, byte for byte; a recording that was acknowledged is in the ledger; and the same
command once more ends well with the bytes of the undisturbed run. Linux only: it looks into /proc.
"""

import argparse
import contextlib
import dataclasses
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request
import uuid
from collections import Counter
from pathlib import Path

from cape_kit import cli
from cape_kit.entries.client import LEDGER
from cape_kit.errors import CapeError
from cape_kit.rendering import manifest, prepared
from cape_kit.rendering.batch import INDEX, JOURNAL, LOG, SUMMARY
from tests.rendering import small
from tests.test_house import ROOT

DAY = "2026-05-05"
#: In the environment of every process of one case, wherever it hangs itself.
MARK = "CAPE_KIT_KILLED_CASE"
#: How long what was killed may leave something behind, and how long a command may take that is not. [seconds]
GRACE, PATIENCE = 10, 1800
_PEEK, _LOOK = 0.002, 0.02


@dataclasses.dataclass(frozen=True)
class Command:
    """What is killed: its words in the case's folder, the commands before it, and how often among the kills."""

    name: str
    words: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    clients: tuple[str, ...] = ("amber",)
    weight: int = 1
    #: Said on stdout when the ledger has it.
    says: str = ""
    #: How a second run may end where the first one had done it all.
    refuses: str = ""


_CLIENT = "clients/amber"
_DECLARE = ("declare", _CLIENT, "--as-of", DAY)
_FILE = f"out/amber/CAPE_amber_importer-79-330518800_{DAY}_part-1-of-1.csv"
_FILED = (*_DECLARE, "--filed", _FILE)
COMMANDS = (
    Command("report", ("report", _CLIENT, "--as-of", "extract", "--out", "out"), weight=3),
    Command("redact", ("report", _CLIENT, "--as-of", "extract", "--out", "out", "--redact"), weight=1),
    Command("pdf", ("report", _CLIENT, "--as-of", "extract", "--out", "out", "--pdf"), weight=1),
    Command(
        "batch",
        ("batch", "clients", "--as-of", "extract", "--out", "out", "--workers", "2"),
        clients=("amber", "birch", "cedar"),
        weight=2,
    ),
    Command("declare", (*_DECLARE, "--out", "out"), weight=4),
    Command(
        "declare-again",
        (*_DECLARE, "--out", "out"),
        ((*_DECLARE, "--out", "out", "--first-batch", "2"),),
        weight=2,
    ),
    Command("filed", _FILED, ((*_DECLARE, "--out", "out"),), weight=5, says="lines added"),
    Command(
        "claim-number",
        (*_FILED, "--claim-number", "C-7"),
        ((*_DECLARE, "--out", "out"), _FILED),
        weight=3,
        says="added to",
    ),
    Command(
        "undo",
        (*_DECLARE, "--undo", _FILE),
        ((*_DECLARE, "--out", "out"), _FILED),
        weight=3,
        says="taken back",
        refuses="holds no upload of this file",
    ),
    Command("lab", ("lab", _CLIENT, "--as-of", DAY, "--into", "out", "--no-browser"), weight=2),
)


# --- a case: a folder, its environment, what runs in it ---------------------------------------------------


class Place:
    """A folder of one case, with home and temporary files of its own."""

    def __init__(self, folder):
        self.folder, self.mark = folder, uuid.uuid4().hex
        for name in ("work", "home", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.work, self.tmp = folder / "work", folder / "tmp"
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            MARK: self.mark,
            "TMPDIR": str(self.tmp),
            "HOME": str(folder / "home"),
        }

    def start(self, words, *, fresh=True):
        """The command, leading a process group: a program of its own, or a fork of this one, which has it loaded."""
        if words[0] == "lab":
            words = (*words, f"--port={_free_port()}", "--ServerApp.port_retries=0", "--allow-root")
        if not fresh:
            return Forked(self, words)
        with (self.folder / "stdout").open("wb") as out, (self.folder / "stderr").open("wb") as err:
            return subprocess.Popen(
                [sys.executable, "-m", "cape_kit", *words],
                cwd=self.work,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                process_group=0,
            )

    def run(self, words, *, fresh=False):
        """The command to its end; for the laboratory, until it answers and is stopped by Ctrl-C."""
        process = self.start(words, fresh=fresh)
        try:
            if words[0] == "lab":
                self.served(process)
                process.send_signal(signal.SIGINT)
                time.sleep(0.2)
                process.send_signal(signal.SIGINT)
                process.send_signal(signal.SIGTERM)
            return process.wait(PATIENCE)
        finally:
            process.kill()

    def said(self, stream="stderr"):
        """What the last command said."""
        return (self.folder / stream).read_text("utf-8", "replace")

    def served(self, process, *, kernel=False):
        """Wait for the laboratory; the notebooks it shows. With `kernel`, one of them is started."""
        last = time.monotonic() + PATIENCE
        while time.monotonic() < last and process.poll() is None:
            for path in self.tmp.glob("cape-*/jpserver-*.json"):
                with contextlib.suppress(OSError, ValueError, KeyError):
                    where = json.loads(path.read_text("utf-8"))
                    if where["pid"] == process.pid:
                        found = _asked(where, "api/contents")
                        if kernel:
                            _asked(where, "api/kernels", {"name": "python3"})
                        return sorted(one["name"] for one in found["content"])
            time.sleep(0.1)
        raise AssertionError(f"the laboratory never answered: {self.said()[-400:]}")

    def family(self):
        """The processes of this case that live, by their numbers."""
        numbers = (int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit())
        return sorted(pid for pid in numbers if self._mine(pid))

    def _mine(self, pid):
        try:
            if f"{MARK}={self.mark}".encode() not in Path(f"/proc/{pid}/environ").read_bytes():
                return False
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def watcher(self, pid):
        """Whether a process is the one that takes temporary folders away: killed by itself, it has nothing to do."""
        try:
            return Path(f"/proc/{pid}/comm").read_text().strip() == "sh"
        except OSError:
            return False

    def end(self):
        """Nothing of this case goes on."""
        for pid in self.family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def left(self):
        """What should have gone: processes with their command lines, temporary files and folders."""
        told = []
        for pid in self.family():
            with contextlib.suppress(OSError):
                words = (
                    Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                )
                told.append(f"process {words[:120]}")
        return told + [f"temporary {_kind(path.name)}" for path in self.tmp.iterdir()]


class Forked:
    """A command in a fork of this process: what it imports is there already. As subprocess.Popen has it."""

    def __init__(self, place, words):
        self.returncode = None
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if not self.pid:
            self._be(place, words)

    def _be(self, place, words):
        code = 1
        try:
            os.setpgid(0, 0)
            os.chdir(place.work)
            os.environ.clear()
            os.environ.update(place.environment)
            tempfile.tempdir = None
            for name, target in ((os.devnull, 0), ("stdout", 1), ("stderr", 2)):
                way = os.O_RDONLY if target == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
                os.dup2(os.open(place.folder / name, way, 0o600), target)
            cli.run(list(words))
        except SystemExit as end:
            code = end.code
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code if isinstance(code, int) else 0)

    def poll(self):
        """How it ended, or None."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout=None):
        """How it ended, once it has."""
        last = time.monotonic() + (timeout or PATIENCE)
        while self.poll() is None:
            if time.monotonic() > last:
                raise subprocess.TimeoutExpired("fork", timeout)
            time.sleep(_PEEK)
        return self.returncode

    def send_signal(self, number):
        """As it says."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        """As it says."""
        self.send_signal(signal.SIGKILL)


def _kind(name):
    """A name without its number and chance."""
    return name.split("-")[0]


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def _asked(where, path, body=None):
    asked = urllib.request.Request(
        f"{where['url']}{path}",
        data=json.dumps(body).encode() if body else None,
        headers={"Authorization": f"token {where['token']}"},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.loads(answer.read())


def seen(work):
    """Every file by its hash, but for the journal, which says when it was written, and locks.

    A notebook of the laboratory names the client's folder; where that is does not count.
    """
    found, here = {}, work.resolve().as_posix().encode()
    for path in sorted(work.rglob("*")):
        if path.is_file() and path.name != JOURNAL and not path.name.endswith(".lock"):
            with contextlib.suppress(FileNotFoundError):
                held = path.read_bytes()
                held = held.replace(here, b"") if path.suffix == ".ipynb" else held
                found[path.relative_to(work).as_posix()] = hashlib.sha256(held).hexdigest()
    return found


def _hidden(name):
    return any(part.startswith(".") and part != LEDGER for part in name.split("/"))


# --- the undisturbed run, and the kills -------------------------------------------------------------------


@dataclasses.dataclass
class Model:
    """A command's folder before it, what is seen before and after, and how long it takes undisturbed."""

    command: Command
    folder: Path
    before: dict
    after: dict
    seconds: float
    #: The same in a fork, as the last one took. [seconds]
    forked: float = 5.0


def undisturbed(command, folder):
    """The model of a command."""
    place = Place(folder / "undisturbed")
    small.write(place.work / "clients", command.clients)
    for words in command.before:
        assert place.run(words) == 0, place.said()
    shutil.copytree(place.work, folder / "before")
    before, begun = seen(place.work), time.monotonic()
    code = place.run(command.words, fresh=command.name in ("report", "declare", "filed"))
    assert code == 0 or command.name == "lab", place.said()
    return Model(command, folder / "before", before, seen(place.work), time.monotonic() - begun)


def kill(model, folder, chance):
    """One kill; how it went: ("killed", whom and when) or ("late", …), and the faults."""
    place = Place(folder)
    shutil.rmtree(place.work)
    shutil.copytree(model.folder, place.work)
    whom = chance.choices(["leader", "group", "child"], [5, 3, 2])[0]
    when = chance.choices(["any", "first", "last"], [1, 1, 1])[0]
    fresh = chance.random() < 0.1
    process = place.start(model.command.words, fresh=fresh)
    try:
        late = not _wait_for_moment(model, place, process, when, chance)
        hit = None if late else _strike(place, process, whom, chance)
        faults = list(_after(model, place, process, hit))
        return ("late" if hit is None else f"{hit} at {when}"), faults
    finally:
        place.end()
        process.wait()


def _wait_for_moment(model, place, process, when, chance):
    """Whether the command still runs at the moment chosen: any, or a little after a file first or last appears."""
    begun = time.monotonic()
    if model.command.name == "lab" and chance.random() < 0.5:
        with contextlib.suppress(AssertionError):
            place.served(process, kernel=True)
        time.sleep(chance.random() * 2)
    elif when == "any":
        length = model.seconds if isinstance(process, subprocess.Popen) else model.forked
        moment = begun + chance.random() * length
        while time.monotonic() < moment and process.poll() is None:
            time.sleep(_PEEK)
    else:
        last = begun + PATIENCE
        hidden_too = when == "first"
        there = _names(model.folder, hidden_too)
        while process.poll() is None and time.monotonic() < last:
            if _names(place.work, hidden_too) != there:
                break
            time.sleep(_LOOK)
        time.sleep(chance.random() * (0.6 if when == "first" else 0.02))
    return process.poll() is None


def _names(work, hidden_too):
    """What lies in the folders written to: names and sizes."""
    found, places = set(), ["out", _CLIENT]
    while places:
        where = places.pop()
        with contextlib.suppress(OSError), os.scandir(work / where) as entries:
            for one in entries:
                name = f"{where}/{one.name}"
                if one.is_dir() and not _hidden(name) and name.count("/") < 3:
                    places.append(name)
                if (hidden_too or not _hidden(name)) and one.name != JOURNAL and not name.endswith(".lock"):
                    with contextlib.suppress(OSError):
                        found.add((name, one.stat().st_size))
    return found


def _strike(place, process, whom, chance):
    """Kill; who it was, or None where nobody was left."""
    below = [pid for pid in place.family() if pid != process.pid and not place.watcher(pid)]
    if whom == "child" and below:
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(below), signal.SIGKILL)
            return "child"
    if process.poll() is not None:
        return None
    (os.killpg if whom == "group" else os.kill)(process.pid, signal.SIGKILL)
    process.wait()
    return "group" if whom == "group" else "leader"


def _after(model, place, process, hit):
    """The faults of a kill."""
    if hit == "child" and model.command.name == "lab":
        place.served(process)  # it starts another kernel, and goes on
        process.kill()
    if hit in ("child", None):
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            yield "hang: a child was killed, and the command never ends"
    yield from _left(place)
    place.end()
    yield from _what_can_be_seen(model, place, by_child=hit == "child")
    begun = time.monotonic()
    code = place.run(model.command.words)
    model.forked = min(time.monotonic() - begun, model.seconds)
    words = place.said()
    refused = model.command.refuses and model.command.refuses in words
    if code and not refused and model.command.name != "lab":
        yield f"again: it ends with {code}: {words[-300:]}"
    if "Traceback" in words and model.command.name != "lab":
        yield f"again: a traceback: {words[-300:]}"
    if other := _differing(model.after, seen(place.work)):
        yield f"again: not as undisturbed: {', '.join(other[:5])}"
    yield from (f"again: {one}" for one in _left(place))


def _left(place):
    """What is there still when the time for it is over."""
    last = time.monotonic() + GRACE
    while time.monotonic() < last and place.left():
        time.sleep(0.1)
    return [f"left after {GRACE} s: {one}" for one in place.left()]


def _differing(wanted, found):
    """Names of files that are not the same in both, but for those of which the manifest says that they may differ."""
    other = {name for name in {*wanted, *found} if wanted.get(name) != found.get(name)}
    printed = {name for name in other if Path(name).name in manifest.MAY_DIFFER and name in found}
    if printed:
        other -= {str(Path(name).parent / manifest.NAME) for name in printed}
    return sorted(other - printed)


def _what_can_be_seen(model, place, *, by_child):
    """Nothing half-written is to be seen, and nothing acknowledged is lost."""
    yield from _files_seen(model, place, by_child=by_child)
    yield from _recordings(model, place)


def _files_seen(model, place, *, by_child):
    if "Traceback" in place.said():
        yield f"words: {place.said()[-300:]}"
    found = seen(place.work)
    for name, mark in found.items():
        known = mark in (model.before.get(name), model.after.get(name))
        # A client whose process died is a row of the index, with a log; a report whose browser died says in its
        # manifest that it has no PDF, and is whole without, as is asked below.
        excused = by_child and Path(name).name in (INDEX, SUMMARY, LOG, "manifest.json")
        if not (known or excused or _hidden(name)):
            yield f"half: {name} is neither as before nor as undisturbed"
    for name in model.before:
        if name not in found and name in model.after:
            yield f"lost: {name} is gone"
    if any(Path(name).name == "manifest.json" and not _hidden(name) for name in found):
        for one in manifest.verify(place.work / "out"):
            if not one.whole:
                yield f"half: {one.folder.name}: {one.sentences[0]}"


def _recordings(model, place):
    from cape_kit.filing import ledger  # not before what looks at its import whether a notebook is there

    found = seen(place.work)
    for client in (place.work / "clients").iterdir():
        try:
            held = ledger.read(client)
        except CapeError as trouble:
            yield f"ledger: {trouble}"
            continue
        if held.duplicated(["event", "sha256", "entry_number", "claim_number"]).any():
            yield "ledger: a line stands twice"
    if model.command.says and model.command.says in place.said("stdout"):
        name = f"{_CLIENT}/{LEDGER}"
        if found.get(name) != model.after[name]:
            yield "ledger: what was acknowledged is not in it"


def main():
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz.kills", description=__doc__)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", choices=[one.name for one in COMMANDS], action="append")
    said = asked.parse_args()
    chosen = [one for one in COMMANDS if said.only is None or one.name in said.only]
    return bool(many(chosen, said.kills, said.seed))


def many(chosen, kills, seed, *, loaded=True):
    """So many kills over these commands, told on the way; the faults by what is alike.

    `loaded`: whether what the commands import is loaded first, which changes this process for good.
    """
    if loaded:
        prepared.prepare(None)
    chance, models, faults, tally = random.Random(seed), {}, Counter(), Counter()
    with tempfile.TemporaryDirectory(prefix="k-") as made:
        done = 0
        while done < kills:
            command = chance.choices(chosen, [one.weight for one in chosen])[0]
            if command.name not in models:
                models[command.name] = undisturbed(command, Path(made) / command.name)
                _say(f"{command.name}: {models[command.name].seconds:.1f} s undisturbed")
            own = random.Random(f"{seed} {done}")
            folder = Path(made) / f"case-{done}"
            how, found = kill(models[command.name], folder, own)
            tally[command.name, how] += 1
            for fault in found:
                faults[f"{command.name}: {fault}"] += 1
                _say(f"kill {done}, {command.name}, {how}: {fault}")
            shutil.rmtree(folder, ignore_errors=True)
            done += how != "late"
            if done % 10 == 0:
                _say(f"{done} kills, {sum(faults.values())} faults")
    for (name, how), count in sorted(tally.items()):
        print(f"{name:14} {how:16} {count}")
    print(f"seed {seed}: {done} kills, {sum(faults.values())} faults")
    for fault, count in faults.most_common():
        print(f"{count} x {fault}")
    return faults


def _say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
