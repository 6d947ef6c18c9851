"""How background work hands its results to the thread that owns the session."""

from collections.abc import Callable

Post = Callable[[Callable[[], None]], None]
"""Runs a function on the session's own thread, soon, in the order of the calls. May be called from any thread."""
