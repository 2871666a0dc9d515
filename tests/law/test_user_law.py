"""The law in the user's hands: rows of a folder add to the book or close some, sourced, dated, marked."""

import json
import pickle
import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

import cape_kit
from cape_kit.cli import main
from cape_kit.errors import BadClient, UnsoundLawbook, Usage
from cape_kit.law import book, headings, official
from cape_kit.law.book import own
from tests.entries.folders import clean_rows, folder
from tests.entries.test_portfolio import EARLIER, LATER, vanished

ROOT = Path(__file__).parents[2]
LANE = ROOT / "data" / "sample" / "harbor-lane"
BOOK = book.load()
SOURCE = '[new]\ntitle = "A ruling"\nissuer = "IRS"\ncitation = "Rev. Rul. 2026-99"\nseen = "copy"\n'
COLUMNS = (
    "first_day,last_day,underpayment_pct,noncorporate_pct,corporate_pct,status,known_from,source,confidence,"
    "checked_on,note\n"
)
Q1 = "2027-01-01,2027-03-31,8,8,7,published,2026-12-01,new,high,2026-12-02,\n"
FINAL = (
    '["phase.admits_final"]\nvalues = [{{ value = "{0}", first_day = 2026-12-07, known_from = 2026-12-01, '
    'source = "new", confidence = "high", checked_on = 2026-12-02 }}]\n'
)
PHASE = (
    '[[phase]]\nkey = "phase-3"\ntitle = "Phase 3: plaintiffs"\nwhat = "Final ones."\n'
    'first_day = 2026-12-07\nknown_from = 2026-12-01\nsource = "new"\nconfidence = "high"\n'
    "checked_on = 2026-12-02\n"
)
SETTLED = '[[pending]]\nkey = "phase.3"\nsettled_on = 2026-12-01\nsource = "new"\nchecked_on = 2026-12-02\n'
CHECK = (
    '[entry.E90]\ntitle = "Bond"\nofficial_text = "Bond Insufficient"\nmeaning = "The bond is too small."\n'
    'needs = []\nmissing = "caveat"\nsettles = "CAPE claim details"\ncure = "Raise it."\nclient_can = true\n'
    'first_day = 2026-12-07\nknown_from = 2026-12-01\nsource = "new"\nconfidence = "high"\n'
    "checked_on = 2026-12-02\n"
)
ENDS = '\nlast_day = 2026-12-06\nknown_from = 2026-12-01\nsource = "new"\nchecked_on = 2026-12-02\n'
WORDS = (
    '[{0}]\nsource = "new"\nconfidence = "medium"\nchecked_on = 2026-12-02\n'
    'words = [{{ canon = "{1}", words = ["{2}"], meaning = "As told." }}]\n'
)
HEADINGS = (
    "heading,programme,measure,authority,country,rate_pct,kind,first_day,last_day,gap_last_day,all_in,"
    "known_from,end_known_from,source,confidence,checked_on,note\n"
)
HEADING = (
    "9903.02.99,Reciprocal,Made up,EO 14257,{0},12,duty,2025-08-07,2026-02-23,,no,2025-08-07,,new,low,"
    "2026-12-02,\n"
)


COUNTRIES, ATLANTIS = "name,codes,source,confidence,checked_on,note\n", "Atlantis,QA,new,low,2026-12-02,\n"
TYPES = "code,name,category,klass,source,confidence,checked_on,note\n"
TYPE = "97,Made up,other,formal,new,low,2026-12-02,\n"


def write(path, **files):
    """A folder of law with a source `new` and the files told, underscores standing for the dot."""
    path.mkdir(exist_ok=True)
    (path / "sources.toml").write_text(SOURCE, "utf-8")
    for name, text in files.items():
        (path / name.replace("__", ".")).write_text(text, "utf-8")
    return path


@pytest.fixture
def law_of(tmp_path):
    def made(known_on=None, **files):
        return book.load(known_on, write(tmp_path / "law", **files))

    return made


def test_a_new_rate(law_of):
    law = law_of(interest__csv=COLUMNS + Q1)
    row, waiting = law.contents.rates[-2:]
    assert (row.first_day, row.noncorporate_pct) == (date(2027, 1, 1), Decimal(8))
    assert (waiting.first_day, waiting.status) == (date(2027, 4, 1), "pending")
    assert law.is_own(row)
    assert not law.is_own(law.contents.rates[-3])
    (mine,) = law.own_rows
    assert (mine["what"], mine["file"], mine["source"]) == ("adds", "interest.csv", "Rev. Rul. 2026-99")


def test_a_replay_does_without_what_was_not_public(law_of):
    files = {"interest__csv": COLUMNS + Q1, "cape__toml": FINAL.format("all"), "pending__toml": SETTLED}
    before, after = law_of(date(2026, 11, 30), **files), law_of(date(2026, 12, 1), **files)
    assert before.own == ()
    assert before.contents.rates[-1].first_day == date(2027, 1, 1)
    assert before.value("phase.admits_final", date(2027, 1, 1)).value == "none"
    assert before.value("phase.admits_final", date(2027, 1, 1)).last_day is None
    assert "phase.3" in {one.key for one in before.pending}
    assert len(after.own) == 3
    assert after.value("phase.admits_final", date(2026, 12, 6)).value == "none"
    assert after.value("phase.admits_final", date(2026, 12, 7)).value == "all"
    assert "phase.3" not in {one.key for one in after.pending}
    assert law_of(**files).known(date(2026, 11, 30)) is before


def test_phase_3_opens(law_of):
    law = law_of(cape__toml=FINAL.format("plaintiffs"), phases__toml=PHASE, pending__toml=SETTLED)
    assert law.next_first_day("phase.admits_final", date(2026, 11, 25)) == date(2026, 12, 7)
    assert law.value("phase.admits_final", date(2026, 12, 7)).value == "plaintiffs"
    assert [phase.key for phase in law.phases(date(2026, 12, 7))][-1] == "phase-3"
    assert {one.what for one in law.own} == {"adds", "closes"}


def test_a_check_is_understood_in_an_answer_and_can_be_ended(law_of):
    law = law_of(validations__toml=CHECK + "[entry.E16]" + ENDS)
    assert official.understand("BOND INSUFFICIENT", law).codes == "E90"
    assert official.understand("Bond insufficient", BOOK).codes == ""
    assert "E90" not in {check.code for check in law.validations(date(2026, 12, 6))}
    december = {check.code for check in law.validations(date(2026, 12, 7))}
    assert "E90" in december
    assert "E16" not in december
    assert "E16" in {check.code for check in law.validations(date(2026, 12, 6))}
    assert law.check("E90", date(2026, 12, 7)).in_force
    assert not law.check("E90", date(2026, 12, 6)).in_force
    assert not law.check("E16", date(2026, 12, 7)).in_force
    ended = next(check for check in law.contents.validations if check.code == "E16")
    assert ended.last_day == date(2026, 12, 6)
    assert law.cite(ended.source).endswith("Rev. Rul. 2026-99")


def test_a_phase_of_the_book_is_ended(law_of):
    law = law_of(phases__toml='[[phase]]\nkey = "phase-2"' + ENDS)
    assert "phase-2" in {phase.key for phase in law.phases(date(2026, 12, 6))}
    assert "phase-2" not in {phase.key for phase in law.phases(date(2026, 12, 7))}


def test_a_status_word(law_of):
    law = law_of(words__toml=WORDS.format("liquidation_status", "under review", "CBP Hold"))
    assert law.words("liquidation_status")["cbp hold"].canon == "under review"
    assert "cbp hold" not in BOOK.words("liquidation_status")


def test_a_code_nobody_had_explained_gets_its_meaning(law_of):
    law = law_of(words__toml=WORDS.format("protest_status", "withdrawn", "wd"))
    assert BOOK.words("protest_status")["wd"].canon == "unexpanded"
    assert law.words("protest_status")["wd"].canon == "withdrawn"


def test_a_heading(law_of):
    law = law_of(headings__csv=HEADINGS + HEADING.format("Brazil"))
    found = headings.look_up(law, "9903.02.99", date(2025, 9, 1))
    assert (found.status, found.rate_pct, found.kind) == ("in_force", "12", "duty")
    assert "your own" in found.note
    assert headings.look_up(BOOK, "9903.02.99", date(2025, 9, 1)).status == "unknown"


def test_two_values_one_after_the_other(law_of):
    line = "{{ value = {0}, first_day = {1}, known_from = {1}, checked_on = {1}, "
    line += 'source = "new", confidence = "high" }}'
    values = ", ".join([line.format(90, "2027-02-01"), line.format(85, "2027-01-01")])
    law = law_of(cape__toml=f'["window.cape"]\nvalues = [{values}]\n')
    found = [law.value("window.cape", date(2026, 12, 31)), law.value("window.cape", date(2027, 1, 31))]
    assert [one.value for one in [*found, law.value("window.cape", date(2027, 2, 1))]] == [80, 85, 90]


def test_the_version_tells_whose_law_it_is(law_of, tmp_path):
    assert book.load(folder=write(tmp_path / "empty")).version == BOOK.version
    one = law_of(interest__csv=COLUMNS + Q1)
    assert re.fullmatch(rf"{BOOK.version}\+own\.[0-9a-f]{{12}}", one.version)
    two = law_of(interest__csv=COLUMNS + Q1.replace(",8,8,7,", ",7,7,6,"))
    assert two.version != one.version
    assert law_of(interest__csv=COLUMNS + Q1) is one
    assert pickle.loads(pickle.dumps(one)).own == one.own


def test_a_row_of_the_users_does_not_make_the_book_fresh(law_of):
    assert law_of(cape__toml=FINAL.format("all")).checked_on == BOOK.checked_on


def test_an_assumption_keeps_the_users_rows(law_of):
    law = law_of(cape__toml=FINAL.format("all")).assume("window.cape", 120, date(2027, 1, 1))
    assert len(law.own) == 1
    assert "+own." in law.version
    assert law.version.endswith("+assumed")


REFUSED = {
    "no source": ("interest__csv", COLUMNS + Q1.replace(",new,", ",,"), "has no source"),
    "a source nobody has": ("interest__csv", COLUMNS + Q1.replace(",new,", ",a-friend,"), "'a-friend'"),
    "the kit as a source": ("interest__csv", COLUMNS + Q1.replace(",new,", ",cape-kit,"), "choice of this"),
    "a quarter twice": (
        "interest__csv",
        COLUMNS + Q1.replace("2027-01-01,2027-03-31", "2026-10-01,2026-12-31"),
        "rates up to 2026-12-31 are there already",
    ),
    "a quarter left out": (
        "interest__csv",
        COLUMNS + Q1.replace("2027-01-01,2027-03-31", "2027-04-01,2027-06-30"),
        "no value between",
    ),
    "no quarter": ("interest__csv", COLUMNS + Q1.replace("03-31", "02-28"), "no quarter"),
    "a rate as a share": ("interest__csv", COLUMNS + Q1.replace(",8,8,7,", ",0.08,0.08,0.07,"), "per cent"),
    "a rate in words": ("interest__csv", COLUMNS + Q1.replace(",8,8,7,", ",8%,8,7,"), "no number"),
    "a rate left out": ("interest__csv", COLUMNS + Q1.replace(",8,8,7,", ",8,8,,"), "no rate"),
    "a day the other way": (
        "interest__csv",
        COLUMNS + Q1.replace("2026-12-01", "12/1/2026"),
        "is not a date",
    ),
    "a comma too many": ("interest__csv", COLUMNS + Q1.replace("02,\n", "02,a, b\n"), "too many cells"),
    "an unknown number": ("cape__toml", FINAL.format("all").replace("admits", "admit"), "mean phase.admits"),
    "an unknown choice": ("cape__toml", FINAL.format("some"), "none, plaintiffs, all"),
    "another kind of value": (
        "cape__toml",
        FINAL.format("all").replace('"all"', "3"),
        "not of the kind of none",
    ),
    "a value into the past": (
        "cape__toml",
        FINAL.format("all").replace("2026-12-07", "2026-04-01"),
        "from 2026-04-20 is there already",
    ),
    "a quoted day": (
        "cape__toml",
        FINAL.format("all").replace("2026-12-07", '"2026-12-07"'),
        "without quotes",
    ),
    "the meaning changed": ("cape__toml", FINAL.format("all") + 'meaning = "x"\n', "only values"),
    "no TOML": ("cape__toml", '["phase.admits_final"', "can't be read"),
    "a check changed": ("validations__toml", CHECK.replace("E90", "E04"), "can only be closed"),
    "a check ended twice": ("validations__toml", "[other.E26]" + ENDS, "ends on 2026-06-24 already"),
    "a check ended before it began": (
        "validations__toml",
        "[entry.E16]" + ENDS.replace("2026-12-06", "2026-06-01"),
        "begins on 2026-06-25",
    ),
    "a check of another letter": ("validations__toml", CHECK.replace("E90", "X90"), "E and two digits"),
    "a text the book has": (
        "validations__toml",
        CHECK.replace("Bond Insufficient", "INVALID hts"),
        "E15 of the book has the same text",
    ),
    "a check without known_from": (
        "validations__toml",
        CHECK.replace("known_from = 2026-12-01\n", ""),
        "lacks known_from",
    ),
    "a phase changed": ("phases__toml", PHASE.replace('"phase-3"', '"phase-2"'), "last_day|unknown field"),
    "a pending thing changed": (
        "pending__toml",
        SETTLED.replace("settled_on = 2026-12-01\n", ""),
        "can only be ended",
    ),
    "a word with another meaning": (
        "words__toml",
        WORDS.format("protest_status", "denied", "open"),
        "'open' means open already",
    ),
    "a meaning the kit lacks": ("words__toml", WORDS.format("protest_status", "nice", "ok"), "is 'nice'"),
    "a kind of word the kit lacks": ("words__toml", WORDS.format("mood", "nice", "ok"), "no kind of word"),
    "a word of no confidence": (
        "words__toml",
        WORDS.format("claim_status", "accepted", "ok then").replace("medium", "sure"),
        "has the confidence 'sure'",
    ),
    "a heading the book has": (
        "headings__csv",
        HEADINGS + HEADING.format("Brazil").replace("9903.02.99", "9903.01.24"),
        "overlaps",
    ),
    "a heading of no country": ("headings__csv", HEADINGS + HEADING.format("Atlantis"), "'Atlantis'"),
    "a heading of no number": (
        "headings__csv",
        HEADINGS + HEADING.format("Brazil").replace("9903.02.99", "9903.2.99"),
        "is not a tariff number",
    ),
    "a heading with another word for yes": (
        "headings__csv",
        HEADINGS + HEADING.format("Brazil").replace(",no,", ",TRUE,"),
        "must be yes or no",
    ),
    "a word that is a number": (
        "words__toml",
        WORDS.format("claim_status", "accepted", "ok").replace('"ok"', "9"),
        "must be a list of texts",
    ),
    "words that are one number": (
        "words__toml",
        WORDS.format("claim_status", "accepted", "ok").replace('["ok"]', "9"),
        "must be a list of texts",
    ),
    "a meaning that is a list": (
        "words__toml",
        WORDS.format("claim_status", "accepted", "ok").replace('"accepted"', '["accepted"]'),
        "it must be one of",
    ),
    "a list of numbers": (
        "cape__toml",
        FINAL.format("all").replace("phase.admits_final", "types.excluded").replace('"all"', "[9]"),
        "not of the kind",
    ),
    "a rate that is none": ("interest__csv", COLUMNS + Q1.replace(",8,8,7,", ",nan,8,7,"), "is no number"),
    "a rate without end": (
        "interest__csv",
        COLUMNS + Q1.replace(",8,8,7,", ",8,Infinity,7,"),
        "is no number",
    ),
    "a quarter of the last year": (
        "interest__csv",
        COLUMNS + Q1.replace("2027-01-01,2027-03-31", "9999-10-01,9999-12-31"),
        "no value between",
    ),
    "a cell of a hundred thousand signs": (
        "interest__csv",
        COLUMNS + Q1.replace("new", "x" * 200_000),
        "can't be read",
    ),
    "a country twice": (
        "countries__csv",
        COUNTRIES + ATLANTIS + "\n" + ATLANTIS.replace("QA", "QB"),
        "row 4: name 'Atlantis' stands on row 2 too",
    ),
    "a country twice, spelt otherwise": (
        "countries__csv",
        COUNTRIES + ATLANTIS + ATLANTIS.replace("Atlantis", "ATLANTIS "),
        "row 3: name 'ATLANTIS ' stands on row 2 too",
    ),
    "a country the book has": (
        "countries__csv",
        COUNTRIES + ATLANTIS.replace("Atlantis", "Brazil"),
        "has it already",
    ),
    "a country without a name": (
        "countries__csv",
        COUNTRIES + ATLANTIS.replace("Atlantis", ""),
        "row 2: name is empty",
    ),
    "a country without codes": (
        "countries__csv",
        COUNTRIES + ATLANTIS.replace("QA", ""),
        "Atlantis: codes is ''; it must be",
    ),
    "a country with half of its codes": (
        "countries__csv",
        COUNTRIES + ATLANTIS.replace("QA", "QA;"),
        "codes is 'QA;'",
    ),
    "a country's name for a code": (
        "countries__csv",
        COUNTRIES + ATLANTIS.replace("QA", "Qatar"),
        "codes is 'Qatar'",
    ),
    "an entry type twice": (
        "entry_types__csv",
        TYPES + TYPE + TYPE.replace("Made up", "Other"),
        "row 3: code '97' stands on row 2 too",
    ),
    "an entry type the book has": (
        "entry_types__csv",
        TYPES + TYPE.replace("97", "01"),
        "01: it is there already",
    ),
    "an entry type without a code": (
        "entry_types__csv",
        TYPES + TYPE.replace("97", ""),
        "row 2: code is empty",
    ),
    "a file of another name": ("intrest__csv", COLUMNS + Q1, "no file of a law folder"),
    "holidays": ("holidays__toml", "", "can't be added to"),
    "a source of the book": (
        "sources__toml",
        SOURCE.replace("[new]", "[usc-19-1514]"),
        "has a source of that key",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_unsound_is_refused_in_one_sentence(fault, tmp_path):
    name, text, told = REFUSED[fault]
    mine = write(tmp_path / "law", **{name: text})
    with pytest.raises(UnsoundLawbook, match=told) as refused:
        book.load(folder=mine)
    assert str(mine) in str(refused.value)
    assert "\n" not in str(refused.value)


HEX = "0x" + "f" * 5000
ANSWER = (
    '[[answer]]\nkey = "mine"\ntopic = "x"\nquestion = "Why?"\nanswer = "So."\nsource = "new"\n'
    'confidence = "high"\nchecked_on = 2026-12-02\n'
)
#: Every place of a user's law that holds a value of TOML, with a number there that no sentence can hold.
BEYOND = {
    "pending": ("pending__toml", SETTLED.replace('"phase.3"', "{0}")),
    "phases": ("phases__toml", PHASE.replace('"phase-3"', "{0}")),
    "answers": ("answers__toml", ANSWER.replace('"mine"', "{0}")),
    "conflicts": ("conflicts__toml", "[[conflict]]\nkey = {0}\n"),
    "a reading": (
        "conflicts__toml",
        '[[conflict]]\nkey = "a"\nreadings = [{{ text = {0}, source = "new" }}]\n',
    ),
    "a value": (
        "cape__toml",
        FINAL.format("all").replace("phase.admits_final", "window.cape").replace('"all"', "{0}"),
    ),
    "a list": ("cape__toml", FINAL.format("all").replace('"all"', "[{0}]")),
    "a word": ("words__toml", WORDS.format("claim_status", "accepted", "ok").replace('"ok"', "{0}")),
    "words": ("words__toml", WORDS.format("claim_status", "accepted", "ok").replace('["ok"]', "{0}")),
    "a meaning": ("words__toml", WORDS.format("claim_status", "accepted", "ok").replace('"accepted"', "{0}")),
    "a check": ("validations__toml", "[entry]\nE90 = {0}\n"),
    "a source": ("sources__toml", "new = {0}\n"),
}


@pytest.mark.parametrize(
    "value", [HEX, "-" + HEX[2:].replace("f", "9")[:4000], "1e400", "1e99999999999999999999", "nan", "-inf"]
)
@pytest.mark.parametrize("place", BEYOND)
def test_a_number_beyond_measure_is_refused_wherever_it_stands(law_of, place, value):
    """Found by fuzzing: an integer of five thousand digits can't be put into a sentence."""
    name, text = BEYOND[place]
    with pytest.raises(UnsoundLawbook) as refused:
        law_of(**{name: text.replace("{0}", value).replace("{{", "{").replace("}}", "}")})
    assert len(str(refused.value)) < 400
    assert "\n" not in str(refused.value)


def test_no_folder_is_a_wrong_use(tmp_path):
    with pytest.raises(Usage, match="no such law folder"):
        book.load(folder=tmp_path / "nowhere")


def ask(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_the_skeleton_is_sound_and_changes_nothing(tmp_path):
    mine = tmp_path / "mine"
    done = ask("law", "--new", mine)
    assert done.exit_code == 0
    assert {path.name for path in mine.iterdir()} >= {"README.md", "interest.csv", "sources.toml"}
    law = book.load(folder=mine)
    assert (law.version, law.own) == (BOOK.version, ())
    with pytest.raises(Usage, match="not empty"):
        own.new(mine)


def test_the_examples_of_the_skeleton_are_right(tmp_path):
    own.new(tmp_path / "mine")
    for path in (tmp_path / "mine").glob("*.*"):
        lines = []
        for line in path.read_text("utf-8").splitlines():
            bare = line.removeprefix("# ")
            code = re.match(r"(\[|[a-z_]+ = |  |\]|20\d\d-)", bare)
            lines.append(bare if code else line)
        text = "\n".join(lines).replace("csms-…", "rev-rul-2027-q1") + "\n"
        path.write_text(text, "utf-8")
    law = book.load(folder=tmp_path / "mine")
    files = {"cape.toml", "interest.csv", "pending.toml", "phases.toml", "validations.toml", "words.toml"}
    assert {one.file for one in law.own} == files


def test_the_page_marks_the_users_rows(tmp_path):
    mine = write(tmp_path / "law", interest__csv=COLUMNS + Q1, phases__toml=PHASE)
    page = " ".join(ask("law", "--law", mine, "--on", "2027-01-15").output.split())
    assert "Rows of your own" in page
    assert page.count("YOUR OWN") == 2
    told = json.loads(ask("law", "--law", mine, "--on", "2027-01-15", "--json").stdout)
    assert {one["file"] for one in told["own"]} == {"interest.csv", "phases.toml"}
    assert "Rows of your own" not in ask("law", "--on", "2027-01-15").output


def test_the_calculators_use_it(tmp_path):
    mine = write(tmp_path / "law", interest__csv=COLUMNS + Q1)
    words = ["interest", "--principal", "100000", "--deposited", "2027-01-01", "--until", "2027-01-11"]
    assert ask(*words).exit_code != 0  # the book has no rate for the quarter
    found = json.loads(ask(*words, "--json", "--law", mine).stdout)
    # Ten days at 7% for corporations, compounded daily over 365: 100,000 × ((1 + 0.07/365)^10 − 1).
    assert found["interest"] == "191.95"
    by_setting = CliRunner(env={"CAPE_KIT_LAW": str(mine)}).invoke(main, [*words, "--json"])
    assert json.loads(by_setting.stdout) == found


@pytest.mark.parametrize(
    "words",
    [
        ["assess", LANE, "--as-of", "2026-05-05"],
        ["declare", LANE, "--as-of", "2026-05-05", "--out", "OUT"],
        ["reconcile", LANE, "--as-of", "2026-05-05"],
        ["report", LANE, "--as-of", "2026-05-05", "--out", "OUT"],
        ["batch", LANE.parent, "--as-of", "2026-05-05", "--out", "OUT"],
        ["lab", LANE, "--into", "OUT"],
        ["law", "--on", "2026-05-05"],
        ["heading", "9903.01.24", "--on", "2025-11-10"],
        ["windows", "--liquidated", "2026-02-14", "--as-of", "2026-05-05"],
        ["interest", "--principal", "1", "--deposited", "2025-04-15", "--until", "2026-06-30"],
    ],
    ids=lambda words: words[0],
)
def test_every_command_takes_it_and_refuses_an_unsound_one(words, tmp_path):
    mine = write(tmp_path / "law", interest__csv=COLUMNS + Q1.replace(",new,", ",,"))
    done = ask(*[tmp_path / "out" if word == "OUT" else word for word in words], "--law", mine)
    assert isinstance(done.exception, UnsoundLawbook)
    assert "has no source" in str(done.exception)
    assert not (tmp_path / "out").exists()


def test_an_assessment_shows_it(tmp_path):
    mine = write(tmp_path / "law", cape__toml=FINAL.format("plaintiffs"))
    found = cape_kit.assess(cape_kit.open(LANE, law=mine), as_of="2026-12-10")
    assert "+own." in found.law.version
    words = ["assess", LANE, "--as-of", "2026-12-10", "--law", mine]
    told = json.loads(ask(*words, "--json").stdout)
    assert told["law_own"][0]["key"] == "phase.admits_final"
    assert told["law_version"] == found.law.version
    assert "Your own law, adds: plaintiffs from 2026-12-07" in ask(*words).output


# ---- the law is a parameter: a replay chooses tariff lines by the law as known then ------------------------


def lost_rows(path, hts):
    """Two exports of the same entries: the earlier has duty on a number, the later has lost those rows."""
    ieepa = [[*row[:8], hts, *row[9:]] if row[8].startswith("9903") else row for row in clean_rows()]
    return folder(path, {"new.csv": [*LATER, *vanished(clean_rows())], "old.csv": [*EARLIER, *ieepa]})


def numbers(portfolio):
    """The tariff numbers of the lines a portfolio has taken."""
    return set(portfolio.tariff_lines["hts"].to_pylist())


def test_a_replay_chooses_lines_by_known_on(tmp_path):
    """Rows CBP deletes on acceptance are kept by whoever knew the heading: on March 3, 2025 nobody did."""
    client = lost_rows(tmp_path / "client", "99030124")
    today, then = cape_kit.open(client), cape_kit.open(client, known_on="2025-03-03")
    assert "99030124" in numbers(today)
    assert "99030124" not in numbers(then)
    assert then.law.known_on == date(2025, 3, 3)
    assert numbers(today.under(then.law)) == numbers(then)
    assert numbers(then.under(today.law)) == numbers(today)


def test_a_replay_that_chooses_alike_does_not_read_again(tmp_path):
    found = cape_kit.open(lost_rows(tmp_path / "client", "99030124"))
    shutil.rmtree(tmp_path / "client")
    may = found.under(found.law.known(date(2026, 5, 5)))
    assert may.tariff_lines is found.tariff_lines
    assert may.law.known_on == date(2026, 5, 5)


def test_files_changed_since_are_not_mixed_into_a_replay(tmp_path):
    client = lost_rows(tmp_path / "client", "99030124")
    found = cape_kit.open(client)
    (client / "client.toml").write_text('name = "Another"\n', "utf-8")
    with pytest.raises(BadClient, match="have changed"):
        found.under(found.law.known(date(2025, 3, 3)))


def test_lines_are_chosen_by_the_users_headings_too(tmp_path):
    mine = write(tmp_path / "law", headings__csv=HEADINGS + HEADING.format("China"))
    client = lost_rows(tmp_path / "client", "99030299")
    assert "99030299" in numbers(cape_kit.open(client, law=mine))
    assert "99030299" not in numbers(cape_kit.open(client))
    assert "99030299" not in numbers(cape_kit.open(client, law=mine, known_on="2025-08-06"))


def test_inspect_reads_files_by_the_users_law_too(tmp_path):
    """The README: every command that asks the law takes --law, and CAPE_KIT_LAW sets it for all."""
    client = str(lost_rows(tmp_path / "client", "99030124"))
    nowhere = str(tmp_path / "no-law")
    for done in (
        CliRunner().invoke(main, ["inspect", client, "--law", nowhere]),
        CliRunner(env={"CAPE_KIT_LAW": nowhere}).invoke(main, ["inspect", client]),
    ):
        assert isinstance(done.exception, Usage) and "no-law" in str(done.exception)


def test_nothing_in_the_entries_wing_loads_the_book():
    for path in (ROOT / "cape_kit" / "entries").rglob("*.py"):
        assert not re.search(r"law import book|law\.load|_made\(", path.read_text("utf-8")), path.name


@pytest.mark.parametrize("long", ["x" * 20_000, "a b " * 5_000])
def test_a_word_of_any_length_is_quoted_in_short(law_of, long):
    """Found by fuzzing: a source of twenty thousand letters made a sentence of as many."""
    row = Q1.replace("new", long)
    with pytest.raises(UnsoundLawbook) as fault:
        law_of(interest__csv=COLUMNS + row)
    assert 60 < len(str(fault.value)) < 600


def test_a_table_without_a_header_is_said_to_have_none(law_of):
    """Found by fuzzing: cells of no column ended in a traceback."""
    with pytest.raises(UnsoundLawbook, match=r"interest\.csv names no columns; its first line is the header"):
        law_of(interest__csv="\n" + Q1)
