"""A viewer without a screen that keeps the promises of ViewerPort and records what it was asked."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from psygnal import Signal

from failview.model.annotation import Annotation, Stage
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.session.desk.owner_thread import Post
from failview.session.desk.viewer_port import ViewerState, ViewerStatus

_SMALLEST_PNG = cv2.imencode(".png", np.zeros((1, 1, 3), np.uint8))[1].tobytes()


@dataclass(frozen=True)
class Show:
    """One call of show."""

    episode: Episode
    annotation: Annotation
    frame: int


class FakeViewer:
    """Keeps the promises of ViewerPort at once, or when `post` gets to it.

    Attributes:
        frame: Where its time cursor stands; None while nothing is shown.
        episode: What is on its screen.
        annotation: The marks on its screen.
        shows: Every call of show, in order.
        preloaded: Ids of the episodes loaded ahead, in order.
        seeks: Every frame sought, in order.
        marks: Every annotation of mark, in order.
        findings: What was found, by id of the episodes shown or loaded ahead.
        paces: Every (speed, playing), in order.
        stages: Every stage whose layout was asked for, in order.
        readings: Whether the readings are to be seen.
        started: How often it was started.
        closed: Whether it was closed.
    """

    cursor_moved = Signal(str, int)
    status_changed = Signal(ViewerStatus)
    screenshot_saved = Signal(Path, str)

    def __init__(self, post: Post = lambda function: function()) -> None:
        self._post = post
        self.frame: int | None = None
        self.episode: Episode | None = None
        self.annotation: Annotation | None = None
        self.shows: list[Show] = []
        self.preloaded: list[str] = []
        self.seeks: list[int] = []
        self.marks: list[Annotation] = []
        self.findings: dict[str, EpisodeFindings] = {}
        self.paces: list[tuple[float, bool]] = []
        self.stages: list[Stage] = []
        self.readings = True
        self.started = 0
        self.closed = False

    def start(self) -> None:
        self.started += 1
        self.emit_status(ViewerState.STARTING)
        self.emit_status(ViewerState.READY)

    def show(self, episode: Episode, annotation: Annotation, frame: int) -> None:
        self.shows.append(Show(episode, annotation, frame))
        self.episode, self.annotation, self.frame = episode, annotation, episode.clock.clamp(frame)
        if episode.episode_id not in self.preloaded:
            self.emit_status(ViewerState.LOADING)
        self.emit_status(ViewerState.READY, loaded_fraction=1.0)

    def preload(self, episode: Episode, annotation: Annotation) -> None:
        self.preloaded.append(episode.episode_id)

    def seek(self, frame: int) -> None:
        self.seeks.append(frame)
        if self.episode is not None:
            self.frame = self.episode.clock.clamp(frame)

    def shown_frame(self) -> int | None:
        return self.frame

    def set_pace(self, speed: float, playing: bool) -> None:
        self.paces.append((speed, playing))

    def set_stage(self, stage: Stage) -> None:
        self.stages.append(stage)

    def show_readings(self, shown: bool) -> None:
        self.readings = shown

    def mark(self, annotation: Annotation) -> None:
        self.marks.append(annotation)
        self.annotation = annotation

    def show_findings(self, episode: Episode, findings: EpisodeFindings) -> None:
        if episode.episode_id in {*self.preloaded, *(show.episode.episode_id for show in self.shows)}:
            self.findings[episode.episode_id] = findings

    def save_screenshot(self, path: Path) -> None:
        try:
            path.write_bytes(_SMALLEST_PNG)
        except OSError as error:
            problem = f"{path}: {error.strerror}"
            self._later(lambda: self.screenshot_saved.emit(path, problem))
        else:
            self._later(lambda: self.screenshot_saved.emit(path, ""))

    def close(self) -> None:
        self.closed = True

    def move_cursor(self, frame: int) -> None:
        """What happens when a person drags the viewer's cursor to a frame."""
        assert self.episode is not None, "nothing is shown"
        episode_id = self.episode.episode_id
        self.frame = frame
        self._later(lambda: self.cursor_moved.emit(episode_id, frame))

    def emit_status(self, state: ViewerState, message: str = "", loaded_fraction: float = 0.0) -> None:
        """Tell a status, as the real viewer does when it starts, dies or comes back."""
        episode_id = None if self.episode is None else self.episode.episode_id
        status = ViewerStatus(state, episode_id, loaded_fraction, message)
        self._later(lambda: self.status_changed.emit(status))

    def _later(self, emit: Callable[[], None]) -> None:
        def unless_closed() -> None:
            if not self.closed:
                emit()

        self._post(unless_closed)
