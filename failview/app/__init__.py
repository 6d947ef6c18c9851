"""Builds and connects everything; the only module that knows panel and viewer."""
