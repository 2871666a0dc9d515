"""Clients small enough to make many reports of: a dozen entries each, cut from a sample's broker file."""

from itertools import groupby

from tests.test_house import ROOT

_FILE = ROOT / "data" / "sample" / "cedar-and-flint" / "gateway_entries.csv"
_TOML = """name = "{name}"
importer_class = "corporate"
statement = "monthly"
extracted_on = 2026-05-05

[[broker]]
filer_code = "060"
name = "Gateway Brokerage Co."
data_received = true
"""


def write(folder, names, entries=12):
    """A client's folder for each name, each with entries of its own as long as there are any."""
    head, *lines = _FILE.read_text("utf-8-sig").splitlines()
    blocks = [list(block) for _, block in groupby(lines, key=_number)]
    for place, name in enumerate(names):
        own = folder / name
        own.mkdir(parents=True)
        (own / "client.toml").write_text(_TOML.format(name=name.title()), "utf-8")
        first = place * entries % max(1, len(blocks) - entries)
        mine = [line for block in blocks[first : first + entries] for line in block]
        (own / "lines.csv").write_text("\n".join([head, *mine]) + "\n", "utf-8")
    return folder


def _number(line):
    return line.split(",")[0].strip('"=').zfill(11)
