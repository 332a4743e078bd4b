"""The rows, the weights and the columns of a model in R: what every script of a model begins with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from llo_research.results.receipts.r.formulas import InR, in_r
from llo_research.results.receipts.r.words import name, text
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.told import Told


def prepare(told: Told, script: Script, also: Sequence[str] = ()) -> InR:
    """`domain` of people whose answers to the model are known, with the columns of its formula."""
    model = in_r(told, str(told.meta["formula"]), told.call.get("offset"))
    needed = list(dict.fromkeys([*model.columns, *also]))
    script.part("The people whose answers are known, as a domain; categories by their first level, also ordered ones.")
    script.add('options(contrasts = c("contr.treatment", "contr.treatment"))')
    lines_of_known(script, needed)
    if model.before:
        script.add('rows.used <- domain$variables[weights(domain, "sampling") > 0, ]', *model.before)
    for column, words in model.made.items():
        script.add(f"domain <- update(domain, {column} = {words})")
    if model.response in model.made and model.response not in model.columns:
        script.add(f"domain <- subset(domain, !is.na({model.response}))")
    return model


def lines_of_known(script: Script, columns: Sequence[str]) -> None:
    """`domain` less the rows with a missing value."""
    known = [f"!is.na({name(column)})" for column in columns]
    for line in joined("domain <- subset(domain, ", known, " & ", ")"):
        script.add(line)


def joined(opening: str, parts: Sequence[str], sign: str, closing: str, width: int = 108) -> list[str]:
    """Parts of one line of R, in as many lines as they need."""
    lines, line = [], opening if parts else opening + closing
    for i, part in enumerate(parts):
        piece = part + (sign if i + 1 < len(parts) else closing)
        if len(line) + len(piece.rstrip()) > width and line.strip():
            lines.append(line.rstrip())
            line = "  "
        line += piece
    return [*lines, line.rstrip()]


def their_names(told: Told, model: InR) -> list[str]:
    """R's name of the coefficient of each row; of a contrast those of all."""
    return [model.names[term] for term in terms_of(told)]


def terms_of(told: Told) -> list[str]:
    """Names of all coefficients of a model, as its result has them."""
    every = [
        str(term).strip("`") if str(term).startswith("`") and str(term).endswith("`") else str(term)
        for term in told.meta["terms"]
    ]
    if told.function == "glm":
        return [str(term) for term in told.meta["terms"]]
    if told.function == "ordered" or (told.meta.get("family") == "ordered" and "means_of" in told.meta):
        levels = list(map(str, told.meta["levels"]))
        return [term for term in every if term != "Intercept"] + [f"{a}|{b}" for a, b in pairwise(levels)]
    without = ("first_difference", "event_time", "pseudo_panel", "conditional_logit")
    has_none = told.function.endswith(without) or told.function.startswith("panel.fixed_effects")
    return [term for term in every if term != "Intercept" or not has_none]


def place_of(script: Script, names: Sequence[str], known: str) -> None:
    """`place`: where R has the coefficients of `rows`; stops if it has others."""
    script.add(*joined("place <- match(c(", [text(one) for one in names], ", ", f"), {known})"))
    script.add(f"stopifnot(!anyNA(place), length(place) == length({known}))  # R has the same columns")


def wanted(told: Told, script: Script) -> None:
    """The estimates of `rows`, where these are not all of a model."""
    every, rows = terms_of(told), [str(term) for term in told.rows["term"]]
    if rows == every:
        return
    script.add(f"wanted <- c({', '.join(str(every.index(term) + 1) for term in rows)})")
    script.add("theta <- theta[wanted]", "V <- V[wanted, wanted, drop = FALSE]", "df <- df[wanted]")
    if told.linearised:
        script.add("people <- people[, wanted, drop = FALSE]", "taken <- taken[wanted]")
        if told.call.get("vcov", "design") == "design":
            word = "reps" if told.survey.get("replicates") else "u"
            script.add(f"{word} <- {word}[, wanted, drop = FALSE]")
