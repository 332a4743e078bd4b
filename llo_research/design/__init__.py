"""The sampling design as codes, influence values as blocks, replicates, weighting steps, and the one variance kernel."""
