"""Runs scripts in R and lays what they print beside our numbers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

_PACKAGES = {
    "survey": "r-cran-survey",
    "mvtnorm": "r-cran-mvtnorm",
    "mitools": "r-cran-mitools",
    "plm": "r-cran-plm",
    "haven": "r-cran-haven",
}
_TESTS = ("statistic", "p_value", "p_adjusted", "bound", "p_equivalence")
# an error that is smaller than this part of its estimate is what rounding leaves of none
ROUNDING = 1e-6
_RUN = """
# in an environment of its own: scripts run in the global one, and may call their variables as they like
local({
degrees <- survey:::degf.svyrep.design
for (script in commandArgs(trailingOnly = TRUE)) {
  out <- sub("[.]R$", ".out.csv", script)
  tried <- try({
    # in the global environment, as whoever runs it: R finds methods that a script defines there only
    suppressWarnings(suppressMessages(capture.output(sys.source(script, envir = globalenv()))))
    answer <- get("answer", envir = globalenv())
    for (column in names(answer)) if (is.numeric(answer[[column]]))
      answer[[column]] <- ifelse(is.na(answer[[column]]), "", formatC(answer[[column]], digits = 17, format = "g"))
    write.csv(answer, out, row.names = FALSE, na = "")
  }, silent = TRUE)
  if (inherits(tried, "try-error")) writeLines(as.character(tried), paste0(out, ".error"))
  for (loaded in c("package:plm", "package:mitools", "package:haven"))
    if (loaded %in% search()) detach(loaded, character.only = TRUE)
  if ("package:survey" %in% search())  # a script may have a method of its own
    assignInNamespace("degf.svyrep.design", degrees, "survey")
  rm(list = ls(globalenv()), envir = globalenv())
}
})
"""


def r_with(*packages: str) -> pytest.MarkDecorator:
    """Skips a test where R, or a package of it, is not on the machine, with the reason."""
    missing = _missing(("survey", *packages))
    return pytest.mark.skipif(bool(missing), reason=f"not on this machine: {', '.join(missing)}")


_FOUND: dict[str, bool] = {}


def _missing(packages: tuple[str, ...]) -> list[str]:
    """What is absent of R and its packages."""
    if shutil.which("Rscript") is None:
        return ["R (apt-get install r-base-core r-cran-survey)"]
    for name in packages:
        if name not in _FOUND:
            words = f'quit(status = as.integer(!requireNamespace("{name}", quietly = TRUE)))'
            _FOUND[name] = subprocess.run(["Rscript", "--vanilla", "-e", words], capture_output=True).returncode == 0
    return [f"R's {name} ({_PACKAGES.get(name, name)})" for name in packages if not _FOUND[name]]


def in_r(scripts: Mapping[str, str], folder: Path) -> dict[str, pd.DataFrame | str]:
    """The table `answer` of each script, or the words of its error; all run in one session of R."""
    (folder / "run.R").write_text(_RUN, encoding="utf-8")
    paths = {}
    for i, (name, text) in enumerate(scripts.items()):
        paths[name] = folder / f"script_{i}.R"
        paths[name].write_text(text, encoding="utf-8")
    command = ["Rscript", "--vanilla", str(folder / "run.R"), *map(str, paths.values())]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
    assert done.returncode == 0, done.stderr
    out: dict[str, pd.DataFrame | str] = {}
    for name, path in paths.items():
        table, error = path.with_suffix(".out.csv"), path.with_suffix(".out.csv.error")
        out[name] = (
            error.read_text(encoding="utf-8") if error.is_file() else pd.read_csv(table, float_precision="round_trip")
        )
    return out


def answers(results: Mapping[str, Any], svy: llo.Survey, folder: Path) -> dict[str, pd.DataFrame | str]:
    """Writes the survey's file and runs the script of each result on it."""
    path = folder / "data.csv"
    svy.to_file(path)
    return in_r({name: result.to_r(str(path)) for name, result in results.items()}, folder)


def differences(result: Any, answer: pd.DataFrame | str) -> dict[str, float]:
    """Largest difference in each column of numbers: of estimates relative to the estimate or its standard error."""
    assert isinstance(answer, pd.DataFrame), answer
    ours = result.to_frame()
    assert len(answer) == len(ours), f"{len(answer)} rows of R, {len(ours)} of ours"
    scale = np.fmax(np.abs(ours["estimate"]), ours["std_error"])
    out = {}
    for column in ("estimate", "std_error", "df", "conf_low", "conf_high", *_TESTS):
        if column in answer and column in ours:
            one, other = ours[column].to_numpy(float), answer[column].to_numpy(float)
            assert (np.isnan(one) == np.isnan(other)).all(), f"{column}: missing where the other is not\n{one}\n{other}"
            error = np.fmax(ours["std_error"], ROUNDING * scale)
            size = {"estimate": scale, "std_error": error}.get(column, np.maximum(np.abs(one), 1e-12))
            size = np.fmax(scale + ours["std_error"], np.fmax(np.abs(one), 1e-12)) if "conf" in column else size
            same = (one == other) | np.isnan(one)
            out[column] = float(np.max(np.where(same, 0, np.abs(one - other) / np.where(same, 1, size)), initial=0.0))
    return out


def told(found: Mapping[str, Any]) -> str:
    """Differences to read."""
    return json.dumps(found, indent=1, default=str)
