"""The page "Coverage of panel models of other outcomes", from the table that is kept.

python -m tests.regression.coverage_nonlinear_page     writes it
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.coverage_tables import far, off, rows
from tests.regression.coverage_nonlinear_panels import TABLE

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "coverage_of_nonlinear_panels.md"
_HEAD = """# Coverage of panel models of other outcomes

**SYNTHETIC: this shows method, not the Netherlands.** {samples:,} samples of about 400 people in four waves: 82
workplaces in 12 strata, from 57,340 people of the synthetic NEA with their drivers. What they answer (yes or
no, one of three levels, a count, a number) is drawn from models whose coefficients are known, in which what
lasts in a person goes with the person's drivers. Sampling is informative: workplaces that learn more are drawn
twice as often, and in these people in whom learning moves with the drivers. *Target* is what the estimator
finds when everybody is asked; *bias* is the median error in standard deviations of the estimates, *SE / SD* the
estimated beside the found standard error. A coverage of 95 % has a Monte-Carlo standard error of {error:.1f}
points; rows that are off by more than three of these are **bold**. Made by `python -m
tests.regression.coverage_nonlinear_panels`.

## What it shows

- **With weights** all {sound} rows of conditional logit, ordered logit (blow-up and cluster), Poisson with
  fixed effects and strong instruments lie within three Monte-Carlo errors of 95 %, from {least:.1f} to
  {most:.1f} %; most of them below: with 82 units linearised errors are {short:.1f} % too small on average.
- **Without weights** the same estimators find another population: with strong instruments no interval in
  {samples:,} held the target.
- **A logit with a dummy for each person** is biased: its mean coefficients are {twin_low:.2f} to
  {twin_high:.2f} times the target, and its intervals hold {twin_least:.1f} to {twin_most:.1f} %. Conditional
  logit leaves the persons out of the likelihood and is not.
- **Weak instruments** (a first-stage coefficient of 0.06): the estimates have no standard deviation to speak
  of, and t intervals hold {weak_least:.1f} to {weak_most:.1f} % by being endless; the Anderson-Rubin set holds
  {ar_weak:.1f} %, with strong instruments {ar_strong:.1f} %.

## All rows

| weights | estimator | term | target | median | bias in SD | SE / SD | covers, % |
|---|---|---|---:|---:|---:|---:|---:|
"""
SOUND = (
    "conditional logit",
    "fixed-effects ordered logit",
    "Poisson with fixed effects",
    "instruments, strong",
    "Anderson-Rubin, strong",
    "Anderson-Rubin, weak",
)


def page(table: pd.DataFrame) -> str:
    """The page in Markdown."""
    weighted = table[table["weights"] == "weighted"]
    held = weighted.set_index("case")["coverage"] * 100
    sound, firm = held.loc[list(SOUND[:4])], weighted[weighted["case"].isin(SOUND[:4])]
    twin = weighted[weighted["case"].str.startswith("logit with")]
    times = twin["mean"] / twin["target"]
    weak, own = held.loc["instruments, weak"], held.loc[twin["case"].iloc[0]]
    samples = int(table["samples"].iloc[0])
    head = _HEAD.format(
        samples=samples,
        error=100 * far(samples) / 3,
        sound=len(sound),
        short=100 * float((1 - firm["std_error"] / firm["spread"]).mean()),
        least=sound.min(),
        most=sound.max(),
        twin_low=times.min(),
        twin_high=times.max(),
        twin_least=own.min(),
        twin_most=own.max(),
        weak_least=weak.min(),
        weak_most=weak.max(),
        ar_weak=held["Anderson-Rubin, weak"],
        ar_strong=held["Anderson-Rubin, strong"],
    )
    told = table.assign(spread=table["spread"].where(table["case"] != "instruments, weak"))
    return head + "\n".join([*rows(told, ["weights", "case", "term"], "target", "median"), ""])


def wrong(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that must hold 95 % and do not."""
    return table[(table["weights"] == "weighted") & table["case"].isin(SOUND) & off(table)]


if __name__ == "__main__":
    PAGE.write_text(page(pd.read_csv(TABLE)), encoding="utf-8", newline="\n")
