"""The profile: what a person says about a dataset, in TOML beside the data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from failview.loaders.remote.remote_path import local_address
from failview.loaders.roles.role_names import Combine
from failview.model.roles import ARBITRARY_UNIT, ROLE_SPECS, UNIT_FACTORS, Quantity, Role
from failview.settings.success_criterion import SuccessCriterion

PROFILE_SUFFIX = ".failview.toml"
PROFILE_IN_FOLDER = "failview.toml"


@dataclass(frozen=True)
class RoleMapping:
    """What the profile says about one role.

    Attributes:
        streams: Streams to put side by side; empty switches the role off.
        columns: Columns of them, counted over all streams; None takes all.
        unit: Unit in the file; None leaves it to the file or to the guess.
        scale: Extra factor, for scales that no unit covers.
        sign: 1 or -1.
        combine: How several columns become one.
        guessed: Written down by failview and confirmed by nobody yet.
    """

    streams: tuple[str, ...]
    columns: tuple[int, ...] | slice | None = None
    unit: str | None = None
    scale: float = 1.0
    sign: int = 1
    combine: Combine = Combine.NONE
    guessed: bool = False


@dataclass(frozen=True)
class GripperLimits:
    """The gripper's range, where the profile gives it.

    Attributes:
        aperture_min_m: Opening when closed on nothing, m.
        aperture_max_m: Opening when open, m.
        force_max_n: Largest force, N.
    """

    aperture_min_m: float | None = None
    aperture_max_m: float | None = None
    force_max_n: float | None = None


@dataclass(frozen=True)
class RobotModel:
    """The robot's model.

    Attributes:
        path: URDF or MJCF file.
        ee_frame: Frame of the end effector in it.
        base: Where the model's origin is among the recorded positions: x, y, z in m, and a quaternion x y z w behind
            them when it is turned; empty for the same origin.
        ee_from_joints: The end effector is computed from the joints even where one is recorded.
        none_wanted: No model at all, not even one that lies beside the data.
    """

    path: Path | None = None
    ee_frame: str = ""
    base: tuple[float, ...] = ()
    ee_from_joints: bool = False
    none_wanted: bool = False


@dataclass(frozen=True)
class TransformChain:
    """Two frames of recorded transforms (tf) between which the end effector's pose is taken.

    Attributes:
        parent: Frame in which the pose is given ("base_link"); "" leaves the choice to failview.
        child: Frame whose pose it is ("tool0").
    """

    parent: str = ""
    child: str = ""


@dataclass(frozen=True)
class DetectorValues:
    """What the profile puts in place of the detectors' defaults.

    Attributes:
        thresholds: Value by the name of a threshold.
        confidence: (slope, offset) by detection kind, as `failview calibrate` writes them.
        joint_residual_nm: Limit of the unexplained torque per joint, Nm; empty without.
    """

    thresholds: Mapping[str, float] = field(default_factory=dict)
    confidence: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    joint_residual_nm: tuple[float, ...] = ()


@dataclass(frozen=True)
class Profile:
    """Everything a profile says; an empty one says nothing.

    Attributes:
        path: Its file; None when there is none.
        task: What the robot is asked to do, in place of what the file says.
        object_name: Name of the manipulated object.
        rate_hz: Frames per second, in place of what the file says.
        cameras: Camera names in the order to show them; the others follow.
        channel_order: Order of the colours in the stored pictures, "rgb" or "bgr"; "" leaves it to the format.
        gripper: The gripper's range.
        robot: The robot's model.
        tf: Frames of recorded transforms that give the end effector's pose.
        success: Success criterion.
        detectors: Thresholds and confidences in place of the defaults.
        roles: Mappings by role.
    """

    path: Path | None = None
    task: str = ""
    object_name: str = ""
    rate_hz: float | None = None
    cameras: tuple[str, ...] = ()
    channel_order: str = ""
    gripper: GripperLimits = field(default_factory=GripperLimits)
    robot: RobotModel = field(default_factory=RobotModel)
    tf: TransformChain = field(default_factory=TransformChain)
    success: SuccessCriterion = field(default_factory=SuccessCriterion)
    detectors: DetectorValues = field(default_factory=DetectorValues)
    roles: Mapping[Role, RoleMapping] = field(default_factory=dict)


def allowed_units(role: Role) -> tuple[str, ...]:
    """Units that a profile may give a role; "arbitrary" for a scale that nobody can explain."""
    quantity = ROLE_SPECS[role].quantity
    explained = tuple(UNIT_FACTORS[quantity])
    return explained if quantity in {Quantity.QUATERNION, Quantity.NONE} else (*explained, ARBITRARY_UNIT)


def profile_path_for(dataset: Path) -> Path:
    """Where the profile of a dataset is looked for first, and written; that of a remote one in a user folder."""
    place = local_address(dataset).resolve()
    return place.with_name(place.name + PROFILE_SUFFIX)


def find_profile(dataset: Path) -> Path | None:
    """The profile beside a dataset, or the one of its folder; None without one."""
    beside = profile_path_for(dataset)
    inside = (dataset if dataset.is_dir() else dataset.parent) / PROFILE_IN_FOLDER
    if beside.is_file():
        return beside
    return inside if inside.is_file() else None
