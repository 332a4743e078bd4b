"""Writes the page that sets published figures beside the synthetic population and the default sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from llo_research.data.instrument import instrument_of
from llo_research.data.synthetic.answers import Answers, people
from llo_research.data.synthetic.fitting import share
from llo_research.data.synthetic.generate import synthetic
from llo_research.data.synthetic.parameters import INSTRUMENTS, Parameters, along, parameters
from llo_research.data.synthetic.population import population
from llo_research.estimation import mean

# An item that is no variable of the codebook: how a sample tells it.
_FROM_ITEMS = {
    "autonomy1_regularly": ("autonomy1", (3,)),
    "demands2_often": ("demands2", (3, 4)),
    "fewer_skills": ("skills_match_code", (1,)),
    "not_connected": ("commitment", (1, 2)),
}
_COLUMNS = {"contract": "contract10", "age": "age_group"}


@dataclass(frozen=True)
class Line:
    """A target: published, in the population, and estimated from the default sample (percentages; nan: not asked)."""

    instrument: str
    name: str
    year: int
    source: str
    fit: bool
    published: float
    population: float
    estimate: float
    low: float
    high: float


def lines(instrument: str) -> Iterator[Line]:
    """Every target of an instrument, by year."""
    given = parameters(instrument)
    targets = sorted(given.raw["targets"], key=lambda target: (not target.get("fit", False), target["year"]))
    for target in targets:
        true = 100 * share(Answers(given, people(given, target["year"])), target)
        estimate, low, high = _estimated(given, target)
        yield Line(
            instrument.upper(),
            target["name"],
            target["year"],
            f"{target['series']}",
            bool(target.get("fit")),
            float(target["value"]),
            true,
            estimate,
            low,
            high,
        )


def _estimated(given: Parameters, target: Mapping[str, Any]) -> tuple[float, float, float]:
    """Estimate and 95 % interval from the default sample of the year."""
    svy = synthetic(given.instrument, years=target["year"])
    item, codes = _FROM_ITEMS.get(target["variable"], (target["variable"], ()))
    if item not in svy.frame:
        return (np.nan, np.nan, np.nan)
    if codes:
        answered = svy.frame[item].isin(codes).astype(float).where(svy.frame[item].notna())
        half = instrument_of(given.instrument).half_of(item)
        if half and target["year"] >= given.design.get("halves_from", 9999):
            svy = svy.use_weights(f"weight_half{half}")
        svy = svy.assign(**{target["variable"]: answered})
    for dimension, levels in target.get("where", {}).items():
        named = ", ".join(repr(level) for level in levels)
        svy = svy.where(f"{_COLUMNS.get(dimension, dimension)} in [{named}]")
    row = mean(target["variable"], svy).to_frame().iloc[0]
    estimate, low, high = (100 * float(row[name]) for name in ("estimate", "conf_low", "conf_high"))
    return estimate, low, high


def margins() -> Iterator[tuple[str, int, str, bool, float, float]]:
    """Published composition beside the population: name, year, source, in the fit, published, synthetic (per cent)."""
    nea = parameters("nea")

    def part(year: int, dimension: str, level: str, ages: tuple[int, ...] | None = None) -> float:
        whole = population(nea, year)
        counts = whole.counts()
        inside = np.ones(len(counts), dtype=bool) if ages is None else np.isin(whole.codes["age"], ages)
        hit = inside & (whole.codes[dimension] == nea.levels(dimension).index(level))
        return 100 * float(counts[hit].sum()) / float(counts[inside].sum())

    adult = (1, 2, 3, 4)
    for level, count in (("low", 1330), ("middle", 2795), ("high", 2490)):
        yield (
            f"education {level}, 25-64",
            2011,
            "AES_2011",
            True,
            100 * count / 6615,
            part(2011, "education", level, adult),
        )
    for level, count in (("25-34", 1845), ("35-44", 1975), ("45-54", 1925), ("55-64", 880)):
        yield f"age {level} of 25-64", 2011, "AES_2011", True, 100 * count / 6625, part(2011, "age", level, adult)
    yield "permanent", 2023, "LFS_pos_2023Q4", True, 100 * 5449 / 8166, part(2023, "contract", "permanent")
    yield "men, 25-64 (12 hours or more)", 2011, "AES_2011", False, 100 * 3725 / 6625, part(2011, "sex", "male", adult)
    yield (
        "permanent, 25-64 (12 hours or more)",
        2011,
        "AES_2011",
        False,
        100 * 4740 / 5565,
        part(2011, "contract", "permanent", adult),
    )


def page() -> str:
    """The page as Markdown."""
    made = [line for instrument in INSTRUMENTS for line in lines(instrument)]
    fitted, held = [x for x in made if x.fit], [x for x in made if not x.fit]
    worst = max(fitted, key=lambda x: abs(x.population - x.published))
    far = max(held, key=lambda x: abs(x.population - x.published))
    within = sum(x.low <= x.population <= x.high for x in made if not np.isnan(x.estimate))
    asked = sum(not np.isnan(x.estimate) for x in made)
    text = [_HEAD.format(fitted=len(fitted), held=len(held))]
    text += ["## In the fit\n", _table(fitted)]
    miss = abs(worst.population - worst.published)
    text.append(f"\nLargest miss in the population: {miss:.2f} percentage points ({worst.name}, {worst.year}).\n")
    text += ["\n## Held out of the fit\n", _table(held)]
    miss = abs(far.population - far.published)
    text.append(f"\nLargest miss in the population: {miss:.1f} percentage points ({far.name}, {far.year}).\n")
    text.append(f"\nOf the {asked} intervals of the default sample, {within} hold the value of the population.\n")
    text += ["\n## Composition of the employees\n", _composition()]
    text += ["\n## Levels between the published figures\n", _paths()]
    return "".join(text)


_HEAD = """# Targets of the synthetic surveys

Published figures beside the synthetic population and the estimate from the default sample with its 95 % interval.
Percentages. {fitted} published figures are in the fit, {held} are held out of it and only compared, as they fall.
The rule: the story lines of the monitor are in the fit; a variable without a story line has its first published figure
in the fit; bounds never; everything else is held out. Series are those of `llo.published()`.
What is invented is told in [Synthetic data](../explanation/synthetic_data.md).

This page is written by `python -m llo_research.data.synthetic.comparison`.

"""


def _table(rows: list[Line]) -> str:
    """Targets as a Markdown table."""
    out = ["\n| survey | year | target | series | published | population | miss | estimate | 95 % interval |\n"]
    out.append("|---|---|---|---|---:|---:|---:|---:|---|\n")
    for x in rows:
        known = not np.isnan(x.estimate)
        estimate, interval = (f"{x.estimate:.1f}", f"{x.low:.1f} to {x.high:.1f}") if known else ("not asked", "")
        miss = round(x.population - x.published, 2) + 0.0
        out.append(
            f"| {x.instrument} | {x.year} | {x.name} | `{x.source}` | {x.published:.1f} | {x.population:.2f} "
            f"| {miss:+.2f} | {estimate} | {interval} |\n"
        )
    return "".join(out)


def _composition() -> str:
    """Margins as a Markdown table."""
    out = [
        "\n| year | what | series | in the fit | published | population | miss |\n|---|---|---|---|---:|---:|---:|\n"
    ]
    for name, year, source, fit, published, true in margins():
        mark = "yes" if fit else "no"
        miss = round(true - published, 2) + 0.0
        out.append(f"| {year} | {name} | `{source}` | {mark} | {published:.2f} | {true:.2f} | {miss:+.2f} |\n")
    return "".join(out)


def _paths() -> str:
    """The levels of years without a published figure, which are not published by anybody."""
    out = ["\nInvented or interpolated, and met by the generator like targets: nobody published them.\n\n"]
    for instrument in INSTRUMENTS:
        for latent, path in parameters(instrument).raw.get("path", {}).items():
            years = [int(year) for year in path["years"]]
            told = ", ".join(f"{year} {float(along(path, year)):.1f}" for year in years)
            out.append(f"- {instrument.upper()}, `{path.get('variable', latent)}`: {told}\n")
    return "".join(out)


def write(root: Path) -> Path:
    """Write the page below the docs of a project."""
    path = root / "docs" / "reference" / "synthetic_targets.md"
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(page())
    return path


if __name__ == "__main__":
    print(write(Path.cwd()).as_posix())
