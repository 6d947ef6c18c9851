"""A running viewer with its remote control, started until it answers."""

import time
from collections.abc import Callable
from pathlib import Path

from failview.errors import ViewerError
from failview.viewer.native_client import NativeClient, ViewerLostError
from failview.viewer.process import ViewerProcess

START_S = 30.0
"""A first start with software rendering on a busy machine; usually it takes 0.2 to 1 s."""

_TRIES = 3
_PAUSE_S = 0.02


class Connection:
    """A viewer that answers.

    Attributes:
        client: Its remote control.
        started_s: When it first answered, on the monotonic clock.
    """

    def __init__(self, *, headless: bool, log_dir: Path | None, cancelled: Callable[[], bool]) -> None:
        """Start a viewer and wait until it answers; another port is tried when the first was taken meanwhile.

        Raises:
            ViewerError: It cannot be started, or `cancelled` became true.
        """
        for attempt in range(1, _TRIES + 1):
            self._process = ViewerProcess(headless=headless, log_dir=log_dir)
            try:
                self.client = self._wait_for_answer(cancelled)
            except ViewerError as error:
                self._process.stop()
                if attempt == _TRIES or "was taken" not in error.what:
                    raise
            else:
                self.started_s = time.monotonic()
                return

    @property
    def url(self) -> str:
        """Address for recording streams."""
        return self._process.url

    @property
    def pid(self) -> int:
        """Process id of the viewer."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the viewer still runs."""
        return self._process.is_alive

    def why_dead(self) -> ViewerError:
        """The likely reason why it ended."""
        return self._process.why_dead()

    def close(self) -> None:
        """End the viewer and wait until it is gone."""
        self._process.stop()

    def _wait_for_answer(self, cancelled: Callable[[], bool]) -> NativeClient:
        deadline_s = time.monotonic() + START_S
        while time.monotonic() < deadline_s and not cancelled():
            if not self._process.is_alive:
                raise self._process.why_dead()
            try:
                client = NativeClient(self._process.url)
                client.snapshot()
            except ViewerLostError:
                time.sleep(_PAUSE_S)
            else:
                return client
        hint = "Is the machine very busy? Start the viewer again."
        raise ViewerError(f"the Rerun viewer did not answer within {START_S:.0f} s", hint=hint)
