"""Proves that R reads the files of ``svy.to_file``: labels and order (haven), all digits (read.csv), R survey's errors.

Run where R is: Debian's r-cran-haven and r-cran-survey.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import LloWarning
from tests.survey import samples

# R 4.2 multiplies decimals out in long doubles: one value of 20,000 came a last digit off; later versions round right.
LAST_DIGIT = 1
SAME = 1e-12  # sums in another order
AS_JSON = """
tell <- function(x) {
  if (is.list(x)) return(paste0("{", paste0('"', names(x), '":', vapply(x, tell, ""), collapse = ","), "}"))
  gone <- is.na(x)
  if (is.numeric(x)) text <- sprintf("%.17g", x) else if (is.logical(x)) text <- ifelse(x, "true", "false")
  else text <- vapply(enc2utf8(as.character(x)), function(s) paste0('"', paste(sprintf("%x", utf8ToInt(s)),
                      collapse = " "), '"'), "")
  text[gone] <- "null"
  paste0("[", paste(text, collapse = ","), "]")
}
"""


@cache
def lacking(package: str) -> str:
    """Why R cannot run this; nothing when it can."""
    if shutil.which("Rscript") is None:
        return "Rscript is not installed"
    found = subprocess.run(["Rscript", "-e", f"library({package})"], capture_output=True, check=False)
    return f"R lacks the package {package}" if found.returncode else ""


def in_r(lines: str, package: str) -> Any:
    """What a script tells with ``tell``; text comes as code points, so that no locale matters."""
    if reason := lacking(package):
        pytest.skip(reason)
    script = f"suppressMessages(library({package}))\n{AS_JSON}\n{lines}"
    settings = {**os.environ, "LC_ALL": "C.UTF-8"}  # in a locale of one byte R has no ☺
    ran = subprocess.run(
        ["Rscript", "-"], input=script, capture_output=True, text=True, encoding="utf-8", check=False, env=settings
    )
    assert ran.returncode == 0, ran.stderr
    return _texts(json.loads(ran.stdout))


def _texts(told: Any) -> Any:
    """Code points as text again."""
    if isinstance(told, dict):
        return {key: _texts(value) for key, value in told.items()}
    return ["".join(chr(int(code, 16)) for code in v.split()) if isinstance(v, str) else v for v in told]


def survey() -> llo.Survey:
    """Labels, categories, gaps, dates, odd names and text."""
    frame = pd.DataFrame(
        {
            "level": pd.Categorical(["low", None, "high", "low"], categories=["never", "low", "high"], ordered=True),
            "code": [1.0, 2.0, np.nan, 9.0],
            "yes": [True, False, True, True],
            "text": ["a,b", 'say "é"', "☺\nnext", None],
            "day": pd.to_datetime(["2020-02-29", None, "1950-01-01", "2023-12-31"]),
            "two words": [0.1, 1 / 3, 2e-300, -7.0],
            "lengthy": ["x" * 3000, "y", "z", "w"],
            "w": [1.5, 2.5, 0.1, 1.0],
        }
    )
    labels = {
        "level": {"nl": "niveau", "en": "Level", "values": {"low": {"nl": "laag", "en": "quite low"}}},
        "code": {"nl": "vraag", "en": "The question (één)", "values": {1: "no", 2: "yes", 9: "don't know"}},
    }
    return llo.Survey(frame, weights="w", labels=labels)


@pytest.mark.parametrize(("kind", "reader"), [("dta", "read_dta"), ("sav", "read_sav")])
def test_haven_reads_labels_order_and_values(kind: str, reader: str, tmp_path: Path) -> None:
    with pytest.warns(LloWarning, match="another name"):
        path = survey().to_file(tmp_path / f"own.{kind}")
    told = in_r(
        f"""
        d <- {reader}("{path.as_posix()}")
        f <- as_factor(d)
        cat(tell(list(names = names(d), level = as.numeric(d$level), levels = levels(f$level), shown = f$level,
          label = attr(d$level, "label"), code = as.numeric(d$code), codes = as.numeric(attr(d$code, "labels")),
          words = names(attr(d$code, "labels")), question = attr(d$code, "label"), yes = as.numeric(d$yes),
          text = d$text, day = format(as.Date(d$day)), x = as.numeric(d[[6]]), was = attr(d[[6]], "label"),
          long = nchar(d$lengthy), w = as.numeric(d$w))))
        """,
        "haven",
    )
    assert told["names"] == ["level", "code", "yes", "text", "day", "two_words_a03f1d61", "lengthy", "w"]
    assert told["level"] == [2, None, 3, 2] and told["shown"] == ["quite low", None, "high", "quite low"]
    assert told["levels"] == ["never", "quite low", "high"]  # in declared order, with what does not occur
    assert told["label"] == ["Level"] and told["question"] == ["The question (één)"]
    assert told["code"] == [1, 2, None, 9]
    assert dict(zip(told["codes"], told["words"], strict=True)) == {1: "no", 2: "yes", 9: "don't know"}
    assert told["yes"] == [1, 0, 1, 1]
    assert [text or None for text in told["text"]] == ["a,b", 'say "é"', "☺\nnext", None]
    assert told["day"] == ["2020-02-29", None, "1950-01-01", "2023-12-31"]
    assert told["x"] == [0.1, 1 / 3, 2e-300, -7.0] and told["was"] == ["[two words]"]
    assert told["long"] == [3000, 1, 1, 1] and told["w"] == [1.5, 2.5, 0.1, 1.0]


def test_read_csv_reads_names_text_and_gaps(tmp_path: Path) -> None:
    path = survey().to_file(tmp_path / "own.csv")
    told = in_r(
        f"""
        d <- read.csv("{path.as_posix()}", na.strings = "", check.names = FALSE, fileEncoding = "UTF-8")
        cat(tell(list(names = names(d), rows = nrow(d), level = d$level, code = d$code, yes = d$yes, text = d$text,
          day = format(as.Date(d$day)), x = d[["two words"]], kind = class(d$yes))))
        """,
        "stats",
    )
    assert told["names"] == list(survey().frame.columns) and told["rows"] == [4]
    assert told["level"] == ["low", None, "high", "low"]
    assert told["code"] == [1, 2, None, 9] and told["yes"] == [True, False, True, True]
    assert told["kind"] == ["logical"]
    assert told["day"] == ["2020-02-29", None, "1950-01-01", "2023-12-31"]
    assert told["x"] == [0.1, 1 / 3, 2e-300, -7.0]
    assert told["text"] == ["a,b", 'say "é"', "☺\nnext", None]


def test_read_csv_reads_all_digits(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.normal(size=3000) * 10.0 ** rng.integers(-15, 15, 3000), rng.random(3000), [1e300, 5e-324]])
    path = llo.Survey(pd.DataFrame({"x": x, "w": 1.0 + rng.random(len(x))}), weights="w").to_file(tmp_path / "own.csv")
    told = in_r(f'd <- read.csv("{path.as_posix()}")\ncat(tell(list(x = d$x)))', "stats")
    read = np.array(told["x"])
    assert (np.abs(read - x) <= LAST_DIGIT * np.spacing(np.abs(x))).all()
    assert (read != x).mean() < 1e-3


@pytest.mark.parametrize("kind", ["csv", "dta", "sav"])
@pytest.mark.parametrize("design", ["clusters", "with fpc"])
def test_r_survey_gives_our_numbers_from_the_file(design: str, kind: str, tmp_path: Path) -> None:
    svy = samples.survey(design).where("older")
    path = svy.to_file(tmp_path / f"own.{kind}")
    if kind != "csv" and (reason := lacking("haven")):
        pytest.skip(reason)
    load = {"csv": "read.csv", "dta": "haven::read_dta", "sav": "haven::read_sav"}[kind]
    fpc = ", fpc = ~places" if design == "with fpc" else ""
    told = in_r(
        f"""
        d <- as.data.frame({load}("{path.as_posix()}"))
        s <- svydesign(ids = ~place, strata = ~stratum, weights = ~w, nest = TRUE, data = d{fpc})
        m <- svymean(~gappy, subset(s, in_domain == 1), na.rm = TRUE)
        cat(tell(list(estimate = as.numeric(coef(m)), error = as.numeric(SE(m)))))
        """,
        "survey",
    )
    ours = llo.mean("gappy", svy)
    np.testing.assert_allclose(told["estimate"], ours.estimate, rtol=SAME)
    np.testing.assert_allclose(told["error"], ours.std_error, rtol=SAME)


def test_r_survey_gives_our_numbers_from_replicates_made_here(tmp_path: Path) -> None:
    svy = llo.replicate(samples.survey(), "jkn")
    made = svy.design.replicates
    path = svy.to_file(tmp_path / "own.csv")
    factors = ", ".join(f"{value!r}" for value in made.rscales.tolist())
    told = in_r(
        f"""
        d <- read.csv("{path.as_posix()}")
        s <- svrepdesign(data = d, weights = ~w, repweights = d[grep("^replicate_", names(d))], type = "other",
          scale = {made.scale!r}, rscales = c({factors}), mse = TRUE, combined.weights = TRUE)
        m <- svymean(~hours, s)
        cat(tell(list(estimate = as.numeric(coef(m)), error = as.numeric(SE(m)))))
        """,
        "survey",
    )
    ours = llo.mean("hours", svy)
    np.testing.assert_allclose(told["estimate"], ours.estimate, rtol=SAME)
    np.testing.assert_allclose(told["error"], ours.std_error, rtol=SAME)
