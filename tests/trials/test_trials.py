"""Every trial on the days its `expected.toml` names: the right answer, by hand, against the commands'.

In `expected.toml`, a `[[day]]` holds `as_of`, the `command` (assess, reconcile) and any of

- `entry.NUMBER`: `disposition`, `principal`, `cape_last_day`, `protest_last_day`, `outcome`: one value or a
  list of those allowed, "null" meaning unknown or none; `to_raise`; `says`, `never`: words of its own story
- `notices`, `anywhere`: `says`, `never`: words of the errors, warnings and caveats, or of the whole answer
- `may_refuse`: the whole folder may be refused, in a sentence that holds these words
- `rename`: files that take one another's names first

In `says` each item must occur; an item that is a list is met by any of its words.
"""

import shutil
import tomllib
from pathlib import Path

import pytest

from cape_kit.errors import CapeError
from tests.trials.answers import ask, words

HERE = Path(__file__).parent
TRIALS = {path.parent.name: tomllib.loads(path.read_text("utf-8")) for path in HERE.glob("*/expected.toml")}
CASES = [
    pytest.param(name, day, id=f"{name}-{day.get('command', 'assess')}-{day['as_of']}-{place}")
    for name, told in sorted(TRIALS.items())
    for place, day in enumerate(told["day"])
]
FIELDS = ("disposition", "principal", "cape_last_day", "protest_last_day", "outcome")


def test_every_trial_says_what_is_right():
    folders = {path.name for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(TRIALS)
    assert all(told["right"] and told["day"] for told in TRIALS.values())


@pytest.mark.parametrize(("name", "day"), CASES)
def test_the_right_answer(name, day, tmp_path):
    folder = copied(name, day, tmp_path / "client")
    try:
        answer = ask(day.get("command", "assess"), folder, day["as_of"])
    except CapeError as refused:
        said = str(refused).lower()
        assert "may_refuse" in day and all(word.lower() in said for word in day["may_refuse"]), (
            f"right: {TRIALS[name]['right']}\nthe whole folder was refused: {refused}"
        )
        return
    wrong = [*of_entries(answer, day.get("entry", {}))]
    wrong += of_words("its errors, warnings and caveats", answer.notices, day.get("notices", {}))
    wrong += of_words("the answer", answer.text, day.get("anywhere", {}))
    assert not wrong, "\n".join([f"right: {TRIALS[name]['right']}", *wrong])


def copied(name, day, folder):
    """The trial's inputs in a folder of their own, some under one another's names."""
    shutil.copytree(HERE / name, folder, ignore=shutil.ignore_patterns("expected.toml", "make.py"))
    swaps = day.get("rename", {})
    for old in swaps:
        (folder / old).rename(folder / f"{old}.moved")
    for old, new in swaps.items():
        (folder / f"{old}.moved").rename(folder / new)
    return folder


def of_entries(answer, expected):
    """What is wrong with the entries named."""
    for number, right in expected.items():
        entry = answer.entry(number)
        if entry is None:
            yield f"{number} is not in the answer"
            continue
        for field in FIELDS:
            allowed = right.get(field)
            allowed = [allowed] if isinstance(allowed, str) else allowed
            came = "null" if entry.get(field) is None else entry[field]
            if allowed is not None and came not in allowed:
                yield f"{number}: {field} is {came}, not {' or '.join(allowed)} ({entry.get('reason', '')})"
        if "to_raise" in right and answer.raised(number) is not right["to_raise"]:
            yield f"{number}: taken up is {answer.raised(number)}, not {right['to_raise']}"
        yield from of_words(f"the story of {number}", words(entry), right)


def of_words(what, text, right):
    """Words that are missing from a text, or that must not stand in it."""
    for asked in right.get("says", []):
        anyone = [asked] if isinstance(asked, str) else asked
        if not any(word.lower() in text for word in anyone):
            yield f"{what} says nothing of {' or '.join(map(repr, anyone))}: {text[:400]}"
    for word in right.get("never", []):
        if word.lower() in text:
            yield f"{what} says {word!r}, which is not so"
