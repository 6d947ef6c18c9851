"""The frames that an annotation marks."""

from failview.model.annotation import Annotation

MARK_FIELDS = (
    "failure_onset_frame",
    "failure_obvious_frame",
    "recovery_start_frame",
    "recovery_end_frame",
)
"""Fields that hold a frame, in the order of the form."""


def marked_frames(annotation: Annotation) -> list[int]:
    """All marked frames in rising order, each once."""
    frames = [getattr(annotation, name) for name in MARK_FIELDS]
    frames += [link.frame for link in annotation.causal_chain]
    frames += [failure.onset_frame for failure in annotation.further_failures]
    return sorted({frame for frame in frames if frame is not None})
