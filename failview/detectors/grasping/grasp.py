"""Finds missed grasps, slips, drops and unstable grasps in the story of the gripper.

What is held is between the fingers and keeps them apart. Fingers that reach the closed aperture have missed it; a hold
that ends without a command, by the force or the aperture leaving, has slipped; one that ends above the support has
been dropped, commanded or not; an object that turns against the hand while it is in the air is held unstably. The
object's pose, where recorded, tells the first frame of a slide and how far something fell; without it the end of the
contact and the height of the hand do, less surely.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from failview.detectors.detector import Case, Findings
from failview.detectors.grasping.losses import loss
from failview.detectors.grasping.misses import MISSED, empty, missed_grasp, with_onset
from failview.detectors.grasping.object_in_hand import ObjectPoses, object_poses
from failview.detectors.grasping.oscillation import oscillation
from failview.detectors.grasping.turning import turn
from failview.detectors.grasping.turning_moment import turning_moment
from failview.model.detection import Detection
from failview.model.signals import Values
from failview.settings.thresholds import DetectorSettings

_WIDTH = "hold_aperture_m"


class GraspDetector:
    """Judges the attempts to grasp."""

    name = "grasp"

    def judge(self, case: Case) -> Findings:
        """Every attempt that failed."""
        story = case.story
        if story.not_judged:
            return Findings(not_judged=story.not_judged)
        poses = object_poses(case.conditioned)
        found = [item for number in range(len(story.attempts)) for item in _of_attempt(case, poses, number)]
        arrays: dict[str, Values] = {"grasp.state": story.states}
        if story.force is not None:
            arrays["grasp.tared_force_n"] = story.force.force_n
        widths = np.array([attempt.hold_aperture_m for attempt in story.attempts])
        return Findings(tuple(found), arrays=arrays, summary={_WIDTH: widths[np.isfinite(widths)]})

    def learn(self, summaries: Sequence[Mapping[str, Values]], succeeded: Sequence[bool]) -> Mapping[str, Values]:
        """The usual width of what is held, over the dataset."""
        del succeeded  # what was lost later has a width as well
        widths = np.concatenate([np.zeros(0), *(summary[_WIDTH] for summary in summaries if _WIDTH in summary)])
        return {_WIDTH: np.array([np.median(widths)])} if widths.size else {}

    def refine(self, findings: Findings, learnt: Mapping[str, Values], settings: DetectorSettings) -> Findings:
        """Misses begin where the fingers pass the usual width of what is held, unless this episode tells the width."""
        del settings
        usual = learnt.get(_WIDTH)
        if usual is None:
            return findings
        moved = tuple(
            with_onset(item, float(usual[0])) if item.kind == MISSED and not item.measures["width_known"] else item
            for item in findings.detections
        )
        return replace(findings, detections=moved)


def _of_attempt(case: Case, poses: ObjectPoses | None, number: int) -> Iterator[Detection]:
    attempt = case.story.attempts[number]
    if empty(attempt):
        yield missed_grasp(case, poses, number)
        return
    if poses is not None and attempt.hold_row is not None and not poses.tells_of(attempt.hold_row, attempt.end_row):
        poses = None
    found = (
        loss(case, poses, number),
        turning_moment(case, number) if poses is None or not poses.turns_known else turn(case, poses, number),
        oscillation(case, number),
    )
    yield from (item for item in found if item is not None)
