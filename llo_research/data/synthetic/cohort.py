"""The cohort: respondents of the first year, asked again each year while they stay; who stays depends on answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from llo_research.data.instrument import Instrument
from llo_research.data.synthetic.answers import Answers, People, people
from llo_research.data.synthetic.bits import Floats, key, uniforms
from llo_research.data.synthetic.drawing import draw
from llo_research.data.synthetic.parameters import Parameters
from llo_research.data.synthetic.questionnaire import background, design_columns, topics
from llo_research.data.synthetic.weights import proportional, weigh

# The cohort has questions on informal learning, which the yearly survey had from 2014 on.
OWN_QUESTIONS = frozenset({"learn_tasks", "learn_people"})


def cohort_frame(given: Parameters, instrument: Instrument, n: int, seed: int, years: list[int]) -> pd.DataFrame:
    """The cohort file: a row for each person and wave, strata and weights of the first wave."""
    entry, *later = (int(year) for year in given.raw["cohort"]["years"])
    sample = draw(given, entry, n, seed)
    first = people(given, entry, sample.person)
    weight = weigh(given, sample, first.attributes, seed).expansion
    rows = np.arange(len(sample.person))
    frames = []
    answers = Answers(given, first)
    for wave in (entry, *later):
        if wave > entry:
            u = uniforms(key(given.instrument, entry, "stay", wave, seed), answers.who.person)
            stays = u < staying(answers, later.index(wave))
            rows = rows[stays]
            attributes = {name: codes[stays] for name, codes in answers.who.attributes.items()}
            answers = Answers(given, People(entry, wave, answers.who.person[stays], attributes))
        if wave in years:
            columns = {name: column[rows] for name, column in design_columns(sample).items()}
            columns["year"] = np.full(len(rows), wave, dtype=np.int16)
            columns["cohort_id"] = columns["id"]
            columns["weight"] = weight[rows]
            columns["weight_proportional"] = proportional(weight[rows], [np.ones(len(rows), dtype=bool)])
            columns |= background(answers)
            columns |= topics(answers, instrument, sample.half[rows], OWN_QUESTIONS)
            frames.append(pd.DataFrame(columns))
    order = list(dict.fromkeys(name for frame in reversed(frames) for name in frame.columns))
    return pd.concat(frames, ignore_index=True)[order]


def staying(answers: Answers, step: int) -> Floats:
    """The probability of answering the next wave, from the answers of this one."""
    rule = answers.parameters.raw["cohort"]
    learns = np.logical_or(answers.item("learn_tasks") >= 3, answers.item("learn_people") >= 3)
    chance = np.where(learns, float(rule["informal_learning"]["yes"]), float(rule["informal_learning"]["no"]))
    chance *= float(rule["stay"][step])
    for dimension in ("education", "age"):
        factors = np.array([float(rule[dimension][level]) for level in answers.parameters.levels(dimension)])
        chance *= factors[answers.who.attributes[dimension]]
    return np.minimum(chance, 1.0)
