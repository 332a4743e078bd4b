"""Proves that the code which a page prints under a figure runs by itself and gives the figure's numbers."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from llo_research.monitor.notebooks.about import about, notebooks, read_notebook, reason_not_verifiable
from llo_research.monitor.notebooks.code_of_figure import code_of
from llo_research.monitor.site.group_pages import groups, shown_of
from llo_research.monitor.site.registry import Frame
from llo_research.report.figures.bundle import MIME

ROOT = Path(__file__).resolve().parents[2]
ROUNDED = 1e-6  # committed rows hold six decimals
SAMPLE = {
    "01_development": 11,  # results side by side
    "02_learning_behaviour": 7,  # an indicator made in the chapter
    "09_published_figures": 0,
}


def run(code: str) -> Any:
    """What the last line of a code gives, run in an empty Python."""
    body = ast.parse(code)
    last, names = body.body.pop(), dict[str, Any]()
    assert isinstance(last, ast.Expr), "the last line shows something"
    exec(compile(body, "printed", "exec"), names)
    return eval(compile(ast.Expression(last.value), "printed", "eval"), names)


def numbers(frame: pd.DataFrame) -> np.ndarray:
    columns = [name for name in ("estimate", "conf_low", "conf_high", "value", "n") if name in frame]
    assert columns, "a figure has numbers"
    return frame[columns].to_numpy(dtype=float)


def shown(path: Path) -> Iterator[tuple[str, pd.DataFrame, Any]]:
    """Of each figure of a notebook: the printed code, the rows that stand in the notebook, and where."""
    notebook = read_notebook(path)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if told := output.get("data", {}).get(MIME):
                yield code_of(notebook, cell), pd.read_csv(io.StringIO("".join(told["rows"]))), cell["id"]


def check(path: Path, only: int | None = None) -> None:
    reason = reason_not_verifiable(about(path), ROOT)
    if reason is not None:
        pytest.skip(reason)
    found = list(shown(path))
    for code, rows, cell in found if only is None else found[only : only + 1]:
        figure = run(code)
        np.testing.assert_allclose(
            numbers(figure.frame), numbers(rows), rtol=0, atol=ROUNDED, err_msg=f"{cell}\n{code}"
        )


@pytest.mark.parametrize("name", SAMPLE)
def test_the_printed_code_gives_the_figure(name: str) -> None:
    check(ROOT / "notebooks" / f"{name}.ipynb", SAMPLE[name])


@pytest.mark.slow
@pytest.mark.parametrize("path", notebooks(ROOT), ids=lambda path: path.stem)
def test_every_printed_code_gives_its_figure(path: Path) -> None:
    check(path)


@pytest.mark.parametrize("name", groups())
def test_the_printed_code_gives_the_numbers_of_a_group(name: str) -> None:
    for one in shown_of(Frame(ROOT, "nl", ("nl", "en"), ()), name):
        made = run(one.code)
        ours, theirs = (x["value"] if isinstance(x, pd.DataFrame) else x.estimate for x in (one.rows, made))
        np.testing.assert_array_equal(np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float), one.code)


def of(*sources: str) -> str:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return code_of({"cells": cells}, cells[-1])


CASES = {
    "what is not used stays out": (["import math", "a = 1\nb = 2", "print(b)", "a"], "a = 1\na"),
    "the value that held": (["a = 1", "b = a", "a = 2", "b"], "a = 1\nb = a\nb"),
    "what is added to": (
        ["a = [1]", "a += [2]", "a.append(3)", "a[0] = 4", "a"],
        "a = [1]\na += [2]\na.append(3)\na[0] = 4\na",
    ),
    "a function looks when it is called": (
        ["def f():\n    return a", "a = 1", "f()", "a = 2"][:3],
        "def f():\n    return a\n\na = 1\nf()",
    ),
    "an import under another name": (
        ["import numpy as np\nfrom math import pi as p", "np.sin(p)"],
        "import numpy as np\nfrom math import pi as p\nnp.sin(p)",
    ),
    "an indicator by its name": (
        ["import llo_research as llo", 'llo.monitor.indicator("x", "a")\nllo.monitor.group("y", {})', 'llo.f("x")'],
        'import llo_research as llo\nllo.monitor.indicator("x", "a")\nllo.f("x")',
    ),
    "what is shown before is not": (["a = []", "a.figure()", "a"], "a = []\na"),
}


@pytest.mark.parametrize("case", CASES)
def test_it_holds_what_is_needed(case: str) -> None:
    sources, wanted = CASES[case]
    assert of(*sources).strip() == wanted
