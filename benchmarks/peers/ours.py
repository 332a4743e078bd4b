"""The tasks through llo_research's public calls, from a pandas frame with categoricals."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from measure import Rows, run
from tasks import Task, read_data, read_totals, some_rows

import llo_research as llo


def _design(task: Task) -> dict[str, Any]:
    """The keywords of the Survey."""
    keywords: dict[str, Any] = {"weights": "w"}
    if task.strata:
        keywords["strata"] = "stratum"
    if task.psus_per_stratum:
        keywords["psu"] = "psu"
    if task.replicates and task.kind == "mean":
        keywords |= {"replicate_weights": f"r[1-{task.replicates}]", "replicate_method": "bootstrap"}
        keywords |= {"replicate_scale": 1 / task.replicates}
    return keywords


def _rows(result: pd.DataFrame) -> Rows:
    """Domain (or variable), estimate, standard error."""
    names = result["domain" if "domain" in result else "variable"].astype(str)
    return list(zip(names, result["estimate"].tolist(), result["std_error"].tolist(), strict=True))


def _calls(task: Task, frame: pd.DataFrame, folder: Path) -> tuple[Callable[[], Any], Callable[[Any], Any], Any]:
    """What makes the design, what is asked of it, and how the answer is told."""

    def design() -> llo.Survey:
        return llo.Survey(frame, **_design(task))

    if task.kind == "mean":
        return design, lambda svy: llo.mean("y", svy, by="domain").to_frame(), _rows
    if task.kind == "bootstrap":

        def bootstrap(svy: llo.Survey) -> pd.DataFrame:
            drawn = llo.replicate(svy, "bootstrap", replicates=task.replicates, seed=1)
            return llo.mean("y", drawn).to_frame()

        return design, bootstrap, _rows
    totals = read_totals(folder)
    if task.kind == "calibrated":
        raked = llo.calibrate(design(), totals, method="raking")
        return lambda: raked, lambda svy: llo.mean("y", svy).to_frame(), _rows
    return (
        design,
        lambda svy: llo.calibrate(svy, totals, method=task.kind, tol=1e-10),
        lambda svy: some_rows(svy.weights.to_numpy()),
    )


def main() -> None:
    folder = Path(sys.argv[-1])
    task, columns = read_data(folder)
    frame = pd.DataFrame(columns, copy=False)
    for name in columns:
        if name in ("domain", "stratum") or name[0] == "m":
            labels = [str(number) for number in range(int(frame[name].max()) + 1)]
            frame[name] = pd.Categorical.from_codes(frame[name], labels)
    run(*_calls(task, frame, folder), f"llo_research {llo.__version__}")


if __name__ == "__main__":
    main()
