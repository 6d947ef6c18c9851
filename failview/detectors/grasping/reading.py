"""Reads the story of the grasps from the signals of an episode."""

import numpy as np

from failview.detectors.conditioning.conditioned import ConditionedEpisode, Flags
from failview.detectors.grasping.force_holds import holds_by_force
from failview.detectors.grasping.grasp_story import GraspStory
from failview.detectors.grasping.gripper_command import closing_command
from failview.detectors.grasping.gripper_states import GripperSignals, GripperStates
from failview.detectors.grasping.strokes import Stroke, strokes
from failview.detectors.grasping.taring import tare
from failview.model.roles import ARBITRARY_UNIT, Role
from failview.model.signals import Values
from failview.settings.thresholds import DetectorSettings

NOMINAL_RANGE_M = 0.08
"""Opening of common parallel grippers (Franka Hand 80 mm, Robotiq 2F-85 85 mm), for an aperture of unknown scale."""

_CLEAR_S = 0.2
"""Kept clear of the strokes when the force is tared: fingers touch before they stop."""


def read_story(conditioned: ConditionedEpisode, settings: DetectorSettings) -> GraspStory:
    """What the gripper did: from aperture alone, force alone, or both."""
    aperture = conditioned.column(Role.GRIPPER_APERTURE)
    force = conditioned.column(Role.GRIPPER_FORCE)
    if aperture is None:
        return _without_aperture(conditioned, force, settings)
    scaled = conditioned.episode.signals[Role.GRIPPER_APERTURE].unit == ARBITRARY_UNIT
    quantum = conditioned.quantum.get(Role.GRIPPER_APERTURE, 0.0)
    if scaled:
        span = float(np.ptp(aperture))
        if span <= 0:
            return GraspStory(not_judged="the aperture, of unknown scale, never changes in this episode")
        aperture, quantum = (aperture - aperture.min()) * (NOMINAL_RANGE_M / span), quantum * NOMINAL_RANGE_M / span
    rate_hz = conditioned.clock.rate_hz
    moves = strokes(aperture, rate_hz, quantum)
    tared = None if force is None else tare(force, _touching_nothing(moves, aperture, rate_hz), rate_hz)
    action = conditioned.get(Role.ACTION)
    command = None if action is None else closing_command(action, moves, rate_hz)
    closed = 0.0 if scaled else (settings.aperture_min_m or 0.0)
    machine = GripperStates(
        GripperSignals(
            aperture_m=aperture,
            force=tared,
            command=command,
            rate_hz=rate_hz,
            closed_m=closed,
            empty_m=closed + settings["grasp.empty_aperture_m"],
            lost_n=settings["grasp.lost_force_n"],
            quantum_m=quantum,
        )
    )
    machine.walk(moves)
    return GraspStory(tuple(machine.attempts), "", machine.states, aperture, tared, command, scaled)


def _touching_nothing(moves: list[Stroke], aperture_m: Values, rate_hz: float) -> Flags:
    """(rows,) True while the fingers stand open: before the first closing, and after each opening."""
    free = np.ones(len(aperture_m), dtype=np.bool_)
    margin = max(1, round(_CLEAR_S * rate_hz))
    closed_since: int | None = None
    for move in moves:
        if move.closes and closed_since is None:
            closed_since = move.begin
        elif not move.closes and closed_since is not None and _opens_wide(move, aperture_m):
            free[max(0, closed_since - margin // 2) : move.end + margin] = False
            closed_since = None
    if closed_since is not None:
        free[max(0, closed_since - margin // 2) :] = False
    return free


def _opens_wide(move: Stroke, aperture_m: Values) -> bool:
    return move.to_m > 0.5 * float(aperture_m.max())


def _without_aperture(conditioned: ConditionedEpisode, force: Values | None, settings: DetectorSettings) -> GraspStory:
    if force is None:
        reasons = [conditioned.unusable.get(role, "") for role in (Role.GRIPPER_APERTURE, Role.GRIPPER_FORCE)]
        told = "; ".join(reason for reason in reasons if reason)
        return GraspStory(not_judged=told or "needs gripper_aperture or gripper_force")
    # most of an episode passes with empty hands or with a hold: the lowest tenth is free of contact
    free = force <= np.quantile(force, 0.1)
    tared = tare(force, free, conditioned.clock.rate_hz)
    return holds_by_force(tared, conditioned.clock.rate_hz, settings["grasp.lost_force_n"])
