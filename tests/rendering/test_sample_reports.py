"""The totals that stand in each sample client's report are the totals of its truth."""

import html
import json
import re

import pytest

from cape_kit import money
from tests import notebook_cells
from tests.rendering.conftest import SAMPLE

CLIENTS = sorted(path.parent for path in SAMPLE.parent.glob("*/client.toml"))


@pytest.mark.parametrize("client", CLIENTS, ids=[path.name for path in CLIENTS])
def test_every_row_of_the_disposition_table(client, made):
    """Of one client in the report as it is made; of the others in what the cells of its notebook show."""
    truth = json.loads((client / "truth" / "truth.json").read_text("utf-8"))["totals"]["2026-05-05"]

    if client == SAMPLE:
        page = made.page.read_text("utf-8")
    else:
        page = "\n".join(told for _, _, told in notebook_cells.of_sample(client.name) if told is not None)
    (table,) = (part for part in page.split("<table")[1:] if "All entries, by disposition" in part)
    # Beneath a sum stands of how many entries it is not known.
    table = re.sub(r'<br><span class="under">.*?</span>', "", table)
    rows = [
        re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)
        for row in table.split("</table>")[0].split("<tr")[1:]
    ]
    cells = [[html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in rows]
    told = sorted(row[1:] for row in cells if len(row) == 4 and row[1] not in {"Entries", "0"})
    parts = [part for part in truth.values() if part["entries"]]
    parts.append({key: sum(part[key] for part in parts) for key in ("entries", "principal", "interest")})
    dollars = [[money.show(part[key], whole=True) for key in ("principal", "interest")] for part in parts]
    # On what is claimed already no interest is reckoned.
    if "claimed" in truth:
        dollars[[part is truth["claimed"] for part in parts].index(True)][1] = "–"
    assert told == sorted(
        [f"{part['entries']:,}", *shown] for part, shown in zip(parts, dollars, strict=True)
    )
