"""How strong an omitted variable would have to be: what a table and a figure of it show."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from llo_research.errors import DataError, DisclosureError
from llo_research.report.content import notes
from llo_research.report.content.content import Content, is_synthetic
from llo_research.report.content.labels import capital, lowered, said, word
from llo_research.report.content.numbers import number
from llo_research.report.content.terms import Terms
from llo_research.report.content.words import SENSITIVITY
from llo_research.results.quantities import Quantity
from llo_research.results.sensitivity import Sensitivity

sensitivity_word = partial(said, SENSITIVITY)


def sensitivity_content(found: Sensitivity, places: int, language: str, disclosure: str) -> Content:
    """The numbers as a content."""
    hidden, frame, meta = found.withheld(disclosure), found.seen(disclosure), found.meta
    terms = Terms(meta.get("labels") or {}, language, meta.get("base_levels") or {}, str(meta.get("response", "")))
    treatment = terms.text(str(meta["treatment"]))
    names = pd.DataFrame(
        {
            "measure": [
                capital(sensitivity_word(str(name), language).format(treatment=lowered(treatment)))
                for name in frame["measure"]
            ],
            "benchmark": [terms.text(str(term)) if term else "" for term in frame["term"]],
            "times": [f"{number(float(k), 0, language)}×" if np.isfinite(k) else "" for k in frame["times"]],
        }
    )
    if not frame["term"].any():
        names = names[["measure"]]
    none, k, outcome = np.full(len(frame), np.nan), len(frame), terms.text(str(meta.get("response", "")))
    under = notes.of_result(found.rows, meta, None, 0.95, language, has_interval=False, hidden=hidden)
    return Content(
        names=names,
        heads={name: capital(sensitivity_word(name, language)) for name in map(str, names)},
        raw=frame[["measure"]].copy(),
        estimate=frame["estimate"].to_numpy(dtype=np.float64),
        low=none,
        high=none,
        n=None,
        quantities=(Quantity("estimate"),) * k,
        decimals=(places,) * k,
        flags=((),) * k,
        before=("",) * k,
        covariance=None,
        df=none,
        what=sensitivity_word("title", language).format(treatment=treatment, outcome=lowered(outcome)),
        heading=capital(word("value", language)),
        notes={
            "reading": sensitivity_word("reading", language),
            **{t: text for t, text in under.items() if t != "interval"},
        },
        withheld=hidden.counts if hidden else (),
        meta=meta,
        level=0.95,
        language=language,
        synthetic=is_synthetic(meta),
    )


def contour_content(found: Sensitivity, places: int, language: str, disclosure: str) -> Content:
    """The estimate as it is, and with a variable so many times as strong as each benchmark, in the plane of both R2."""
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
    whole = sensitivity_content(found, places, language, disclosure)
    frame, meta = found.frame, found.meta
    known = {str(m): float(v) for m, v in zip(frame["measure"], frame["estimate"], strict=True)}
    own = frame[frame["measure"].isin(["bound_treatment", "bound_outcome", "adjusted"])]
    wide = own.pivot(index=["term", "times"], columns="measure", values="estimate").reset_index()
    wide = wide.reindex(columns=["term", "times", "bound_treatment", "bound_outcome", "adjusted"]).dropna()
    terms = Terms(meta.get("labels") or {}, language, meta.get("base_levels") or {}, str(meta.get("response", "")))
    benchmarks = [lowered(terms.text(str(term))) for term in wide["term"]]
    times = [f"{number(float(k), 0, language)}× " for k in wide["times"]]
    first = sensitivity_word("as_it_is", language)
    names = [first, *(f"{k}{name}" for k, name in zip(times, benchmarks, strict=True))]
    labels = list(found.of.labels)
    beta = float(found.of.estimate[labels.index(str(meta["treatment"]))])
    partial_r2 = known["partial_r2"]
    contours = {"beta": beta, "f": float(np.sqrt(partial_r2 / (1 - partial_r2))), "rv": known["rv"]}
    x, y = np.append(0.0, wide["bound_treatment"]), np.append(0.0, wide["bound_outcome"])
    k, none = len(x), np.full(len(x), np.nan)
    return Content(
        names=pd.DataFrame({"name": names, "x": x, "y": y}),
        heads={
            "name": capital(sensitivity_word("benchmark", language)),
            "x": capital(sensitivity_word("with_treatment", language).format(treatment=_treatment(terms, meta))),
            "y": capital(sensitivity_word("with_outcome", language)),
        },
        raw=pd.DataFrame({"benchmark": [first, *benchmarks], "times": ["", *times]}),
        estimate=np.append(beta, wide["adjusted"].to_numpy(dtype=np.float64)),
        low=none,
        high=none,
        n=None,
        quantities=(Quantity("estimate"),) * k,
        decimals=(places,) * k,
        flags=((),) * k,
        before=("",) * k,
        covariance=None,
        df=none,
        what=whole.what,
        heading=whole.heading,
        notes={**whole.notes, "interval": sensitivity_word("contours", language)},
        meta={**meta, "contours": contours},
        level=0.95,
        language=language,
        synthetic=whole.synthetic,
    )


def _treatment(terms: Terms, meta: dict[str, object]) -> str:
    """The treatment within a sentence."""
    return str(lowered(terms.text(str(meta["treatment"]))))
