"""Connects a widget to a signal of the session for as long as the widget lives."""

from collections.abc import Callable
from typing import Any

from psygnal import SignalInstance
from PySide6.QtCore import QObject


def listen(owner: QObject, signal: SignalInstance, slot: Callable[..., Any]) -> None:
    """Call slot when the signal is emitted, until owner is destroyed: the session may outlive the window."""
    signal.connect(slot)
    owner.destroyed.connect(lambda: signal.disconnect(slot, missing_ok=True))
