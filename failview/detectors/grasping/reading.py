"""Reads the story of the grasps from the signals of an episode."""

import numpy as np

from failview.detectors.conditioning.conditioned import ConditionedEpisode, Flags
from failview.detectors.conditioning.medians import median
from failview.detectors.grasping.force_holds import holds_by_force
from failview.detectors.grasping.grasp_story import GraspStory
from failview.detectors.grasping.gripper_command import closing_command
from failview.detectors.grasping.gripper_states import GripperSignals, GripperStates
from failview.detectors.grasping.strokes import Stroke, strokes
from failview.detectors.grasping.taring import tare
from failview.detectors.grasping.unknown_scale import NOMINAL_RANGE_M, in_nominal_range, nominal_levels_m
from failview.model.roles import ARBITRARY_UNIT, Role
from failview.model.signals import Values
from failview.settings.thresholds import DetectorSettings

_CLEAR_S = 0.2
"""Kept clear of the strokes when the force is tared: fingers touch before they stop."""

_NOISES = 4.0
"""A force that changes by less has not changed."""


def read_story(conditioned: ConditionedEpisode, settings: DetectorSettings) -> GraspStory:
    """What the gripper did: from aperture alone, force alone, or both."""
    aperture = conditioned.column(Role.GRIPPER_APERTURE)
    force = conditioned.column(Role.GRIPPER_FORCE)
    if force is not None and not np.ptp(force) > 0:
        force = None  # a sensor without even noise is not there; zero is not "no contact"
    if aperture is None:
        return _without_aperture(conditioned, force, settings)
    rate_hz, quantum = conditioned.clock.rate_hz, conditioned.quantum.get(Role.GRIPPER_APERTURE, 0.0)
    closed = settings.aperture_min_m or 0.0
    empty = closed + settings["grasp.empty_aperture_m"]
    scaled = conditioned.episode.signals[Role.GRIPPER_APERTURE].unit == ARBITRARY_UNIT
    if scaled:
        span = float(np.ptp(aperture))
        if span <= 0:
            return GraspStory(not_judged="the aperture, of unknown scale, never changes in this episode")
        quantum *= NOMINAL_RANGE_M / span
        aperture = in_nominal_range(aperture, force, rate_hz, quantum)
    moves = strokes(aperture, rate_hz, quantum)
    if scaled:
        closed, empty = nominal_levels_m(moves, settings["grasp.empty_aperture_m"], has_force=force is not None)
    tared, held = None, False
    if force is not None:
        held = bool(moves) and moves[0].from_m > empty and _lets_go(force, moves[0], rate_hz, settings)
        tared = tare(force, _touching_nothing(moves, aperture, rate_hz, held=held), rate_hz)
    action = conditioned.get(Role.ACTION)
    command = None if action is None else closing_command(action, moves, rate_hz)
    machine = GripperStates(
        GripperSignals(
            aperture_m=aperture,
            force=tared,
            command=command,
            rate_hz=rate_hz,
            closed_m=closed,
            empty_m=empty,
            lost_n=settings["grasp.lost_force_n"],
            quantum_m=quantum,
        ),
        begins_held=held,
    )
    machine.walk(moves)
    return GraspStory(tuple(machine.attempts), "", machine.states, aperture, tared, command, scaled)


def _lets_go(force_n: Values, move: Stroke, rate_hz: float, settings: DetectorSettings) -> bool:
    """Whether a force leaves with the first movement of the fingers: they have held something from the start."""
    margin = max(1, round(_CLEAR_S * rate_hz))
    before, after = force_n[max(0, move.begin - 3 * margin) : move.begin], force_n[move.end : move.end + margin]
    if before.size < 2 * margin or not after.size:
        return False
    noise_n = median(np.abs(np.diff(force_n)))
    limit_n = max(settings["grasp.lost_force_n"], _NOISES * noise_n)
    return median(before) - median(after) > limit_n


def _touching_nothing(moves: list[Stroke], aperture_m: Values, rate_hz: float, *, held: bool) -> Flags:
    """(rows,) True while the fingers stand open: before the first closing, unless they held, and after each opening."""
    free = np.ones(len(aperture_m), dtype=np.bool_)
    margin = max(1, round(_CLEAR_S * rate_hz))
    closed_since: int | None = 0 if held else None
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
        if Role.GRIPPER_FORCE in conditioned.signals:
            reasons.append("gripper_force never changes in this episode")
        told = "; ".join(reason for reason in reasons if reason)
        return GraspStory(not_judged=told or "needs gripper_aperture or gripper_force")
    # hands are empty for a tenth of an episode at least: what lies within the noise of that touches nothing
    noise_n = median(np.abs(np.diff(force))) if len(force) > 1 else 0.0
    free = force <= np.quantile(force, 0.1) + _NOISES * noise_n
    tared = tare(force, free, conditioned.clock.rate_hz)
    return holds_by_force(tared, conditioned.clock.rate_hz, settings["grasp.lost_force_n"])
