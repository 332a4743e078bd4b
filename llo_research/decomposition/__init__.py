"""Decompositions: how gaps between groups arise, and how they move."""

from llo_research.decomposition.four_parts import four_parts
from llo_research.decomposition.gap_closing import gap_closing
from llo_research.decomposition.gelbach import gelbach
from llo_research.decomposition.inequality import inequality
from llo_research.decomposition.oaxaca import oaxaca_blinder
from llo_research.decomposition.oaxaca_change import oaxaca_change
from llo_research.decomposition.rank_gap import rank_gap
from llo_research.decomposition.rates import das_gupta, kitagawa
from llo_research.decomposition.reweight import reweight
from llo_research.decomposition.rif import rif
from llo_research.decomposition.sequential import sequential
from llo_research.decomposition.shapley import shapley_r2
from llo_research.decomposition.standardise import standardise
from llo_research.results.decomposition import Decomposition

__all__ = [
    "Decomposition",
    "das_gupta",
    "four_parts",
    "gap_closing",
    "gelbach",
    "inequality",
    "kitagawa",
    "oaxaca_blinder",
    "oaxaca_change",
    "rank_gap",
    "reweight",
    "rif",
    "sequential",
    "shapley_r2",
    "standardise",
]
