"""A made-up population and a sample of it with nonresponse, to practise weighting on: the truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from llo_research.survey import Survey
    from llo_research.weighting import EstimatedTotals

_SHARES: dict[str, dict[str, float]] = {
    "industry": {"manufacturing": 0.3, "trade": 0.4, "health": 0.2, "education": 0.1},
    "education": {"low": 0.25, "middle": 0.4, "high": 0.35},
    "age_group": {"15-34": 0.35, "35-54": 0.4, "55-74": 0.25},
    "sex": {"man": 0.52, "woman": 0.48},
}
_DRAWN = {"manufacturing": 0.06, "trade": 0.06, "health": 0.12, "education": 0.06}
_LABELS = {
    "industry": ("Bedrijfstak", "Industry", ("industrie", "handel", "zorg", "onderwijs"), tuple(_DRAWN)),
    "education": (
        "Opleiding",
        "Education",
        ("tot en met mbo-1", "havo, vwo, mbo 2-4", "hbo of wo"),
        ("up to mbo-1", "havo, vwo, mbo 2-4", "hbo or wo"),
    ),
    "age_group": ("Leeftijd", "Age", ("15-34 jaar", "35-54 jaar", "55-74 jaar"), ("15-34", "35-54", "55-74")),
    "sex": ("Geslacht", "Sex", ("man", "vrouw"), ("man", "woman")),
}


@dataclass(frozen=True, eq=False)
class Practice:
    """A population and a sample of it.

    people : a row for each person, with `training` as it is.
    survey : those drawn, with `training` missing for who did not respond (`responded`); `half` is a random half.
    """

    people: pd.DataFrame
    survey: Survey

    def count(self, name: str) -> pd.Series:
        """How many people each level of a variable has, as a register would tell."""
        return self.people[name].value_counts().reindex(list(_SHARES[name]))

    def estimated(self, known: Mapping[str, pd.Series], name: str, n: int) -> EstimatedTotals:
        """Known totals, and those of `name` as if estimated from `n` people drawn at random, with their covariance."""
        import numpy as np

        from llo_research.weighting import EstimatedTotals

        count, size = self.count(name), len(self.people)
        share, first = count.to_numpy() / size, sum(map(len, known.values()))
        covariance = np.zeros((first + len(share), first + len(share)))
        covariance[first:, first:] = size**2 * (np.diag(share) - np.outer(share, share)) / n
        return EstimatedTotals({**known, name: count}, covariance)


def practice(seed: int = 20221130, size: int = 200_000) -> Practice:
    """A population of employees, and a stratified sample of it in which the highly educated answer more often.

    Use it to practise weighting: who trained, and who answers, depend on education and age, so that the answers as they
    come in are not the population's.

    Parameters
    ----------
    seed : int
        Another seed draws other people.
    size : int
        People in the population; 6 per cent of them are drawn, of those in health 12.

    Returns
    -------
    Practice

    Examples
    --------
    >>> import llo_research as llo
    >>> wave = llo.monitor.practice(size=20_000)
    >>> int(wave.count("sex").sum())
    20000
    """
    import numpy as np
    import pandas as pd

    from llo_research.survey import Survey

    rng = np.random.default_rng(seed)
    codes = {name: rng.choice(len(of), size, p=list(of.values())) for name, of in _SHARES.items()}
    answers = {name: pd.Categorical(np.array(list(of))[codes[name]], list(of)) for name, of in _SHARES.items()}
    people = pd.DataFrame(answers)
    high, low, old = codes["education"] == 2, codes["education"] == 0, codes["age_group"] == 2
    people["training"] = rng.random(size) < 1 / (1 + np.exp(-(0.1 + 0.7 * high - 0.7 * low - 0.4 * old)))
    answers = 1 / (1 + np.exp(-(-0.6 + 0.6 * high - 0.5 * low + 0.5 * old)))
    fraction = people["industry"].map(_DRAWN).astype(float)
    drawn = rng.random(size) < fraction
    sample = people[drawn].reset_index(drop=True)
    sample["w"] = 1 / fraction[drawn].to_numpy()
    sample["responded"] = rng.random(len(sample)) < answers[drawn]
    sample["training"] = sample["training"].astype("boolean").where(sample["responded"])
    sample["half"] = rng.integers(1, 3, len(sample))
    return Practice(people, Survey(sample, weights="w", strata="industry", source=_source(), labels=_labels()))


def _source() -> dict[str, object]:
    """What the sample says of itself."""
    title = {"nl": "Werknemers, getrokken om te oefenen", "en": "Employees, drawn to practise on"}
    return {"title": title, "synthetic": True, "years": [2022]}


def _labels() -> dict[str, object]:
    """The names of columns and levels in both languages."""
    told: dict[str, object] = {
        "training": {"nl": "Opleiding of cursus gevolgd", "en": "Followed training"},
        "responded": {"nl": "Heeft geantwoord", "en": "Responded"},
        "w": {"nl": "gewicht van de trekking", "en": "weight of the draw"},
        "half": {"nl": "Helft", "en": "Half"},
    }
    for name, (nl, en, dutch, english) in _LABELS.items():
        pairs = zip(_SHARES[name], dutch, english, strict=True)
        told[name] = {"nl": nl, "en": en, "values": {level: {"nl": a, "en": b} for level, a, b in pairs}}
    return told
