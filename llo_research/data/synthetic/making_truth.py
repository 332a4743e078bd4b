"""Computes the true values from the whole populations and writes them down; run once, by hand, after a fit."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from llo_research.data.instrument import instrument_of
from llo_research.data.synthetic.answers import Answers, People, people
from llo_research.data.synthetic.bits import Floats
from llo_research.data.synthetic.indicators import INDICATORS, available, indicator
from llo_research.data.synthetic.parameters import SCENARIOS, Parameters, folder, parameters
from llo_research.data.synthetic.questionnaire import is_asked
from llo_research.data.synthetic.superpopulation import group_codes

KEYS = ["quantity", "population", "variable", "group", "level", "term", "year"]
OUTCOMES = ("informal_scale", "informal_learning", "training")
DRIVERS = ("autonomy", "variety", "supervisor_support")
DECIMALS = 7
Row = tuple[str, str, str, str, str, str, int, float]


def values_of(instrument: str, scenario: str, years: Iterable[int]) -> pd.DataFrame:
    """Population sizes, means by group, and coefficients of each year; with 2007 among the years, of the cohort too."""
    given = parameters(instrument, scenario)
    rows: list[Row] = []
    for year in years:
        answers = Answers(given, people(given, year))
        rows += _sizes(given, answers, year)
        rows += _means(given, answers, year)
        rows += _pooled(answers, year)
    if "cohort" in given.raw and given.raw["cohort"]["years"][0] in years:
        rows += _panel(given)
    return pd.DataFrame(rows, columns=[*KEYS, "value"])


def _sizes(given: Parameters, answers: Answers, year: int) -> Iterator[Row]:
    """Real people in each group."""
    scale = float(given.design["scale"])
    name = given.raw["design"]["population"]
    yield ("total", name, "", "", "", "", year, scale * len(answers.who.person))
    for group, (codes, levels) in group_codes(given, answers.who.attributes).items():
        for level, count in zip(levels, np.bincount(codes, minlength=len(levels)), strict=True):
            yield ("total", name, "", group, level, "", year, scale * float(count))


def _asked(answers: Answers, year: int) -> list[str]:
    """Indicators whose item was asked in this year."""
    instrument = instrument_of(answers.parameters.instrument)
    return [name for name in available(answers.parameters) if is_asked(instrument, INDICATORS[name][1], year)]


def _means(given: Parameters, answers: Answers, year: int) -> Iterator[Row]:
    """The mean of each indicator over those who are asked, in all and by group."""
    name = given.raw["design"]["population"]
    made = group_codes(given, answers.who.attributes)
    for variable in _asked(answers, year):
        values, asked = indicator(answers, variable)
        inside = np.ones(len(values)) if asked is None else asked.astype(np.float64)
        yield ("mean", name, variable, "", "", "", year, float(np.sum(values * inside) / np.sum(inside)))
        for group, (codes, levels) in made.items():
            counts = np.bincount(codes, inside, len(levels))
            sums = np.bincount(codes, values * inside, len(levels))
            for level, count, total in zip(levels, counts, sums, strict=True):
                if count > 0:
                    yield ("mean", name, variable, group, level, "", year, float(total / count))


def _regressors(answers: Answers) -> tuple[list[str], Floats, np.ndarray]:
    """Names and columns of the drivers, and who has them all."""
    names = [name for name in DRIVERS if name in available(answers.parameters)]
    columns, inside = [], np.ones(len(answers.who.person), dtype=bool)
    for name in names:
        values, asked = indicator(answers, name)
        columns.append(values)
        inside &= asked if asked is not None else True
    return names, np.column_stack(columns), inside


def _pooled(answers: Answers, year: int) -> Iterator[Row]:
    """Least squares of the outcomes on the drivers: plain, with education, and in each level of education."""
    given = answers.parameters
    population = given.raw["design"]["population"]
    names, x, inside = _regressors(answers)
    education = answers.who.attributes["education"]
    dummies = np.column_stack([education == level for level in range(1, len(given.levels("education")))])
    for outcome in [name for name in OUTCOMES if name in _asked(answers, year)]:
        y = indicator(answers, outcome)[0]
        for quantity, extra in (("pooled", None), ("pooled, education", dummies.astype(np.float64))):
            terms = [*names, *(f"education[T.{level}]" for level in given.levels("education")[1:])]
            found = least_squares(y[inside], _stack(x[inside], None if extra is None else extra[inside]))
            for term, value in zip(["Intercept", *terms], found, strict=False):
                yield (quantity, population, outcome, "", "", term, year, value)
        for number, level in enumerate(given.levels("education")):
            rows = inside & (education == number)
            found = least_squares(y[rows], _stack(x[rows], None))
            for term, value in zip(["Intercept", *names], found, strict=True):
                yield ("pooled", population, outcome, "education", level, term, year, value)


def _stack(x: Floats, extra: Floats | None) -> Floats:
    """Columns with a constant before them."""
    return np.column_stack([np.ones(len(x)), x] + ([] if extra is None else [extra]))


def least_squares(y: Floats, x: Floats) -> list[float]:
    """Coefficients of y on the columns of x, from centred cross-products."""
    means, mean = x[:, 1:].mean(axis=0), y.mean()
    centred = x[:, 1:] - means
    slopes = np.linalg.solve(centred.T @ centred, centred.T @ (y - mean))
    return [float(mean - means @ slopes), *(float(b) for b in slopes)]


def _panel(given: Parameters) -> Iterator[Row]:
    """Coefficients between and within persons when everybody of the first year is followed and nobody leaves."""
    entry, *later = given.raw["cohort"]["years"]
    first = people(given, entry)
    x: list[Floats] = []
    y: dict[str, list[Floats]] = {name: [] for name in OUTCOMES}
    inside = np.ones(len(first.person), dtype=bool)
    names: list[str] = []
    for wave in (entry, *later):
        answers = Answers(given, People(entry, wave, first.person, first.attributes))
        names, columns, inside = _regressors(answers)
        x.append(columns)
        for outcome in OUTCOMES:
            y[outcome].append(indicator(answers, outcome)[0])
    drivers = np.stack(x, axis=1)[inside]
    for outcome in OUTCOMES:
        learning = np.stack(y[outcome], axis=1)[inside]
        for quantity, found in _parts(drivers, learning).items():
            for term, value in zip(names, found, strict=True):
                yield (quantity, "cohort 2007-2010", outcome, "", "", term, int(entry), value)


def _parts(x: Floats, y: Floats) -> dict[str, list[float]]:
    """Slopes of persons x waves: pooled with year effects, between the means of persons, within persons and years."""
    by_year = x - x.mean(axis=0), y - y.mean(axis=0)
    means = by_year[0].mean(axis=1), by_year[1].mean(axis=1)
    within = by_year[0] - means[0][:, None, :], by_year[1] - means[1][:, None]
    flat = (len(y) * y.shape[1], x.shape[2])
    return {
        "pooled": least_squares(by_year[1].ravel(), _stack(by_year[0].reshape(flat), None))[1:],
        "between": least_squares(means[1], _stack(means[0], None))[1:],
        "within": least_squares(within[1].ravel(), _stack(within[0].reshape(flat), None))[1:],
    }


def table(instrument: str, years: Iterable[int] | None = None) -> pd.DataFrame:
    """All values with a column for each scenario."""
    wanted = parameters(instrument).years if years is None else tuple(years)
    made = {name: values_of(instrument, name, wanted).set_index(KEYS) for name in SCENARIOS}
    first = made[SCENARIOS[0]].index
    columns = {name: frame["value"].reindex(first) for name, frame in made.items() if len(frame) == len(first)}
    return pd.DataFrame({name: columns[name] for name in SCENARIOS}).reset_index()


def write(instrument: str) -> None:
    """Write the table beside the parameters; the same bytes for the same numbers."""
    text = table(instrument).round(DECIMALS).to_csv(index=False, lineterminator="\n")
    packed = gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)
    (folder() / f"{instrument}_truth.csv.gz").write_bytes(packed)


if __name__ == "__main__":
    import sys

    for each in sys.argv[1:] or ["nea", "zea"]:
        write(each)
