"""The table of what is simulated: kinds, their variants, and what counts as a right answer for each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from evaluation_set import contact_mishaps as contact
from evaluation_set import grasp_mishaps as grasp
from evaluation_set import motion_mishaps as motion
from evaluation_set import place_mishaps as placing
from evaluation_set import successes as good
from evaluation_set.moves import Maker


@dataclass(frozen=True)
class Variant:
    """One way in which an episode of a kind can go."""

    kind: str
    name: str
    make: Maker
    things: tuple[str, ...]
    outcomes: frozenset[str]
    subcategories: tuple[str | None, ...]  # what the truth may say; the first event decides which it is
    attribution: str | None = None
    also_outcomes: frozenset[str] = frozenset()
    also_subcategories: tuple[str | None, ...] = ()
    check: Callable[[dict[str, Any]], bool] | None = None


FAILED: Final = frozenset({"failure"})
GOOD: Final = frozenset({"success"})
PARTIAL: Final = frozenset({"partial_success"})
ANY: Final = FAILED | PARTIAL
ALL: Final = ("cube", "block", "can", "bottle", "peg", "tub")
FIRM: Final = ("cube", "block", "can", "bottle", "tub")
SMALL: Final = ("cube", "can")
STANDING: Final = ("can", "bottle")
PERSON: Final = "operator_error"
ROBOT: Final = "robot_failure"


def _near(truth: dict[str, Any]) -> bool:
    return 0.018 < truth["final_distance_m"] < 0.029


def _gentle(truth: dict[str, Any]) -> bool:
    first = next((contact for contact in truth["contacts"] if contact["kind"] == "robot_obstacle"), None)
    return first is not None and 6.0 <= first["peak_force_n"] <= 15.0


def _near_miss(truth: dict[str, Any]) -> bool:
    return 0.034 < truth["final_distance_m"] < 0.065


def _brushed(truth: dict[str, Any]) -> bool:
    return bool(truth["moved_after_release_m"] > 0.002)


def _success(name: str, make: Maker, things: tuple[str, ...] = ALL, **more: Any) -> Variant:
    return Variant("success", name, make, things, GOOD, (None,), **more)


def _missed(name: str, make: Maker, things: tuple[str, ...], outcomes: frozenset[str] = FAILED) -> Variant:
    return Variant("missed_grasp", name, make, things, outcomes, ("missed_grasp",), PERSON,
                   GOOD if outcomes == PARTIAL else frozenset())  # fmt: skip


def _slip(kind: str, name: str, make: Maker, outcomes: frozenset[str], things: tuple[str, ...] = SMALL) -> Variant:
    return Variant(kind, name, make, things, outcomes, ("slip_during_lift",),
                   ROBOT if kind == "slip_during_lift" else None,
                   GOOD if outcomes == PARTIAL else frozenset())  # fmt: skip


def _hit(name: str, make: Maker, things: tuple[str, ...], what: tuple[str, ...], **more: Any) -> Variant:
    also = more.pop("also", ())
    return Variant("collision", name, make, things, ANY, what, also_subcategories=also, **more)


def _placed(kind: str, name: str, make: Maker, things: tuple[str, ...], who: str | None = None, **more: Any) -> Variant:
    return Variant(kind, name, make, things, FAILED, (kind,), who, **more)


_THROUGH: Final = ("trajectory_through_obstacle",)
_PLANNING: Final = ("infeasible_approach", "joint_limit")

VARIANTS: Final = (
    _success("plain", good.plain),
    _success("heavy", good.heavy, ("cube", "can", "tub")),
    _success("weak_grip", good.weak_grip, ("cube", "can", "peg")),
    _success("near_tolerance", good.near_tolerance, check=_near),
    _success("regrasp", good.regrasp, ("cube", "block", "can", "peg")),
    _success("dead_stops", good.dead_stops),
    _success("tremor", good.tremor),
    _success("brushing_release", good.brushing_release, ("cube", "block", "can"), check=_brushed),
    _success("wide_object", good.plain, ("tub",)),
    _success("thin_object", good.plain, ("peg",)),
    _success("fast", good.fast, FIRM),
    _success("slow", good.slow),
    _success("ends_early", good.ends_early),
    _success("ends_closed", good.ends_closed),
    _missed("beside_x", grasp.beside_x, ALL),
    _missed("beside_y", grasp.beside_y, ("cube", "block", "peg")),
    _missed("above", grasp.above, ALL),
    _missed("pressed_tips", grasp.pressed_tips, ("cube", "block", "peg")),
    _missed("second_try", grasp.second_try, ("cube", "can", "block", "peg"), PARTIAL),
    _slip("slip_during_lift", "grip_decay", grasp.grip_decay, FAILED, ("cube", "can", "tub", "block")),
    _slip("slip_during_lift", "insufficient_grip", grasp.insufficient_grip, FAILED, ("cube", "can", "tub", "block")),
    _slip("slip_recovered", "grip_decay+regrasp", grasp.decay_and_regrasp, PARTIAL),
    _slip("slip_recovered", "insufficient+regrasp", grasp.insufficient_and_regrasp, PARTIAL),
    _slip("slip_failed_recovery", "grip_decay+weak_regrasp", grasp.decay_and_weak_regrasp, FAILED),
    _slip("slip_failed_recovery", "grip_decay+offset_regrasp", grasp.decay_and_offset_regrasp, FAILED),
    _placed("dropped_in_transport", "grip_fades", placing.grip_fades, FIRM, ROBOT),
    _placed("dropped_in_transport", "early_open", placing.early_open, ALL),
    _placed("dropped_in_transport", "partial_open", placing.partial_open, ("cube", "block", "can", "peg", "bottle")),
    Variant("unstable_grasp", "off_centre", grasp.off_centre, ("block",), ANY, ("unstable_grasp",)),
    Variant("unstable_grasp", "off_centre+placed", grasp.off_centre, ("block",), PARTIAL, ("unstable_grasp",)),
    Variant("unstable_grasp", "off_centre+lost", grasp.off_centre_lost, ("block",), FAILED, ("unstable_grasp",)),
    _placed("missed_target", "near", placing.near_miss, ALL, PERSON, check=_near_miss),
    _placed("missed_target", "far", placing.far_miss, ALL, PERSON),
    _placed("tipped_after_release", "tilted_release", placing.tilted_release, ("bottle",)),
    _placed("tipped_after_release", "pushed_on_retreat", placing.pushed_on_retreat, STANDING,
            also_subcategories=("object_knocked_over",)),
    _hit("post_approach", contact.post_approach, FIRM, ("gripper_obstacle", "arm_environment"), also=_THROUGH),
    _hit("post_transport", contact.post_transport, SMALL, ("gripper_obstacle", "arm_environment"), also=_THROUGH),
    _hit("gentle", contact.gentle, SMALL, ("gripper_obstacle",), also=_THROUGH, check=_gentle),
    _hit("arm_link", contact.arm_link, SMALL, ("arm_environment",), also=_THROUGH),
    _hit("table_contact", contact.table_contact, ("cube", "block", "peg"), ("gripper_obstacle",),
         also=("arm_environment",)),
    Variant("knocked_over", "target", contact.target_knocked, ("bottle",), FAILED, ("object_knocked_over",), PERSON),
    Variant("knocked_over", "bystander", contact.bystander_knocked, ("cube", "can"), PARTIAL, ("object_knocked_over",),
            PERSON),
    Variant("jerky", "shake", motion.shake, ("cube", "block", "can"), GOOD, (None,), PERSON, PARTIAL),
    Variant("jerky", "estop", motion.estop, ("cube", "block", "can"), GOOD, (None,), PERSON, PARTIAL),
    Variant("joint_limit", "object_out_of_reach", motion.object_out_of_reach, FIRM, FAILED, _PLANNING),
    Variant("joint_limit", "goal_out_of_reach", motion.goal_out_of_reach, FIRM, FAILED, _PLANNING),
    Variant("joint_limit", "too_near", motion.too_near, FIRM, FAILED, _PLANNING),
    Variant("tracking_error", "actuator_derated", motion.derated, SMALL, PARTIAL, ("other_planning",), ROBOT, GOOD,
            (None,)),
    Variant("tracking_error", "delayed", motion.delayed, SMALL, PARTIAL, ("other_planning",), ROBOT, GOOD, (None,)),
)  # fmt: skip
