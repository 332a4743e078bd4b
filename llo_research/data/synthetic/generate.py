"""Synthetic surveys as Surveys: the sample of each year, its weights and answers, read as a file would be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data.asked import years_asked
from llo_research.data.harmonised_file import Request
from llo_research.data.harmonised_frame import from_frame
from llo_research.data.instrument import Instrument, instrument_of
from llo_research.data.synthetic import establishments
from llo_research.data.synthetic.answers import Answers, people
from llo_research.data.synthetic.cohort import cohort_frame
from llo_research.data.synthetic.drawing import draw
from llo_research.data.synthetic.parameters import Parameters, check_scenario, parameters
from llo_research.data.synthetic.questionnaire import background, design_columns, topics
from llo_research.data.synthetic.shifts import with_shifts
from llo_research.data.synthetic.weights import proportional, weigh
from llo_research.errors import DataError
from llo_research.survey import Survey

SIZES = ("default", "full", "cohort", "cohort_full")
_LEAST, _MOST = 2000, 100_000


def synthetic(
    instrument: str,
    years: int | Iterable[int] | None = None,
    n: int | str = "default",
    seed: int | None = None,
    scenario: str = "default",
    *,
    columns: Sequence[str] | None = None,
) -> Survey:
    """A synthetic sample of a survey that cannot be shared, drawn from a population of which everything is known.

    Use it to learn and to test a method: :func:`truth` gives what the method should find. It shows method, never the
    population of the Netherlands; every result, table and figure says so. Codes, names, years and halves are those of
    the codebook, so that the same lines run on the real files.

    Parameters
    ----------
    instrument : {"nea", "zea", "wea"}
        NEA 2007-2024 (employees), ZEA 2012, 2015, 2017, 2019, 2021, 2023 (self-employed) or WEA 2016, 2021, 2024
        (establishments; that of 2018 was withdrawn).
    years : int or iterable of int, optional
        Years to draw; all when absent. The sample of a year does not depend on the others.
    n : {"default", "full", "cohort", "cohort_full"} or int
        About 6,000 respondents a year, about as many as the real survey has, or a number of your own. ``cohort`` (NEA):
        the same people in 2007-2010, as the cohort file is read; those who learn less leave more often.
    seed : int, optional
        Number of the sample; 0 when absent. The population is the same for every seed.
    scenario : {"default", "no_within_between", "no_break", "no_drivers"}
        ``no_within_between``: what moves informal learning does so equally between and within persons, and nothing else
        does. ``no_break``: the same people and samples without the method break of 2022. ``no_drivers``: nothing moves
        informal learning, so that there is nothing to find.
    columns : sequence of str, optional
        Names of columns to keep, harmonised ones included; everything when absent.

    Returns
    -------
    Survey
        With expansion weights, strata and the weights of the halves, as a real file would have. ``.source`` holds
        ``synthetic=True``, the seed and the scenario, and the size of the break of 2022 (``breaks="adjust"``).

    Raises
    ------
    DataError
        An instrument, year, size or scenario that does not exist.

    Notes
    -----
    Each number comes from 64 bits at the place of a person in a stream keyed by ``SeedSequence`` (instrument, year,
    purpose), and from additions, multiplications and comparisons only: the same bytes on every platform.

    Examples
    --------
    >>> import llo_research as llo
    >>> svy = llo.synthetic("nea", years=2024)
    >>> svy.source["synthetic"], svy.source["scenario"]
    (True, 'default')
    """
    check_scenario(instrument, scenario)
    item, number = instrument_of(instrument), _seed(seed)
    if instrument == establishments.NAME:
        size = _size(establishments.raw()["design"], n)
        frame = together([establishments.frame_of(year, size, number) for year in establishments.chosen_years(years)])
    else:
        frame = _people(parameters(instrument, scenario), item, years, n, number)
    request = Request(columns=columns)
    made, arguments = from_frame(frame, item, request, name=f"synthetic_{instrument}", sha256=checksum(frame))
    arguments["source"] |= _told(arguments["source"], scenario, n, number)
    if instrument != establishments.NAME:
        arguments["source"]["breaks"] = with_shifts(parameters(instrument, scenario), arguments["source"]["breaks"])
    return Survey(made, **arguments)


def _people(
    given: Parameters, item: Instrument, years: int | Iterable[int] | None, n: int | str, seed: int
) -> pd.DataFrame:
    """The files of a survey of people, below each other."""
    chosen = _years(given, years, n)
    if isinstance(n, str) and n.startswith("cohort"):
        return cohort_frame(given, item, int(given.raw["cohort"][n]), seed, chosen)
    size = _size(given.design, n)
    return together([_year(given, item, year, size, seed) for year in chosen])


def years_of(instrument: str) -> tuple[int, ...]:
    """The years of a synthetic survey."""
    return establishments.years() if instrument == establishments.NAME else parameters(instrument).years


def targets_of(instrument: str) -> Sequence[Mapping[str, Any]]:
    """The published figures that a synthetic survey is fitted to (``fit``) or compared with."""
    told = establishments.raw() if instrument == establishments.NAME else parameters(instrument).raw
    found: Sequence[Mapping[str, Any]] = told["targets"]
    return found


def _year(given: Parameters, instrument: Instrument, year: int, n: int, seed: int) -> pd.DataFrame:
    """The file of one year, under the codebook's names."""
    sample = draw(given, year, n, seed)
    who = people(given, year, sample.person)
    answers = Answers(given, who)
    weights = weigh(given, sample, who.attributes, seed)
    everyone = np.ones(len(sample.person), dtype=bool)
    columns = design_columns(sample)
    columns["weight"] = weights.expansion
    columns["weight_proportional"] = proportional(weights.expansion, [everyone])
    for half, weight in enumerate(weights.halves, start=1):
        columns[f"weight_half{half}"] = weight
        columns[f"weight_proportional_half{half}"] = proportional(weight, [sample.half == half])
    columns |= background(answers)
    columns |= topics(answers, instrument, sample.half, frozenset())
    return pd.DataFrame(columns)


def together(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Files of several years below each other, columns in the order of the last year."""
    order = list(dict.fromkeys(name for frame in reversed(frames) for name in frame.columns))
    return pd.concat(frames, ignore_index=True)[order] if len(frames) > 1 else frames[0][order]


def checksum(frame: pd.DataFrame) -> str:
    """SHA-256 over the columns in order, as doubles with three decimals and -1e9 for nothing."""
    digest = hashlib.sha256()
    for name in frame.columns:
        digest.update(str(name).encode("utf-8"))
        values = np.nan_to_num(frame[name].to_numpy(dtype=np.float64), nan=-1e9)
        digest.update(np.round(values, 3).astype("<f8").tobytes())
    return digest.hexdigest()


def _seed(seed: int | None) -> int:
    """The number of the sample."""
    if seed is None:
        return 0
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise DataError("seed takes a whole number, 0 or larger.", where="seed=", found=repr(seed))
    return int(seed)


def _years(given: Parameters, years: int | Iterable[int] | None, n: int | str) -> list[int]:
    """The years asked for, each once, in order."""
    there = given.years
    if isinstance(n, str) and n.startswith("cohort"):
        if "cohort" not in given.raw:
            raise DataError(
                f"{given.instrument} has no cohort.", where="n=", found=repr(n), expected="an instrument nea"
            )
        there = tuple(given.raw["cohort"]["years"])
    if years is None:
        return list(there)
    chosen = sorted(years_asked(years) or [])
    absent = [year for year in chosen if year not in there]
    if absent:
        raise DataError(
            f"There is no synthetic {given.instrument} of these years.",
            where="years=",
            found=", ".join(map(str, absent)),
            expected=", ".join(map(str, there)),
        )
    return chosen


def _size(design: Mapping[str, Any], n: int | str) -> int:
    """Respondents a year."""
    if isinstance(n, str) and n in ("default", "full"):
        return int(design[n])
    if isinstance(n, int | np.integer) and not isinstance(n, bool) and _LEAST <= n <= _MOST:
        return int(n)
    raise DataError(
        "n is the size of a synthetic sample.",
        where="n=",
        found=repr(n),
        expected=f"{', '.join(SIZES)}, or a number from {_LEAST:,} to {_MOST:,}",
    )


def _told(source: dict[str, Any], scenario: str, n: int | str, seed: int) -> dict[str, Any]:
    """What the source says of itself beyond a file's own account."""
    title = {
        "nl": f"SYNTHETISCH: {source['title']['nl']}",
        "en": f"SYNTHETIC: {source['title']['en']}",
    }
    credit = {
        "nl": "Synthetische gegevens van dit project, aangepast aan gepubliceerde cijfers; geen echte respondenten",
        "en": "Synthetic data of this project, fitted to published figures; no real respondents",
    }
    return {
        "title": title,
        "credit": credit,
        "licence": "as this project",
        "scenario": scenario,
        "seed": seed,
        "n": n,
    }
