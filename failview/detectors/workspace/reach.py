"""Joints at their limits, and a hand that stalls short of its command or of the object."""

from collections.abc import Iterator

import numpy as np

from failview.detectors.conditioning.derivatives import derivative
from failview.detectors.conditioning.medians import median
from failview.detectors.confidence import from_ratio
from failview.detectors.detector import Case
from failview.detectors.intervals import back_to, intervals
from failview.model.detection import Detection
from failview.model.roles import Role
from failview.model.signals import Values

JOINT_LIMIT, STALLED = "workspace.joint_limit", "workspace.stalled"

_NEAR_LIMIT_RAD = np.radians(1.0)
_LEAST_RANGE_RAD = np.radians(10.0)
_AT_LIMIT_S = 0.2
"""The taxonomy's definition: within 1 degree for more than 0.2 s."""

_SETTLED_S = 0.5
"""The taxonomy's rule: a hand that stands still for half a second has stalled."""

_STANDS_M_S = 0.03
"""A hand slower than this stands: tremor and creep reach 1 or 2 cm/s. One that moves on is late, not stuck."""

_WINDOW_S = 0.15
_JERK_S = 0.15
_OBVIOUS = 1.5
"""The taxonomy's rule: the command is 3 cm ahead."""

_LEAST_SHARE = 0.1
_USUAL = 3.0
_RUNS_M_S = 0.01
"""The run-away begins where the error has left this many times its usual level, and grows to the end at this pace."""

_IN_PASSING = 0.25
"""Confidence that a joint near its limit is a failure, while the hand follows its command."""


def command_error(case: Case) -> Values | None:
    """(rows,) distance of the hand from its command, m, constant lag taken off; None when it cannot be judged."""
    match = case.command
    return None if isinstance(match, str) else match.error_m


def stalls(case: Case, error_m: Values) -> Iterator[Detection]:
    """Stretches in which the hand comes to a stand short of its command."""
    conditioned, clock = case.conditioned, case.conditioned.clock
    limit = case.settings["tracking.error_m"]
    # long stalls do not make an error usual
    calm = error_m[error_m <= limit]
    usual = max(median(calm) if calm.size else 0.0, _LEAST_SHARE * limit)
    runs_away = derivative(error_m, clock.rate_hz, window_s=_WINDOW_S) > _RUNS_M_S
    assert conditioned.hand_speed_m_s is not None  # there is no error without it
    stands = (conditioned.hand_speed_m_s < _STANDS_M_S) & (error_m > limit)
    stood = intervals(stands, gap=clock.rows(_JERK_S), shortest=clock.rows(_SETTLED_S))
    for begin, end in intervals(error_m > limit, gap=clock.rows(_JERK_S)):
        within = [(first, last) for first, last in stood if begin <= first <= end]
        if not within:
            continue
        longest_s = max(last - first + 1 for first, last in within) / clock.rate_hz
        onset = back_to((error_m > _USUAL * usual) & runs_away, begin)
        peak = float(error_m[begin : end + 1].max())
        obvious = begin + int(np.argmax(error_m[begin : end + 1] > _OBVIOUS * limit))
        yield Detection(
            "workspace",
            STALLED,
            clock.frame_from(onset),
            clock.frame_from(end),
            from_ratio(peak, _OBVIOUS * limit),
            f"command {peak * 1e2:.1f} cm ahead of the hand, which stood still short of it for {longest_s:.1f} s",
            obvious_frame=clock.frame_from(obvious),
            measures={"peak_m": peak, "stood_s": longest_s},
        )


def joints_at_limits(case: Case, error_m: Values | None) -> Iterator[Detection]:
    """Joints that stay within 1 degree of a limit of the robot's model."""
    robot, positions = case.conditioned.episode.robot, case.conditioned.get(Role.JOINT_POSITION)
    if robot is None or positions is None or positions.shape[1] > len(robot.lower):
        return
    clock, limit = case.conditioned.clock, case.settings["tracking.error_m"]
    width = positions.shape[1]
    # fingers slide on a few centimetres, and stand at their ends most of the time
    turns = robot.upper[:width] - robot.lower[:width] > _LEAST_RANGE_RAD
    near = (positions < robot.lower[:width] + _NEAR_LIMIT_RAD) | (positions > robot.upper[:width] - _NEAR_LIMIT_RAD)
    for joint in np.flatnonzero(near.any(axis=0) & turns).tolist():
        for begin, end in intervals(near[:, joint], gap=clock.rows(0.1), shortest=clock.rows(_AT_LIMIT_S)):
            if begin == 0:
                continue  # it has been there all along: how the arm is parked, or a joint that is not used
            obvious = begin
            short_m = 0.0 if error_m is None else float(error_m[begin : end + 1].max())
            late = short_m > limit
            if error_m is not None and short_m > _OBVIOUS * limit:
                obvious = begin + int(np.argmax(error_m[begin : end + 1] > _OBVIOUS * limit))
            name = robot.joint_names[joint] or f"column {joint}"
            told = f"; hand {short_m * 1e2:.1f} cm short of its command" if late else ""
            yield Detection(
                "workspace",
                JOINT_LIMIT,
                clock.frame_from(begin),
                clock.frame_from(end),
                0.85 if late else _IN_PASSING,
                f"{name} within 1° of its limit for {(end - begin + 1) / clock.rate_hz:.1f} s{told}",
                obvious_frame=clock.frame_from(obvious),
                measures={"joint": float(joint), "short_m": short_m},
            )
