"""On seeded random designs and replicate schemes, the public calls equal the oracle's loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.reference import oracle

EXACT = 1e-9  # relative to the standard errors; both add up a few hundred rows
STAGES = ["psu", "ssu", "tsu"]


def _population_counts(rng: np.random.Generator, frame: pd.DataFrame, stages: int) -> None:
    """Columns N1, N2, ...: units in the population of each parent, at least those sampled, sometimes no more."""
    parents = ["stratum"]
    for k, unit in enumerate(STAGES[:stages]):
        sampled = frame.groupby(parents, sort=True)[unit].transform("nunique")
        group = frame.groupby(parents, sort=True).ngroup()
        extra = rng.choice([0, 1, 3, 10], size=group.max() + 1)
        frame[f"N{k + 1}"] = sampled + extra[group]
        frame[f"f{k + 1}"] = sampled / frame[f"N{k + 1}"]
        parents = [*parents, unit]


def _sample(seed: int) -> tuple[pd.DataFrame, int]:
    """Rows of a random design with one to three stages; labels start again in every parent."""
    rng = np.random.default_rng(seed)
    stages = int(rng.integers(1, 4))
    rows = []
    for stratum in range(int(rng.integers(2, 6))):
        for psu in range(int(rng.integers(1, 5))):
            for ssu in range(int(rng.integers(1, 4))):
                for tsu in range(int(rng.integers(1, 4))):
                    rows += [[f"s{stratum}", psu, ssu, tsu]] * int(rng.integers(1, 4))
    frame = pd.DataFrame(rows, columns=["stratum", *STAGES])
    n = len(frame)
    frame["w"] = np.where(rng.random(n) < 0.05, 0.0, rng.uniform(1, 20, n))
    frame["y"], frame["x"] = rng.normal(5, 2, n), rng.gamma(3, 1, n)
    frame["cell"] = pd.Categorical(rng.choice(list("abc"), n, p=[0.6, 0.3, 0.1]), categories=list("abc"))
    frame["inside"] = rng.random(n) < 0.7
    _population_counts(rng, frame, stages)
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True), stages


def _agree(result: Any, estimates: list[float], v: list[list[float]]) -> None:
    found, cov, wanted = result.to_frame(), np.asarray(result.cov), np.asarray(v)
    size = np.sqrt(np.diag(wanted))
    size = np.maximum(size, 1e-6 * size.max(initial=0.0))  # a variance of rounding size has rounding covariances
    scale = np.outer(size, size)
    assert found["estimate"].tolist() == pytest.approx(estimates, rel=EXACT)
    assert found["std_error"].to_numpy() == pytest.approx(np.sqrt(np.diag(wanted)), rel=EXACT, abs=1e-12)
    assert np.all(np.abs(cov - wanted) <= EXACT * scale + 1e-20)


def _domains(frame: pd.DataFrame, y: str, w: list[float]) -> tuple[list[float], list[list[float]]]:
    """Means of `y` in the cells that have members, with their linearised values side by side."""
    estimates, columns = [], []
    for cell in frame["cell"].cat.categories:
        masked = [v * (c == cell) for v, c in zip(w, frame["cell"], strict=True)]
        if sum(masked) > 0:
            means, z = oracle.mean(masked, frame[y].tolist())
            estimates += means
            columns.append([line[0] for line in z])
    return estimates, [list(line) for line in zip(*columns, strict=True)]


@pytest.mark.parametrize("fpc", ["none", "counts", "fractions"])
@pytest.mark.parametrize("lonely", ["remove", "adjust", "certainty"])
@pytest.mark.parametrize("seed", range(12))
def test_random_multi_stage_designs(seed: int, lonely: str, fpc: str) -> None:
    frame, stages = _sample(seed)
    columns = {"none": None, "counts": [f"N{k + 1}" for k in range(stages)]}
    columns["fractions"] = [f"f{k + 1}" for k in range(stages)]
    svy = llo.Survey(frame, weights="w", strata="stratum", psu=STAGES[:stages], fpc=columns[fpc], lonely_psu=lonely)
    counts = [] if fpc == "none" else [frame[c].tolist() for c in columns["counts"] or []]
    design: dict[str, Any] = {"units": [frame[s].tolist() for s in STAGES[:stages]], "counts": counts}
    design |= {"strata": frame["stratum"].tolist(), "lonely": lonely}
    w, y, x = frame["w"].tolist(), frame["y"].tolist(), frame["x"].tolist()

    estimates, z = oracle.total(w, y, x)
    _agree(llo.total(["y", "x"], svy), estimates, oracle.covariance(z, **design))
    estimates, z = oracle.ratio(w, y, x)
    _agree(llo.ratio("y", "x", svy), estimates, oracle.covariance(z, **design))
    inside = [v * d for v, d in zip(w, frame["inside"], strict=True)]
    estimates, z = _domains(frame, "y", inside)
    _agree(llo.mean("y", svy.where("inside == True"), by="cell"), estimates, oracle.covariance(z, **design))


def test_the_average_rule_at_the_first_stage() -> None:
    defined = []
    for seed in range(12):
        frame, _ = _sample(seed)
        svy = llo.Survey(frame, weights="w", strata="stratum", psu="psu", fpc="N1", lonely_psu="average")
        estimates, z = oracle.total(frame["w"].tolist(), frame["y"].tolist())
        design: dict[str, Any] = {"units": [frame["psu"].tolist()], "counts": [frame["N1"].tolist()]}
        v = oracle.covariance(z, strata=frame["stratum"].tolist(), lonely="average", **design)
        result = llo.total("y", svy)
        defined.append(not np.isnan(v).any())
        if defined[-1]:
            _agree(result, estimates, v)
        else:  # every stratum is lonely, and there is no average
            assert result.estimate.tolist() == pytest.approx(estimates, rel=EXACT) and np.isnan(result.std_error).all()
    assert sum(defined) >= 8 and len(_lonely_seeds()) >= 4


def _lonely_seeds() -> list[int]:
    """Seeds whose design has a lonely stratum that is not sampled completely, beside others."""
    out = []
    for seed in range(12):
        frame, _ = _sample(seed)
        units = frame.groupby("stratum").agg(n=("psu", "nunique"), N=("N1", "first"))
        alone = (units["n"] == 1) & (units["N"] > 1)
        out += [seed] * bool(alone.any() and not alone.all())
    return out


@pytest.mark.parametrize("mse", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_random_replicate_weights(seed: int, mse: bool) -> None:
    rng = np.random.default_rng(seed)
    frame, _ = _sample(seed)
    count = 9
    replicates = frame["w"].to_numpy()[:, None] * rng.gamma(2, 0.5, (len(frame), count))
    frame = frame.join(pd.DataFrame(replicates, columns=[f"r{k + 1}" for k in range(count)]))
    rscales = [0.0, *rng.uniform(0.5, 2, count - 1)]
    svy = llo.Survey(
        frame,
        weights="w",
        replicate_weights=f"r[1-{count}]",
        replicate_method="bootstrap",
        replicate_scale=0.3,
        replicate_rscales=rscales,
        mse=mse,
    )
    full = _domains(frame, "y", frame["w"].tolist())[0]
    repeated = [_domains(frame, "y", frame[f"r{k + 1}"].tolist())[0] for k in range(count)]
    v = oracle.replicate_covariance(full, repeated, scale=0.3, rscales=rscales, mse=mse)
    _agree(llo.mean("y", svy, by="cell"), full, v)
