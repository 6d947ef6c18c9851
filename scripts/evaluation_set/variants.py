"""The table of what is simulated for evaluation."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Variant:
    """One way in which an episode of a kind can go."""

    kind: str
    name: str
    source: str  # kind of pick_place_sim.kinds
    subcategory: str | None
    outcomes: frozenset[str]
    attribution: str | None = None
    also_outcomes: set[str] = field(default_factory=set)
    also_subcategories: tuple[str | None, ...] = ()


FAILED: Final = frozenset({"failure"})
BAD: Final = frozenset({"failure", "partial_success"})
GOOD: Final = frozenset({"success"})
PARTIAL: Final = frozenset({"partial_success"})
_SLIP: Final = "slip_during_lift"
_OPERATOR: Final = "operator_error"

VARIANTS: Final = (
    Variant("success", "plain", "success", None, GOOD),
    Variant("success", "hesitant", "success_hesitant", None, GOOD),
    Variant("missed_grasp", "beside_x", "missed_grasp", "missed_grasp", FAILED, _OPERATOR),
    Variant(_SLIP, "grip_decay", _SLIP, _SLIP, BAD, "robot_failure"),
    Variant("slip_recovered", "grip_decay+regrasp", "slip_recovered", _SLIP, PARTIAL, None, {"success"}),
    Variant("dropped_in_transport", "grip_fades", "dropped_in_transport", "dropped_in_transport", FAILED,
            "robot_failure"),
    Variant("missed_target", "far", "missed_target", "missed_target", FAILED, _OPERATOR),
    Variant("tipped_after_release", "tilted_release", "tipped_after_release", "tipped_after_release", FAILED),
    Variant("collision", "post_transport", "gripper_obstacle", "gripper_obstacle", BAD, None, set(),
            ("trajectory_through_obstacle",)),
    Variant("knocked_over", "target", "object_knocked_over", "object_knocked_over", FAILED, _OPERATOR),
    Variant("unstable_grasp", "off_centre", "unstable_grasp", "unstable_grasp", BAD),
)  # fmt: skip
