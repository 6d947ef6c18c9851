"""Forward kinematics of a robot model."""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from failview.errors import DatasetError
from failview.loaders.robot.link_shapes import link_shapes
from failview.loaders.robot.model_file import build, read_root
from failview.loaders.roles.orientations import without_sign_jumps
from failview.model.robot import LinkPoses, RobotLink, Values

_EE_NAMES = (
    r"(^|_)hand_tcp$", r"(^|_)tcp$", r"(^|_)tool0$", r"(^|_)eef$", r"(^|_)ee(_link|_frame)?$", r"end_?effector",
    r"grasp", r"(^|_)grip(per)?(_link|_center|_base)?$", r"(^|_)(right_)?hand$", r"flange", r"grip", r"tool",
)  # fmt: skip
"""Names of end-effector frames in public robot models, the surest first."""

_NO_LIMIT = 1e6
"""A limit beyond this (rad or m) says that there is none."""


class Kinematics:
    """A robot model and its base pose. Thread-safe: nothing changes after construction.

    Attributes:
        path: The model file.
        joints: Names of the joints of one degree of freedom, in model order.
        links: Every body.
        shapes: What there is to draw of them.
    """

    def __init__(self, path: Path, base: tuple[float, ...] = ()) -> None:
        """Base is (x, y, z) in m, or with a quaternion x y z w behind: the model's origin among the positions.

        Raises:
            DatasetError: The model cannot be used.
        """
        root = read_root(path)
        self.path = path
        self._pin, self._model = build(path, root)
        turn = np.array(base[3:] or (0, 0, 0, 1), dtype=np.float64)
        self._base = self._pin.XYZQUATToSE3(np.array([*(base[:3] or (0, 0, 0)), *(turn / np.linalg.norm(turn))]))
        self._ids = {
            str(self._model.names[index]): index
            for index in range(1, self._model.njoints)
            if self._model.joints[index].nv == 1
        }
        self.joints: tuple[str, ...] = tuple(self._ids)
        if not self.joints:
            raise DatasetError("this robot model has no joint that moves", where=path)
        self._frames = self._usable_frames()
        bodies = [index for index, frame in enumerate(self._model.frames) if frame.type == self._pin.FrameType.BODY]
        self._bodies = bodies
        self.links = tuple(RobotLink(str(self._model.frames[index].name), self._parent(index)) for index in bodies)
        self.shapes = link_shapes(path, root, [link.name for link in self.links])

    @property
    def base_from_model(self) -> Values:
        """(4, 4) pose of the model's origin among the recorded positions."""
        return np.asarray(self._base.homogeneous)

    @property
    def frames(self) -> tuple[str, ...]:
        """Names of the frames that an end effector can have."""
        return tuple(self._frames)

    def require_frame(self, name: str) -> str:
        """The name of a frame, if the model has it.

        Raises:
            DatasetError: It has none of that name; the message names the closest.
        """
        if name in self._frames:
            return name
        near = difflib.get_close_matches(name, self._frames, n=3, cutoff=0.3) or list(self._frames)[-3:]
        is_site = any(frame.name == name for frame in self._model.frames)
        what = f"{name} is a site, whose place Pinocchio may get wrong" if is_site else f"there is no frame {name}"
        raise DatasetError(what, where=self.path, hint=f"Use {' or '.join(near)}")

    def likely_ee_frame(self, known: Collection[str]) -> str:
        """The frame that is most likely the end effector's: by name, else the one farthest from the base.

        Args:
            known: Joints with data; frames that hang on others are left out as long as there is one that does not.
        """
        frames = [name for name in self._frames if self.chain(name)]
        reached = [name for name in frames if set(self.chain(name)) <= set(known)] or frames
        for pattern in _EE_NAMES:
            found = [name for name in reached if re.search(pattern, name.lower())]
            if found:
                return found[-1]
        return max(reached, key=lambda name: len(self.chain(name)))

    def chain(self, frame: str) -> tuple[str, ...]:
        """The joints between the base and a frame, in model order."""
        joint, ids = self._model.frames[self._frames[frame]].parentJoint, set()
        while joint:
            ids.add(joint)
            joint = self._model.parents[joint]
        return tuple(name for name, index in self._ids.items() if index in ids)

    def limits(self, joint: str) -> tuple[float, float]:
        """Lower and upper limit in rad, in m for a sliding joint; infinite where there is none."""
        part = self._model.joints[self._ids[joint]]
        if part.nq != 1:
            return -np.inf, np.inf
        low, high = self._model.lowerPositionLimit[part.idx_q], self._model.upperPositionLimit[part.idx_q]
        return (low if low > -_NO_LIMIT else -np.inf), (high if high < _NO_LIMIT else np.inf)

    def fingers(self, used: Iterable[str]) -> tuple[str, ...]:
        """The two sliding joints of a gripper, both without data; () when it is not obvious which they are."""
        rest = [name for name in self.joints if name not in set(used)]
        sliding = [
            name for name in rest if re.search(r"P[XYZ]?$|Prismatic", self._model.joints[self._ids[name]].shortname())
        ]
        parents = {self._model.parents[self._ids[name]] for name in sliding}
        return tuple(sliding) if len(sliding) == 2 and len(parents) == 1 else ()

    def frame_poses(self, values: Values, columns: Mapping[str, int], frame: str) -> tuple[Values, Values]:
        """Positions (samples, 3) in m and orientations (samples, 4) x y z w of one frame; NaN where a joint is NaN.

        Args:
            values: (samples, columns) joint positions in rad or m.
            columns: Column per joint; the other joints rest.
            frame: One of `frames`.
        """
        poses = self._poses(values, columns, [self._frames[frame]])[:, 0]
        return poses[:, :3], without_sign_jumps(poses[:, 3:])

    def all_frame_poses(self, values: Values, columns: Mapping[str, int]) -> dict[str, Values]:
        """(samples, 7) position in m and quaternion x y z w of every frame; arguments as of `frame_poses`."""
        poses = self._poses(values, columns, list(self._frames.values()))
        return {name: poses[:, number] for number, name in enumerate(self._frames)}

    def link_poses(self, values: Values, columns: Mapping[str, int]) -> LinkPoses:
        """Poses of all links, one row of values per frame; the arguments are those of `frame_poses`."""
        poses = self._poses(values, columns, self._bodies)
        return LinkPoses(poses[..., :3], poses[..., 3:])

    def _poses(self, values: Values, columns: Mapping[str, int], frame_ids: Sequence[int]) -> Values:
        pin, model = self._pin, self._model
        configurations = self._configurations(values, columns)
        poses = np.full((len(values), len(frame_ids), 7), np.nan)
        data = model.createData()
        for row in np.flatnonzero(np.isfinite(configurations).all(axis=1)):
            pin.framesForwardKinematics(model, data, configurations[row])
            for number, index in enumerate(frame_ids):
                poses[row, number] = pin.SE3ToXYZQUAT(self._base * data.oMf[index])
        return poses

    def _configurations(self, values: Values, columns: Mapping[str, int]) -> Values:
        """(samples, nq); a joint without limits is a point on a circle, and takes two numbers."""
        rows = np.tile(np.asarray(self._pin.neutral(self._model), dtype=np.float64), (len(values), 1))
        for joint, column in columns.items():
            part = self._model.joints[self._ids[joint]]
            angle = values[:, column]
            rows[:, part.idx_q] = angle if part.nq == 1 else np.cos(angle)
            if part.nq == 2:
                rows[:, part.idx_q + 1] = np.sin(angle)
        return rows

    def _usable_frames(self) -> dict[str, int]:
        """Bodies first, then joints. Sites are left out: Pinocchio 4.1 misplaces them on nested fixed bodies."""
        kinds = self._pin.FrameType
        named: dict[str, int] = {}
        for kind in (kinds.BODY, kinds.FIXED_JOINT, kinds.JOINT):
            for index, frame in enumerate(self._model.frames):
                if index and frame.type == kind:
                    named.setdefault(str(frame.name), index)
        return named

    def _parent(self, frame_id: int) -> int:
        """Number of the body that a body hangs on; -1 for none."""
        frames: Any = self._model.frames
        above = frames[frame_id].parentFrame
        while above and frames[above].type != self._pin.FrameType.BODY:
            above = frames[above].parentFrame
        return self._bodies.index(above) if above else -1
