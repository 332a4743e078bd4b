"""Synthetic NEA, ZEA and WEA with a known truth: they show methods, never the population."""

from __future__ import annotations

from llo_research.data.synthetic.generate import synthetic, targets_of, years_of
from llo_research.data.synthetic.superpopulation import superpopulation
from llo_research.data.synthetic.truth import truth

__all__ = ["superpopulation", "synthetic", "targets_of", "truth", "years_of"]
