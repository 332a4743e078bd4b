"""The codebook's 0/1 variables and scales, computed for a whole population at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from llo_research.data.synthetic.answers import Answers, items_of
from llo_research.data.synthetic.bits import Floats
from llo_research.data.synthetic.parameters import Parameters


def _at_least(item: str, code: int) -> Callable[[Answers], np.ndarray]:
    """1 when the code of an item is at least this."""
    return lambda answers: answers.item(item) >= code


def _is(item: str, code: int) -> Callable[[Answers], np.ndarray]:
    """1 when an item has this code."""
    return lambda answers: answers.item(item) == code


def _sum_at_least(latent: str, total: int) -> Callable[[Answers], np.ndarray]:
    """1 when the items of a latent add up to this at least."""
    return lambda answers: answers.total(items_of(answers.parameters, latent)) >= total


def _any(items: tuple[str, ...], code: int) -> Callable[[Answers], np.ndarray]:
    """1 when any of these items has this code or a higher one."""
    return lambda answers: np.logical_or.reduce([answers.item(item) >= code for item in items])


def _score(latent: str) -> Callable[[Answers], np.ndarray]:
    """The mean of the items."""
    return lambda answers: answers.score(latent)


def _mean_of(items: tuple[str, ...]) -> Callable[[Answers], np.ndarray]:
    """The mean of some items of a latent."""
    return lambda answers: answers.total(list(items)) / float(len(items))


# name: (how it is computed, the item that says whom it was asked of)
INDICATORS: dict[str, tuple[Callable[[Answers], np.ndarray], str]] = {
    "training": (_is("training_code", 1), "training_code"),
    "long_training": (_is("training_length_code", 5), "training_length_code"),
    "informal_tasks": (_at_least("learn_tasks", 3), "learn_tasks"),
    "informal_people": (_at_least("learn_people", 3), "learn_people"),
    "informal_learning": (_any(("learn_tasks", "learn_people"), 3), "learn_tasks"),
    "informal_scale": (_score("informal"), "learn_tasks"),
    "autonomy": (_score("autonomy"), "autonomy1"),
    "high_autonomy": (_sum_at_least("autonomy", 13), "autonomy1"),
    "autonomy1_regularly": (_is("autonomy1", 3), "autonomy1"),
    "variety": (_score("variety"), "variety1"),
    "variety_tasks": (_mean_of(("variety1", "variety3")), "variety1"),
    "high_variety": (_sum_at_least("variety", 9), "variety1"),
    "supervisor_support": (_score("support"), "supervisor_support1"),
    "high_support": (_sum_at_least("support", 6), "supervisor_support1"),
    "demands2_often": (_at_least("demands2", 3), "demands2"),
    "high_demands": (_sum_at_least("demands", 8), "demands1"),
    "need_training": (_is("need_training_code", 1), "need_training_code"),
    "good_match": (_is("skills_match_code", 2), "skills_match_code"),
    "fewer_skills": (_is("skills_match_code", 1), "skills_match_code"),
    "skills_obsolete": (_at_least("obsolescence", 4), "obsolescence"),
    "learning_ability": (_score("learning_ability"), "learning_ability1"),
    "high_learning_ability": (_sum_at_least("learning_ability", 12), "learning_ability1"),
    "satisfied_learning": (_at_least("satisfaction_learning", 2), "satisfaction_learning"),
    "learning_important": (_at_least("importance_learning", 2), "importance_learning"),
    "supervisor_stimulates": (_at_least("supervisor_stimulates_code", 3), "supervisor_stimulates_code"),
    "reflects": (_at_least("reflection", 3), "reflection"),
    "engagement": (_score("engagement"), "engagement1"),
    "engaged": (_sum_at_least("engagement", 17), "engagement1"),
    "connected": (_at_least("commitment", 4), "commitment"),
    "not_connected": (lambda answers: answers.item("commitment") <= 2, "commitment"),
    "hr_instruments": (
        lambda answers: 2 * len(items_of(answers.parameters, "hr")) - answers.total(items_of(answers.parameters, "hr")),
        "hr1",
    ),
}


def available(given: Parameters) -> list[str]:
    """The indicators that an instrument carries."""
    return [name for name, (_, item) in INDICATORS.items() if item in given.raw["items"]]


def indicator(answers: Answers, name: str) -> tuple[Floats, np.ndarray | None]:
    """An indicator for everybody, and whom it was asked of (None: everybody)."""
    compute, item = INDICATORS[name]
    return compute(answers).astype(np.float64), answers.asked(item)
