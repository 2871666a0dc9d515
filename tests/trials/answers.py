"""The commands' JSON for a trial's folder, run in this process, and where an answer says something."""

import json
from dataclasses import dataclass

from click.testing import CliRunner

from cape_kit.cli.assessing import assess
from cape_kit.cli.filing import reconcile

COMMANDS = {"assess": assess, "reconcile": reconcile}
#: The words of an entry that a person reads.
WORDS = ("reason", "what_to_do", "facts_missing", "blocking_rules", "cause", "liquidation_basis")


@dataclass(frozen=True)
class Answer:
    """What a command answered about a folder."""

    told: dict

    @property
    def text(self):
        """Everything, as one lower-case text."""
        return json.dumps(self.told, ensure_ascii=False).lower()

    @property
    def notices(self):
        """Errors, warnings and caveats: what page one is made of."""
        loud = [one for one in self.told.get("problems", []) if one["severity"] != "note"]
        return json.dumps([*loud, *self.told.get("caveats", [])], ensure_ascii=False).lower()

    def entry(self, number):
        """An entry of the answer; None where there is none."""
        return next((one for one in self.told["entries"] if one["entry_number"] == number), None)

    def raised(self, number):
        """Whether a reconciliation takes the entry up."""
        return any(one["entry_number"] == number for one in self.told["to_raise"])


def ask(command, folder, day):
    """The answer of a command; bad files may make it end with 1, never without an answer."""
    done = CliRunner().invoke(COMMANDS[command], [str(folder), "--as-of", day, "--json"])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code in {0, 1}, done.stderr
    return Answer(json.loads(done.stdout))


def words(entry):
    """What an entry's own story says, in lower case."""
    return " ".join(str(entry.get(name) or "") for name in WORDS).lower()
