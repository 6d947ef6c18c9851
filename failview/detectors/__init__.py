"""Finds failures in signals."""
