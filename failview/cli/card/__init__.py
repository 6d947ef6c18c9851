"""The reference card of a taxonomy: one A4 page."""
