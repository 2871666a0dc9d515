"""How a person, a broker or a spreadsheet would write the same thing: headers, days, amounts, numbers."""

import re
from datetime import date, datetime
from decimal import Decimal

#: Headers near enough that a reader knows what is meant; all others are shortened by the words below.
NEAR = {
    "Line Tariff Duty Amount": ("Duty Amt (USD)", "Duty (USD)", "Est. Duty", "Total Duty Paid"),
    "Duty Amount": ("Duty Amt (USD)", "Duty (USD)", "Duties Paid"),
    "Line Tariff Goods Value Amount": ("Value (USD)", "Ent. Val."),
    "HTS Number - Full": ("HTSUS", "Tariff No.", "HTS #"),
    "HTS Number": ("HTSUS", "Tariff No."),
    "HTS Code": ("HTSUS", "Tariff No."),
    "Liquidation Date": ("Liq Dt", "Date Liquidated", "Liq. Date (Actual)"),
    "Liq. Date": ("Liq Dt", "Date Liquidated"),
    "Liquidation Status": ("Liq Sts", "Liquidated?", "Filing Status"),
    "Liq. Status": ("Liq Sts", "Liquidated?"),
    "Entry Summary Number": ("ES No", "Entry #", "Entry"),
    "Entry Number": ("Entry #", "File/Entry"),
    "Entry No.": ("Entry #", "Entry"),
    "ENTRY_NUMBER": ("ENTRY", "ES_NUM"),
    "STATUS": ("FILING STATUS", "CAPE STATUS"),
    "Claim Status": ("Filing Status", "CAPE Filing Sts"),
    "CLAIM_NUMBER": ("CAPE CLAIM NO", "CLAIM_ID"),
}
SHORT = (
    ("Entry Summary", "ES"),
    ("Number", "Nbr"),
    ("Amount", "Amt"),
    ("Indicator", "Ind"),
    ("Status", "Sts"),
    ("Date", "Dt"),
    ("Country of Origin", "C/O"),
    ("Importer", "IOR"),
    ("Reconciliation", "Recon"),
    ("Code", "Cd"),
    ("_", " "),
)
FAR = ("Column 7", "Unnamed: 12", "F9", "Notes")
NOBODY_KNOWS = ("Zzyzx pending", "Quuxed by the port", "Status 47B")
AROUND = ("{} - Reciprocal", "HTS {}", "see {} (IEEPA)", "{} / add'l duty")
ARBITRARY = ("zz-final", "Book1", "export (3)", "00 latest", "copy of copy", "9 of 9")


def near(header):
    """Some names near a header; the same ones every time."""
    if header in NEAR:
        return NEAR[header]
    name = header
    for long, short in SHORT:
        name = name.replace(long, short)
    return (name if name != header else f"{header} (rptd)",)


def heading(cell):
    """A chapter 99 number as 8 digits, or '' where the cell is none."""
    digits = re.sub(r"[.\s]", "", str(cell or ""))
    return digits if re.fullmatch(r"9903\d{4}", digits) else ""


def emergency(cell):
    """Whether a tariff number is of the subheadings under which IEEPA duty was laid."""
    return heading(cell)[:6] in {"990301", "990302"}


def dotted(digits):
    return f"{digits[:4]}.{digits[4:6]}.{digits[6:8]}"


def amount(cell):
    """An amount of the samples as Decimal; None where the cell holds none."""
    text = re.sub(r"[$\s]", "", str("" if cell is None else cell))
    form = r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d{1,2})?"
    return Decimal(text.replace(",", "")) if re.fullmatch(form, text) else None


def european(cell):
    """1234.5 -> '1.234,50'."""
    value = amount(cell)
    return cell if value is None else f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def thousands_point(cell):
    """1234.00 -> '1.234': a whole amount as a European sheet shows it; below a thousand nothing changes."""
    value = amount(cell)
    return cell if value is None or value < 1000 else f"{value.to_integral_value():,}".replace(",", ".")


def day(cell):
    """A day of the samples as date; None where the cell holds none."""
    if isinstance(cell, datetime):
        return cell.date()
    for form in ("%m/%d/%Y", "%d-%b-%Y"):
        try:
            return datetime.strptime(str(cell), form).date()  # noqa: DTZ007  a naive day is meant
        except ValueError:
            continue
    return cell if isinstance(cell, date) else None


#: Forms in which no day can be taken for another.
DAY_FORMS = {
    "iso": "%Y-%m-%d",
    "iso-z": "%Y-%m-%dT00:00:00.000Z",
    "iso-time": "%Y-%m-%d 00:00:00",
    "short-month": "%d-%b-%y",
    "caps-month": "%d.%b.%Y",
    "long-month": "%B %d, %Y",
    "digits": "%Y%m%d",
    "two-digit-year": "%m/%d/%y",
    "day-first": "%d.%m.%Y",
}


def written(form):
    """A change of a cell: its day in that form, other cells as they are."""

    def change(cell):
        found = day(cell)
        if found is None:
            return cell
        text = found.strftime(DAY_FORMS[form])
        return text.upper() if form == "caps-month" else text

    return change
