"""What the generator is told: data_raw/synthetic/<instrument>.toml, and what was fitted to the targets beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from llo_research.data.synthetic.bits import Floats
from llo_research.errors import DataError
from llo_research.options import check_option

INSTRUMENTS = ("nea", "zea")
SCENARIOS = ("default", "no_within_between", "no_break", "no_drivers")
# Under these informal learning is made otherwise; the others differ in the method only.
OTHER_WORLDS = ("no_within_between", "no_drivers")


def folder() -> Path:
    """Where the parameters lie: ``data_raw/synthetic`` beside the package, or inside it when installed."""
    package = Path(__file__).resolve().parent
    for place in (package.parents[2] / "data_raw" / "synthetic", package / "parameters"):
        if (place / "nea.toml").is_file():
            return place
    raise DataError(
        "The parameters of the synthetic surveys are not there.",
        where="data_raw/synthetic beside the package, or llo_research/data/synthetic/parameters",
        expected="nea.toml",
        todo="Install the package again, or work in a clone of the project.",
    )


@dataclass(frozen=True, eq=False)
class Parameters:
    """Parameters of one instrument under one scenario.

    raw : the TOML file as it stands; fitted : intercepts, cuts and table entries that meet the targets.
    """

    instrument: str
    scenario: str
    raw: Mapping[str, Any]
    fitted: Mapping[str, Any]

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the survey."""
        given = [int(year) for year in self.raw["design"]["years"]]
        return tuple(given) if self.raw["design"].get("listed") else tuple(range(given[0], given[1] + 1))

    @property
    def design(self) -> Mapping[str, Any]:
        """Sizes, response, oversampling, halves."""
        found: Mapping[str, Any] = self.raw["design"]
        return found

    def levels(self, dimension: str) -> list[str]:
        """Levels of a dimension of the population, in their order."""
        return [str(level) for level in self.raw["margins"][dimension]["levels"]]

    def path(self, name: str, year: int) -> Floats:
        """Values of a margin in a year, linear between the years given and level beyond them."""
        return along(self.raw["margins"][name], year)

    def latent(self, name: str) -> Mapping[str, Any]:
        """The equation of a latent, without what the scenario takes out."""
        found: Mapping[str, Any] = self.raw["latents"][name]
        rule = self.raw.get("scenarios", {}).get(self.scenario, {})
        if rule.get("latent") != name:
            return found
        without = set(rule["without"])
        kept = {key: value for key, value in found.items() if key not in without}
        slopes = kept.pop("slopes", {})
        return {**kept, "slopes": {on: {k: v for k, v in s.items() if k not in without} for on, s in slopes.items()}}

    def intercept(self, latent: str, year: int) -> float:
        """The fitted level of a latent in a year: of that year, between fitted years, or of all years."""
        given = self.fitted.get("intercepts", {}).get(latent, 0.0)
        given = self.fitted.get("scenarios", {}).get(self.scenario, {}).get(latent, given)
        if isinstance(given, Mapping):
            years = sorted(given, key=int)
            return float(along({"years": [int(y) for y in years], "values": [given[y] for y in years]}, year))
        return float(given)

    def table(self, latent: str, dimension: str) -> Floats:
        """What each level of a dimension adds to a latent."""
        stated = self.latent(latent).get("tables", {}).get(dimension, {})
        fitted = self.fitted.get("tables", {}).get(latent, {}).get(dimension, {}) if stated else {}
        both = {**stated, **fitted}
        return np.array([float(both.get(level, 0.0)) for level in self.levels(dimension)])

    def cuts(self, item: str) -> list[float]:
        """Where the latent answer turns into the next code."""
        return [float(cut) for cut in self.fitted["cuts"][item]]

    def break_shift(self, item: str, year: int) -> Floats | None:
        """What the new method adds to the latent answer, by education; None where it adds nothing."""
        rule = self.raw.get("break", {})
        if self.scenario == "no_break" or item not in rule or year < rule["year"]:
            return None
        return np.array([float(rule[item][level]) for level in self.levels("education")])


def along(given: Mapping[str, Any], year: int) -> Floats:
    """Values of a year on the line between the years given; the first and last hold beyond."""
    years, values = [int(y) for y in given["years"]], np.asarray(given["values"], dtype=np.float64)
    place = min(max(year, years[0]), years[-1])
    after = next(i for i, y in enumerate(years) if y >= place)
    if years[after] == place:
        return np.asarray(values[after])
    part = (place - years[after - 1]) / (years[after] - years[after - 1])
    return np.asarray(values[after - 1] + (values[after] - values[after - 1]) * part)


def _read(name: str) -> dict[str, Any]:
    """A TOML file of the folder, empty when it is not there (before the first fit)."""
    path = folder() / name
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def check_scenario(instrument: str, scenario: str) -> None:
    """Refuse an instrument that has no synthetic version, and a scenario that it does not have."""
    if instrument not in (*INSTRUMENTS, "wea"):
        raise DataError(
            f"There is no synthetic version of {instrument!r}.",
            where="instrument",
            found=repr(instrument),
            expected=", ".join((*INSTRUMENTS, "wea")),
        )
    check_option(scenario, "scenario", SCENARIOS if instrument in INSTRUMENTS else ("default",))


@cache
def parameters(instrument: str, scenario: str = "default") -> Parameters:
    """The parameters of an instrument.

    Raises
    ------
    DataError
        When there is no such synthetic instrument or scenario.
    """
    check_scenario(instrument, scenario)
    if instrument not in INSTRUMENTS:
        raise DataError("This is made for people, not for establishments.", where="instrument", found=repr(instrument))
    return Parameters(instrument, scenario, _read(f"{instrument}.toml"), _read(f"{instrument}_fitted.toml"))
