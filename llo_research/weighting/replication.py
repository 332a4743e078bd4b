"""Replicate weights from a design: jackknife, balanced half-samples, bootstrap; every weighting step is redone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.design.adjusted_replicates import redone
from llo_research.design.replicates import Replicates
from llo_research.design.stages import Stage
from llo_research.errors import DesignError
from llo_research.numerics import replicate_factors as numerics
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import check_option
from llo_research.survey.collapsed import admitted
from llo_research.survey.lazy import is_lazy
from llo_research.weighting.steps import check_is_survey

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

METHODS = ("jk1", "jkn", "brr", "fay", "bootstrap")
_BOOTSTRAP_REPLICATES = 500


def replicate(
    svy: Survey,
    method: str,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    fay: float | None = None,
    mse: bool = True,
) -> Survey:
    """Replicate weights for a survey with strata and sampling units; its weighting steps are redone on each replicate.

    Parameters
    ----------
    svy : Survey
        With a linearised design (strata, psu, fpc). A domain stays one: its replicates are those of the whole survey.
        A scan, and collapsed rows, with sampling units of their own (psu).
    method : {"jk1", "jkn", "brr", "fay", "bootstrap"}
        Delete-one jackknife without strata, or within strata; balanced half-samples for two units a stratum, with
        Fay's factor for ``fay``; Rao-Wu rescaled bootstrap, also for two stages with fpc.
    replicates : int, optional
        Number of bootstrap replicates (default 500). The other methods determine theirs.
    seed : int, optional
        Needed for the bootstrap. Draws are keyed on the sorted labels of the units, so that row order does not matter
        where they have labels (`psu` or `unit`; without, the row's number is its label). More replicates leave the
        first ones as they are.
    fay : float, optional
        Fay's rho, 0 <= rho < 1.
    mse : bool
        Deviations from the full-sample estimate (True) or from the mean of the replicates.

    Returns
    -------
    Survey
        The same data with replicate weights. The finite population correction of the first stage enters the scales of
        the jackknife (as in R's as.svrepdesign) and the factors of the bootstrap.

    Raises
    ------
    DesignError
        A method that does not fit the design: several strata for ``jk1``, not two units a stratum for ``brr``, a
        stratum with one unit unless lonely_psu is ``remove`` or ``certainty`` (``error`` and ``average`` at the second
        stage of a bootstrap); no seed.

    Notes
    -----
    Degrees of freedom are sampling units minus strata among the rows of a domain that have a weight, as of the design,
    before or after weighting steps. A bootstrap of few replicates is itself uncertain: its variance has a coefficient
    of variation of about sqrt(2 / replicates), which these degrees of freedom do not know; take some hundreds.

    With one stage, the bootstrap factor is 1 - s + s n/(n-1) r, s = sqrt(1 - f), r the draws of a unit among n - 1; a
    second stage multiplies in as in [3]_ with sqrt(r n/(n-1)) in place of the indicator, so that the variance is that
    of the linear case at both stages.

    References
    ----------
    .. [1] Rao, J. N. K. and Wu, C. F. J. (1988). Resampling inference with complex survey data. Journal of the American
       Statistical Association, 83, 231-241.
    .. [2] Judkins, D. R. (1990). Fay's method for variance estimation. Journal of Official Statistics, 6, 223-239.
    .. [3] Preston, J. (2009). Rescaled bootstrap for stratified multistage sampling. Survey Methodology, 35, 227-234.
    .. [4] Wolter, K. M. (2007). Introduction to Variance Estimation, 2nd ed. Springer.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 4.0], "w": [1.0, 1.0, 1.0]})
    >>> svy = llo.replicate(llo.Survey(frame, weights="w"), "jk1")
    >>> float(llo.mean("y", svy).std_error.round(4)[0])
    0.8819
    """
    _check_kinds(replicates, seed, fay, mse)
    if is_lazy(svy):
        given: dict[str, Any] = {"method": method, "replicates": replicates, "seed": seed, "fay": fay, "mse": mse}
        later: Survey = svy.then([], partial(replicate, **given), "replicate", domain=True)
        return later
    known, svy = getattr(svy, "_collapsed", None), _of_units(svy)
    _check(svy, method, replicates, seed, fay)
    stage = svy.design.stages[0]
    _check_lonely(svy, stage)
    if stage.occasions is not None:
        raise DesignError(
            "Replicates of waves that were drawn by themselves and share people are not known.",
            where="replicate",
            found=f"{stage.n_units - stage.occasions.n_distinct} returns of a unit in another wave",
            expected="a panel that was drawn once, or waves that share nobody",
            todo="use the survey as it is: its linearised standard errors carry the overlap",
        )
    unit, stratum = np.arange(len(svy)) if stage.unit is None else stage.unit, stage.stratum_of_units
    if method == "bootstrap":
        factors, unit = _bootstrap(svy, unit, stratum, replicates or _BOOTSTRAP_REPLICATES, seed, mse)
    else:
        factors = _without_chance(method, stage, stratum, fay or 0.0)
    r = factors.factors.shape[1]
    names = tuple(f"{method}{i + 1}" for i in range(r))
    rho = (fay or 0.0) if method == "fay" else None
    facts = (factors.factors, factors.scale, factors.rscales, mse, method, rho, names)
    weights = Replicates(*facts, unit=unit, base=svy._base_weights, from_design=True)
    for step in svy.design.steps:
        weights = redone(step, weights)
    return svy._with(design=replace(svy.design, replicates=weights), collapsed=known)


def _of_units(svy: Survey) -> Survey:
    """Collapsed rows of one sampling unit each, whose factor is that of the people they stand for."""
    if getattr(svy, "_collapsed", None) is None:
        return svy
    inner = svy.design.stages[1:]
    if svy._arguments["psu"] is None or any(stage.unit is None and (stage.carry > 0).any() for stage in inner):
        raise DesignError(
            "Replicates of collapsed rows and of scans are factors of sampling units.",
            where="replicate",
            found="people as the sampling units, who share rows",
            expected="psu=, the column of the sampling units",
            todo="take the standard errors of the design itself, which need no replicates; or name the units as psu",
        )
    made: Survey = admitted(svy)
    return made


def _check(svy: Survey, method: str, replicates: int | None, seed: int | None, fay: float | None) -> None:
    """Options that fit each other."""
    check_is_survey(svy, "replicate")
    check_option(method, "method", METHODS, error=DesignError)
    if svy.design.replicates is not None:
        raise DesignError(
            "The survey has replicate weights already.", where="replicate", found=svy.design.replicates.method
        )
    if method == "bootstrap" and seed is None:
        raise DesignError("The bootstrap draws at random and needs a seed.", where="seed", todo="seed=20231130, say")
    if method != "bootstrap" and (replicates is not None or seed is not None):
        raise DesignError(f"method={method!r} determines its replicates itself.", where="replicates, seed")
    if (method == "fay") != (fay is not None):
        raise DesignError("fay belongs to method='fay', which needs it.", where="fay", found=repr(fay))
    if fay is not None and not 0 <= fay < 1:
        raise DesignError("Fay's coefficient is out of range.", where="fay", found=fay, expected="0 <= fay < 1")


def _check_kinds(replicates: object, seed: object, fay: object, mse: object) -> None:
    """Whole numbers, a number and a switch."""
    for name, value, least in (("replicates", replicates, 2), ("seed", seed, 0)):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least
        if value is not None and not whole:
            raise DesignError(f"{name} is a whole number of {least} or more.", where=name, found=repr(value)[:60])
    if fay is not None and (isinstance(fay, bool) or not isinstance(fay, int | float | np.number)):
        raise DesignError("fay is a number.", where="fay", found=repr(fay)[:60], expected="0 <= fay < 1")
    if not isinstance(mse, bool | np.bool_):
        raise DesignError("mse is True or False.", where="mse", found=repr(mse)[:60], expected="True or False")


def _check_lonely(svy: Survey, stage: Stage, allowed: tuple[str, ...] = ("remove", "certainty")) -> None:
    """Strata with one unit are left as they are, if the design says so; in a stack, if their survey does."""
    rules = [stage.rules[stage.survey[h]] if stage.survey is not None else svy.design.lonely_psu for h in stage.lonely]
    left = [(h, rule) for h, rule in zip(stage.lonely, rules, strict=True) if rule not in allowed]
    if left:
        raise DesignError(
            "A stratum with a single sampling unit has no replicates.",
            where=f"stratum {stage.names[left[0][0]]}",
            found=f"{len(left)} such strata, lonely_psu={left[0][1]!r}",
            todo="merge strata, or make the Survey with lonely_psu='remove' or 'certainty'",
        )


def _without_chance(method: str, stage: Stage, stratum: Codes, fay: float) -> numerics.Factors:
    """The methods that draw nothing."""
    n_h = stage.units_per_stratum
    if method == "jk1":
        if len(n_h) > 1:
            raise DesignError(
                "jk1 is for designs without strata.", where="replicate", found=f"{len(n_h)} strata", todo="use 'jkn'"
            )
        return numerics.jackknife_1(stage.n_units, float(stage.fraction[0]))
    if method == "jkn":
        return numerics.jackknife_n(stratum, n_h, stage.fraction)
    if (n_h != 2).any():
        h = int((n_h != 2).argmax())
        raise DesignError(
            f"{method} needs exactly two sampling units in each stratum.",
            where=f"stratum {stage.names[h]}",
            found=f"{n_h[h]:g} units",
            todo="use 'jkn' or 'bootstrap'",
        )
    if (stage.fraction > 0).any():
        raise DesignError(
            f"{method} cannot take a finite population correction into account.",
            where="fpc",
            found=f"sampling fractions up to {stage.fraction.max():g}",
            todo="use 'jkn' or 'bootstrap'",
        )
    return numerics.balanced_halves(stratum, len(n_h), fay)


def _bootstrap(
    svy: Survey, unit: Codes, stratum: Codes, replicates: int, seed: int | None, mse: bool
) -> tuple[numerics.Factors, Codes]:
    """Rescaled bootstrap factors of the units of the last stage that is drawn."""
    stage = svy.design.stages[0]
    streams = np.random.SeedSequence(seed).spawn(len(svy.design.stages))
    factors, counts = numerics.rescaled_bootstrap(
        stratum, stage.units_per_stratum, stage.fraction, replicates, np.random.default_rng(streams[0])
    )
    if len(svy.design.stages) > 2:
        raise DesignError("The bootstrap knows one or two stages.", found=f"{len(svy.design.stages)} stages")
    if len(svy.design.stages) == 2 and (svy.design.stages[1].carry > 0).any():
        _check_lonely(svy, svy.design.stages[1], ("remove", "certainty", "adjust"))
        factors, unit = _second_stage(svy, unit, factors, counts, replicates, streams[1])
    return numerics.Factors(factors, 1 / (replicates if mse else replicates - 1), np.ones(replicates)), unit


def _second_stage(
    svy: Survey, unit: Codes, factors: Floats, counts: Floats, replicates: int, stream: np.random.SeedSequence
) -> tuple[Floats, Codes]:
    """The factors of second-stage units: + sqrt(r n/(n-1)) lambda_2 (n_2/(n_2-1) r_2 - 1)."""
    first, second = svy.design.stages
    inner = np.arange(len(svy)) if second.unit is None else second.unit
    home = np.empty(second.n_units, dtype=np.intp)
    home[inner] = unit
    n_1 = first.units_per_stratum
    own = np.empty(first.n_units, dtype=np.intp)
    own[unit] = first.stratum
    blown_up = np.divide(n_1, n_1 - 1, out=np.ones_like(n_1), where=n_1 > 1)[own]
    carried = np.sqrt(counts * blown_up[:, None])
    unscaled, _ = numerics.rescaled_bootstrap(
        home,
        second.units_per_stratum,
        np.zeros(len(second.units_per_stratum)),
        replicates,
        np.random.default_rng(stream),
    )
    spread = np.sqrt(second.carry * (1 - second.fraction))[home]
    return factors[home] + carried[home] * spread[:, None] * (unscaled - 1), inner
