"""The page "Coverage of the panel estimators", from the numbers of its study."""

from __future__ import annotations

from typing import Any

import numpy as np

from llo_research.data.synthetic.driver_truth import DRIVERS
from tests.regression import test_coverage_panels as study
from tests.regression.cohort_samples import targets

_HEAD = """# Coverage of the panel estimators

**SYNTHETIC: this shows method, not the Netherlands.** {samples} samples of about 400 people in four waves, from a
cohort of the synthetic NEA of whom everything is known (57,340 people): 80 workplaces of 5, in six strata, with
unequal weights. *Target* is what the estimator finds when everybody is asked and nobody leaves;
*bias* is the mean error in standard
deviations of the estimates, whose Monte-Carlo standard error is {error:.3f}; a coverage of 95 % has one of
{spread:.1f} points.
*Within* is the effect of a change of one person, {within}: pooled and random effects miss it, because who has more
autonomy learns more for reasons that do not move when autonomy moves. Made by
`python -m tests.regression.test_coverage_panels`; what is asserted stands in that file.

People leave depending on what they learnt and on their autonomy and education in the wave before. Attrition weights
bring pooled slopes back to those of everybody. They are not made for the persons' means, which rest on fewer waves for
those who left (*hybrid, between*); random effects and first differences refuse weights that vary within a person. In
the last rows attrition is stronger, so that a few people stand for many: linearised errors are then too small.

| what happened | estimator | driver | target | mean | bias in SD | SE / SD | covers target, % | covers within, % |
|---|---|---|---:|---:|---:|---:|---:|---:|
"""


def page(found: dict[tuple[str, str], np.ndarray], samples: int) -> str:
    """The page in Markdown."""
    within = ", ".join(f"{value:.3f} ({name})" for name, value in zip(DRIVERS, targets()["within"], strict=True))
    spread = 100 * np.sqrt(0.05 * 0.95 / samples)
    text = _HEAD.format(samples=f"{samples:,}", error=samples**-0.5, spread=spread, within=within)
    order = (study.WHOLE, study.LEFT, study.MENDED, study.STRONGLY)
    keys = sorted(found, key=lambda key: (order.index(key[0]), list(study.TARGET).index(key[1])))
    return text + "".join(row for key in keys for row in _rows(key, found[key]))


def _rows(key: tuple[str, str], values: np.ndarray) -> list[str]:
    """A row a driver."""
    truth, within = targets()[study.TARGET[key[1]]], targets()["within"]
    mean, deviation = values[:, :, 0].mean(axis=0), values[:, :, 0].std(axis=0, ddof=1)
    numbers: list[tuple[Any, ...]] = list(
        zip(
            DRIVERS,
            truth,
            mean,
            study.bias(values, truth),
            values[:, :, 1].mean(axis=0) / deviation,
            100 * study.held(values, truth),
            100 * study.held(values, within),
            strict=True,
        )
    )
    head, chance = f"| {key[0]} | {key[1]} |", key[1].startswith("CRE")
    return [
        f"{head} {name} | {t:.3f} | {m:.3f} | {b:.2f} | {r:.2f} | {c:.1f} | {'' if chance else f'{w:.1f}'} |\n".replace(
            " -0.00 |", " 0.00 |"
        )
        for name, t, m, b, r, c, w in numbers
    ]
