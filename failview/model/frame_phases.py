"""What each frame of a labelled episode is: before, at, during or after its failure, or in a recovery."""

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from failview.model.annotation import Annotation


class FramePhase(StrEnum):
    """What a frame is with respect to the failure of its episode."""

    UNLABELLED = ""
    NORMAL = "normal"
    PRE_FAILURE = "pre_failure"
    FAILURE_ONSET = "failure_onset"
    DURING_FAILURE = "during_failure"
    RECOVERY = "recovery"
    POST_RECOVERY = "post_recovery"


PHASES = tuple(FramePhase)
"""Phases in the order of their codes: code 0 is unlabelled."""


def frame_phases(annotation: Annotation | None, num_frames: int) -> npt.NDArray[np.uint8]:
    """(num_frames,) codes: positions in PHASES.

    Exactly the onset frame is `failure_onset`, even where a recovery starts at it. A recovery lasts from its first to
    its last frame, both inclusive, and to the end of the episode where no last frame is set; what comes after it is
    `post_recovery`, whatever came of it. A label without an onset (a success) is `normal` throughout.

    Args:
        annotation: The label; None, or one without an outcome, makes all frames `unlabelled`.
        num_frames: Frames of the episode.

    Raises:
        ValueError: A frame of the label lies past the end.
    """
    if annotation is None or annotation.outcome is None:
        return np.zeros(num_frames, dtype=np.uint8)
    onset, start, end = (
        annotation.failure_onset_frame,
        annotation.recovery_start_frame,
        annotation.recovery_end_frame,
    )
    for frame in (onset, start, end):
        if frame is not None and not 0 <= frame < num_frames:
            raise ValueError(f"frame {frame} in an episode of {num_frames} frames")
    if onset is None:
        return np.full(num_frames, _code(FramePhase.NORMAL))
    codes = np.full(num_frames, _code(FramePhase.DURING_FAILURE))
    if start is not None:
        last = num_frames - 1 if end is None else end
        codes[start : last + 1] = _code(FramePhase.RECOVERY)
        codes[last + 1 :] = _code(FramePhase.POST_RECOVERY)
    codes[:onset] = _code(FramePhase.PRE_FAILURE)
    codes[onset] = _code(FramePhase.FAILURE_ONSET)
    return codes


def phase_words(codes: npt.NDArray[np.uint8]) -> list[str]:
    """The phases of codes, in words; "" where the episode has no label."""
    return [PHASES[code].value for code in codes.tolist()]


def onset_flags(annotation: Annotation | None, num_frames: int) -> npt.NDArray[np.bool_]:
    """(num_frames,) true at exactly the onset frame of the failure.

    Raises:
        ValueError: A frame of the label lies past the end.
    """
    return np.asarray(frame_phases(annotation, num_frames) == _code(FramePhase.FAILURE_ONSET))


def _code(phase: FramePhase) -> np.uint8:
    return np.uint8(PHASES.index(phase))
