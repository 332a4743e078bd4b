"""What titles of figures say, Dutch first and English second; places are filled by their names."""

from __future__ import annotations

from llo_research.report.content.labels import said

TITLES: dict[str, tuple[str, str]] = {
    "in": (", {year}", ", {year}"),
    "value": ("{value}", "{value}"),
    # a comparison of two groups
    "gap more": ("verschil tussen {of} en {minus}{when}: {size}", "difference between {of} and {minus}{when}: {size}"),
    "less for": ("{size} minder bij {of} dan bij {minus}", "{size} less for {of} than for {minus}"),
    "unclear": (
        "of {of} en {minus} verschillen, is niet aan te tonen",
        "whether {of} and {minus} differ cannot be told",
    ),
    "ratio": ("verhouding, {of} tegenover {minus}{when}: {size}", "ratio, {of} against {minus}{when}: {size}"),
    "odds": ("oddsratio, {of} tegenover {minus}{when}: {size}", "odds ratio, {of} against {minus}{when}: {size}"),
    "clear for": (
        "{what} aantoonbaar bij {names}",
        "{what} distinguishable for {names}",
    ),
    "the gap": ("verschil tussen {of} en {minus}", "difference between {of} and {minus}"),
    "none of them": (
        "verschil tussen {of} en {minus} in geen van de groepen aantoonbaar",
        "difference between {of} and {minus} not distinguishable in any group",
    ),
    # groups beside one another
    "two": ("{size} {more} bij {high} dan bij {low}", "{size} {more} for {high} than for {low}"),
    "more": ("meer", "more"),
    "higher": ("hoger", "higher"),
    "extremes": (
        "het hoogst bij {high} ({top}), het laagst bij {low} ({foot})",
        "highest for {high} ({top}), lowest for {low} ({foot})",
    ),
    "of level": (
        "{level} het vaakst bij {high} ({top}), het minst bij {low} ({foot})",
        "{level} most often for {high} ({top}), least for {low} ({foot})",
    ),
    "none of two": (
        "geen aantoonbaar verschil tussen {high} en {low}",
        "no distinguishable difference between {high} and {low}",
    ),
    "none of many": ("geen aantoonbare verschillen{by}", "no distinguishable differences{by}"),
    "by": (" naar {names}", " by {names}"),
    "mostly": ("vooral {top} ({size})", "mostly {top} ({size})"),
    "most often": ("{top} het vaakst ({size})", "{top} most often ({size})"),
    # over time
    "rose": ("{size} {more} in {later} dan in {base}", "{size} {more} in {later} than in {base}"),
    "fell": ("{size} {less} in {later} dan in {base}", "{size} {less} in {later} than in {base}"),
    "less": ("minder", "less"),
    "lower": ("lager", "lower"),
    "still": (
        "geen aantoonbare verandering van {base} tot {later}",
        "no distinguishable change from {base} to {later}",
    ),
    "from to": ("{first} in {base}, {last} in {later}", "{first} in {base}, {last} in {later}"),
    "times": ("{size} keer {base} in {later}", "{size} times {base} in {later}"),
    "after break": (", na de methodebreuk van {breaks}", ", after the method break of {breaks}"),
    "before break": (", vóór de methodebreuk van {breaks}", ", before the method break of {breaks}"),
    "net of break": (
        ", zonder de bekende verschuiving door de methodebreuk van {breaks}",
        ", net of the known shift of the method break of {breaks}",
    ),
    "over break": (
        "de verandering sinds {base} is over de methodebreuk heen niet te duiden",
        "the change since {base} cannot be read across the method break",
    ),
    "gap over break": (
        "hoe het verschil tussen {of} en {minus} sinds {base} veranderde, is over de methodebreuk heen niet te duiden",
        "how the gap between {of} and {minus} moved since {base} cannot be read across the method break",
    ),
    "rose for": ("gestegen bij {names}", "rose for {names}"),
    "fell for": ("gedaald bij {names}", "fell for {names}"),
    "unclear for": ("bij {names} niet aan te tonen", "cannot be told for {names}"),
    "span": ("van {base} tot {later} {told}", "from {base} to {later} {told}"),
    "moved unclear": (
        "of het verschil tussen {of} en {minus} van {base} tot {later} veranderde, is niet aan te tonen",
        "whether the gap between {of} and {minus} moved from {base} to {later} cannot be told",
    ),
    # decompositions
    "sides": (", {of} min {minus}", ", {of} minus {minus}"),
    "years": (", van {base} tot {later}", ", from {base} to {later}"),
    # terms of models
    "related": ("aantoonbaar verband met {names}", "distinguishable relation with {names}"),
    "related many": (
        "aantoonbaar verband met {k} van de {all} kenmerken",
        "distinguishable relation with {k} of the {all} characteristics",
    ),
    "not related many": (
        "geen aantoonbaar verband met de {all} kenmerken van het model",
        "no distinguishable relation with the {all} characteristics of the model",
    ),
    "not related": (
        "geen aantoonbaar verband met {names}",
        "no distinguishable relation with {names}",
    ),
}


def title(key: str, language: str, **places: str) -> str:
    """A title with its places filled in."""
    return said(TITLES, key, language).format(**places)
