"""Standard errors that are zero but for rounding: of calibrated margins, and of what does not vary."""

from __future__ import annotations

import numpy as np

from llo_research.numerics.groups import Floats

# Calibration meets its totals to 1e-10 of them and residuals are exact to 1e-13, so that less than this share of the
# spread between people is rounding. A sample would need 1e20 people for a standard error as small.
ROUNDING = 1e-10


def vanishes(std_error: Floats, scale: Floats) -> np.ndarray:
    """(k,) whether standard errors are zero: exactly, or to rounding of `scale` (see :func:`scale_of`)."""
    with np.errstate(invalid="ignore"):
        return np.asarray((std_error == 0) | (std_error <= ROUNDING * scale))


def scale_of(spread: Floats, size: Floats) -> Floats:
    """What a standard error is small or large against: the spread between people, where they differ at all.

    spread : standard deviation of people on the scale of the estimate; for a share sqrt(p (1 - p)).
    size : mean absolute size of what is averaged or added; where the spread is rounding of it, it is the scale.
    """
    with np.errstate(invalid="ignore"):
        return np.where(spread > ROUNDING * size, spread, np.nan_to_num(size, nan=0.0))
