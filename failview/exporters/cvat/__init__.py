"""CVAT: labels of a project and annotations in the form "CVAT for images 1.1", and such annotations back into sidecars.

Tried with files only; no CVAT server was at hand.
"""
