"""Seeded divisions of the labelled episodes into training, validation and test sets, and mixes of failures."""
