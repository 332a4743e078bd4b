"""Words that give a language away, and the words of the house: what finds English in Dutch output and the reverse."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from llo_research.data.instrument import instrument_names, instrument_of
from llo_research.report.content import model_words, population_words, words

# Words of one language that the other does not have. What both write (was, per, week, model, training) is no evidence.
_ENGLISH = """
the and with without than their which from are were been has have had not yes this that these those for by at
into between people person persons employee employees employer employers self-employed worker workers work
working job jobs year years month months day days hour hours share mean total ratio level levels variable
source population weight weighted unweighted count confidence standard error errors difference change gap data
known here about more less higher lower against since education learning firm size age sex women low middle
high male female other never sometimes often always unknown each row rows see unit units sampling
linearisation left out missing values estimate statistic outcome explained unexplained contribution period
reference survey figure table shown withheld cells how what who whose only also same followed decides
agriculture trade course courses two twelve three four five skills need support true false
"""
_DUTCH = """
de het een en van met zonder niet geen voor naar bij zijn wordt worden dat deze dit als dan door uit om aan te
zich mensen persoon personen werknemer werknemers werkgever werkgevers zelfstandige zelfstandigen werk werken
baan jaar jaren maand maanden dag dagen uur uren aandeel gemiddelde totaal verhouding niveau variabele bron
populatie gewicht gewogen ongewogen aantal betrouwbaarheidsinterval standaardfout verschil verandering breuk
gegevens bekend circa meer minder hoger lager groep groepen sinds onderwijs opleiding scholing leren bedrijf
leeftijd geslacht vrouwen mannen laag middelbaar hoog vrouw ander nooit soms vaak altijd onbekend elke rij
rijen noot eenheid eenheden steekproefontwerp weggelaten ontbrekende waarden schatting uitkomst verklaard
onverklaard bijdrage referentieperiode figuur tabel getoond afgeschermd hoe wat wie alleen ook zelfde gevolgd
landbouw handel zorg cursus afgelopen twee twaalf drie vier vijf zes vaardigheden behoefte steun nee ja tot
"""
ENGLISH, DUTCH = frozenset(_ENGLISH.split()), frozenset(_DUTCH.split())
# Names of surveys, owners and publications, which are not translated; the parts of them that are, are not among these.
NAMES = (
    "NORC at the University of Chicago",
    "General Social Survey",
    "Programme for the International Assessment of Adult Competencies (PIAAC), Public Use Files",
    "Survey of Adult Skills",
    "Adult Education Survey",
    "European Working Conditions Survey",
    "DNB Household Survey",
    "Education at a Glance",
    "European Social Survey",
    "Trends in Adult Learning",
    "Adult Skills in Focus",
    "Nationale Enquête Arbeidsomstandigheden",
    "Zelfstandigen Enquête Arbeid",
    "Werkgevers Enquête Arbeid",
    "Werkgevers Enquete Arbeid",
    "Onderwijs in Cijfers",
    "OCW in cijfers",
    "high school",
)


def evidence(text: str, language: str, names: Iterable[str] = ()) -> list[str]:
    """The words of a text in this language that only the other language has."""
    for name in sorted((*NAMES, *names), key=len, reverse=True):
        text = text.replace(name, " ")
    words = {word.lower() for word in re.findall(r"[^\W\d_][\w'-]*", text)}
    return sorted(words & (ENGLISH if language == "nl" else DUTCH))


def pairs(found: object) -> Iterable[tuple[str, str]]:
    """Every pair of a Dutch and an English text in tables of words, codebooks and labels."""
    if isinstance(found, tuple) and len(found) == 2 and all(isinstance(text, str) for text in found):
        yield str(found[0]), str(found[1])
    elif isinstance(found, dict):
        if isinstance(found.get("nl"), str) and isinstance(found.get("en"), str):
            yield found["nl"], found["en"]
        for value in found.values():
            yield from pairs(value)
    elif isinstance(found, list):
        for value in found:
            yield from pairs(value)


def every_pair() -> list[tuple[str, str, str]]:
    """Where a pair stands, with its Dutch and its English."""
    found = {name: instrument_of(name).raw for name in instrument_names()}
    for module in (words, model_words, population_words):
        found[module.__name__] = {name: value for name, value in vars(module).items() if name.isupper()}
    told = [(place, *pair) for place, table in found.items() for pair in pairs(dict(table))]
    return [(place, *(re.sub(r"\{[^{}]*\}", " ", text) for text in pair)) for place, *pair in told]


@cache
def labels_of_one_language() -> dict[str, set[str]]:
    """By language the labels that only the other has: phrases of several words, which no text in it is or holds."""
    told = every_pair()
    own = {"nl": {nl.lower() for _, nl, _ in told}, "en": {en.lower() for _, _, en in told}}
    return {
        language: {
            text
            for text in own[other] - own[language]
            if " " in text.strip() and len(text) > 8 and not any(text in one for one in own[language])
        }
        for language, other in (("nl", "en"), ("en", "nl"))
    }
