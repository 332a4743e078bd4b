"""What secondary suppression and the attack cost, how near to the cheapest it comes, and one table beside ACRO.

    python benchmarks/suppression.py [--acro PYTHON]

PYTHON is an interpreter that has `acro` (it is no dependency). Writes `suppression.md`. Seconds are the processor's, of
one thread, in one run.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.errors import DisclosureError
from llo_research.numerics.brackets import brackets
from llo_research.numerics.statements import Statements, of_codes
from llo_research.numerics.suppression import secondary
from llo_research.report.disclosure.attack import attack_frames

T = TypeVar("T")
FLOOR, WIDTH, SEED, TABLES = 10, 10, 20261127, 200
HEAD = """# Secondary suppression

Written by `python benchmarks/suppression.py --acro PYTHON`: processor seconds on one thread, all in one run. Cells of
1 to 9 people may not be told; a hidden one must be able to be 10 more, and 10 fewer or none. The attack brackets each
of these from all that is told, by integer programmes, and proves both ends.

| what | people | statements | classes | may not be told | hidden | s | attack: s | narrower than 10 |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
"""


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What some work gives, and its processor seconds."""
    start = time.process_time()
    return work(), time.process_time() - start


def row(title: str, told: Statements) -> str:
    """One line of the table."""
    counts = told.counts
    unsafe = (counts > 0) & (counts < FLOOR)
    hidden, seconds = timed(lambda: secondary(told, unsafe, cost=1.0 + counts, width=WIDTH))
    value, ties = counts.astype(float), np.zeros(told.ties.shape[0])
    known = sparse.csr_array(sparse.vstack([told.members, told.ties]))
    low, high = np.where(hidden, -np.inf, value), np.where(hidden, np.inf, value)
    aims = sparse.csr_array(told.members[np.flatnonzero(unsafe)])
    found, attack = timed(lambda: brackets(known, np.append(low, ties), np.append(high, ties), aims))
    assert found.proven.all()
    people = int(told.people.sum()) if not len(ties) else ""
    narrow = int((found.high - found.low < WIDTH).sum())
    numbers = (people, len(counts), len(told.people), int(unsafe.sum()), int(hidden.sum()))
    told_of = " | ".join(f"{number:,}" if number != "" else "" for number in numbers)
    return f"| {title} | {told_of} | {seconds:.2f} | {attack:.2f} | {narrow} |\n"


def with_margins(shape: tuple[int, ...], rng: np.random.Generator, mean: float) -> Statements:
    """A table with all its margins."""
    table = rng.negative_binomial(1.0, 1 / (1 + mean), shape)
    at = np.indices(shape).reshape(len(shape), -1)
    ways = [way for k in range(len(shape) + 1) for way in itertools.combinations(range(len(shape)), k)]
    codes = [np.ravel_multi_index(at[list(way)], [shape[d] for d in way]) if way else at[0] * 0 for way in ways]
    numbers = [int(np.prod([shape[d] for d in way])) for way in ways]
    whole = of_codes(codes, numbers, table=[0] * len(ways))
    return Statements(whole.members, table.ravel())


def breakdowns(n: int, rng: np.random.Generator) -> Statements:
    """People, and those with an answer, by twelve classifications and in all."""
    yes = rng.random(n) < 0.4
    codes, numbers, table = [np.zeros(n, dtype=np.intp), np.where(yes, 0, 1)], [1, 1], [0, 0]
    for j in range(1, 13):
        k = int(rng.integers(3, 11))
        cell = rng.choice(k, n, p=rng.dirichlet(np.full(k, 0.7)))
        codes += [cell, np.where(yes, cell, k)]
        numbers += [k, k]
        table += [j, j]
    return of_codes(codes, numbers, table=table)


def beside_the_cheapest() -> str:
    """Tables of three by three with told margins: the cost beside that of the cheapest of all patterns."""
    ratios, refused = [], 0
    for seed in range(TABLES):
        rng = np.random.default_rng([SEED, seed])
        table = rng.poisson(rng.gamma(1.2, 4, (3, 3)))
        rows = np.vstack([np.eye(9), np.kron(np.eye(3), np.ones(3)), np.kron(np.ones(3), np.eye(3))])
        told = Statements(sparse.csr_array(rows), table.ravel())
        unsafe = (told.counts > 0) & (told.counts < 3) & (np.arange(15) < 9)
        cost = 1 + np.log1p(told.counts)
        try:
            hidden = secondary(told, unsafe, cost=cost, width=3, fixed=np.arange(15) >= 9)
        except DisclosureError:
            refused += 1
            continue
        best = cheapest(table, unsafe[:9], cost[:9])
        if best > 0:
            ratios.append(cost[hidden & ~unsafe].sum() / best)
    kept = np.array(ratios)
    return (
        f"\nOf {TABLES} tables of three by three with told margins (cells of 1 or 2 may not be told, 3 more or fewer)\n"
        f"{refused} cannot be protected and are refused; {len(kept)} need more cells hidden. Beside the cheapest of\n"
        f"all patterns, by enumeration of all tables, {np.mean(kept < 1 + 1e-9):.0%} cost no more; on average"
        f" {kept.mean() - 1:.1%} more, at most {kept.max() - 1:.0%}.\n"
    )


def cheapest(table: np.ndarray, risky: np.ndarray, cost: np.ndarray) -> float:
    """The lowest cost of cells to hide beside the risky ones, by all tables with these margins."""
    r, c = table.sum(axis=1), table.sum(axis=0)
    free = np.meshgrid(*(np.arange(min(r[i], c[j]) + 1) for i in (0, 1) for j in (0, 1)), indexing="ij")
    x = np.zeros((free[0].size, 3, 3), dtype=int)
    for part, (i, j) in zip(free, itertools.product((0, 1), (0, 1)), strict=True):
        x[:, i, j] = part.ravel()
    x[:, :2, 2] = r[:2] - x[:, :2, :2].sum(axis=2)
    x[:, 2, :] = c - x[:, :2, :].sum(axis=1)
    tables, true = x[(x >= 0).all(axis=(1, 2))].reshape(-1, 9), table.ravel()
    up = np.minimum(true + 3, tables.max(axis=0))[risky]
    down = np.maximum(true - 3, tables.min(axis=0))[risky]
    best = np.inf
    for pattern in itertools.product((False, True), repeat=int((~risky).sum())):
        hidden = risky.copy()
        hidden[~risky] = pattern
        if (price := cost[hidden & ~risky].sum()) < best:
            left = tables[(tables == true)[:, ~hidden].all(axis=1)][:, risky]
            if (left.max(axis=0) >= up).all() and (left.min(axis=0) <= down).all():
                best = price
    return float(best)


PEER = """
import importlib.metadata, logging, warnings
logging.disable(logging.CRITICAL); warnings.simplefilter("ignore")
import numpy as np, pandas as pd, acro
people = pd.DataFrame({"sex": np.repeat(["f", "f", "m", "m"], [3, 40, 50, 60]),
                       "region": np.repeat(["n", "s", "n", "s"], [3, 40, 50, 60]), "all": "all"})
session = acro.ACRO(suppress=True)
cells = session.crosstab(people["sex"], people["region"])
margin = session.crosstab(people["sex"], people["all"])
print("ACRO", importlib.metadata.version("acro"))
print("CELLS", ",".join(str(v) for v in cells.to_numpy().ravel()))
print("MARGIN", ",".join(str(v) for v in margin.to_numpy().ravel()))
"""


def beside_acro(python: str) -> str:
    """Two tables of the same people from ACRO with suppression, and what follows from both."""
    done = subprocess.run([python, "-c", PEER], capture_output=True, text=True, check=True)
    told = dict(line.split(" ", 1) for line in done.stdout.splitlines() if line.split(" ", 1)[0] in PARTS)
    cells = pd.DataFrame({"sex": ["f", "f", "m", "m"], "region": ["n", "s"] * 2})
    cells["n"] = [float(value) for value in told["CELLS"].split(",")]
    margin = pd.DataFrame({"sex": ["f", "m"], "n": [float(value) for value in told["MARGIN"].split(",")]})
    theirs = attack_frames({"cells": cells, "margin": margin}).iloc[0]
    codes = [np.repeat([0, 1, 2, 3], [3, 40, 50, 60]), np.repeat([0, 1], [43, 110])]
    both = of_codes(codes, [4, 2])
    hidden = secondary(both, both.counts < FLOOR, cost=1.0 + both.counts, width=WIDTH)
    shown = both.counts.astype(float)
    shown[hidden] = np.nan
    ours = attack_frames({"cells": cells.assign(n=shown[:4]), "margin": margin.assign(n=shown[4:])}).iloc[0]
    return (
        "\nThree women live in the north, 40 in the south; 50 and 60 men. Sex by region, and sex alone, each from\n"
        f"ACRO {told['ACRO']} with `suppress=True`: cells {told['CELLS']}; margin {told['MARGIN']}. From both it\n"
        f"follows that the hidden cell is {theirs['low']:.0f} to {theirs['high']:.0f}. (ACRO asks to review linked"
        " tables by hand; margins in one\ntable are of the cells that are left.) Hidden here:"
        f" {int(hidden.sum())} of the six numbers; it is then {ours['low']:.0f} to {ours['high']:.0f}.\n"
    )


PARTS = ("ACRO", "CELLS", "MARGIN")


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--acro", help="an interpreter that has acro")
    options = parser.parse_args()
    rng = np.random.default_rng(SEED)
    text = HEAD
    text += row("20 x 30 with margins", with_margins((20, 30), rng, 40))
    text += row("6 x 8 x 4 with all margins", with_margins((6, 8, 4), rng, 40))
    for n in (1_000, 5_000, 20_000):
        told, seconds = timed(lambda n=n: breakdowns(n, rng))
        text += row(f"12 breakdowns of {n:,} people (put together: {seconds:.2f} s)", told)
    text += beside_the_cheapest()
    text += beside_acro(options.acro) if options.acro else ""
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8", newline="\n")
    print(text)


if __name__ == "__main__":
    main()
