"""Transforms between frames (tf): collected edge by edge, chained between two named frames."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from failview.loaders.raw_dataset import Floats
from failview.loaders.rosbag.bag_clock import Stamped
from failview.loaders.rosbag.message_decoding import Decode
from failview.loaders.rosbag.message_plan import fields_of
from failview.loaders.rosbag.topic_reading import Stamps

_ROOTS = ("base_link", "base", "world", "panda_link0", "fr3_link0", "link0", "map", "odom")
_TOOLS = ("tool0", "tcp", "ee_link", "hand_tcp", "gripper_tcp", "end_effector", "ee", "gripper_link", "gripper", "hand")
"""Names that arms use for their base and for their tool, the usual ones first (REP 199 for base and tool0)."""


@dataclass
class _Edge:
    stamps: list[int] = field(default_factory=list)
    bag_ns: list[int] = field(default_factory=list)
    rows: list[tuple[float, ...]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class EdgeMotion:
    """How a child frame moved in its parent.

    Attributes:
        times_ns: (samples,) ascending.
        position: (samples, 3) m.
        orientation_xyzw: (samples, 4) unit quaternions.
    """

    times_ns: Stamps
    position: Floats
    orientation_xyzw: Floats


class TransformCollector:
    """Collects the messages of /tf and /tf_static."""

    def __init__(self) -> None:
        self._edges: dict[tuple[str, str], _Edge] = {}
        self._damaged = 0

    def add(self, time_ns: int, data: bytes, decode: Decode) -> None:
        """One message: a list of transforms."""
        try:
            self._take(time_ns, decode(data))
        except Exception:  # noqa: BLE001 - whatever wrong bytes make a decoder raise, the message is unreadable
            self._damaged += 1

    def stamped(self, name: str) -> Stamped:
        """The times of the edge that came most often."""
        edge = max(self._edges.values(), key=lambda item: len(item.rows), default=_Edge())
        bag_ns = np.array(edge.bag_ns, dtype=np.int64)
        order = np.argsort(bag_ns, kind="stable")
        return Stamped(name, bag_ns[order], np.array(edge.stamps, dtype=np.int64)[order])

    def _take(self, time_ns: int, message: Any) -> None:
        for item in (fields_of(message) or {}).get("transforms", ()):
            stamped = fields_of(item) or {}
            header = fields_of(stamped["header"]) or {}
            stamp = fields_of(header["stamp"]) or {}
            seconds, nanoseconds = (int(value) for value in stamp.values())
            transform = fields_of(stamped["transform"]) or {}
            translation = fields_of(transform["translation"]) or {}
            rotation = fields_of(transform["rotation"]) or {}
            edge = self._edges.setdefault((_plain(header["frame_id"]), _plain(stamped["child_frame_id"])), _Edge())
            edge.stamps.append(seconds * 1_000_000_000 + nanoseconds)
            edge.bag_ns.append(time_ns)
            edge.rows.append(
                (*(float(translation[axis]) for axis in "xyz"), *(float(rotation[axis]) for axis in "xyzw"))
            )

    def tree(self, placed: Callable[[Stamped], Stamps], warnings: list[str]) -> "TransformTree":
        """The tree, with the times of every edge placed on the clock of the frames."""
        motions = {}
        if self._damaged:
            warnings.append(f"tf: {self._damaged} messages cannot be decoded")
        for (parent, child), edge in self._edges.items():
            bag_ns = np.array(edge.bag_ns, dtype=np.int64)
            headers = np.array(edge.stamps, dtype=np.int64)
            lines: list[str] = []
            times_ns = placed(Stamped.of(f"tf {parent} to {child}", bag_ns, headers, lines))
            warnings += lines if len(edge.rows) > 1 else []
            order = np.argsort(times_ns, kind="stable")
            rows = np.array(edge.rows, dtype=np.float64)[order]
            norms = np.linalg.norm(rows[:, 3:], axis=1, keepdims=True)
            quaternions = rows[:, 3:] / np.where(norms > 0, norms, np.nan)
            motions[parent, child] = EdgeMotion(times_ns[order], rows[:, :3], quaternions)
        return TransformTree(motions)


class TransformTree:
    """Frames and how they move against each other."""

    def __init__(self, edges: dict[tuple[str, str], EdgeMotion]) -> None:
        self._edges = edges

    @property
    def frames(self) -> tuple[str, ...]:
        """Names of all frames."""
        return tuple(sorted({name for edge in self._edges for name in edge}))

    def guess(self) -> tuple[str, str] | None:
        """(base, tool) by their names, where a path joins them and something on it moves."""
        for root in _named_like(self.frames, _ROOTS):
            for tool in _named_like(self.frames, _TOOLS):
                steps = self._path(root, tool) if root != tool else None
                if steps and any(self._edges[edge].times_ns.size > 1 for edge, _ in steps):
                    return root, tool
        return None

    def chain(self, parent: str, child: str) -> EdgeMotion | str:
        """How one frame moved in another, sampled when the fastest edge between them was; why not, in words."""
        for name in (parent, child):
            if name not in self.frames:
                return f"there is no frame {name}; there are {', '.join(self.frames) or 'none'}"
        steps = self._path(parent, child)
        if not steps:
            return f"no transforms lead from {parent} to {child}"
        fastest = max((self._edges[edge].times_ns for edge, _ in steps), key=len)
        position = np.zeros((fastest.size, 3))
        orientation = np.tile([0.0, 0.0, 0.0, 1.0], (fastest.size, 1))
        for edge, is_forward in steps:
            step_position, step_orientation = _sampled(self._edges[edge], fastest)
            if not is_forward:
                step_orientation = step_orientation * [-1.0, -1.0, -1.0, 1.0]
                step_position = -_rotated(step_orientation, step_position)
            position = position + _rotated(orientation, step_position)
            orientation = _product(orientation, step_orientation)
        return EdgeMotion(fastest, position, orientation)

    def _path(self, start: str, goal: str) -> list[tuple[tuple[str, str], bool]] | None:
        """The edges from one frame to the other, each with its direction."""
        came: dict[str, tuple[tuple[str, str], bool]] = {}
        waiting = deque([start])
        while waiting and goal not in came:
            here = waiting.popleft()
            for edge, other, is_forward in self._around(here):
                if other not in came and other != start:
                    came[other] = (edge, is_forward)
                    waiting.append(other)
        if goal not in came:
            return None
        steps = []
        here = goal
        while here != start:
            edge, is_forward = came[here]
            steps.append((edge, is_forward))
            here = edge[0] if is_forward else edge[1]
        return steps[::-1]

    def _around(self, frame: str) -> Iterator[tuple[tuple[str, str], str, bool]]:
        for edge in self._edges:
            if frame == edge[0]:
                yield edge, edge[1], True
            elif frame == edge[1]:
                yield edge, edge[0], False


def _plain(name: object) -> str:
    """Frames of ROS 1 were sometimes written with a slash."""
    return str(name).lstrip("/")


def _named_like(frames: Iterable[str], wanted: tuple[str, ...]) -> list[str]:
    """Frames that have one of the names, or end in one, the usual names first."""
    names = tuple(frames)
    exact = [name for word in wanted for name in names if name.lower() == word]
    ending = [name for word in wanted for name in names if name.lower().endswith(f"_{word}")]
    return list(dict.fromkeys(exact + ending))


def _sampled(motion: EdgeMotion, times_ns: Stamps) -> tuple[Floats, Floats]:
    """Position and orientation at some times, straight between samples and held outside of them, as tf2 does."""
    if motion.times_ns.size == 1:
        return np.repeat(motion.position, times_ns.size, 0), np.repeat(motion.orientation_xyzw, times_ns.size, 0)
    right = np.clip(np.searchsorted(motion.times_ns, times_ns, side="left"), 1, motion.times_ns.size - 1)
    left = right - 1
    span = (motion.times_ns[right] - motion.times_ns[left]).astype(np.float64)
    share = (times_ns - motion.times_ns[left]) / np.where(span > 0, span, 1.0)
    weight = np.clip(share, 0.0, 1.0)[:, np.newaxis]
    position = motion.position[left] * (1 - weight) + motion.position[right] * weight
    first, second = motion.orientation_xyzw[left], motion.orientation_xyzw[right]
    same_side = np.where(np.sum(first * second, axis=1, keepdims=True) < 0, -1.0, 1.0)
    blended = first * (1 - weight) + second * same_side * weight
    return position, blended / np.linalg.norm(blended, axis=1, keepdims=True)


def _rotated(orientation_xyzw: Floats, vectors: Floats) -> Floats:
    axis, scalar = orientation_xyzw[:, :3], orientation_xyzw[:, 3:]
    turned = 2.0 * np.cross(axis, vectors)
    return np.asarray(vectors + scalar * turned + np.cross(axis, turned))


def _product(first_xyzw: Floats, second_xyzw: Floats) -> Floats:
    a, b = first_xyzw[:, :3], second_xyzw[:, :3]
    v, w = first_xyzw[:, 3:], second_xyzw[:, 3:]
    vector = v * b + w * a + np.cross(a, b)
    return np.concatenate([vector, v * w - np.sum(a * b, axis=1, keepdims=True)], axis=1)
