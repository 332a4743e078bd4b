"""Coverage of panel models of other outcomes, on people of the synthetic NEA, under informative sampling.

The population are the 57,340 people of `cohort_samples` in four waves, with their three drivers. What they answer is
drawn here, once, from models whose coefficients are known: yes or no (a logit), three levels (an ordered logit), a
count (Poisson), a number of which one regressor goes with what else moves it (instruments: a strong and a weak one).
What lasts in a person goes with the person's drivers. Workplaces that learn more are drawn twice as often, and in
these people in whom learning moves with the drivers: unweighted estimates are those of another population.
The target is what an estimator finds when everybody is asked.

    python -m tests.regression.coverage_nonlinear_panels [samples]     writes its table beside this file
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

import llo_research as llo
from llo_research.data.synthetic.driver_truth import DRIVERS
from tests.regression.cohort_samples import LEAST, TAKEN, WORKPLACE, WORKPLACES, cohort

TABLE = Path(__file__).with_name("coverage_nonlinear_panels.csv")
SEED, WAVES, SAMPLES = 20231204, 4, 1000
SLOPES = {
    "logit": np.array([0.8, 1.0, 0.6]),
    "count": np.array([0.2, 0.3, 0.15]),
    "number": np.array([0.2, 0.3, 0.15]),
}
EFFECT, STRONG, WEAK = 0.5, 0.6, 0.06
RIGHT = " + ".join(DRIVERS)
TWIN = "logit with dummies of persons"


@dataclass(frozen=True, eq=False)
class Everybody:
    """People of all workplaces: a frame of 4 rows a person, and who is drawn how.

    frame : (4 N, ...). stratum, workplace : of each person, (N,). often : (N,) bool, drawn more often within the
    workplace. first : (2 H + 1,) first workplace of each stratum and class, after sorting. order : (P,) workplaces.
    """

    frame: pd.DataFrame
    stratum: np.ndarray
    often: np.ndarray
    order: np.ndarray
    first: np.ndarray


@cache
def everybody() -> Everybody:
    """The population, its answers drawn once."""
    given, rng = cohort(), np.random.default_rng(SEED)
    people = len(given.stratum)
    lasting = (given.x.mean(axis=1) - given.x.mean(axis=(0, 1))) @ np.ones(3) + 0.5 * rng.normal(size=people)
    eta = {name: given.x @ slopes - given.x.mean(axis=(0, 1)) @ slopes for name, slopes in SLOPES.items()}
    logit = eta["logit"] + lasting[:, None]
    yes = rng.uniform(size=(people, WAVES)) < expit(logit)
    latent = logit + rng.logistic(size=(people, WAVES))
    count = rng.poisson(np.exp(eta["count"] + 0.3 * lasting[:, None]))
    z, common = rng.normal(size=(2, people, WAVES))
    out = {"yes": yes.astype(float), "level": (latent > -1).astype(float) + (latent > 1), "count": count, "z": z}
    for name, strength in (("strong", STRONG), ("weak", WEAK)):
        out[f"e_{name}"] = strength * z + common + rng.normal(size=(people, WAVES))
        out[f"y_{name}"] = EFFECT * out[f"e_{name}"] + eta["number"] + lasting[:, None] + common
        out[f"y_{name}"] = out[f"y_{name}"] + rng.normal(size=(people, WAVES))
    pairs = ((logit, yes), (logit, out["level"]), (eta["count"], count), (z, out["y_strong"]), (z, out["y_weak"]))
    with_drivers = sum(_together(index, np.asarray(answers, dtype=float)) for index, answers in pairs)
    frame = pd.DataFrame({name: np.asarray(values, dtype=float).ravel() for name, values in out.items()})
    frame[list(DRIVERS)] = given.x.reshape(-1, 3)
    frame["who"], frame["year"] = np.repeat(np.arange(people), WAVES), np.tile(np.arange(WAVES), people)
    return _classes(frame, given.stratum, out["yes"].mean(axis=1) + count.mean(axis=1) / 2, np.asarray(with_drivers))


def _together(index: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """(N,) how far answers move with an index within each person, in units of the answers."""
    return np.asarray(((index - index.mean(axis=1, keepdims=True)) * answers).sum(axis=1) / answers.std())


def _classes(frame: pd.DataFrame, stratum: np.ndarray, learns: np.ndarray, with_drivers: np.ndarray) -> Everybody:
    """Workplaces by stratum, and within it those that learn less and more; people by how learning moves."""
    places = learns.reshape(-1, WORKPLACE).mean(axis=1)
    home = stratum[::WORKPLACE]
    middle = pd.Series(places).groupby(home).transform("median").to_numpy()
    kind = 2 * home + (places > middle)
    inside = with_drivers.reshape(-1, WORKPLACE)
    often = np.argsort(np.argsort(inside, axis=1), axis=1) >= WORKPLACE // 2
    order = np.argsort(kind, kind="stable")
    first = np.append(0, np.cumsum(np.bincount(kind, minlength=2 * home.max() + 2)))
    return Everybody(frame, stratum, often.ravel(), order, first)


def sample(number: int) -> llo.Survey:
    """About 400 people of 80 workplaces in four waves."""
    whole, rng = everybody(), np.random.default_rng((SEED, number))
    sizes = np.diff(whole.first)
    share = np.sqrt(sizes) * np.where(np.arange(len(sizes)) % 2, 2, 1)
    drawn = np.maximum(LEAST, np.round(WORKPLACES * share / share.sum())).astype(int)
    kind = np.repeat(np.arange(len(sizes)), drawn)
    place = whole.order[whole.first[kind] + (rng.uniform(size=len(kind)) * sizes[kind]).astype(int)]
    member = place[:, None] * WORKPLACE + np.arange(WORKPLACE)
    often = whole.often[member]
    # two thirds of those drawn are of the half whose learning moves with the drivers
    chance = rng.uniform(size=member.shape)
    rank = np.argsort(np.argsort(np.where(often, chance, 2 + chance), axis=1), axis=1)
    other = np.argsort(np.argsort(np.where(often, 2 + chance, chance), axis=1), axis=1)
    many, few = 2 * TAKEN // 3 + 1, TAKEN - 2 * TAKEN // 3 - 1
    taken = (often & (rank < many)) | (~often & (other < few))
    weight = (sizes / drawn)[kind][:, None] * np.where(often, WORKPLACE / 2 / many, WORKPLACE / 2 / few)
    person, own = member[taken], weight[taken]
    rows = (WAVES * person[:, None] + np.arange(WAVES)).ravel()
    frame = whole.frame.iloc[rows].reset_index(drop=True)
    unit = np.repeat(np.broadcast_to(np.arange(len(place))[:, None], member.shape)[taken], WAVES)
    # a workplace may be drawn twice, and its people with it
    frame = frame.assign(w=np.repeat(own, WAVES), workplace=unit, who=np.repeat(np.arange(len(person)), WAVES))
    return llo.Survey(
        frame.assign(stratum=kind[unit]), weights="w", strata="stratum", psu="workplace", unit="who", time="year"
    )


P = llo.panel
CASES: dict[str, Callable[[llo.Survey], Any]] = {
    "conditional logit": lambda s: P.conditional_logit(f"yes ~ {RIGHT}", s),
    "fixed-effects ordered logit": lambda s: P.fixed_effects_ordered(f"level ~ {RIGHT}", s),
    "Poisson with fixed effects": lambda s: P.fixed_effects_poisson(f"count ~ {RIGHT}", s),
    "instruments, strong": lambda s: P.fixed_effects_iv(f"y_strong ~ {RIGHT} + [e_strong ~ z]", s),
    "instruments, weak": lambda s: P.fixed_effects_iv(f"y_weak ~ {RIGHT} + [e_weak ~ z]", s),
}
LAW = {
    "conditional logit": SLOPES["logit"],
    "fixed-effects ordered logit": SLOPES["logit"],
    "Poisson with fixed effects": SLOPES["count"],
    "instruments, strong": np.append(SLOPES["number"], EFFECT),
    "instruments, weak": np.append(SLOPES["number"], EFFECT),
    "Anderson-Rubin, strong": np.array([EFFECT]),
    "Anderson-Rubin, weak": np.array([EFFECT]),
    TWIN: SLOPES["logit"],
}


def twin(svy: llo.Survey) -> np.ndarray:
    """(3, 4) estimate, standard error and ends of the logit with a dummy for each person, dummies solved out.

    Errors are those of sampling units in strata with the dummies' share of the information taken out, as `svyglm` has.
    """
    frame = svy.frame
    frame = frame[frame.groupby("who")["yes"].transform("nunique") == 2]
    x, y, w = frame[list(DRIVERS)].to_numpy(), frame["yes"].to_numpy(), frame["w"].to_numpy()
    who = np.unique(frame["who"], return_inverse=True)[1].ravel()
    beta, alpha = np.zeros(3), np.zeros(who.max() + 1)
    for _ in range(100):
        p = expit(x @ beta + alpha[who])
        v = w * p * (1 - p)
        total = np.bincount(who, v)
        middle = np.column_stack([np.bincount(who, v * column) for column in x.T]) / total[:, None]
        left = x - middle[who]
        step = np.linalg.solve((left * v[:, None]).T @ left, left.T @ (w * (y - p)))
        beta = beta + step
        alpha = alpha + np.bincount(who, w * (y - p)) / total - middle @ step
        if max(abs(step).max(), abs(np.bincount(who, w * (y - p)) / total).max()) < 1e-10:
            break
    z = (left * (w * (y - p))[:, None]) @ np.linalg.inv((left * v[:, None]).T @ left)
    sums = pd.DataFrame(z).groupby([frame["stratum"].to_numpy(), frame["workplace"].to_numpy()]).sum()
    number = svy.frame.groupby("stratum")["workplace"].nunique()
    total_of = sums.groupby(level=0).sum()
    squares = (sums**2).groupby(level=0).sum()
    n = number.loc[squares.index].to_numpy()[:, None]
    error = np.sqrt((n / (n - 1) * (squares - total_of**2 / n)).sum(axis=0).to_numpy())
    return np.column_stack([beta, error, beta - 1.96 * error, beta + 1.96 * error])


def _holds(parts: tuple[tuple[float, float], ...], value: float) -> bool:
    """Whether a set holds a value."""
    return any(low <= value <= high for low, high in parts)


@cache
def targets() -> dict[str, np.ndarray]:
    """What each estimator finds when everybody is asked; sets and twins are held to what is true of the estimator."""
    whole = everybody()
    svy = llo.Survey(whole.frame.assign(one=1.0), weights="one", unit="who", time="year")
    out = {name: np.asarray(case(svy).estimate) for name, case in CASES.items()}
    for name in ("strong", "weak"):
        out[f"Anderson-Rubin, {name}"] = out[f"instruments, {name}"][-1:]
    return out | {TWIN: out["conditional logit"]}


def one(number: int) -> dict[tuple[str, str], tuple[Any, np.ndarray]]:
    """By weights and case: terms, and (k, 4) estimate, standard error, and whether target and law are held."""
    weighted, out = sample(number), {}
    plain = llo.Survey(
        weighted.frame.assign(w=1.0), weights="w", strata="stratum", psu="workplace", unit="who", time="year"
    )
    for how, svy in (("weighted", weighted), ("unweighted", plain)):
        for name, case in CASES.items():
            fit = case(svy)
            low, high = fit.ends
            out[how, name] = fit.labels, _seen(name, np.column_stack([fit.estimate, fit.std_error, low, high]))
            if name.startswith("instruments"):
                kind, parts = name.split(", ")[1], fit.anderson_rubin().parts
                held = [_holds(parts, value[f"Anderson-Rubin, {kind}"][0]) for value in (targets(), LAW)]
                row = [np.nan, np.nan, *map(float, held)]
                out[how, f"Anderson-Rubin, {kind}"] = fit.labels[-1:], np.array([row])
        out[how, TWIN] = list(DRIVERS), _seen(TWIN, twin(svy))
    return out


def _seen(name: str, numbers: np.ndarray) -> np.ndarray:
    """Estimate, standard error, and whether the interval holds the target and the coefficients of the model."""
    held = [(numbers[:, 2] <= value[name]) & (value[name] <= numbers[:, 3]) for value in (targets(), LAW)]
    return np.column_stack([numbers[:, :2], *held])


def summed(seen: list[dict[tuple[str, str], tuple[Any, np.ndarray]]]) -> pd.DataFrame:
    """A row for each coefficient: law, target, mean, spread, mean error, and coverage."""
    parts = []
    for (how, name), (terms, _) in seen[0].items():
        values = np.array([found[how, name][1] for found in seen])
        parts.append(
            pd.DataFrame(
                {
                    "weights": how,
                    "case": name,
                    "term": list(terms),
                    "law": LAW[name],
                    "target": targets()[name],
                    "mean": values[:, :, 0].mean(axis=0),
                    "median": np.median(values[:, :, 0], axis=0),
                    "spread": values[:, :, 0].std(axis=0, ddof=1),
                    "std_error": np.sqrt((values[:, :, 1] ** 2).mean(axis=0)),
                    "coverage": values[:, :, 2].mean(axis=0),
                    "coverage_of_law": values[:, :, 3].mean(axis=0),
                    "samples": len(seen),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def table(number: int) -> pd.DataFrame:
    """The study, of so many samples."""
    return summed([one(r) for r in range(number)])


if __name__ == "__main__":
    found = table(int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES)
    found.round(6).to_csv(TABLE, index=False, lineterminator="\n")
    print(found.to_string())
