"""Results confirmed by R: their files and scripts written, run in one session, and laid beside our numbers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from llo_research.errors import LloError
from llo_research.monitor.verify import r_session
from llo_research.results.receipts.told import told_of
from llo_research.results.result import Result
from llo_research.survey.survey import Survey

# Joint intervals: R integrates the multivariate t with random points, llo_research with fixed ones.
JOINT = 2e-3
# Both programs add tens of thousands of products in another order, and R's iterations stop a little short: what is
# printed (a tenth of a percentage point) is met ten thousand times over.
TOLERANCE = 1e-7
_MOST_DIGITS = 15


@dataclass(frozen=True)
class Confirmation:
    """What R says of one result.

    numbers : how many were compared. worst : the largest relative difference, and `of` which column and row. joint :
    that of the ends of joint intervals, which are integrated, 0 where there are none. absent : why R gives none of the
    numbers, or not all; empty where it gives all. seconds : of R. script : as it ran.
    """

    numbers: int = 0
    worst: float = 0.0
    of: str = ""
    joint: float = 0.0
    absent: str = ""
    seconds: float = 0.0
    script: str = ""

    @property
    def differs(self) -> bool:
        """Whether R gives other numbers."""
        return self.worst > TOLERANCE or self.joint > JOINT

    @property
    def agrees(self) -> bool:
        """Whether R gives the numbers, and the same ones."""
        return self.numbers > 0 and not self.differs

    @property
    def digits(self) -> int:
        """Significant digits on which the worst number agrees."""
        return _MOST_DIGITS if self.worst <= 0 else int(min(_MOST_DIGITS, max(0, np.floor(-np.log10(self.worst)))))


Behind = tuple[Result, tuple[Survey | None, ...]]


def confirm(results: Mapping[str, Behind], folder: Path) -> dict[str, Confirmation]:
    """Run the script of each result in R, on the file of its survey.

    Parameters
    ----------
    results : mapping of str to (Result, surveys)
        Each with the survey of which it was computed, or those of its imputations; None where nobody knows it.
    folder : Path
        For files, scripts and answers.

    Returns
    -------
    dict of str to Confirmation
    """
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Confirmation] = {}
    files = _files(results, folder)
    scripts: dict[str, str] = {}
    for name, (result, _) in results.items():
        if name not in files:
            found[name] = Confirmation(absent="no survey stands behind it that can be written as a file")
            continue
        try:
            scripts[name] = result.to_r(files[name])
        except LloError as error:
            found[name] = Confirmation(absent=f"no script in R: {_short(str(error))}")
    by_file = dict(sorted(scripts.items(), key=lambda item: files[item[0]]))  # each file is read once
    answers = r_session.in_r(by_file, folder) if scripts else {}
    for name, answer in answers.items():
        found[name] = _compared(results[name][0], answer, scripts[name])
    return {name: found[name] for name in results}


def _files(results: Mapping[str, Behind], folder: Path) -> dict[str, str]:
    """The name of the file that each script reads, without the number of an imputation; each survey is written once."""
    told = {name: [told_of(one) for one in (result, *result.draws)] for name, (result, _) in results.items()}
    sets: dict[tuple[tuple[int, ...], ...], tuple[tuple[Survey, ...], set[str], list[str]]] = {}
    for name, (_, behind) in results.items():
        surveys = tuple(svy for svy in behind if svy is not None)
        if not surveys or len(surveys) < len(behind):
            continue
        own = any(one.by_mask or one.halves for one in told[name])  # the domain is then a column of the file
        key = tuple((id(svy._frame), id(svy._design), id(svy) if own else 0) for svy in surveys)
        entry = sets.setdefault(key, (surveys, set(), []))
        entry[1].update(column for one in told[name] for column in one.columns)
        entry[2].append(name)
    files: dict[str, str] = {}
    for place, (surveys, columns, names) in enumerate(sets.values(), start=1):
        stem = f"data_{place:02d}"
        for number, svy in enumerate(surveys, start=1):
            path = folder / (f"{stem}_{number}.csv" if len(surveys) > 1 else f"{stem}.csv")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                svy.to_file(path, columns=[column for column in map(str, svy._frame) if column in columns])
        files |= dict.fromkeys(names, f"{stem}.csv")
    return files


def _compared(result: Result, answer: r_session.Answer, script: str) -> Confirmation:
    """Our numbers beside R's."""
    told: dict[str, Any] = {"seconds": answer.seconds, "script": script}
    if answer.table is None:
        return Confirmation(absent=f"R stopped: {_short(answer.error)}", **told)
    ours = result.to_frame()
    apart = r_session.differences(ours, answer.table)
    ends = {name: values for name, values in apart.items() if result.simultaneous and name.startswith("conf")}
    plain = {name: values for name, values in apart.items() if name not in ends}
    if not plain:
        return Confirmation(absent="R gives no numbers", **told)
    worst, of = _largest(plain, result)
    missing = [name for name in r_session.COMPARED if name in ours and name not in answer.table]
    absent = f"R gives no {', '.join(missing)}" if missing else ""
    numbers = sum(len(values) for values in apart.values())
    return Confirmation(numbers, worst, of, _largest(ends, result)[0] if ends else 0.0, absent, **told)


def _largest(apart: Mapping[str, np.ndarray], result: Result) -> tuple[float, str]:
    """The largest difference, and where it is."""
    worst = max(apart, key=lambda name: float(apart[name].max(initial=0.0)))
    values = apart[worst]
    row = int(np.argmax(values)) if len(values) else 0
    return float(values.max(initial=0.0)), f"{worst} of {result.labels[row]}" if result.labels else worst


def _short(text: str) -> str:
    """The first words of an error."""
    return " ".join(text.split())[:300]
