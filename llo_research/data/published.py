"""Published figures with what each of them measures; figures that do not measure the same are not joined in silence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from llo_research.data import published_files
from llo_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_LIST = "llo.published()[['series', 'instrument', 'label_en']].drop_duplicates() lists them all"
_UNKNOWN = ("unclear", "not stated")
_REFUSED = (
    "ask for one of them, or pass breaks='flag' and either keep one instrument and one side of the break "
    "(columns instrument, break_year) or show the difference beside the figures"
)


def published(series: str | Iterable[str] | None = None, breaks: str = "refuse") -> pd.DataFrame:
    """
    Figures that others published on learning at work in the Netherlands, each with what it measures.

    Use it to set published numbers beside your own, and to see why two published numbers may differ. A
    figure is never only a number here: its instrument, reference period, population, definition, rounding,
    break and source stand in its row. What the source does not say reads ``not stated``; what was worked out
    from elsewhere is named in the column ``inferred``.

    Parameters
    ----------
    series : str or list of str, optional
        An identifier such as ``"SER25_train"``, the name of an instrument such as ``"WEA"``, or a list of
        these. Where a name is both (``"CVTS"``), it is the identifier. Without it, every figure is returned.
    breaks : {"refuse", "flag"}
        What to do when the selection mixes instruments or reference periods, mixes definitions or populations
        of one concept, or lies on two sides of a break: raise, or return it with ``break_flag`` and ``flag``
        filled. Without ``series`` nothing raises, and each series is flagged on its own.

    Returns
    -------
    pandas.DataFrame
        One row per published statement, by series, then in the source's order of categories, then by year.
        Among the columns:

        ``measure``
            ``share`` (%), ``participants`` and ``persons`` (thousands), ``conf_low``, ``conf_high``, ...
        ``year``, ``period``
            The last year a figure speaks of, and the period as printed (``2014-2018``, ``2023Q4``).
        ``rounding``
            Step to which the value is rounded, in its unit; missing where it was read from words.
        ``qualifier``
            ``exactly as printed``, ``about``, or ``more than`` for a bound that is not a value.
        ``additive``
            False where summing over categories has no meaning (nested classes, percentages).
        ``repeated``
            True where an earlier source gives the same figure: ``frame[~frame["repeated"]]`` has each once.
        ``break_year``, ``break_what``
            The latest break known at or before the figure's year, and what changed.
        ``break_flag``, ``flag``
            Whether the row lies after a break that the selection straddles; everything that speaks against
            reading the selection as one series, in words.

        ``.attrs`` carries provenance: kind, files with their SHA-256, credit; and ``words``: the Dutch and the English
        of each text (population, definition, category, break, ...), which tables and figures show.

    Raises
    ------
    DataError
        Unknown series (with the nearest names), unknown option, a selection that must not be read as one
        series, or files that do not fit together.

    Examples
    --------
    >>> import llo_research as llo
    >>> figures = llo.published("LFS4w_age_2019")
    >>> float(figures.query("category == '25-64 all'")["value"].item())
    19.5
    >>> len(llo.published(["SER25_train", "LFS4w_age_2019"], breaks="flag"))
    17
    """
    _check_breaks(breaks)
    place = published_files.folder()
    frame, scopes = published_files.read(place)
    attrs = {**published_files.provenance(place, len(frame)), "words": published_files.words(place, frame)}
    if series is None:
        import pandas as pd

        apart = [_flagged(rows, _conflicts(rows, scopes)) for _, rows in frame.groupby("series", sort=False)]
        frame = pd.concat(apart)
    else:
        frame = frame[_selected(frame, series)].reset_index(drop=True)
        conflicts = _conflicts(frame, scopes)
        if conflicts and breaks == "refuse":
            raise _refusal(frame, conflicts)
        frame = _flagged(frame, conflicts)
    frame.attrs = attrs
    return frame


@dataclass(frozen=True)
class _Conflict:
    """What speaks against reading rows as one series: its word, where it lies, the rows that carry the word."""

    word: str
    text: str
    rows: pd.Series


def _check_breaks(breaks: str) -> None:
    """Only refuse and flag: a correction for a break needs microdata."""
    if breaks not in ("refuse", "flag"):
        raise DataError(
            "Published figures can be refused or flagged at a break, not adjusted.",
            where="breaks",
            found=repr(breaks),
            expected="'refuse' or 'flag'",
            todo="a model with a term for the break needs microdata",
        )


def _selected(frame: pd.DataFrame, series: str | Iterable[str]) -> pd.Series:
    """The rows asked for, by identifier or instrument."""
    names = [series] if isinstance(series, str) else list(series) if isinstance(series, Iterable) else [series]
    if not all(isinstance(name, str) for name in names):
        raise DataError(
            "series= takes a name, or a list of names.",
            where="series",
            found=repr(series),
            expected=f"an identifier such as 'SER25_train', or one of {', '.join(sorted(set(frame['instrument'])))}; a "
            "list of these; None for everything",
            todo=_LIST,
        )
    known, instruments = set(frame["series"]), set(frame["instrument"])
    wrong = [name for name in names if name not in known | instruments]
    if wrong or not names:
        spelled = {name.casefold(): name for name in sorted(instruments | known)}
        near = [spelled[n] for name in wrong for n in get_close_matches(str(name).casefold(), spelled, 5, 0.5)]
        raise DataError(
            "No such series of published figures." if wrong else "No series was asked for.",
            where="series",
            found=wrong or "an empty list",
            expected="nearest names: " + ", ".join(dict.fromkeys(near)) if near else ", ".join(sorted(instruments)),
            todo=_LIST,
        )
    surveys = [name for name in names if name not in known]
    return frame["series"].isin(names) | frame["instrument"].isin(surveys)


def _conflicts(frame: pd.DataFrame, scopes: pd.DataFrame) -> list[_Conflict]:
    """All that speaks against reading the rows as one series."""
    everywhere = frame["series"].notna()
    unknown = frame["reference_period"].isin(_UNKNOWN)
    period = frame["reference_period"].mask(unknown, frame["reference_period"] + " in " + frame["series"])
    texts = {
        "instrument": _several(frame, frame["instrument"]),
        "reference period": _several(frame, period),
        "definition": _differing(frame, "definition"),
        "population": _differing(frame, "population"),
    }
    found = [_Conflict(word, text, everywhere) for word, text in texts.items() if text]
    scope, starts = published_files.scope_of(frame, scopes), published_files.first_years(frame)
    for name, year, what in scopes[["scope", "year", "what"]].to_numpy():
        mine = scope.eq(name)
        first, last = starts[mine].min(), frame.loc[mine, "year"].max()
        if mine.any() and first < year <= last:
            text = f"{name} breaks in {year} and the figures run from {first} to {last}: {what}"
            found.append(_Conflict(f"break {year}", text, mine & frame["year"].ge(year)))
    return found


def _several(frame: pd.DataFrame, values: pd.Series) -> str:
    """The different values and the series that have them; empty where there is one."""
    named = sorted(frame["series"].groupby(values).unique().items())
    return "; ".join(f"{value} ({', '.join(sorted(names))})" for value, names in named) if len(named) > 1 else ""


def _differing(frame: pd.DataFrame, column: str) -> str:
    """The series of one concept whose definitions or populations are not the same; empty where they are."""
    parts = []
    for concept, rows in frame.groupby("concept"):
        texts = rows.groupby("series")[column].agg(lambda values: " / ".join(sorted(values.unique())))
        if texts.nunique() > 1:
            parts.append(f"{concept}: " + "; ".join(f"{text} ({name})" for name, text in texts.items()))
    return " | ".join(parts)


def _refusal(frame: pd.DataFrame, conflicts: list[_Conflict]) -> DataError:
    """The error that says which, where, and what to do."""
    return DataError(
        "These published figures must not be read as one series.",
        where=", ".join(sorted(frame["series"].unique())),
        found="".join(f"\n    {conflict.word}: {conflict.text}" for conflict in conflicts),
        expected="one instrument, reference period, definition and population, and one side of every break",
        todo=_REFUSED,
    )


def _flagged(frame: pd.DataFrame, conflicts: list[_Conflict]) -> pd.DataFrame:
    """The rows with their flags: breaks on the rows after them, every other word on all rows."""
    flag, after = frame["flag"], frame["break_flag"]
    for conflict in conflicts:
        flag = flag.mask(conflict.rows, flag + "; " + conflict.word)
        after = after | (conflict.rows & conflict.word.startswith("break "))
    return frame.assign(flag=flag.str.removeprefix("; "), break_flag=after.astype(bool))
