import hashlib
import json

from cape_kit.law import book
from cape_kit.rendering import manifest
from tests.law.test_user_law import COLUMNS, Q1, write


def parts(client, notebook, law=None, **parameters):
    return manifest.ingredients(client, notebook, law=book.load(folder=law), parameters=parameters)


def make(tmp_path):
    client, notebook = tmp_path / "client", tmp_path / "n.ipynb"
    (client / "sub").mkdir(parents=True)
    (client / "a.csv").write_bytes(b"1\n")
    (client / "sub" / "b.csv").write_bytes(b"2\n")
    (client / ".hidden").write_bytes(b"3")
    (client / "~$a.xlsx").write_bytes(b"4")
    notebook.write_bytes(b"{}")
    return client, notebook


def test_inputs_are_hashed_by_relative_name_without_hidden_and_lock_files(tmp_path):
    client, notebook = make(tmp_path)
    assert parts(client, notebook)["inputs"] == {
        "a.csv": hashlib.sha256(b"1\n").hexdigest(),
        "sub/b.csv": hashlib.sha256(b"2\n").hexdigest(),
    }


def test_the_fingerprint_knows_inputs_and_parameters(tmp_path):
    client, notebook = make(tmp_path)
    one = manifest.fingerprint(parts(client, notebook, as_of="x"))
    assert one == manifest.fingerprint(parts(client, notebook, as_of="x"))
    assert one != manifest.fingerprint(parts(client, notebook, as_of="y"))
    (client / "a.csv").write_bytes(b"changed")
    assert one != manifest.fingerprint(parts(client, notebook, as_of="x"))


def test_the_fingerprint_knows_the_users_own_law(tmp_path):
    client, notebook = make(tmp_path)
    without = parts(client, notebook)
    assert without["own_law"] == {"files": {}, "rows": []}
    mine = write(tmp_path / "law", interest__csv=COLUMNS + Q1)
    one = parts(client, notebook, mine)
    assert one["own_law"]["files"]["interest.csv"] == hashlib.sha256((COLUMNS + Q1).encode()).hexdigest()
    assert one["own_law"]["rows"][0]["source"] == "Rev. Rul. 2026-99"
    write(mine, interest__csv=COLUMNS + Q1.replace(",8,8,7,", ",7,7,6,"))
    two = parts(client, notebook, mine)
    assert len({manifest.fingerprint(found) for found in (without, one, two)}) == 3


def test_a_shared_manifest_does_not_say_where_the_law_lies(tmp_path):
    client, notebook = make(tmp_path)
    told = manifest.withheld({**parts(client, notebook), "parameters": {"client": "a", "law": "b"}})
    assert told["parameters"]["law"] is None


def test_a_report_is_held_only_while_every_byte_is_there(tmp_path):
    client, notebook = make(tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    ingredients = parts(client, notebook)
    assert not manifest.holds(out, ingredients)
    (out / "report.html").write_text("page")
    manifest.write(out, ingredients, {"name": "Näme"})
    assert manifest.holds(out, ingredients)
    assert manifest.read(out)["summary"] == {"name": "Näme"}
    (out / "report.html").write_text("page, touched")
    assert not manifest.holds(out, ingredients)


def test_an_unreadable_manifest_counts_as_none(tmp_path):
    (tmp_path / manifest.NAME).write_text("{")
    assert manifest.read(tmp_path) is None
    (tmp_path / manifest.NAME).write_text(json.dumps([1]))
    assert manifest.read(tmp_path) is None


def test_what_may_differ_is_said(tmp_path):
    client, notebook = make(tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.pdf").write_bytes(b"%PDF")
    manifest.write(out, parts(client, notebook), {})
    assert set(manifest.read(out)["may_differ"]) == {"report.pdf", "manifest.json"}
