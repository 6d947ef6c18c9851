"""Stories of a gripper with every moment known, told on a fine clock and recorded as badly as one likes.

A story is told step by step (`close`, `carry`, `release`, `lose`, ...); each step notes its moments in `marks`, in
seconds. `Recording` then samples it: rate, noise, bias, drift, quantisation, repeats, gaps, uneven or missing clocks,
signals faster than the frames, units. `frame` gives the first frame at or after a moment.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from failview.detectors import catalogue
from failview.detectors.conditioning.condition import condition
from failview.detectors.detector import Case, Detector
from failview.detectors.grasping.reading import read_story
from failview.model.clock import NS_PER_S, Clock
from failview.model.detection import Detection, EpisodeFindings
from failview.model.episode import Episode, EpisodeSource, RoleAssignment
from failview.model.roles import ROLE_SPECS, Role
from failview.model.signals import Signal
from failview.settings.thresholds import DetectorSettings

Floats = npt.NDArray[np.float64]

FINE_HZ = 1000
OPEN_M = 0.08
FINGERS_M_S = 0.1
"""Both fingers together, as those of the Franka Hand."""

DELAY_S = 0.1
"""From the command to the movement."""

BUILD_UP_S = 0.06
"""From the first touch to the full grip."""

GRAVITY_M_S2 = 9.81
TABLE_M = 0.02
"""Height of the object's middle when it stands on the table."""


class Story:
    """What hand, fingers and object do. Metres, newtons, seconds; z is up."""

    def __init__(self, *, aperture_m: float = OPEN_M, object_m: tuple[float, float, float] = (0.4, 0.0, TABLE_M)):
        self.marks: dict[str, list[float]] = {}
        self._tracks: dict[str, list[Floats]] = {
            name: [] for name in ("aperture", "force", "command", "hand", "object", "hand_turn", "object_turn", "ahead")
        }
        self._now = {
            "aperture": np.array([aperture_m]),
            "force": np.zeros(1),
            "command": np.array([-1.0]),
            "hand": np.array([*object_m[:2], object_m[2] + 0.15]),
            "object": np.array(object_m),
            "hand_turn": np.zeros(1),
            "object_turn": np.zeros(1),
            "ahead": np.zeros(1),
        }
        self._held = False
        self._support_m = object_m[2]
        self._fall_s = 0.0
        self._samples = 0

    @property
    def now_s(self) -> float:
        return self._samples / FINE_HZ

    @property
    def duration_s(self) -> float:
        return self.now_s

    def mark(self, name: str, after_s: float = 0.0) -> None:
        self.marks.setdefault(name, []).append(self.now_s + after_s)

    def wait(self, seconds: float) -> "Story":
        return self._run(seconds)

    def reach(self, seconds: float = 1.0) -> "Story":
        """The hand goes down to the object."""
        return self._run(seconds, hand=self._now["object"])

    def close(self, onto_m: float, grip_n: float = 0.0, *, speed_m_s: float = FINGERS_M_S) -> "Story":
        """The fingers are told to close and stop at an aperture, on something when there is a grip."""
        self._now["command"] = np.ones(1)
        self._run(DELAY_S)
        self.mark("close")
        begin_m = float(self._now["aperture"][0])
        self._run((begin_m - onto_m) / speed_m_s, aperture=onto_m)
        self.mark("stop")
        if grip_n:
            self.mark("touch")
            self._held = True
            self._run(BUILD_UP_S, force=grip_n)
        return self

    def hold(self, grip_n: float) -> "Story":
        """The object has been in the closed fingers since before the beginning."""
        assert not self._samples
        self._now["force"], self._now["command"] = np.array([grip_n]), np.ones(1)
        self._now["hand"] = self._now["object"]
        self._held = True
        return self

    def lift(self, height_m: float = 0.15, seconds: float = 0.8) -> "Story":
        self.mark("lift")
        return self.carry((0.0, 0.0, height_m), seconds)

    def carry(self, by_m: tuple[float, float, float], seconds: float = 1.0, force_n: float | None = None) -> "Story":
        return self._run(seconds, hand=self._now["hand"] + np.array(by_m), force=force_n)

    def squeeze(self, force_n: float, seconds: float) -> "Story":
        return self._run(seconds, force=force_n)

    def release(self, to_m: float = OPEN_M, *, support_m: float | None = None, told: bool = True) -> "Story":
        """The fingers open; what they held falls to the support, or stands there already."""
        self._support_m = TABLE_M if support_m is None else support_m
        if told:
            self._now["command"] = -np.ones(1)
            self._run(DELAY_S)
        self.mark("release")
        self._held = False
        begin_m = float(self._now["aperture"][0])
        seconds = (to_m - begin_m) / FINGERS_M_S
        self._run(0.02, aperture=begin_m + 0.02 * FINGERS_M_S, force=0.0)
        return self._run(seconds - 0.02, aperture=to_m)

    def lose(self, slide_s: float = 0.2, slide_m: float = 0.02, grip_n: float | None = None) -> "Story":
        """The object slides down between the fingers and is lost; the fingers close on nothing."""
        self.mark("slide")
        hold_n = float(self._now["force"][0])
        offset = self._now["object"] - np.array([0, 0, slide_m])
        self._run(slide_s, object_=offset, force=hold_n if grip_n is None else grip_n)
        self.mark("lost")
        self._held = False
        self._support_m = TABLE_M
        self._run(0.02, force=0.0)
        return self._run(float(self._now["aperture"][0]) / FINGERS_M_S, aperture=0.0005)

    def turn_object(self, deg: float, seconds: float) -> "Story":
        self.mark("turn")
        return self._run(seconds, object_turn=deg)

    def turn_hand(self, deg: float, seconds: float) -> "Story":
        """Hand, and what it holds, lean."""
        both = float(self._now["object_turn"][0]) + deg - float(self._now["hand_turn"][0])
        return self._run(seconds, hand_turn=deg, object_turn=both if self._held else None)

    def command_ahead(self, metres: float, seconds: float) -> "Story":
        """The command runs away from the hand, along x."""
        self.mark("ahead")
        return self._run(seconds, ahead=metres)

    def _run(self, seconds: float, *, object_: Floats | None = None, **targets: float | Floats | None) -> "Story":
        count = max(0, round(seconds * FINE_HZ))
        share = (np.arange(count) + 1.0)[:, None] / max(count, 1)
        before_hand, before_object = self._now["hand"], self._now["object"]
        for name in self._tracks:
            if name == "object":
                continue
            target = targets.get(name)
            end = self._now[name] if target is None else np.atleast_1d(np.asarray(target, dtype=np.float64))
            self._tracks[name].append(self._now[name] + (end - self._now[name]) * share)
            self._now[name] = end
        self._tracks["object"].append(self._object_path(share, before_hand, before_object, object_))
        if count:
            self._now["object"] = self._tracks["object"][-1][-1]
        self._samples += count
        return self

    def _object_path(self, share: Floats, hand: Floats, place: Floats, slide_to: Floats | None) -> Floats:
        if self._held:
            slide = np.zeros(3) if slide_to is None else slide_to - place
            return place + self._tracks["hand"][-1] - hand + slide * share
        path = np.repeat(place[None, :], len(share), axis=0)
        if place[2] > self._support_m:
            seconds = self._fall_s + (np.arange(len(share)) + 1.0) / FINE_HZ
            fallen = 0.5 * GRAVITY_M_S2 * (seconds**2 - self._fall_s**2)
            path[:, 2] = np.maximum(place[2] - fallen, self._support_m)
            self._fall_s = float(seconds[-1]) if len(share) else self._fall_s
        else:
            self._fall_s = 0.0
        return path

    def track(self, name: str) -> Floats:
        """(samples, columns) on the fine clock."""
        return np.concatenate(self._tracks[name])


@dataclass(frozen=True)
class Recording:
    """How a story is recorded.

    Attributes:
        rate_hz: Frames per second.
        timed: Whether the file tells times.
        uneven: Share of a step by which the stamps jitter.
        aperture_noise_m, aperture_step_m: Of the aperture.
        force_noise_n, bias_n, drift_n_s: Of the grip force.
        force_hz, aperture_hz: Rate of their own, where they are not recorded with the frames.
        pose_noise_m: Of the object's position.
        repeats: Share of the frames that repeat the one before.
        gaps: (role, begin s, length s) without a value.
        without: Roles that are not recorded.
        scale, offset: The aperture is written as offset + scale * metres in a unit that nobody tells; 0 for metres.
        command: Values of (open, close) in the last column of the actions; None for no actions.
        flips: The signs of the quaternions jump.
        seed: Of all that is random.
    """

    rate_hz: float = 20.0
    timed: bool = True
    uneven: float = 0.0
    aperture_noise_m: float = 0.0001
    aperture_step_m: float = 0.0
    force_noise_n: float = 0.02
    bias_n: float = 0.0
    drift_n_s: float = 0.0
    force_hz: float | None = None
    aperture_hz: float | None = None
    pose_noise_m: float = 0.0
    repeats: float = 0.0
    gaps: tuple[tuple[Role, float, float], ...] = ()
    without: frozenset[Role] = frozenset()
    scale: float = 0.0
    offset: float = 0.0
    command: tuple[float, float] | None = (-1.0, 1.0)
    flips: bool = False
    seed: int = 0

    def times_s(self, story: Story) -> Floats:
        """(frames,) s."""
        count = int(story.duration_s * self.rate_hz)
        jitter = np.random.default_rng(self.seed + 7).uniform(-0.5, 0.5, count) * self.uneven
        jitter[:1] = 0.0
        return (np.arange(count) + jitter) / self.rate_hz

    def frame(self, story: Story, moment_s: float) -> int:
        """First frame at or after a moment."""
        return int(np.searchsorted(self.times_s(story), moment_s - 1e-9))


def recorded(story: Story, how: Recording | None = None) -> Episode:
    """The episode that a recorder would have written."""
    how = how or Recording()
    rng = np.random.default_rng(how.seed)
    times_s = how.times_s(story)
    signals = {role: values for role, values in _columns(story, how, rng, times_s).items() if role not in how.without}
    own = {Role.GRIPPER_FORCE: how.force_hz, Role.GRIPPER_APERTURE: how.aperture_hz}
    for values in signals.values():
        assert np.isfinite(values).all()
    made = {role: _signal(role, values, how) for role, values in _repeated(signals, how, rng).items()}
    for role, rate_hz in own.items():
        if rate_hz is not None and role in made:
            own_s = np.arange(0.0, times_s[-1], 1.0 / rate_hz)
            times_ns = np.round(own_s * NS_PER_S).astype(np.int64)
            made[role] = _signal(role, _columns(story, how, rng, own_s)[role], how, times_ns)
    for role, begin_s, length_s in how.gaps:
        stamps_s = times_s if made[role].times_ns is None else made[role].times_ns / NS_PER_S
        made[role].values[(stamps_s >= begin_s) & (stamps_s < begin_s + length_s)] = np.nan
    times_ns = np.round(times_s * NS_PER_S).astype(np.int64)
    return Episode(
        episode_id=f"planted_{how.seed}",
        task="take it there",
        clock=Clock(len(times_s), times_ns if how.timed else None, "planted"),
        signals=made,
        cameras={},
        source=EpisodeSource("planted", "planted", f"sha256:{how.seed}"),
        assignments={role: RoleAssignment(role.value, ROLE_SPECS[role].unit, False, "planted") for role in made},
    )


def _columns(story: Story, how: Recording, rng: np.random.Generator, times_s: Floats) -> dict[Role, Floats]:
    rows = np.clip(np.floor(times_s * FINE_HZ + 1e-6).astype(int), 0, len(story.track("force")) - 1)
    tracks = {name: story.track(name)[rows] for name in
              ("aperture", "force", "command", "hand", "object", "hand_turn", "object_turn", "ahead")}  # fmt: skip
    count = len(times_s)
    aperture = tracks["aperture"] + rng.normal(0, how.aperture_noise_m, (count, 1))
    if how.aperture_step_m:
        aperture = np.round(aperture / how.aperture_step_m) * how.aperture_step_m
    if how.scale:
        aperture = how.offset + how.scale * aperture
    drift = (how.bias_n + how.drift_n_s * times_s)[:, None]
    jitter_m = rng.normal(0, 0.0002, (count, 3))
    columns = {
        Role.GRIPPER_APERTURE: aperture,
        Role.GRIPPER_FORCE: tracks["force"] + drift + rng.normal(0, how.force_noise_n, (count, 1)),
        Role.EE_POSITION: tracks["hand"] + jitter_m,
        Role.EE_COMMAND: tracks["hand"] + tracks["ahead"] * np.array([1.0, 0.0, 0.0]),
        Role.EE_ORIENTATION: _turned(tracks["hand_turn"], down=True),
        Role.OBJECT_POSITION: tracks["object"] + rng.normal(0, how.pose_noise_m, (count, 3)),
        Role.OBJECT_ORIENTATION: _turned(tracks["object_turn"], down=False),
    }
    if how.flips:
        for role in (Role.EE_ORIENTATION, Role.OBJECT_ORIENTATION):
            columns[role] = columns[role] * rng.choice([-1.0, 1.0], (count, 1))
    if how.command is not None:
        told = np.where(tracks["command"] > 0, how.command[1], how.command[0])
        columns[Role.ACTION] = np.hstack([tracks["hand"], told])
    return columns


def _turned(deg: Floats, *, down: bool) -> Floats:
    turn = Rotation.from_rotvec(deg * np.array([0.0, 1.0, 0.0]), degrees=True)
    return np.asarray((turn * Rotation.from_quat([1.0, 0.0, 0.0, 0.0]) if down else turn).as_quat())


def _repeated(signals: Mapping[Role, Floats], how: Recording, rng: np.random.Generator) -> dict[Role, Floats]:
    """Frames in which the recorder wrote the observations of the frame before again; its own actions go on."""
    again = rng.random(len(next(iter(signals.values())))) < how.repeats if signals else np.zeros(0, dtype=bool)
    kept = {role: values.copy() for role, values in signals.items()}
    for row in np.flatnonzero(again[1:]) + 1:
        for role, values in kept.items():
            if role is not Role.ACTION:
                values[row] = values[row - 1]
    return kept


def _signal(role: Role, values: Floats, how: Recording, times_ns: npt.NDArray[np.int64] | None = None) -> Signal:
    spec = ROLE_SPECS[role]
    width = values.shape[1]
    labels = spec.labels[:width] or tuple(f"{role.value} {column}" for column in range(width))
    unit = "arbitrary" if role is Role.GRIPPER_APERTURE and how.scale else spec.unit
    return Signal(role.value, values, unit, labels, times_ns=times_ns)


def case(episode: Episode, settings: DetectorSettings | None = None) -> Case:
    """The episode before the detectors."""
    settings = settings or DetectorSettings()
    conditioned = condition(episode)
    return Case(conditioned, read_story(conditioned, settings), settings)


def detections(detector: Detector, episode: Episode, settings: DetectorSettings | None = None) -> list[Detection]:
    """What one detector finds, in an episode by itself."""
    found = detector.judge(case(episode, settings))
    assert not found.not_judged, found.not_judged
    return list(found.detections)


def findings(episode: Episode, settings: DetectorSettings | None = None) -> EpisodeFindings:
    """What all detectors say of an episode by itself, and whether that can be true at all."""
    settings = settings or DetectorSettings()
    found = catalogue.conclude(catalogue.first_look(episode, settings), None, settings)
    for item in found.detections:
        assert 0 <= item.start_frame <= item.end_frame < episode.num_frames, item
        assert item.obvious_frame is None or item.start_frame <= item.obvious_frame < episode.num_frames, item
        assert 0.0 <= item.confidence <= 1.0, item
        assert all(math.isfinite(value) for value in item.measures.values()), item
    for name, proposed in found.proposal.items():
        assert 0.0 <= proposed.confidence <= 1.0, (name, proposed)
        assert proposed.evidence, name
    return found
