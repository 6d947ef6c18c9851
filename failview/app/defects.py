"""Defects of failview itself, met while somebody works: one line on the panel, the traceback in a log file."""

import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import platformdirs
from psygnal import EmitLoopError

from failview import __version__
from failview.errors import FailviewError
from failview.session.desk.owner_thread import Post

LOGGER = logging.getLogger(__name__)
"""Hears of every defect at level DEBUG, which --debug shows."""

_LONGEST_MESSAGE = 300


def defect_log_path() -> Path:
    """The file that tracebacks are appended to, in the user's log folder."""
    return platformdirs.user_log_path("failview") / "failview.log"


@contextmanager
def defects_told(tell: Callable[[str], None], post: Post) -> Iterator[None]:
    """Within this, an exception that nobody handles in a Qt slot or a thread is told and logged, not printed.

    Args:
        tell: Shows one line to the person.
        post: Runs it on the thread that owns the panel.
    """
    note = _Defects(tell, post)
    before = sys.excepthook, threading.excepthook
    sys.excepthook = note.on_slot
    threading.excepthook = note.on_thread
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = before


class _Defects:
    """Tells each defect once: a timer may meet the same one sixty times in a second."""

    def __init__(self, tell: Callable[[str], None], post: Post) -> None:
        self._tell = tell
        self._post = post
        self._known: set[str] = set()

    def on_slot(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Take what sys.excepthook gets."""
        if isinstance(error, Exception):
            self._note(error)
        else:
            sys.__excepthook__(kind, error, trace)

    def on_thread(self, arguments: threading.ExceptHookArgs) -> None:
        """Take what threading.excepthook gets."""
        if isinstance(arguments.exc_value, Exception):
            self._note(arguments.exc_value)

    def _note(self, error: Exception) -> None:
        cause = _cause(error)
        what = str(cause) if isinstance(cause, FailviewError) else f"Unexpected {type(cause).__name__}: {cause}"
        if what in self._known:
            return
        self._known.add(what)
        LOGGER.debug("%s", what, exc_info=error)
        line = f"{' '.join(what.split())[:_LONGEST_MESSAGE]}. {_written(error)}"
        self._post(lambda: self._tell(line))


def _cause(error: BaseException) -> BaseException:
    """What happened in a psygnal callback, without psygnal's words around it."""
    while isinstance(error, EmitLoopError) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _written(error: Exception) -> str:
    """Append the traceback to the log; where it is, or why it is not there."""
    path = defect_log_path()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{now} failview {__version__}\n{''.join(traceback.format_exception(error))}\n")
    except OSError as refusal:
        return f"The details cannot be written to {path} ({refusal.strerror})"
    return f"The details are in {path}"
