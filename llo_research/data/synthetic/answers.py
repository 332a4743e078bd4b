"""What the people of the synthetic population answer: latents, scores and codes, for any persons of a year."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from llo_research.data.synthetic.bits import Floats, Integers, choose, key, normals, uniforms
from llo_research.data.synthetic.parameters import Parameters, along
from llo_research.data.synthetic.population import DIMENSIONS, population

TREND_FROM = 2015


@dataclass(frozen=True, eq=False)
class People:
    """Persons by number in the population of their year of entry, seen in a wave (the same year outside the cohort).

    attributes : dimension -> (n,) level; they stay as they were at entry.
    """

    entry: int
    wave: int
    person: Integers
    attributes: dict[str, Integers]


def people(parameters: Parameters, entry: int, person: Integers | None = None, wave: int | None = None) -> People:
    """Persons of the population of a year; everybody without numbers."""
    whole = population(parameters, entry)
    number = np.arange(whole.size, dtype=np.int64) if person is None else person
    return People(entry, entry if wave is None else wave, number, whole.attributes(number))


class Answers:
    """Answers of people, computed when they are asked for.

    A person's answer depends on the person, the year and the parameters, never on who else is there.
    """

    def __init__(self, parameters: Parameters, who: People) -> None:
        self.parameters, self.who = parameters, who
        self._latents: dict[str, tuple[Floats, Floats]] = {}
        self._items: dict[str, Integers] = {}

    def forget(self, latent: str) -> None:
        """Compute a latent and its items anew, after its parameters were changed."""
        self._latents.pop(latent, None)
        for item in items_of(self.parameters, latent):
            self._items.pop(item, None)

    def stream(self, *parts: str | int) -> np.uint64:
        """The key of a stream of these people."""
        return key(self.parameters.instrument, self.who.entry, *parts)

    def uniform(self, purpose: str) -> Floats:
        """A uniform number for each person, the same in all waves."""
        return uniforms(self.stream("person", purpose), self.who.person)

    def uniform_now(self, purpose: str) -> Floats:
        """A uniform number for each person, new in each wave."""
        return uniforms(self.stream("wave", self.who.wave, purpose), self.who.person)

    def latent(self, name: str) -> tuple[Floats, Floats]:
        """The person's own level of a latent (tables and what stays), and the latent of this year."""
        if name not in self._latents:
            self._latents[name] = self._make_latent(name)
        return self._latents[name]

    def _make_latent(self, name: str) -> tuple[Floats, Floats]:
        """Own level and value of a latent."""
        given, year = self.parameters.latent(name), self.who.wave
        education = self.who.attributes["education"]
        own = np.zeros(len(self.who.person))
        for dimension in DIMENSIONS:
            if dimension in given.get("tables", {}):
                own += self.parameters.table(name, dimension)[self.who.attributes[dimension]]
        stays = float(given["person"])
        own += sqrt(stays) * normals(self.stream("person", name), self.who.person)
        value = own + self.parameters.intercept(name, year)
        if "trend" in given:
            value += (self._by_education(given["trend"]) * (year - TREND_FROM))[education]
        for on, slope in given.get("slopes", {}).items():
            value += self._slope(slope, year)[education] * self.score(on)
            if slope.get("between"):
                value += float(slope["between"]) * self.latent(on)[0]
        value += sqrt(1.0 - stays) * normals(self.stream("wave", year, name), self.who.person)
        return own, value

    def _by_education(self, given: Any) -> Floats:
        """A number for each level of education."""
        return np.array([float(given.get(level, 0.0)) for level in self.parameters.levels("education")])

    def _slope(self, slope: Any, year: int) -> Floats:
        """The slope on a score in a year, by education."""
        return (
            float(slope["score"])
            + float(slope.get("drift", 0.0)) * (year - TREND_FROM)
            + self._by_education(slope.get("education", {}))
        )

    def score(self, latent: str) -> Floats:
        """Mean of the items of a latent, as the scale of the codebook."""
        items = items_of(self.parameters, latent)
        return self.total(items) / float(len(items))

    def total(self, items: list[str]) -> Integers:
        """The sum of the codes of items."""
        total = self.item(items[0]).astype(np.int64)
        for name in items[1:]:
            total += self.item(name)
        return total

    def item(self, name: str) -> Integers:
        """Codes 1.. of an item, for everybody (asked or not)."""
        if name not in self._items:
            cuts = self.parameters.cuts(name)
            answer = self.answer(name)
            code = np.ones(len(answer), dtype=np.int8)
            for cut in cuts:
                code += answer > cut
            self._items[name] = (len(cuts) + 2 - code if self.given(name).get("flip") else code).astype(np.int8)
        return self._items[name]

    def given(self, item: str) -> Any:
        """The parameters of an item."""
        return self.parameters.raw["items"][item]

    def answer(self, name: str) -> Floats:
        """The latent answer to an item: its latent, what is the item's own, and what the method adds."""
        given, year = self.given(name), self.who.wave
        loading, latent = float(given["loading"]), given["latent"]
        value = self.latent(latent)[1] * loading
        if loading < 1.0:
            stays, rest = float(self.parameters.latent(latent)["person"]), sqrt(1.0 - loading * loading)
            value += (rest * sqrt(stays)) * normals(self.stream("person", name), self.who.person)
            value += (rest * sqrt(1.0 - stays)) * normals(self.stream("wave", year, name), self.who.person)
        shift = self.parameters.break_shift(name, year)
        if shift is not None:
            value += shift[self.who.attributes["education"]]
        return value

    def purpose(self) -> Integers:
        """Codes of the main purpose of training."""
        shares = along(self.parameters.raw["purpose"], self.who.wave)
        return choose(shares, self.uniform_now("training_purpose_code")) + 1

    def supervised(self) -> np.ndarray:
        """Who has a supervisor."""
        share = float(self.parameters.raw["detail"].get("supervisor", 0.0))
        return np.asarray(self.uniform("supervisor") < share)

    def asked(self, item: str) -> np.ndarray | None:
        """Whom an item is asked of; None for everybody."""
        of = self.given(item).get("asked_of") if item in self.parameters.raw["items"] else "training"
        if of is None:
            return None
        return self.supervised() if of == "supervisor" else np.asarray(self.item("training_code") == 1)


def items_of(parameters: Parameters, latent: str) -> list[str]:
    """The items of a latent, in the order of the file."""
    return [name for name, given in parameters.raw["items"].items() if given["latent"] == latent]
