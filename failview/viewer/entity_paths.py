"""Names of everything we log, and the colours they have. Layouts refer to the same names."""

from collections.abc import Mapping

import rerun as rr

from failview.model.roles import Role

FRAME_TIMELINE = "frame"
TIME_TIMELINE = "time"

INDEX = "/frames"
"""One row per frame, so that both timelines have their whole range. It is logged last of what an episode needs to be
shown: when the viewer has it, it has the rest."""

SCENE = "/scene"
EE = "/scene/end_effector"
EE_TRAIL = "/scene/executed"
COMMAND_TRAIL = "/scene/commanded"
OBJECT = "/scene/object"
GOAL = "/scene/goal"
ROBOT = "/scene/robot"
ROBOT_BONES = "/scene/robot/bones"
ROBOT_JOINTS = "/scene/robot/joints"

ANNOTATION_LANE = "/annotation"
PHASE_LANE = "/phase"
GRASP_STATE_LANE = "/grasp_state"
DETECTOR_LANES = "/detectors"
LANES = (ANNOTATION_LANE, f"{DETECTOR_LANES}/**", GRASP_STATE_LANE, PHASE_LANE)
"""What the view of lanes shows. Rerun 0.41 orders them by name, and these names put what matters most on top."""

FRAME_NUMBER = "/frame_number"
MISSING = "/missing"
LABEL = "/label"

TARED_FORCE = "/plots/gripper_force/tared"
WRENCH_FORCE = "/plots/wrist_force"
WRENCH_TORQUE = "/plots/wrist_torque"

SCENE_ROLES = (Role.EE_POSITION, Role.OBJECT_POSITION, Role.GOAL_POSITION, Role.EE_COMMAND)

PLOT_ROLES = (
    Role.GRIPPER_APERTURE,
    Role.GRIPPER_FORCE,
    Role.WRENCH,
    Role.JOINT_TORQUE,
    Role.EXTERNAL_TORQUE,
    Role.JOINT_VELOCITY,
    Role.JOINT_POSITION,
    Role.ACTION,
)
"""Roles drawn as curves."""

Rgb = tuple[int, int, int]

BLUE: Rgb = (90, 169, 255)
RED: Rgb = (239, 106, 95)
AMBER: Rgb = (229, 173, 76)
GREEN: Rgb = (79, 191, 131)
TEAL: Rgb = (70, 194, 200)
VIOLET: Rgb = (177, 140, 255)
MUTED: Rgb = (100, 112, 122)
DARK: Rgb = (52, 62, 70)

HUES: Mapping[str, Rgb] = {
    "red": RED,
    "amber": AMBER,
    "green": GREEN,
    "teal": TEAL,
    "violet": VIOLET,
    "accent": BLUE,
    "muted": MUTED,
}
"""The panel's colours by their names."""

SERIES_COLORS = (BLUE, AMBER, GREEN, VIOLET, TEAL, (236, 130, 190), (205, 210, 120))
"""Colours of curves in the order of their columns. Red is left out: it means failure."""


def camera_path(name: str) -> str:
    """Entity of a camera's pictures. Different names never share one; a slash in a name makes no folder."""
    return rr.new_entity_path(["cameras", name])


def readings_path(camera: str, part: str) -> str:
    """Entity of a part of the readings over a camera's pictures: below the camera, so that its view shows it."""
    return rr.new_entity_path(["cameras", camera, "readings", part])


def robot_link_path(number: int) -> str:
    """Entity of a link of the robot, by its number: names in a model may hold anything."""
    return f"{ROBOT}/links/{number}"


def detector_lane(title: str) -> str:
    """Entity of a detector's events, by its short name: the viewer writes it above the lane."""
    return f"{DETECTOR_LANES}/{title}"


def array_path(view: str) -> str:
    """Entity of the curves of a raw array, by the view that shows it."""
    return f"/plots/detectors/{view}"


def other_path(name: str) -> str:
    """Entity of the curves of a stream without a role. A slash in a name makes no folder."""
    return rr.new_entity_path(["plots", "other", name])


def plot_path(role: Role) -> str:
    """Entity of a role's curves."""
    return f"/plots/{role.value}"
