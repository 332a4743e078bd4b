"""True values for models of informal learning: slopes, steps given to everybody, and the profile around an event."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from llo_research.data.synthetic.answers import Answers, People, people
from llo_research.data.synthetic.bits import Floats
from llo_research.data.synthetic.indicators import available, indicator
from llo_research.data.synthetic.parameters import Parameters

Row = tuple[str, str, str, str, str, str, int, float]
OUTCOMES = ("informal_scale", "informal_learning", "training")
DRIVERS = ("autonomy", "variety", "supervisor_support")
# The same without the item on learning new things, which belongs to the outcome.
TASKS = ("autonomy", "variety_tasks", "supervisor_support")
LATENT_OF = {"autonomy": "autonomy", "variety": "variety", "supervisor_support": "support"}
COHORT = "cohort 2007-2010"
EVENT = "high_autonomy"
# A step so large moves the share by so much that the chance of single answers is small beside it.
_STEP = 0.25


def regressors(answers: Answers, drivers: tuple[str, ...] = DRIVERS) -> tuple[list[str], Floats, np.ndarray]:
    """Names and columns of the drivers, and who has them all."""
    names = [name for name in drivers if name in available(answers.parameters)]
    columns, inside = [], np.ones(len(answers.who.person), dtype=bool)
    for name in names:
        values, asked = indicator(answers, name)
        columns.append(values)
        inside &= asked if asked is not None else True
    return names, np.column_stack(columns), inside


def constant_and(x: Floats) -> Floats:
    """Columns with a constant before them."""
    return np.column_stack([np.ones(len(x)), x])


def least_squares(y: Floats, x: Floats) -> list[float]:
    """Coefficients of y on the columns of x, from centred cross-products."""
    means, mean = x[:, 1:].mean(axis=0), y.mean()
    centred = x[:, 1:] - means
    slopes = np.linalg.solve(centred.T @ centred, centred.T @ (y - mean))
    return [float(mean - means @ slopes), *(float(b) for b in slopes)]


def tasks_rows(answers: Answers, year: int, outcomes: list[str]) -> Iterator[Row]:
    """Pooled slopes with variety of tasks in place of variety, and what the item on learning carries of variety's."""
    population = answers.parameters.raw["design"]["population"]
    names, x, inside = regressors(answers, TASKS)
    full = regressors(answers)[1][inside]
    learning = answers.item("variety2")[inside].astype(np.float64)
    place = names.index("variety_tasks")
    others = np.delete(full, place, axis=1)
    left, item = _left_over(full[:, place], others), _left_over(learning / 3.0, others)
    for outcome in outcomes:
        y = indicator(answers, outcome)[0][inside]
        found = least_squares(y, constant_and(x[inside]))
        for term, value in zip(["Intercept", *names], found, strict=True):
            yield ("pooled, tasks", population, outcome, "", "", term, year, value)
        # variety = 2/3 tasks + 1/3 learning: its coefficient is the sum of what each adds to it
        yield ("pooled, by learning", population, outcome, "", "", "variety", year, float(y @ item / (left @ left)))


def _left_over(values: Floats, others: Floats) -> Floats:
    """Values less what the other columns explain of them."""
    return np.asarray(values - constant_and(others) @ np.array(least_squares(values, constant_and(others))))


def cohort_rows(given: Parameters) -> Iterator[Row]:
    """Slopes, steps and event profile when everybody of the first year is followed and nobody leaves."""
    waves = _waves(given)
    entry = waves[0].who.entry
    learning = {name: _by_wave(waves, name) for name in OUTCOMES}
    for drivers, said in ((DRIVERS, ""), (TASKS, ", tasks")):
        parts = [regressors(answers, drivers) for answers in waves]
        inside, x = parts[0][2], np.stack([part[1] for part in parts], axis=1)
        for outcome in OUTCOMES:
            for quantity, found in slopes_of(x[inside], learning[outcome][inside]).items():
                for term, value in zip(parts[0][0], found, strict=True):
                    yield (f"{quantity}{said}", COHORT, outcome, "", "", term, entry, value)
    inside = regressors(waves[0])[2]
    for driver in DRIVERS:
        for outcome, value in _steps(waves, driver, inside).items():
            yield ("step", COHORT, outcome, "", "", driver, entry, value)
    for term, value in event_profile(learning["informal_scale"], _by_wave(waves, EVENT) == 1).items():
        yield ("event time", COHORT, "informal_scale", EVENT, "", term, entry, value)


def _waves(given: Parameters) -> list[Answers]:
    """What everybody of the first year would answer in each wave."""
    entry, *later = (int(year) for year in given.raw["cohort"]["years"])
    first = people(given, entry)
    return [Answers(given, People(entry, wave, first.person, first.attributes)) for wave in (entry, *later)]


def _by_wave(waves: list[Answers], name: str) -> Floats:
    """Persons x waves of an indicator."""
    return np.stack([indicator(answers, name)[0] for answers in waves], axis=1)


def slopes_of(x: Floats, y: Floats) -> dict[str, list[float]]:
    """Slopes of persons x waves, years taken out: pooled, between the means of persons, within, of differences."""
    by_year = x - x.mean(axis=0), y - y.mean(axis=0)
    means = by_year[0].mean(axis=1), by_year[1].mean(axis=1)
    within = by_year[0] - means[0][:, None, :], by_year[1] - means[1][:, None]
    steps = np.diff(by_year[0], axis=1), np.diff(by_year[1], axis=1)
    pairs = {"pooled": by_year, "between": means, "within": within, "first difference": steps}
    width = x.shape[2]
    return {
        name: least_squares(right.ravel(), constant_and(left.reshape(-1, width)))[1:]
        for name, (left, right) in pairs.items()
    }


def _steps(waves: list[Answers], driver: str, inside: np.ndarray) -> dict[str, float]:
    """What one more of a driver adds for everybody, all else as it is: half a step up less half a step down."""
    sums = dict.fromkeys(("informal_scale", "informal_learning"), 0.0)
    for answers in waves:
        for sign in (1.0, -1.0):
            moved = _Moved(answers, LATENT_OF[driver], sign * _STEP)
            for outcome in sums:
                sums[outcome] += sign * float(indicator(moved, outcome)[0][inside].mean())
    return {outcome: total / (2 * _STEP * len(waves)) for outcome, total in sums.items()}


class _Moved(Answers):
    """The same people, informal learning answered as if a driver were higher by a step."""

    def __init__(self, answers: Answers, driver: str, step: float) -> None:
        super().__init__(answers.parameters, answers.who)
        own, value = answers.latent("informal")
        slopes = answers.parameters.latent("informal").get("slopes", {})
        if driver in slopes:
            value = value + step * answers._slope(slopes[driver], answers.who.wave)[answers.who.attributes["education"]]
        self._latents["informal"] = own, value


def event_profile(y: Floats, happened: np.ndarray) -> dict[str, float]:
    """Persons x waves of an outcome by time since the first yes, person and year taken out, against the wave before."""
    n, waves = y.shape
    first = np.where(happened.any(axis=1), happened.argmax(axis=1), 2 * waves)
    since = np.arange(waves) - first[:, None]
    times = [k for k in range(1 - waves, waves) if k != -1]
    x = np.stack([(since == k).astype(np.float64) for k in times], axis=2)
    y = y - y.mean(axis=0)
    x = x - x.mean(axis=0)
    x, y = x - x.mean(axis=1)[:, None, :], y - y.mean(axis=1)[:, None]
    found = least_squares(y.ravel(), constant_and(x.reshape(n * waves, -1)))[1:]
    return {f"event[{k}]": value for k, value in zip(times, found, strict=True)}
