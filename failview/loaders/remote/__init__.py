"""Datasets on other machines, read through fsspec. Nothing in here is imported for local data but the addresses."""
