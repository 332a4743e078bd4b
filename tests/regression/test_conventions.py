"""The page of conventions is what the programs give today, and each difference on it is explained by its factor."""

from __future__ import annotations

import io
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from tests import conventions

EXPLAINED = 1e-6  # pyfixest demeans by iteration and stops at 1e-8; the others agree to 1e-12
SAME_R = 1e-8  # another version of R adds up in another order


@pytest.fixture(scope="module")
def rows() -> list[conventions.Theirs]:
    with pytest.warns(Warning, match="not fully supported"):  # statsmodels, of weights in a GLM
        return conventions.theirs()


def test_the_page_is_up_to_date() -> None:
    written = conventions.TARGET.read_text(encoding="utf-8")
    assert written == conventions.page(), "python -m tests.conventions writes it anew"


def test_each_difference_is_explained(rows: list[conventions.Theirs]) -> None:
    assert len(rows) > 75
    for row in rows:
        assert row.ratio == pytest.approx(row.explained, rel=EXPLAINED), (row.case, row.program, row.words)


def test_programs_do_differ(rows: list[conventions.Theirs]) -> None:
    """A page on which nothing differs would not have compared anything."""
    apart = {row.program.split()[0] for row in rows if abs(row.ratio - 1) > 0.01}
    assert apart == {"statsmodels", "linearmodels", "lm", "glm", "plm", "pyfixest", "diff-diff"}


def test_the_factor_is_the_ratio_of_variances() -> None:
    """The factor that a result tells is the one that it used."""
    for model in ("glm", "logit", "fe1", "fe2", "fd", "re", "between", "mundlak"):
        told = conventions.ours(model, "cluster")
        bare = conventions.fit(model, "cluster", "none").to_frame().set_index("term").loc["x", "std_error"]
        assert (told.std_error / bare) ** 2 == pytest.approx(told.factor, rel=1e-12)


def test_r_gives_what_is_committed() -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed: the numbers of R are those committed")
    have = subprocess.run(
        ["Rscript", "-e", "for (p in c('survey', 'plm', 'sandwich', 'lmtest')) library(p, character.only = TRUE)"],
        capture_output=True,
        check=False,
    )
    if have.returncode:
        pytest.skip("R lacks survey, plm, sandwich or lmtest: the numbers of R are those committed")
    folder = conventions.HERE / "reference"
    ran = subprocess.run(["Rscript", "conventions.R"], cwd=folder, capture_output=True, text=True, check=True)
    found, committed = pd.read_csv(io.StringIO(ran.stdout)), pd.read_csv(folder / "conventions_r.csv")
    assert found["case"].tolist() == committed["case"].tolist()
    for name in ("estimate", "std_error"):
        np.testing.assert_allclose(found[name], committed[name], rtol=SAME_R)
