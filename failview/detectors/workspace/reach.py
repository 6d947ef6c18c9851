"""Joints at their limits, and a hand that stalls short of its command or of the object."""

from collections.abc import Iterator

import numpy as np

from failview.detectors.command_match import match_command
from failview.detectors.conditioning.derivatives import derivative
from failview.detectors.conditioning.measured import native_step
from failview.detectors.confidence import from_ratio
from failview.detectors.detector import Case
from failview.detectors.intervals import back_to, intervals
from failview.model.detection import Detection
from failview.model.roles import Role
from failview.model.signals import Values

JOINT_LIMIT, STALLED = "workspace.joint_limit", "workspace.stalled"

_NEAR_LIMIT_RAD = np.radians(1.0)
_AT_LIMIT_S = 0.2
"""The taxonomy's definition: within 1 degree for more than 0.2 s."""

_SETTLED_S = 0.5
"""The taxonomy's rule: a hand that stands still for half a second has stalled."""

_CLOSES_IN_M_S = 0.02
"""An error that shrinks faster is being worked off: the hand is late, not stuck."""

_USUAL = 3.0
"""The run-away begins where the error leaves this many times its usual level."""

_IN_PASSING = 0.25
"""Confidence that a joint near its limit is a failure, while the hand follows its command."""


def command_error(case: Case) -> Values | None:
    """(rows,) distance of the hand from its command, m, constant lag taken off; None when it cannot be judged."""
    conditioned = case.conditioned
    command, hand = conditioned.get(Role.EE_COMMAND), conditioned.get(Role.EE_POSITION)
    if command is None or hand is None or command.shape != hand.shape:
        return None
    step = native_step(conditioned, Role.EE_POSITION)
    limit_m = case.settings["tracking.error_m"]
    match = match_command(command, hand, conditioned.clock.rate_hz, frame_rows=step, matters_m=limit_m)
    return None if isinstance(match, str) else match.error_m


def stalls(case: Case, error_m: Values) -> Iterator[Detection]:
    """Stretches in which the command stays ahead of the hand, and the hand does not catch up."""
    clock = case.conditioned.clock
    limit = case.settings["tracking.error_m"]
    closing_in = derivative(error_m, clock.rate_hz, window_s=0.3) < -_CLOSES_IN_M_S
    usual = max(float(np.median(error_m)), 0.1 * limit)
    for begin, end in intervals(error_m > limit, gap=clock.rows(0.15), shortest=clock.rows(_SETTLED_S)):
        stuck = intervals(~closing_in[begin : end + 1] & (error_m[begin : end + 1] > limit))
        longest = max((last - first + 1 for first, last in stuck), default=0)
        steady = max((last - first + 1 for first, last in _steady(error_m[begin : end + 1], limit)), default=0)
        if steady < clock.rows(_SETTLED_S):
            continue
        onset = back_to(error_m > _USUAL * usual, begin)
        peak = float(error_m[begin : end + 1].max())
        obvious = begin + int(np.argmax(error_m[begin : end + 1] > 1.5 * limit))
        yield Detection(
            "workspace",
            STALLED,
            clock.frame_from(onset),
            clock.frame_from(end),
            from_ratio(peak, 1.5 * limit),
            f"command {peak * 1e2:.1f} cm ahead of the hand, not caught up for {longest / clock.rate_hz:.1f} s",
            obvious_frame=clock.frame_from(obvious),
            measures={"peak_m": peak, "stuck_s": longest / clock.rate_hz},
        )


def _steady(error_m: Values, limit_m: float) -> list[tuple[int, int]]:
    """Stretches in which the error hardly changes: hand and command both stand, apart from each other."""
    change = np.abs(np.diff(error_m, prepend=error_m[0]))
    return intervals(change < 0.1 * limit_m)


def joints_at_limits(case: Case, error_m: Values | None) -> Iterator[Detection]:
    """Joints that stay within 1 degree of a limit of the robot's model."""
    robot, positions = case.conditioned.episode.robot, case.conditioned.get(Role.JOINT_POSITION)
    if robot is None or positions is None or positions.shape[1] > len(robot.lower):
        return
    clock = case.conditioned.clock
    width = positions.shape[1]
    near = (positions < robot.lower[:width] + _NEAR_LIMIT_RAD) | (positions > robot.upper[:width] - _NEAR_LIMIT_RAD)
    for joint in np.flatnonzero(near.any(axis=0)).tolist():
        for begin, end in intervals(near[:, joint], gap=clock.rows(0.1), shortest=clock.rows(_AT_LIMIT_S)):
            short_m = 0.0 if error_m is None else float(error_m[begin : end + 1].max())
            late = short_m > case.settings["tracking.error_m"]
            name = robot.joint_names[joint] or f"column {joint}"
            told = f"; hand {short_m * 1e2:.1f} cm short of its command" if late else ""
            yield Detection(
                "workspace",
                JOINT_LIMIT,
                clock.frame_from(begin),
                clock.frame_from(end),
                0.85 if late else _IN_PASSING,
                f"{name} within 1° of its limit for {(end - begin + 1) / clock.rate_hz:.1f} s{told}",
                obvious_frame=clock.frame_from(begin),
                measures={"joint": float(joint), "short_m": short_m},
            )
