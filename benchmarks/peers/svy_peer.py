"""The tasks through svy (PyPI), from a polars frame with categoricals."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import polars as pl
import svy
from measure import Rows, run
from tasks import read_data


def main() -> None:
    task, columns = read_data(Path(sys.argv[-1]))
    frame = pl.DataFrame(columns)
    for name in ("domain", "stratum"):
        if name in columns:
            frame = frame.with_columns(pl.col(name).cast(pl.String).cast(pl.Categorical))
    if task.replicates:
        weights = svy.BootstrapWgts(prefix="r", n_reps=task.replicates, df=task.replicates - 1)
        design = svy.Design(wgt="w", rep_wgts=weights)
        options = {"method": "replication", "variance_center": "estimate"}
    else:
        design = svy.Design(stratum="stratum", psu="psu" if task.psus_per_stratum else None, wgt="w")
        options = {}

    def rows(result: pl.DataFrame) -> Rows:
        return list(zip(result["domain"].cast(pl.String), result["est"], result["se"], strict=True))

    run(
        lambda: svy.Sample(frame, design),
        lambda sample: sample.estimation.mean("y", by="domain", **options).to_polars(),
        rows,
        f"svy {version('svy')}",
    )


if __name__ == "__main__":
    main()
