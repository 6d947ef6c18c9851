"""Rules about grasps: what the label says against grip force, fingers and the object in the hand."""

import numpy as np

from failview.detectors.conditioning.rotations import Rotations
from failview.model.annotation import Annotation
from failview.model.roles import Role
from failview.quality.rule import Answer, CannotTell, Rule, Said
from failview.quality.signal_evidence import GRIP_FORCE, SignalEvidence, Span, touches

_LOSSES = frozenset({"slip_during_lift", "dropped_in_transport"})
_CARRIED = "grasp.carried_m"


def _no_grip(_label: Annotation, evidence: SignalEvidence) -> Answer:
    peak = evidence.peak(GRIP_FORCE)
    if peak is None:
        return CannotTell(evidence.why_not("grasp", "gripper_force"))
    limit_n = evidence.settings["label.grip_force_n"]
    if peak.value >= limit_n:
        return None
    return Said(
        f"the grip force never passed {peak.value:.1f} N, at {{}} (a grip presses {limit_n:.1f} N): nothing was held",
        (peak.frame,),
    )


def _still_held(label: Annotation, evidence: SignalEvidence) -> Answer:
    """What is in the fingers from before the onset to the end was not lost."""
    holds = evidence.holds
    if holds is None:
        return CannotTell(evidence.why_not("grasp", "gripper_aperture or gripper_force"))
    if not holds or holds[-1].last < evidence.num_frames - 1:
        return None
    onset = label.failure_onset_frame
    if (onset is None and len(holds) > 1) or (onset is not None and onset < holds[-1].first):
        return None
    return Said("held from {} to the last frame, {}: nothing was lost", (holds[-1].first, holds[-1].last))


def _held_after_all(label: Annotation, evidence: SignalEvidence) -> Answer:
    """A miss closes on nothing; a hold where it should have been is no miss."""
    holds, empty = evidence.holds, evidence.empty_grips
    if holds is None or empty is None:
        return CannotTell(evidence.why_not("grasp", "gripper_aperture or gripper_force"))
    there = evidence.around(label.failure_onset_frame)
    if touches(empty, there) or evidence.events("grasp.missed", within=there):
        return None
    near = [span for span in holds if touches([span], there)]
    if not near:
        return None
    return Said("something was held from {} to {}", (near[0].first, near[0].last))


def _carried_before_lost(label: Annotation, evidence: SignalEvidence) -> Answer:
    """A slip and a drop differ by how far the object had been carried."""
    there = evidence.around(label.failure_onset_frame)
    lost = evidence.events("grasp.slip", "grasp.drop", within=there)
    known = [item for item in lost if "carried_m" in item.measures]
    if not known:
        return CannotTell("no loss of the object is seen near the onset")
    way_m = known[0].measures["carried_m"]
    limit_m = evidence.settings[_CARRIED]
    is_drop = label.failure_subcategory == "dropped_in_transport"
    if (way_m > limit_m) is is_drop or _nearly(way_m, limit_m):
        return None
    meant = "slip during lift" if is_drop else "dropped in transport"
    far = "only " if is_drop else ""
    return Said(
        f"the object had been carried {far}{100 * way_m:.0f} cm when it was lost at {{}} "
        f"(limit {100 * limit_m:.0f} cm): {meant}?",
        (int(known[0].measures.get("lost_frame", known[0].end_frame)),),
    )


def _never_turned(_label: Annotation, evidence: SignalEvidence) -> Answer:
    """An unstable grasp turns; without poses of hand and object nobody can tell."""
    if evidence.events("grasp.unstable", "grasp.oscillation"):
        return None
    holds = evidence.holds
    if holds is None:
        return CannotTell(evidence.why_not("grasp", "gripper_aperture or gripper_force"))
    if not holds:
        return Said("nothing was ever held")
    turned = [(peak, frame) for span in holds for peak, frame in [_turn(evidence, span)] if np.isfinite(peak)]
    if not turned:
        return CannotTell("object_orientation with ee_orientation is not recorded")
    most_deg, frame = max(turned)
    limit_deg = evidence.settings["grasp.turn_deg"]
    if most_deg >= limit_deg:
        return None
    return Said(
        f"the object never turned more than {most_deg:.0f}° in the hand, at {{}} (limit {limit_deg:.0f}°)", (frame,)
    )


def _turn(evidence: SignalEvidence, span: Span) -> tuple[float, int]:
    """(largest turn of the object against the hand since it was gripped, deg; its frame); NaN where unknown."""
    held, hand = evidence.per_frame(Role.OBJECT_ORIENTATION), evidence.per_frame(Role.EE_ORIENTATION)
    if held is None or hand is None:
        return float("nan"), 0
    held, hand = held[span.first : span.last + 1], hand[span.first : span.last + 1]
    known = (np.linalg.norm(held, axis=1) > 0) & (np.linalg.norm(hand, axis=1) > 0)
    if not known.any():
        return float("nan"), 0
    in_hand = Rotations.of(hand[known]).inv() * Rotations.of(held[known])
    turned_deg = np.degrees((in_hand[0].inv() * in_hand).magnitude())
    most = int(np.argmax(turned_deg))
    return float(turned_deg[most]), span.first + int(np.flatnonzero(known)[most])


def _nearly(value: float, limit: float) -> bool:
    """Within a fifth of a limit nobody should be corrected by a sensor."""
    return abs(value - limit) < 0.2 * limit


GRASP_RULES = (
    Rule(
        "missed_grasp_but_held",
        "failure_subcategory",
        frozenset({"missed_grasp"}),
        "stretches in which something is held",
        ("label.near_s",),
        _held_after_all,
    ),
    Rule(
        "loss_without_grip_force",
        "failure_subcategory",
        _LOSSES,
        "peak grip force",
        ("label.grip_force_n",),
        _no_grip,
    ),
    Rule(
        "loss_but_still_held",
        "failure_subcategory",
        _LOSSES,
        "stretches in which something is held",
        (),
        _still_held,
    ),
    Rule(
        "slip_or_drop",
        "failure_subcategory",
        _LOSSES,
        "how far the object was carried before it was lost",
        (_CARRIED, "label.near_s"),
        _carried_before_lost,
    ),
    Rule(
        "unstable_but_never_turned",
        "failure_subcategory",
        frozenset({"unstable_grasp"}),
        "turn of the object in the hand",
        ("grasp.turn_deg",),
        _never_turned,
    ),
)
