"""A call as Python that could be typed, the survey called ``svy``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llo_research.numerics.families import FAMILIES, links_of
from llo_research.results.receipts.told import A_SERIES

_HOMES = {
    "llo.decomposition.": "das_gupta four_parts gap_closing gelbach inequality kitagawa oaxaca_blinder oaxaca_change "
    "reweight rif sequential shapley_r2 standardise",
}
# the arguments that stand before the survey (or instead of it), where it is not the first one alone
_FIRST = {
    "crosstab": ("row", "column"),
    "ratio": ("numerator", "denominator"),
    "margins": ("variables",),
}
_WITHOUT_SURVEY = ("margins",)
# made of tables that a result does not keep
_OF_TABLES = {"kitagawa": "rates, composition", "das_gupta": "factors, populations"}
_LEVEL = 0.95
# what a call holds when nobody asked for anything: the defaults of all estimators
DEFAULTS: dict[str, tuple[Any, ...]] = {
    "missing": ("omit",),
    "scale": ("difference",),
    "vcov": ("design",),
    "rule": ("math",),
    "kind": ("twofold",),
    "detail": (True,),
    "nonlinear": ("yun",),
    "support": ("raise",),
    "against": ("rest",),
    "method": ("difference",),
    "level": (_LEVEL,),
    "share": (0.2,),
    "weak": (0.1,),
}
_OWN_DEFAULTS: dict[str, dict[str, Any]] = {
    "share": {"interval": "logit"},
    "crosstab": {"interval": "logit"},
    "quantile": {"interval": "woodruff"},
    "correlation": {"interval": "fisher"},
    "trend": {"breaks": "flag"},
    "standardise": {"breaks": "flag"},
    "change": {"breaks": "refuse"},
    "gap_change": {"breaks": "refuse"},
    "narrowing": {"breaks": "refuse", "because": "of"},
    "oaxaca_change": {"breaks": "refuse", "reference": "minus", "family": "gaussian"},
    "oaxaca_blinder": {"reference": "pooled", "family": "gaussian"},
    "rif": {"reference": "minus"},
    "glm": {"family": "gaussian"},
    "panel.correlated_random_effects": {"family": "probit"},
}


def call_text(
    meta: Mapping[str, Any],
    level: float = 0.95,
    simultaneous: bool = False,
    draws: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The call behind a result, with the domain, the level and the contrasts that were taken of it.

    `draws` are the ``.meta`` of the results that were combined over imputations.
    """
    call = dict(meta.get("call") or {})
    if not call:
        return ""
    own = {"level": level} if level != _LEVEL else {}
    own |= {"simultaneous": True} if simultaneous else {}
    if call.get("function") in _OF_TABLES:
        return f"{_home(call['function'])}{call['function']}({_OF_TABLES[call['function']]}, ...)"
    if draws and not call.get("plausible"):
        text = _combined([call_text(_uncontrasted(draw), level, simultaneous) for draw in draws])
    else:
        text = _joint(call, meta, own) if call.get("results") else _one(dict(call), meta.get("domain") or (), own)
    contrasts = [*reversed(meta.get("contrast_of") or []), *([meta["contrast"]] if "contrast" in meta else [])]
    text += "".join(f".contrast({_contrast(told)})" for told in contrasts)
    if (method := meta.get("p_adjusted")) and call.get("function") != "banner":
        seed = f", seed={meta['p_adjusted_seed']}" if "p_adjusted_seed" in meta else ""
        text += f".adjusted({'' if method == 'holm' else repr(method)}{seed})"
    return text


# what a result tells of what was done to it after its call
_LATER = ("contrast", "contrast_of", "p_adjusted", "p_adjusted_by", "p_adjusted_seed")


def _uncontrasted(meta: Mapping[str, Any]) -> dict[str, Any]:
    """The meta of what a contrast was taken of."""
    return {name: value for name, value in meta.items() if name not in _LATER}


def _combined(texts: list[str]) -> str:
    """Results over imputations: each call, or the one call on each data set."""
    if len(set(texts)) == 1:
        return f"llo.combine_imputations([{texts[0]} for svy in imputed])"
    lines = "".join(f"    {text},\n".replace("\n    ", "\n        ") for text in texts)
    return f"llo.combine_imputations([\n{lines}])"


def _joint(call: Mapping[str, Any], meta: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    """Results side by side, each with its call on a line."""
    parts = meta.get("parts") or {}
    lines = []
    for name, inner in call["results"].items():
        told = {"call": inner, "domain": meta.get("domain"), **(parts.get(name) or {})}
        lines.append(f"    {name!r}: {call_text(told) or '...'},".replace("\n", "\n    "))
    given = "".join(f", {key}={value!r}" for key, value in own.items())
    name = call.get("function", "joint")
    return f"llo.{name}({{\n" + "\n".join(lines) + f"\n}}{given})"


def _one(call: dict[str, Any], domain: Sequence[Mapping[str, Any]], own: Mapping[str, Any]) -> str:
    """One estimator with its arguments."""
    name = str(call.pop("function", "result"))
    fit = call.pop("of") if name == "margins" and "of" in call else None
    first = _FIRST.get(name, tuple(call)[:1])
    given = [_value(call.pop(key)) for key in first if key in call]
    if name not in _WITHOUT_SURVEY:
        given.append(f"svy{_domain(domain)}")
    if call.get("link") == _own_link(call.get("family", name)):
        call.pop("link", None)
    left = {key: value for key, value in call.items() if not _said_by_default(name, key, value)}
    given += [f"{key}={_value(value)}" for key, value in {**left, **own}.items()]
    home = f"{_one(dict(fit), domain, {})}." if fit else _home(name)
    return f"{home}{name}({', '.join(given)})"


def _own_link(family: str) -> str:
    """The link that a family has unless another is asked for."""
    return links_of(family)[0] if family in FAMILIES else "logit" if family == "ordered" else ""


def _home(name: str) -> str:
    """Where a function stands."""
    return next((home for home, names in _HOMES.items() if name in names.split()), "llo.")


def _said_by_default(name: str, key: str, value: Any) -> bool:
    """Whether an argument says what nobody needs to type."""
    if value is None or value is False or value == [] or value == {}:
        return True
    if key in _OWN_DEFAULTS.get(name, {}):
        return bool(value == _OWN_DEFAULTS[name][key])
    return value in DEFAULTS.get(key, ())


def _domain(notes: Sequence[Mapping[str, Any]]) -> str:
    """The conditions and the weight that the survey was narrowed to."""
    out = []
    for note in notes:
        if "use_weights" in note:
            out.append(f".use_weights({note['use_weights']!r})")
        elif "condition" in note and "result" not in note:
            words = note["condition"]
            out.append(".where(mask)" if words == A_SERIES else f".where({words!r})")
    return "".join(dict.fromkeys(out))


def _contrast(told: Mapping[str, Any]) -> str:
    """What was contrasted: one expression that is its own name stands alone."""
    if all(name == spec for name, spec in told.items()):
        names = list(told)
        return repr(names[0] if len(names) == 1 else names)
    return _value(dict(told))


def _value(value: Any) -> str:
    """A value as it is typed; a list of one name is that name."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return repr(value[0])
    return repr(value)
