"""Fits what the parameters leave open to the targets that are in the fit, and writes it down; run once, by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np

from llo_research.data.synthetic.answers import Answers, items_of, people
from llo_research.data.synthetic.indicators import indicator
from llo_research.data.synthetic.parameters import Parameters, folder, parameters

_DIGITS = 4
_CLOSE = 2e-5  # a share is met to two thousandths of a percentage point
_STEPS = 12
_SWEEPS = 8
_REFERENCE_YEAR = 2021


@dataclass
class Fit:
    """The numbers found so far, and the populations of the years in use."""

    parameters: Parameters
    numbers: dict[str, Any] = field(default_factory=lambda: {"intercepts": {}, "tables": {}, "cuts": {}})
    years: dict[int, Answers] = field(default_factory=dict)

    def answers(self, year: int) -> Answers:
        """The whole population of a year; at most three are kept."""
        if year not in self.years:
            if len(self.years) > 2:
                self.years.pop(next(iter(self.years)))
            self.years[year] = Answers(self.parameters, people(self.parameters, year))
        return self.years[year]

    def forget(self, latent: str) -> None:
        """A parameter of this latent was changed."""
        for answers in self.years.values():
            answers.forget(latent)


def fit(instrument: str) -> dict[str, Any]:
    """Find cuts, intercepts and table entries, latent by latent in the order of the file."""
    stated = parameters(instrument)
    made = Fit(Parameters(instrument, "default", stated.raw, {}))
    made.parameters = Parameters(instrument, "default", stated.raw, made.numbers)
    for latent in stated.raw["latents"]:
        _start(made, latent)
        targets = [t for t in _targets(stated) if latent_of(stated, t["moves"]) == latent]
        once = [t for t in targets if t.get("path")]
        coupled = [t for t in targets if not t.get("path")]
        for _ in range(_SWEEPS if len(coupled) > 1 else 1):
            moved = [_meet(made, target) for target in coupled]
            if max(moved, default=0.0) < 10.0**-_DIGITS:
                break
        for target in once:
            _meet(made, target)
    _scenarios(made)
    return made.numbers


def _scenarios(made: Fit) -> None:
    """A level for the latent of which a scenario takes something out, so that its mean stays where it was."""
    stated = made.parameters
    for scenario, rule in stated.raw.get("scenarios", {}).items():
        latent, levels = rule["latent"], {}
        fitted = made.numbers["intercepts"].get(latent, 0.0)
        years = [int(year) for year in fitted] if isinstance(fitted, Mapping) else [stated.years[-1]]
        for year in years:
            answers = Answers(stated, people(stated, year))
            other = Answers(Parameters(stated.instrument, scenario, stated.raw, made.numbers), answers.who)
            means = [float(np.mean(each.latent(latent)[1])) for each in (answers, other)]
            levels[str(year)] = round(stated.intercept(latent, year) + means[0] - means[1], _DIGITS)
        made.numbers.setdefault("scenarios", {})[scenario] = {latent: levels}


def _targets(stated: Parameters) -> list[dict[str, Any]]:
    """What is in the fit: targets, and the levels of years between them."""
    found = [dict(target) for target in stated.raw["targets"] if target.get("fit")]
    for latent, path in stated.raw.get("path", {}).items():
        variable = path.get("variable", latent)
        fixed = {int(t["moves"].split()[2]) for t in found if t["moves"].startswith(f"intercept {latent} ")}
        coupled = {int(t["year"]) for t in found if t["moves"].startswith(f"table {latent} ")} - fixed
        for year, value in zip(path["years"], path["values"], strict=True):
            entry = {"year": year, "variable": variable, "value": value, "moves": f"intercept {latent} {year}"}
            found.append(entry | {"path": year not in coupled})
    return found


def latent_of(stated: Parameters, moves: str) -> str:
    """The latent that a target moves."""
    kind, name = moves.split()[:2]
    return str(stated.raw["items"][name]["latent"]) if kind == "cut" else name


def _start(made: Fit, latent: str) -> None:
    """Cuts from the stated shares in the reference year, with everything else at zero."""
    year = min(max(_REFERENCE_YEAR, made.parameters.years[0]), made.parameters.years[-1])
    answers = made.answers(year)
    for item in items_of(made.parameters, latent):
        given = made.parameters.raw["items"][item]
        asked = answers.asked(item) if given.get("asked_of") == "training" else None
        value = answers.answer(item)
        value = np.sort(value if asked is None else value[asked])
        places = np.round(np.cumsum(given["shares"][:-1]) * len(value)).astype(np.int64)
        made.numbers["cuts"][item] = [round(float(value[place]), _DIGITS) for place in places]
    made.forget(latent)


def share(answers: Answers, target: Mapping[str, Any]) -> float:
    """The share that a target speaks of, in the population of its year."""
    value, asked = indicator(answers, target["variable"])
    inside = np.ones(len(value), dtype=bool) if asked is None else asked.copy()
    for dimension, levels in target.get("where", {}).items():
        wanted = [answers.parameters.levels(dimension).index(level) for level in levels]
        inside &= np.isin(answers.who.attributes[dimension], wanted)
    return float(np.count_nonzero(value[inside])) / float(np.count_nonzero(inside))


def _meet(made: Fit, target: Mapping[str, Any]) -> float:
    """Move one number until the target is met; how far it moved."""
    latent = latent_of(made.parameters, target["moves"])
    wanted, normal = target["value"] / 100, NormalDist()
    begin = value = _get(made, target["moves"])
    sign = -1.0 if target["moves"].startswith("cut") and target["variable"] != "good_match" else 1.0
    seen: list[tuple[float, float]] = []
    for _ in range(_STEPS):
        made.forget(latent)
        now = share(made.answers(target["year"]), target)
        seen.append((value, now))
        if abs(now - wanted) < _CLOSE:
            break
        if len(seen) > 1 and seen[-1][1] != seen[-2][1]:
            (a, fa), (b, fb) = seen[-2:]
            value = b + (wanted - fb) * (b - a) / (fb - fa)
        else:
            value += sign * (normal.inv_cdf(wanted) - normal.inv_cdf(now))
        value = round(value, _DIGITS)
        _set(made, target["moves"], value)
    best = min(seen, key=lambda pair: abs(pair[1] - wanted))[0]
    _set(made, target["moves"], best)
    made.forget(latent)
    return abs(best - begin)


def _place(made: Fit, moves: str) -> tuple[Any, Any]:
    """The container and the key of the number that is moved."""
    kind, name, *rest = moves.split(maxsplit=3)
    if kind == "cut":
        return made.numbers["cuts"][name], int(rest[0]) - 1
    if kind == "table":
        return made.numbers["tables"].setdefault(name, {}).setdefault(rest[0], {}), rest[1]
    if rest:
        return made.numbers["intercepts"].setdefault(name, {}), str(rest[0])
    return made.numbers["intercepts"], name


def _get(made: Fit, moves: str) -> float:
    """The number as it stands; a year without one starts at its neighbours."""
    box, key = _place(made, moves)
    if isinstance(box, list):
        return float(box[key])
    if key not in box and box and box is not made.numbers["intercepts"] and moves.startswith("intercept"):
        box[key] = made.parameters.intercept(moves.split()[1], int(key))
    return float(box.setdefault(key, 0.0))


def _set(made: Fit, moves: str, value: float) -> None:
    """Put a number in its place."""
    box, key = _place(made, moves)
    box[key] = value


def write(instrument: str, numbers: Mapping[str, Any]) -> None:
    """Write the fitted numbers beside the parameters."""
    head = (
        f"# Fitted to the targets of {instrument}.toml by llo_research/data/synthetic/fitting.py. Not edited by hand.\n"
    )
    lines = [head]
    for latent, value in numbers["intercepts"].items():
        if isinstance(value, Mapping):
            pairs = ", ".join(f'"{year}" = {value[year]:.4f}' for year in sorted(value, key=int))
            lines.append(f"intercepts.{latent} = {{ {pairs} }}\n")
        else:
            lines.append(f"intercepts.{latent} = {value:.4f}\n")
    for latent, dimensions in numbers["tables"].items():
        for dimension, levels in dimensions.items():
            pairs = ", ".join(f'"{level}" = {value:.4f}' for level, value in levels.items())
            lines.append(f"tables.{latent}.{dimension} = {{ {pairs} }}\n")
    for scenario, levels in numbers.get("scenarios", {}).items():
        for latent, years in levels.items():
            pairs = ", ".join(f'"{year}" = {years[year]:.4f}' for year in sorted(years, key=int))
            lines.append(f"scenarios.{scenario}.{latent} = {{ {pairs} }}\n")
    lines += [f"cuts.{item} = [{', '.join(f'{cut:.4f}' for cut in cuts)}]\n" for item, cuts in numbers["cuts"].items()]
    with (folder() / f"{instrument}_fitted.toml").open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(lines)


def main(names: Iterable[str]) -> None:
    """Fit and write these instruments."""
    for name in names:
        write(name, fit(name))


if __name__ == "__main__":
    import sys

    main(sys.argv[1:] or ["nea", "zea"])
