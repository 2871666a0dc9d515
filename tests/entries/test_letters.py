"""Mails and letters are no tables and never evidence; what may be CBP's answer in one is said, and loudly."""

import base64
from email.message import EmailMessage

import pytest

import cape_kit
from cape_kit.entries.portfolio import files
from cape_kit.views import tables
from tests.entries.folders import folder
from tests.entries.test_unsaid import DAY, ENTRY, HEADERS, ROW

SPELT = f"{ENTRY[:3]}-{ENTRY[3:10]}-{ENTRY[10]}"
HEAD = "From: cape@example.gov\nTo: a@example.com\nSubject: your file\nDate: Tue, 5 May 2026 10:00:00 -0400\n"
NAMED = f"What we know by now of your file.\n\nEntry {SPELT}: Accepted\n"
UNNAMED = "Your CAPE declaration 100000241223 was accepted.\n"
CALM = "Shall we have lunch on Friday? The warranty claim was paid.\n"
OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "__substg1.0_1000001F".encode("utf-16-le")


def plain(text):
    return f"{HEAD}Content-Type: text/plain; charset=utf-8\n\n{text}".encode()


def packed(text):
    body = base64.b64encode(text.encode()).decode()
    return f"{HEAD}Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{body}\n".encode()


def page(text):
    return f"{HEAD}Content-Type: text/html\n\n<p>{text.replace('-', '<b>-</b>')}</p>".encode()


def attached(name):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.com", "b@example.com", "list"
    mail.set_content("See attached.")
    mail.add_attachment(b"PK..", maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def said(tmp_path, name, content):
    """The assessment of a folder with a list and a letter, and what is said of the letter."""
    files_of = {"a.csv": [HEADERS, ROW], name: content}
    found = cape_kit.assess(cape_kit.open(folder(tmp_path / "c", files_of, 'name = "X"\n')), as_of=DAY)
    (told,) = found.problems[found.problems["file"].eq(name)].to_dict("records")
    return found, told


FORMS = [
    ("answer.eml", plain), ("answer.eml", packed), ("answer.eml", page),
    ("answer.mbox", lambda t: b"From x\n" + plain(t)),
    ("answer.msg", lambda t: OUTLOOK + t.encode("utf-16-le")), ("answer.msg", lambda t: OUTLOOK + t.encode()),
    ("answer.txt", str.encode), ("answer", str.encode), ("answer.rtf", lambda t: b"{\\rtf1 " + t.encode() + b"}"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_a_mail_that_names_an_entry_is_an_error_and_doubts_the_entry(tmp_path, name, form):
    found, told = said(tmp_path, name, form(NAMED))
    assert (told["severity"], told["code"]) == ("error", "R47")
    assert "1 entry of filer K12" in told["message"] and "Claim Status" in told["what_to_do"]
    assert found.caveats.set_index("code").loc["file-unread", "entries"] == 1
    assert files.not_read(found.portfolio.files)["file"].tolist() == [name]
    assert name in tables.alerts(found).words


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_a_mail_that_tells_of_a_claim_without_its_entries_is_a_warning(tmp_path, name, form):
    found, told = said(tmp_path, name, form(UNNAMED))
    assert (told["severity"], told["code"]) == ("warning", "R48")
    assert "a claim, declaration or refund" in told["message"] and "facts.csv" in told["what_to_do"]
    assert "file-unread" not in set(found.caveats["code"])


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_any_other_mail_is_one_calm_line(tmp_path, name, form):
    _, told = said(tmp_path, name, form(CALM))
    assert (told["severity"], told["code"]) == ("note", "R43")


@pytest.mark.parametrize("name", ["answers.xlsx", "es022.CSV", "exports.zip", "7501.pdf"])
def test_a_mail_that_brings_a_table_is_an_error(tmp_path, name):
    _, told = said(tmp_path, "fwd.eml", attached(name))
    assert (told["severity"], told["code"]) == ("error", "R47")
    assert f"1 ({name[name.index('.') :].lower()})" in told["message"]
    outlook = OUTLOOK + "__attach_version1.0".encode("utf-16-le") + name.encode("utf-16-le")
    assert said(tmp_path / "o", "fwd.msg", outlook)[1]["code"] == "R47"


def test_a_list_nobody_could_read_is_no_letter(tmp_path):
    """Whose entries it names is said, with the columns it lacks; one by the broker's own numbers is a warning."""
    assert said(tmp_path / "a", "t.csv", f"Entries,CAPE filed\n{ENTRY} and others,Y\n")[1]["code"] == "R02"
    assert said(tmp_path / "b", "t.csv", "Broker Reference,CAPE filed\nREF1,Y\n")[1]["code"] == "R48"


@pytest.mark.parametrize("content", [
    HEAD.encode() + b"Content-Type: text/plain; charset=no-such\n\n" + NAMED.encode(),
    HEAD.encode() + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\n" + NAMED.encode(),
    HEAD.encode() + b"Content-Transfer-Encoding: base64\n\n!!!" + base64.b64encode(NAMED.encode()),
    HEAD.encode().replace(b"your file", b"=?x?q?=zz?=") + b"\n" + NAMED.encode(),
])  # fmt: skip
def test_a_mail_packed_wrongly_is_read_as_far_as_it_goes(tmp_path, content):
    assert said(tmp_path, "answer.eml", content)[1]["code"] in ("R47", "R48", "R43")


def test_a_mail_with_a_picture_is_calm(tmp_path):
    assert said(tmp_path, "fwd.eml", attached("logo.png"))[1]["code"] == "R43"


def test_a_table_in_the_text_of_a_mail_is_read_as_one(tmp_path):
    text = f"Entry Number,Claim Number,STATUS\n{ENTRY},100000241223,Accepted\n"
    files_of = {"a.csv": [HEADERS, ROW], "answer.eml": plain(text)}
    opened = cape_kit.open(folder(tmp_path / "c", files_of, 'name = "X"\n'))
    assert cape_kit.assess(opened, as_of=DAY).table["disposition"].tolist() == ["claimed"]


MANY = 400_000


@pytest.mark.parametrize(
    "body", ["<" * MANY, "<style" * MANY, "<p " * MANY, "<script>a</script>" * 9999, "a. " * MANY]
)
def test_marks_that_never_close_and_endless_sentences_come_to_an_end(tmp_path, body):
    """Each opened mark sought to the end of the mail would take an evening; what stands before them is read."""
    content = f"{HEAD}Content-Type: text/html\n\n<p>{UNNAMED}</p>{body}".encode()
    assert said(tmp_path, "answer.eml", content)[1]["code"] == "R48"


def test_what_a_page_hides_tells_nothing(tmp_path):
    hidden = f"<STYLE>{UNNAMED}</STYLE><script>{UNNAMED}</script><p>{CALM}</p>"
    content = f"{HEAD}Content-Type: text/html\n\n{hidden}".encode()
    assert said(tmp_path, "answer.eml", content)[1]["code"] == "R43"
