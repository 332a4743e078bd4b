"""Linear, logistic and ordered models in SPSS's Complex Samples."""

from __future__ import annotations

import re
from collections.abc import Callable

from llo_research.results.receipts.script import Script
from llo_research.results.receipts.spss.opening import PLAN, analysed, people
from llo_research.results.receipts.spss.words import code, command, condition, fresh, known_column, name, text
from llo_research.results.receipts.told import Told, is_condition

_LEVEL = re.compile(r"(?:C\()?`?([^`()\[]+)`?(?:\)|,[^)]*\))?\[(?:T\.)?(.*)\]")
_LINKS = {"logit": "LOGIT", "probit": "PROBIT", "cloglog": "CLOGLOG"}


class NotInSpss(Exception):
    """A term that the script cannot make."""


def terms_in_spss(told: Told) -> dict[str, str]:
    """Term of the model -> what SPSS computes for its column."""
    known = {f"`{own}`": own for own in told.survey.get("columns") or {}}
    known |= {own: own for own in told.survey.get("columns") or {}}
    out = {}
    for term in told.meta.get("terms") or ():
        if term != "Intercept":
            out[term] = " * ".join(_factor(told, part, known) for part in _parts(str(term)))
    return out


def _parts(term: str) -> list[str]:
    """The factors of an interaction: colons outside brackets and backticks part them."""
    parts, depth, quoted = [""], 0, False
    for sign in term:
        quoted = quoted != (sign == "`")
        depth += 0 if quoted else (sign in "([") - (sign in ")]")
        if sign == ":" and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _factor(told: Told, part: str, known: dict[str, str]) -> str:
    """One factor: a column, or whether a category has a level."""
    if part in known:
        return name(known[part])
    if found := _LEVEL.fullmatch(part):
        column, level = found.group(1).strip(), found.group(2)
        levels = told.levels(column)
        stored = next((own for own in levels or () if str(own) == level), level)
        if column in known and told.survey["columns"][column] == "text":
            return f"({name(column)} = {text(level)}) * {known_column(told, column)}"
        if column in known and levels:
            return f"({name(column)} = {code(told, column, stored)})"
        if column in known and told.survey["columns"][column] == "boolean":
            return f"({name(column)} = {int(level == 'True')})"
        if column in known:
            return f"({name(column)} = {level})"
    raise NotInSpss(part)


def glm(told: Told, script: Script) -> None:
    """CSGLM or CSLOGISTIC on columns that the script computes: SPSS takes the last level as its base, we the first."""
    columns = _columns(told, script)
    response = _response(told, script)
    inside = people(told, script, [f"NOT MISSING({own})" for own in [response, *columns.values()]])
    logistic = told.meta.get("family") == "binomial"
    script.part(f"The model. P of {response} = 1" if logistic else "The model")
    if logistic:
        first, statistics = f"CSLOGISTIC {response}(LOW) WITH", "/STATISTICS PARAMETER SE CINTERVAL TTEST"
    else:
        first, statistics = f"CSGLM {response} WITH", "/STATISTICS PARAMETER SE CINTERVAL TTEST"
    constant = "YES" if "Intercept" in (told.meta.get("terms") or ()) else "NO"
    rest = [f"/PLAN FILE={text(PLAN)}", f"/DOMAIN VARIABLE={inside}(1)", f"/MODEL {' '.join(columns.values())}"]
    rest += [f"/INTERCEPT INCLUDE={constant} SHOW={constant}", statistics]
    limit = ["MXITER=100", "PCONVERGE=[1E-12 RELATIVE]", f"CILEVEL={100 * told.level:g}"]
    rest.append(f"/CRITERIA {' '.join(limit if logistic else limit[2:])}")
    script.add(*command(f"{first} {' '.join(columns.values())}", rest))


def ordered(told: Told, script: Script) -> None:
    """CSORDINAL: thresholds less the linear predictor, as ours."""
    columns = _columns(told, script)
    response = _response(told, script)
    inside = people(told, script, [f"NOT MISSING({own})" for own in [response, *columns.values()]])
    script.part("The model")
    link = _LINKS[str(told.call.get("link", "logit"))]
    rest = [f"/PLAN FILE={text(PLAN)}", f"/DOMAIN VARIABLE={inside}(1)", f"/MODEL {' '.join(columns.values())}"]
    rest += [f"/LINK FUNCTION={link}", "/STATISTICS PARAMETER SE CINTERVAL TTEST"]
    rest.append(f"/CRITERIA MXITER=100 PCONVERGE=[1E-12 RELATIVE] CILEVEL={100 * told.level:g}")
    script.add(*command(f"CSORDINAL {response}(ASCENDING) WITH {' '.join(columns.values())}", rest))


def _columns(told: Told, script: Script) -> dict[str, str]:
    """Term -> a column of the script."""
    script.part("A column for each term: the first declared level of a category is the base, as in the result")
    made = terms_in_spss(told)
    out = {term: fresh(told, f"x_{i}") for i, term in enumerate(made, start=1)}
    for term, column in out.items():
        script.add(*command(f"COMPUTE {column} = {made[term]}", []))
        script.add(f"VARIABLE LABELS {column} {text(term)}.")
    return out


def _response(told: Told, script: Script) -> str:
    """The column of the response, which may be a condition."""
    words = str(told.meta.get("response"))
    if words in (told.survey.get("columns") or {}):
        return analysed(told, script, words)
    if not is_condition(words):
        raise NotInSpss(words)
    column = fresh(told, "y_")
    script.add(*command(f"COMPUTE {column} = ({condition(told, words)})", []))
    return column


WRITERS: dict[str, Callable[[Told, Script], None]] = {"glm": glm, "ordered": ordered}
