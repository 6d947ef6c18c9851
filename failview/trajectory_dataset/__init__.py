"""Labelled episodes as a dataset that training code can index, with and without torch."""
