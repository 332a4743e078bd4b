"""Proves that numbers kept as sums keep their digits, against loops over rows and the rows in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

N = 600
CODE = -9999999999.0


def people() -> pd.DataFrame:
    """People in strata and sampling units; a code for no answer, some weights of 0, a cell of one person."""
    rng = np.random.default_rng(18)
    frame = pd.DataFrame({"stratum": rng.integers(0, 3, N), "w": rng.gamma(2, 1, N)})
    frame["psu"], frame["person"] = rng.integers(0, 9, N), rng.integers(0, 200, N)
    frame["stratum"] = frame["person"] % 3
    frame["group"] = np.where(np.arange(N) == 7, "alone", rng.choice(["a", "b"], N))
    frame["wage"] = rng.gamma(3, 10, N)
    frame["hours"] = rng.gamma(9, 4, N)
    frame["coded"] = np.where(np.arange(N) < 9, CODE, frame["wage"])
    frame["zero"] = np.where(np.arange(N) < 9, 0.0, frame["w"])
    frame["same"] = np.where(frame["group"] == "b", 21.7, frame["wage"])
    frame["units"] = frame["wage"] + np.where(frame["group"] == "b", 1e9, 0.0)
    return frame


FRAME = people()
DESIGNS: dict[str, dict[str, Any]] = {
    "elements": {},
    "strata": {"strata": "stratum"},
    "psu": {"strata": "stratum", "psu": "psu"},
    "persons": {"strata": "stratum", "unit": "person"},
}


def made(folder: Path, kind: str, numbers: list[str], where: str | None = None, **roles: Any) -> Any:
    """A scan of the rows, or the survey collapsed in memory."""
    roles = {"weights": "w", **roles}
    if kind == "scan":
        FRAME.to_parquet(folder / "rows.parquet")
        big = llo.scan(str(folder / "rows.parquet"), source={"restricted": False}, **roles)
        return big.where(where) if where else big
    svy = llo.Survey(FRAME, **roles)
    return (svy.where(where) if where else svy).collapse(["group"], numbers=numbers)


def by_hand(values: np.ndarray, weights: np.ndarray, inside: np.ndarray, design: str) -> tuple[float, float]:
    """A domain mean and its standard error, by a loop over strata and sampling units."""
    mean = np.sum(weights[inside] * values[inside]) / np.sum(weights[inside])
    z = np.where(inside, weights * (values - mean) / np.sum(weights[inside]), 0.0)
    unit = {"psu": "psu", "persons": "person"}.get(design)
    variance = 0.0
    for stratum in np.unique(FRAME["stratum"]) if DESIGNS[design] else [None]:
        here = np.ones(N, dtype=bool) if stratum is None else (FRAME["stratum"] == stratum).to_numpy()
        sums = (
            z[here] if unit is None else np.array([z[here & (FRAME[unit] == u)].sum() for u in set(FRAME[unit][here])])
        )
        variance += len(sums) / (len(sums) - 1) * np.sum((sums - sums.mean()) ** 2)
    return float(mean), float(np.sqrt(variance))


@pytest.mark.parametrize("kind", ["scan", "memory"])
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("weight", ["w", "zero"], ids=["outside the domain", "of weight 0"])
def test_a_code_of_those_who_do_not_count_takes_no_digits(tmp_path: Path, kind: str, design: str, weight: str) -> None:
    where = "coded > -1" if weight == "w" else None
    svy = made(tmp_path, kind, ["coded"], where, weights=weight, **DESIGNS[design])
    found = llo.mean("coded", svy, by="group").to_frame().set_index("group")
    for group in ("a", "b"):
        inside = ((FRAME["group"] == group) & (FRAME["coded"] > -1)).to_numpy()
        mean, error = by_hand(FRAME["coded"].to_numpy(), FRAME[weight].to_numpy(), inside, design)
        assert found.loc[group, "estimate"] == pytest.approx(mean, rel=1e-12)
        assert found.loc[group, "std_error"] == pytest.approx(error, rel=1e-10)


@pytest.mark.parametrize("kind", ["scan", "memory"])
@pytest.mark.parametrize("design", DESIGNS)
def test_what_does_not_vary_has_an_error_of_zero(tmp_path: Path, kind: str, design: str) -> None:
    found = llo.mean("same", made(tmp_path, kind, ["same"], **DESIGNS[design]), by="group").to_frame()
    rows = llo.mean("same", llo.Survey(FRAME, weights="w", **DESIGNS[design]), by="group").to_frame()
    pd.testing.assert_frame_equal(found, rows, rtol=1e-10, atol=1e-13)
    assert found["flag"].str.contains("zero_se").sum() == 2


@pytest.mark.parametrize("kind", ["scan", "memory"])
def test_cells_whose_digits_are_lost_are_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(llo.DataError, match="lose the digits"):
        llo.mean("units", made(tmp_path, kind, ["units"]), by="group")


CALLS: dict[str, Callable[[Any], Any]] = {
    "gap": lambda s: llo.gap("coded", s, group="group", of="a", minus="b"),
    "ratio": lambda s: llo.ratio("coded", "hours", s, by="group"),
    "linear": lambda s: llo.glm("coded ~ group", s),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("design", DESIGNS)
def test_other_calls_keep_them_too(tmp_path: Path, design: str, call: str) -> None:
    where = "coded > -1 & group != 'alone'"
    found = CALLS[call](made(tmp_path, "scan", ["coded"], where, **DESIGNS[design])).to_frame()
    rows = CALLS[call](llo.Survey(FRAME, weights="w", **DESIGNS[design]).where(where)).to_frame()
    pd.testing.assert_frame_equal(found, rows, rtol=1e-9, atol=1e-12)


PANEL = {"weights": "w", "strata": "stratum", "psu": "psu", "unit": "person"}


def test_units_that_are_missing_or_move_are_told(tmp_path: Path) -> None:
    path = str(tmp_path / "rows.parquet")
    FRAME.to_parquet(path)
    assert any("more than one psu" in problem for problem in llo.scan(path, **PANEL).describe().problems)
    FRAME.assign(psu=FRAME["person"] // 3).to_parquet(path)
    assert not llo.scan(path, **PANEL).describe().problems
    FRAME.assign(person=FRAME["person"].where(FRAME["person"] != 5)).to_parquet(path)
    with pytest.raises(llo.DesignError, match="unit has missing values"):
        llo.mean("wage", llo.scan(path, **PANEL))


@pytest.mark.parametrize("condition", ["big / 2 > 3", "big + half > 3", "big * 0.5 < 4 | half > 0"])
def test_whole_numbers_beyond_doubles_are_refused_in_fractions(tmp_path: Path, condition: str) -> None:
    frame = pd.DataFrame({"big": 2**53 + np.arange(6), "half": np.arange(6) / 2, "w": 1.0})
    frame.to_parquet(tmp_path / "rows.parquet")
    big = llo.scan(str(tmp_path / "rows.parquet"), weights="w", source={"restricted": False})
    for data in (big, llo.Survey(frame, weights="w")):
        with pytest.raises(llo.DataError, match=r"above 2\^53"):
            data.where(condition)
    assert llo.mean("half", big.where("big + big > 3 | half >= 0")).n[0] == 6


NAIVE: dict[str, Callable[[Any], Any]] = {
    "mean": lambda s: llo.mean("wage", s, by="group"),
    "gap": lambda s: llo.gap("same", s, group="group", of="a", minus="b"),
    "quantile": lambda s: llo.quantile("wage", s, q=0.5, by="group"),
    "patterns": lambda s: llo.share("group", s),
}


@pytest.mark.parametrize("call", NAIVE)
def test_errors_that_ignore_the_design_are_those_of_the_rows(tmp_path: Path, call: str) -> None:
    found = NAIVE[call](made(tmp_path, "scan", [], **DESIGNS["psu"]))
    rows = NAIVE[call](llo.Survey(FRAME, weights="w", **DESIGNS["psu"]))
    for name in ("counts", "mean_one", "n_counts", "n_mean_one"):
        np.testing.assert_allclose(getattr(found.naive(), name), getattr(rows.naive(), name), rtol=1e-9, atol=1e-12)
    assert found.receipt()["data"]["rows"] == rows.receipt()["data"]["rows"] == N


def test_weights_of_one_leave_no_design_effect_of_rounding(tmp_path: Path) -> None:
    frame = FRAME.assign(w=1.0, wage=FRAME["wage"] - 50.1)
    frame.to_parquet(tmp_path / "rows.parquet")
    big = llo.scan(str(tmp_path / "rows.parquet"), source={"restricted": False}, weights="w", **DESIGNS["psu"])
    for found in (llo.mean("wage", big, by="group"), llo.ratio("wage", "hours", big, by="group")):
        assert found.to_frame()["deff"].isna().all()


def test_fits_by_passes_know_no_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llo_research.scanning.model_passes._FEW", 0)
    fit = llo.glm("wage ~ hours", made(tmp_path, "scan", [], **DESIGNS["psu"]))
    with pytest.raises(llo.DataError, match="scores of sampling units"):
        fit.naive()
