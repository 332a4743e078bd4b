"""Write decomposition_change.csv: two overlapping waves of invented persons, with bootstrap weights by cluster.

python tests/reference/decomposition_change_data.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

SEED, CLUSTERS, STRATA, REPLICATES = 20231130, 30, 3, 16


def made() -> pd.DataFrame:
    """The sample: clusters 0-19 in the first wave, 10-29 in the second; weights with the factors of their clusters."""
    rng, frames = np.random.default_rng(SEED), []
    for year, clusters in ((1, range(20)), (2, range(10, CLUSTERS))):
        cluster = np.repeat(list(clusters), 8)
        n = len(cluster)
        g = rng.choice(["a", "b", "c"], n, p=[0.45, 0.45, 0.1])
        autonomy = np.round(rng.normal(size=n) + 0.4 * (g == "a") + 0.1 * year, 3)
        job = rng.choice(["p", "q", "r"], n, p=[0.4, 0.3, 0.3])
        chance = 0.35 + 0.15 * (g == "a") + 0.1 * autonomy + 0.1 * (job == "q") + 0.03 * year
        y = (rng.uniform(size=n) < np.clip(chance, 0.05, 0.95)).astype(int)
        own = {"year": year, "stratum": cluster % STRATA, "cluster": cluster, "g": g, "autonomy": autonomy, "job": job}
        frames.append(pd.DataFrame(own).assign(y=y, w=np.round(rng.uniform(0.5, 2, n), 3)))
    out = pd.concat(frames, ignore_index=True)
    per = CLUSTERS // STRATA
    for r in range(1, REPLICATES + 1):
        factor = np.zeros(CLUSTERS)
        for stratum in range(STRATA):
            members = np.arange(stratum, CLUSTERS, STRATA)
            drawn = rng.choice(members, per - 1)
            factor += np.bincount(drawn, minlength=CLUSTERS) * per / (per - 1)
        out[f"r{r}"] = np.round(out["w"] * factor[out["cluster"]], 6)
    return out


if __name__ == "__main__":
    target = Path(__file__).with_name("decomposition_change.csv")
    made().to_csv(target, index=False, lineterminator="\n")
