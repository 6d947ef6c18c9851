"""The detector of task success.

Ways of telling, most trusted first: the poses of object and goal; the recorded flag; the object's picture in the last
frames; the object found there by the user's detector; what the gripper did. A profile may put another way first.
Pictures are decoded only where the profile says what to look for, and no pose decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from failview.detectors.detector import Case, Findings
from failview.detectors.task_success.goal_pose import judge_goal_pose
from failview.detectors.task_success.recorded_flag import judge_flag
from failview.detectors.task_success.story_ending import judge_story
from failview.detectors.task_success.verdict import DETECTOR, NoVerdict, Verdict
from failview.detectors.task_success.weighing import learn, summary, weigh
from failview.model.signals import Values
from failview.settings.thresholds import DetectorSettings

DISTANCE_ARRAY = "task_success.distance_m"


class TaskSuccess:
    """Judges whether the object ended where it should; implements Detector."""

    @property
    def name(self) -> str:
        """Its name."""
        return DETECTOR

    def judge(self, case: Case) -> Findings:
        """Candidates of all ways that can tell; `refine` leaves one."""
        pose = judge_goal_pose(case)
        verdicts = [pose.verdict, *_other_ways(case, pose.verdict)]
        clock = case.conditioned.clock
        detections = tuple(item.detection(clock) for item in verdicts if isinstance(item, Verdict))
        reasons = [item.reason for item in verdicts if isinstance(item, NoVerdict)]
        arrays = {} if pose.distance_m is None else {DISTANCE_ARRAY: pose.distance_m}
        not_judged = "" if detections else "; ".join(dict.fromkeys(reasons))
        return Findings(detections, not_judged, arrays, summary(detections, _limit_m(case.settings)))

    def learn(self, summaries: Sequence[Mapping[str, Values]], succeeded: Sequence[bool]) -> Mapping[str, Values]:
        """How often the flag is true, how the stories end, and habits about the goal."""
        del succeeded  # the flag is judged by its spread, not by what itself says
        return learn(summaries)

    def refine(self, findings: Findings, learnt: Mapping[str, Values], settings: DetectorSettings) -> Findings:
        """The one candidate that stands; of a single one, without a dataset, nothing changes."""
        if not findings.detections or (not learnt and len(findings.detections) == 1):
            return findings
        weighed = weigh(
            findings.detections, learnt or learn([]), criterion=settings.success.criterion, limit_m=_limit_m(settings)
        )
        if weighed.detection is None:
            return replace(findings, detections=(), not_judged="; ".join(weighed.notes))
        return replace(findings, detections=(weighed.detection,))


def _limit_m(settings: DetectorSettings) -> float:
    return settings.success.distance_m or settings["success.goal_distance_m"]


def _other_ways(case: Case, pose: Verdict | NoVerdict) -> Iterator[Verdict | NoVerdict]:
    """The flag always (it may contradict the pose); what costs more, or tells less, only where the pose cannot."""
    yield judge_flag(case)
    told = isinstance(pose, Verdict)
    wanted = case.settings.success
    if (wanted.template or wanted.onnx) and (not told or wanted.criterion in {"template", "onnx"}):
        # OpenCV and onnxruntime load only where they are used
        from failview.detectors.task_success.visual import judge_pictures  # noqa: PLC0415

        yield from judge_pictures(case)
    if not told:
        yield judge_story(case)
