"""Data beyond memory: an engine adds up where they lie, and the estimators compute with the sums."""

from llo_research.scanning.scan import Scan, scan

__all__ = ["Scan", "scan"]
