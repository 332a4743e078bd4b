"""Results that rest on M imputations: the estimates in each draw side by side, and what they are together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.design.scores import Scores, stacked
from llo_research.errors import DataError
from llo_research.numerics.rubin import pooled
from llo_research.results.estimates import Estimates
from llo_research.results.facts import Facts, Later

if TYPE_CHECKING:
    from llo_research.results.result import Result

IMPUTED = ("plausible_values", "imputed_variables")
# Relative; a standard error that is computed beside others differs in its last bits.
_SAME = 1e-12


def over_draws(draws: Sequence[Result], meta: dict[str, Any]) -> dict[str, Any]:
    """The fields of one result of the same rows in each draw, by Rubin's rules; it keeps the draws, for contrasts.

    The complete-data degrees of freedom are the smallest over the draws, so that their order does not matter; rows that
    do not differ between draws keep them.
    """
    first = draws[0]
    within = np.mean([draw.covariance for draw in draws], axis=0)
    complete = np.min([draw.df for draw in draws], axis=0)
    made = pooled(np.array([draw.estimate for draw in draws]), within, complete)
    one_design = all(draw.design is not None and draw.design is first.design for draw in draws)
    interval = "wald" if any(draw.own_ends is not None for draw in draws) else first.interval
    counts = [draw.n for draw in draws if draw.n is not None]
    told = {"imputations": len(draws)} | ({"interval": interval} if "interval" in meta else {})
    return {
        "rows": first.rows,
        "labels": first.labels,
        "estimates": Estimates(
            made.estimate,
            _average(draws) if one_design else None,
            size=first.estimates.size,
            taken=first.estimates.taken,
        ),
        "inference": replace(
            first.inference,
            covariance=made.covariance,
            sampling=within,
            df=np.where(_not_imputed(draws), complete, made.df),
        ),
        "meta": {**meta, **told, "imputation_share_of_variance": [float(share) for share in made.share]},
        "design": first.design if one_design else None,
        "quantity": first.quantity,
        "level": first.level,
        "interval": interval,
        "simultaneous": first.simultaneous,
        "tested": first.tested,
        "n": np.min(counts, axis=0) if len(counts) == len(draws) else None,
        "details": None if first.details is None else Later(_sums_of_weights, first.details),
        "cell_details": None if first.cell_details is None else Later(_smallest, [draw.cell_details for draw in draws]),
        "extra_flags": _flags(draws, made.estimate, made.covariance),
        "standing": first.standing,
        "draws": tuple(draws),
    }


def by_draw(results: Mapping[str, Any]) -> list[dict[str, Result]]:
    """Several results draw by draw, where one has any; one that rests on no imputation is the same in all."""
    if not all(hasattr(result, "draws") for result in results.values()):
        return []
    lengths = {name: len(result.draws) for name, result in results.items() if result.draws}
    if len(set(lengths.values())) > 1:
        raise DataError(
            "The results have different numbers of imputations.",
            where="joint",
            found=lengths,
            expected="as many of each, made together",
            todo="use the same imputations in all results",
        )
    every = range(max(lengths.values(), default=0))
    return [{name: r.draws[m] if r.draws else r for name, r in results.items()} for m in every]


def _not_imputed(draws: Sequence[Result]) -> np.ndarray:
    """(k,) rows that are the same in all draws: they rest on no imputed value, and have the design's df."""
    first, out = draws[0], np.ones(len(draws[0].estimate), dtype=bool)
    for draw in draws[1:]:
        same = (draw.estimate == first.estimate) & (draw.df == first.df)
        out &= same & np.isclose(draw.std_error, first.std_error, rtol=_SAME, atol=0)
    return out


def _sums_of_weights(details: Facts) -> pd.DataFrame:
    """Sums of weights only: a design effect of imputed values is not defined here."""
    found: pd.DataFrame = details()
    return found.filter(items=["sum_weights"])


def _smallest(cells: Sequence[Facts | None]) -> pd.DataFrame:
    """Disclosure facts of the smallest cell over the draws."""
    facts = [found().reset_index(drop=True) for found in cells if found is not None]
    rows: Any = pd.concat(facts, keys=range(len(facts))).groupby(level=1)
    return pd.DataFrame(rows.agg({name: extreme(str(name)) for name in facts[0]}).reset_index(drop=True))


def extreme(fact: str) -> str:
    """Which of several cells decides on disclosure: the smallest count, the largest share."""
    return "max" if fact == "largest_share" else "min"


def _average(draws: Sequence[Result]) -> Scores | None:
    """Influence values of the average over draws of one survey."""
    parts = [draw.scores for draw in draws if draw.scores is not None]
    if len(parts) < len(draws):
        return None
    first, m, k = parts[0], len(parts), parts[0].size
    if all(part.blocks is first.blocks for part in parts):
        maps = [np.eye(part.n_base) if part.transform is None else part.transform for part in parts]
        uses = np.any([part.rests() for part in parts], axis=0)
        return Scores(first.blocks, first.weights, sum(maps[1:], start=maps[0]) / m, uses)
    return stacked(parts).mapped(np.tile(np.eye(k) / m, (1, m)))


def _flags(draws: Sequence[Result], estimate: np.ndarray, covariance: np.ndarray) -> tuple[str, ...]:
    """Flags of all draws, and of estimates without a standard error at one of the replicates."""
    known = [draw.extra_flags or ("",) * len(estimate) for draw in draws]
    replicated = any(draw.replicates is not None for draw in draws)
    lost = np.isfinite(estimate) & np.isnan(np.diag(covariance)) & replicated
    rows = zip(zip(*known, strict=True), lost, strict=True)
    return tuple(
        " ".join(
            dict.fromkeys(
                word for text in [*texts, *(["replicate_undefined"] if gone else [])] for word in text.split()
            )
        )
        for texts, gone in rows
    )
