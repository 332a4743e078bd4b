"""The words and tables of docs/reference/conventions.md."""

from __future__ import annotations

from typing import Any

import numpy as np

TITLES = {
    "glm": "`llo.glm`",
    "logit": "`llo.glm`, logit",
    "fe1": "fixed effects, person",
    "fe2": "fixed effects, person and year",
    "fd": "first differences",
    "re": "random effects",
    "between": "between",
    "mundlak": "Mundlak",
}
CALLS = {
    "design": "nothing: the default",
    "cluster": '`vcov="cluster"`',
    "two-way": '`vcov="two-way", cluster=["firm", "year"]`',
    "driscoll-kraay": '`vcov="driscoll-kraay", lags=1`',
    "hc1": '`vcov="hc1"`',
    "iid": '`vcov="iid"`',
    "wild": '`vcov="wild"`',
}
RULES = {
    "design": "scores by sampling unit, within strata, after weighting steps | n_h/(n_h - 1) in each stratum"
    " | units - strata + 1 - k",
    "cluster": "scores by cluster | G/(G-1) (n-1)/(n-k); effects nested in the clusters not in k | G - 1",
    "two-way": "one way + the other - both | the same, the smaller G in all three parts | smaller G - 1",
    "driscoll-kraay": "scores by time, Bartlett weights over lags | none | T - 1",
    "hc1": "scores row by row | n/(n-k), all effects in k | n - k",
    "iid": "the model's own | dispersion over n - k | n - k",
    "wild": "standard error of `cluster` | that of `cluster` | p and ends from the restricted bootstrap-t",
}
INTRODUCTION = """# Which standard error: our conventions beside those of other programs

Two programs that agree on a coefficient may still print different standard errors: one counts the absorbed persons, the
other does not; one multiplies by G/(G-1); one takes the t distribution, the other the normal. This page says what each
`vcov=` does, and how far others are from it on one small panel.

It is written by a test (`python -m tests.conventions`) and fails when it is out of date. The panel is invented:
`tests/reference/conventions_panel.csv`, 378 rows, 72 persons in 12 firms, 6 years, 3 strata of four firms, one weight a
person. The model is `y ~ x + u`, and every number is about `x`. Statsmodels and linearmodels run in the test. R 4.2.2
(survey 4.1.1, plm 2.6-2, sandwich 3.0-2), pyfixest and diff-diff were run by the scripts in `tests/reference`. Stata
was **not run**, and its manuals were not opened for this page: its lines follow from the factors we take it to use.

## What each covariance is

The statistic is always estimate / standard error, the tail always Student's t.

| asked with | what is added up | small-sample factor | degrees of freedom |
|---|---|---|---|
"""
NUMBERS = """
Here n is rows, n_h sampling units in a stratum, k coefficients, G clusters, T times. `small_sample="none"` takes the
factor off `cluster`, `two-way`, `hc1` and `wild`; `small_sample="nonnested"` puts it on `driscoll-kraay`. Only
`design` knows strata and how the weights were made: all others take the weights as given. What was used stands in
`fit.meta["vcov"]`.

## Ours on the panel

Standard error of `x`, with degrees of freedom in brackets. Firms are sampling units and clusters.

"""
BESIDE = """
## Beside other programs

A ratio of 1.1 says that the other standard error is 10 % larger. Every ratio is explained by the factor beside it: the
test holds that to one part in a million. The degrees of freedom decide the p-value and the interval; *normal* is a
z-test. Fixed effects in R's `lm` and in `svyglm` are dummies. Where it says *unweighted* neither program had
weights, and clusters are persons: weighted fixed effects of plm are not the weighted dummy regression.
"""
REMARKS = {
    "design": "No design-based error can be had from statsmodels, linearmodels, pyfixest or plm. `svyglm` charges every"
    " dummy to the degrees of freedom, which leaves none here; ours charges what stands in the table of coefficients.",
    "cluster": "Who stays in one firm has an effect that is nested in the clusters. Counting these effects makes the"
    " error 11 % larger with six waves, and more with fewer.",
    "two-way": "With 12 firms and 6 years the years decide: five degrees of freedom, whoever computes it.",
    "driscoll-kraay": "Made for many times. With six the errors are too small whatever the factor.",
    "hc1": "Rows of one person are taken as independent: rarely right for a panel.",
    "iid": "Holds when the model is right, errors are independent and equally spread, and weights are precisions.",
}
STATA = """## Stata, as we take it to be (not run, not looked up)

| command | compare with | factor | SE theirs / ours | df theirs, ours |
|---|---|---|---:|---|
"""
WILD = """
`vcov="wild"` has no peer on this page: with 12 clusters all 4,096 draws of signs are made, so that there is nothing
random, and the test against a plain loop is in `tests/regression/test_wild.py`. The p-value of `x` is the share of
draws with a t at least as large, as in the bootstrap of Cameron, Gelbach and Miller with the null imposed. Its
standard error is that of `cluster`.

## What to take

- Answers from a survey: `design`. It is the only one that knows the strata and the weighting.
- Weights of unknown making, a panel of persons: `cluster`. Fewer than thirty clusters: `wild`.
- A table that must equal a published one: find its program above, and say in the note which factor it has.

## Literature

- Arellano, M. (1987). Computing robust standard errors for within-groups estimators. *Oxford Bulletin of Economics and
  Statistics* 49, 431-434.
- Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2008). Bootstrap-based improvements for inference with clustered
  errors. *Review of Economics and Statistics* 90, 414-427.
- Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2011). Robust inference with multiway clustering. *Journal of
  Business & Economic Statistics* 29, 238-249.
- Cameron, A. C. and Miller, D. L. (2015). A practitioner's guide to cluster-robust inference. *Journal of Human
  Resources* 50, 317-372.
- Driscoll, J. C. and Kraay, A. C. (1998). Consistent covariance matrix estimation with spatially dependent panel data.
  *Review of Economics and Statistics* 80, 549-560.
- MacKinnon, J. G. and White, H. (1985). Some heteroskedasticity-consistent covariance matrix estimators with
  improved finite sample properties. *Journal of Econometrics* 29, 305-325.
"""


def text(table: dict[tuple[str, str], Any], rows: list[Any]) -> str:
    """The page."""
    parts = [INTRODUCTION, *(f"| {CALLS[name]} | {said} |\n" for name, said in RULES.items()), NUMBERS]
    parts += [_ours(table), _factors(table), BESIDE]
    for vcov, remark in REMARKS.items():
        here = [row for row in rows if row.case.partition(" ")[2] == vcov]
        parts.append(f"\n### `{vcov}`\n\n{remark}\n\n{_beside(here)}")
    return "".join([*parts, "\n", STATA, *stata(table), WILD])


def _ours(table: dict[tuple[str, str], Any]) -> str:
    """Standard errors by estimator and covariance."""
    lines = ["| estimator | x | " + " | ".join(f"`{name}`" for name in CALLS) + " |", "|---|---:" + "|---:" * 7 + "|"]
    for model, title in TITLES.items():
        found = [table.get((model, vcov)) for vcov in CALLS]
        cells = ["" if own is None else f"{own.std_error:.4f} ({own.df:.0f})" for own in found]
        lines.append(f"| {title} | {table[model, 'design'].estimate:.4f} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _factors(table: dict[tuple[str, str], Any]) -> str:
    """What k is in the factor of clusters."""
    lines = ["\nThe factor of the variance under `cluster`:\n", "| estimator | factor | as |", "|---|---:|---|"]
    for model, title in TITLES.items():
        own = table[model, "cluster"]
        lines.append(f"| {title} | {own.factor:.4f} | {own.told} |")
    return "\n".join(lines) + "\n"


def _beside(rows: list[Any]) -> str:
    """Programs under one covariance."""
    lines = ["| estimator | program | SE theirs / ours | their factor | df theirs, ours |", "|---|---|---:|---|---|"]
    for row in rows:
        model = row.case.partition(" ")[0]
        plain = model.endswith("u")
        title = TITLES[model.removesuffix("u")] + (", unweighted" if plain else "")
        words = "as ours" if abs(row.ratio - 1) < 1e-6 else row.words
        lines.append(f"| {title} | {row.program} | {row.ratio:.4f} | {words} | {_df(row.df)}, {_df(row.own.df)} |")
    return "\n".join(lines) + "\n"


def _df(value: float) -> str:
    """Degrees of freedom; normal where there is no end to them."""
    return "normal" if not np.isfinite(value) else f"{value:.0f}" if value > 0 else "none left"


def stata(table: dict[tuple[str, str], Any]) -> list[str]:
    """Lines of Stata: what follows from the factors that it is taken to use."""
    n, k, g = 378, 3, 12
    cluster = g / (g - 1) * (n - 1) / (n - k)
    rows: list[tuple[str, str, str, str, float, float]] = [
        ("svy: regress y x u", "glm", "design", "n_h/(n_h-1)", 1.0, 9),
        ("svy: logit yes x u", "logit", "design", "n_h/(n_h-1)", 1.0, 9),
        ("regress y x u [pw=w]", "glm", "hc1", "n/(n-k)", 1.0, n - k),
        ("regress ..., vce(cluster firm)", "glm", "cluster", "G/(G-1) (n-1)/(n-k)", 1.0, g - 1),
        ("logit yes x u [pw=w]", "logit", "hc1", "n/(n-1)", n / (n - 1) / (n / (n - k)), np.inf),
        ("logit ..., vce(cluster firm)", "logit", "cluster", "G/(G-1)", g / (g - 1) / cluster, np.inf),
        ("xtreg y x u [pw=w], fe vce(cluster firm)", "fe1", "cluster", "G/(G-1) (n-1)/(n-k), k = 3", 1.0, g - 1),
        (
            "areg y x u [pw=w], absorb(who) vce(cluster firm)",
            "fe1",
            "cluster",
            "G/(G-1) (n-1)/(n-k), k = 74",
            (n - k) / (n - 74),
            g - 1,
        ),
        ("reghdfe y x u [pw=w], absorb(who) cluster(firm)", "fe1", "cluster", "nested effects not in k", 1.0, g - 1),
        ("reghdfe ..., absorb(who year) cluster(firm)", "fe2", "cluster", "nested effects not in k", 1.0, g - 1),
        ("reghdfe ..., absorb(who) cluster(firm year)", "fe1", "two-way", "the smaller G in all parts", 1.0, 5),
    ]
    return [
        f"| `{command}` | {TITLES[model]}, `{vcov}` | {words} | {np.sqrt(ratio):.4f} |"
        f" {_df(df)}, {_df(table[model, vcov].df)} |\n"
        for command, model, vcov, words, ratio, df in rows
    ]
