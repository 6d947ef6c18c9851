"""Synthetic episodes with a slip planted at a known frame. Built from the model alone; nothing touches the disk.

Each picture carries its frame number twice: as large digits for people, and as a framed strip of black and white cells
that `read_frame_number` decodes, from the picture itself or from a screenshot that contains it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from failview.model.camera import Camera, Picture
from failview.model.clock import NS_PER_S, Clock, TimesNs
from failview.model.episode import Episode, EpisodeSource
from failview.model.roles import ROLE_SPECS, Role
from failview.model.signals import Signal, Values

PHASES = ("approach", "grasp", "lift", "transport", "lost")
OPEN_M, HELD_M, EMPTY_M = 0.08, 0.031, 0.001
HOLD_N, EMPTY_N = 4.3, 0.1

_FRAME_RGB = (255, 0, 255)
_CODE_BITS = 12


@dataclass(frozen=True)
class Plan:
    """Frames at which things happen in a synthetic episode."""

    grasp_frame: int
    lift_frame: int
    transport_frame: int
    slip_frame: int

    @classmethod
    def over(cls, num_frames: int, slip_frame: int | None = None) -> "Plan":
        """Phases at fixed parts of the episode; the slip at 70 % unless told."""
        slip = int(num_frames * 0.7) if slip_frame is None else slip_frame
        return cls(int(num_frames * 0.25), int(num_frames * 0.4), int(num_frames * 0.55), slip)


class SyntheticReader:
    """Draws the pictures of a synthetic camera. `reads` counts them, `closed` tells that it was closed."""

    def __init__(self, width: int, height: int, num_frames: int, hue: int) -> None:
        self._num_frames = num_frames
        self._background = self._draw_background(width, height, hue)
        self.reads = 0
        self.closed = False

    @staticmethod
    def _draw_background(width: int, height: int, hue: int) -> Picture:
        ramp = np.linspace(70, 130, height, dtype=np.uint8)[:, None]
        hsv = np.dstack([np.full((height, width), hue), np.full((height, width), 90), np.repeat(ramp, width, axis=1)])
        return np.asarray(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB), dtype=np.uint8)

    def read(self, frame: int) -> Picture:
        if not 0 <= frame < self._num_frames:
            raise IndexError(f"no frame {frame} in a camera of {self._num_frames} frames")
        self.reads += 1
        picture = self._background.copy()
        height, width = picture.shape[:2]
        x = int(width * (0.1 + 0.8 * frame / max(1, self._num_frames - 1)))
        cv2.circle(picture, (x, int(height * 0.62)), max(2, height // 12), (230, 230, 230), -1)
        cv2.putText(
            picture, f"{frame:04d}", (width // 20, height // 4), cv2.FONT_HERSHEY_SIMPLEX, height / 200, (255,) * 3, 2
        )
        _draw_code(picture, frame)
        return picture

    def read_range(self, start: int, stop: int) -> Iterator[Picture]:
        for frame in range(start, stop):
            yield self.read(frame)

    def close(self) -> None:
        self.closed = True


def _draw_code(picture: Picture, frame: int) -> None:
    height, width = picture.shape[:2]
    cell, border = width // (_CODE_BITS + 4), max(2, width // 64)
    left, top = (width - cell * _CODE_BITS) // 2, height - cell - 3 * border
    right, bottom = left + cell * _CODE_BITS, top + cell
    cv2.rectangle(picture, (left - border, top - border), (right + border - 1, bottom + border - 1), _FRAME_RGB, -1)
    for bit in range(_CODE_BITS):
        level = 255 if frame >> (_CODE_BITS - 1 - bit) & 1 else 0
        picture[top:bottom, left + bit * cell : left + (bit + 1) * cell] = level


def read_frame_number(picture: npt.NDArray[np.uint8]) -> int | None:
    """Frame number of the first (leftmost) strip in a picture or a screenshot in RGB; None when there is none."""
    red, green, blue = (picture[..., channel].astype(int) for channel in range(3))
    framed = ((red > 150) & (blue > 150) & (green < 110)).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(framed, connectivity=8)
    boxes = sorted(tuple(map(int, stats[label])) for label in range(1, count) if stats[label][4] > 60)
    if not boxes:
        return None
    left, top, width, height, _area = max(boxes[:4], key=lambda box: box[4])
    row = picture[top + height // 2, :, :].mean(axis=1)
    border = width / (_CODE_BITS * 64 / (_CODE_BITS + 4) + 2)
    cell = (width - 2 * border) / _CODE_BITS
    bits = [row[round(left + border + cell * (index + 0.5))] > 127 for index in range(_CODE_BITS)]
    return int("".join("1" if bit else "0" for bit in bits), 2)


def make_camera(name: str, num_frames: int, size: tuple[int, int] = (640, 480), hue: int = 100) -> Camera:
    """A camera whose pictures carry their frame number. size: (width, height)."""
    width, height = size
    return Camera(name, width, height, num_frames, lambda: SyntheticReader(width, height, num_frames, hue))


def make_episode(
    num_frames: int = 120,
    cameras: tuple[str, ...] = ("front", "wrist"),
    rate_hz: float | None = 30.0,
    seed: int = 0,
    *,
    episode_id: str | None = None,
    size: tuple[int, int] = (640, 480),
    slip_frame: int | None = None,
    force_rate_hz: float | None = None,
    roles: frozenset[Role] | None = None,
) -> Episode:
    """An episode in which the gripper takes an object, lifts it and loses it at slip_frame.

    Args:
        num_frames: Frames of the clock.
        cameras: Names of the cameras.
        rate_hz: Frames per second; None makes an episode without times.
        seed: For the noise on the signals.
        episode_id: Its id; made from the seed by default.
        size: (width, height) of the pictures.
        slip_frame: First frame at which the object slips; 70 % of the episode by default.
        force_rate_hz: Rate of the force's own clock; None for one sample per frame. Needs rate_hz.
        roles: Which signals to make; all by default.
    """
    clock = Clock(num_frames, None, "none") if rate_hz is None else Clock.at_rate(num_frames, rate_hz, "synthetic")
    plan = Plan.over(num_frames, slip_frame)
    rng = np.random.default_rng(seed)
    signals = _make_signals(num_frames, plan, rng)
    if force_rate_hz is not None and rate_hz is not None:
        signals[Role.GRIPPER_FORCE] = _fast_force(clock, plan, force_rate_hz, rng)
    kept = {role: signal for role, signal in signals.items() if roles is None or role in roles}
    return Episode(
        episode_id=episode_id or f"synthetic_{seed}",
        task="lift the cube",
        clock=clock,
        signals=kept,
        cameras={name: make_camera(name, num_frames, size, 100 + 40 * index) for index, name in enumerate(cameras)},
        source=EpisodeSource("synthetic", "synthetic", f"sha256:synthetic-{seed}-{num_frames}"),
    )


def _make_signals(num_frames: int, plan: Plan, rng: np.random.Generator) -> dict[Role, Signal]:
    frames = np.arange(num_frames, dtype=np.float64)
    ee_m = _ee_path(frames, plan)
    object_m = _object_path(ee_m, plan)
    held = (frames >= plan.grasp_frame) & (frames < plan.slip_frame)
    joints_rad = np.stack([np.sin(frames / num_frames * np.pi * (1 + j / 3)) * (0.3 + 0.1 * j) for j in range(7)], 1)
    load_nm = held[:, None] * np.linspace(3.0, 0.2, 7)
    torque_nm = np.linspace(22.0, 1.0, 7) * np.cos(joints_rad) + load_nm + rng.normal(0, 0.05, (num_frames, 7))
    wrench = np.hstack([np.zeros((num_frames, 2)), held[:, None] * -2.1, rng.normal(0, 0.02, (num_frames, 3))])
    phase = np.select(
        [frames >= plan.slip_frame, frames >= plan.transport_frame, frames >= plan.lift_frame, ~held],
        [4.0, 3.0, 2.0, 0.0],
        1.0,
    )
    turn = np.deg2rad(20.0) * np.clip((frames - plan.slip_frame) / 10, 0, 1)
    tilt_xyzw = np.stack([np.cos(turn / 2), np.sin(turn / 2), np.zeros_like(turn), np.zeros_like(turn)], 1)
    columns: dict[Role, Values] = {
        Role.GRIPPER_APERTURE: _aperture(frames, plan)[:, None],
        Role.GRIPPER_FORCE: _force(frames, plan, rng)[:, None],
        Role.WRENCH: wrench,
        Role.JOINT_POSITION: joints_rad,
        Role.JOINT_VELOCITY: np.gradient(joints_rad, axis=0) * 30.0,
        Role.JOINT_TORQUE: torque_nm,
        Role.EXTERNAL_TORQUE: load_nm + rng.normal(0, 0.1, (num_frames, 7)),
        Role.EE_POSITION: ee_m,
        Role.EE_ORIENTATION: tilt_xyzw,
        Role.EE_COMMAND: ee_m + np.array([0.0, 0.004, 0.0]),
        Role.OBJECT_POSITION: object_m,
        Role.GOAL_POSITION: np.tile([0.55, 0.25, 0.02], (num_frames, 1)),
        Role.PHASE: phase[:, None],
    }
    return {role: _signal(role, values) for role, values in columns.items()}


def _signal(role: Role, values: Values, times_ns: TimesNs | None = None) -> Signal:
    spec = ROLE_SPECS[role]
    width = values.shape[1]
    labels = spec.labels[:width] or (tuple(f"joint {i + 1}" for i in range(width)) if width > 1 else (role.value,))
    words = PHASES if role is Role.PHASE else ()
    return Signal(role.value, values, spec.unit, labels, times_ns=times_ns, text_values=words)


def _aperture(frames: Values, plan: Plan) -> Values:
    knots = [0, plan.grasp_frame - 8, plan.grasp_frame, plan.slip_frame, plan.slip_frame + 6]
    return np.interp(frames, knots, [OPEN_M, OPEN_M, HELD_M, HELD_M, EMPTY_M])


def _force(frames: Values, plan: Plan, rng: np.random.Generator) -> Values:
    knots = [0, plan.grasp_frame - 1, plan.grasp_frame + 4, plan.slip_frame, plan.slip_frame + 5]
    return np.interp(frames, knots, [0, 0, HOLD_N, HOLD_N, EMPTY_N]) + np.abs(rng.normal(0, 0.03, frames.shape))


def _fast_force(clock: Clock, plan: Plan, rate_hz: float, rng: np.random.Generator) -> Signal:
    duration_s = clock.duration_s or 0.0
    times_ns = np.round(np.arange(0, duration_s, 1 / rate_hz) * NS_PER_S).astype(np.int64)
    frames = times_ns / NS_PER_S * clock.pace_hz
    return _signal(Role.GRIPPER_FORCE, _force(frames, plan, rng)[:, None], times_ns)


def _ee_path(frames: Values, plan: Plan) -> Values:
    knots = [0, plan.grasp_frame - 8, plan.lift_frame, plan.transport_frame, frames[-1]]
    points = np.array([[0.3, -0.2, 0.35], [0.5, -0.1, 0.03], [0.5, -0.1, 0.03], [0.5, -0.1, 0.25], [0.55, 0.25, 0.25]])
    return np.stack([np.interp(frames, knots, points[:, axis]) for axis in range(3)], axis=1)


def _object_path(ee_m: Values, plan: Plan) -> Values:
    start_m = np.array([0.5, -0.1, 0.02])
    object_m = np.tile(start_m, (len(ee_m), 1))
    carried = slice(plan.lift_frame, plan.slip_frame)
    object_m[carried] = ee_m[carried] - np.array([0, 0, 0.01])
    if plan.slip_frame < len(ee_m):
        fallen = np.arange(len(ee_m) - plan.slip_frame) / 30.0
        height_m = np.maximum(0.02, ee_m[plan.slip_frame, 2] - 0.5 * 9.81 * fallen**2)
        object_m[plan.slip_frame :] = np.array([ee_m[plan.slip_frame, 0], ee_m[plan.slip_frame, 1], 0.0])
        object_m[plan.slip_frame :, 2] = height_m
    return object_m
