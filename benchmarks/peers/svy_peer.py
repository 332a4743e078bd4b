"""The tasks through svy (PyPI), from a polars frame with categoricals."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
import svy
from measure import Rows, run
from tasks import Task, read_data, read_totals, some_rows

REPLICATION = {"method": "replication", "variance_center": "estimate"}


def _design(task: Task) -> Any:
    """The design that svy is told of."""
    if task.replicates and task.kind == "mean":
        weights = svy.BootstrapWgts(prefix="r", n_reps=task.replicates, df=task.replicates - 1)
        return svy.Design(wgt="w", rep_wgts=weights)
    stratum, psu = "stratum" if task.strata else None, "psu" if task.psus_per_stratum else None
    return svy.Design(stratum=stratum, psu=psu, wgt="w")


def _rows(result: pl.DataFrame) -> Rows:
    """Domain (or variable), estimate, standard error."""
    names = result["domain"].cast(pl.String) if "domain" in result.columns else ["y"]
    return list(zip(names, result["est"], result["se"], strict=True))


def _calls(task: Task, frame: pl.DataFrame, folder: Path) -> tuple[Callable[[], Any], Callable[[Any], Any], Any]:
    """What makes the design, what is asked of it, and how the answer is told."""

    def design() -> Any:
        return svy.Sample(frame, _design(task))

    if task.kind == "mean":
        options = REPLICATION if task.replicates else {}
        return design, lambda sample: sample.estimation.mean("y", by="domain", **options).to_polars(), _rows
    if task.kind == "bootstrap":

        def bootstrap(sample: Any) -> pl.DataFrame:
            drawn = sample.weighting.create_bs_wgts(task.replicates, rep_prefix="b", rstate=1)
            return drawn.estimation.mean("y", **REPLICATION).to_polars()

        return design, bootstrap, _rows
    totals = read_totals(folder)
    if task.kind == "raking":
        return (
            design,
            lambda sample: sample.weighting.rake(controls=totals, tol=1e-10, max_iter=1000),
            lambda sample: some_rows(sample.data["rk_wgt"].to_numpy()),
        )
    controls = {svy.Cat(name): levels for name, levels in totals.items()}
    return (
        design,
        lambda sample: sample.weighting.calibrate(controls=controls),
        lambda sample: some_rows(sample.data["calib_wgt"].to_numpy()),
    )


def main() -> None:
    folder = Path(sys.argv[-1])
    task, columns = read_data(folder)
    frame = pl.DataFrame(columns)
    for name in columns:
        if name in ("domain", "stratum") or name[0] == "m":
            frame = frame.with_columns(pl.col(name).cast(pl.String).cast(pl.Categorical))
    run(*_calls(task, frame, folder), f"svy {version('svy')}")


if __name__ == "__main__":
    main()
