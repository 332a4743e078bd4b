"""The words of tables and figures in Dutch and English, and the names that the data give to variables and values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from llo_research.errors import DataError

LANGUAGES = ("nl", "en")

WORDS: dict[str, tuple[str, str]] = {
    # column heads
    "result": ("uitkomst", "outcome"),
    "variable": ("variabele", "variable"),
    "level": ("antwoord", "answer"),
    "term": ("term", "term"),
    "component": ("onderdeel", "component"),
    "measure": ("maat", "measure"),
    "quantile": ("kwantiel", "quantile"),
    "of": ("groep", "group"),
    "minus": ("vergeleken met", "compared with"),
    "group": ("groep", "group"),
    "year": ("jaar", "year"),
    "period": ("periode", "period"),
    "series": ("reeks", "series"),
    "category": ("categorie", "category"),
    "breakdown": ("uitsplitsing", "breakdown"),
    "instrument": ("instrument", "instrument"),
    "reference_period": ("referentieperiode", "reference period"),
    "population": ("populatie", "population"),
    "status": ("status", "status"),
    "unit": ("eenheid", "unit"),
    "note": ("noot", "note"),
    "n": ("n", "n"),
    "estimate": ("schatting", "estimate"),
    "value": ("waarde", "value"),
    "interval": ("{level}%-BI", "{level}% CI"),
    "row": ("rij", "row"),
    # kinds of estimates
    "share": ("aandeel", "share"),
    "mean": ("gemiddelde", "mean"),
    "total": ("totaal", "total"),
    "ratio": ("verhouding", "ratio"),
    "odds": ("oddsratio", "odds ratio"),
    "variance": ("variantie", "variance"),
    "median": ("mediaan", "median"),
    "quantiles": ("kwantielen", "quantiles"),
    "percentile": ("{rank}e percentiel", "{rank} percentile"),
    "difference": ("verschil", "difference"),
    "contrast": ("contrast", "contrast"),
    "coefficient": ("coëfficiënt", "coefficient"),
    "part": ("bijdrage", "contribution"),
    "decomposition": ("decompositie", "decomposition"),
    "published": ("gepubliceerd", "published"),
    # units
    "percent": ("%", "%"),
    "points": ("procentpunt", "percentage points"),
    "x1000 persons": ("x 1.000 personen", "x 1,000 persons"),
    # parts of sentences
    "and": ("en", "and"),
    "or": ("of", "or"),
    "to": ("tot", "to"),
    "by": ("naar", "by"),
    "trend": ("trend", "trend"),
    "slope": ("helling per jaar", "slope per year"),
    "step": ("sprong", "step"),
    "with break term": ("met een term voor de breuk", "with break term"),
    "without break term": ("zonder term voor de breuk", "without break term"),
    "of all": ("van allen", "of all"),
    "within cells": ("binnen", "within"),
    "against": ("tegenover", "against"),
    "since": ("sinds", "since"),
    "no_data": ("geen gegevens", "no data"),
    "withheld": ("afgeschermd", "withheld"),
    "std_error": ("standaardfout", "standard error"),
    "no_interval": ("geen interval", "no interval"),
    "all": ("allen", "all"),
    "synthetic": ("SYNTHETISCH", "SYNTHETIC"),
    "synthetic_note": (
        "SYNTHETISCHE GEGEVENS: dit toont de methode, niet de bevolking.",
        "SYNTHETIC DATA: this shows the method, not the population.",
    ),
    "about": ("circa", "about"),
    "more than": ("meer dan", "more than"),
    "break": ("methodebreuk", "method break"),
    "not_published_interval": (
        "Er is geen betrouwbaarheidsinterval gepubliceerd.",
        "No confidence interval was published.",
    ),
    "rounding": ("afronding", "rounding"),
    "rounding_only": (
        "Grenzen: wat de afronding van de cijfers toelaat; een betrouwbaarheidsinterval is niet gepubliceerd.",
        "Bounds: what the rounding of the figures allows; no confidence interval was published.",
    ),
    "some_not_published_interval": (
        "Waar geen interval staat, is er geen gepubliceerd.",
        "Where no interval is shown, none was published.",
    ),
}

COMPONENTS: dict[str, tuple[str, str]] = {
    "mean_of": ("gemiddelde van de groep", "mean of the group"),
    "mean_minus": ("gemiddelde van de vergelijkingsgroep", "mean of the comparison group"),
    "gap": ("verschil", "gap"),
    "gap_change": ("verandering van het verschil", "change of the gap"),
    "change": ("verandering", "change"),
    "explained": ("verklaard", "explained"),
    "unexplained": ("onverklaard", "unexplained"),
    "endowments": ("kenmerken", "endowments"),
    "coefficients": ("coëfficiënten", "coefficients"),
    "interaction": ("interactie", "interaction"),
    "rate": ("niveau", "rate"),
    "composition": ("samenstelling", "composition"),
    "total": ("totaal", "total"),
    "within": ("binnen groepen", "within groups"),
    "between": ("tussen groepen", "between groups"),
}

FLAGS: dict[str, tuple[str, str]] = {
    "empty": ("geen waarnemingen met een gewicht", "no row with a weight"),
    "boundary": (
        "aandeel van precies 0 of 100 %; alleen de beta- en wilson-intervallen zijn dan gedefinieerd",
        "share of exactly 0 or 100%; only the beta and wilson intervals are defined there",
    ),
    "zero_se": (
        "standaardfout 0, op afronding na: er is geen verschil tussen de steekproefeenheden",
        "standard error 0, but for rounding: nothing varies between the sampling units",
    ),
    "no_df": ("geen vrijheidsgraden: geen interval", "no degrees of freedom: no interval"),
    "no_interval": ("de methode vindt hier geen grenzen", "the method of the interval finds no ends here"),
    "low_df": (
        "minder dan 10 vrijheidsgraden: onzekerheidsmarge zelf onzeker",
        "fewer than 10 degrees of freedom: the margin itself is uncertain",
    ),
    "replicate_undefined": (
        "bij een van de replicaties niet gedefinieerd: geen standaardfout",
        "undefined at one of the replicates: no standard error",
    ),
    "jackknife": (
        "de jackknife geeft van kwantielen geen consistente standaardfout; interval='mean' wel",
        "the jackknife gives no consistent standard error of quantiles; interval='mean' does",
    ),
    "open_interval": (
        "het interval van een kwantiel loopt door tot buiten de gegevens: geen onder- of bovengrens",
        "the interval of a quantile runs beyond the data: no lower or no upper end",
    ),
    "break": (
        "de vergeleken jaren liggen aan weerszijden van een methodebreuk: methode en werkelijkheid zijn vermengd",
        "the times compared lie on two sides of a method break: method and reality are mixed",
    ),
    "break_adjusted": (
        "de bekende verschuiving door een methodebreuk is eraf, met haar standaardfout",
        "the known shift of a method break was taken off, with its standard error",
    ),
    "above": ("hoger dan de rest", "above the rest"),
    "below": ("lager dan de rest", "below the rest"),
    "weak": ("het verschil is klein (Cohens h of d)", "the difference is small (Cohen's h or d)"),
    "not_identified": (
        "te weinig metingen om deze term van de andere te onderscheiden",
        "too few waves to tell this term from the others",
    ),
    "saturated": (
        "evenveel termen als metingen: de lijn met haar sprongen past altijd precies",
        "as many terms as waves: the line and its steps fit whatever happened",
    ),
    "negative_variance": (
        "clusters in twee richtingen geven een variantie onder nul: geen standaardfout",
        "clusters in two ways give a variance below zero: no standard error",
    ),
    "no_test": (
        "meer restricties dan vrijheidsgraden, of een singuliere covariantie: geen toets",
        "more restrictions than degrees of freedom, or a singular covariance: no test",
    ),
    # of published figures read side by side
    "instrument": ("verschillende instrumenten: niet één reeks", "different instruments: not one series"),
    "reference period": (
        "verschillende referentieperioden: niet één reeks",
        "different reference periods: not one series",
    ),
    "definition": ("verschillende definities: niet één reeks", "different definitions: not one series"),
    "population": ("verschillende populaties: niet één reeks", "different populations: not one series"),
}

INTERVALS: dict[str, tuple[str, str]] = {
    "wald": ("symmetrisch (Wald)", "symmetric (Wald)"),
    "log": ("symmetrisch op de logschaal", "symmetric on the log scale"),
    "logit": ("logit", "logit"),
    "xlogit": ("logit", "logit"),
    "asin": ("arcsinus-wortel", "arcsine square root"),
    "beta": ("Korn-Graubard", "Korn-Graubard"),
    "wilson": ("Wilson", "Wilson"),
    "likelihood": ("geschaalde likelihood (Rao-Scott)", "scaled likelihood (Rao-Scott)"),
    # of quantiles
    "woodruff": ("Woodruff", "Woodruff"),
    "mean": ("Woodruff", "Woodruff"),
    "score": ("scoretoets van het aandeel eronder", "score test of the share below"),
    "replicate": ("kwantielen bij de replicaties", "quantiles at the replicates"),
}


def check_language(language: str) -> str:
    """A language that tables and figures speak."""
    if language not in LANGUAGES:
        raise DataError(
            f"language has no option {language!r}.",
            where="language",
            found=repr(language),
            expected=", ".join(LANGUAGES),
        )
    return language


def word(key: str, language: str) -> str:
    """A house word; the key itself where there is none."""
    if key.startswith("quantile "):
        return quantile_text(float(key.removeprefix("quantile ")), language)
    return _pick(WORDS.get(key) or COMPONENTS.get(key), language, key)


def flag_text(flag: str, language: str) -> str:
    """What a flag means; a flag without a text is shown as it is."""
    if flag.startswith("break "):
        after = ("na de methodebreuk van", "after the method break of")[LANGUAGES.index(language)]
        return f"{after} {flag.removeprefix('break ')}"
    return _pick(FLAGS.get(flag), language, flag)


def quantile_text(probability: float, language: str) -> str:
    """A quantile by its name: ``mediaan``, ``25e percentiel``, ``12.5th percentile``."""
    if probability == 0.5:
        return word("median", language)
    rank = f"{100 * probability:.6g}"
    if language == "nl":
        return word("percentile", language).format(rank=rank.replace(".", ","))
    teen = rank[-2:] in ("11", "12", "13")
    ending = "th" if teen or "." in rank else {"1": "st", "2": "nd", "3": "rd"}.get(rank[-1], "th")
    return word("percentile", language).format(rank=f"{rank}{ending}")


def interval_text(method: str, language: str) -> str:
    """The name of an interval method."""
    return _pick(INTERVALS.get(method), language, method)


def _pick(texts: tuple[str, str] | None, language: str, default: str) -> str:
    """One of two languages."""
    return default if texts is None else texts[LANGUAGES.index(language)]


def spoken(text: Any, language: str) -> str:
    """Text that may be given in both languages as ``{"nl": ..., "en": ...}``; the other language before nothing."""
    if isinstance(text, Mapping):
        other = [text[name] for name in LANGUAGES if name in text]
        return str(text.get(language, other[0] if other else ""))
    return "" if text is None else str(text)


def variable_label(name: str, labels: Mapping[str, Any], language: str) -> str:
    """The label of a variable; its name where it has none."""
    entry = labels.get(name)
    if entry is None:
        return word(name, language) if name in ("year", "period") else name
    return spoken(entry, language) or name


def value_label(name: str, value: Any, labels: Mapping[str, Any], language: str) -> str:
    """The label of a value of a variable; whole numbers without decimals; empty for a missing value."""
    if is_missing(value):
        return ""
    entry = labels.get(name)
    known = entry.get("values") if isinstance(entry, Mapping) else None
    text = plain(value)
    if isinstance(known, Mapping):
        for key, label in known.items():
            if key == value or plain(key) == text:
                return spoken(label, language) or text
    if name == "quantile" and isinstance(value, float | np.floating):
        return quantile_text(float(value), language)
    if name == "term" and text.startswith("step "):
        return f"{word('step', language)} {text.removeprefix('step ')}"
    return word(text, language) if name in ("component", "measure", "term") else text


def plain(value: Any) -> str:
    """A value as text, whole numbers without a decimal point."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def is_missing(value: Any) -> bool:
    """Whether a cell holds nothing."""
    import pandas as pd

    return value is None or value is pd.NA or (isinstance(value, float | np.floating) and bool(np.isnan(value)))


def capital(text: str) -> str:
    """First letter in upper case, the rest as it is."""
    return text[:1].upper() + text[1:]
