"""Finds joints at their limits, a hand that stalls, and objects that fall over.

A hand stalls when its command goes on, or stands, more than 2 cm ahead of it and it does not catch up: the pose is out
of reach, singular, or blocked. A hand that is merely late catches up; that is the tracking detector's.
"""

from failview.detectors.detector import Case, EpisodeByEpisode, Findings
from failview.detectors.workspace.depth import invalid_depth
from failview.detectors.workspace.leaning_release import leaning_releases
from failview.detectors.workspace.reach import command_error, joints_at_limits, stalls
from failview.detectors.workspace.toppling import lean_deg, topples
from failview.model.detection import Detection
from failview.model.roles import Role
from failview.model.signals import Values


class WorkspaceDetector(EpisodeByEpisode):
    """Judges reach, and what became of the object when nobody held it."""

    name = "workspace"

    def judge(self, case: Case) -> Findings:
        """Joint limits, stalls, topples, missing depth: each where its signals are there."""
        found: list[Detection] = []
        arrays: dict[str, Values] = {}
        error_m = command_error(case)
        lean = lean_deg(case)
        joints = case.conditioned.episode.robot is not None and case.conditioned.get(Role.JOINT_POSITION) is not None
        depth = any(camera.is_depth for camera in case.conditioned.episode.cameras.values())
        if error_m is None and lean is None and not joints and not depth:
            return Findings(not_judged=_reason(case))
        if error_m is not None:
            found += stalls(case, error_m)
        found += joints_at_limits(case, error_m)
        if lean is not None:
            found += topples(case, lean)
            arrays["workspace.object_lean_deg"] = lean
        else:
            found += leaning_releases(case)
        found += invalid_depth(case)
        return Findings(tuple(found), arrays=arrays)


def _reason(case: Case) -> str:
    told = [case.conditioned.unusable[role] for role in (Role.OBJECT_ORIENTATION, Role.EE_COMMAND, Role.EE_POSITION)
            if role in case.conditioned.unusable]  # fmt: skip
    return "; ".join(told) or "needs object_orientation, or ee_command with ee_position, or joint_position with a robot"
