"""Ours beside the published: the same quantity estimated here, the difference, and whether the interval covers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.errors import DataError
from llo_research.monitor.editions import Edition, Entry, Target, edition_of
from llo_research.monitor.estimates import columns_of, with_formulas
from llo_research.monitor.indicators import Indicator, indicator_of
from llo_research.monitor.surveys import load_of

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.report.figures.figure import Figure
    from llo_research.report.tables.grid import Table
    from llo_research.results.result import Result
    from llo_research.survey import Survey

PRINTED = "exactly as printed"
_WORDS = {
    "nl": {
        "published": "gepubliceerd",
        "ours": "hier geschat",
        "difference": "Verschil (procentpunt)",
        "covers": "Interval bevat het",
        "in_fit": "In de fit",
        "fit": "Synthetische gegevens: van {fit} van deze {all} cijfers is de populatie zo gemaakt dat ze kloppen.",
        "title": "{covered} van {judged} gepubliceerde cijfers liggen in het interval",
        True: "ja",
        False: "nee",
    },
    "en": {
        "published": "published",
        "ours": "estimated here",
        "difference": "Difference (points)",
        "covers": "Interval covers it",
        "in_fit": "In the fit",
        "fit": "Synthetic data: the population was made such that {fit} of these {all} figures hold.",
        "title": "{covered} of {judged} published figures lie in the interval",
        True: "yes",
        False: "no",
    },
}


@dataclass(frozen=True, repr=False, eq=False)
class Beside:
    """Published figures with our estimates of them.

    frame : a row for each published figure: ``number`` (of the figure it stands beside), ``what_nl``, ``what_en``,
        ``survey``, ``year``, ``ours``, ``conf_low``, ``conf_high``, ``theirs`` (per cent), ``difference`` (ours minus
        theirs, percentage points; missing where theirs is a bound), ``rounding`` (of theirs), ``qualifier``, ``covers``
        (whether the interval covers theirs within its rounding; missing where theirs is no exact number, or ours is not
        there), ``in_fit`` (of synthetic data: whether the population was made to meet it), ``n``, ``series``,
        ``source``.
    meta : edition, whether the data are synthetic, and what that means for the comparison.
    """

    frame: pd.DataFrame
    meta: dict[str, Any]

    def figure(self, language: str = "nl") -> Figure:
        """Both numbers of each row, ours with its interval."""
        from llo_research.report import figure

        title, subtitle = self._title(language)
        return figure(self._estimates(language, both=True), language=language, title=title, subtitle=subtitle)

    def table(self, language: str = "nl") -> Table:
        """Ours, theirs, the difference, and whether the interval covers it."""
        from llo_research.report import table
        from llo_research.report.tables.columns import Column, number_column, with_columns

        made, words = table(self._estimates(language, both=False), language=language), _WORDS[language]
        one = (1,) * len(self.frame)
        columns = [
            number_column(words["published"].capitalize(), self.frame["theirs"].to_numpy(), one, language),
            number_column(words["difference"], self.frame["difference"].to_numpy(), one, language),
            *(Column(words[name], _yes(self.frame[name], words)) for name in self._judged()),
        ]
        return with_columns(made, columns, after=made.row_heads + 2)

    def _judged(self) -> list[str]:
        """The columns of yes and no that say something."""
        return ["covers", "in_fit"] if self.meta["synthetic"] else ["covers"]

    def _title(self, language: str) -> tuple[str, str]:
        """How many lie in the interval, and for how many of them the data were made to."""
        judged = self.frame["covers"].dropna()
        words = _WORDS[language]
        fit = words["fit"].format(fit=int(self.frame["in_fit"].sum()), all=len(self.frame))
        title = words["title"].format(covered=int(judged.sum()), judged=len(judged))
        return title, fit if self.meta["synthetic"] else ""

    def _estimates(self, language: str, *, both: bool) -> pd.DataFrame:
        """A frame as ``llo.report`` reads it: shares, with the words of this page."""
        import pandas as pd

        words, rows = _WORDS[language], self.frame
        ours = pd.DataFrame({"what": rows[f"what_{language}"]})
        for name, column in (("estimate", "ours"), ("conf_low", "conf_low"), ("conf_high", "conf_high")):
            ours[name] = rows[column] / 100
        ours["n"] = rows["n"]
        if both:
            theirs = pd.DataFrame({"what": ours["what"], "estimate": rows["theirs"] / 100})
            ours.insert(1, "who", words["ours"])
            theirs.insert(1, "who", words["published"])
            ours = pd.concat([ours, theirs]).sort_index(kind="stable").reset_index(drop=True)
        labels = {"what": {"nl": "Cijfer", "en": "Figure"}, "who": {"nl": "Bron", "en": "Source"}}
        ours.attrs = {
            "unit": "share",
            "labels": labels,
            "source": self.meta["source"],
            "synthetic": self.meta["synthetic"],
        }
        return ours

    def _repr_html_(self) -> str:
        return self.table(self.meta["language"]).to_html()

    def __repr__(self) -> str:
        return str(self.table(self.meta["language"]))


def beside(
    number: str | None = None,
    edition: str = "2023",
    surveys: Mapping[str, Survey] | None = None,
    language: str = "nl",
) -> Beside:
    """Published figures beside the same quantities estimated here.

    Use it to see how far a chapter is from what the monitor printed. On synthetic data those in the fit agree by
    construction, and the result says which. A published figure without an interval has an error that is not known: the
    difference holds theirs and ours, and only ours is in the interval.

    Parameters
    ----------
    number : str, optional
        A figure of the edition; all figures beside which something was published when absent.
    edition : str
        One of :func:`editions`.
    surveys : mapping of str to Survey, optional
        As in :func:`figure`.
    language : {"nl", "en"}
        Of the table that a notebook shows.

    Returns
    -------
    Beside
        ``.frame``, ``.figure(language)``, ``.table(language)``, ``.meta``.

    Raises
    ------
    DataError
        No such edition or figure, a figure beside which nothing was published, a published figure that is not one row
        of ``llo.published()``.

    Examples
    --------
    >>> import llo_research as llo
    >>> nea = llo.synthetic("nea", years=[2020, 2022])
    >>> llo.monitor.beside("8", surveys={"nea": nea}).frame[["year", "theirs", "in_fit"]].values.tolist()
    [['2014-2018', 20.0, True], ['2020', 18.0, False], ['2022', 15.0, False]]
    """
    import pandas as pd

    from llo_research.report.content.labels import check_language

    check_language(language)
    chosen = edition_of(edition)
    entries = _entries(chosen, number)
    used = _Used(chosen, surveys)
    rows = [_row(entry, target, used) for entry in entries for target in entry.published if used.has(target)]
    if not rows:
        raise DataError("None of these figures can be estimated from these surveys.", where="surveys=")
    synthetic = any(svy.source.get("synthetic") for svy in used.loaded.values())
    source = _source(used.loaded)
    frame = pd.DataFrame(rows).astype({"covers": "boolean", "in_fit": "boolean"})
    meta = {"edition": edition, "synthetic": synthetic, "language": language, "source": source}
    if synthetic:
        meta["by_construction"] = _WORDS["en"]["fit"].format(fit=int(frame["in_fit"].sum()), all=len(frame))
    return Beside(frame, meta)


class _Used:
    """The surveys of a comparison: those given, else each loaded when it is first asked for."""

    def __init__(self, edition: Edition, given: Mapping[str, Survey] | None) -> None:
        self.edition, self.given = edition, given
        self.loaded: dict[str, Survey] = {}

    def has(self, target: Target) -> bool:
        """Whether the survey of a target is there."""
        return self.given is None or target.survey in self.given

    def of(self, target: Target) -> Survey:
        """The survey of a target."""
        name = target.survey
        if name not in self.loaded:
            self.loaded[name] = load_of(self.edition, name) if self.given is None else self.given[name]
        return self.loaded[name]


def _entries(edition: Edition, number: str | None) -> list[Entry]:
    """The figures beside which something was published."""
    there = {key: entry for key, entry in edition.figures.items() if entry.published}
    if number is None:
        return list(there.values())
    if number not in there:
        raise DataError(
            f"Beside figure {number} of edition {edition.id} no published number is known.",
            where="number",
            found=repr(number),
            expected=", ".join(there) or "no figure of this edition has one",
        )
    return [there[number]]


def _row(entry: Entry, target: Target, used: _Used) -> dict[str, Any]:
    """A published figure and our estimate of it, in per cent."""
    printed, svy = published_of(target), used.of(target)
    theirs, half = float(printed["value"]), _half(printed["rounding"])
    estimate, low, high, n = _estimated(entry, target, svy)
    exact = str(printed["qualifier"]) == PRINTED and np.isfinite(low)
    said = {key: f", {text}" for key, text in (target.label or {}).items()}
    span = str(target.years[0]) if len(set(target.years)) == 1 else f"{target.years[0]}-{target.years[1]}"
    return {
        "number": entry.number,
        "what_nl": f"{printed['label_nl']}{said.get('nl', '')}, {span}",
        "what_en": f"{printed['label_en']}{said.get('en', '')}, {span}",
        "survey": target.survey,
        "year": span,
        "ours": estimate,
        "conf_low": low,
        "conf_high": high,
        "theirs": theirs,
        "difference": np.nan if printed["qualifier"] == "more than" else estimate - theirs,
        "rounding": 2 * half if half else np.nan,
        "qualifier": str(printed["qualifier"]),
        "covers": bool(low - half <= theirs <= high + half) if exact else None,
        "in_fit": _in_fit(target) if svy.source.get("synthetic") else None,
        "n": n,
        "series": target.series,
        "source": f"{printed['source_title']} ({printed['source_year']})",
    }


def published_of(target: Target) -> pd.Series:
    """The row of ``llo.published()`` that a target means.

    Raises
    ------
    DataError
        When there is none, or more than one.
    """
    from llo_research.data.published import published

    known = published(target.series, breaks="flag")
    rows = known[(known["category"] == target.category) & (known["year"] == target.years[1]) & ~known["repeated"]]
    if target.population:
        rows = rows[rows["population"] == target.population]
    if len(rows) != 1:
        raise DataError(
            "This is not one published figure.",
            where=f"series {target.series}",
            found=f"{len(rows)} of {target.category!r} in {target.years[1]}",
            expected="; ".join(f"{row['category']} {row['year']}" for _, row in known.iterrows()),
        )
    return rows.iloc[0]


def _half(rounding: Any) -> float:
    """Half the step to which a figure is rounded; 0 where it is not known."""
    import pandas as pd

    return 0.0 if pd.isna(rounding) else float(rounding) / 2


def _estimated(entry: Entry, target: Target, svy: Survey) -> tuple[float, float, float, float]:
    """Estimate, interval (per cent) and n; nan where the survey has no answers of these years or may not be shown."""
    from llo_research.estimation import mean

    indicator = indicator_of(entry.indicator)
    if target.formula:
        label = {indicator.name: indicator.label}
        indicator = Indicator(
            "as_published", {"as_published": target.formula}, {**label, "as_published": indicator.label}
        )
    made = with_formulas(indicator, svy)
    column = columns_of(indicator, made)[0]
    first, last = target.years
    answered = made.domain & made.frame[column].notna().to_numpy()
    if not {first, last} <= set(made.frame.loc[answered, "year"]):
        return (np.nan,) * 4
    made = made.where(f"year >= {first} & year <= {last}")
    result = mean(column, made.where(target.where) if target.where else made)
    if _hidden(result):
        return (np.nan,) * 4
    row = result.to_frame().iloc[0]
    return 100 * row["estimate"], 100 * row["conf_low"], 100 * row["conf_high"], float(row["n"])


def _hidden(result: Result) -> bool:
    """Whether an estimate of restricted files rests on too few people for a page of the monitor."""
    from llo_research.monitor.figures import PUBLICATION
    from llo_research.results.floors import withheld

    restricted = (result.meta.get("source") or {}).get("restricted")
    hidden = withheld(result, PUBLICATION) if restricted else None
    return hidden is not None and bool(hidden.rows.any())


def _in_fit(target: Target) -> bool:
    """Whether the synthetic population was made to meet this figure."""
    from llo_research.data.synthetic import targets_of

    return any(
        bool(one.get("fit"))
        and one["series"] == target.series
        and one["category"] == target.category
        and target.years[0] <= one["year"] <= target.years[1]
        for one in targets_of(target.survey)
    )


def _source(loaded: Mapping[str, Survey]) -> dict[str, Any]:
    """Where our numbers come from, for the foot of the figure."""
    titles = [svy.source.get("title") or {} for svy in loaded.values()]
    kept = {"synthetic": any(svy.source.get("synthetic") for svy in loaded.values())}
    return {**kept, "title": {key: "; ".join(str(one.get(key, "")) for one in titles) for key in ("nl", "en")}}


def _yes(values: pd.Series, words: Mapping[Any, str]) -> tuple[str, ...]:
    """Yes, no, or nothing."""
    import pandas as pd

    return tuple("" if pd.isna(value) else words[bool(value)] for value in values)
