"""Behaviour cloning on labelled demonstrations: the programs of docs/train.md."""
