"""Change the statistical heart of the package in small ways, and tell which changes no test notices.

python -m tests.mutation [--number 200] [--seed 1] [--only design/kernel.py ...]
"""

from __future__ import annotations

import argparse
import sys

from tests.mutation.modules import TESTS
from tests.mutation.running import Outcome, run, sample, share


def told(name: str, outcomes: list[Outcome]) -> str:
    """A line of the share caught."""
    number = {how: sum(one.how == how for one in outcomes) for how in ("caught", "endless", "unseen", "survived")}
    seconds = sum(one.seconds for one in outcomes)
    return f"== {name}: {share(outcomes):.1%} of {len(outcomes)} in {seconds:.0f} s; {number}"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=200, help="how many changes")
    parser.add_argument("--seed", type=int, default=1, help="which ones are drawn")
    parser.add_argument("--only", nargs="+", choices=TESTS, help="these modules")
    chosen = parser.parse_args()
    modules = chosen.only or list(TESTS)
    outcomes = []
    for module, some in sample(modules, chosen.number, chosen.seed).items():
        for outcome in run(module, TESTS[module], some):
            outcomes.append(outcome)
            print(f"{outcome.how:9s}{outcome.seconds:6.1f} s  {outcome.mutant}", flush=True)
        print(told(module, [outcome for outcome in outcomes if outcome.mutant.module == module]), flush=True)
    print(told("all", outcomes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
