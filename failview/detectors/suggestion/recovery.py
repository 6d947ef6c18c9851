"""Whether somebody tried again after a grasp failed, from when to when, and what came of it."""

from dataclasses import dataclass

from failview.detectors.grasping.grasp_story import GraspEnd
from failview.detectors.suggestion.facts import EpisodeFacts, GraspFacts
from failview.model.annotation import RecoveryOutcome

_SAME_HEIGHT_M = 0.05


@dataclass(frozen=True)
class Recovery:
    """A second attempt.

    Attributes:
        start_frame: The fingers open again after the failure.
        end_frame: The object is off its support in the new grip; the end of the new attempt when it failed.
        outcome: What came of it.
        evidence: In words.
    """

    start_frame: int
    end_frame: int
    outcome: RecoveryOutcome
    evidence: str


def recovery_after(onset_frame: int, facts: EpisodeFacts, *, reached: bool) -> Recovery | None:
    """The attempt to recover from a failure; None without one.

    Args:
        onset_frame: Where the failure begins.
        facts: The episode.
        reached: Whether the task was done in the end.
    """
    failed = [grasp for grasp in facts.grasps if grasp.end >= onset_frame]
    if not failed or failed[0].reopened is None:
        return None
    start = failed[0].reopened
    # fingers that close high up have nothing there to grip: what was lost lies on the support
    again = [
        grasp
        for grasp in facts.grasps
        if grasp.close >= start and not grasp.height_m > failed[0].height_m + _SAME_HEIGHT_M
    ]
    if failed[0].ended is GraspEnd.RELEASED:
        # fingers that close on nothing after they let go are being parked
        again = [grasp for grasp in again if grasp.hold is not None]
    if not again:
        return None
    good = next((grasp for grasp in again if _holds(grasp)), None)
    if good is not None and reached:
        end = good.lifted if good.lifted is not None else good.hold
        assert end is not None
        return Recovery(start, end, RecoveryOutcome.RECOVERED, f"gripped again at frame {good.hold}, and held")
    last = again[-1]
    told = f"{len(again)} more closing{'s' if len(again) > 1 else ''} of the fingers from frame {again[0].close}"
    how = "none of them held" if reached else "the task was not done"
    return Recovery(start, last.end, RecoveryOutcome.FAILED_RECOVERY, f"{told}; {how}")


def _holds(grasp: GraspFacts) -> bool:
    return grasp.hold is not None and grasp.ended in {GraspEnd.RELEASED, GraspEnd.HELD}
