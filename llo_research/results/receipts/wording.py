"""The words of a receipt in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FREEDOM: Mapping[str, Mapping[str, str]] = {
    "design": {
        "en": "sampling units minus strata among the people of each row",
        "nl": "steekproefeenheden min strata onder de mensen van elke rij",
    },
    "replicates": {
        "en": "rank of the replicate weights of the people of each row, minus one",
        "nl": "rang van de replicatiegewichten van de mensen van elke rij, min een",
    },
    "from_design": {
        "en": "sampling units minus strata of the design that the replicates were made from",
        "nl": "steekproefeenheden min strata van de opzet waaruit de replicaties zijn gemaakt",
    },
    "contrast": {
        "en": "of a contrast: over all cells that it rests on",
        "nl": "van een contrast: over alle cellen waarop het rust",
    },
    "imputed": {"en": "combined after Barnard and Rubin (1999)", "nl": "samengenomen volgens Barnard en Rubin (1999)"},
    "vcov": {"en": "those of the covariance {vcov!r} ({factor})", "nl": "die van de covariantie {vcov!r} ({factor})"},
    "none": {"en": "none: made of tables", "nl": "geen: gemaakt van tabellen"},
    "tables": {"en": "no weights: made of tables", "nl": "geen gewichten: gemaakt van tabellen"},
    "absent": {"en": "not known here: {why}", "nl": "hier niet bekend: {why}"},
}

LINES: Mapping[str, Mapping[str, str]] = {
    "call": {"en": "call", "nl": "opdracht"},
    "data": {"en": "data", "nl": "gegevens"},
    "domain": {"en": "people", "nl": "mensen"},
    "weight": {"en": "weight", "nl": "weging"},
    "steps": {"en": "weighting steps", "nl": "weegstappen"},
    "design": {"en": "design", "nl": "opzet"},
    "made_of": {"en": "made of", "nl": "gemaakt van"},
    "df": {"en": "degrees of freedom", "nl": "vrijheidsgraden"},
    "interval": {"en": "interval", "nl": "interval"},
    "n": {"en": "n", "nl": "n"},
    "left_out": {"en": "left out", "nl": "weggelaten"},
    "breaks": {"en": "series breaks", "nl": "reeksbreuken"},
    "flags": {"en": "flags", "nl": "vlaggen"},
    "certified": {"en": "certified", "nl": "getoetst"},
    "programs": {"en": "other programs", "nl": "andere programma's"},
    "weight_by": {"en": "WEIGHT BY", "nl": "WEIGHT BY"},
    "withheld": {"en": "not shown", "nl": "niet getoond"},
    "exported": {"en": "exported", "nl": "uitgevoerd"},
}

PHRASES: Mapping[str, Mapping[str, str]] = {
    "synthetic": {
        "en": "SYNTHETIC: shows method, not the population",
        "nl": "SYNTHETISCH: toont de methode, niet de bevolking",
    },
    "rows": {"en": "{count} rows", "nl": "{count} rijen"},
    "kept": {"en": "{count} rows", "nl": "{count} rijen"},
    "unknown": {"en": "{count} unknown", "nl": "{count} onbekend"},
    "everybody": {"en": "everybody in the data", "nl": "iedereen in de gegevens"},
    "unweighted": {"en": "none", "nl": "geen"},
    "expansion": {"en": "adds up to the population", "nl": "telt op tot de bevolking"},
    "proportional": {"en": "proportional, adds up to no population", "nl": "evenredig, telt niet op tot een bevolking"},
    "strata": {"en": "{count} strata of {columns}", "nl": "{count} strata van {columns}"},
    "psu": {"en": "{count} sampling units{columns}", "nl": "{count} steekproefeenheden{columns}"},
    "of": {"en": " ({columns})", "nl": " ({columns})"},
    "replicates": {"en": "{count} replicate weights ({method})", "nl": "{count} replicatiegewichten ({method})"},
    "lonely": {"en": "lonely units: {word}", "nl": "losse eenheden: {word}"},
    "level": {"en": "{methods}, {level} %{joint}", "nl": "{methods}, {level} %{joint}"},
    "joint": {"en": ", holding jointly", "nl": ", samen geldend"},
    "span": {"en": "{least} to {most} a row", "nl": "{least} tot {most} per rij"},
    "some": {"en": "for missing values: {counts}", "nl": "om ontbrekende waarden: {counts}"},
    "against": {"en": "{reference}: {numbers}", "nl": "{reference}: {numbers}"},
    "numbers": {"en": "{count} numbers, to {digits}", "nl": "{count} getallen, tot op {digits}"},
    "digits": {"en": "{count} digits", "nl": "{count} cijfers"},
    "decimals": {"en": "{count} decimals", "nl": "{count} decimalen"},
    "more": {"en": "and {count} more", "nl": "en nog {count}"},
    "uncertified": {
        "en": "against no other program in this form; by the laws and simulations of its tests",
        "nl": "in deze vorm tegen geen ander programma; met de wetten en simulaties van zijn toetsen",
    },
    "script": {"en": "{program}: .{method}() writes the script", "nl": "{program}: .{method}() schrijft het script"},
    "not_run": {"en": "held to its manual, not run", "nl": "getoetst aan de handleiding, niet uitgevoerd"},
    "made_of": {
        "en": "made of the numbers of the call within; what holds of these stands in their own receipt",
        "nl": "gemaakt van de getallen van de opdracht daarbinnen; wat van die geldt staat in hun eigen verantwoording",
    },
    "cannot": {"en": "{program}: {why}", "nl": "{program}: {why}"},
    "beside": {
        "en": "std. error of {row}: ours {ours}, WEIGHT BY {counts}, weights of mean 1 {mean_one}.",
        "nl": "standaardfout van {row}: de onze {ours}, WEIGHT BY {counts}, gewichten van gemiddeld 1 {mean_one}.",
    },
    "closed": {
        "en": "{what}: the data are {kind}, and disclosure control ({profile}) has not passed",
        "nl": "{what}: de gegevens zijn {kind}, en de controle op onthulling ({profile}) is niet doorlopen",
    },
    "what": {
        "en": "paths, checksums, counts of rows and people, values of the domain",
        "nl": "paden, controlegetallen, aantallen rijen en mensen, waarden van het domein",
    },
    "exported": {
        "en": "left a secure environment under the profile {profile}, {checked}",
        "nl": "uit een beveiligde omgeving gekomen volgens het profiel {profile}, {checked}",
    },
    "confirmed": {"en": "confirmed on {date}", "nl": "nagegaan op {date}"},
    "unconfirmed": {"en": "unconfirmed", "nl": "niet bevestigd"},
    "restricted": {"en": "restricted", "nl": "beperkt toegankelijk"},
    "registered": {"en": "registered", "nl": "geregistreerd"},
}


def exported_in_words(meta: Mapping[str, Any], language: str) -> str:
    """Under which profile numbers left a secure environment, and whether somebody had dated it."""
    told = meta["exported"]
    key = "confirmed" if told["confirmed"] else "unconfirmed"
    checked = say(PHRASES[key], language).format(date=told["confirmed"])
    return say(PHRASES["exported"], language).format(profile=told["profile"], checked=checked)


def say(words: Mapping[str, str], language: str) -> str:
    """In the language asked for."""
    return words[language]
