"""Scripts run by R, all in one session, and how far what they print lies from our numbers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.data.spill import for_programs

PACKAGES = {"survey": "r-cran-survey", "mitools": "r-cran-mitools", "plm": "r-cran-plm", "haven": "r-cran-haven"}
COMPARED = ("estimate", "std_error", "df", "conf_low", "conf_high", "statistic", "p_value")
_SESSION = """
# in an environment of its own: scripts run in the global one, and may call their variables as they like
local({
kept <- search()
degrees <- survey:::degf.svyrep.design
# a file that several scripts read is read once, with all columns as text that any of them reads as text
source("text_columns.R", local = TRUE)
once <- new.env()
read_once <- function(file, ..., colClasses = NA) {
  if (is.null(text_columns[[file]])) return(utils::read.csv(file, ..., colClasses = colClasses))
  if (!exists(file, envir = once)) {
    rm(list = ls(once), envir = once)
    # numbers are read as numbers at once, by their first rows: a thousand replicate weights take minutes otherwise
    first <- utils::read.csv(file, ..., nrows = 500, colClasses = text_columns[[file]])
    kinds <- vapply(first, function(column) if (is.numeric(column)) "numeric" else NA_character_, "")
    kinds[names(text_columns[[file]])] <- text_columns[[file]]
    whole <- tryCatch(utils::read.csv(file, ..., colClasses = kinds),
      error = function(other) utils::read.csv(file, ..., colClasses = text_columns[[file]]))
    assign(file, whole, envir = once)
  }
  get(file, envir = once)
}
for (script in commandArgs(trailingOnly = TRUE)) {
  out <- sub("[.]R$", ".out.csv", script)
  began <- proc.time()[["elapsed"]]
  assign("read.csv", read_once, envir = globalenv())
  tried <- try({
    # in the global environment, as whoever runs it: R finds methods that a script defines there only
    suppressWarnings(suppressMessages(capture.output(sys.source(script, envir = globalenv()))))
    answer <- get("answer", envir = globalenv())
    for (column in names(answer)) if (is.numeric(answer[[column]]))
      answer[[column]] <- ifelse(is.na(answer[[column]]), "", formatC(answer[[column]], digits = 17, format = "g"))
    write.csv(answer, out, row.names = FALSE, na = "")
  }, silent = TRUE)
  if (inherits(tried, "try-error")) writeLines(as.character(tried), paste0(out, ".error"))
  for (loaded in setdiff(grep("^package:", search(), value = TRUE), c(kept, "package:survey")))
    try(detach(loaded, character.only = TRUE), silent = TRUE)
  cat(sprintf("%s %.1f\\n", basename(script), proc.time()[["elapsed"]] - began))
  if ("package:survey" %in% search())  # a script may have a method of its own
    assignInNamespace("degf.svyrep.design", degrees, "survey")
  rm(list = ls(globalenv()), envir = globalenv())
  invisible(gc())
}
})
"""
_MOST_SECONDS = 3 * 3600


@dataclass(frozen=True)
class Answer:
    """What R printed: the table `answer`, or the words of its error; and how long it took."""

    table: pd.DataFrame | None
    error: str
    seconds: float


def missing(packages: tuple[str, ...] = ("survey",)) -> list[str]:
    """What is absent of R and its packages, and the Debian package that has it."""
    if shutil.which("Rscript") is None:
        return ["R (r-base-core, r-cran-survey)"]
    return [f"R's {name} ({PACKAGES.get(name, name)})" for name in packages if not _has(name)]


@cache
def _has(name: str) -> bool:
    """Whether R has a package."""
    words = f'quit(status = as.integer(!requireNamespace("{name}", quietly = TRUE)))'
    return subprocess.run(["Rscript", "--vanilla", "-e", words], capture_output=True, check=False).returncode == 0


@cache
def versions() -> str:
    """R and its survey package, with their versions."""
    words = 'cat(R.version.string, "survey", as.character(packageVersion("survey")))'
    done = subprocess.run(["Rscript", "--vanilla", "-e", words], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "R"


def in_r(scripts: Mapping[str, str], folder: Path) -> dict[str, Answer]:
    """What each script gives; they run in `folder`, where the files lie that they read.

    Parameters
    ----------
    scripts : mapping of str to str
        Scripts that leave a data frame `answer`, by a name.
    folder : Path
        Scripts and answers stay there.

    Returns
    -------
    dict of str to Answer
    """
    session, paths = folder / "session.R", {}
    session.write_text(_SESSION, encoding="utf-8")
    (folder / "text_columns.R").write_text(_text_columns(scripts), encoding="utf-8")
    for place, (name, text) in enumerate(scripts.items(), start=1):
        paths[name] = folder / f"script_{place:03d}.R"
        paths[name].write_text(text, encoding="utf-8")
        for left in (_table(paths[name]), _error(paths[name])):
            left.unlink(missing_ok=True)
    command = ["Rscript", "--vanilla", session.name, *(path.name for path in paths.values())]
    environment = {**os.environ, **for_programs(folder), "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, timeout=_MOST_SECONDS, check=False
    )
    times = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines() if line.startswith("script_"))
    return {name: _answer(path, float(times.get(path.name, "nan")), done.stderr) for name, path in paths.items()}


_READS = re.compile(r'read\.csv\("([^"]+)"(?:.*?colClasses = c\((.*?)\)\))?', re.S)


def _text_columns(scripts: Mapping[str, str]) -> str:
    """For each file the columns that any script reads as text, as a list of R."""
    found: dict[str, dict[str, None]] = {}
    for script in scripts.values():
        for file, columns in _READS.findall(script):
            own = [" ".join(one.split()) for one in re.split(r",\s*(?=[^\"]*=)", columns) if one.strip()]
            found.setdefault(file, {}).update(dict.fromkeys(own))
    lists = {file: f"c({', '.join(own)})" if own else "NA" for file, own in found.items()}
    files = [f'"{file}" = {columns}' for file, columns in lists.items()]
    return f"text_columns <- list({', '.join(files)})\n"


def _table(script: Path) -> Path:
    """Where the answer of a script goes."""
    return script.with_suffix(".out.csv")


def _error(script: Path) -> Path:
    """Where its error goes."""
    return script.with_suffix(".out.csv.error")


def _answer(script: Path, seconds: float, said: str) -> Answer:
    """What a script left."""
    if _error(script).is_file():
        return Answer(None, _error(script).read_text(encoding="utf-8").strip(), seconds)
    if not _table(script).is_file():
        return Answer(None, said.strip()[-400:] or "R stopped before this script", seconds)
    return Answer(pd.read_csv(_table(script)), "", seconds)


def differences(ours: pd.DataFrame, theirs: pd.DataFrame) -> dict[str, np.ndarray]:
    """(k,) relative difference of each row, by column of numbers; infinite where only one of the two has a number.

    An estimate is compared relative to the larger of itself and its standard error, since one about nought is known to
    that scale; ends of intervals to the same and the standard error added.
    """
    if len(ours) != len(theirs):
        return {"rows": np.full(len(ours), np.inf)}
    scale = np.maximum(np.abs(ours["estimate"]), ours["std_error"].fillna(0)).to_numpy()
    error = ours["std_error"].to_numpy()
    out = {}
    for name in COMPARED:
        if name in ours and name in theirs:
            one, other = ours[name].to_numpy(float), pd.to_numeric(theirs[name]).to_numpy(float)
            own = {"estimate": scale, "std_error": error}.get(name, np.maximum(np.abs(one), _LEAST))
            out[name] = _apart(one, other, scale + error if name.startswith("conf") else own)
    return out


_LEAST = 1e-12  # a p-value below is nought to both programs


def _apart(one: Any, other: Any, size: Any) -> np.ndarray:
    """Relative differences."""
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.abs(one - other) / size
    return np.where(same, 0.0, np.where(np.isfinite(apart), apart, np.inf))
