"""Small samples of workplaces from the synthetic cohort, of whom everything is known, and who leaves them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

import llo_research as llo
from llo_research.data.synthetic.answers import Answers, People, people
from llo_research.data.synthetic.driver_truth import DRIVERS, slopes_of
from llo_research.data.synthetic.indicators import indicator
from llo_research.data.synthetic.parameters import parameters

EVERY = 12  # one in twelve of the 690,000 employees with a supervisor
WORKPLACE, TAKEN, WORKPLACES, LEAST = 20, 5, 80, 4  # people in each and taken of each; workplaces in all, in a stratum
YEARS = np.array([2007, 2008, 2009, 2010])


@dataclass(frozen=True, eq=False)
class Cohort:
    """Everybody, in all waves, in the order of strata and workplaces.

    x : (N, 4, 3) drivers. y, yes : (N, 4) scale of informal learning, and whether somebody learns informally.
    education, stratum, workplace : (N,). first : (H,) first workplace of each stratum, and their number at the end.
    """

    x: np.ndarray
    y: np.ndarray
    yes: np.ndarray
    education: np.ndarray
    stratum: np.ndarray
    first: np.ndarray


@cache
def cohort(scenario: str = "default") -> Cohort:
    """The population of the study: strata of education and contract, workplaces of 20 people of like jobs."""
    given = parameters("nea", scenario)
    everybody = people(given, 2007)
    chosen = everybody.person[::EVERY]
    first = people(given, 2007, chosen)
    waves = [Answers(given, People(2007, int(year), chosen, first.attributes)) for year in YEARS]
    values = {
        name: np.stack([indicator(wave, name)[0] for wave in waves], axis=1)
        for name in (*DRIVERS, "informal_scale", "informal_learning")
    }
    own = first.attributes
    stratum = 2 * own["education"] + (own["contract"] > 0)
    order = np.lexsort((own["age"], own["firm_size"], own["sector"], stratum))
    order = order[waves[0].supervised()[order]]
    sizes = np.bincount(stratum[order]) // WORKPLACE
    kept = np.arange(len(order)) - np.repeat(*_starts(stratum[order])) < WORKPLACE * sizes[stratum[order]]
    order = order[kept]  # the last people of a stratum fill no workplace
    return Cohort(
        np.stack([values[name] for name in DRIVERS], axis=2)[order],
        values["informal_scale"][order],
        values["informal_learning"][order],
        own["education"][order],
        stratum[order],
        np.append(0, np.cumsum(sizes)),
    )


def _starts(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First position and number of each code, of codes in order."""
    counts = np.bincount(codes)
    return np.cumsum(counts) - counts, counts


def sample(rng: np.random.Generator, everybody: Cohort) -> pd.DataFrame:
    """400 people of 80 workplaces, drawn with replacement in each stratum, in four waves."""
    sizes = np.diff(everybody.first)
    drawn = np.maximum(LEAST, np.round(WORKPLACES * np.sqrt(sizes) / np.sqrt(sizes).sum())).astype(int)
    place = np.concatenate(
        [first + rng.integers(0, size, m) for first, size, m in zip(everybody.first, sizes, drawn, strict=False)]
    )
    inside = np.argsort(rng.random((len(place), WORKPLACE)), axis=1)[:, :TAKEN]
    person = (WORKPLACE * place[:, None] + inside).ravel()
    rows = np.repeat(person, 4)
    frame = pd.DataFrame({"who": np.repeat(np.arange(len(person)), 4), "year": np.tile(YEARS, len(person))})
    frame["stratum"] = everybody.stratum[rows]
    frame["workplace"] = np.repeat(np.arange(len(place)), 4 * TAKEN)
    frame["education"] = everybody.education[rows]
    frame["w"] = (sizes * WORKPLACE / (drawn * TAKEN))[everybody.stratum[rows]]
    frame[list(DRIVERS)] = everybody.x[person].reshape(-1, 3)
    frame["y"], frame["yes"] = everybody.y[person].ravel(), everybody.yes[person].ravel()
    return frame


def leaving(rng: np.random.Generator, frame: pd.DataFrame, strength: float = 1.0) -> pd.DataFrame:
    """Those who learn less, have less autonomy and less education leave more often, and do not come back."""
    known = 0.8 * (frame["y"] - 3) + 0.4 * (frame["autonomy"] - 2.5) + 0.3 * (frame["education"] - 1)
    stays = (rng.random(len(frame)) < expit(1.5 / strength + strength * known)).to_numpy().reshape(-1, 4)
    there = np.hstack([np.ones((len(stays), 1), dtype=bool), np.cumprod(stays[:, :-1], axis=1).astype(bool)])
    frame = frame.assign(stays=stays.ravel())[there.ravel()].reset_index(drop=True)
    frame["stays"] &= frame["year"] < YEARS[-1]
    return frame


def survey(frame: pd.DataFrame) -> llo.Survey:
    """The sample with its strata, workplaces, persons and waves."""
    return llo.Survey(frame, weights="w", strata="stratum", psu="workplace", unit="who", time="year")


@cache
def targets(scenario: str = "default") -> dict[str, np.ndarray]:
    """What each estimator finds when everybody is asked and nobody leaves: (3,) slopes on the drivers, plain numpy."""
    everybody = cohort(scenario)
    found = {name: np.array(values) for name, values in slopes_of(everybody.x, everybody.y).items()}
    found["random effects"] = _random(everybody.x, everybody.y)
    found["chance"] = _chance(everybody.x, everybody.yes)
    return found


def _random(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Random effects with everybody: theta from what is left between and within persons (Swamy-Arora)."""
    n, waves = y.shape
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    means, middle = x.mean(axis=1), y.mean(axis=1)
    within, left = (x - means[:, None, :]).reshape(-1, x.shape[2]), (y - middle[:, None]).ravel()
    error = np.mean((left - within @ _slopes(within, left)) ** 2) * waves / (waves - 1)
    between = np.mean((middle - means @ _slopes(means, middle)) ** 2)
    theta = 1 - np.sqrt(error / (waves * between))
    moved = (x - theta * means[:, None, :]).reshape(n * waves, -1)
    return _slopes(moved, (y - theta * middle[:, None]).ravel())


def _slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least squares of centred columns."""
    return np.asarray(np.linalg.solve(x.T @ x, x.T @ y))


def _chance(x: np.ndarray, yes: np.ndarray) -> np.ndarray:
    """Average marginal effects of a probit with the persons' means beside the drivers, by Fisher scoring."""
    n, waves, k = x.shape
    years = np.tile(np.eye(waves)[:, 1:], (n, 1))
    design = np.hstack([x.reshape(-1, k), np.repeat(x.mean(axis=1), waves, axis=0), years, np.ones((n * waves, 1))])
    y, beta = yes.ravel(), np.zeros(design.shape[1])
    for _ in range(30):
        eta = design @ beta
        p, density = norm.cdf(eta), norm.pdf(eta)
        weight = density**2 / (p * (1 - p))
        step = np.linalg.solve((design * weight[:, None]).T @ design, design.T @ (weight * (y - p) / density))
        beta = beta + step
        if abs(step).max() < 1e-10:
            break
    return np.asarray(beta[:k] * norm.pdf(design @ beta).mean())
