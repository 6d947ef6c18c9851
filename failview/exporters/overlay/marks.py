"""What a label says about each frame, as the overlay shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from failview.exporters.overlay.colors import AMBER, DARK, GREEN, MUTED, RED, TEXT, Rgb
from failview.model.annotation import Annotation, Outcome, RecoveryOutcome
from failview.model.frame_phases import PHASES, FramePhase, frame_phases

_NOT_LABELLED = "not labelled"
_RED_TINT, _GREEN_TINT = (214, 24, 16), (20, 176, 92)
"""Purer than the words, so that they show on a pale picture."""
_OUTCOME_COLORS = {Outcome.SUCCESS: GREEN, Outcome.PARTIAL_SUCCESS: AMBER, Outcome.FAILURE: RED}
_OUTCOME_WORDS = {Outcome.PARTIAL_SUCCESS: "partial success"}
_LANE = {
    FramePhase.NORMAL: (44, 96, 70),
    FramePhase.PRE_FAILURE: DARK,
    FramePhase.FAILURE_ONSET: RED,
    FramePhase.DURING_FAILURE: (176, 72, 64),
    FramePhase.RECOVERY: GREEN,
    FramePhase.POST_RECOVERY: MUTED,
}
_WORDS = {
    FramePhase.NORMAL: "",
    FramePhase.PRE_FAILURE: "before the failure",
    FramePhase.FAILURE_ONSET: "failure begins",
    FramePhase.DURING_FAILURE: "failure",
    FramePhase.RECOVERY: "recovery",
    FramePhase.POST_RECOVERY: "after the recovery",
}


@dataclass(frozen=True)
class FrameLook:
    """How a frame is shown.

    Attributes:
        words: Its phase in words; empty when there is nothing to say.
        color: Of the words.
        tint: Colour laid over the picture; None leaves it as it is.
    """

    words: str
    color: Rgb
    tint: Rgb | None


@dataclass(frozen=True)
class Marks:
    """What a label says, ready to be drawn.

    Attributes:
        headline: Outcome and kind of failure in words.
        color: Of the headline.
        phases: Phase of each frame; empty without a label.
        lines: (frame, colour) of the frames marked by hand.
        recovered: Whether the recovery ended the failure.
    """

    headline: str
    color: Rgb
    phases: Sequence[FramePhase]
    lines: tuple[tuple[int, Rgb], ...]
    recovered: bool

    def look(self, frame: int) -> FrameLook:
        """How one frame is shown."""
        if frame >= len(self.phases):
            return FrameLook("", MUTED, None)
        phase = self.phases[frame]
        color = _LANE[phase]
        if phase in {FramePhase.FAILURE_ONSET, FramePhase.DURING_FAILURE}:
            return FrameLook(_WORDS[phase], RED, _RED_TINT)
        if phase is FramePhase.RECOVERY:
            return FrameLook(_WORDS[phase], GREEN, _GREEN_TINT)
        if phase is FramePhase.POST_RECOVERY and not self.recovered:
            return FrameLook("after a failed recovery", RED, _RED_TINT)
        return FrameLook(_WORDS[phase], TEXT if color == DARK else color, None)

    def lane(self) -> list[Rgb]:
        """Colour of each frame on the lane under the plots."""
        return [_LANE[phase] for phase in self.phases]


def marks_of(annotation: Annotation | None, num_frames: int) -> Marks:
    """What to draw of a label; `annotation` is None where there is none."""
    if annotation is None or annotation.outcome is None:
        return Marks(_NOT_LABELLED, MUTED, (), (), recovered=False)
    lines = (
        (annotation.recovery_end_frame, GREEN),
        (annotation.recovery_start_frame, GREEN),
        (annotation.failure_obvious_frame, AMBER),
        *((further.onset_frame, RED) for further in annotation.further_failures),
        (annotation.failure_onset_frame, RED),
    )
    return Marks(
        headline=_headline(annotation, annotation.outcome),
        color=_OUTCOME_COLORS[annotation.outcome],
        phases=[PHASES[code] for code in frame_phases(annotation, num_frames).tolist()],
        lines=tuple((frame, color) for frame, color in lines if frame is not None),
        recovered=annotation.recovery_outcome is RecoveryOutcome.RECOVERED,
    )


def _headline(annotation: Annotation, outcome: Outcome) -> str:
    kinds = (annotation.failure_category, annotation.failure_subcategory)
    parts = [_OUTCOME_WORDS.get(outcome, outcome.value), *(kind.replace("_", " ") for kind in kinds if kind)]
    return " \N{MIDDLE DOT} ".join(parts)
