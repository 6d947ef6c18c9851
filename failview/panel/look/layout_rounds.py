"""Layout at once: Qt carries out one round at a time, and a change deep inside takes one for each level above it."""

from PySide6.QtCore import QCoreApplication, QEvent

_ROUNDS = 8
"""Levels from the innermost label up to the window, and down again after a scroll bar came."""


def lay_out() -> None:
    """Carry out every round of layout that waits; nothing where none waits."""
    for _ in range(_ROUNDS):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
