"""A table book: indicators by several breakdowns side by side, each cell against everybody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.estimation.against_rest import REST, Against, against_rest, told_apart
from llo_research.estimation.means import mean
from llo_research.estimation.target import check_survey
from llo_research.numerics.groups import Floats
from llo_research.options import check_level, check_option, names_of
from llo_research.results.behind import are_levels, smallest
from llo_research.results.claims import adjusted
from llo_research.results.columns import BREAKS
from llo_research.results.facts import Facts, Later
from llo_research.results.floors import FACTS
from llo_research.results.joint import joint, whose
from llo_research.results.result import Result
from llo_research.results.storage import plain, told_of
from llo_research.survey.lazy import survey_for
from llo_research.survey.variables import spelled, variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

AGAINST = (REST,)
HOLM = "holm"
_MOST_LEVELS = 100
_COLUMNS = ("variable", "answer", "group", "level", "of", "minus")


@dataclass(frozen=True, repr=False, eq=False)
class Banner(Result):
    """The means of a table book, with the difference of each from everybody else; made by :func:`banner`.

    Attributes
    ----------
    differences : Result
        A row for each cell: its mean minus that of the rest, with the joint covariance of all of them.
    effect : (k,) array
        Cohen's h (shares) or d (other means) of each difference.
    total : Result
        The means of all people who answered, whatever their breakdowns: the column of totals.
    """

    differences: Result | None = None
    effect: Floats | None = None
    total: Result | None = None

    def kept(self) -> dict[str, Any]:
        """The differences, the sizes of effects, and the totals."""
        assert self.differences is not None
        total = None if self.total is None else told_of(self.total)
        return {"differences": told_of(self.differences), "effect": plain(self.effect), "total": total}

    @classmethod
    def restored(cls, result: Result, own: Mapping[str, Any], rebuilt: Callable[[dict[str, Any]], Result]) -> Banner:
        """A table book, with the differences beside its means."""
        differences, effect = rebuilt(own["differences"]), np.array(own["effect"], dtype=np.float64)
        if len(differences.estimate) != len(result.estimate) or effect.shape != result.estimate.shape:
            raise ValueError("a table book with differences that do not fit its rows")
        total = rebuilt(own["total"]) if own.get("total") else None  # of files of older versions
        return cls(**result.as_fields(), differences=differences, effect=effect, total=total)

    @property
    def p_adjusted(self) -> Floats:
        """(k,) p-values of the differences, by Holm's method for all cells of the book at once."""
        assert self.differences is not None
        return adjusted(self.differences.to_frame()["p_value"].to_numpy(dtype=np.float64), HOLM)

    def to_frame(self) -> pd.DataFrame:
        """The means as a tidy frame, with `of` `minus` `difference` (and its ends) `p_value` `effect` beside them."""
        frame = super().to_frame()
        assert self.differences is not None and self.effect is not None
        told = self.differences.to_frame()
        beside = {"difference": "estimate", "difference_low": "conf_low", "difference_high": "conf_high"}
        new = {name: told[column].to_numpy() for name, column in [*beside.items(), ("p_value", "p_value")]}
        place = list(frame.columns).index("n")
        for number, (name, values) in enumerate({**new, "p_adjusted": self.p_adjusted, "effect": self.effect}.items()):
            frame.insert(place + number, name, values)
        return frame


def banner(
    variables: str | Sequence[str],
    svy: Survey,
    *,
    by: str | Sequence[str],
    against: str = "rest",
    weak: float = 0.1,
    level: float = 0.95,
) -> Banner:
    """Indicators by several breakdowns side by side, each cell compared with everybody else: a page of a table book.

    Use it to see at once in which groups an indicator is high or low. Every cell is one that :func:`mean` gives with
    this breakdown, and every difference one that :func:`gap` gives of the cell and all others whose group is known.
    In an Excel file with contents, standard errors and counts: ``llo.report.workbook({"training": book}, path)``.

    Parameters
    ----------
    variables : str or list of str
        Indicators: numbers, booleans or conditions, as ``"cursus == 'ja'"`` (their means); text and categories give a
        row for each answer. Each has its own people, those who answered it.
    svy : Survey
        The data.
    by : str or list of str
        The breakdowns; they are not crossed.
    against : {"rest"}
        What a cell is compared with: all others with a known level of the same breakdown.
    weak : float
        Cohen's h or d below which a difference is called weak, however certain it is.
    level : float
        Confidence level of the intervals, and of what counts as above or below.

    Returns
    -------
    Banner
        A :class:`Result` with a row for each indicator, breakdown and level: columns `variable` (`answer`) `group`
        `level` `of` `minus` `estimate` `std_error` ... `difference` `difference_low` `difference_high` `p_value`
        `p_adjusted` `effect` ... `flag`: ``above`` or ``below`` where the difference is beyond its own uncertainty
        (`p_value`), with ``weak`` where the effect is smaller than `weak`. ``.total`` holds the means of everybody.
        ``llo.report.table`` lays it out: indicators in rows, a total and the breakdowns side by side, with another sign
        where a difference does not hold for all cells at once (`p_adjusted`), and counts below.

    Raises
    ------
    DataError
        A breakdown with one level or over 100, an indicator that is a breakdown too, a name given twice, an unknown
        option.

    Notes
    -----
    People who are all alike (one person; 0 or 100 %) have no variance of their own, which makes any test of theirs too
    sure: such a cell is above or below only where the rest lies outside its own interval too.

    Many cells are compared: at a level of 95 % one in twenty is above or below by chance. `p_adjusted` bounds the
    chance of any such cell in the whole book, whatever their dependence (Holm) [2]_. h = 2 asin(sqrt p_1) -
    2 asin(sqrt p_2) for shares, d = difference over the pooled standard deviation for other means [1]_.

    References
    ----------
    .. [1] Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed. Erlbaum, chapters 2 and 6.
    .. [2] Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of
       Statistics, 6, 65-70.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"trained": [1, 1, 1, 0, 0, 1, 0, 0], "sex": list("mmmmvvvv"), "w": 1.0})
    >>> found = llo.banner("trained", llo.Survey(frame, weights="w"), by="sex").to_frame()
    >>> found[["group", "level", "estimate", "difference", "effect"]].round(2).values.tolist()
    [['sex', 'm', 0.75, 0.5, 1.05], ['sex', 'v', 0.25, -0.5, -1.05]]
    """
    svy = survey_for(svy, [], [*_each_once(variables, "variables"), *_each_once(by, "by")])
    check_survey(svy)
    check_option(against, "against", AGAINST)
    check_level(level)
    if isinstance(weak, bool) or not isinstance(weak, int | float | np.number) or not weak >= 0:
        raise DataError(
            "weak is a size of effect.", where="weak", found=repr(weak)[:60], expected="0 or more", todo="weak=0.1"
        )
    names, breakdowns = _each_once(variables, "variables"), _each_once(by, "by")
    svy = svy._with_conditions([*names, *breakdowns])
    names, breakdowns = ([spelled(svy._frame, name) for name in some] for some in (names, breakdowns))
    _refuse_itself(names, breakdowns)
    means: dict[str, Result] = {}
    gaps: dict[str, Against] = {}
    for name in names:
        for group in breakdowns:
            key = f"{name} by {group}"
            means[key], gaps[key] = _mean(name, svy, group, level), against_rest(name, svy, group, level)
    total = joint({name: mean(name, svy, level=level) for name in names})
    rows = pd.concat([_rows(found) for found in means.values()], ignore_index=True)
    call = {"variables": names, "by": breakdowns, "against": against, "weak": float(weak)}
    return _made(means, gaps, rows[[name for name in _COLUMNS if name in rows]], total, call, _absent(svy, rows))


def _absent(svy: Survey, rows: pd.DataFrame) -> dict[str, list[str]]:
    """Declared levels of breakdowns in which nobody answered anything."""
    there = rows.groupby("group", sort=False)["level"].agg(list)
    levels = {str(group): variable(svy._frame, str(group), "by").levels for group in there.index}
    absent = {group: [str(level) for level in some if level not in there[group]] for group, some in levels.items()}
    return {group: some for group, some in absent.items() if some}


def _each_once(names: str | Sequence[str], where: str) -> list[str]:
    """Names, none of them twice."""
    out = names_of(names, where)
    twice = [name for i, name in enumerate(out) if name in out[:i]]
    if twice:
        raise DataError(
            f"{twice[0]!r} is named twice.", where=where, found=out, expected="each once", todo="name it once"
        )
    return out


def _refuse_itself(names: Sequence[str], breakdowns: Sequence[str]) -> None:
    """An indicator by itself is 0 or 100 % in every cell."""
    both = [name for name in breakdowns if name in names]
    if both:
        raise DataError(
            f"{both[0]!r} is an indicator and a breakdown: by itself it tells nothing.",
            where="banner, variables and by",
            found=f"{both} in both",
            expected="indicators that are not among the breakdowns",
            todo=f"leave it out of one of the two, or make another table book without the breakdown {both[0]!r}",
        )


def _mean(name: str, svy: Survey, group: str, level: float) -> Result:
    """The means of an indicator by one breakdown of two levels or more."""
    found = mean(name, svy, by=group, level=level)
    cells = found.rows[group].nunique()
    if not 2 <= cells <= _MOST_LEVELS:
        few = cells < 2
        raise DataError(
            "There is nobody else to compare with." if few else f"{group!r} has too many levels for a table.",
            where=f"by {group!r}, {name!r}",
            found=f"{cells} level{'' if cells == 1 else 's'} with people",
            expected="a breakdown with two or more levels" if few else f"at most {_MOST_LEVELS} levels",
            todo="leave it out of by, or check the domain"
            if few
            else f"group it into classes first: pandas.cut in svy.assign({group}_class=...)",
        )
    return found


def _rows(found: Result) -> pd.DataFrame:
    """What identifies the cells of one indicator by one breakdown."""
    rows, group = found.rows.reset_index(drop=True), found.meta["by"][0]
    cells = rows[group].astype(object)
    out = pd.DataFrame({"variable": rows["variable"], "group": group, "level": cells})
    if "level" in rows:
        out["answer"] = rows["level"].astype(object)
    return out.assign(of=cells.astype(str), minus=REST)


def _made(
    means: dict[str, Result],
    gaps: dict[str, Against],
    rows: pd.DataFrame,
    total: Result,
    call: dict[str, Any],
    absent: dict[str, list[str]],
) -> Banner:
    """The table book as one result."""
    whole, differences = joint(means), joint({key: against.differences for key, against in gaps.items()})
    effect = np.concatenate([against.effects.size.ravel() for against in gaps.values()])
    sure = np.concatenate([told_apart(means[key], against) for key, against in gaps.items()])
    flags = _flags(whole, differences, sure, np.abs(effect) < call["weak"])
    varying = [name for name in ("variable", "answer", "group", "level") if name in rows and rows[name].nunique() > 1]
    told = rows[varying].itertuples(index=False, name=None)
    labels = tuple(":".join(str(value) for value in row if not pd.isna(value)) for row in told)
    weights = {r.rows["variable"].iloc[0]: r.meta.get("weight") for r in means.values()}
    meta = {**whole.meta, "call": {"function": "banner", **call, "level": whole.level}, "weight": whose(weights)}
    meta |= {"p_adjusted": HOLM, "absent_levels": absent}
    both = Later(_facts, whole.cell_details, differences.cell_details, are_levels(whole.rows))
    shown: dict[str, Any] = {"rows": rows, "labels": labels, "meta": meta, "extra_flags": flags, "cell_details": both}
    return Banner(**{**whole.as_fields(), **shown}, differences=differences, effect=effect, total=total)


def _flags(whole: Result, differences: Result, sure: np.ndarray, small: np.ndarray) -> tuple[str, ...]:
    """The flags of the means, the breaks that differences straddle, and on which side of the rest a cell is."""
    up, none = differences.estimate > 0, ("",) * len(sure)
    out = []
    for i, (own, over) in enumerate(zip(whole.extra_flags or none, differences.extra_flags or none, strict=True)):
        words = [own, *(word for word in over.split() if word in BREAKS)]
        words += ["above" if up[i] else "below", *(["weak"] if small[i] else [])] if sure[i] else []
        out.append(" ".join(word for word in words if word))
    return tuple(out)


def _facts(whole: Facts, differences: Facts, answers: np.ndarray) -> pd.DataFrame:
    """Disclosure facts of each cell and of its difference from the rest: those of the smaller."""
    facts = pd.concat([part()[list(FACTS)] for part in (whole, differences)], ignore_index=True)
    return smallest(facts, np.hstack([np.eye(len(answers), dtype=bool)] * 2), np.tile(answers, 2))
