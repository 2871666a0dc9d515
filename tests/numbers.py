"""Entry numbers with their check digit: a recount of CATAIR Appendix E that shares nothing with the kit."""

LETTERS = {
    **{c: i % 9 + 1 for i, c in enumerate("ABCDEFGHIJKLMNOPQR")},
    **{c: i + 2 for i, c in enumerate("STUVWXYZ")},
}


def numbered(filer, serial):
    """An entry number with its check digit, by an independent recount of CATAIR Appendix E."""
    ten = f"{filer}{serial:07d}"
    total = 0
    for place, character in enumerate(reversed(ten)):
        digit = int(character) if character.isdigit() else LETTERS[character]
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return f"{ten}{-total % 10}"
