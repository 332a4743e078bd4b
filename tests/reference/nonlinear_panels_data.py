"""Write `nonlinear_panels_data.csv`: an invented panel with answers, counts, levels, an instrument and whole weights.

python tests/reference/nonlinear_panels_data.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent


def panel(persons: int = 90, waves: int = 5, seed: int = 17) -> pd.DataFrame:
    """A row for each person and wave, one in six of them absent."""
    rng = np.random.default_rng(seed)
    who, n = np.repeat(np.arange(persons), waves), persons * waves
    lasting = rng.normal(size=persons)[who]
    out = pd.DataFrame({"who": who + 1, "year": np.tile(np.arange(2014, 2014 + waves), persons)})
    out["stratum"], out["sector"] = who % 3, rng.integers(0, 4, n)
    out["x"] = np.round(0.5 * lasting + rng.normal(size=n), 3)
    out["u"] = np.round(rng.normal(size=n) + 0.2 * (out["year"] - 2016), 3)
    out["z1"], out["z2"] = np.round(rng.normal(size=n), 3), np.round(rng.normal(size=n) + lasting, 3)
    common = rng.normal(size=n)
    out["e"] = np.round(0.6 * out["z1"] + 0.3 * out["z2"] + common + rng.normal(size=n), 3)
    out["y"] = np.round(out["x"] + 0.5 * out["e"] + common + lasting + rng.normal(size=n), 3)
    latent = 0.8 * out["x"] - 0.5 * out["u"] + lasting + rng.logistic(size=n)
    out["yes"] = (latent > 0).astype(int)
    out["level"] = np.digitize(latent, [-1, 0.5, 2]) + 1
    out["count"] = rng.poisson(np.exp(0.4 * out["x"] - 0.2 * out["u"] + 0.7 * lasting - 0.3))
    out["w"] = rng.integers(1, 4, persons)[who]
    out["wv"] = np.round(out["w"] * rng.uniform(0.5, 1.5, n), 3)
    return out[rng.random(n) > 1 / 6]


if __name__ == "__main__":
    panel().to_csv(HERE / "nonlinear_panels_data.csv", index=False, lineterminator="\n")
