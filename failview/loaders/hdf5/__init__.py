"""HDF5 files with many episodes: robomimic and its relatives."""
