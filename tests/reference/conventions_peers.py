"""What pyfixest and diff-diff give on conventions_panel.csv: run it with both on the path to remake the file.

PYTHONHASHSEED=0 PYTHONPATH=<where they are> python conventions_peers.py > conventions_peers.csv
"""

from __future__ import annotations

import diff_diff
import numpy as np
import pandas as pd
import pyfixest as pf
from diff_diff.linalg import compute_robust_vcov
from diff_diff.survey import SurveyDesign, compute_survey_vcov
from scipy import stats

FRAME = pd.read_csv("conventions_panel.csv")
FORMULAS = {"glm": "y ~ x + u", "fe1": "y ~ x + u | who", "fe2": "y ~ x + u | who + year"}
VCOVS = {
    "iid": "iid",
    "hc1": "hetero",
    "cluster": {"CRV1": "firm"},
    "two-way": {"CRV1": "firm + year"},
    "driscoll-kraay": "DK",
}


def put(case: str, program: str, estimate: float, std_error: float, df: float, p_value: float) -> None:
    print(f"{case},{program},{estimate:.15g},{std_error:.15g},{df:g},{p_value:.15g}")


def pyfixest() -> None:
    """feols with the weights as given, its own defaults."""
    for model, formula in FORMULAS.items():
        for name, vcov in VCOVS.items():
            more = {"lag": 1, "time_id": "year", "panel_id": "who"} if vcov == "DK" else None
            fit = pf.feols(formula, FRAME, vcov=vcov, weights="w", vcov_kwargs=more)
            row = fit.tidy().loc["x"]
            put(f"{model} {name}", f"pyfixest {pf.__version__}", row.iloc[0], row.iloc[1], fit._df_t, row.iloc[3])


def diff_diff_rows() -> None:
    """Its covariance functions on the dummy regression; df and tail as its estimators take them."""
    dummies = pd.get_dummies(FRAME["who"], drop_first=True).to_numpy(float)
    years = pd.get_dummies(FRAME["year"], drop_first=True).to_numpy(float)
    start = np.column_stack([np.ones(len(FRAME)), FRAME[["x", "u"]]])
    x_of = {"glm": start, "fe1": np.hstack([start, dummies]), "fe2": np.hstack([start, dummies, years])}
    w, y = FRAME["w"].to_numpy(), FRAME["y"].to_numpy()
    design = SurveyDesign(weights="w", strata="stratum", psu="firm").resolve(FRAME)
    version = f"diff-diff {diff_diff.__version__}"
    for model, x in x_of.items():
        beta = np.linalg.solve((x * w[:, None]).T @ x, (x * w[:, None]).T @ y)
        e = y - x @ beta
        n, k = x.shape
        made = {
            "hc1": (compute_robust_vcov(x, e, weights=w), n - k),
            "cluster": (compute_robust_vcov(x, e, FRAME["firm"].to_numpy(), weights=w), n - k),
            "design": (compute_survey_vcov(x, e, design), design.df_survey),
        }
        for name, (cov, df) in made.items():
            se = float(np.sqrt(cov[1, 1]))
            p = 2 * stats.t.sf(abs(beta[1] / se), df)
            put(f"{model} {name}", version, float(beta[1]), se, df, float(p))


print("case,program,estimate,std_error,df,p_value")
pyfixest()
diff_diff_rows()
