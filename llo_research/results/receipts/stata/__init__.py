"""Scripts in Stata."""
