"""Builds the whole application from its parts, runs it, and takes it apart again."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from failview.app.defects import defects_told
from failview.app.open_request import OpenRequest
from failview.app.remembered_look import RememberedLook
from failview.app.screenshots import Screenshots, make_screenshot_folder
from failview.app.settings_file import load_user_settings
from failview.errors import DatasetError, SidecarError, SidecarLockedError
from failview.loaders import open_dataset
from failview.loaders.dataset import Dataset
from failview.loaders.index_cache import IndexCache
from failview.loaders.progress import Progress, unseen
from failview.loaders.some_episodes import SomeEpisodes
from failview.model.annotation import Stage
from failview.panel.keys_keeper import KeysKeeper
from failview.panel.look.owner_post import OwnerPost
from failview.panel.look.window_size import viewer_size
from failview.panel.main_window import MainWindow
from failview.proposals.detector_settings import settings_of
from failview.proposals.findings_store import FindingsStore
from failview.proposals.judging_process import JudgingProcess
from failview.proposals.short_proposals import REMEMBERED_AS, ShortProposal, short_proposals
from failview.session.desk.safe import Safe
from failview.session.desk.workplace import Workplace
from failview.session.keymap import Keymap
from failview.session.resume import PositionKeeper, Wanted, begin, read_position
from failview.session.session import Session
from failview.settings.user_folders import position_file
from failview.settings.user_settings import UserSettings
from failview.sidecars.location import SidecarLocation
from failview.sidecars.store import SidecarStore
from failview.sidecars.taxonomy_file import load_default_taxonomy, load_taxonomy
from failview.sidecars.writer import SidecarWriter
from failview.viewer.rerun_viewer import RerunViewer

SIGNALS_SEEN_MS = 200
"""How often Python may run its signal handlers while Qt has the thread."""


class Application:
    """One dataset on the desk: session, viewer and panel, connected.

    Args:
        request: What to open.
        settings: The user's settings.
        progress: Shows how far listing the dataset has come.

    Attributes:
        session: The work.
        viewer: The Rerun viewer.
        window: The panel.
        post: Runs a function on the thread of the panel.

    Raises:
        failview.errors.FailviewError: The dataset, profile, taxonomy or sidecars cannot be used. Then nothing of ours
            is left: no thread, no lock, no folder.
    """

    def __init__(self, request: OpenRequest, settings: UserSettings, progress: Progress = unseen) -> None:
        keymap = Keymap(settings.keys, str(settings.path))
        taxonomy = load_taxonomy(request.taxonomy) if request.taxonomy else load_default_taxonomy()
        errand = request.errand
        annotator = errand.annotator if errand else request.annotator or settings.annotator
        with ExitStack() as undo:
            findings = JudgingProcess(str(request.dataset), request.profile)
            undo.callback(findings.close)
            if errand is None:
                findings.start()
            self._dataset = open_dataset(request.dataset, request.profile, progress=progress)
            undo.callback(self._dataset.close)
            _check_first(self._dataset, request.episode_id, request.frame)
            self._wanted = Wanted(request.stage, request.episode_id, request.frame)
            if request.screenshots is not None:
                make_screenshot_folder(request.screenshots)
            store = _open_store(self._dataset, annotator)
            undo.callback(store.close)
            self.post = OwnerPost()
            undo.callback(self.post.close)
            self.viewer = RerunViewer(
                self.post,
                headless=request.headless,
                layouts=_layouts(request, settings),
                prefetch_mb=settings.prefetch_mb,
                window_size=viewer_size(QApplication.primaryScreen().availableGeometry(), settings.font_scale),
            )
            undo.callback(self.viewer.close)
            writer = SidecarWriter(store, self.post)
            undo.callback(writer.close)
            findings.use(FindingsStore(self._dataset, store.location))
            kept = position_file(request.dataset, annotator)
            self._position = read_position(kept)
            workplace = Workplace(
                SomeEpisodes(self._dataset, errand.episode_ids) if errand else self._dataset,
                taxonomy,
                annotator,
                request.stage or (None if self._position is None else self._position.stage),
                None if errand else findings,
                {} if errand else _proposals(self._dataset, store.location, progress),
                settings.work,
                thresholds=settings_of(self._dataset.profile),
                answers=errand.answers if errand else {},
            )
            self.session = Session(workplace, Safe(store, writer), self.viewer, self.post)
            undo.callback(self.session.close)
            self._keeper = PositionKeeper(self.session, kept)
            self.session.readings.choose(shown=settings.readings)
            look = self.session.appearance
            look.choose(theme=settings.theme, font_scale=settings.font_scale)
            self._remembered = RememberedLook(look, settings.path, self.session.notice.emit)
            self.window = MainWindow(self.session, keymap)
            KeysKeeper(self.session, self.window)
            undo.pop_all()

    def start(self) -> None:
        """Show the panel at the right edge of the screen, start the viewer, open the first episode."""
        screen = self.window.screen().availableGeometry()
        self.window.move(screen.right() + 1 - self.window.width(), screen.top())
        self.window.show()
        self.viewer.start()
        begin(self.session, self._wanted, self._position)
        if notice := self.session.safe.place_notice:
            sys.stderr.write(f"{notice}\n")

    def close(self) -> bool:
        """Save everything and end the viewer; False when something could not be saved."""
        with ExitStack() as rest:
            for close in (self._dataset.close, self.post.close, self.window.close, self.viewer.close):
                rest.callback(close)
            return self.session.close()

    def tell_defect(self, line: str) -> None:
        """Show that something went wrong inside failview."""
        self.session.notice.emit(line)
        self.window.show_defect(line)


def run(request: OpenRequest, progress: Progress = unseen) -> int:
    """Run failview until its window is closed or its pictures are taken.

    Args:
        request: What to open.
        progress: Shows how far listing the dataset has come.

    Returns:
        The exit code, 0.

    Raises:
        failview.errors.FailviewError: Nothing could be opened, the pictures could not be taken, or the last changes
            could not be saved.
    """
    if request.headless:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    settings = load_user_settings()
    qt = QApplication.instance() or QApplication(["failview"])
    assert isinstance(qt, QApplication)
    application = Application(request, settings, progress)
    screenshots = None
    with defects_told(application.tell_defect, application.post), _ending_on_signals(qt):
        try:
            if request.screenshots is not None:
                screenshots = Screenshots(application.session, application.window, request.screenshots, qt)
            application.start()
            code = qt.exec()
        finally:
            saved = application.close()
    if not saved:
        raise SidecarError(
            f"the last changes were not saved ({application.session.safe.state[1]})", where=request.dataset
        )
    if screenshots is not None and screenshots.error is not None:
        raise screenshots.error
    return code


def _proposals(dataset: Dataset, location: SidecarLocation, progress: Progress) -> dict[str, ShortProposal]:
    """What is proposed, as far as the detectors have judged the dataset."""
    ids = [entry.episode_id for entry in dataset.entries]
    return short_proposals(location, ids, IndexCache(dataset.path, REMEMBERED_AS), progress)


def _layouts(request: OpenRequest, settings: UserSettings) -> dict[Stage, Path]:
    """The layout files that a person chose, in place of those that come with failview."""
    if request.layout is not None:
        return dict.fromkeys(Stage, request.layout)
    return {Stage(stage): path for stage, path in settings.layouts.items()}


def _check_first(dataset: Dataset, episode_id: str | None, frame: int) -> None:
    """Refuse an episode or a frame that is not there.

    Raises:
        DatasetError: There is no such episode, or it has no such frame.
    """
    frames = {entry.episode_id: entry.num_frames for entry in dataset.entries}
    if episode_id is None:
        return
    if episode_id not in frames:
        known = list(frames)
        raise DatasetError(
            f'there is no episode "{episode_id}"', where=dataset.path, hint=f"Episodes: {known[0]} to {known[-1]}"
        )
    if frames[episode_id] and frame >= frames[episode_id]:
        raise DatasetError(
            f"{episode_id} has no frame {frame}", where=dataset.path, hint=f"Frames: 0 to {frames[episode_id] - 1}"
        )


def _open_store(dataset: Dataset, annotator: str) -> SidecarStore:
    """The sidecars of a dataset; read-only when another failview writes them."""
    places = {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries}
    location = SidecarLocation(dataset.path, places)
    try:
        return SidecarStore(location, annotator)
    except SidecarLockedError as error:
        return SidecarStore(location, annotator, read_only=True, reason=str(error))


@contextmanager
def _ending_on_signals(qt: QApplication) -> Iterator[None]:
    """End in order on Ctrl+C and on a polite kill."""

    def end(_number: int, _frame: FrameType | None) -> None:
        qt.quit()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    timer = QTimer(qt)
    timer.timeout.connect(lambda: None)
    timer.start(SIGNALS_SEEN_MS)
    try:
        yield
    finally:
        timer.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
