"""Makes signals fit to be judged: gaps, repeats, clocks, taring, derivatives."""
