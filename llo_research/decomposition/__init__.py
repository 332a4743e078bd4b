"""Decompositions: how gaps between groups arise, and how they move."""

from llo_research.decomposition.decomposition import Decomposition
from llo_research.decomposition.oaxaca import oaxaca_blinder

__all__ = ["Decomposition", "oaxaca_blinder"]
