"""Calls as a researcher types them, and the title of the figure of each, in Dutch and English."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llo_research as llo

GROUPS = {"group": "education", "of": "high", "minus": "low"}
SINCE: dict[str, Any] = {"time": "year", "base": 2014, "breaks": "flag"}
oaxaca = llo.decomposition.oaxaca_blinder
parts_of_change = llo.decomposition.oaxaca_change


def across(waves: llo.Survey) -> llo.Survey:
    """No later wave lies on the side of the break on which the first does."""
    return waves.where("year != 2018")


def early(waves: llo.Survey) -> llo.Survey:
    """The less educated, before the break."""
    return waves.where("year < 2020 & education == 'low'")


CALLS: dict[str, Callable[[llo.Survey, llo.Survey], Any]] = {
    "a share": lambda one, waves: llo.mean("training", one),
    "groups": lambda one, waves: llo.mean("training", one, by="education"),
    "two groups": lambda one, waves: llo.mean("training", one, by="contract"),
    "crossed groups": lambda one, waves: llo.mean("training", one, by=["education", "contract"]),
    "a scale": lambda one, waves: llo.mean("autonomy", one, by="education"),
    "a year of several": lambda one, waves: llo.mean("training", waves.where("year == 2018"), by="education"),
    "a gap": lambda one, waves: llo.gap("training", one, **GROUPS),
    "a gap the other way": lambda one, waves: llo.gap("training", one, group="education", of="low", minus="high"),
    "no gap": lambda one, waves: llo.gap("training", one, group="contract", of="permanent", minus="flexible"),
    "a ratio": lambda one, waves: llo.gap("training", one, **GROUPS, scale="ratio"),
    "gaps by group": lambda one, waves: llo.gap("training", one, by="contract", **GROUPS),
    "gaps over time": lambda one, waves: llo.gap("training", waves, by="year", **GROUPS),
    "ends of a ranking": lambda one, waves: llo.rank_gap("autonomy", one, rank="education", share=0.25),
    "levels": lambda one, waves: llo.share("contract", one),
    "levels by group": lambda one, waves: llo.share("education", one, by="course"),
    "yes or no": lambda one, waves: llo.share("course", one),
    "yes or no over time": lambda one, waves: llo.share("course", waves, by="year"),
    "a line": lambda one, waves: llo.mean("training", early(waves), by="year"),
    "a line over a break": lambda one, waves: llo.mean("training", waves.where("education == 'low'"), by="year"),
    "a line that ends at a break": lambda one, waves: llo.mean("training", waves.where("year < 2024"), by="year"),
    "lines": lambda one, waves: llo.mean("training", waves, by=["year", "education"]),
    "a change": lambda one, waves: llo.change("training", early(waves), **SINCE),
    "a change over a break": lambda one, waves: llo.change("training", across(waves), **SINCE),
    "changes by group": lambda one, waves: llo.change("training", waves, by="education", **SINCE),
    "how a gap moved": lambda one, waves: llo.gap_change("training", waves, **SINCE, **GROUPS),
    "a gap over a break": lambda one, waves: llo.gap_change("training", across(waves), **SINCE, **GROUPS),
    "a trend": lambda one, waves: llo.trend("training", waves, time="year"),
    "a model": lambda one, waves: llo.glm("training ~ C(education) + autonomy", one),
    "parts of a gap": lambda one, waves: oaxaca("training ~ variety + C(contract)", one, **GROUPS, reference="minus"),
    "parts of a gap the other way": lambda one, waves: oaxaca(
        "training ~ variety + C(contract)", one, group="education", of="low", minus="high", reference="of"
    ),
    "parts over a break": lambda one, waves: parts_of_change("training ~ autonomy", across(waves), **SINCE, **GROUPS),
}
TITLES: dict[str, tuple[str, str]] = {
    "a share": (
        "Scholing, 2024: 52,7%",
        "Training, 2024: 52.7%",
    ),
    "groups": (
        "Scholing, 2024: het hoogst bij hbo/wo (66,0%), het laagst bij tot en met mbo-1 (40,0%)",
        "Training, 2024: highest for higher (66.0%), lowest for up to mbo-1 (40.0%)",
    ),
    "two groups": (
        "Scholing, 2024: geen aantoonbaar verschil tussen flexibel en vast",
        "Training, 2024: no distinguishable difference between flexible and permanent",
    ),
    "crossed groups": (
        "Scholing, 2024: het hoogst bij hbo/wo, vast (66,2%), het laagst bij tot en met mbo-1, vast (39,8%)",
        "Training, 2024: highest for higher, permanent (66.2%), lowest for up to mbo-1, permanent (39.8%)",
    ),
    "a scale": (
        "Autonomie, 2024: het hoogst bij hbo/wo (3,00), het laagst bij tot en met mbo-1 (2,00)",
        "Autonomy, 2024: highest for higher (3.00), lowest for up to mbo-1 (2.00)",
    ),
    "a year of several": (
        "Scholing, 2018: het hoogst bij hbo/wo (62,0%), het laagst bij tot en met mbo-1 (20,0%)",
        "Training, 2018: highest for higher (62.0%), lowest for up to mbo-1 (20.0%)",
    ),
    "a gap": (
        "Scholing: verschil tussen hbo/wo en tot en met mbo-1, 2024: 26,0 punten",
        "Training: difference between higher and up to mbo-1, 2024: 26.0 points",
    ),
    "a gap the other way": (
        "Scholing, 2024: 26,0 punten minder bij tot en met mbo-1 dan bij hbo/wo",
        "Training, 2024: 26.0 points less for up to mbo-1 than for higher",
    ),
    "no gap": (
        "Scholing, 2024: of vast en flexibel verschillen, is niet aan te tonen",
        "Training, 2024: whether permanent and flexible differ cannot be told",
    ),
    "a ratio": (
        "Scholing: verhouding, hbo/wo tegenover tot en met mbo-1, 2024: 1,65",
        "Training: ratio, higher against up to mbo-1, 2024: 1.65",
    ),
    "gaps by group": (
        "Scholing, 2024: verschil tussen hbo/wo en tot en met mbo-1 aantoonbaar bij vast en flexibel",
        "Training, 2024: difference between higher and up to mbo-1 distinguishable for permanent and flexible",
    ),
    "gaps over time": (
        "Scholing: verschil tussen hbo/wo en tot en met mbo-1, 2024: 26,0 punten",
        "Training: difference between higher and up to mbo-1, 2024: 26.0 points",
    ),
    "ends of a ranking": (
        "Autonomie: verschil tussen het hoogste en het laagste kwart naar opleidingsniveau, 2024: 1,0",
        "Autonomy: difference between the highest and the lowest quarter by education, 2024: 1.0",
    ),
    "levels": (
        "Contract, 2024: vooral vast (66,5%)",
        "Contract, 2024: mostly permanent (66.5%)",
    ),
    "levels by group": (
        "Opleidingsniveau, 2024: hbo/wo het vaakst bij ja (41,8%), het minst bij nee (23,9%)",
        "Education, 2024: higher most often for yes (41.8%), least for no (23.9%)",
    ),
    "yes or no": (
        "Cursus (ja), 2024: 52,7%",
        "Course (yes), 2024: 52.7%",
    ),
    "yes or no over time": (
        "Cursus (ja): 4,7 punten meer in 2024 dan in 2022, na de methodebreuk van 2022",
        "Course (yes): 4.7 points more in 2024 than in 2022, after the method break of 2022",
    ),
    "a line": (
        "Scholing: 10,0 punten minder in 2018 dan in 2014",
        "Training: 10.0 points less in 2018 than in 2014",
    ),
    "a line over a break": (
        "Scholing: 10,0 punten meer in 2024 dan in 2022, na de methodebreuk van 2022",
        "Training: 10.0 points more in 2024 than in 2022, after the method break of 2022",
    ),
    "a line that ends at a break": (
        "Scholing, 2022: 48,0%, na de methodebreuk van 2022",
        "Training, 2022: 48.0%, after the method break of 2022",
    ),
    "lines": (
        "Scholing, 2024: het hoogst bij hbo/wo (66,0%), het laagst bij tot en met mbo-1 (40,0%)",
        "Training, 2024: highest for higher (66.0%), lowest for up to mbo-1 (40.0%)",
    ),
    "a change": (
        "Scholing: 10,0 punten minder in 2018 dan in 2014",
        "Training: 10.0 points less in 2018 than in 2014",
    ),
    "a change over a break": (
        "Scholing: de verandering sinds 2014 is over de methodebreuk heen niet te duiden",
        "Training: the change since 2014 cannot be read across the method break",
    ),
    "changes by group": (
        "Scholing: van 2014 tot 2018 gedaald bij tot en met mbo-1; bij mbo 2-4 en hbo/wo niet aan te tonen, vóór"
        " de methodebreuk van 2022",
        "Training: from 2014 to 2018 fell for up to mbo-1; cannot be told for mbo 2-4 and higher, before the "
        "method break of 2022",
    ),
    "how a gap moved": (
        "Scholing: het verschil tussen hbo/wo en tot en met mbo-1 is van 2014 tot 2018 12,0 punten groter "
        "geworden, vóór de methodebreuk van 2022",
        "Training: the gap between higher and up to mbo-1 widened by 12.0 points from 2014 to 2018, before "
        "the method break of 2022",
    ),
    "a gap over a break": (
        "Scholing: hoe het verschil tussen hbo/wo en tot en met mbo-1 sinds 2014 veranderde, is over de "
        "methodebreuk heen niet te duiden",
        "Training: how the gap between higher and up to mbo-1 moved since 2014 cannot be read across the method break",
    ),
    "a trend": (
        "Scholing: of er een stijging of daling is, is niet aan te tonen, met een term voor de methodebreuk",
        "Training: whether there is a rise or a fall cannot be told, with a term for the method break",
    ),
    "a model": (
        "Scholing, 2024: aantoonbaar verband met opleidingsniveau",
        "Training, 2024: distinguishable relation with education",
    ),
    "parts of a gap": (
        "Scholing, hbo/wo min tot en met mbo-1, 2024: van de 26,0 punten gaan er 12,5 samen met verschillen "
        "in afwisseling en contract; de rest (13,5) niet. Het meest telt afwisseling (12,5)",
        "Training, higher minus up to mbo-1, 2024: of the 26.0 points, 12.5 go with differences in variety "
        "and contract; the rest (13.5) does not. Most of it is variety (12.5)",
    ),
    "parts of a gap the other way": (
        "Scholing, 2024: 26,0 punten minder bij tot en met mbo-1 dan bij hbo/wo. Van de 26,0 punten gaan er 12,5 samen "
        "met verschillen in afwisseling en contract; de rest (13,5) niet. Het meest telt afwisseling (12,5)",
        "Training, 2024: 26.0 points less for up to mbo-1 than for higher. Of the 26.0 points, 12.5 go with "
        "differences in variety and contract; the rest (13.5) does not. Most of it is variety (12.5)",
    ),
    "parts over a break": (
        "Scholing: hoe het verschil tussen hbo/wo en tot en met mbo-1 sinds 2014 veranderde, is over de "
        "methodebreuk heen niet te duiden",
        "Training: how the gap between higher and up to mbo-1 moved since 2014 cannot be read across the method break",
    ),
}
