"""The robot of an episode, as its model file describes it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Frames = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RobotLink:
    """One body of the robot.

    Attributes:
        name: Its name in the model.
        parent: Number of the link it hangs on; -1 for a root.
    """

    name: str
    parent: int


class ShapeKind(StrEnum):
    """What a piece of a link is."""

    MESH = "mesh"
    BOX = "box"
    CYLINDER = "cylinder"
    SPHERE = "sphere"


@dataclass(frozen=True)
class LinkShape:
    """A piece of a link, for drawing.

    Attributes:
        link: Number of the link it moves with.
        kind: What it is; a cylinder stands along z.
        size: (x, y, z) factors for a mesh; for the others the edge lengths of the box around it, m.
        position_m: (x, y, z) of its middle, or of the mesh's origin, in the link's frame, m.
        orientation_xyzw: In the link's frame.
        mesh: File of a mesh.
    """

    link: int
    kind: ShapeKind
    size: tuple[float, float, float]
    position_m: tuple[float, float, float]
    orientation_xyzw: tuple[float, float, float, float]
    mesh: Path | None = None


@dataclass(frozen=True, eq=False)
class LinkPoses:
    """Where every link is at some frames, in the frame of the episode's positions; NaN where the joints are unknown.

    Attributes:
        positions_m: (frames, links, 3) origins of the links, m.
        orientations_xyzw: (frames, links, 4) unit quaternions x y z w.
    """

    positions_m: Values
    orientations_xyzw: Values


@dataclass(frozen=True, eq=False)
class Robot:
    """A robot model fitted to the joint positions of an episode.

    Attributes:
        path: The URDF or MJCF file.
        ee_frame: Frame of the end effector in it.
        joint_names: Joint of the model per column of `joint_position`; "" for a column that is no joint of it.
        lower: (columns,) lower joint limits, rad (m for a sliding joint); -inf where there is none.
        upper: (columns,) upper joint limits; inf where there is none.
        guessed: True when the order of the joints or the end effector's frame is a guess.
        links: Every body.
        shapes: What there is to draw of the links; empty when the model has no shapes, or none was found.
        link_poses: Computes the poses of all links at the given frames. Nothing keeps the result.
        found: Why this model is taken where no profile names one; empty when one does.
    """

    path: Path
    ee_frame: str
    joint_names: tuple[str, ...]
    lower: Values
    upper: Values
    guessed: bool
    links: tuple[RobotLink, ...]
    shapes: tuple[LinkShape, ...]
    link_poses: Callable[[Frames], LinkPoses]
    found: str = ""
