"""The file that other programs read: the data, what the design needs, and the weights that were made."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from llo_research.archive import write_whole
from llo_research.errors import DataError, DisclosureError, LloWarning
from llo_research.options import check_switch
from llo_research.program_names import legal
from llo_research.survey.collapsed import check_not_collapsed
from llo_research.survey.describe import is_guarded
from llo_research.survey.file_columns import EXACT, FileColumn
from llo_research.survey.file_contents import contents
from llo_research.survey.file_formats import WRITERS, write
from llo_research.survey.file_values import check_texts

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
    A stack has its weights and its design in ``stack_weight``, ``stack_stratum``, ``stack_psu`` and ``stack_fpc`` (the
    sampling fraction), with ``_2`` behind them for the second stage: its surveys have columns of their own. Of a stack
    of surveys with replicate weights each row has those of its own survey, in ``replicate_1``, ``replicate_2``, ...
    (empty where other surveys have more): at the replicates of another survey it has its ``stack_weight``.

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
    check_not_collapsed(self, _WHERE)
    target = Path(path)
    kind = _kind_of(target)
    check_switch(restricted, "restricted")
    _check_guarded(self.source, target, restricted=bool(restricted))
    _check_package(kind, target)
    made = list(contents(self, columns))
    names = _names(made, kind)
    for own in made:
        check_texts(own, kind)
    title = "Synthetic data" if self.source.get("synthetic") else ""
    write_whole(target, lambda stream: write(kind, stream, made, names, title), _WHERE)
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
    places = (Path(os.path.abspath(target)), target.resolve())  # as it is written, and where links lead
    parts = [part.casefold() for place in places for part in place.parent.parts]
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
