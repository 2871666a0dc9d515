"""How hard the tests try: quick with every run; deep by ``make deep``, or with CAPE_KIT_TESTS=deep."""

import os

DEEP = os.environ.get("CAPE_KIT_TESTS") == "deep"


def examples(deep):
    """How many random examples a property is tried on, given how many a deep run tries."""
    return deep if DEEP else max(4, deep // 4)
