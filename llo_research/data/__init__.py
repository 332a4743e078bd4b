"""Files to Surveys: instruments and their codebooks, readers, checks, harmonised variables, provenance."""

from __future__ import annotations

from llo_research.data.codebook_frames import codebook, instruments
from llo_research.data.load import load, read_microdata
from llo_research.data.own_file import read_file
from llo_research.data.published import published
from llo_research.data.synthetic import synthetic, truth

__all__ = ["codebook", "instruments", "load", "published", "read_file", "read_microdata", "synthetic", "truth"]
