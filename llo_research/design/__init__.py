"""The sampling design as codes, influence values as blocks, replicates, weighting steps, the one variance kernel."""
