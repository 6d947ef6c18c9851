"""Runs the detectors over datasets, keeps what they found, and turns it into proposals."""
