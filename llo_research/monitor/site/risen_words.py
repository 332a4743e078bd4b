"""The words of the page "Is het echt gestegen?"; texts with places in braces are filled by Python and by the script."""

from __future__ import annotations

from typing import Any

from llo_research.monitor.site.minus import MINUS

WORDS: dict[str, dict[str, Any]] = {
    "nl": {
        "rose": "Gestegen",
        "fell": "Gedaald",
        "higher": "Hoger, maar zonder marge",
        "lower": "Lager, maar zonder marge",
        "unknown": "Niet te zeggen",
        "sampled": "{label}, {years}: zonder een breuk van {size} procentpunt blijft {net} procentpunt over "
        "(interval van {low} tot {high}; onze benadering).",
        "rounded": "{label}, {years}: of dit meer is dan toeval, is niet bekend. Zonder een breuk van {size} "
        "procentpunt blijft {net} procentpunt over ({low} tot {high} door afronding alleen; "
        "een interval is niet gepubliceerd).",
        "sampled_none": "{label}, {years}: als de methode niets deed, is de verandering {net} procentpunt "
        "(interval van {low} tot {high}; onze benadering).",
        "rounded_none": "{label}, {years}: of dit meer is dan toeval, is niet bekend. Als de methode niets deed, "
        "is de verandering {net} procentpunt ({low} tot {high} door afronding alleen; "
        "een interval is niet gepubliceerd).",
        "size": "{size} procentpunt",
        "to": "tot",
        "published": "Zoals gepubliceerd",
        "net": "Zonder een breuk van {size}: {net}",
        "net_none": "Als de methode niets deed: {net}",
        "beside": "{who}, {years}, schuift niet mee",
        "employers": "Werkgevers",
        "employers_agriculture": "Werkgevers in de landbouw",
        "slider": "Schuif de grootte van de methodebreuk",
        "figure": "Welk cijfer",
        "label": "Grootte van de breuk van 2022: nieuwe methode min oude, in procentpunten",
        "scale": "0 is wat het CBS van de weging alleen meldde voor drie andere vragen. "
        "Onder 0: de nieuwe methode geeft lagere cijfers dan de oude.",
        "link": "Link naar deze stand",
        "alt": "Verandering in procentpunten: zoals gepubliceerd, zonder de breuk, en bij werkgevers. "
        "De zin erboven geeft de getallen.",
        "caption": "Verandering in procentpunten. De streep is het interval, of wat afronding openlaat. "
        "Raakt zij de nul, dan is niet te zeggen of het cijfer steeg of daalde.",
        "verdicts": "Oordeel en wat overblijft, per grootte van de breuk",
        "break": "Breuk (procentpunt)",
        "tipping": "Waar het oordeel omslaat",
        "tipping_head": (
            "Cijfer",
            "Van, naar (%)",
            "Verandering",
            "Afronding",
            "Steekproef, plus of min (benadering)",
            "Niet te zeggen vanaf een breuk van",
            "Andersom voorbij een breuk van",
            "Bron",
        ),
        "unmoved": "geen breuk in 2022 bekend",
        "no_interval": "niet bekend",
        "open_ends": ("{} of minder", "{} of meer"),
        "steps": "Vragen waarvan het CBS elk jaar afdrukte (NEA 2022, tabel 9.1.1), in procenten",
        "question": "Vraag",
        "steps_head": ("Grootste stap voor 2022", "Stap in 2022", "Oude tegen nieuwe weging, volgens het CBS"),
        "hardly": "niet of nauwelijks verschil",
        "not read": "hier niet gelezen",
    },
    "en": {
        "rose": "Rose",
        "fell": "Fell",
        "higher": "Higher, but without a margin",
        "lower": "Lower, but without a margin",
        "unknown": "Cannot be told",
        "sampled": "{label}, {years}: without a break of {size} percentage points, {net} percentage points are left "
        "(interval from {low} to {high}; our approximation).",
        "rounded": "{label}, {years}: whether this is more than chance is not known. Without a break of {size} "
        "percentage points, {net} percentage points are left ({low} to {high} by rounding alone; "
        "no interval was published).",
        "sampled_none": "{label}, {years}: if the method did nothing, the change is {net} percentage points "
        "(interval from {low} to {high}; our approximation).",
        "rounded_none": "{label}, {years}: whether this is more than chance is not known. If the method did nothing, "
        "the change is {net} percentage points ({low} to {high} by rounding alone; "
        "no interval was published).",
        "size": "{size} percentage points",
        "to": "to",
        "published": "As published",
        "net": "Without a break of {size}: {net}",
        "net_none": "If the method did nothing: {net}",
        "beside": "{who}, {years}, does not move",
        "employers": "Employers",
        "employers_agriculture": "Employers in agriculture",
        "slider": "Slide the size of the method break",
        "figure": "Which figure",
        "label": "Size of the break of 2022: new method minus old, in percentage points",
        "scale": "0 is what CBS reported of the weights alone for three other questions. "
        "Below 0: the new method gives lower figures than the old one.",
        "link": "Link to this setting",
        "alt": "Change in percentage points: as published, without the break, and among employers. "
        "The sentence above gives the numbers.",
        "caption": "Change in percentage points. The line is the interval, or what rounding leaves open. "
        "Where it touches zero, whether the figure rose or fell cannot be told.",
        "verdicts": "Verdict and what is left, by size of the break",
        "break": "Break (percentage points)",
        "tipping": "Where the verdict turns",
        "tipping_head": (
            "Figure",
            "From, to (%)",
            "Change",
            "Rounding",
            "Sampling, plus or minus (approximation)",
            "Cannot be told from a break of",
            "The other way beyond a break of",
            "Source",
        ),
        "unmoved": "no break in 2022 known",
        "no_interval": "not known",
        "open_ends": ("{} or less", "{} or more"),
        "steps": "Questions of which CBS printed every year (NEA 2022, table 9.1.1), in per cent",
        "question": "Question",
        "steps_head": ("Largest step before 2022", "Step in 2022", "Old against new weights, says CBS"),
        "hardly": "no or hardly any difference",
        "not read": "not read here",
    },
}


def said(tenths: int, language: str, *, sign: bool = False) -> str:
    """A size as text: one decimal, a minus that is read aloud, a plus where it is a change."""
    text = f"{abs(tenths) // 10}.{abs(tenths) % 10}"
    before = MINUS if tenths < 0 else "+" if sign and tenths > 0 else ""
    return before + (text.replace(".", ",") if language == "nl" else text)


def span_of(years: tuple[int, int]) -> str:
    """From when to when."""
    return f"{years[0]}–{years[1]}"
