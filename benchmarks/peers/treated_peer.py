"""Times doubly robust means of DoubleML and zEpid on the rows of distributions.py; in an environment that has both.

    python treated_peer.py FILE.csv     prints seconds and answers as JSON

DoubleML: the mean of y(1) in each group, cross-fitted in five folds, with weights. zEpid: the effect of d in each group
(its weights leave the standard error to a bootstrap, which is not done here).
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable

import doubleml
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from zepid.causal.doublyrobust import AIPTW

RUNS, FOLDS = 3, 5


def mean_of(own: pd.DataFrame) -> float:
    """The mean outcome had everybody d = 1."""
    data = doubleml.DoubleMLData(own[["yes", "d", "x", "z"]], y_col="yes", d_cols="d", x_cols=["x", "z"])
    models = [LogisticRegression(C=np.inf, tol=1e-8) for _ in range(2)]
    weights = (own["w"] / own["w"].mean()).to_numpy()
    made = doubleml.DoubleMLAPO(data, *models, treatment_level=1, n_folds=FOLDS, weights=weights)
    return float(made.fit().coef[0])


def effect_of(own: pd.DataFrame) -> float:
    """The mean effect of d."""
    made = AIPTW(own, exposure="d", outcome="yes", weights="w")
    made.exposure_model("x + z", print_results=False)
    made.outcome_model("d + x + z + d:x + d:z", print_results=False)
    made.fit()
    return float(made.risk_difference)


def best(data: pd.DataFrame, call: Callable[[pd.DataFrame], float]) -> dict[str, float]:
    """Processor seconds for both groups, the best of several runs, and how far the groups are apart."""
    sides = [data[data["g"] == level].reset_index(drop=True) for level in "ab"]
    found = []
    for _ in range(RUNS):
        started = time.process_time()
        one, other = (call(own) for own in sides)
        found.append((time.process_time() - started, one - other))
    seconds, answer = min(found)
    return {"seconds": seconds, "answer": answer}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    rows = pd.read_csv(sys.argv[1])
    print(json.dumps({"doubleml": best(rows, mean_of), "zepid": best(rows, effect_of)}))
