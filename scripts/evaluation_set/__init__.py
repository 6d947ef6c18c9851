"""Writes simulated pick and place episodes with known truth as HDF5, to measure detectors on; no pictures."""
