"""Results of other programs as columns of a comparison: one file for each, told apart by what holds them."""
