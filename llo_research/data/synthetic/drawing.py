"""Draws a stratified sample from the population of a year: allocation, people, response, halves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llo_research.data.synthetic.bits import Floats, Integers, bits, key, uniforms
from llo_research.data.synthetic.parameters import Parameters
from llo_research.data.synthetic.population import Population, population

_SHIFT = 2**32
# Strata of which more than this share is drawn are shuffled whole; in others numbers are drawn until enough differ.
_LARGE = 1 / 3


@dataclass(frozen=True, eq=False)
class Sample:
    """Respondents of a year.

    person : (n,) number in the population; stratum : (n,) sector, education, oversampled group as one number.
    design_weight : (n,) real people for each person approached in the stratum.
    half : (n,) 1 or 2 since the split, 0 before.
    """

    year: int
    person: Integers
    stratum: Integers
    design_weight: Floats
    half: Integers


def draw(parameters: Parameters, year: int, n: int, seed: int) -> Sample:
    """Respondents of a year: a stratified sample without replacement of those approached, and who answers."""
    whole = population(parameters, year)
    codes, sizes, starts = _strata(parameters, whole, year)
    approached = _allocation(parameters, codes, sizes, n, year)
    stream = key(parameters.instrument, year, "sample", seed)
    drawn = [
        start + _places(stream, number, int(size), int(m))
        for number, (start, size, m) in enumerate(zip(starts, sizes, approached, strict=True))
    ]
    person = np.concatenate(drawn)
    h = np.repeat(np.arange(len(codes)), approached)
    answers = uniforms(key(parameters.instrument, year, "response", seed), person)
    kept = answers < response(parameters, whole.attributes(person))
    person, h = person[kept], h[kept]
    half = np.zeros(len(person), dtype=np.int64)
    if year >= parameters.design.get("halves_from", 9999):
        half += 1 + (uniforms(key(parameters.instrument, year, "half", seed), person) >= 0.5)
    weight = whole.scale * sizes[h] / approached[h]
    return Sample(year, person, codes[h], weight, half)


def _strata(parameters: Parameters, whole: Population, year: int) -> tuple[Integers, Integers, Integers]:
    """Codes, sizes and first person of the strata; the oversampled group is none of its own after the oversampling."""
    codes, sizes = whole.strata, whole.stratum_sizes()
    if year > parameters.design.get("oversampled_to", 0):
        kept = 1000 if parameters.design.get("strata_by") == "sector" else 10
        group = codes // kept * kept
        codes, place = np.unique(group, return_inverse=True)
        sizes = np.bincount(place, sizes).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    return codes, sizes, starts


def _allocation(parameters: Parameters, codes: Integers, sizes: Integers, n: int, year: int) -> Integers:
    """How many are approached in each stratum."""
    design = parameters.design
    place = np.unique(codes // 10, return_inverse=True)[1]
    share = np.power(np.bincount(place, sizes), float(design["power"]))
    share = np.round(share / share.sum(), 12)
    rate = np.where(codes % 10 == 1, float(design.get("oversampling", 1.0)), 1.0)
    mass = sizes * rate
    within = mass / np.bincount(place, mass)[place]
    wanted = np.floor(np.round(n / float(design["expected"]) * share[place] * within, 6) + 0.5).astype(np.int64)
    return np.asarray(np.minimum(sizes, np.maximum(int(design["least"]), wanted)))


def _places(stream: np.uint64, number: int, size: int, m: int) -> Integers:
    """m different numbers below size, in order."""
    first = np.int64(number) * _SHIFT
    if m > size * _LARGE:
        order = np.argsort(bits(stream, first + np.arange(size, dtype=np.int64)), kind="stable")
        return np.sort(order[:m]).astype(np.int64)
    candidates = np.floor(uniforms(stream, first + np.arange(2 * m + 20, dtype=np.int64)) * size).astype(np.int64)
    values, places = np.unique(candidates, return_index=True)
    return np.sort(values[np.argsort(places, kind="stable")[:m]])


def response(parameters: Parameters, attributes: dict[str, Integers]) -> Floats:
    """The probability of answering: a product of factors, so that raking to the same margins removes its bias."""
    chance = np.full(len(attributes["sex"]), float(parameters.design["response"]))
    for dimension, given in parameters.raw["response"].items():
        chance *= np.array([float(given[level]) for level in parameters.levels(dimension)])[attributes[dimension]]
    return chance
