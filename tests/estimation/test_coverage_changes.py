"""95 % intervals of changes between overlapping waves hold 95 %, with nonresponse, before and after calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

SAMPLES = 2000
SEED = 20221101
PERSONS = 40_000
PER_WAVE = 900  # of whom two thirds are asked again in the second wave
RESPONSE = 0.7
LEVEL = 0.95
# three Monte-Carlo standard errors of a share of 95 per cent among so many samples
WITHIN = 3 * np.sqrt(LEVEL * (1 - LEVEL) / SAMPLES)
GROUPS = ("low", "middle", "high")
MARGIN = ("education", "age")


@dataclass(frozen=True)
class Population:
    """Persons with their answers in both waves; the truth of each estimand."""

    persons: pd.DataFrame
    answers: np.ndarray
    truth: dict[str, float]
    totals: dict[int, dict[tuple[str, str], pd.Series]]


def population() -> Population:
    """40,000 persons in four strata; taking part depends on education, age, the person, and the wave."""
    rng = np.random.default_rng(SEED)
    stratum = rng.choice(4, PERSONS, p=[0.4, 0.3, 0.2, 0.1])
    education = np.minimum((rng.random(PERSONS) + 0.15 * (stratum == 3)) * 3, 2.999).astype(int)
    age = rng.choice(["15-34", "35-54", "55-74"], PERSONS)
    own = rng.normal(size=PERSONS)
    propensity = -0.9 + 0.8 * education - 1.1 * (age == "55-74") + 0.2 * stratum + own
    waves = [propensity + shift + rng.logistic(size=PERSONS) > 0 for shift in (0.0, 0.15 * (education == 2) + 0.1)]
    answers = np.column_stack(waves).astype(float)
    names = pd.Categorical.from_codes(education, list(GROUPS), ordered=True)
    persons = pd.DataFrame({"person": np.arange(PERSONS), "stratum": stratum, "education": names, "age": age})
    mean = answers.mean(axis=0)
    high, low = (answers[education == level].mean(axis=0) for level in (2, 0))
    gap = high - low
    truth = {"mean": mean[1], "gap": gap[1], "change": mean[1] - mean[0], "gap_change": gap[1] - gap[0]}
    counts = persons.groupby(list(MARGIN), observed=True).size().astype(float)
    return Population(persons, answers, truth, {wave: {MARGIN: counts} for wave in (1, 2)})


def sample(rng: np.random.Generator, people: Population) -> pd.DataFrame:
    """Respondents of two waves: stratified samples, disproportionate, two thirds of the first asked again."""
    stratum = people.persons["stratum"].to_numpy()
    first: list[np.ndarray] = []
    second: list[np.ndarray] = []
    for h in range(4):
        drawn = rng.choice(np.flatnonzero(stratum == h), PER_WAVE // 4 * 4 // 3, replace=False)
        n = PER_WAVE // 4
        first.append(drawn[:n])
        second.append(drawn[-n:])
    parts = []
    for wave, asked in ((1, np.concatenate(first)), (2, np.concatenate(second))):
        there = asked[rng.random(len(asked)) < RESPONSE]
        part = people.persons.iloc[there].assign(wave=wave, trained=people.answers[there, wave - 1])
        size = part["stratum"].map(people.persons["stratum"].value_counts())
        parts.append(part.assign(w=size / part.groupby("stratum")["stratum"].transform("size")))
    return pd.concat(parts, ignore_index=True)


def estimates(svy: llo.Survey) -> dict[str, llo.estimation.Result]:
    """The four estimands of the study, the first two in the second wave."""
    gap = {"group": "education", "of": "high", "minus": "low"}
    last = svy.where("wave == 2")
    return {
        "mean": llo.mean("trained", last),
        "gap": llo.gap("trained", last, **gap),
        "change": llo.change("trained", svy, time="wave", base=1),
        "gap_change": llo.gap_change("trained", svy, time="wave", base=1, **gap),
    }


def surveys(data: pd.DataFrame, people: Population) -> dict[str, llo.Survey]:
    """Before calibration, after it, and with the calibrated weights taken as if they were plain ones."""
    roles = {"strata": "stratum", "psu": "person"}
    before = llo.Survey(data, weights="w", **roles)
    after = llo.calibrate(before, people.totals, by="wave")
    plain = llo.Survey(data.assign(w=after.weights), weights="w", **roles)
    apart = llo.Survey(data.assign(w=after.weights), weights="w", strata=["wave", "stratum"])
    return {"before": before, "after": after, "plain weights": plain, "plain weights, waves apart": apart}


def study(samples: int) -> pd.DataFrame:
    """Coverage, average standard error and the estimates' own spread, for each survey and estimand."""
    people = population()
    found: dict[tuple[str, str], list[tuple[float, float, bool]]] = {}
    for seed in np.random.SeedSequence(SEED).spawn(samples):
        for name, svy in surveys(sample(np.random.default_rng(seed), people), people).items():
            for estimand, result in estimates(svy).items():
                low, high = (float(end[0]) for end in result.ends)
                held = low <= people.truth[estimand] <= high
                row = (float(result.estimate[0]), float(result.std_error[0]), held)
                found.setdefault((name, estimand), []).append(row)
    rows = []
    for (name, estimand), values in found.items():
        theta, error, held = (np.array(column) for column in zip(*values, strict=True))
        bias = theta.mean() - people.truth[estimand]
        told = {"survey": name, "estimand": estimand, "coverage": held.mean(), "bias": bias}
        rows.append({**told, "std_error": error.mean(), "spread": theta.std(ddof=1)})
    return pd.DataFrame(rows).set_index(["survey", "estimand"])


@pytest.fixture(scope="module")
def coverage() -> pd.DataFrame:
    found = study(SAMPLES)
    print(f"\n{found.round(4).to_string()}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("estimand", ["mean", "gap", "change", "gap_change"])
@pytest.mark.parametrize("name", ["before", "after"])
def test_intervals_hold_what_they_say(coverage: pd.DataFrame, name: str, estimand: str) -> None:
    assert coverage.loc[(name, estimand), "coverage"] == pytest.approx(LEVEL, abs=WITHIN)


@pytest.mark.slow
def test_calibration_pays_and_only_its_own_variance_shows_it(coverage: pd.DataFrame) -> None:
    for estimand, gain in {"mean": 1.03, "change": 1.03, "gap_change": 1.01}.items():
        before, after, plain, apart = (coverage.loc[(name, estimand)] for name in coverage.index.unique("survey"))
        assert after["spread"] < before["spread"]
        assert plain["std_error"] > gain * after["std_error"]
        assert plain["coverage"] > after["coverage"]
        if estimand != "mean":
            assert apart["std_error"] > 1.03 * plain["std_error"]
            assert apart["coverage"] > plain["coverage"]
    assert coverage.loc[("plain weights", "mean"), "coverage"] > LEVEL + WITHIN
    assert coverage.loc[("plain weights, waves apart", "change"), "coverage"] > LEVEL + WITHIN
