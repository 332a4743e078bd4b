"""Ours beside the published: the same quantity estimated here, the difference, and whether the interval covers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError
from llo_research.monitor.absent import absent_of, no_files
from llo_research.monitor.editions import edition_of
from llo_research.monitor.entries import Edition, Entry, Target
from llo_research.monitor.replicated import row_of
from llo_research.monitor.surveys import check_unmixed, load_of

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.report.figures.figure import Figure
    from llo_research.report.tables.grid import Table
    from llo_research.survey import Survey

_WORDS: dict[str, dict[Any, Any]] = {
    "nl": {
        "published": "gepubliceerd",
        "ours": "hier geschat",
        "difference": "Verschil (procentpunt)",
        "covers": "In het interval, op afronding na",
        "in_fit": "Ingebouwd",
        "fit": "Synthetische gegevens: de populatie is zo gemaakt dat {fit} van deze {all} cijfers {hold}, en {met} "
        "daarvan {lie} in het interval van deze steekproef; de andere zijn er niet in gelegd.",
        "no fit": "Synthetische gegevens: de populatie is niet zo gemaakt dat dit klopt.",
        "hold": ("klopt", "kloppen"),
        "lie": ("ligt", "liggen"),
        "unjudged": "Zonder oordeel, want geen precies getal of hier niet te schatten: {k}.",
        "title": "{covered} van {judged} gepubliceerde cijfers {lie}, op afronding na, in het interval",
        "in": "Het gepubliceerde cijfer ligt, op afronding na, in het interval",
        "out": "Het gepubliceerde cijfer ligt niet in het interval",
        "none": "Het gepubliceerde cijfer is geen precies getal, of is hier niet te schatten",
        "table": "Hier geschat, naast wat is gepubliceerd",
        True: "ja",
        False: "nee",
    },
    "en": {
        "published": "published",
        "ours": "estimated here",
        "difference": "Difference (points)",
        "covers": "In the interval, but for rounding",
        "in_fit": "In the fit",
        "fit": "Synthetic data: the population was made such that {fit} of these {all} figures {hold}, and {met} of "
        "them {lie} in the interval of this sample; the others were not put into it.",
        "no fit": "Synthetic data: the population was not made such that this holds.",
        "hold": ("holds", "hold"),
        "lie": ("lies", "lie"),
        "unjudged": "Not judged, being no exact number or not to be estimated here: {k}.",
        "title": "{covered} of {judged} published figures {lie} in the interval, but for rounding",
        "in": "The published figure lies in the interval, but for rounding",
        "out": "The published figure does not lie in the interval",
        "none": "The published figure is no exact number, or cannot be estimated here",
        "table": "Estimated here, beside what was published",
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
        from llo_research.report.content.published import qualified
        from llo_research.report.tables.columns import Column, number_column, with_columns

        words = _WORDS[language]
        made = table(self._estimates(language, both=False), language=language, title=words["table"])
        one = (1,) * len(self.frame)
        theirs, places = self.frame["theirs"].to_numpy(), _places(self.frame)
        printed = number_column(words["published"].capitalize(), theirs, places, language)
        how = [qualified(text, language) for text in self.frame["qualifier"]]
        told = (f"{before} {text}".lstrip() for before, text in zip(how, printed.texts, strict=True))
        columns = [
            replace(printed, texts=tuple(told)),
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
        fit = _by_construction(self.frame, language)
        covered = int(judged.sum())
        many = words["title"].format(covered=covered, judged=len(judged), lie=words["lie"][covered != 1])
        title = many if len(judged) > 1 else words["none" if judged.empty else "in" if judged.iloc[0] else "out"]
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
            **(self._printed((ours["who"] == words["published"]).tolist()) if both else {}),
        }
        return ours

    def _printed(self, theirs: list[bool]) -> dict[Any, Any]:
        """Which rows others published, and how: to how many decimals, and as what kind of number."""
        how = [("", 1)] * len(self.frame), zip(self.frame["qualifier"], _places(self.frame), strict=True)
        return {"published_rows": theirs, "printed_as": [row for pair in zip(*how, strict=True) for row in pair]}

    def _repr_html_(self) -> str:
        return self.table(self.meta["language"]).to_html()

    def __repr__(self) -> str:
        return str(self.table(self.meta["language"]))


def beside(
    number: str | Sequence[str] | None = None,
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
    number : str or list of str, optional
        A figure of the edition, or several; all figures beside which something was published when absent.
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

    from llo_research.data.published import published
    from llo_research.report.content.labels import check_language

    check_language(language)
    chosen = edition_of(edition)
    entries = _entries(chosen, number)
    used = _Used(chosen, surveys)
    targets = [(entry, target) for entry in entries for target in entry.published if used.has(target)]
    if not targets:
        if absent := absent_of(tuple(target.survey for entry in entries for target in entry.published), surveys):
            raise no_files(*dict.fromkeys(absent))
        raise DataError("None of these figures can be estimated from these surveys.", where="surveys=")
    book = published(list(dict.fromkeys(target.series for _, target in targets)), breaks="flag")
    book.attrs = {}  # pandas copies them at every step
    rows = [row_of(entry, target, used.of(target), book) for entry, target in targets]
    check_unmixed(used.loaded)
    synthetic = any(svy.source.get("synthetic") for svy in used.loaded.values())
    source = _source(used.loaded)
    frame = pd.DataFrame(rows).astype({"covers": "boolean", "in_fit": "boolean"})
    meta = {"edition": edition, "synthetic": synthetic, "language": language, "source": source}
    if synthetic:
        meta["by_construction"] = _by_construction(frame, language)
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


def _entries(edition: Edition, number: str | Sequence[str] | None) -> list[Entry]:
    """The figures beside which something was published."""
    there = {key: entry for key, entry in edition.figures.items() if entry.published}
    if number is None:
        return list(there.values())
    asked = [number] if isinstance(number, str) else list(number)
    if absent := [one for one in asked if one not in there]:
        raise DataError(
            f"Beside figure {absent[0]} of edition {edition.id} no published number is known.",
            where="number",
            found=repr(number),
            expected=", ".join(there) or "no figure of this edition has one",
        )
    return [there[one] for one in asked]


def _source(loaded: Mapping[str, Survey]) -> dict[str, Any]:
    """Where our numbers come from, for the foot of the figure."""
    from llo_research.report.content.labels import LANGUAGES, unmarked

    titles = [svy.source.get("title") or {} for svy in loaded.values()]
    kept = {"synthetic": any(svy.source.get("synthetic") for svy in loaded.values())}
    # the mark of synthetic data stands over the whole, not between two names
    named = {key: [unmarked(str(one.get(key, "")), key) for one in titles] for key in LANGUAGES}
    return {**kept, "title": {key: "; ".join(names) for key, names in named.items()}}


def _by_construction(frame: pd.DataFrame, language: str) -> str:
    """For how many of the judged figures the data were made to hold, how many do, and how many are not judged."""
    words, judged = _WORDS[language], frame[frame["covers"].notna()]
    fit, met = int(judged["in_fit"].sum()), int((judged["in_fit"] & judged["covers"]).sum())
    verbs = {"hold": words["hold"][fit != 1], "lie": words["lie"][met != 1]}
    told = words["fit"].format(fit=fit, all=len(judged), met=met, **verbs) if fit else words["no fit"]
    return f"{told} {words['unjudged'].format(k=left)}" if (left := len(frame) - len(judged)) else told


def _places(frame: pd.DataFrame) -> tuple[int, ...]:
    """The decimals to which figures were printed: one, or none of whole numbers."""
    printed = zip(frame["rounding"], frame["theirs"], strict=True)
    return tuple(1 if step < 1 or value % 1 else 0 for step, value in printed)


def _yes(values: pd.Series, words: Mapping[Any, str]) -> tuple[str, ...]:
    """Yes, no, or nothing."""
    import pandas as pd

    return tuple("" if pd.isna(value) else words[bool(value)] for value in values)
