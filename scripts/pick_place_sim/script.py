"""The operator's hand: smooth motions, waits and gripper commands from which episodes are written."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from pick_place_sim import constants as c
from pick_place_sim.rotations import rotation_vector, slerp

DT: Final = 1.0 / c.PHYSICS_HZ
TURN_SPEED: Final = 0.9  # rad/s, slower than the hand's translation so that turns never dictate a jerk
GRIP_RIPPLE: Final = 0.03  # share by which a real gripper's force wanders
SHORTEST_MOVE: Final = 0.5  # s, a person does not make shorter deliberate moves


@dataclass
class Command:
    """What the robot is told at one instant."""

    pos: np.ndarray  # m, base frame
    quat: np.ndarray  # w x y z
    aperture: float  # m
    grip_force: float  # N per finger
    phase: str
    strength: float = 1.0  # share of the asked torque that the motors give
    delay_s: float = 0.0  # s by which the arm gets its pose late
    mark: str = ""  # name of a disturbance of the command that is going on


@dataclass
class View:
    """What the operator can see: filled by the simulation before every step."""

    object_pos: np.ndarray
    object_quat: np.ndarray
    aperture: float
    external_torque: float  # Nm, largest absolute value over the joints
    hand_pos: np.ndarray


Steps = Iterator[Command]


class Script:
    """Current command plus the motions that change it; every motion is a generator of one command per physics step."""

    def __init__(self, view: View, pos: np.ndarray, quat: np.ndarray, rng: np.random.Generator) -> None:
        self.view = view
        self.rng = rng
        self.command = Command(pos.copy(), quat.copy(), c.APERTURE_MAX, 20.0, "approach")
        self.pace = float(rng.uniform(1.2, 1.4))  # this operator's tempo today
        self._tremor = [
            (rng.uniform(0.0002, 0.0005, 3), rng.uniform(0.6, 2.6), rng.uniform(0, 2 * math.pi, 3)) for _ in range(3)
        ]
        self._ripple_start = float(rng.uniform(0, 2 * math.pi))
        self._time = 0.0
        self.tremor_scale = 1.0
        self.offset: Callable[[], np.ndarray] | None = None  # m, added to the path while it is set

    def _emit(self) -> Command:
        """The command with the hand's tremor on top, faded in so that the first frame is at rest."""
        self._time += DT
        fade = min(1.0, self._time / 0.8) ** 2
        shake = self.tremor_scale * sum(
            (size * np.sin(2 * math.pi * rate * self._time + start) for size, rate, start in self._tremor), np.zeros(3)
        )
        base = self.command
        ripple = 1.0 + GRIP_RIPPLE * math.sin(2 * math.pi * 0.7 * self._time + self._ripple_start)
        extra = 0.0 if self.offset is None else self.offset()
        return replace(base, pos=base.pos + fade * shake + extra, grip_force=base.grip_force * ripple)

    def phase(self, name: str) -> None:
        """Everything from now on belongs to phase `name`."""
        self.command.phase = name

    def wait(self, seconds: float) -> Steps:
        """Hold still."""
        for _ in range(round(seconds * c.PHYSICS_HZ)):
            yield self._emit()

    def wait_until(self, seen: Callable[[], bool], at_most: float) -> Steps:
        """Hold still until the operator has seen something, or for `at_most` seconds."""
        for command in self.wait(at_most):
            yield command
            if seen():
                return

    def move(
        self, pos: np.ndarray, quat: np.ndarray | None = None, *, speed: float = 0.22, hump: float = 0.0,
        until: Callable[[], bool] | None = None,
    ) -> Steps:  # fmt: skip
        """Minimum-jerk move; `hump` m arches the path upwards; stops early when `until` says so."""
        start_pos, start_quat = self.command.pos.copy(), self.command.quat.copy()
        goal = np.asarray(pos, dtype=float)
        end_quat = start_quat if quat is None else quat
        length = float(np.linalg.norm(goal - start_pos)) + 1.2 * abs(hump)
        turn = float(np.linalg.norm(rotation_vector(start_quat, end_quat)))
        seconds = max(SHORTEST_MOVE, 1.5 * length / (speed * self.pace), 1.5 * turn / TURN_SPEED)
        steps = max(1, round(seconds * c.PHYSICS_HZ))
        for k in range(1, steps + 1):
            u = k / steps
            share = u**3 * (10 - 15 * u + 6 * u * u)
            self.command.pos = start_pos + share * (goal - start_pos)
            self.command.pos[2] += hump * math.sin(math.pi * share) ** 2
            self.command.quat = slerp(start_quat, end_quat, share)
            yield self._emit()
            if until is not None and until():
                return

    def grip(self, aperture: float, *, force: float = 20.0, seconds: float = 0.8) -> Steps:
        """Close or open to `aperture` with at most `force` per finger, and wait for it."""
        self.command.aperture, self.command.grip_force = aperture, force
        yield from self.wait(seconds)

    def weaken(self, force: float, seconds: float, motion: Steps) -> Steps:
        """Let the grip force sink linearly to `force` within `seconds` while `motion` goes on."""
        start, elapsed = self.command.grip_force, 0.0
        for _ in motion:
            elapsed += DT
            self.command.grip_force = start + (force - start) * min(1.0, elapsed / seconds)
            yield self._emit_again()

    def _emit_again(self) -> Command:
        """The current command for a step whose time has already been counted by the motion inside."""
        self._time -= DT
        return self._emit()
