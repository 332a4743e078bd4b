"""Which numbers of results may not leave a secure environment, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from llo_research.report.disclosure.decided import checked_results, decide
from llo_research.results.result import Result


def check_disclosure(
    result: Result | Sequence[Result] | Mapping[str, Result], profile: str | Path = "cbs"
) -> pd.DataFrame:
    """Which rows of results may not leave a secure environment, and why.

    Use it inside, before anything is handed in for export; :func:`export` leaves out what this finds. The rules hold
    whatever the source, also of open data, so that a table can be tried out.

    Parameters
    ----------
    result : Result, list or mapping of str to Result
        What is to leave together. Several results are checked together: what two of them tell by their difference is
        found only then.
    profile : str or path
        ``cbs``, ``strict``, ``publication``, or the path of a TOML file of your own: ``[rules.restricted]`` with
        `units` (persons behind a number, at least), `complement` (persons with the answer and without it, at least)
        and `largest_share` (of a total by one person, at most), ``[rules.registered]`` and rules of a source by its
        name (``[rules.nea]``), ``[export]`` with `degrees_of_freedom`, `one_category` and `width`, and `confirmed`,
        the date on which you checked them. Of several sources the strictest rules hold.

    Returns
    -------
    DataFrame
        A row for each rule that a row breaks; none when all may leave. Identifiers as in the result (`result` first
        when there are several), then `rule`, `found`, `limit` and `why`, one sentence:

        ``few``: persons in a cell [1]_. ``complement``: persons on one side of a share or total. ``one_category``: more
        than so large a part of a group in one category, or everybody alike. ``dominance``: one person's part of a
        total, or of the weight behind it or behind an answer. ``extreme``: quantiles, and ends of intervals, that are
        values of the outermost persons.
        ``degrees_of_freedom``: persons less coefficients of a model or decomposition [2]_. ``saturated``: a model that
        tells the means of groups, as a table does. ``difference``: two groups of one variable, by whatever name, that
        differ by a few persons or by one who makes up most; a total beside parts of any results that lack a few;
        answers to several questions that together tell of a few. ``unknown``: nobody knows how many persons it rests
        on.
        ``secondary``: it would give another row away [3]_.

        ``.attrs`` hold `profile`, `confirmed` (the date, or ``unconfirmed``) and `checked` (what could not be checked,
        in words), and `covariances` (which of rows that leave stay inside, in words).

    Raises
    ------
    DataError
        Something that is no result, an unknown profile, or a file with a key or value that is no rule.

    Notes
    -----
    Persons are counted, not rows, and without weights: a weighted number is treated as if its count left with it. A
    cell is a set of persons, read from the influence values; so are the persons with an answer. Whatever two sets of
    one variable tell by subtraction is held to the same floors; names do not matter, since values of the same order
    count as one variable. What a variable is (an answer of two values, a number that nearly all have in common, one of
    three to five values) is read from its column in each cell, whatever function uses it. A model tells the mean of
    what it explains, a ratio the totals of both its parts, and a mean of an ordered answer is not shown beside hidden
    levels of it. What else must be hidden is the cheapest set of rows (in persons whose answers a reader loses) that
    leaves each unsafe count `width` persons to be more and to be less [4]_. Results that were read from a file have no
    rows of the data: levels and parts of totals are then known by their identifiers alone.

    References
    ----------
    .. [1] Hundepool, A., Domingo-Ferrer, J., Franconi, L., Giessing, S., Schulte Nordholt, E., Spicer, K. and de Wolf,
       P.-P. (2012). Statistical Disclosure Control. Wiley, chapters 4 to 6.
    .. [2] Bond, S., Brandt, M. and de Wolf, P.-P. (2015). Guidelines for the checking of output based on microdata
       research. Data without Boundaries, deliverable D11.8.
    .. [3] Brandt, M., Franconi, L., Guerke, C., Hundepool, A., Lucarelli, M., Mol, J., Ritchie, F., Seri, G. and
       Welpton, R. (2010). Guidelines for the checking of output based on microdata research. ESSnet SDC.
    .. [4] Fischetti, M. and Salazar-Gonzalez, J. J. (2000). Models and algorithms for optimizing cell suppression in
       tabular data with linear constraints. Journal of the American Statistical Association, 95, 916-928.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"region": ["a"] * 40 + ["b"] * 6, "trained": [0, 1] * 23, "w": 1.0})
    >>> result = llo.mean("trained", llo.Survey(frame, weights="w"), by="region")
    >>> llo.report.check_disclosure(result)[["region", "rule", "found", "limit"]].values.tolist()
    profile cbs: unconfirmed
    [['a', 'secondary', nan, nan], ['b', 'few', 6.0, 10.0], ['b', 'complement', 3.0, 10.0]]
    """
    decision = decide(checked_results(result), profile)
    frame = decision.findings.drop(columns=["name", "row"])
    if isinstance(result, Result):
        frame = frame.drop(columns="result").rename(columns={"part": "result"})
    confirmed = decision.profile.confirmed or "unconfirmed"
    frame.attrs |= {"profile": decision.profile.name, "confirmed": confirmed, "checked": list(decision.checked)}
    frame.attrs["covariances"] = decision.covariances_in_words("en")
    if not decision.profile.confirmed:
        print(f"profile {decision.profile.name}: unconfirmed")
    return frame
