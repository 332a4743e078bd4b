"""Computes the true values from the whole populations and writes them down; run once, by hand, after a fit."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from llo_research.data.instrument import instrument_of
from llo_research.data.synthetic.answers import Answers, people
from llo_research.data.synthetic.driver_truth import (
    OUTCOMES,
    Row,
    cohort_rows,
    constant_and,
    least_squares,
    regressors,
    tasks_rows,
)
from llo_research.data.synthetic.indicators import INDICATORS, available, indicator
from llo_research.data.synthetic.parameters import SCENARIOS, Parameters, folder, parameters
from llo_research.data.synthetic.questionnaire import is_asked
from llo_research.data.synthetic.shifts import ALL, GROUPS, file_of
from llo_research.data.synthetic.superpopulation import group_codes
from llo_research.data.synthetic.truth import truth

KEYS = ["quantity", "population", "variable", "group", "level", "term", "year"]
DECIMALS = 7
_BREAK_DECIMALS = 6


def values_of(instrument: str, scenario: str, years: Iterable[int]) -> pd.DataFrame:
    """Population sizes, means by group, and coefficients of each year; with 2007 among the years, of the cohort too."""
    given = parameters(instrument, scenario)
    rows: list[Row] = []
    for year in years:
        answers = Answers(given, people(given, year))
        rows += _sizes(given, answers, year)
        rows += _means(given, answers, year)
        rows += _pooled(answers, year)
        rows += tasks_rows(answers, year, [name for name in OUTCOMES if name in _asked(answers, year)])
    if "cohort" in given.raw and given.raw["cohort"]["years"][0] in years:
        rows += cohort_rows(given)
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


def _pooled(answers: Answers, year: int) -> Iterator[Row]:
    """Least squares of the outcomes on the drivers: plain, with education, and in each level of education."""
    given = answers.parameters
    population = given.raw["design"]["population"]
    names, x, inside = regressors(answers)
    education = answers.who.attributes["education"]
    dummies = np.column_stack([education == level for level in range(1, len(given.levels("education")))])
    for outcome in [name for name in OUTCOMES if name in _asked(answers, year)]:
        y = indicator(answers, outcome)[0]
        for quantity, extra in (("pooled", None), ("pooled, education", dummies.astype(np.float64))):
            terms = [*names, *(f"education[T.{level}]" for level in given.levels("education")[1:])]
            columns = x if extra is None else np.column_stack([x, extra])
            found = least_squares(y[inside], constant_and(columns[inside]))
            for term, value in zip(["Intercept", *terms], found, strict=False):
                yield (quantity, population, outcome, "", "", term, year, value)
        for number, level in enumerate(given.levels("education")):
            rows = inside & (education == number)
            found = least_squares(y[rows], constant_and(x[rows]))
            for term, value in zip(["Intercept", *names], found, strict=True):
                yield ("pooled", population, outcome, "education", level, term, year, value)


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


def write_break(instrument: str) -> None:
    """Write what the method break adds in its first year, for everybody and by group, of the true values."""
    rule = parameters(instrument).raw.get("break")
    if rule is None:
        return
    values = truth(instrument)
    rows = values[(values["quantity"] == "break") & (values["year"] == rule["year"])]
    sizes: dict[str, dict[str, dict[str, float]]] = {}
    for row in rows[rows["group"].isin(["", *GROUPS])].to_dict("records"):
        by = sizes.setdefault(row["variable"], {}).setdefault(row["group"] or ALL, {})
        by[row["level"]] = round(row["value"], _BREAK_DECIMALS)
    lines = [
        "# What the method break adds in its first year, in the invented population; by making_truth.py, not by hand."
    ]
    for variable, groups in sizes.items():
        lines += ["", f"[{variable}]"]
        for name, found in groups.items():
            told = [f'"{level}" = {size:.{_BREAK_DECIMALS}f}' for level, size in found.items()]
            lines.append(
                f"{name} = {found['']:.{_BREAK_DECIMALS}f}" if name == ALL else f"{name} = {{ {', '.join(told)} }}"
            )
    with file_of(instrument).open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    import sys

    for each in sys.argv[1:] or ["nea", "zea"]:
        write(each)
        write_break(each)
