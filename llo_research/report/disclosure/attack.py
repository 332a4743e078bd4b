"""An attacker who reads only what left: what can be worked out about the cells that were withheld."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.report.disclosure.attack_reading import Line, identifiers, is_silent, lines_of_file, lines_of_frame
from llo_research.report.disclosure.attack_sums import Sum, sums_of_file
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
    told = _read([Path(folder) for folder in (directory, *also)])
    least = told.asked.get("width", _WIDTH) if width is None else width
    out = _frame(told.lines, told.sums, told.rows, least, seconds)
    out.attrs["units"] = told.asked.get("units", _WIDTH)
    out.attrs["unread"] = [*told.unread, *out.attrs["unread"]]
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


@dataclass
class _Told:
    """What folders tell: rows, sums of them, identifiers by result, `width` and `units` asked, and what is silent."""

    lines: list[Line] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)
    rows: dict[str, pd.DataFrame] = field(default_factory=dict)
    asked: dict[str, float] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def _read(folders: Sequence[Path]) -> _Told:
    """All safe files of some folders."""
    out = _Told()
    for folder in folders:
        files = sorted(folder.glob("*.json"))
        if not files:
            raise DataError(
                "There is no exported result here.", where="directory", found=str(folder), expected="NAME.json"
            )
        for file in files:
            name = file.stem if file.stem not in out.rows else f"{folder.name}/{file.stem}"
            _add(out, name, json.loads(file.read_text(encoding="utf-8")))
    return out


def _add(out: _Told, name: str, told: Mapping[str, Any]) -> None:
    """What one file tells; of parts of joint results of which nothing left not even whom they are about."""
    rules = (told["meta"].get("exported") or {}).get("rules") or {}
    base = float(rules.get("rounding") or 1)
    total = (told.get("own") or {}).get("total")  # everybody, beside the cells of a table book
    for own, one in ((name, told), *([(f"{name}: total", total)] if total else [])):
        out.rows[own] = identifiers(one["rows"])
        out.lines += lines_of_file(own, one, out.rows[own], base)
    out.sums += sums_of_file(told, out.rows[name], base)
    for key in ("width", "units"):
        if rules.get(key):
            out.asked[key] = max(float(rules[key]), out.asked.get(key, 0.0))
    parts = (told["meta"].get("parts") or {}).items()
    silent = [f"{name} ({part})" for part, own in parts if is_silent(own)]
    out.unread += [f"{one}: nothing of it left, not even whom it is about" for one in silent]


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
    columns = {"result": object, "row": np.int64, "what": object, "low": float, "high": float, "known": bool}
    values = [(one.result, one.row, one.what, one.low, one.high, _known(one, width)) for one in told]
    frame = pd.DataFrame(values, columns=list(columns)).astype(columns)
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
