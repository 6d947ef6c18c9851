"""Logs the annotation of an episode as one lane: before, failure, obvious, recovery, after."""

import threading

import numpy as np
import rerun as rr

from failview.model.annotation import Annotation, Outcome
from failview.model.clock import Clock
from failview.viewer import entity_paths as paths
from failview.viewer.time_columns import frame_columns

BEFORE, FAILURE, OBVIOUS, RECOVERY, AFTER = "before failure", "failure", "obvious", "recovery", "after recovery"
UNMARKED, SUCCESS = "no frame marked yet", "success"

_COLORS = {
    UNMARKED: (30, 36, 41),
    SUCCESS: (44, 96, 70),
    BEFORE: paths.DARK,
    FAILURE: (176, 72, 64),
    OBVIOUS: paths.RED,
    RECOVERY: paths.TEAL,
    AFTER: paths.MUTED,
}
_CONTINUED = " (continued)"


def lane_states(annotation: Annotation, num_frames: int) -> dict[int, str]:
    """State of the lane from each frame on where it changes, in the order of the frames.

    Marks without an onset are shown as they are: obvious without onset starts at obvious.
    """
    marks: list[tuple[int, str]] = []
    for frame, state in (
        (annotation.failure_onset_frame, FAILURE),
        (annotation.failure_obvious_frame, OBVIOUS),
        (annotation.recovery_start_frame, RECOVERY),
    ):
        if frame is not None:
            marks.append((frame, state))
    end = annotation.recovery_end_frame
    if end is not None and annotation.recovery_start_frame is not None:
        marks.append((end + 1, AFTER))
    in_order = sorted(marks, key=lambda mark: mark[0])
    changes = {frame: state for frame, state in in_order if 0 <= frame < num_frames}
    unmarked = SUCCESS if annotation.outcome is Outcome.SUCCESS else UNMARKED
    return {0: BEFORE if marks else unmarked, **changes}


class AnnotationLane:
    """The lane of one recording, logged again at each change. May be called from any thread.

    Rerun cannot take a row back; a later row at the same time replaces it. So each change writes again every frame that
    ever held a row. A row that only continues the state before it carries no label, or the label would be repeated.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._touched: set[int] = set()

    def configure(self, stream: rr.RecordingStream) -> None:
        """Log labels and colours, once per recording."""
        values = [*_COLORS, *(state + _CONTINUED for state in _COLORS)]
        labels = [*_COLORS, *(" " for _ in _COLORS)]
        stream.log(
            paths.ANNOTATION_LANE,
            rr.StateConfiguration(values=values, labels=labels, colors=[*_COLORS.values(), *_COLORS.values()]),
            static=True,
        )

    def log(self, stream: rr.RecordingStream, annotation: Annotation) -> None:
        """Show the marks as they are now."""
        with self._lock:
            rows = self.rows(annotation)
            frames = np.fromiter(rows, dtype=np.int64)
            columns = frame_columns(self._clock, frames)
            stream.send_columns(paths.ANNOTATION_LANE, columns, rr.StateChange.columns(state=list(rows.values())))

    def rows(self, annotation: Annotation) -> dict[int, str]:
        """The rows to write, by frame: every frame that holds or held one."""
        changes = lane_states(annotation, self._clock.num_frames)
        self._touched.update(changes)
        state, rows = "", {}
        for frame in sorted(self._touched):
            continued = frame not in changes
            state = changes.get(frame, state)
            rows[frame] = state + _CONTINUED if continued else state
        return rows
