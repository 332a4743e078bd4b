"""An attacker who reads only what left: what can be worked out about the cells that were withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.report.disclosure.attack_reading import Line, lines_of_frame, read_folder
from llo_research.report.disclosure.attack_sums import Sum, sums_of_folder
from llo_research.report.disclosure.attack_systems import Found, recovered

_WIDTH = 10.0  # persons, where no profile tells


def attack(
    directory: str | Path, *, also: Sequence[str | Path] = (), width: float | None = None, seconds: float = 10.0
) -> pd.DataFrame:
    """What a stranger can work out about the withheld cells of an export, from its files alone.

    Which rows add up to which is told by their identifiers: levels of a variable, groups of a classification, tables of
    the same variable by other classifications, gaps between groups, changes and contrasts, all together. An integer
    programme gives the least and the most that each withheld number can be. Use it on a folder before it leaves, with
    the folders that left before.

    Parameters
    ----------
    directory : an export folder.
    also : folders that left before.
    width : persons; a bracket narrower than this counts as known. As the profile of the export, or 10.
    seconds : for each integer programme; where it does not suffice, a number counts as known unless two tables that
        were found are as far apart as `width`.

    Returns
    -------
    A frame with a row for each withheld number: `result`, `row`, the identifiers (`part`: of a joint result), `what`
    (``n``: persons in the group; ``answer``: persons with the answer; ``n, weighted`` and ``answer, weighted``: sums of
    weights, in persons of the average weight of the group, or of all where the group's is not told), `low`, `high`,
    `known`. In ``attrs`` the ``width`` and ``units`` of the profile, and under ``unread`` in words what could
    not be read.

    Notes
    -----
    It is supposed that everybody is in a group that the tables name, unless the numbers contradict that. Gaps, changes
    and contrasts of shares are sums of shares, each times its group where the size of that is told; of means of numbers
    their people alone are used. Models and decompositions are not read, nor numbers of one domain beside another. Where
    tables have more than 20,000 classes together, they are tied by the classifications that two of them share: brackets
    can then be wider than they need to be, never narrower. Where a file says that it has rows that it does not name,
    there are people in groups that nobody names.

    Examples
    --------
    >>> import llo_research as llo
    >>> from llo_research.report.disclosure.attack import attack_frames
    >>> cells = pd.DataFrame({"sex": ["f", "f", "m", "m"], "region": ["n", "s"] * 2, "n": [None, 40, 50, 60]})
    >>> margins = pd.DataFrame({"sex": ["f", "m"], "n": [43, 110]})
    >>> attack_frames({"cells": cells, "margins": margins})[["sex", "region", "low", "high", "known"]]
      sex region  low  high  known
    0   f      n  3.0   3.0   True
    """
    lines, sums = list[Line](), list[Sum]()
    rows: dict[str, pd.DataFrame] = {}
    asked, unread = dict[str, float](), []
    for folder in (directory, *also):
        more, frames, own, silent = read_folder(folder)
        unread += [f"{name}: nothing of it left, not even whom it is about" for name in silent]
        names = {name: name if name not in rows else f"{Path(folder).name}/{name}" for name in frames}
        lines += [replace(line, result=names[line.result]) for line in more]
        rows |= {names[name]: frame for name, frame in frames.items()}
        sums += sums_of_folder(folder)
        asked |= {key: max(value, asked.get(key, 0.0)) for key, value in own.items()}
    out = _frame(lines, sums, rows, asked.get("width", _WIDTH) if width is None else width, seconds)
    out.attrs["units"] = asked.get("units", _WIDTH)
    out.attrs["unread"] = [*unread, *out.attrs["unread"]]
    return out


def attack_frames(
    frames: Mapping[str, pd.DataFrame],
    *,
    width: float = _WIDTH,
    n_to: float = 1.0,
    share_digits: int | None = None,
    seconds: float = 10.0,
) -> pd.DataFrame:
    """The same of tables of any program, all of the same people.

    Parameters
    ----------
    frames : tables by name: identifiers, `n`, and, of shares, `estimate` (with `variable`, and `level` where a variable
        has several) and `sum_weights`. A cell without a number is withheld.
    n_to : the unit to which n is rounded (10: to tens).
    share_digits : decimals to which shares (0.43) are rounded; None where they are not.
    """
    lines: list[Line] = []
    for name, frame in frames.items():
        lines += lines_of_frame(name, frame, n_to=n_to, share_digits=share_digits)
    rows = {
        name: frame.drop(columns=["n", "estimate", "sum_weights"], errors="ignore") for name, frame in frames.items()
    }
    return _frame(lines, [], rows, width, seconds)


def _frame(
    lines: Sequence[Line], sums: Sequence[Sum], rows: Mapping[str, pd.DataFrame], width: float, seconds: float
) -> pd.DataFrame:
    """What follows, all variables apart, as a frame; a cell of a crosstab is found by both of its variables."""
    systems: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        systems.setdefault((line.survey, line.variable), []).append(line)
        for name, value in line.also.items():
            turned = {line.variable: str(line.answer)}
            other = replace(line, variable=name, answer=value, also=turned)
            systems.setdefault((line.survey, name), []).append(other)
    found: dict[tuple[str, int, str], Found] = {}
    unread = []
    for (survey, variable), system in systems.items():
        beside = [one for one in sums if (one.survey, one.variable) == (survey, variable)]
        try:
            own = recovered(system, beside, seconds=seconds)
        except DataError as error:
            names = ", ".join(dict.fromkeys(line.result for line in system))
            unread.append(f"{variable or 'people'} in {names}: {error.what}")
            continue
        for one in own:
            key = (one.result, one.row, one.what)
            found[key] = _narrower(found[key], one) if key in found else one
    order = {name: number for number, name in enumerate(rows)}
    told = sorted(found.values(), key=lambda one: (order[one.result], one.row, one.what))
    identifiers = [rows[one.result].iloc[one.row].to_dict() for one in told]
    frame = pd.DataFrame(
        {
            "result": pd.Series([one.result for one in told], dtype=object),
            "row": np.array([one.row for one in told], dtype=np.int64),
            "what": pd.Series([one.what for one in told], dtype=object),
            "low": np.array([one.low for one in told], dtype=np.float64),
            "high": np.array([one.high for one in told], dtype=np.float64),
            "known": np.array([_known(one, width) for one in told], dtype=bool),
        }
    )
    # a joint result has a column of that name
    named = [{"part" if name == "result" else str(name): v for name, v in row.items()} for row in identifiers]
    for at, name in enumerate(dict.fromkeys(name for row in named for name in row)):
        frame.insert(2 + at, name, [row.get(name) for row in named])
    frame.attrs |= {"width": width, "units": _WIDTH, "unread": list(dict.fromkeys(unread))}
    return frame


def _narrower(one: Found, other: Found) -> Found:
    """What follows from both."""
    return replace(
        one,
        low=max(one.low, other.low),
        high=min(one.high, other.high),
        surely_low=float(np.fmax(one.surely_low, other.surely_low)),
        surely_high=float(np.fmin(one.surely_high, other.surely_high)),
    )


def _known(one: Found, width: float) -> bool:
    """No two tables that fit are as far apart as that."""
    return not one.surely_high - one.surely_low >= width
