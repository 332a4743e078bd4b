"""Proves that fits by passes are those of all rows in every design: people as units, calibrated weights, replicates."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import llo_research as llo
from llo_research.scanning import person_passes
from tests.scanning.test_passes import DESIGN, FRAME, many, same

__all__ = ["many"]
TOTALS = {"sex": {"m": 2500.0, "f": 3000.0}, "education": {"high": 2000.0, "low": 1500.0, "middle": 2000.0}}
DESIGNS: dict[str, dict[str, Any]] = {
    "rows": {"weights": "w"},
    "rows without weights": {},
    "rows in strata": {"weights": "w", "strata": "stratum"},
    "persons": {"weights": "w", "unit": "person", "time": "year"},
    "persons in strata": {"weights": "w", "strata": "stratum", "unit": "person", "time": "year"},
    "waves drawn by themselves": {"weights": "w", "strata": ["year", "sex"], "unit": "person", "time": "year"},
    "psu": DESIGN,
}
STEPS: dict[str, Callable[[Any], Any]] = {
    "as it is": lambda svy: svy,
    "calibrated": lambda svy: llo.calibrate(svy, TOTALS, method="raking"),
    "by year": lambda svy: llo.calibrate(
        svy, {year: {"sex": TOTALS["sex"]} for year in range(2018, 2022)}, method="logit", bounds=(0.1, 20), by="year"
    ),
}
FITS: dict[str, Callable[[Any], Any]] = {
    "linear": lambda svy: llo.glm("hours ~ C(sex)*autonomy + C(year)", svy),
    "logit": lambda svy: llo.glm("training ~ C(sex)*autonomy + hours", svy, family="logit"),
    "patterns": lambda svy: llo.glm("training ~ C(education) + C(sex)", svy, family="probit"),
    "quantile": lambda svy: llo.quantile("hours", svy, q=[0.2, 0.5], by="sex"),
    "person": lambda svy: llo.panel.fixed_effects("training ~ hours*C(sex) + autonomy", svy),
    "person and year": lambda svy: llo.panel.fixed_effects("hours ~ autonomy", svy, effects=("unit", "time")),
}


CASES = [
    (design, step, fit)
    for i, (design, step, fit) in enumerate(itertools.product(DESIGNS, STEPS, FITS))
    if ("person" not in fit or "unit" in DESIGNS[design]) and (step == "as it is" or i % 3 == 0)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows as a file, with columns called as ours might be."""
    folder = tmp_path_factory.mktemp("rows")
    FRAME.assign(y0=1.0, eta0=2.0, pattern=3, cell=1, x1_1=5.0, cut0=7.0, d0=1, k0=2).to_parquet(folder / "a.parquet")
    return folder


def both(folder: Path, design: dict[str, Any]) -> tuple[Any, Any]:
    """The file as a scan, and its rows in memory."""
    return llo.scan(folder / "a.parquet", source={"restricted": False}, **design), llo.Survey(FRAME, **design)


@pytest.mark.filterwarnings("ignore:No weights")
@pytest.mark.parametrize(("design", "step", "fit"), CASES)
def test_fits_by_passes_in_every_design(folder: Path, many: None, design: str, step: str, fit: str) -> None:
    found, expected = (FITS[fit](STEPS[step](svy).where("year >= 2019")) for svy in both(folder, DESIGNS[design]))
    same(found, expected)
    for name in ("nobs", "n_psu", "domain"):
        assert found.meta.get(name) == expected.meta.get(name), name


@pytest.mark.parametrize("fit", ["linear", "logit", "person and year"])
def test_persons_as_clusters(folder: Path, many: None, fit: str) -> None:
    calls: dict[str, Callable[[Any], Any]] = {
        "linear": lambda svy: llo.glm("hours ~ autonomy", svy, vcov="cluster"),
        "logit": lambda svy: llo.glm("training ~ autonomy", svy, family="logit", vcov="cluster", small_sample="none"),
        "person and year": lambda svy: llo.panel.fixed_effects(
            "hours ~ autonomy", svy, effects=("unit", "time"), vcov="cluster"
        ),
    }
    same(*(calls[fit](svy) for svy in both(folder, DESIGNS["persons in strata"])))


REPLICATES: dict[str, dict[str, Any]] = {
    "jackknife": {"method": "jkn"},
    "bootstrap around the mean": {"method": "bootstrap", "replicates": 12, "seed": 3, "mse": False},
}


@pytest.mark.parametrize("fit", [name for name in FITS if name != "quantile"])
@pytest.mark.parametrize(("method", "step"), [("jackknife", "as it is"), ("bootstrap around the mean", "calibrated")])
def test_fits_at_replicates(folder: Path, many: None, method: str, step: str, fit: str) -> None:
    surveys = [STEPS[step](llo.replicate(svy, **REPLICATES[method])) for svy in both(folder, DESIGN)]
    if "person" in fit and step != "as it is":
        with pytest.raises(llo.DataError, match="products by sampling unit"):
            FITS[fit](surveys[0])
        return
    found, expected = (FITS[fit](svy.where("year >= 2019")) for svy in surveys)
    same(found, expected)
    np.testing.assert_allclose(found.replicates, expected.replicates, rtol=1e-9, atol=1e-11)


def test_scores_of_persons_by_a_pass_of_their_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [FITS["person and year"](both(folder, DESIGN)[0])]
    monkeypatch.setattr(person_passes, "_MOST", 0)
    same(*found, FITS["person and year"](both(folder, DESIGN)[0]))


def test_persons_whose_means_hide_their_changes(tmp_path: Path) -> None:
    """Products of sums would keep four digits; those around the persons' means keep what the rows have."""
    rng = np.random.default_rng(3)
    own = rng.normal(size=1000)[FRAME["person"]] * 1e6
    frame = FRAME.assign(far=own + FRAME["autonomy"], fixed=own, carried=own + np.sqrt(FRAME["year"]))
    frame.to_parquet(tmp_path / "a.parquet")
    for effects in (("unit",), ("unit", "time")):
        big, svy = both(tmp_path, DESIGN)[0], llo.Survey(frame, **DESIGN)
        found, expected = (
            llo.panel.fixed_effects("hours ~ far", own, effects=effects).to_frame() for own in (big, svy)
        )
        for column in ("estimate", "std_error", "df"):
            np.testing.assert_allclose(found[column].astype(float), expected[column].astype(float), rtol=1e-8)
    for name, effects in (("fixed", ("unit",)), ("fixed", ("unit", "time")), ("carried", ("unit", "time"))):
        with pytest.raises(llo.IdentificationError, match="does not vary within"):
            llo.panel.fixed_effects(f"hours ~ autonomy + {name}", both(tmp_path, DESIGN)[0], effects=effects)


def test_answers_that_a_family_cannot_have_and_infinite_numbers(tmp_path: Path) -> None:
    FRAME.assign(far=np.where(FRAME.index == 5, np.inf, FRAME["autonomy"])).to_parquet(tmp_path / "a.parquet")
    big = both(tmp_path, DESIGN)[0]
    for family in ("logit", "poisson"):
        with pytest.raises(llo.DataError, match="cannot be that of family"):
            llo.glm("autonomy ~ hours", big, family=family)
    for call in (lambda: llo.quantile("far", big, q=0.5), lambda: llo.glm("hours ~ far", big)):
        with pytest.raises(llo.DataError, match="infinite values"):
            call()
