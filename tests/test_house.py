"""The house in order: imports flow one way, rooms stay small, nothing heavy at the door, doors in step."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cape_kit"

WINGS = [
    "errors",
    "owners",
    "leftovers",
    "money",
    "few_values",
    "law",
    "entries",
    "assessment",
    "filing",
    "views",
    "rendering",
    "sample",
    "cli",
]
#: Inside a wing a room imports only what stands before it.
ROOMS = {
    "law": ["book", "official", "headings", "workdays", "status_words", "page"],
    "entries": [
        "identifiers", "schema", "readers", "profiles", "client", "client_form", "uploads", "portfolio", "file_report",
    ],
    "assessment": [
        "interest", "timeline", "cbp_answers", "asserted_and_seen", "refund", "line_order", "rules", "corrections",
        "suits", "terms", "wording", "money", "decisions", "disagreements", "caveats", "assess",
        "recalculated_summary", "audit", "payments", "sensitivity", "strategy", "explain",
        "since", "scenarios",
    ],
    "filing": [
        "csv_out", "ledger", "claims", "declaration", "protests", "receipts", "matching",
        "expected", "refund_status", "monitoring", "last_report",
    ],
    "rendering": [
        "redacted", "manifest", "jobs", "kernels", "pages", "book",
        "attachments", "report", "prepared", "processes", "summary", "index", "watching",
        "batch", "cluster",
    ],
}  # fmt: skip

#: Folders of a wing that hold no code.
DATA = ["lawbook", "skeleton", "templates"]

FILES = sorted(PACKAGE.rglob("*.py"))
IDS = [str(path.relative_to(PACKAGE)) for path in FILES]


def of_every_file(check):
    """One test that asks every file of the package, and names each in which something is wrong, with what it is."""

    def test():
        faults = {}
        for path, name in zip(FILES, IDS, strict=True):
            try:
                check(path)
            except AssertionError as fault:
                faults[name] = str(fault)
        assert faults == {}

    test.__name__, test.__doc__ = check.__name__, check.__doc__
    return test


@cache
def tree_of(path):
    """A file of the package, parsed once for all that is asked of it."""
    return ast.parse(path.read_text("utf-8"))


def imported(path):
    """Dotted names inside cape_kit that a file imports, wherever in the file; type-only imports count too."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module and node.module.split(".")[0] == PACKAGE.name:
                base = node.module.split(".")[1:]
                yield from ([*base, alias.name] for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1:] for a in node.names if a.name.startswith(PACKAGE.name + "."))


def type_only(path):
    """Names imported under TYPE_CHECKING: explain names the Assessment of its caller."""
    tree = tree_of(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for inner in ast.walk(node):
                if isinstance(inner, ast.ImportFrom) and inner.module:
                    yield from ([*inner.module.split(".")[1:], alias.name] for alias in inner.names)


def own_place(path):
    parts = list(path.relative_to(PACKAGE).with_suffix("").parts)
    return parts if parts[-1] != "__init__" else parts[:-1]


@pytest.mark.parametrize("wing", ROOMS)
def test_every_room_of_an_ordered_wing_has_its_place(wing):
    rooms = {
        own_place(path)[1] for path in FILES if own_place(path)[:1] == [wing] and len(own_place(path)) > 1
    }
    rooms |= {path.name for path in (PACKAGE / wing).iterdir() if path.is_dir() and path.name[0] != "_"}
    assert rooms - set(DATA) == set(ROOMS[wing])


@of_every_file
def test_imports_flow_one_way(path):
    place = own_place(path)
    if not place or place == ["__main__"]:
        return  # the front door may name any wing, lazily
    wing = place[0]
    assert wing in WINGS, f"{wing} has no place on the ladder"
    hints = list(type_only(path))
    for name in imported(path):
        if not name or name[0] not in WINGS or name in hints:
            continue
        assert WINGS.index(name[0]) <= WINGS.index(wing), (
            f"{path.name} imports {'.'.join(name)}, which stands above it"
        )
        order = ROOMS.get(wing, [])
        if name[0] == wing and len(place) > 1 and len(name) > 1 and place[1] in order and name[1] in order:
            assert order.index(name[1]) <= order.index(place[1]), f"{path.name} imports {'.'.join(name)}"


@of_every_file
def test_rooms_stay_small(path):
    assert len(path.read_text("utf-8").splitlines()) <= 500


#: Wings in which every subject has one file.
MERGED = ("law", "entries", "assessment", "filing", "views", "rendering", "sample", "cli")
DOORS = {"__init__.py", "__main__.py"}


@of_every_file
def test_no_room_is_a_cupboard(path):
    """One subject, one file: under 60 lines only the doors."""
    place = own_place(path)
    if place and place[0] in MERGED and path.name not in DOORS:
        assert len(path.read_text("utf-8").splitlines()) >= 60


@of_every_file
def test_functions_stay_short(path):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef):
            docstring = (
                len(ast.get_docstring(node, clean=False).splitlines()) if ast.get_docstring(node) else 0
            )
            assert node.end_lineno - node.lineno - docstring <= 60, f"{node.name} is too long"


def test_views_see_results_never_law_or_rules():
    for path in (PACKAGE / "views").rglob("*.py"):
        for name in imported(path):
            assert name[:1] != ["law"] and name[:2] != ["assessment", "rules"], f"{path.name} imports {name}"


def test_no_utils():
    assert not [path for path in FILES if path.stem in {"utils", "helpers", "common", "misc"}]


def literals(tree):
    """Every constant that is not a docstring."""
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            docstrings.add(id(node.body[0].value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            yield node


HEADING = re.compile(r"9903\.?\d{2}\.?\d{2}")
DATE = re.compile(r"\b(19|20)\d\d-\d\d-\d\d\b")
#: A citation, and an error of ACE by its code; a check of CAPE is E or F and two digits, and has its name in `Check`.
CITED_TEXT = re.compile(r"\b\d+ (CFR|FR|U\.?S\.?C\.?)\W+\d|\b(CSMS|T\.D\.) \d|\berror [A-Z]\d\d")
WINDOWS = {80, 90, 180, 314, 9999, 10000}
#: Where a date in a text is an example shown to a person, not law.
EXAMPLES = ("cli",)


@of_every_file
def test_no_law_in_code(path):
    """No date, rate, heading, window length, citation or error code lives in code: the law is in the law book."""
    place = own_place(path)
    tree = tree_of(path)
    for node in literals(tree):
        if isinstance(node.value, str) and not (place and place[0] in EXAMPLES):
            assert not HEADING.search(node.value), f"line {node.lineno}: a heading"
            assert not DATE.search(node.value), f"line {node.lineno}: a date"
            assert not CITED_TEXT.search(node.value), f"line {node.lineno}: a citation or an error's code"
        if type(node.value) is int:
            assert node.value not in WINDOWS, (
                f"line {node.lineno}: {node.value} looks like a window of the law"
            )
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"date", "Timestamp"}
        ):
            numbers = [a for a in node.args if isinstance(a, ast.Constant) and type(a.value) is int]
            assert not numbers, f"line {node.lineno}: a literal day"


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from cape_kit.cli import run\n"
        "try: run(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'matplotlib', 'duckdb', 'pyarrow', 'papermill', 'nbconvert'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "report" in done.stdout


CONDA_NAMES = {"duckdb": "python-duckdb", "matplotlib": "matplotlib-base"}


def test_environment_yml_is_the_same_set_as_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = project["dependencies"] + [
        d for extra in project["optional-dependencies"].values() for d in extra
    ]
    wanted = set()
    for requirement in declared:
        name, rest = re.match(r"([A-Za-z0-9-]+)(.*)", requirement).groups()
        wanted.add(CONDA_NAMES.get(name, name) + rest)
    listed = re.findall(
        r"^\s+- ([a-z0-9-]+[<>=][^\s]*)$", (ROOT / "environment.yml").read_text("utf-8"), re.M
    )
    assert set(listed) - {"python>=3.11"} == wanted
    # conda hands these to pip as a requirements file, which takes no other option.
    by_pip = (ROOT / "environment.yml").read_text("utf-8").split("- pip:\n")[1].split()
    assert by_pip[-2:] == ["--editable", "."]
    assert [word for word in by_pip if word.startswith("--")] == ["--editable"]


def test_every_dependency_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = project["dependencies"] + [
        d for extra in project["optional-dependencies"].values() for d in extra
    ]
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.M))
    assert {re.match(r"[A-Za-z0-9-]+", requirement)[0].lower() for requirement in declared} <= locked
    assert "://" not in (ROOT / "requirements.lock").read_text("utf-8")


def test_nothing_of_a_client_is_committed():
    tracked = subprocess.run(
        ["git", "ls-files", "data/clients", "reports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    assert [name for name in tracked.stdout.splitlines() if not name.endswith(".gitkeep")] == []


#: Wings that show money or reckon with it, in which what is not known may not turn into a zero.
OF_MONEY = ("assessment", "filing", "views", "rendering", "cli")
#: Where nothing taken as 0, or a sum that leaves out what is not known, is right, and why.
_SHOWN = (
    "what CBP's reports show: no line of a report is no money shown, and what a line leaves unsaid is told"
)
_TOLD = "a sum of what is known; of how many entries it is not stands beside it or in the note"
_COUNT = "a count of entries or rows, of which there is none"
_WHOLE = "amounts that are known by construction: deposits the client states"
_LEAST = "known duty without known interest: so much at least, and it is told"
_ACCOUNT = "the account of a file's dollars, which is complete by construction"
_LEFT_OUT = "entries whose duty is not known are left out before, and counted in the note"
ZERO_IS_RIGHT = {
    (
        "assessment/asserted_and_seen.py",
        "seen",
    ): "whether a refund is shown at all; an amount unsaid shows none",
    ("assessment/audit/__init__.py", "netting"): "no finding sets off nothing; one of unknown amount is told",
    ("assessment/audit/checks.py", "wrong_country"): "where no heading is called for, nothing was owed",
    ("assessment/caveats/remedies.py", "_deposits_exceed"): _WHOLE,
    ("assessment/cbp_answers.py", "awaiting"): _COUNT,
    ("assessment/decisions/remedies.py", "headings_gave_way"): "whether there is any such duty; no amount",
    ("assessment/disagreements.py", "_above_zero"): "whether an amount is known to be there; no amount",
    ("assessment/explain/story.py", "_lines"): "the order of lines; no money",
    ("assessment/money.py", "grown"): _WHOLE,
    ("assessment/money.py", "span"): _TOLD,
    ("assessment/payments.py", "expected"): _LEAST,
    ("assessment/payments.py", "weekly"): _TOLD,
    (
        "assessment/refund/__init__.py",
        "_stated",
    ): "what is stated beside the headings; nothing stated is nulled",
    ("assessment/sensitivity.py", "cost_of_waiting"): _TOLD,
    (
        "filing/expected.py",
        "_least",
    ): "what may come off a known amount: nothing where every heading is exact",
    ("filing/last_report.py", "figures"): _SHOWN,
    ("filing/last_report.py", "changes"): _SHOWN,
    ("filing/last_report.py", "summary"): _SHOWN,
    ("filing/monitoring.py", "_rest"): _SHOWN,
    ("filing/monitoring.py", "_payments"): _COUNT,
    ("filing/monitoring.py", "_totals"): _COUNT,
    ("filing/monitoring.py", "expected_cents"): _LEAST,
    ("filing/monitoring.py", "received"): "whether any report shows an amount at all; none of it is summed",
    ("filing/receipts.py", "shares"): _SHOWN,
    ("filing/receipts.py", "_of_money"): "whether a row gives an amount; none of it is summed",
    ("filing/receipts.py", "_with_interest_alone"): "whether a row gives an amount; none of it is summed",
    ("filing/receipts.py", "_with_keys"): "whether a row gives an amount; none of it is summed",
    ("filing/refund_status.py", "_received"): _SHOWN,
    (
        "filing/refund_status.py",
        "_outcome",
    ): "which of two known differences is greater; a missing one names none",
    ("filing/refund_status.py", "_causes"): "where nothing is known to differ, no cause is looked for",
    ("filing/refund_status.py", "_at_stake"): _LEAST,
    ("rendering/book.py", "closing"): "reports of an earlier version count none as not known",
    ("views/charts/amounts.py", "split_bars"): "the length of a bar; its figure is a dash",
    ("views/start/folder.py", "_to_say"): _ACCOUNT,
    ("views/start/folder.py", "answer"): _ACCOUNT,
    ("views/tables/actions.py", "weeks"): _TOLD,
    ("views/tables/audit.py", "set_off"): _LEFT_OUT,
    ("views/tables/audit.py", "_netted"): _LEFT_OUT,
    ("views/tables/clocks.py", "_both"): _TOLD,
    ("views/tables/expected.py", "_not_payable"): "the order of rows; their amounts are dashes",
    ("views/tables/last_report.py", "_told"): _SHOWN,
    ("views/tables/portfolio.py", "by_month"): _TOLD,
    ("views/tables/summary.py", "figures"): "rows of files that were read; others are told by name",
}


def zeros_in_place_of_unknown(tree):
    """The functions in which what may be null is summed or filled as if it were 0: (function, what stands there).

    `fillna(0)`, `… or 0`, `.get("x_cents", 0)`, `("x_cents", "sum")` in a gathering, and `.sum()` of something of cents
    without `min_count`: `money.known_sum` makes that sum.
    """
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            if puts_zero(node):
                yield function.name, ast.unparse(node)


def puts_zero(node):
    if isinstance(node, ast.BoolOp):
        return isinstance(node.op, ast.Or) and is_zero(node.values[-1])
    if isinstance(node, ast.Tuple):
        return bool(re.fullmatch(r"\('\w*cents', 'sum'\)", ast.unparse(node)))
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    called, of, text = node.func.attr, ast.unparse(node.func.value), ast.unparse(node)
    if called in ("fillna", "get"):
        filled = bool(node.args) and is_zero(node.args[-1])
        return filled and (called == "fillna" or (len(node.args) == 2 and "cents" in text))
    # How many there are of a kind is a count, and no money.
    counted = of.endswith((".isna()", ".notna()")) or "isin(" in of
    return called == "sum" and "cents" in of and "min_count" not in text and not counted


def is_zero(node):
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value == 0


@pytest.fixture(scope="module")
def zeros():
    """Where such a zero stands: (file, function) -> what stands there."""
    found = {}
    for path, name in zip(FILES, IDS, strict=True):
        if own_place(path)[:1] and own_place(path)[0] in OF_MONEY:
            for function, text in zeros_in_place_of_unknown(tree_of(path)):
                found.setdefault((name, function), []).append(text)
    return found


def test_what_is_not_known_is_no_zero(zeros):
    """Unknown money shown as $0 is an answer nobody gave: each place where a zero is right says why."""
    assert {place: told for place, told in zeros.items() if place not in ZERO_IS_RIGHT} == {}


def test_each_zero_that_is_right_still_stands(zeros):
    assert set(ZERO_IS_RIGHT) - set(zeros) == set()


CITED = re.compile(r"\bkeys?\s+((?:[`\"]+[\w.*-]+[`\"]+(?:,\s+|\s+and\s+)?)+)")


@cache
def law_keys():
    from cape_kit.law import book

    law = book.load()
    return {*law.contents.series, *law.contents.sources}


@of_every_file
def test_every_law_key_named_in_a_docstring_exists(path):
    known = law_keys()
    tree = tree_of(path)
    documented = [n for n in ast.walk(tree) if isinstance(n, ast.Module | ast.FunctionDef | ast.ClassDef)]
    for node in documented:
        for named in CITED.findall(ast.get_docstring(node) or ""):
            for key in re.findall(r"[`\"]([\w.*-]+)[`\"]", named):
                prefix = key.rstrip("*")
                assert any(k == key or (key.endswith("*") and k.startswith(prefix)) for k in known), key
