"""Rubin's rules: the results of several completed data sets as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from llo_research.errors import DataError
from llo_research.results.draws import over_draws
from llo_research.results.imputed_calls import aligned, check_repeated
from llo_research.results.result import Result


def combine_imputations(results: Sequence[Result]) -> Result:
    """Combine the same estimate from M imputed data sets (or plausible values) by Rubin's rules.

    Parameters
    ----------
    results : sequence of Result
        At least two results of the same call, one for each imputation. Variables, domains and contrasts may differ in
        the number at the end of a name (``PV1``, ``PV2``; ``"imp1 == 1"``, ``"imp2 == 1"``; ``"P1 - Q1"``,
        ``"P2 - Q2"``), the same in all of a call; or the calls are the same, on imputed data sets.

    Returns
    -------
    Result
        Estimates averaged over imputations; covariance = average sampling covariance + (1 + 1/M) times the covariance
        between imputations; degrees of freedom after Barnard and Rubin. Rows have the name without the number
        (``PV``, ``P - Q``). A contrast of it is worked out in each imputation, and combined.

    Raises
    ------
    DataError
        Fewer than two results; results with different rows, of different calls, weights, designs, levels or intervals;
        the same imputation twice; results that are combined already.

    Notes
    -----
    T = Ubar + (1 + 1/M) B. With lambda = (1 + 1/M) B / T, nu_m = (M - 1) / lambda^2 and nu_obs = (nu + 1)/(nu + 3)
    nu (1 - lambda), nu the complete-data degrees of freedom (the smallest over the imputations),
    df = 1/(1/nu_m + 1/nu_obs) [1]_ [2]_.

    References
    ----------
    .. [1] Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley.
    .. [2] Barnard, J. and Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation. Biometrika,
       86, 948-955.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y1": [1.0, 2.0, 4.0], "y2": [1.0, 3.0, 4.0], "w": [1.0, 1.0, 1.0]})
    >>> svy = llo.Survey(frame, weights="w")
    >>> parts = [llo.mean(name, svy) for name in ("y1", "y2")]
    >>> float(llo.combine_imputations(parts).estimate.round(3)[0])
    2.5
    """
    results = list(results) if isinstance(results, Iterable) else [results]
    if len(results) < 2 or not all(isinstance(result, Result) for result in results):
        raise DataError(
            "Imputations are combined from at least two results.",
            where="combine_imputations",
            expected="a list of results, one for each imputed data set",
            todo="llo.combine_imputations([llo.mean('y1', svy), llo.mean('y2', svy), ...])",
            found=f"{len(results)} of type {', '.join(sorted({type(r).__name__ for r in results}))}",
        )
    for number, result in enumerate(results, start=1):
        if (result.meta.get("call") or {}).get("function") == "banner":
            raise DataError(
                "Table books are not combined over imputations.",
                where=f"result {number}",
                found="cells called above or below by what one imputation says",
                expected="results of one kind of estimate",
                todo="combine the means (llo.mean with by=) and the differences (llo.gap) of each breakdown",
            )
        if "imputations" in result.meta:
            raise DataError(
                "The result is combined over imputations already.",
                where=f"result {number}",
                found=f"{result.meta['imputations']} imputations in it",
                expected="results of one imputation each",
                todo="give all imputations in one list; within and between sets of imputations are not told apart",
            )
    draws, seen, imputed = aligned(results)
    check_repeated(results, seen)
    meta = {name: value for name, value in draws[0].meta.items() if name != "tests"}
    if imputed:
        meta["imputed_variables"] = imputed
    return Result(**over_draws(draws, meta))
