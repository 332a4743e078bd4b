"""Series breaks: where a survey changed its method, which comparisons straddle one, and what its size is known to be.

A survey's ``source["breaks"]`` is a list of mappings, one for each break:

- ``time``: the first time after the break; the break lies between any earlier time and this one.
- ``what``: what changed, as text or ``{"nl": text, "en": text}``.
- ``series``: the variables it concerns, and with them what is made from these; absent or empty for all.
- ``shift``, ``shift_se``: what the new method adds to the mean of a variable at the same time (new minus old), and the
  standard error of that, as a parallel run of both methods measures it; a number where ``series`` names one variable,
  else a mapping of variables to numbers. With ``uniform: True`` it holds for every group; otherwise for all people.
- ``shifts``: the same for groups, a list such as ``{"variable": "training", "education": "high", "shift": 0.03,
  "shift_se": 0.01}``; the keys are those of the result's rows (`level` for a category, `by` columns, the group of a
  gap or its ``condition``, the ``domain`` of ``svy.where``).
- ``known_size``: what is known of the size in words, to be told beside the result.
- ``survey``: in a stack, the survey whose series breaks; rows without people of it are not concerned. A break that
  several surveys tell of alike (waves of one instrument, read one by one) is one break of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from llo_research import options
from llo_research.errors import DataError
from llo_research.numerics.groups import Codes

OPTIONS = ("refuse", "flag", "adjust")


@dataclass(frozen=True)
class Shift:
    """A measured effect of a new method on a mean.

    size, std_error : new minus old, nan where the standard error is not given.
    keys : what it holds for (``variable``, ``level``, groups).
    uniform : whether it holds for every group.
    """

    size: float
    std_error: float
    keys: dict[str, str]
    uniform: bool


@dataclass(frozen=True)
class Break:
    """A break of a series: its first time after, what changed, the variables concerned (none: all), known shifts.

    surveys : the surveys of a stack whose series breaks; none for all data.
    """

    time: Any
    what: str
    series: tuple[str, ...]
    shifts: tuple[Shift, ...]
    entry: Mapping[str, Any]
    surveys: tuple[str, ...] = ()

    def concerns(self, names: Iterable[object]) -> bool:
        """Whether the series of one of these variables is broken."""
        return not self.series or any(str(name) in self.series for name in names)


def check_option(breaks: object) -> None:
    """What to do at a break."""
    options.check_option(breaks, "breaks", OPTIONS)


def breaks_in(source: Mapping[str, Any]) -> tuple[Break, ...]:
    """The breaks of a source, as a survey or the ``.meta`` of a result holds it."""
    entries = source.get("breaks") or []
    if isinstance(entries, Mapping) or not isinstance(entries, Sequence) or isinstance(entries, str):
        raise _malformed(entries)
    found: dict[Any, Break] = {}
    for number, known in enumerate(_read(entry) for entry in entries):
        key = (str(known.time), known.what, known.series) if known.surveys else number
        same = found.get(key)
        if same is not None:
            known = replace(same, surveys=same.surveys + known.surveys, shifts=same.shifts + known.shifts)
        found[key] = known
    return tuple(found.values())


def _read(entry: Any) -> Break:
    """One break."""
    if not isinstance(entry, Mapping) or "time" not in entry:
        raise _malformed(entry)
    series = entry.get("series") or ()
    series = (series,) if isinstance(series, str) else tuple(str(name) for name in series)
    what = entry.get("what") or "what changed is not stated"
    text = str(what.get("en") or next(iter(what.values()))) if isinstance(what, Mapping) else str(what)
    surveys = (str(entry["survey"]),) if "survey" in entry else ()
    return Break(entry["time"], text, series, tuple(_shifts(entry, series)), entry, surveys)


def _malformed(found: object) -> DataError:
    """A break that cannot be read."""
    return DataError(
        "A series break cannot be read.",
        where="source['breaks'] of the survey",
        found=repr(found)[:80],
        expected='a list of mappings, as {"time": 2022, "what": "new mode of collection", "series": ["training"]}',
        todo="mend source['breaks'] where the Survey is made",
    )


def _shifts(entry: Mapping[str, Any], series: tuple[str, ...]) -> list[Shift]:
    """The known shifts of a break, in either form."""
    out = []
    uniform = bool(entry.get("uniform", False))
    shift, error = entry.get("shift"), entry.get("shift_se")
    if isinstance(shift, Mapping):
        errors = error if isinstance(error, Mapping) else {}
        out += [_shift(size, errors.get(name), {"variable": str(name)}, uniform) for name, size in shift.items()]
    elif shift is not None:
        if len(series) != 1:
            raise DataError(
                "The shift of a series break does not say which variable it is of.",
                where=f"source['breaks'], break of {entry['time']}",
                found=f"shift={shift!r}, series={list(series)}",
                expected='one variable in series, or shift={"training": 0.03}, shift_se={"training": 0.01}',
                todo="name the variable of the shift in source['breaks']",
            )
        out.append(_shift(shift, error, {"variable": series[0]}, uniform))
    for item in entry.get("shifts") or []:
        keys = {str(k): str(v) for k, v in item.items() if k not in ("shift", "shift_se", "uniform")}
        out.append(_shift(item.get("shift"), item.get("shift_se"), keys, bool(item.get("uniform", False))))
    return out


def _shift(size: Any, error: Any, keys: dict[str, str], uniform: bool) -> Shift:
    """A shift with numbers that are numbers."""
    good = isinstance(size, int | float) and np.isfinite(size)
    good = good and (error is None or (isinstance(error, int | float) and np.isfinite(error) and error >= 0))
    if not good or "variable" not in keys:
        raise DataError(
            "The shift of a series break is a variable, a number, and its standard error.",
            where="source['breaks'] of the survey",
            found=f"shift={size!r}, shift_se={error!r} for {keys}",
            expected='as {"variable": "training", "shift": 0.03, "shift_se": 0.01}',
            todo="write finite numbers, the standard error 0 or above",
        )
    return Shift(float(size), np.nan if error is None else float(error), keys, uniform)


@dataclass(frozen=True)
class Exposure:
    """What breaks do to the rows of a comparison.

    breaks : the breaks that some row straddles.
    straddles : (k, B) which rows straddle which of them.
    """

    breaks: tuple[Break, ...]
    straddles: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """(k,) rows that straddle any."""
        return np.asarray(self.straddles.any(axis=1))


def account(seen: Exposure, option: str, labels: Sequence[str]) -> dict[str, Any]:
    """The straddled breaks for ``.meta``: what they are, and which rows straddle them."""
    told = []
    for b, known in enumerate(seen.breaks):
        rows = [label for label, hit in zip(labels, seen.straddles[:, b], strict=True) if hit]
        entry = {key: known.entry[key] for key in ("status", "source", "known_size") if key in known.entry}
        told.append({"time": known.time, "what": known.what, "series": list(known.series), **entry, "rows": rows})
    return {"option": option, "straddled": told}


def flagged(result_flags: tuple[str, ...], rows: Codes | np.ndarray, word: str) -> tuple[str, ...]:
    """The rows' flags with a word added where `rows` says so."""
    return tuple(f"{flag} {word}".strip() if hit else flag for flag, hit in zip(result_flags, rows, strict=True))
