"""What the columns of a MuJoCo simulator state are, where the recording carries its model."""

import re
import xml.etree.ElementTree as ET  # entity declarations are refused before parsing
from dataclasses import dataclass

_POSITION_SUFFIXES = {
    "free": ("x", "y", "z", "qw", "qx", "qy", "qz"),
    "ball": ("qw", "qx", "qy", "qz"),
    "slide": ("pos",),
    "hinge": ("pos",),
}
_VELOCITY_SUFFIXES = {
    "free": ("vx", "vy", "vz", "wx", "wy", "wz"),
    "ball": ("wx", "wy", "wz"),
    "slide": ("vel",),
    "hinge": ("vel",),
}
_ENTITY = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True)
class StateColumns:
    """Columns of a flattened MuJoCo state: time, then qpos, then qvel (robosuite's MjSimState.flatten()).

    Attributes:
        labels: One per column; "time" first.
    """

    labels: tuple[str, ...]


def state_columns(model_xml: str, width: int) -> StateColumns | None:
    """The columns of a state of this width, when the model's joints account for every one of them.

    Args:
        model_xml: MJCF text that the recording carries; a mere file name gives None.
        width: Number of columns of the recorded state.
    """
    if "<mujoco" not in model_xml or _ENTITY.search(model_xml):
        return None
    try:
        root = ET.fromstring(model_xml)  # noqa: S314 - entities are refused above
    except ET.ParseError:
        return None
    positions, velocities = ["time"], []
    for name, kind in _joints(root):
        positions += [f"{name}.{suffix}" for suffix in _POSITION_SUFFIXES[kind]]
        velocities += [f"{name}.{suffix}" for suffix in _VELOCITY_SUFFIXES[kind]]
    labels = tuple(positions + velocities)
    return StateColumns(labels) if len(labels) == width else None


def _joints(root: ET.Element) -> list[tuple[str, str]]:
    """(name, type) of every joint in the order of qpos: depth first through the bodies."""
    joints: list[tuple[str, str]] = []
    world = root.find("worldbody")
    for element in () if world is None else world.iter():
        if element.tag == "freejoint":
            joints.append((element.get("name", f"joint{len(joints)}"), "free"))
        elif element.tag == "joint":
            kind = element.get("type", "hinge")
            if kind in _POSITION_SUFFIXES:
                joints.append((element.get("name", f"joint{len(joints)}"), kind))
    return joints
