"""The same checks with coverage choosing the bytes, where atheris is installed: it finds what chance does not."""

import sys

from tests.fuzz import checking, starts
from tests.fuzz.cases import Case


def main(target, cases, seed):
    """Run so many inputs; the first fault ends the run, and atheris leaves its bytes in a file."""
    try:
        import atheris
    except ImportError:
        print("atheris is not installed; run without --guided, or: pip install atheris", file=sys.stderr)
        return 2
    atheris.instrument_all()
    settings = target == "settings"
    case = Case(target, seed, 1)

    def once(data):
        files = {"client.toml": data} if settings else {"a.csv": data}
        faults = checking.run_files(case, files)
        if faults:
            raise AssertionError("; ".join(faults))

    arguments = [sys.argv[0], f"-runs={cases}", f"-seed={seed}", "-max_len=4096", f"-timeout={60}"]
    atheris.Setup(arguments, once)
    once(starts.CLIENT.encode() if settings else starts.texts()[0])
    atheris.Fuzz()
    return 0
