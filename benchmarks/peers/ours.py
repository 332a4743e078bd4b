"""The tasks through llo_research's public calls, from a pandas frame with categoricals."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
from measure import Rows, run
from tasks import read_data

import llo_research as llo


def main() -> None:
    task, columns = read_data(Path(sys.argv[-1]))
    frame = pd.DataFrame(columns, copy=False)
    for name in ("domain", "stratum"):
        if name in columns:
            frame[name] = pd.Categorical(frame[name].astype(str))
    keywords: dict[str, Any] = {"weights": "w"}
    if task.strata:
        keywords["strata"] = "stratum"
    if task.psus_per_stratum:
        keywords["psu"] = "psu"
    if task.replicates:
        keywords |= {"replicate_weights": f"r[1-{task.replicates}]", "replicate_method": "bootstrap"}
        keywords |= {"replicate_scale": 1 / task.replicates}

    def rows(result: pd.DataFrame) -> Rows:
        return list(
            zip(result["domain"].astype(str), result["estimate"].tolist(), result["std_error"].tolist(), strict=True)
        )

    run(
        lambda: llo.Survey(frame, **keywords),
        lambda svy: llo.mean("y", svy, by="domain").to_frame(),
        rows,
        f"llo_research {llo.__version__}",
    )


if __name__ == "__main__":
    main()
