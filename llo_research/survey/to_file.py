"""The file that other programs read: the data, what the design needs, and the weights that were made."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.archive import write_whole
from llo_research.design.adjusted_replicates import AdjustedReplicates
from llo_research.design.replicates import Replicates
from llo_research.errors import DataError, DesignError, DisclosureError, LloWarning
from llo_research.options import check_switch, names_of
from llo_research.program_names import legal
from llo_research.survey.describe import is_guarded
from llo_research.survey.file_columns import EXACT, FileColumn, column_of
from llo_research.survey.file_formats import WRITERS
from llo_research.survey.file_values import check_texts
from llo_research.survey.variables import column

_WHERE = "svy.to_file"
_PACKAGES = {"sav": ("pyreadstat", "spss", "An SPSS"), "parquet": ("pyarrow", "parquet", "A Parquet")}
_PROGRAMS = {"dta": "stata", "sav": "spss"}


def to_file(
    self: Any, path: str | Path, *, columns: str | Sequence[str] | None = None, restricted: bool = False
) -> Path:
    """Write the data as a file that R, Stata, SPSS or Python read, with all that the design needs.

    The rows keep their number and order; the index is not written. Beside the columns of the frame the file holds
    ``in_domain`` (1 or 0) when :meth:`where` restricted the survey, ``final_weight`` after weighting steps, and
    ``replicate_1``, ``replicate_2``, ... (full weights, before weighting steps) where replicate weights were made here.

    Parameters
    ----------
    path : path
        The ending says the kind: ``.csv`` (for R: UTF-8, all digits, an empty field where a value is missing,
        categories as text, ``TRUE`` and ``FALSE``), ``.dta`` (Stata 14 and later), ``.sav`` (SPSS, needs pyreadstat)
        or ``.parquet`` (needs pyarrow).
    columns : str or list of str, optional
        Columns to write; all when absent. Those of the design and of weighting steps are always written.
    restricted : bool, default False
        Whether restricted or registered data may be written; never below a folder ``build``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    DataError
        A column that the file cannot hold as it is: infinite or mixed values, an empty text (it would be missing),
        whole numbers above 2**53 in ``.dta`` and ``.sav``, times finer than a millisecond there; two columns whose
        names become one; an ending that is not known; a package that is not there; a folder that is not to be written.
    DisclosureError
        Restricted data that were not asked for, or that would stand in ``build``.

    Notes
    -----
    ``.csv`` and ``.parquet`` keep the names. In ``.dta`` and ``.sav`` a name that the program does not take becomes a
    stem with a hash of the whole name; the label of the variable holds the name, and a warning tells. Categories that
    are text become 1, 2, ... in declared order, with labels; categories that are numbers stay these numbers. Words come
    from the survey's labels, in English. The same data give the same bytes.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"trained": [1, 0, 1], "sector": ["care", "trade", None], "w": [2.0, 1.5, 1 / 3]})
    >>> svy = llo.Survey(frame, weights="w").where("trained == 1")
    >>> print(svy.to_file("own.csv").read_text(encoding="utf-8"))
    trained,sector,w,in_domain
    1,care,2,1
    0,trade,1.5,0
    1,,0.3333333333333333,1
    <BLANKLINE>
    """
    target = Path(path)
    kind = _kind_of(target)
    check_switch(restricted, "restricted")
    _check_guarded(self.source, target, restricted=bool(restricted))
    _check_package(kind, target)
    made = list(_chosen(self, columns, kind))
    names = _names(made, kind)
    for own in made:
        check_texts(own, kind)
    title = "Synthetic data" if self.source.get("synthetic") else ""
    write_whole(target, lambda stream: WRITERS[kind](stream, made, names, title), _WHERE)
    for text in _told(made, names, kind, target):
        warnings.warn(LloWarning(text), stacklevel=2)
    return target


def _kind_of(target: Path) -> str:
    """The kind of file, from its ending."""
    kind = target.suffix.lower().removeprefix(".")
    if kind not in WRITERS:
        raise DataError(
            f"The ending of {target.name!r} does not say which kind of file is meant.",
            where=f"{_WHERE}: {target.name}",
            found=target.suffix or "no ending",
            expected=", ".join(f".{name}" for name in WRITERS),
            todo=f"svy.to_file({target.stem + '.csv'!r}) for R, .dta for Stata, .sav for SPSS",
        )
    return kind


def _check_guarded(source: Mapping[str, Any], target: Path, *, restricted: bool) -> None:
    """Restricted data are written on request only, and never where the site is built."""
    if not is_guarded(source):
        return
    if not restricted:
        raise DisclosureError(
            "Restricted data are written only when that is asked for.",
            where=f"{_WHERE}: {target.name}",
            found="restricted files",
            todo="svy.to_file(path, restricted=True), in a folder that does not leave the secure environment",
        )
    parts = [part.casefold() for path in (target.absolute(), target.resolve()) for part in path.parent.parts]
    if "build" in parts:
        raise DisclosureError(
            "Restricted data are never written below a folder 'build'.",
            where=f"{_WHERE}: {target}",
            found="a folder 'build', from which pages are published",
            todo="choose another folder",
        )


def _check_package(kind: str, target: Path) -> None:
    """The package that writes this kind is there."""
    package, extra, article = _PACKAGES.get(kind, ("", "", ""))
    if package and find_spec(package) is None:
        raise DataError(
            f"{article} file needs the package {package}, which is not installed.",
            where=f"{_WHERE}: {target.name}",
            todo=f"pip install 'llo-research[{extra}]', or write a .csv or .dta file.",
        )


def _chosen(svy: Any, columns: str | Sequence[str] | None, kind: str) -> Iterator[FileColumn]:
    """The columns of the frame that are written, and those that are made of the survey."""
    frame: pd.DataFrame = svy._frame
    labels = svy.labels
    wanted = set(frame.columns)
    if columns is not None:
        asked = {column(frame, name, "columns").name for name in names_of(columns, "columns")}
        wanted = {*asked, *(name for name in _of_design(svy) if name in wanted)}
    added = dict(_added(svy))
    for place, name in enumerate(frame.columns):
        if name in added and name in wanted:
            raise DataError(
                f"The data have a column {name!r}, which is a name that the file needs.",
                where=f"{_WHERE}, column {name!r}",
                expected="no column of this name",
                todo="rename it before making the Survey",
            )
        if name in wanted:
            yield column_of(frame.iloc[:, place], _as_text(name), labels.get(name))
    for name, values in added.items():
        yield column_of(pd.Series(values), name, _WORDS.get(name))


_WORDS = {
    "in_domain": {"en": "In the domain (1) or not (0)"},
    "final_weight": {"en": "Weight after all weighting steps"},
}


def _as_text(name: Any) -> str:
    """The name of a column in a file, which has names of text."""
    if isinstance(name, tuple) or str(name) == "":
        raise DataError(
            "A column has no name that a file could give it.",
            where=_WHERE,
            found=repr(name)[:80],
            expected="names of text, at one level",
            todo="give the columns names of text before making the Survey",
        )
    return str(name)


def _of_design(svy: Any) -> list[str]:
    """Columns that the design and the weighting steps name."""
    told = {"design": sorted(svy._design_columns()), "steps": [step.describe() for step in svy.design.steps]}
    return list(dict.fromkeys(name for text in _strings(told) for name in _inside(text, svy._frame)))


def _strings(told: Any) -> Iterator[str]:
    """All texts in what a step tells of itself."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, Mapping):
        for key, value in told.items():
            yield from _strings(key)
            yield from _strings(value)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from _strings(value)


def _inside(text: str, frame: pd.DataFrame) -> list[str]:
    """The columns that a text names: itself, or those of a formula, a crossing or a pair of names."""
    if text in frame.columns:
        return [text]
    return [name for name in frame.columns if isinstance(name, str) and _named(name, text)]


def _named(name: str, text: str) -> bool:
    """Whether a column's name stands in a text, and not as a part of a longer word."""
    start = text.find(name)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(name) : start + len(name) + 1]
        if not any(sign.isalnum() or sign in ("_", ".") for sign in (before, after) if sign):
            return True
        start = text.find(name, start + 1)
    return False


def _added(svy: Any) -> Iterator[tuple[str, np.ndarray]]:
    """Columns that are made of the survey."""
    if svy._domain is not None:
        yield "in_domain", svy.domain.astype(np.int64)
    if svy.design.steps:
        yield "final_weight", svy._weights
    replicates = svy.design.replicates
    if replicates is not None and not set(replicates.names) <= set(svy._frame.columns):
        weights = _base_replicates(replicates, steps=bool(svy.design.steps)).weights
        for r in range(weights.shape[1]):
            yield f"replicate_{r + 1}", weights[:, r]


def _base_replicates(replicates: Replicates, *, steps: bool) -> Replicates:
    """Replicate weights as they were before weighting steps."""
    base = replicates
    while base.origin is not None or isinstance(base, AdjustedReplicates):
        base = base.origin if base.origin is not None else base.before  # type: ignore[attr-defined]  # as just tested
    if steps and base is replicates:
        raise DesignError(
            "The replicate weights from before the weighting steps are not known.",
            where=_WHERE,
            found="replicates that were read back from an older file, or of a stack",
            todo="make them again: llo.replicate(svy, ...), before or after the steps",
        )
    return base


def _names(made: Sequence[FileColumn], kind: str) -> dict[str, str]:
    """The names in the file, each once."""
    program = _PROGRAMS.get(kind)
    names: dict[str, str] = {}
    seen: dict[str, str] = {}
    for own in made:
        name = own.name if program is None else legal(own.name, program)
        key = name.casefold() if kind == "sav" else name
        if key in seen:
            words = (
                "differ by case only, which SPSS does not tell apart" if name != names[seen[key]] else "would be one"
            )
            raise DataError(
                f"The columns {seen[key]!r} and {own.name!r} {words} in a .{kind} file.",
                where=_WHERE,
                found=f"{names[seen[key]]!r} and {name!r}",
                expected="names that differ",
                todo="rename one of them before making the Survey, or name the others with columns=",
            )
        seen[key], names[own.name] = own.name, name
    return names


def _told(made: Sequence[FileColumn], names: Mapping[str, str], kind: str, target: Path) -> Iterator[str]:
    """What whoever reads the file has to know."""
    other = [f"{name!r} is {new}" for name, new in names.items() if new != name]
    if other:
        yield f"{target.name}: {len(other)} columns have another name in the file: {'; '.join(other)}."
    large = [own.name for own in made if own.kind == "whole" and (own.values[~own.missing] > EXACT).any()]
    if large and kind == "csv":
        yield (
            f"{target.name}: {', '.join(large)} hold whole numbers above 2**53. The file has all digits; R keeps them "
            f"with read.csv(..., colClasses = c({large[0]} = 'character'))."
        )
