"""failview: find, label and explain failures in robot demonstration episodes."""

__version__ = "0.1.0"
