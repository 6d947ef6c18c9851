"""What the suggestion must know of an episode besides the detections: the story of the grasps, in frames."""

from dataclasses import dataclass

import numpy as np

from failview.detectors.conditioning.medians import median
from failview.detectors.detector import Case
from failview.detectors.grasping.grasp_story import GraspAttempt, GraspEnd, GraspState
from failview.detectors.workspace.reach import command_error
from failview.model.roles import Role

_LIFTED_M = 0.03
"""An object this high above where it was gripped is off its support: the re-grasp has worked."""


@dataclass(frozen=True)
class GraspFacts:
    """One attempt to grasp, in frames.

    Attributes:
        close: Fingers begin to close.
        hold: The hold is established; None when nothing was held.
        end: The hold, or the closing, ends.
        ended: How.
        reopened: Fingers begin to open after it; None when they do not.
        lifted: The hand is 3 cm above where it gripped; None when that never happens or is not known.
        commanded: Whether its end was commanded; None when nothing tells.
        height_m: Height of the hand where the fingers begin to close; NaN when it is not recorded.
    """

    close: int
    hold: int | None
    end: int
    ended: GraspEnd
    reopened: int | None
    lifted: int | None
    commanded: bool | None
    height_m: float = float("nan")


@dataclass(frozen=True)
class EpisodeFacts:
    """An episode in a few numbers; picklable.

    Attributes:
        num_frames: Frames.
        rate_hz: Frames per second; a nominal pace without times.
        grasps: Attempts in order.
        story_known: Whether the gripper could be read.
        object_known: Whether the object's position is recorded.
        command_known: Whether the end effector's command is recorded, and is one.
        force_known: Whether the grip force is recorded.
        usual_error_m: Median distance of the hand from its command; NaN without.
    """

    num_frames: int
    rate_hz: float
    grasps: tuple[GraspFacts, ...]
    story_known: bool
    object_known: bool
    command_known: bool
    force_known: bool
    usual_error_m: float

    @property
    def held_at_end(self) -> bool:
        """Whether something is still held when the episode ends."""
        return bool(self.grasps) and self.grasps[-1].ended is GraspEnd.HELD

    @property
    def released(self) -> bool:
        """Whether something that was held was let go."""
        return any(grasp.ended is GraspEnd.RELEASED for grasp in self.grasps)

    @property
    def ever_held(self) -> bool:
        """Whether anything was held at all."""
        return any(grasp.hold is not None for grasp in self.grasps)


def facts_of(case: Case) -> EpisodeFacts:
    """The facts of an episode."""
    conditioned = case.conditioned
    error_m = command_error(case)
    return EpisodeFacts(
        num_frames=conditioned.episode.num_frames,
        rate_hz=conditioned.episode.clock.pace_hz,
        grasps=tuple(_grasp(case, attempt) for attempt in case.story.attempts),
        story_known=not case.story.not_judged,
        object_known=conditioned.get(Role.OBJECT_POSITION) is not None,
        command_known=error_m is not None,
        force_known=case.story.force is not None,
        usual_error_m=float("nan") if error_m is None else median(error_m),
    )


def _grasp(case: Case, attempt: GraspAttempt) -> GraspFacts:
    clock, states = case.conditioned.clock, case.story.states
    opened = np.flatnonzero(states[attempt.end_row :] == GraspState.OPEN)
    hand = case.conditioned.get(Role.EE_POSITION)
    lifted = None
    if hand is not None and attempt.hold_row is not None:
        high = np.flatnonzero(hand[attempt.hold_row : attempt.end_row, 2] > hand[attempt.hold_row, 2] + _LIFTED_M)
        lifted = clock.frame_from(attempt.hold_row + int(high[0])) if high.size else None
    return GraspFacts(
        close=clock.frame_from(attempt.close_row),
        hold=None if attempt.hold_row is None else clock.frame_from(attempt.hold_row),
        end=clock.frame_from(attempt.end_row),
        ended=attempt.end,
        reopened=clock.frame_from(attempt.end_row + int(opened[0])) if opened.size else None,
        lifted=lifted,
        commanded=attempt.commanded_end,
        height_m=float("nan") if hand is None else float(hand[attempt.close_row, 2]),
    )
