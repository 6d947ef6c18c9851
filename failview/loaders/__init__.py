"""Reads datasets of every format into episodes."""
