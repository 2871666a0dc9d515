"""Ways to spoil what people hand in: bytes, cells and headers, archives, workbooks, TOML. All by a given chance."""
# ruff: noqa: E501 - the tables of odd things are long lines

import csv
import io
import re
import warnings
import zipfile

#: Bytes that decide something for one reader or another.
TOKENS = [
    b'"', b'""', b'"""', b",", b";", b"\t", b"|", b"\r", b"\n", b"\r\n", b"\n\n", b"\x00", b"\xff", b"\xef\xbb\xbf",
    b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"%PDF", b"<html", b"'",
    b"=", b"9" * 40, b"9" * 5000, b"-", b"\xa0", b"\xe2\x80\x8b", b"\x1a", b"\x80", b"\xc3", b"\xed\xa0\x80", b"#REF!",
    b"e308", b"0x", b"\\", b"/", b"{", b"[", b"]", b"\x7f" * 8, b"NaN", b"\xe2\x80\xae", b"\x0b", b"\x0c", b"\x85",
]  # fmt: skip

#: Cells people and programs have been seen to write, and a few that nobody would.
CELLS = [
    "", " ", "-", "--", "N/A", "none", "null", "NaN", "nan", "inf", "-inf", "Infinity", "0", "00", "-0", "1", "-1", "1e308",
    "1e-308", "1E+5", "1E+99", "9" * 18, "9" * 19, "9" * 40, "9" * 5000, "-" + "9" * 18, "0." + "0" * 300 + "1", ".", ",",
    "$", "$1", "($5.00)", "5.00-", "1,234.56", "1.234,56", "12,34,567.00", "1'234.50", "1 234,50", "€10", "USD 10.00",
    "92233720368547758.07", "92233720368547758.08", "-92233720368547758.08", "170141183460469231731687303715884105727",
    "99999999999.999999", "999999999999.99", "1e11", "9007199254740993", "TRUE", "false", "Y", "n", "yes", "maybe",
    "02/29/2025", "02/30/2025", "13/13/2025", "2025-02-29", "0000-00-00", "9999-12-31", "12/31/9999", "01/01/0001",
    "1/1/1", "45000", "45000.5", "2958466", "-1.5", "1899-12-30", "2025-04-05T00:00:00Z", "2025-04-05T23:59:60+25:00",
    "5 Apr 25", "Tue, 8 Apr 2025", "SEPT 31 2025", "20250405", "00000000", "99999999", "04-05-25", "2025-W14-2",
    "9903.01.25", "99030125", "9903.01.24; 9903.01.25", "9903", "9903.01.2", "9903012500", "HTS 9903.01.25 (recip.)",
    "3923900080", "B7603245278", "B76-0324527-8", "b76 03245278", "B7603245279", "'B7603245278", '="B7603245278"',
    "76032452780", "1.6E+10", "016-0000504-3", "160005043", "B76", "0324527", "12-345678900", "12-3456789", "123-45-6789",
    "=1+1", "=HYPERLINK(\"x\")", "@SUM(A1)", "+1", "#REF!", "#N/A", "#DIV/0!", "Total", "Grand Total", "Subtotal:",
    "CN", "China", "ZZ", "C N", "Hong Kong", "CN - China", "中国", "\u202eabc", "\u200b", "\ufeff", "\xa0", "\x00", "\x07", "\x1b[31m",
    "a\nb", "a\r\nb", "a\tb", 'a"b', '"', '""', "'", "\\", "%s %d {0} {x}", "{", "<script>alert(1)</script>", "\ud7ff\ue000",
    "é" * 50, "𝟗𝟗𝟎𝟑", "٣٤٥", "１２３", "½", "²", "x" * 40000, "a" * 300, "Liquidated", "Unliquidated", "Reliquidated", "Extended",
    "Suspended", "Accepted", "Rejected", "Pending", "Failed", "Issued", "Returned", "E04", "E13 E99", "F12", "01", "06", "1.0", "99",
    "0401", "401", "2704.0", "CBP", "PD", "Deemed liquidated", "no change", "Protest granted", "c'est \"ça\"", "1;2", "a|b",
]  # fmt: skip

NAMES = [
    "", "a.csv", "b.xlsx", "../up.csv", "/root.csv", "c:\\x.csv", "a/b/c.csv", ".hidden.csv", "~$lock.xlsx", "__MACOSX/._a.csv",
    "x" * 300 + ".csv", "é.csv", "中.csv", "con.csv", "a\x00b.csv", "dir/", "\r\n.csv", "noending", "a.CSV", "a.zip", "a.pdf",
    "xl/workbook.xml", "content.xml", "[Content_Types].xml", "\udcff.csv", "a:b.csv", " .csv", "..", ".", "x." + "y" * 300,
]  # fmt: skip

VALUES = [
    "1", "0", "-1", "9" * 5000, "-" + "9" * 5000, "9" * 19, "0x" + "f" * 5000, "1e400", "nan", "inf", "-inf", "1.5", "0.0",
    "true", "false", '""', '" "', '"x"', "'''\na\n'''", '"\\u0000"', '"\\uFFFF"', "[]", "[1]", "[[]]", "{}", "{ a = 1 }", "[{}]",
    '["a", 1]', "0001-01-01", "9999-12-31", "2026-02-28", "2026-02-30", "2026-05-05T10:00:00", "2026-05-05T10:00:00+99:00", "10:00:00",
    '"2026-05-05"', '"05/05/2026"', '"9999-99-99"', '"#1F4E79"', '"MDY"', '"corporate"', '"all"', '"litigants"', '"HK7"', "36500",
    "999999999", "3000000", "-3000000", "2147483648", '["21", "22"]', '["", "é"]', '"' + "x" * 20000 + '"', "[" * 200 + "]" * 200,
    "[" * 20000, "{a=" * 2000, '"../../x"', '"="', '"\\u202e"', '"<script>"', "+1", "1_000", "0o17", "", "=", "\x00", "\ufeff",
]  # fmt: skip


def of_bytes(chance, data, others=()):
    """A few places changed: bytes flipped, put in, taken out, doubled, cut off, or taken from another file."""
    data = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 6])):
        at = chance.randrange(len(data) + 1)
        span = chance.choice([1, 1, 2, 4, 16, 64, 400])
        how = chance.randrange(9)
        if how == 0 and at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            data[at:at] = chance.choice(TOKENS)
        elif how == 2:
            data[at : at + span] = chance.choice(TOKENS)
        elif how == 3:
            del data[at : at + span]
        elif how == 4:
            data[at:at] = data[at : at + span] * chance.choice([1, 2, 50])
        elif how == 5 and chance.random() < 0.4:
            del data[at:]
        elif how == 6:
            data[at : at + span] = chance.randbytes(span)
        elif how == 7 and others:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            data[at:at] = other[start : start + span * 4]
        elif how == 8 and at < len(data):
            data[at] = chance.choice([0, 9, 10, 13, 34, 39, 44, 48, 57, 255])
    return bytes(data[: 1 << 20])


def of_rows(chance, rows, others=()):
    """A table with cells, columns, rows or headers changed."""
    rows = [list(row) for row in rows]
    for _ in range(chance.choice([1, 1, 2, 3, 5])):
        chance.choice(_OF_ROWS)(chance, rows, others)
    return rows


def _cell(chance, rows, others):
    row = chance.choice(rows) if rows else None
    if row:
        row[chance.randrange(len(row))] = chance.choice(CELLS)


def _column(chance, rows, others):
    """One value, or any, in a whole column."""
    width = max(map(len, rows), default=0)
    if not width:
        return
    at, one, each = chance.randrange(width), chance.choice(CELLS), chance.random() < 0.5
    for row in rows[chance.choice([0, 1, 1, 1]) :]:
        if at < len(row):
            row[at] = chance.choice(CELLS) if each else one


def _columns(chance, rows, others):
    """A column taken away, doubled, moved or put beside the others."""
    width = max(map(len, rows), default=0)
    if not width:
        return
    at, to, how = chance.randrange(width), chance.randrange(width + 1), chance.randrange(4)
    for number, row in enumerate(rows):
        if at >= len(row):
            continue
        cell = row[at]
        if how in (0, 1):
            del row[at]
        if how in (1, 2):
            row.insert(to, cell)
        if how == 3:
            row.insert(to, chance.choice(CELLS) if number else f"Column {to}")


def _rows(chance, rows, others):
    """Rows taken away, doubled, blanked, cut short, made too long, or turned into a header or a total."""
    if not rows:
        return
    at, how = chance.randrange(len(rows)), chance.randrange(9)
    row = rows[at]
    if how == 0:
        del rows[at]
    elif how == 1:
        rows[at:at] = [list(row) for _ in range(chance.choice([1, 2, 40]))]
    elif how == 2:
        rows.insert(at, [])
    elif how == 3:
        rows[at] = [""] * len(row)
    elif how == 4:
        del row[chance.randrange(len(row) + 1) :]
    elif how == 5:
        row.extend(chance.choice(CELLS) for _ in range(chance.choice([1, 3, 200])))
    elif how == 6:
        rows.insert(at, list(rows[0]))
    elif how == 7:
        rows.insert(
            0,
            [
                chance.choice(["Run Date", "Report", "Run Date: 05/05/2026", "", "Entry Date To"]),
                chance.choice(CELLS),
            ],
        )
    else:
        row[:1] = ["Total"]


def _headers(chance, rows, others):
    """A header changed, doubled, emptied, or taken from another layout."""
    if not rows or not rows[0]:
        return
    at = chance.randrange(len(rows[0]))
    known = [cell for other in others for cell in (other[0] if other else [])] or ["Entry Number"]
    rows[0][at] = chance.choice(
        [rows[0][at].upper(), rows[0][at] + " ", "", chance.choice(rows[0]), *[chance.choice(known)] * 4]
    )


def _others(chance, rows, others):
    """Rows, or the header, of another table."""
    if others:
        other = chance.choice(others)
        rows[chance.choice([0, len(rows)]) :] = [list(row) for row in other] if chance.random() < 0.7 else []


_OF_ROWS = [_cell] * 6 + [_column] * 3 + [_columns] * 2 + [_rows] * 4 + [_headers] * 3 + [_others]


def as_text(chance, rows):
    """A table as delimited text, with the separators, line ends, quotes and encodings of many programs."""
    out = io.StringIO(newline="")
    quoting = chance.choice([csv.QUOTE_MINIMAL] * 3 + [csv.QUOTE_ALL, csv.QUOTE_NONE])
    separator = chance.choice([",", ",", ",", ",", ";", "\t", "|"])
    try:
        ends = chance.choice(["\r\n", "\r\n", "\n", "\r"])
        csv.writer(out, delimiter=separator, quoting=quoting, escapechar="\\" if quoting == csv.QUOTE_NONE else None,
                   lineterminator=ends).writerows(rows)  # fmt: skip
        text = out.getvalue()
    except csv.Error:
        text = "\n".join(separator.join(map(str, row)) for row in rows)
    encoding = chance.choice(
        ["utf-8"] * 5 + ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"]
    )
    return text.encode(encoding, "replace" if encoding == "cp1252" else "surrogatepass")


def parsed(data):
    """The cells of delimited text, as far as they are any."""
    try:
        return [row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) if row]
    except (csv.Error, UnicodeDecodeError):
        return [["Entry Number"], ["B7603245278"]]


def archive(chance, contents):
    """An archive of these files: odd names, odd methods, a nested one, spoilt headers, wrong sums."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for data in contents:
            name = (
                chance.choice(NAMES)
                if chance.random() < 0.5
                else f"f{chance.randrange(9)}{chance.choice(['.csv', '.xlsx', '', '.txt'])}"
            )
            info = zipfile.ZipInfo("x")
            info.filename = name.encode("utf-8", "replace").decode() if "\udcff" in name else name
            info.compress_type = chance.choice(
                [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of two members of one name
                target.writestr(info, data)
        if chance.random() < 0.1:
            target.comment = b"PK\x05\x06" * 3
    data = bytearray(out.getvalue())
    if chance.random() < 0.1:
        return archive_of(chance, bytes(data))
    for _ in range(chance.choice([0, 1, 1, 2])):
        _spoil_header(chance, data)
    return bytes(data) if chance.random() < 0.7 else of_bytes(chance, data)


def archive_of(chance, data):
    """An archive within an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr(zipfile.ZipInfo("inner.zip"), data)
    return out.getvalue()


def _spoil_header(chance, data):
    """One byte of a member's header, where its flags, method, sizes, sum or name stand."""
    places = [found.start() for found in re.finditer(rb"PK(\x01\x02|\x03\x04|\x05\x06)", bytes(data))]
    if places:
        at = chance.choice(places) + chance.randrange(4, 60)
        if at < len(data):
            data[at] = chance.choice([0, 1, 8, 9, 12, 14, 99, 255, chance.randrange(256)])


def workbook(chance, data, others=()):
    """A workbook with a part of it spoilt: text of its XML, a part taken away, or bytes of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            parts = [(info, source.read(info)) for info in source.infolist()]
    except (zipfile.BadZipFile, OSError):
        return of_bytes(chance, data, others)
    how = chance.randrange(10)
    if how == 0:
        return of_bytes(chance, data, others)
    at = chance.randrange(len(parts))
    sheets = [
        place
        for place, (info, _) in enumerate(parts)
        if "sheet" in info.filename or "content" in info.filename
    ]
    if sheets and chance.random() < 0.6:
        at = chance.choice(sheets)
    info, content = parts[at]
    if how == 1:
        del parts[at]
    elif how == 2:
        parts[at] = (info, of_bytes(chance, content, others))
    else:
        parts[at] = (info, _spoil_xml(chance, content))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info, content in parts:
            target.writestr(info.filename, content)
    return out.getvalue()


_XML = [
    (rb' r="[A-Z]+[0-9]+"', [b"", b' r=""', b' r="A"', b' r="XFD1048576"', b' r="ZZZZZZZ1"', b' r="A0"', b' r="A99999999999"', b' r="1A"']),
    (rb' t="[a-z]+"', [b"", b' t="s"', b' t="d"', b' t="b"', b' t="e"', b' t="n"', b' t="x"', b' t="inlineStr"', b' t="str"']),
    (rb' s="[0-9]+"', [b"", b' s="-1"', b' s="4294967296"', b' s="99"']),
    (rb"<v>[^<]*</v>", [b"<v></v>", b"<v>-1</v>", b"<v>99999999999</v>", b"<v>1e400</v>", b"<v>NaN</v>", b"<v>x</v>", b"<v>45000.99999</v>", b"<v>2958466</v>", b"<v/>"]),
    (rb'ref="[^"]*"', [b'ref=""', b'ref="A1:XFD1048576"', b'ref="B2:A1"', b'ref="A1:ZZZZ9"', b'ref="1"']),
    (rb'<row [^>]*>', [b"<row>", b'<row r="0">', b'<row r="1048576">', b'<row r="99999999999">', b'<row r="-1">', b'<row r="2" hidden="1">']),
    (rb'numFmtId="[0-9]+"', [b'numFmtId="14"', b'numFmtId="22"', b'numFmtId="46"', b'numFmtId="99999"', b'numFmtId=""']),
    (rb'name="[^"]*"', [b'name=""', b'name="Main Report"', b'name="&#0;"', b'name="' + b"x" * 300 + b'"', b'name="Parameters"']),
    (rb'number-(columns|rows)-repeated="[0-9]+"', [b'number-columns-repeated="99999999"', b'number-rows-repeated="1048576"', b'number-rows-repeated="-1"', b""]),
    (rb'count="[0-9]+"', [b'count="99999999999"', b'count="0"', b'count=""']),
    (rb"<[a-zA-Z:]+[ >]", [b"<", b"<x ", b"", b"<!DOCTYPE a [<!ENTITY b 'c'>]><x "]),
    (rb"&[a-z]+;", [b"&", b"&x;", b"&#xFFFFFF;"]),
    (rb">[^<>]+<", [b"><", b">&amp;<", b">\xff<", b">" + b"9" * 400 + b"<", b">9903.01.25<", b">#REF!<", b">true<"]),
]  # fmt: skip


def _spoil_xml(chance, content):
    for _ in range(chance.choice([1, 1, 2, 4])):
        pattern, choices = chance.choice(_XML)
        found = list(re.finditer(pattern, content))
        if found:
            one = chance.choice(found)
            content = content[: one.start()] + chance.choice(choices) + content[one.end() :]
    return content


def of_toml(chance, data, keys=()):
    """TOML with values, keys, tables and lines changed."""
    lines = data.decode("utf-8", "replace").split("\n")
    for _ in range(chance.choice([1, 1, 2, 3])):
        at, how = chance.randrange(len(lines)), chance.randrange(8)
        key, equals, _ = lines[at].partition(" = ")
        if how <= 3 and equals:
            lines[at] = f"{key} = {chance.choice(VALUES)}"
        elif how == 4 and keys:
            lines.insert(at, f"{chance.choice(keys)} = {chance.choice(VALUES)}")
        elif how == 5:
            del lines[at]
            lines = lines or [""]
        elif how == 6:
            lines.insert(at, lines[chance.randrange(len(lines))])
        elif equals and keys:
            lines[at] = f"{chance.choice(keys)}{equals}{chance.choice(VALUES)}"
    text = "\n".join(lines).encode("utf-8", "surrogatepass")
    return of_bytes(chance, text) if chance.random() < 0.15 else text
