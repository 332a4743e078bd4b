"""What other programs do to a covariance: statsmodels and linearmodels run here, and the factors of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from linearmodels.panel import BetweenOLS, PanelOLS, PooledOLS, RandomEffects

# Coefficients with every dummy, a constant among them.
ABSORBED = {"glm": (), "logit": (), "fd": (), "re": (), "between": (), "fe1": ("who",), "fe2": ("who", "year")}


def coefficients(model: str, frame: pd.DataFrame) -> int:
    """k: two slopes, a constant, and the dummies of what is absorbed."""
    return 3 + sum(frame[name].nunique() - 1 for name in ABSORBED[model.removesuffix("u")])


def factor(model: str, vcov: str, program: str, frame: pd.DataFrame) -> tuple[float, str] | None:
    """The small-sample factor of a program where it is not ours, and its words."""
    n, k = len(frame), coefficients(model, frame)
    g, t = frame["firm"].nunique(), frame["year"].nunique()
    over_time = t / (t - 1) * (n - 1) / (n - k), f"T/(T-1) (n-1)/(n-k), k = {k}; ours with `small_sample='nonnested'`"
    all_counted = g / (g - 1) * (n - 1) / (n - k), f"G/(G-1) (n-1)/(n-k), k = {k} with the dummies"
    if program.startswith("linearmodels"):
        return _linearmodels(model, vcov, n, k)
    if program.startswith("plm") and vcov in ("cluster", "driscoll-kraay"):
        return 1.0, "none (HC0)"
    if program.startswith("plm") and vcov == "hc1":
        slopes = 3 if model == "reu" else 2
        return n / (n - slopes), f"n/(n-k), k = {slopes}: the persons are not counted"
    if program.startswith("statsmodels") and (model, vcov) == ("logit", "hc1"):
        return 1.0, "none, though it is called HC1"
    if program.startswith(("statsmodels", "pyfixest")) and vcov == "driscoll-kraay":
        return over_time
    if program.startswith(("lm on", "diff-diff")) and vcov == "cluster":
        return all_counted
    return None


def _linearmodels(model: str, vcov: str, n: int, k: int) -> tuple[float, str] | None:
    """n / (n - k) in all; effects nested in the clusters go uncounted when they are the only ones."""
    if vcov in ("iid", "hc1"):
        return None
    counted = 2 if (model, vcov) == ("fe1", "cluster") else k
    return n / (n - counted), f"n/(n-k), k = {counted}, no G/(G-1)"


def live(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows of the programs that are installed with us."""
    yield from _statsmodels(frame)
    yield from _linear(frame)


def _row(case: str, program: str, made: Any, errors: pd.Series, df: float) -> dict[str, Any]:
    found = {"estimate": made.params["x"], "std_error": errors["x"], "df": df, "p_value": made.pvalues["x"]}
    return {"case": case, "program": f"{program} {version(program)}", **found}


def _statsmodels(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """WLS and GLM with weights of mean one; their tail is normal unless `use_t` is given."""
    frame = frame.sort_values(["year", "who"])
    x, time = sm.add_constant(frame[["x", "u"]]), (frame["year"] - frame["year"].min()).to_numpy()
    kinds: dict[str, dict[str, Any]] = {
        "iid": {},
        "hc1": {"cov_type": "HC1"},
        "cluster": {"cov_type": "cluster", "cov_kwds": {"groups": frame["firm"]}},
        "two-way": {"cov_type": "cluster", "cov_kwds": {"groups": frame[["firm", "year"]].to_numpy()}},
        "driscoll-kraay": {"cov_type": "hac-groupsum", "cov_kwds": {"time": time, "maxlags": 1}},
    }
    logit = sm.GLM(frame["yes"], x, family=sm.families.Binomial(), var_weights=frame["w"] / frame["w"].mean())
    for name, options in kinds.items():
        made = sm.WLS(frame["y"], x, weights=frame["w"]).fit(**options)
        yield _row(f"glm {name}", "statsmodels", made, made.bse, made.df_resid if made.use_t else np.inf)
        if name in ("iid", "hc1", "cluster"):
            made = logit.fit(tol=1e-14, **options)
            yield _row(f"logit {name}", "statsmodels", made, made.bse, np.inf)


def _linear(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """PooledOLS, PanelOLS, and without weights RandomEffects and BetweenOLS, with their own defaults."""
    data = frame.set_index(["who", "year"])
    y, x, w, firm = data["y"], data[["x", "u"]], data["w"], data[["firm"]]
    both = firm.assign(year=data.index.get_level_values("year"))
    kinds: dict[str, dict[str, Any]] = {
        "iid": {},
        "hc1": {"cov_type": "robust"},
        "cluster": {"cov_type": "clustered", "clusters": firm},
        "two-way": {"cov_type": "clustered", "clusters": both},
        "driscoll-kraay": {"cov_type": "kernel", "kernel": "bartlett", "bandwidth": 1},
    }
    models = {
        "glm": PooledOLS(y, sm.add_constant(x), weights=w),
        "fe1": PanelOLS(y, x, weights=w, entity_effects=True),
        "fe2": PanelOLS(y, x, weights=w, entity_effects=True, time_effects=True),
    }
    for model, start in models.items():
        for name, options in kinds.items():
            made = start.fit(**options)
            yield _row(f"{model} {name}", "linearmodels", made, made.std_errors, made.df_resid)
    random = RandomEffects(y, sm.add_constant(x))
    own = {"iid": {}, "cluster": {"cov_type": "clustered", "cluster_entity": True}}
    for name, options in own.items():
        made = random.fit(small_sample=True, **options)
        yield _row(f"reu {name}", "linearmodels", made, made.std_errors, made.df_resid)
    made = BetweenOLS(y, sm.add_constant(x)).fit()
    yield _row("betweenu iid", "linearmodels", made, made.std_errors, made.df_resid)
