"""The panel with a session, a fake viewer, episodes in memory and real sidecars."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from failview.model.annotation import Annotation, Stage
from failview.model.episode import Episode
from failview.panel.look.owner_post import OwnerPost
from failview.panel.main_window import MainWindow
from failview.proposals.short_proposals import ShortProposal
from failview.session.desk.judging import FindingsSource
from failview.session.desk.safe import Safe, SaveState
from failview.session.desk.workplace import Workplace
from failview.session.keymap import Keymap
from failview.session.session import Session
from failview.settings.work_rules import WorkRules
from failview.sidecars.store import SidecarStore
from failview.sidecars.taxonomy_file import load_default_taxonomy
from failview.sidecars.writer import SidecarWriter
from tests.episodes.synthetic import make_episode
from tests.fakes.fake_dataset import FakeDataset
from tests.fakes.fake_viewer import FakeViewer
from tests.sidecar_places import location_of

WHY = "The gripper met the mug off its centre and the handle turned out of the fingers."
"""15 words."""

EN_DASH = "\N{EN DASH}"
NUM_FRAMES = 312
BROKEN_ID = "demo_5"


def some_episodes() -> list[Episode]:
    made = [make_episode(NUM_FRAMES, (), 20.0, number, episode_id=f"demo_{number}") for number in range(6)]
    return [replace(episode, task="place the mug on the coaster") for episode in made]


class Desk:
    """A panel and everything around it, with somebody at the keyboard."""

    def __init__(
        self,
        folder: Path,
        qtbot: QtBot,
        *,
        theme: str = "dark",
        font_scale: float = 1.0,
        keymap: Keymap | None = None,
        episodes: Sequence[Episode] = (),
        read_only: bool = False,
        findings: FindingsSource | None = None,
        rules: WorkRules | None = None,
        stage: Stage = Stage.DETAIL,
        proposals: Mapping[str, ShortProposal] | None = None,
        answers: Mapping[str, Annotation] | None = None,
        annotator: str = "anna",
    ) -> None:
        self.qtbot = qtbot
        self.post = OwnerPost()
        self.viewer = FakeViewer(self.post)
        folder.mkdir(parents=True, exist_ok=True)
        self.dataset = FakeDataset(
            folder / "set.hdf5", episodes or some_episodes(), {BROKEN_ID: "the dataset obs/eef_pos has 0 rows"}
        )
        reason = "Another failview writes the sidecars of anna now." if read_only else ""
        store = SidecarStore(location_of(self.dataset), annotator, read_only=read_only, reason=reason)
        safe = Safe(store, SidecarWriter(store, self.post))
        place = Workplace(
            self.dataset,
            load_default_taxonomy(),
            annotator,
            stage,
            findings=findings,
            proposals=proposals or {},
            rules=rules or WorkRules(),
            answers=answers or {},
        )
        self.session = Session(place, safe, self.viewer, self.post)
        self.session.appearance.choose(theme=theme, font_scale=font_scale)
        self.window = MainWindow(self.session, keymap or Keymap())
        self.notices: list[str] = []
        self.session.notice.connect(self.notices.append)
        self.window.show()
        self.until(self.window.isActiveWindow)
        self.viewer.start()

    def open(self, episode_id: str = "demo_1", frame: int = 0) -> "Desk":
        self.session.go_to(episode_id, frame)
        self.until(lambda: self.is_open(episode_id))
        return self

    def is_open(self, episode_id: str) -> bool:
        opened = self.session.open_episode
        return opened is not None and opened.episode.episode_id == episode_id

    def until(self, reached: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(reached, timeout=20_000)

    @property
    def label(self) -> Annotation:
        assert self.session.open_episode is not None
        return self.session.open_episode.annotation

    @property
    def keyboard(self) -> QWidget:
        """The widget that has the keyboard."""
        return QApplication.focusWidget() or self.window

    def type(self, text: str) -> None:
        for character in text:
            QTest.keyClick(self.keyboard, character)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.keyboard, key, modifiers)

    def mark(self, key: str, frame: int) -> None:
        self.session.transport.seek(frame)
        self.type(key)

    def label_failure(self) -> None:
        """A whole failure, by keys."""
        self.type("f12")
        self.mark("o", 88)
        self.mark("b", 97)
        self.type("r" + WHY)
        self.press(Qt.Key.Key_Escape)
        self.type("+")

    def wait_until_saved(self) -> None:
        self.until(lambda: self.session.safe.state[0] is SaveState.SAVED)

    def close(self) -> None:
        if not shiboken6.isValid(self.window):
            return
        self.session.close()
        self.window.close()
        self.post.close()
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(tmp_path: Path, qtbot: QtBot) -> Iterator[MakeDesk]:
    """Makes panels that are closed at the end of the test."""
    desks: list[Desk] = []

    def make(**options: object) -> Desk:
        desks.append(Desk(tmp_path / str(len(desks)), qtbot, **options))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """A panel with an open episode."""
    return make_desk().open()
