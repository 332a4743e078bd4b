"""What is said of a model: its kind, how its standard errors were made, whom it speaks for, who carries it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.report.content.labels import said, variable_label
from llo_research.report.content.model_words import COVARIANCES, MODELS
from llo_research.report.content.numbers import number
from llo_research.report.content.terms import Terms
from llo_research.results.floors import Withheld

# models whose names tell their family
_TOLD = ("conditional_logit", "fixed_effects_ordered", "fixed_effects_poisson")
_LINKS = {("binomial", "cloglog"): "cloglog", ("binomial", "probit"): "probit", ("binomial", "logit"): "logit"}


def of_model(meta: Mapping[str, Any], language: str, hidden: Withheld | None = None) -> dict[str, str]:
    """Notes of a model by topic; nothing of what is no model."""
    if "nobs" not in meta:
        return {}
    told = {
        "model": f"Model: {model_name(meta, language)}.",
        "base": _bases(meta, language),
        "estimand": _estimand(meta, language),
        "singletons": _singletons(meta, language, hidden),
        "unchanging": _units("unchanging", meta.get("units_without_variation"), language, hidden),
        "separated": _units("separated", sum((meta.get("separated") or {}).values()), language, hidden),
    }
    return {topic: text for topic, text in told.items() if text}


def is_model(meta: Mapping[str, Any]) -> bool:
    """Whether a result is that of a model, and not of a mean, a gap or a change."""
    return bool(meta.get("family") or meta.get("response") or (meta.get("call") or {}).get("formula"))


def model_name(meta: Mapping[str, Any], language: str) -> str:
    """What kind of model it is: ``logit``, ``vaste effecten``; of marginal effects also which model they are of."""
    call = meta.get("call") or {}
    inner = call.get("of")
    own = call.get("function") == "margins" and isinstance(inner, Mapping)
    if isinstance(inner, Mapping) and own:
        call = inner
    function = str(call.get("function", "")).rpartition(".")[2]
    family, link = str(meta.get("family") or call.get("family") or ""), str(meta.get("link", ""))
    if function == "glm":
        known = _LINKS.get((family, link), family)
        name = said(MODELS, known, language) if known in MODELS else f"{family}, {link}"
    elif function == "ordered":
        name = said(MODELS, function, language).format(link=link)
    else:
        known = function if function in MODELS else _LINKS.get((family, link), family or "gaussian")
        name = said(MODELS, known, language) if known in MODELS else function
        if function in MODELS and function not in _TOLD and family not in ("", "gaussian"):
            more = _LINKS.get((family, link), family)
            name = f"{name}, {said(MODELS, more, language).format(link=link) if more in MODELS else more}"
    if call.get("nonlinear") and call.get("detail") and family not in ("", "gaussian"):
        name = said(MODELS, str(call["nonlinear"]), language).format(model=name)
    return said(MODELS, "margins", language).format(model=name) if own else name


def covariance_text(meta: Mapping[str, Any], language: str) -> str:
    """How the standard errors were made, with the columns; without the small-sample factor."""
    name, call = str((meta.get("vcov_facts") or {}).get("vcov", "")), meta.get("call") or {}
    call = call["of"] if isinstance(call.get("of"), Mapping) else call
    replicates = (meta.get("design") or {}).get("replicates")
    if name == "design" and replicates:
        name = "replicates"
    if name not in COVARIANCES:
        return name
    text = said(COVARIANCES, name, language)
    cluster = call.get("cluster") or ((meta.get("design") or {}).get("psu") if name in ("cluster", "wild") else None)
    names = [cluster] if isinstance(cluster, str) else list(cluster or [])
    labels = [variable_label(str(one), meta.get("labels") or {}, language) for one in names]
    return f"{text} ({' × '.join(labels)})" if labels else text


def small_sample_text(meta: Mapping[str, Any], language: str) -> str:
    """The small-sample factor of the standard errors, as a formula with its counts."""
    facts = meta.get("vcov_facts") or {}
    told = str(facts.get("small_sample", ""))
    if facts.get("vcov") == "design":
        return "" if (meta.get("design") or {}).get("replicates") else said(COVARIANCES, "by stratum", language)
    return said(COVARIANCES, "no factor", language) if told in ("none", "") else told


def _bases(meta: Mapping[str, Any], language: str) -> str:
    """The base levels of a model with interactions, whose rows do not repeat them."""
    bases, formula = meta.get("base_levels") or {}, str(meta.get("formula", ""))
    if not bases or not any(sign in formula.partition("~")[2] for sign in ":*"):
        return ""
    terms = Terms(meta.get("labels") or {}, language)
    names = {factor: terms.key(factor)[0].name for factor in bases}
    told = [f"{terms.text(names[factor])}: {terms.level(names[factor], base)}" for factor, base in bases.items()]
    return f"{'Basisniveaus' if language == 'nl' else 'Base levels'}: {'; '.join(dict.fromkeys(told))}."


def _estimand(meta: Mapping[str, Any], language: str) -> str:
    """Whom the coefficients speak for where the weights of a unit are not one number."""
    return said(MODELS, "weights vary", language) if meta.get("weights_vary_within_units") else ""


def _singletons(meta: Mapping[str, Any], language: str, hidden: Withheld | None) -> str:
    """Units that are seen once: counted in n, and without a say in what changes within units."""
    count = int(meta.get("singletons") or 0)
    function = str((meta.get("call") or {}).get("function", ""))
    if not function.startswith(("panel.fixed_effects", "panel.first_difference")):
        return ""
    return _units("singletons", count, language, hidden)


def _units(what: str, told: object, language: str, hidden: Withheld | None) -> str:
    """How many units say nothing of what changes within them, and why."""
    count = int(str(told or 0))
    if not count:
        return ""
    small = hidden is not None and count < hidden.rules.units
    shown = hidden.count(count) if hidden is not None and small else number(count, 0, language)
    return said(MODELS, what, language).format(n=shown)
