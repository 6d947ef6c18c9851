"""Logs one episode into one recording of the viewer, in small steps that can be interrupted."""

import threading
from collections.abc import Generator

import numpy as np
import rerun as rr

from failview.model.annotation import Annotation
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.viewer import entity_paths as paths
from failview.viewer.annotation_log import AnnotationLane
from failview.viewer.findings_log import log_findings
from failview.viewer.native_client import Cursor
from failview.viewer.other_streams import streams_drawn
from failview.viewer.picture_log import PictureLog
from failview.viewer.readings_log import ReadingsLog
from failview.viewer.robot_log import log_robot
from failview.viewer.scene_log import has_scene, log_scene
from failview.viewer.signal_log import log_other, log_phase, log_signal
from failview.viewer.time_columns import default_timeline, frame_columns
from failview.viewer.words_log import log_frame_numbers, log_what_is_missing

FIRST_LOOK_S = 0.5
"""Longest pause of the loading for the first picture to come to the screen."""


class EpisodeLog:
    """The way of one episode into the viewer. `steps` belongs to the loading thread, the rest to any.

    Attributes:
        episode: What is logged.
        stream: Where it goes.
        store_id: The recording's name in the viewer.
        annotation: Its marks as they are now.
        findings: What the detectors found in it, once that is known.
        focus_frame: The frame to send pictures for first; may change while it loads.
        fraction: 0 to 1, how much has been sent.
        problems: What could not be sent, one line each.
        first_part_sent: Set once the wanted frame, the signals and the marks have been sent.
        num_bytes: Bytes of its signals and of the pictures sent so far.
        on_screen: Set once the episode is shown, or when nobody waits for it: the rest is sent only then, so that the
            viewer is not busy with it before.
        location: How to bring it to the screen; empty until the viewer has it. For the control thread.
        cursor: Where its time cursor stands as far as we know. For the control thread.
    """

    def __init__(
        self, episode: Episode, annotation: Annotation, frame: int, stream: rr.RecordingStream, store_id: str
    ) -> None:
        self.episode = episode
        self.stream = stream
        self.store_id = store_id
        self.annotation = annotation
        self.findings: EpisodeFindings | None = None
        self._findings_turn = threading.Lock()
        self._findings_problem = ""
        self.focus_frame = episode.clock.clamp(frame)
        self.fraction = 0.0
        self.problems: list[str] = []
        self.first_part_sent = threading.Event()
        self._signal_bytes = sum(signal.values.nbytes for signal in episode.signals.values())
        self.num_bytes = self._signal_bytes
        self.on_screen = threading.Event()
        self.location = ""
        self.cursor: Cursor | None = None
        self._lane = AnnotationLane(episode.clock)
        self._readings = ReadingsLog(stream, episode)
        self._pictures = [PictureLog(stream, camera, episode.clock) for camera in episode.cameras.values()]

    @property
    def is_done(self) -> bool:
        """Whether everything has been sent."""
        return self.fraction >= 1.0

    def mark(self, annotation: Annotation) -> None:
        """Show the marks as they are now; later, when the episode has not got that far."""
        self.annotation = annotation
        if self.first_part_sent.is_set():
            self._lane.log(self.stream, annotation)

    def show_findings(self, findings: EpisodeFindings) -> None:
        """Show what was found; later, when the episode has not got that far. Once: it does not change."""
        with self._findings_turn:
            if self.findings is not None:
                return
            self.findings = findings
            if self.first_part_sent.is_set():
                self._log_findings(findings)
                self.stream.flush()

    def show_readings(self, *, shown: bool) -> None:
        """Let the readings over the pictures be seen or not."""
        self._readings.show(shown=shown)

    def give_up(self, problem: str) -> None:
        """Note that nothing more will be sent, and why."""
        self.problems.append(problem)
        self.fraction = 1.0

    def steps(self) -> Generator[None]:
        """Send the episode; yields between batches. Closing the iterator stops it and releases the readers."""
        try:
            yield from self._first_part()
            self.on_screen.wait(FIRST_LOOK_S)
            self._readings.send()
            yield
            while not all(pictures.is_done for pictures in self._pictures):
                for pictures in self._pictures:
                    pictures.send_next(self.focus_frame)
                    self._count()
                    yield
            self.stream.flush()
            self.fraction = 1.0
        finally:
            for pictures in self._pictures:
                pictures.close()

    def _first_part(self) -> Generator[None]:
        """What must be there before the episode can be shown; the eye waits for the pictures, so they go first."""
        self.stream.send_recording_name(self.episode.episode_id)
        for pictures in self._pictures:
            pictures.send_first(self.focus_frame)
            self._count()
            yield
        self._send_signals()
        self._send_words()
        self._lane.configure(self.stream)
        marked = self.annotation
        self._lane.log(self.stream, marked)
        frames = np.arange(self.episode.num_frames, dtype=np.int64)
        index = rr.Scalars.columns(scalars=frames.astype(np.float64))
        self.stream.send_columns(paths.INDEX, frame_columns(self.episode.clock, frames), index)
        self.stream.flush()
        with self._findings_turn:
            if self.findings is not None:
                self._log_findings(self.findings)
            self.first_part_sent.set()
        if marked is not self.annotation:
            self._lane.log(self.stream, self.annotation)
        yield

    def _send_signals(self) -> None:
        for role in paths.PLOT_ROLES:
            if role in self.episode.signals:
                log_signal(self.stream, self.episode, role)
        for name, signal in streams_drawn(self.episode).items():
            log_other(self.stream, self.episode, name, signal)
        if Role.PHASE in self.episode.signals:
            log_phase(self.stream, self.episode)
        if has_scene(self.episode):
            log_scene(self.stream, self.episode)
            if self.episode.robot is not None:
                log_robot(self.stream, self.episode, self.episode.robot)

    def _send_words(self) -> None:
        if default_timeline(self.episode) == paths.TIME_TIMELINE:
            log_frame_numbers(self.stream, self.episode)
        log_what_is_missing(self.stream, self.episode)

    def _log_findings(self, findings: EpisodeFindings) -> None:
        try:
            log_findings(self.stream, self.episode, findings)
        except Exception as error:  # noqa: BLE001 — a detector may give anything; the episode is shown without it
            self._findings_problem = f"what the detectors found cannot be shown in full ({error})"
            self.problems = [*self.problems, self._findings_problem]

    def _count(self) -> None:
        total = sum(len(pictures.sent) for pictures in self._pictures)
        sent = sum(int(pictures.sent.sum()) for pictures in self._pictures)
        self.fraction = min(0.99, sent / max(1, total))
        self.problems = [pictures.problem for pictures in self._pictures if pictures.problem]
        self.problems += [self._findings_problem] if self._findings_problem else []
        self.num_bytes = self._signal_bytes + sum(pictures.num_bytes for pictures in self._pictures)
