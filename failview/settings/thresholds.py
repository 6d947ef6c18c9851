"""The one table of detector thresholds: value, unit, meaning and source of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from failview.settings.success_criterion import SuccessCriterion


@dataclass(frozen=True)
class Threshold:
    """One number that decides something.

    Attributes:
        name: "<detector>.<name with unit>"; the key in the profile's [detectors] table.
        value: Default.
        unit: Unit for people; "" for a plain number.
        meaning: What it decides.
        source: Where the default comes from.
        minimum: Smallest value that makes sense.
        maximum: Largest value that makes sense.
        tried: Values that `calibrate` may put in its place; empty where a definition, not the sensors, decides.
    """

    name: str
    value: float
    unit: str
    meaning: str
    source: str
    minimum: float = 0.0
    maximum: float = float("inf")
    tried: tuple[float, ...] = ()


_SPEC = "the taxonomy's definition"
_PADS = "two pads of 8 mm radius with friction 0.6 (grasping/turning_moment.py)"
_SIMULATED = "simulated episodes with known contacts: successes and noisy copies stay below it"
_PLAUSIBLE = "chosen: well beyond what the definition leaves open"
_PICTURES = "drawn pictures: objects present, scaled, turned, absent"

THRESHOLDS: tuple[Threshold, ...] = (
    Threshold("success.goal_distance_m", 0.03, "m", "object this near to the goal has reached it", _SPEC),
    Threshold(
        "success.rest_speed_m_s", 0.02, "m/s", "an object slower than this rests", "twice the jitter of pose trackers"
    ),
    Threshold(
        "success.carried_m", 0.1, "m", "hand that moves this far sideways while holding has carried", "a table's scale"
    ),
    Threshold(
        "success.template_score", 0.7, "", "correlation from which the object's picture is found", _PICTURES, 0.0, 1.0
    ),
    Threshold(
        "success.template_lead", 0.05, "", "lead over the next best place that makes it sure", _PICTURES, 0.0, 1.0
    ),
    Threshold(
        "success.onnx_score", 0.25, "", "score from which a detected object counts", "YOLOv8's default", 0.0, 1.0
    ),
    Threshold(
        "grasp.empty_aperture_m",
        0.005,
        "m",
        "narrower than this (above the closed gripper) is empty",
        _SPEC,
        tried=(0.003, 0.008, 0.012),
    ),
    Threshold(
        "grasp.lost_force_n", 0.5, "N", "a grip that falls below this holds nothing", _SPEC, tried=(0.3, 0.8, 1.2)
    ),
    Threshold("grasp.turn_deg", 15.0, "deg", "an object that turns further in the hand is unstable", _SPEC),
    Threshold(
        "grasp.drop_height_m", 0.02, "m", "let go higher above the support is a drop", "placing stays within 1 cm"
    ),
    Threshold(
        "grasp.turning_arm_m",
        0.0065,
        "m",
        "moment over grip force that fingertips cannot hold",
        _PADS,
        tried=(0.005, 0.008),
    ),
    Threshold("grasp.carried_m", 0.05, "m", "a loss after a longer way sideways is a drop, not a slip", _SPEC),
    Threshold("collision.residual_nm", 5.0, "Nm", "more counts as contact however noisy the joint is", _SPEC),
    Threshold("collision.duration_s", 0.1, "s", "for at least this long", _SPEC),
    Threshold(
        "collision.sigmas",
        6.0,
        "",
        "residual this many robust sigmas of the episode's own noise",
        _SIMULATED,
        minimum=4.0,
        tried=(5.0, 8.0),
    ),
    Threshold(
        "collision.least_residual_nm",
        0.6,
        "Nm",
        "less never counts, however quiet the joint is",
        _SIMULATED,
        tried=(0.5, 1.2, 2.0),
    ),
    Threshold(
        "collision.least_force_n",
        1.2,
        "N",
        "less never counts, however quiet the wrist is",
        _SIMULATED,
        tried=(1.5, 4.0),
    ),
    Threshold(
        "collision.task_contact_nm", 10.0, "Nm", "grasping, lifting and placing may load a joint so far", _SIMULATED
    ),
    Threshold("collision.task_contact_n", 40.0, "N", "grasping, lifting and placing may press so hard", _SIMULATED),
    Threshold("tracking.error_m", 0.02, "m", "hand this far from its command", _SPEC),
    Threshold("tracking.duration_s", 0.1, "s", "for at least this long", _SPEC),
    Threshold(
        "smoothness.sigmas",
        3.0,
        "",
        "peak jerk this many robust sigmas above the dataset's median",
        _SPEC,
        tried=(4.0, 6.0),
    ),
    Threshold(
        "workspace.invalid_depth_share",
        0.2,
        "",
        "share of the middle of a depth picture not measured",
        _SPEC,
        maximum=1.0,
    ),
    Threshold("workspace.toppled_deg", 45.0, "deg", "an object that leans further has fallen", _SPEC),
    # label.*: from where on a signal contradicts what a person says; detectors do not look at them
    Threshold("label.grip_force_n", 0.5, "N", "a grip that never pressed harder held nothing", _SPEC),
    Threshold("label.goal_distance_m", 0.05, "m", "no success with the object further from the goal", _PLAUSIBLE),
    Threshold("label.near_s", 1.0, "s", "what happens this near to the onset belongs to it", _PLAUSIBLE),
    Threshold("label.onset_far_s", 1.5, "s", "an onset further from every event is doubtful", _PLAUSIBLE),
    Threshold("label.moved_m", 0.01, "m", "an object that came no nearer to the goal was not moved", "pose trackers"),
    Threshold("label.contact_force_n", 10.0, "N", "wrist force below this is no collision", "1 kg set down softly"),
    Threshold(
        "label.joint_limit_deg", 2.0, "deg", "a joint further from its limit is not at it", "twice the taxonomy's"
    ),
    Threshold("label.near_object_m", 0.1, "m", "a hand this near has found the object", _SPEC),
    Threshold("label.wait_s", 2.0, "s", "a hand that stands still this long waits", _SPEC),
    Threshold("label.stands_m_s", 0.03, "m/s", "a hand slower than this stands", "tremor and creep reach 1 or 2 cm/s"),
    Threshold("label.follows_m", 0.01, "m", "a hand this near to its command did what it was told", _PLAUSIBLE),
)

_BY_NAME = {threshold.name: threshold for threshold in THRESHOLDS}


def threshold_problem(name: str, value: float) -> str:
    """Why a threshold cannot have this value, as a clause; empty when it can."""
    threshold = _BY_NAME.get(name)
    if threshold is None:
        return f"there is no threshold {name}"
    if not threshold.minimum <= value <= threshold.maximum:
        return f"{name} must lie between {threshold.minimum:g} and {threshold.maximum:g} {threshold.unit}".rstrip()
    return ""


@dataclass(frozen=True)
class DetectorSettings:
    """The thresholds in force: the table's, and what a profile puts in their place.

    Attributes:
        overrides: Values by name that differ from the table.
        confidence: (slope, offset) by detection kind, as `calibrate` learnt them: the chance that a detection is
            right is the logistic of slope * logit(confidence) + offset.
        joint_residual_nm: Limit per joint learnt from successes, in place of collision.residual_nm; empty without.
        aperture_min_m: Opening of the gripper when closed on nothing, m; None when nobody says.
        aperture_max_m: Opening of the gripper when wide open, m; None when nobody says.
        success: When an episode counts as a success.
    """

    overrides: Mapping[str, float] = field(default_factory=dict)
    confidence: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    joint_residual_nm: tuple[float, ...] = ()
    aperture_min_m: float | None = None
    aperture_max_m: float | None = None
    success: SuccessCriterion = field(default_factory=SuccessCriterion)

    def __post_init__(self) -> None:
        """Refuse names and values that cannot be.

        Raises:
            ValueError: An unknown name, or a value outside its bounds.
        """
        for name, value in self.overrides.items():
            problem = threshold_problem(name, value)
            if problem:
                raise ValueError(problem)

    def __getitem__(self, name: str) -> float:
        """The value in force.

        Raises:
            KeyError: No such threshold.
        """
        return self.overrides.get(name, _BY_NAME[name].value)
