"""The glossary of a result's columns: identifiers, numbers, flags, names that are taken; labels of rows, rounding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

IDENTIFIERS = ("variable", "level", "term", "component", "measure", "quantile", "of", "minus")
DETAILS = ("sum_weights", "n_eff", "deff")
FLAGS = {
    "empty": "no row with a weight",
    "boundary": "a share of exactly 0 or 1; only the beta and wilson intervals are defined",
    "zero_se": "the standard error is 0, or 0 but for rounding: nothing varies between the sampling units",
    "no_df": "no degrees of freedom: no interval",
    "low_df": "fewer than 10 degrees of freedom",
    "no_interval": "the method of the interval finds no ends here",
    "replicate_undefined": "undefined at one of the replicates: no standard error",
    "jackknife": "the jackknife is not consistent for quantiles; interval='mean' is",
    "open_interval": "the interval of a quantile has no lower or no upper end within the data",
    "break": "the times compared lie on two sides of a series break: method and reality are mixed",
    "break_adjusted": "the known shift of a series break was taken off, with its standard error",
    "period": "surveys of a stack that ask this of another reference period each: not one series",
    "definition": "surveys of a stack that define this otherwise: not one series",
    "above": "of a table book: above the rest, beyond the uncertainty of the difference",
    "below": "of a table book: below the rest, beyond the uncertainty of the difference",
    "weak": "of a table book: Cohen's h or d of the difference is under the size that was asked",
    "not_identified": "too few waves to tell this term from the others",
    "saturated": "as many terms as waves: the line and its steps fit whatever happened",
    "negative_variance": "clusters in two ways give a variance below zero: no standard error",
    "unstable_share": "the interval of the gap holds 0: that of a share of it has no ends, and the share says little",
    "few_carry": "fewer than 10 people, in effect, carry the weights of what is not seen: its error is poorly known",
    "enclosing": "the bounds hold whatever rounding allows, and may be wider than what can be reached",
    "no_test": "more restrictions than degrees of freedom, or a singular covariance: no test",
}
# fewer people than this, in effect, do not carry a counterfactual
FEW_CARRY = 10
# flags that a contrast of flagged rows carries on
BREAKS = ("break", "break_adjusted")
# flags that tell a cell of a table book from the rest
BESIDE_REST = ("above", "below", "weak")
RESERVED = {
    *("variable", "level", "term", "component", "measure", "quantile", "of", "minus", "result"),
    *("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high", "share_of_gap"),
    *("p_adjusted", "bound", "p_equivalence", "rank_low", "rank_high", "bound_low", "bound_high"),
    *("n", "sum_weights", "n_eff", "deff", "cv", "flag"),
}
_SMALLEST_P = 0.0001


def identifiers_of(rows: pd.DataFrame) -> pd.DataFrame:
    """A copy of the columns that say what each estimate is, with one sign for "does not apply"."""
    frame = rows.reset_index(drop=True).copy()
    for name in frame.columns:
        if pd.api.types.is_object_dtype(frame[name]):
            frame[name] = pd.Series([np.nan if v is None else v for v in frame[name]], dtype=object)
    return frame


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy for reading: four decimals, one for sums and degrees of freedom, no negative zero."""
    out = frame.copy()
    for name in out.columns:
        if not pd.api.types.is_float_dtype(out[name]):
            continue
        if name == "p_value":
            out[name] = ["" if np.isnan(p) else "<0.0001" if p < _SMALLEST_P else f"{p:.4f}" for p in out[name]]
            continue
        places = 1 if name in ("df", "sum_weights", "n_eff") else 4
        out[name] = out[name].round(places) + 0.0
    return out


def row_labels(rows: pd.DataFrame, by: Sequence[str]) -> tuple[str, ...]:
    """What tells each row from the others (variable if several, level, `by` levels), joined by ``:``."""
    if len(rows) == 1:
        return (str(rows.iloc[0][_first_identifier(rows)]),)
    candidates = [name for name in IDENTIFIERS if name in rows and rows[name].nunique(dropna=False) > 1]
    names = candidates + [name for name in by if name in rows and name not in candidates]
    if "level" in rows and "level" not in names and rows["level"].notna().any():
        names.insert(0, "level")
    names = names or [_first_identifier(rows)]
    texts = [[_text(value) for value in rows[name]] for name in names]
    labels = [":".join(part for part in parts if part) for parts in zip(*texts, strict=True)]
    # levels with a colon can make two rows look alike: those say which column each part is of
    twice = {label for label, count in Counter(labels).items() if count > 1}
    named = [
        ":".join(f"{n}={part}" for n, part in zip(names, parts, strict=True)) for parts in zip(*texts, strict=True)
    ]
    return tuple(long if label in twice else label for label, long in zip(labels, named, strict=True))


def _first_identifier(rows: pd.DataFrame) -> str:
    """The column that names a single row."""
    return next((name for name in IDENTIFIERS if name in rows), rows.columns[0])


def _text(value: object) -> str:
    """A level as text; missing is nothing."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return str(value)
