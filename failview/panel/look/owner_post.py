"""Brings results of background work to the GUI thread, which owns the session."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot


class OwnerPost(QObject):
    """A `Post`: call it from any thread. Make it on the GUI thread; after close() it does nothing."""

    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turn = threading.Lock()
        self._closed = False
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def __call__(self, function: Callable[[], None]) -> None:
        """Run a function on the GUI thread, soon, in the order of the calls."""
        with self._turn:
            if not self._closed:
                self._posted.emit(function)

    def close(self) -> None:
        """Drop what is still to come. Safe to repeat."""
        with self._turn:
            self._closed = True

    @Slot(object)
    def _run(self, function: Callable[[], None]) -> None:
        if not self._closed:
            function()
