"""Annotations on disk: location, codec, validation, safe storage."""
