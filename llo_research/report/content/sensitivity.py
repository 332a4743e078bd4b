"""How strong an omitted variable would have to be: what a table and a figure of it show."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from llo_research.errors import DataError, DisclosureError
from llo_research.numerics.groups import Floats
from llo_research.report.content import notes
from llo_research.report.content.content import Content, is_synthetic
from llo_research.report.content.labels import capital, lowered, said, word
from llo_research.report.content.model_words import SENSITIVITY
from llo_research.report.content.numbers import number
from llo_research.report.content.terms import Terms
from llo_research.results.floors import Withheld
from llo_research.results.quantities import Quantity
from llo_research.results.sensitivity import Sensitivity

sensitivity_word = partial(said, SENSITIVITY)


def sensitivity_content(found: Sensitivity, places: int, language: str, disclosure: str) -> Content:
    """The numbers as a content."""
    hidden, frame = found.withheld(disclosure), found.seen(disclosure)
    treatment = terms_of(found, language).text(str(found.meta["treatment"]))
    terms = terms_of(found, language)
    measures = [sensitivity_word(str(name), language).format(treatment=lowered(treatment)) for name in frame["measure"]]
    names = pd.DataFrame(
        {
            "measure": [capital(measure) for measure in measures],
            "benchmark": [terms.text(str(term)) if term else "" for term in frame["term"]],
            "times": [f"{number(float(k), 0, language)}×" if np.isfinite(k) else "" for k in frame["times"]],
        }
    )
    if not frame["term"].any():
        names = names[["measure"]]
    heads = {name: capital(sensitivity_word(name, language)) for name in map(str, names)}
    made = _content(found, names, heads, frame["estimate"].to_numpy(dtype=np.float64), places, language, hidden)
    return replace(made, raw=frame[["measure"]].copy(), withheld=hidden.counts if hidden else ())


def terms_of(found: Sensitivity, language: str) -> Terms:
    """The terms of the model in words."""
    meta = found.meta
    return Terms(meta.get("labels") or {}, language, meta.get("base_levels") or {}, str(meta.get("response", "")))


def _content(
    found: Sensitivity,
    names: pd.DataFrame,
    heads: dict[str, str],
    estimate: Floats,
    places: int,
    language: str,
    hidden: Withheld | None,
) -> Content:
    """Rows with their names; what is said of all of them."""
    meta, terms, k = found.meta, terms_of(found, language), len(estimate)
    under = notes.of_result(found.rows, meta, None, 0.95, language, has_interval=False, hidden=hidden)
    told = {
        "treatment": terms.text(str(meta["treatment"])),
        "outcome": lowered(terms.text(str(meta.get("response", "")))),
    }
    none = np.full(k, np.nan)
    return Content(
        names=names,
        heads=heads,
        raw=names,
        estimate=estimate,
        low=none,
        high=none,
        n=None,
        quantities=(Quantity("estimate"),) * k,
        decimals=(places,) * k,
        flags=((),) * k,
        before=("",) * k,
        covariance=None,
        df=none,
        what=sensitivity_word("title", language).format(**told),
        heading=capital(word("value", language)),
        notes={"reading": sensitivity_word("reading", language), **{t: s for t, s in under.items() if t != "interval"}},
        meta=meta,
        level=0.95,
        language=language,
        synthetic=is_synthetic(meta),
    )


def contour_content(found: Sensitivity, places: int, language: str, disclosure: str) -> Content:
    """The estimate as it is, and with a variable so many times as strong as each benchmark, in the plane of both R2."""
    _check_seen(found, disclosure)
    assert found.of is not None
    frame, terms = found.frame, terms_of(found, language)
    known = {str(m): float(v) for m, v in zip(frame["measure"], frame["estimate"], strict=True)}
    own = frame[frame["measure"].isin(["bound_treatment", "bound_outcome", "adjusted"])]
    wide = own.pivot(index=["term", "times"], columns="measure", values="estimate").reset_index()
    wide = wide.reindex(columns=["term", "times", "bound_treatment", "bound_outcome", "adjusted"]).dropna()
    benchmarks = [lowered(terms.text(str(term))) for term in wide["term"]]
    times = [f"{number(float(k), 0, language)}× " for k in wide["times"]]
    first = sensitivity_word("as_it_is", language)
    names = [first, *(f"{k}{name}" for k, name in zip(times, benchmarks, strict=True))]
    beta = float(found.of.estimate[list(found.of.labels).index(str(found.meta["treatment"]))])
    f = float(np.sqrt(known["partial_r2"] / (1 - known["partial_r2"])))
    x, y = np.append(0.0, wide["bound_treatment"]), np.append(0.0, wide["bound_outcome"])
    treatment = lowered(terms.text(str(found.meta["treatment"])))
    heads = {
        "name": capital(sensitivity_word("benchmark", language)),
        "x": capital(sensitivity_word("with_treatment", language).format(treatment=treatment)),
        "y": capital(sensitivity_word("with_outcome", language)),
    }
    estimate = np.append(beta, wide["adjusted"].to_numpy(dtype=np.float64))
    made = _content(found, pd.DataFrame({"name": names, "x": x, "y": y}), heads, estimate, places, language, None)
    return replace(
        made,
        raw=pd.DataFrame({"benchmark": [first, *benchmarks], "times": ["", *times]}),
        notes={**made.notes, "interval": sensitivity_word("contours", language)},
        meta={**found.meta, "contours": {"beta": beta, "f": f, "rv": known["rv"]}},
    )


def _check_seen(found: Sensitivity, disclosure: str) -> None:
    """All coefficients may be seen, and the model is there."""
    hidden = found.withheld(disclosure)
    if hidden is not None and hidden:
        raise DisclosureError(
            "The strength of an omitted variable tells the coefficients, and some of these may not be seen.",
            where="figure",
            found="restricted files, and a coefficient of few people",
            todo="join small levels; disclosure='off' shows it to you alone",
        )
    if found.of is None:
        raise DataError("Without its model a sensitivity has no contours.", where="figure", todo="make it again")
