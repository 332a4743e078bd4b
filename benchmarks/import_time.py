"""How long `import llo_research` takes beside importing the packages it stands on; prints both and the ratio.

    python benchmarks/import_time.py

Each import is timed in fresh interpreters, in turns, after one unmeasured round that fills the file cache; the
start of the interpreter itself is measured the same way and subtracted. The promise is a ratio below one quarter.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 7
PROMISE = 0.25
STATEMENTS = {
    "interpreter": "pass",
    "llo_research": "import llo_research",
    "peers": "import pandas, statsmodels, linearmodels, matplotlib",
}


def seconds(statement: str) -> float:
    """Wall time of a fresh interpreter that runs one statement."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], cwd=ROOT, check=True)
    return time.perf_counter() - start


def main() -> int:
    """Time all statements in turns; exit 1 when the promise is not kept."""
    times: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for turn in range(ROUNDS + 1):
        for name, statement in STATEMENTS.items():
            took = seconds(statement)
            if turn:
                times[name].append(took)
    median = {name: statistics.median(values) for name, values in times.items()}
    own, peers = (median[name] - median["interpreter"] for name in ("llo_research", "peers"))
    print(f"interpreter alone                                     {median['interpreter'] * 1e3:8.1f} ms")
    print(f"import llo_research                                   {own * 1e3:8.1f} ms more")
    print(f"import pandas, statsmodels, linearmodels, matplotlib  {peers * 1e3:8.1f} ms more")
    print(f"ratio {own / peers:.4f} (promise: below {PROMISE}), median of {ROUNDS} rounds")
    return 0 if own / peers < PROMISE else 1


if __name__ == "__main__":
    sys.exit(main())
