"""The statistical core runs on numpy, pandas and scipy alone, for whoever sits where nothing can be installed."""

from __future__ import annotations

import subprocess
import sys

CORE = """
import importlib.metadata, sys
ALLOWED = {"numpy", "pandas", "scipy", "dateutil", "six", "pytz", "tzdata", "llo_research"}
standard = set(sys.stdlib_module_names)


class Blocked:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in standard or top in ALLOWED or top.startswith("_"):
            return None
        raise ModuleNotFoundError(f"blocked: {name}", name=name)


sys.meta_path.insert(0, Blocked())
import numpy as np, pandas as pd
import llo_research as llo

rng = np.random.default_rng(1)
n = 200
frame = pd.DataFrame({"y": rng.integers(0, 2, n).astype(float), "x": rng.normal(size=n), "g": rng.choice(list("ab"), n),
                      "t": rng.integers(2014, 2016, n), "w": rng.uniform(1, 3, n)})
svy = llo.Survey(frame, weights="w", strata=["t", "g"])
cal = llo.calibrate(svy, {"g": {"a": 210.0, "b": 190.0}})
llo.replicate(cal, "jkn")
results = [llo.mean("y", cal, by="g"), llo.gap("y", cal, group="g", of="a", minus="b"), llo.quantile("x", cal, q=0.5),
           llo.change("y", cal, time="t", base=2014), llo.total("x", cal), llo.share("g", cal)]
crosstab = llo.crosstab("g", "y", cal)
for result in [*results, crosstab]:
    assert "estimate" in result.summary()
    assert str(llo.report.table(result))
crosstab.test("F")
results[0].contrast("a - b")
loaded = {name.partition(".")[0] for name in sys.modules} - standard - ALLOWED
print("loaded beside it:", sorted(name for name in loaded if not name.startswith("_")))
"""


def test_core_needs_numpy_pandas_scipy_only() -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", CORE], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-1500:]
