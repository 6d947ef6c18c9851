"""Export to robomimic's HDF5: a copy with labels where the source is of this family, else a conversion."""
