"""Proves that the code of the page "From 60,000 to 600 million rows" runs, on files as it names them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from llo_research.data.by_year import write_by_year

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how_to" / "beyond_memory.md"


def people(n: int = 900) -> pd.DataFrame:
    """Invented persons in three years."""
    rng = np.random.default_rng(4)
    who = pd.DataFrame({"person": np.arange(n), "psu": np.arange(n) % 40, "stratum": np.arange(n) % 4})
    who["education"] = pd.Categorical(rng.choice(["high", "low", "middle"], n))
    frame = who.merge(pd.DataFrame({"year": [2014, 2015, 2016]}), how="cross")
    frame["training"] = rng.random(3 * n) < 0.5
    frame["hours"], frame["autonomy"] = rng.gamma(4, 9, 3 * n), rng.normal(size=3 * n)
    return frame.assign(w=rng.uniform(1, 3, 3 * n))


def test_the_code_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_by_year(people(), tmp_path / "people")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 5
    space: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, PAGE.name, "exec"), space)
    assert "passes" in capsys.readouterr().out
    assert len(space["mean"].to_frame()) == 9 and len(space["change"].to_frame()) == 2
