"""Panel estimators on samples of a cohort of whom everything is known: bias, and what 95 % intervals hold.

``python -m tests.regression.test_coverage_panels`` draws the 1,000 samples and writes the page of their numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

import llo_research as llo
from llo_research.data.synthetic.driver_truth import DRIVERS
from tests.regression.cohort_samples import cohort, leaving, sample, survey, targets

SAMPLES = 1000
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "coverage_of_panels.md"
MODEL = " + ".join([*DRIVERS, "C(year)"])
STAYS = "stays ~ y + autonomy + education"
MEANS = [f"mean({driver})" for driver in DRIVERS]
STRONG = 1.8  # times as strong: some of those who stay then stand for fifty

Estimate = Callable[[llo.Survey], Any]
FITS: dict[str, Estimate] = {
    "pooled": lambda svy: llo.glm(f"y ~ {MODEL}", svy),
    "random effects": lambda svy: llo.panel.random_effects(f"y ~ {MODEL}", svy),
    "fixed effects": lambda svy: llo.panel.fixed_effects(f"y ~ {MODEL}", svy),
    "first difference": lambda svy: llo.panel.first_difference(f"y ~ {MODEL}", svy),
    "hybrid": lambda svy: llo.panel.hybrid(f"y ~ {MODEL}", svy),
    "CRE probit, AME": lambda svy: llo.panel.correlated_random_effects(f"yes ~ {MODEL}", svy).margins(list(DRIVERS)),
}
TARGET = {
    "pooled": "pooled",
    "random effects": "random effects",
    "fixed effects": "within",
    "first difference": "first difference",
    "hybrid, within": "within",
    "hybrid, between": "between",
    "CRE probit, AME": "chance",
}
ONE_WEIGHT = ("random effects", "first difference")  # refuse weights that vary within a person
WHOLE, LEFT, MENDED, STRONGLY = "everybody stays", "some leave", "some leave, weighted", "many leave, weighted"
# What an estimator must find, by what happened. Attrition weights make pooled estimates those of everybody; the other
# estimators are no ratios of sums over rows, and the persons' means of those who leave rest on fewer waves.
SOUND = {WHOLE: tuple(TARGET), MENDED: ("pooled", "fixed effects", "hybrid, within")}
MUST_MISS = ((WHOLE, "pooled"), (WHOLE, "random effects"))  # the effect within persons
PARTS = len(DRIVERS) * sum(map(len, SOUND.values()))
# Monte-Carlo standard errors that one of so many numbers exceeds by chance in 5 % of all runs
MOST = float(norm.ppf(1 - 0.05 / (2 * PARTS)))


def one(seed: int, fits: dict[str, Estimate] = FITS) -> Iterator[tuple[str, str, np.ndarray]]:
    """What happened, estimator, and (3, 4) estimates, standard errors and ends of the intervals, of one sample."""
    rng = np.random.default_rng(seed)
    frame = sample(rng, cohort())
    left = survey(leaving(rng, frame))
    cases = {WHOLE: survey(frame), LEFT: left, MENDED: llo.panel.attrition_weights(STAYS, left)}
    for case, svy in cases.items():
        for name in [name for name in fits if case != MENDED or name not in ONE_WEIGHT]:
            result = fits[name](svy).to_frame().set_index("term")
            yield case, "hybrid, within" if name == "hybrid" else name, _numbers(result, list(DRIVERS))
            if name == "hybrid":
                yield case, "hybrid, between", _numbers(result, MEANS)
    strongly = llo.panel.attrition_weights(STAYS, survey(leaving(rng, frame, STRONG)))
    yield STRONGLY, "pooled", _numbers(FITS["pooled"](strongly).to_frame().set_index("term"), list(DRIVERS))


def _numbers(result: Any, terms: list[str]) -> np.ndarray:
    """Estimate, standard error and ends of these terms."""
    return np.asarray(result.loc[terms, ["estimate", "std_error", "conf_low", "conf_high"]], dtype=np.float64)


def study(samples: int, fits: dict[str, Estimate] = FITS) -> dict[tuple[str, str], np.ndarray]:
    """(samples, 3, 4) numbers by what happened and estimator."""
    made: dict[tuple[str, str], list[np.ndarray]] = {}
    for seed in range(1, samples + 1):
        for case, name, numbers in one(seed, fits):
            made.setdefault((case, name), []).append(numbers)
    return {key: np.array(values) for key, values in made.items()}


def bias(values: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(3,) mean error in standard deviations of the estimates."""
    return np.asarray((values[:, :, 0].mean(axis=0) - truth) / values[:, :, 0].std(axis=0, ddof=1))


def held(values: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(3,) shares of the intervals that hold the truth."""
    return np.asarray(((values[:, :, 2] <= truth) & (truth <= values[:, :, 3])).mean(axis=0))


def wrong(found: dict[tuple[str, str], np.ndarray], samples: int) -> list[str]:
    """What is further from its target than Monte-Carlo error allows, and what does not miss what it must miss."""
    error, spread = 1 / np.sqrt(samples), np.sqrt(0.05 * 0.95 / samples)
    out = []
    for case, names in SOUND.items():
        for name in [name for name in names if (case, name) in found]:
            values, truth = found[case, name], targets()[TARGET[name]]
            far = (abs(bias(values, truth)) > MOST * error) | (abs(held(values, truth) - 0.95) > MOST * spread)
            out += [f"{case}, {name}, {DRIVERS[j]}" for j in np.flatnonzero(far)]
    for case, name in MUST_MISS:
        values, truth = found[case, name], targets()["within"]
        out += [f"{case}, {name} is not biased" for b in bias(values, truth) if b < MOST * error]
    return out


@pytest.mark.slow
def test_estimators_find_what_they_are_for() -> None:
    found = study(SAMPLES)
    assert wrong(found, SAMPLES) == [], json.dumps({str(k): held(v, 0).tolist() for k, v in found.items()})


def test_a_few_samples_lie_around_the_truth() -> None:
    quick = {name: FITS[name] for name in ("pooled", "random effects", "fixed effects")}
    found = study(12, quick)
    for name in quick:  # t with 11 degrees of freedom exceeds 4.5 once in 1,100 times
        assert (abs(bias(found[WHOLE, name], targets()[TARGET[name]])) < 4.5 / np.sqrt(12)).all(), name


def test_what_everybody_would_find_is_what_the_truth_says() -> None:
    """Another route, from all 690,000 in place of one in twelve: the same but for what the twelfth is by chance."""
    truth = llo.truth("nea").query("population == 'cohort 2007-2010' and variable == 'informal_scale'")
    for quantity in ("pooled", "between", "within", "first difference"):
        known = truth[truth["quantity"] == quantity].set_index("term")["value"][list(DRIVERS)]
        assert targets()[quantity] == pytest.approx(known.to_numpy(), abs=0.01)  # 4 SE of a twelfth: 0.002 x 4


def test_the_page_says_what_the_test_asserts() -> None:
    """The numbers of the page are those of 1,000 samples, and no sound estimator lies outside the bounds."""
    text = PAGE.read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    rows = [row for row in rows if row[0] in (WHOLE, MENDED) and row[1] in SOUND[row[0]]]
    assert len(rows) == PARTS and f"{SAMPLES:,} samples" in text
    for row in rows:
        assert abs(float(row[5])) <= MOST / np.sqrt(SAMPLES) + 0.005
        assert abs(float(row[7]) - 95) <= 100 * MOST * np.sqrt(0.05 * 0.95 / SAMPLES) + 0.05
    assert not re.search(r"nan", text)


if __name__ == "__main__":
    from tests.regression.coverage_page import page

    PAGE.write_text(page(study(SAMPLES), SAMPLES), encoding="utf-8", newline="\n")
