"""Results as files that may leave a secure environment, with the documents for the officer who lets them go."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from llo_research.errors import DataError, DisclosureError, LloWarning
from llo_research.estimation.banner import Banner
from llo_research.estimation.crosstabs import CrossTab
from llo_research.options import check_option
from llo_research.report.disclosure.attacked import attacked
from llo_research.report.disclosure.control import Control, readme
from llo_research.report.disclosure.control_pages import write_control
from llo_research.report.disclosure.decided import Decision, checked_results, decide
from llo_research.report.disclosure.export_names import named
from llo_research.report.disclosure.export_place import code_files, free_place, write_whole
from llo_research.report.disclosure.exportable import exportable
from llo_research.report.disclosure.outgoing import Outgoing
from llo_research.report.disclosure.passing import Passing
from llo_research.report.disclosure.quantile_ends import few_between
from llo_research.report.disclosure.safe import safe
from llo_research.report.disclosure.safe_kinds import DIFFERENCES, inner_of, of_breakdowns, of_cells
from llo_research.results.floors import also_withheld, withheld
from llo_research.results.result import Result
from llo_research.results.rules import guarded_kinds
from llo_research.results.saved import read_result

JOIN = ": "  # between the name of a result and that of one within it; no name of a file holds a colon


def export(
    results: Any,
    directory: str | Path,
    profile: str | Path = "cbs",
    *,
    left_before: Any = None,
    code: str | Path | Sequence[str | Path] | None = None,
    language: str = "en",
) -> Path:
    """Write what of results may leave a secure environment, with the documents for the officer who lets it go.

    Use it inside, when results are ready: the folder holds tables to read, files that ``llo.read_result`` reads
    elsewhere, and in ``control/`` what an officer needs to check them, which stays inside.

    Parameters
    ----------
    results : Result, list or mapping of str to Result
        All that is to leave together: relations between tables are checked within one export. The names are those of
        the files. Models side by side (:func:`llo.compare`) leave one by one; what is made of results (tests, ranks,
        tables, figures) does not leave, its result does, and it is made again outside.
    directory : str or Path
        A folder that is not there yet, or is empty. It is written beside its place and put there when it is complete.
    profile : str or Path
        ``cbs``, ``strict``, ``publication``, or the path of a TOML file with rules of your own. It holds for any data.
    left_before : Result, list or mapping of str to Result, path or list of paths, optional
        What has left already, as results or as the folders of earlier exports. Of folders the people are not known:
        only which rows add up to which is checked.
    code : path or list of paths, optional
        The programs that made the results; they are copied into the documents.
    language : {"en", "nl"}
        Of the documents.

    Returns
    -------
    Path
        The folder: ``NAME.csv`` and ``NAME.json`` for each result of which something passes, ``README.txt``, and
        ``control/``.

    Raises
    ------
    DisclosureError
        Nothing passes, or a withheld number follows from what would leave; nothing is written.
    DataError
        What is no result, names that files cannot have, a folder with files in it, an unknown profile.

    Warns
    -----
    LloWarning
        Restricted data, and a folder below one that git keeps. Earlier exports as folders: differences from them are
        not checked. Withheld numbers of which it could not be shown in time that they do not follow.

    Notes
    -----
    *Leaves*, of rows that pass: estimate, standard error, degrees of freedom, interval, test, unweighted n, weighted
    sum of people, design effect, flags, and the covariance between them. So do their estimates in each imputation or
    plausible value, of which contrasts are worked out [1]_ (each imputation must pass by itself), and of a series break
    the side on which a row stands. Joint intervals and adjusted p-values are those of the rows that leave.
    The covariance of two rows stays inside where it would tell of few: of two answers how many gave both (of equal
    weights, cov (n - 1) = p_ab - p_a p_b), of a number beside an answer the mean of those with the answer. What is made
    of both (a contrast, a ratio, a change in a panel) then leaves without its error, which tells the same.
    A withheld row is named where its names are known outside: they stand in a row that leaves, in the codebook, or
    among declared levels of which at least half leave; any other is left out, and only that there are such is told.
    Ends of an interval that are values of the outermost people do not leave, nor the error made of them.
    *Of the call*: names, conditions, weights' and design's columns and methods. Conditions of which nothing passes,
    which few people meet or few do not, on the column that tells persons apart, or of several comparisons with an
    equality among them (whose people are not known one by one) are told by their columns alone.
    *Stays inside*: values, fitted values, residuals, influence values, replicates, weights; people with and without an
    answer, largest shares; the support of a decomposition; sampling units, strata and rows of survey and domain; paths,
    checksums; totals of calibrations; small counts of what was left out (others are told to whole tens under ``cbs``).
    *Digits*: estimates leave to a thousandth of their error, errors and weighted sums to four digits, correlations of
    rows to four decimals (of models seven), design effects to three digits: all digits are a fingerprint of whole
    numbers. Where the weights have two values in a cell (three in a small one), and few persons one of them, its rows
    leave without error and weighted sum, and to a tenth of their error. Where few counts of a number of up to five
    values fit its mean and error, it leaves so as well, or with an error of two digits where many fit that. With
    ``rounding`` in the profile n is rounded to that base, degrees of freedom down to it, and weighted sums and design
    effects do not leave; this is for reading only, and does not protect n. What protects are the other rules, which
    look at unrounded counts.

    *Outside* a file gives tables, figures, sentences, contrasts, tests of coefficients (``fit.test``) and of crosstabs
    with all their cells, ranks and pooled estimates, and predictions of ``llo.glm`` for a frame of other people.
    Estimates and errors of contrasts are those of inside but for digits; their degrees of freedom are the least of the
    rows used, inside those of all cells together. What needs people (influence, margins, scripts, joint results) says
    what to export instead.

    References
    ----------
    .. [1] Barnard, J. and Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation. Biometrika,
       86, 948-955.

    Examples
    --------
    >>> import llo_research as llo
    >>> nea = llo.synthetic("nea", years=[2022])
    >>> result = llo.mean("training", nea, by="education")
    >>> folder = llo.report.export({"training": result}, "export_1")    # doctest: +SKIP
    >>> llo.read_result(folder / "training").contrast("high - low")    # doctest: +SKIP
    """
    check_option(language, "language", ("en", "nl"))
    given = exportable(named(results))
    target = free_place(directory, any(guarded_kinds(result.meta.get("source")) for result in given.values()))
    sources = code_files(code)
    parts = {**given, **{f"{n}{JOIN}{own}": r for n, result in given.items() for own, r in inner_of(result).items()}}
    earlier = before(left_before)
    decision = decide(parts, profile, left_before=earlier)
    passing = {name: _passing(name, result, decision, str(profile)) for name, result in given.items()}
    leaving = [
        Outgoing(name, given[name], own, safe(given[name], own)) for name, own in passing.items() if not own.gone.all()
    ]
    if not leaving:
        raise _nothing(decision)
    control = Control(given, parts, passing, decision, sources, language, earlier or {})
    _warn_of_before(control)
    write_whole(target, lambda place: _write(place, leaving, control, folders_of(left_before)))
    return target


def _warn_of_before(control: Control) -> None:
    """That of earlier exports only the numbers are known."""
    if unknown := control.before_by_names():
        warnings.warn(control.say("before by names", names=", ".join(unknown)), LloWarning, stacklevel=3)


def _write(place: Path, leaving: Sequence[Outgoing], control: Control, before: Sequence[Path]) -> None:
    """All files of an export."""
    for one in leaving:
        text = json.dumps(one.told, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        (place / f"{one.name}.json").write_bytes(text.encode("utf-8"))
        table = one.table().to_csv(index=False, lineterminator="\n")
        (place / f"{one.name}.csv").write_bytes(table.encode("utf-8"))
    (place / "README.txt").write_bytes(readme(leaving, control).encode("utf-8"))
    leaves = sorted(place.iterdir())
    write_control(control, place / "control", leaves, attacked(place, before))


def before(told: Any) -> dict[str, Result] | None:
    """What left before: results, or those of the folders of earlier exports."""
    if told is None:
        return None
    if places := folders_of(told):
        return {f"{f.name}/{name}": result for f in places for name, result in read_export(f).items()}
    return checked_results(told, "left_before")


def folders_of(told: Any) -> list[Path]:
    """The folders of earlier exports; none where results were told."""
    several = list(told) if isinstance(told, list | tuple) else [told]
    return [Path(one) for one in several] if all(isinstance(one, str | Path) for one in several) else []


def read_export(directory: str | Path) -> dict[str, Result]:
    """The results of an export, read back, by the names of their files."""
    place = Path(directory)
    files = sorted(place.glob("*.json"))
    if not files:
        raise DataError(
            "There is no export here.",
            where=str(place),
            found="no file NAME.json" if place.is_dir() else "no such folder",
            todo="the folder that llo.report.export made",
        )
    return {file.stem: read_result(file) for file in files}


def _passing(name: str, result: Result, decision: Decision, profile: str) -> Passing:
    """Which rows of a result leave, and of those that stand in it."""
    own = _alone(name, result, decision, profile)
    inside = {n: _alone(f"{name}{JOIN}{n}", r, decision, profile) for n, r in inner_of(result).items()}
    if isinstance(result, CrossTab):  # shares within rows and columns are of the same cells
        return of_cells(result, own, inside)
    if isinstance(result, Banner) and (alone := withheld(result, profile)) is not None:
        # a cell against the rest tells nothing new beside all cells of its breakdown, and much where one is withheld
        gone = own.gone | also_withheld(result, alone, own.gone).rest
        inside[DIFFERENCES] = of_breakdowns(result.rows, replace(own, gone=gone))
    return replace(own, inner=inside)


def _alone(name: str, result: Result, decision: Decision, profile: str) -> Passing:
    """Which of its own rows leave: not those of which one imputation may not."""
    gone, apart = decision.hidden[name].copy(), decision.covariances[name]
    ends = apart.ends | few_between(result, decision.rules[name])
    for one in (result, *result.draws):
        seen = withheld(one, profile)
        gone, ends = (gone, ends) if seen is None else (gone | seen.rows, ends | seen.ends)
    return Passing(gone, ends & ~gone, apart.pairs, apart.coarse, decision.profile, decision.rules[name])


def _nothing(decision: Decision) -> DisclosureError:
    """Why there is nothing to write."""
    rules = decision.findings["rule"].value_counts() if len(decision.findings) else pd.Series(dtype=int)
    rule = next(iter(decision.rules.values()))
    return DisclosureError(
        "Nothing of these results may leave, so that nothing was written.",
        where=f"profile {decision.profile.name}",
        found=", ".join(f"{name}: {count} rows" for name, count in rules.items()) or "no rows",
        expected=f"rows of at least {rule.units} people, and as many as {rule.complement} on either side of a share",
        todo="wider groups, years together, or fewer breakdowns; llo.report.check_disclosure(result) says which rows",
    )
