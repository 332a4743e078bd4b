"""Words of the pages of groups; numbers come into the sentences from results."""

from __future__ import annotations

MEASURE_WORDS = {
    "nl": {
        "training": "Cursus voor het werk",
        "by doing": "Leert door te doen",
        "neither": "Leert op geen van beide manieren",
    },
    "en": {"training": "Job-related training", "by doing": "Learns by doing", "neither": "Learns in neither way"},
}

# s: shares by measure and side; g: differences, the group minus the others.
SENTENCES = {
    "nl": (
        "**Cursus of training voor het werk, twaalf maanden**: {{s[training:group]:estimate}} van {group} en "
        "{{s[training:other]:estimate}} van {other}; een verschil van {{g[training]}}, "
        "{{g[training]:direction|meer bij de eerste groep|minder bij de eerste groep|dat niet aan te tonen is}}.",
        "**Leert elke week door te doen**: {{s[by doing:group]:estimate}} tegen {{s[by doing:other]:estimate}}; een "
        "verschil van {{g[by doing]}}, "
        "{{g[by doing]:direction|meer bij de eerste groep|minder bij de eerste groep|dat niet aan te tonen is}}.",
        "**Leert op geen van beide manieren** (geen cursus of opleiding in twaalf maanden, en niet elke week op het werk): "
        "{{s[neither:group]:estimate}} tegen {{s[neither:other]:estimate}}; een verschil van {{g[neither]}}"
        ", {{g[neither]:direction|meer bij de eerste groep|minder bij de eerste groep|dat niet aan te tonen is}}.",
    ),
    "en": (
        "**Job-related training, twelve months**: {{s[training:group]:estimate}} of {group} and "
        "{{s[training:other]:estimate}} of {other}; a difference of {{g[training]}}, "
        "{{g[training]:direction|more in the first group|less in the first group|which cannot be told from none}}.",
        "**Learns by doing every week**: {{s[by doing:group]:estimate}} against {{s[by doing:other]:estimate}}; a "
        "difference of {{g[by doing]}}, "
        "{{g[by doing]:direction|more in the first group|less in the first group|which cannot be told from none}}.",
        "**Learns in neither way** (no training or education in twelve months, and not weekly at work): "
        "{{s[neither:group]:estimate}} against {{s[neither:other]:estimate}}; a difference of {{g[neither]}}"
        ", {{g[neither]:direction|more in the first group|less in the first group|which cannot be told from none}}.",
    ),
}

HEADS = {
    "nl": "In geen van beide vormen leert {{s[neither:group]:estimate}} van {group}, en {{s[neither:other]:estimate}} van {other}",
    "en": "{{s[neither:group]:estimate}} of {group} learn in neither way, and {{s[neither:other]:estimate}} of {other}",
}

TEXT = {
    "nl": {
        "title": "Groepen",
        "lead": "Groepen waarvan de monitor zegt dat zij minder leren: wat ervan bekend is, hoe zij zijn afgebakend, en wat "
        "niet te zeggen is. Alleen gepubliceerde cijfers en openbare microdata.",
        "what": "## Wie zijn dit?",
        "piaac": "## Wat de openbare microdata zeggen",
        "population": "Mensen met werk van 25 tot en met 65 jaar, Nederland, 2011-12 (PIAAC). Eigen opgave",
        "absent": "Het bestand van PIAAC was er niet toen deze pagina werd gemaakt. [Zo is het te krijgen](/how_to/get_data.md); "
        "de getallen staan ook in [Groepen die minder meedoen](/notebooks/06_participation_gaps.ipynb).",
        "published": "## Wat er is gepubliceerd\n\nElk cijfer heeft zijn eigen enquête, periode en afbakening. Ze zijn niet met "
        "elkaar te vergelijken, en bij de meeste is geen marge gepubliceerd.",
        "cannot": "## Wat niet te zeggen is",
        "further": "## Verder lezen",
        "table": "De getallen als tabel",
        "any": "Alle leren",
        "formal": "Alleen formeel onderwijs",
    },
    "en": {
        "title": "Groups",
        "lead": "Groups of whom the monitor says that they learn less: what is known of them, how they are defined, and what "
        "cannot be said. Published figures and public microdata only.",
        "what": "## Who are they?",
        "piaac": "## What the public microdata say",
        "population": "People in work aged 25 to 65, the Netherlands, 2011-12 (PIAAC). Self-report",
        "absent": "The PIAAC file was not there when this page was made. [How to get it](/how_to/get_data.md); the numbers stand "
        "in [Groups that take part less](/notebooks/06_participation_gaps.ipynb) too.",
        "published": "## What was published\n\nEach figure has a survey, period and definition of its own. They cannot be compared "
        "with each other, and most were published without a margin.",
        "cannot": "## What cannot be said",
        "further": "## Read on",
        "table": "The numbers as a table",
        "any": "Any learning",
        "formal": "Formal education alone",
    },
}
