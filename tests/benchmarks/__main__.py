"""`make bench`: every benchmark in turn, at its small size; each says how to run it whole."""

import subprocess
import sys
from pathlib import Path

for bench in sorted(Path(__file__).parent.glob("bench_*.py")):
    print(f"== {bench.stem}", flush=True)
    subprocess.run([sys.executable, str(bench)], check=True)
