"""A running viewer with its remote control, started until it answers."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from failview.errors import ViewerError
from failview.viewer.native_client import NativeClient, ViewerLostError
from failview.viewer.process import WINDOW_SIZE, ViewerProcess

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

    def __init__(
        self,
        *,
        headless: bool,
        log_dir: Path | None,
        cancelled: Callable[[], bool],
        window_size: tuple[int, int] = WINDOW_SIZE,
    ) -> None:
        """Start a viewer and wait until it answers; another port is tried when the first was taken meanwhile.

        Raises:
            ViewerError: It cannot be started, or `cancelled` became true.
        """
        self._process = ViewerProcess(headless=headless, log_dir=log_dir, window_size=window_size)
        tries = 1
        while not self._wait_until_listening(cancelled):
            self._process.stop()
            if tries == _TRIES:
                hint = "Start the viewer again."
                raise ViewerError("other programs took the ports meant for the Rerun viewer", hint=hint)
            tries += 1
            self._process = ViewerProcess(headless=headless, log_dir=log_dir, window_size=window_size)
        self.client = self._wait_for_answer(cancelled)
        self.started_s = time.monotonic()

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
        self.client.release()

    def _wait_until_listening(self, cancelled: Callable[[], bool]) -> bool:
        """False when another program has the port."""
        for _ in self._patiently(cancelled):
            if self._process.listens:
                return True
            if self._process.port_is_taken:
                return False
        raise AssertionError("unreachable")

    def _wait_for_answer(self, cancelled: Callable[[], bool]) -> NativeClient:
        for _ in self._patiently(cancelled):
            try:
                client = NativeClient(self._process.url)
                client.snapshot()
            except ViewerLostError:
                continue
            return client
        raise AssertionError("unreachable")

    def _patiently(self, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Yields while there is hope; the end of hope is an error, after the process has been stopped."""
        deadline_s = time.monotonic() + START_S
        error: ViewerError | None = None
        while error is None:
            yield
            time.sleep(_PAUSE_S)
            if not self._process.is_alive:
                error = self._process.why_dead()
            elif cancelled():
                error = ViewerError("the start of the Rerun viewer was cancelled")
            elif time.monotonic() > deadline_s:
                hint = "Is the machine very busy? Start the viewer again."
                error = ViewerError(f"the Rerun viewer did not answer within {START_S:.0f} s", hint=hint)
        self._process.stop()
        raise error
