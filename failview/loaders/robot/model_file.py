"""Reads a robot model file with Pinocchio, which is imported only here and only when a profile names a model."""

import importlib
import importlib.util
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from failview.errors import DatasetError

_MJCF, _URDF = "mujoco", "robot"


def read_root(path: Path) -> ET.Element:
    """The root of a model file.

    Raises:
        DatasetError: No such file, not XML, or neither URDF nor MJCF.
    """
    try:
        # expat since 2.4.1 refuses entities that grow without bound
        root = ET.parse(path).getroot()  # noqa: S314
    except OSError as error:
        raise DatasetError(f"the robot model cannot be read ({error.strerror})", where=path) from error
    except (ET.ParseError, LookupError, ValueError) as error:  # the last two: its encoding
        raise DatasetError(f"the robot model is not valid XML ({error})", where=path) from error
    if root.tag not in {_MJCF, _URDF}:
        raise DatasetError(f"<{root.tag}> is neither URDF nor MJCF", where=path)
    if any("xacro" in element.tag for element in root.iter()):
        raise DatasetError("this robot model is a xacro", where=path, hint="Expand it: xacro FILE > robot.urdf")
    return root


def build(path: Path, root: ET.Element) -> tuple[Any, Any]:
    """(Pinocchio, its model of the file).

    Raises:
        DatasetError: Pinocchio is not installed, or it does not understand the file.
    """
    if importlib.util.find_spec("pinocchio") is None:
        raise DatasetError("the robot model needs Pinocchio", where=path, hint="Install it with: pip install pin")
    try:
        pinocchio = importlib.import_module("pinocchio")
        make = pinocchio.buildModelFromMJCF if root.tag == _MJCF else pinocchio.buildModelFromUrdf
        model = make(str(path))
    except Exception as error:
        said = " ".join(str(error).rsplit("message:", 1)[-1].split()) or type(error).__name__
        raise DatasetError(f"Pinocchio cannot use this robot model ({said})", where=path) from error
    return pinocchio, model
