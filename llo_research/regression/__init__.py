"""Regressions with design-based errors."""
