"""A pick and place built from numbers, with every frame that matters known. 20 Hz, metres, z up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from failview.detectors.conditioning.condition import condition
from failview.detectors.detector import Case
from failview.detectors.grasping.reading import read_story
from failview.model.camera import Camera
from failview.model.clock import Clock
from failview.model.episode import Episode, EpisodeSource, RoleAssignment
from failview.model.roles import ROLE_SPECS, Role
from failview.model.signals import Signal
from failview.settings.thresholds import DetectorSettings

Floats = npt.NDArray[np.float64]

RATE_HZ = 20.0
FRAMES = 140
GRASPED, LIFTED, CARRIED, DOWN, RELEASED, CLEAR = 40, 60, 90, 104, 110, 112
"""Held from GRASPED; in the air to CARRIED; touches the table at DOWN; the fingers open at RELEASED."""
START_M = np.array([0.4, -0.1, 0.02])
PLACE_M = np.array([0.5, 0.2, 0.02])
OPEN_M, HELD_M, EMPTY_M = 0.08, 0.04, 0.0005


@dataclass(frozen=True)
class Pick:
    """What happens.

    Attributes:
        aside_m: How far from the goal the object is set down, along x.
        goal_height_m: How much higher than the object's resting centre the goal is.
        holds: Whether the fingers ever hold it.
        releases: Whether they let go.
        lost: Frame at which it slips out of closed fingers; None for never.
        noise_m: Of the object's pose.
    """

    aside_m: float = 0.0
    goal_height_m: float = 0.0
    holds: bool = True
    releases: bool = True
    lost: int | None = None
    noise_m: float = 0.0


def episode(pick: Pick | None = None, **cameras: Camera) -> Episode:
    """The episode of a plan, with all signals; pictures where cameras are given."""
    pick = pick or Pick()
    hand_m, object_m = _paths(pick)
    goal_m = np.tile(PLACE_M - (pick.aside_m, 0, -pick.goal_height_m), (FRAMES, 1))
    object_m = object_m + np.random.default_rng(1).normal(0, 1, object_m.shape) * pick.noise_m
    signals = {
        Role.GRIPPER_APERTURE: _aperture(pick)[:, None],
        Role.EE_POSITION: hand_m,
        Role.OBJECT_POSITION: object_m,
        Role.GOAL_POSITION: goal_m,
    }
    return Episode(
        episode_id="pick",
        task="put it there",
        clock=Clock.at_rate(FRAMES, RATE_HZ, "planted"),
        signals={role: signal(role, values) for role, values in signals.items()},
        cameras=cameras,
        source=EpisodeSource("planted", "planted", "sha256:0"),
    )


def signal(role: Role, values: Floats, stream: str = "", words: tuple[str, ...] = ()) -> Signal:
    spec = ROLE_SPECS[role]
    labels = spec.labels[: values.shape[1]] or (role.value,)
    return Signal(stream or role.value, values, spec.unit, labels, text_values=words)


def with_signals(base: Episode, signals: Mapping[Role, Signal | None]) -> Episode:
    """Another episode with some signals exchanged; None takes one away."""
    kept = {role: given for role, given in {**base.signals, **signals}.items() if given is not None}
    return replace(base, signals=kept)


def with_flag(base: Episode, values: Floats, stream: str = "success", words: tuple[str, ...] = ()) -> Episode:
    flagged = with_signals(base, {Role.SUCCESS: signal(Role.SUCCESS, values[:, None], stream, words)})
    given = RoleAssignment(stream, "", guessed=False, reason="its name")
    return replace(flagged, assignments={**base.assignments, Role.SUCCESS: given})


def without_poses(base: Episode) -> Episode:
    return with_signals(base, {Role.OBJECT_POSITION: None, Role.GOAL_POSITION: None})


def case(of: Episode, settings: DetectorSettings | None = None) -> Case:
    settings = settings or DetectorSettings()
    conditioned = condition(of)
    return Case(conditioned, read_story(conditioned, settings), settings)


def _aperture(pick: Pick) -> Floats:
    frames = np.arange(FRAMES)
    held_m = HELD_M if pick.holds else EMPTY_M
    knots, values = [0, GRASPED - 8, GRASPED], [OPEN_M, OPEN_M, held_m]
    if pick.lost is not None:
        knots, values = [*knots, pick.lost, pick.lost + 4], [*values, held_m, EMPTY_M]
        held_m = EMPTY_M
    if pick.releases:
        knots, values = [*knots, RELEASED, RELEASED + 8], [*values, held_m, OPEN_M]
    return np.interp(frames, knots, values)


def _paths(pick: Pick) -> tuple[Floats, Floats]:
    """(frames, 3) of the hand and of the object."""
    frames = np.arange(FRAMES)
    over_m, up_m = np.array([0, 0, 0.15]), np.array([0, 0, 0.2])
    knots = [0, GRASPED - 10, GRASPED + 8, LIFTED, CARRIED, DOWN, RELEASED + 8, FRAMES - 1]
    last_m = PLACE_M + up_m if pick.releases else PLACE_M
    stations = [START_M + up_m, START_M, START_M, START_M + over_m, PLACE_M + over_m, PLACE_M, PLACE_M, last_m]
    hand_m = np.stack([np.interp(frames, knots, [station[axis] for station in stations]) for axis in range(3)], axis=1)
    object_m = np.tile(START_M, (FRAMES, 1))
    if not pick.holds:
        return hand_m, object_m
    held = slice(GRASPED, pick.lost or (RELEASED if pick.releases else FRAMES))
    object_m[held] = hand_m[held]
    after = held.stop
    object_m[after:] = object_m[after - 1]
    if pick.lost is not None:
        object_m[after:, 2] = np.maximum(object_m[after - 1, 2] - 0.06 * np.arange(1, FRAMES - after + 1), START_M[2])
    return hand_m, object_m
