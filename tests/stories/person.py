"""Somebody at the keyboard: presses keys, and looks at the viewer through the viewer's own interface."""

from pathlib import Path

from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from rerun.experimental import ViewerClient

from failview.app.application import Application
from failview.model.annotation import Annotation
from failview.session.desk.viewer_port import ViewerState

PATIENCE_MS = 60_000
"""A busy machine with software rendering; usually everything is there within a second."""


class Person:
    """One expert at work. Uses no mouse.

    Attributes:
        strokes: Keys pressed so far; what was written into fields is not counted.
    """

    def __init__(self, application: Application, qtbot: QtBot) -> None:
        self.application = application
        self.session = application.session
        self.strokes = 0
        self._qtbot = qtbot

    @property
    def label(self) -> Annotation:
        """What the panel holds now."""
        assert self.session.open_episode is not None
        return self.session.open_episode.annotation

    @property
    def episode_id(self) -> str:
        """The open episode."""
        assert self.session.open_episode is not None
        return self.session.open_episode.episode.episode_id

    def press(self, *keys: str) -> None:
        """Press keys, written as in the key table."""
        for key in keys:
            self.strokes += 1
            combination = QKeySequence(key)[0]
            target = QApplication.focusWidget() or self.application.window
            QTest.keyClick(target, combination.key(), combination.keyboardModifiers())

    def write(self, text: str) -> None:
        """Type text into the field that has the keyboard."""
        target = QApplication.focusWidget()
        assert target is not None
        QTest.keyClicks(target, text)

    def go_to_frame(self, frame: int) -> None:
        """Walk to a frame by keys."""
        self.press("Home", *["Right"] * frame)
        assert self.session.transport.frame == frame

    def wait_until_open(self) -> None:
        """Wait until an episode is open and fully shown."""

        def shown() -> bool:
            opened, status = self.session.open_episode, self.session.link.status
            return (
                opened is not None
                and status.state is ViewerState.READY
                and status.episode_id == opened.episode.episode_id
                and status.loaded_fraction == 1.0
            )

        self._qtbot.waitUntil(shown, timeout=PATIENCE_MS)

    def wait_until_judged(self) -> None:
        """Wait until an episode is open, fully shown, and its proposal is there (or hidden)."""
        self.wait_until_open()
        assert self.session.open_episode is not None
        episode = self.session.open_episode.episode
        self._qtbot.waitUntil(lambda: self.session.judging.of(episode).state != "judging", timeout=PATIENCE_MS)

    def wait_until_left(self, episode_id: str) -> None:
        """Wait until another episode is open and judged, or none is left."""

        def left() -> bool:
            opened = self.session.open_episode
            return opened is None or opened.episode.episode_id != episode_id

        self._qtbot.waitUntil(left, timeout=PATIENCE_MS)
        self.wait_until_judged()

    def wait_until_saved(self) -> None:
        """Wait until the panel says that everything is on disk."""
        self._qtbot.waitUntil(lambda: self.session.safe.state[0].value == "saved", timeout=PATIENCE_MS)

    def wait_until_viewer_stands_at(self, frame: int) -> None:
        """Wait until the viewer, asked by itself, has its time cursor at a frame of the open episode."""
        assert self.session.open_episode is not None
        clock = self.session.open_episode.episode.clock
        client = ViewerClient.connect(self.viewer_url)

        def frame_of_cursor() -> int | None:
            state = client.get_state()
            active = next(item for item in state.recordings if item.store_id == state.active_recording)
            if active.current_time is None:
                return None
            return (
                active.current_time if active.current_timeline == "frame" else clock.frame_shown_at(active.current_time)
            )

        self._qtbot.waitUntil(lambda: frame_of_cursor() == frame, timeout=PATIENCE_MS)

    @property
    def viewer_pid(self) -> int:
        """Process id of the viewer."""
        pid = self.application.viewer.pid
        assert pid is not None
        return pid

    @property
    def viewer_url(self) -> str:
        """Address of the viewer, read from its command line."""
        words = Path(f"/proc/{self.viewer_pid}/cmdline").read_bytes().decode().split("\0")
        return f"rerun+http://127.0.0.1:{words[words.index('--port') + 1]}/proxy"
