"""Scripts in R, with the package survey."""
