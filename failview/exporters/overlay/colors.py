"""Colours of the overlay, RGB; those of the panel and the viewer."""

Rgb = tuple[int, int, int]

BACKGROUND: Rgb = (15, 18, 20)
PLOT: Rgb = (22, 26, 30)
GRID: Rgb = (44, 52, 59)
TEXT: Rgb = (222, 228, 233)
MUTED: Rgb = (140, 152, 162)
DARK: Rgb = (52, 62, 70)
RED: Rgb = (239, 106, 95)
GREEN: Rgb = (79, 191, 131)
AMBER: Rgb = (229, 173, 76)

SERIES: tuple[Rgb, ...] = (
    (90, 169, 255),
    AMBER,
    GREEN,
    (177, 140, 255),
    (70, 194, 200),
    (236, 130, 190),
    (205, 210, 120),
)
"""Colours of curves in the order of their columns. Red is left out: it means failure."""
