"""Finds contacts of the arm and the hand that the task does not ask for.

Two witnesses, each enough by itself and surer together: the torque that the robot's model does not explain
(`contact_torque.py`), or the robot's own estimate of it where it is recorded; and the force at the wrist beyond the
weight and inertia of the gripper (`wrist_contact.py`). A contact that loads the joints while the wrist stays quiet
is one of the arm.

The confidence is logistic in the logarithm of the ratio to the limit, r^2 / (1 + r^2): half at the limit, 0.8 at
twice, 0.94 at four times; r is the geometric mean where both see the contact. A lone witness takes off a tenth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from failview.detectors.collision.contact_spans import Span, contact_spans
from failview.detectors.collision.contact_torque import ContactTorque, contact_torque
from failview.detectors.collision.expected_contact import task_phases
from failview.detectors.collision.learnt_limits import LIMITS, SUSTAINED, learnt_limits, sustained
from failview.detectors.collision.resistance import gave_way
from failview.detectors.collision.witnesses import Witness, torque_witness, wrist_witness
from failview.detectors.collision.wrist_contact import WristForce, wrist_force
from failview.detectors.conditioning.medians import column_medians, median
from failview.detectors.confidence import from_ratio
from failview.detectors.detector import Case, Findings
from failview.model.detection import Detection
from failview.model.signals import Values
from failview.settings.thresholds import DetectorSettings

KIND = "collision.contact"

_BOTH, _LONE = 0.98, 0.9
"""Nothing is surer than this: a contact that torque and wrist see, and one that only one of them sees."""

_DISTAL = 3
"""Joints of the wrist: what loads them touches the hand."""


@dataclass(frozen=True, eq=False)
class _Seen:
    """Everything seen in one episode."""

    torque: ContactTorque | None
    by_torque: Witness | None
    wrist: WristForce | None
    by_wrist: Witness | None


class CollisionDetector:
    """Judges contacts."""

    name = "collision"

    def judge(self, case: Case) -> Findings:
        """Every contact that does not belong to the task."""
        conditioned = case.conditioned
        if not conditioned.clock.timed:
            return Findings(not_judged="the file tells no time: neither speeds nor durations are known")
        if conditioned.rows < 2:
            return Findings(not_judged="the episode is too short")
        phases = task_phases(case.story, conditioned.rows, conditioned.clock.rate_hz)
        torque = contact_torque(conditioned, phases)
        wrist = wrist_force(conditioned, phases)
        if isinstance(torque, str) and wrist is None:
            return Findings(not_judged=torque)
        seen = _Seen(
            None if isinstance(torque, str) else torque,
            None if isinstance(torque, str) else torque_witness(torque, phases, case.settings),
            wrist,
            None if wrist is None else wrist_witness(wrist, phases, case.settings),
        )
        least_s = case.settings["collision.duration_s"]
        spans = contact_spans(seen.by_torque, seen.by_wrist, conditioned.clock, least_s)
        return Findings(
            tuple(_detection(case, seen, span) for span in spans),
            arrays=_arrays(seen),
            summary={} if seen.torque is None else {SUSTAINED: sustained(seen.torque, phases, conditioned.clock)},
        )

    def learn(self, summaries: Sequence[Mapping[str, Values]], succeeded: Sequence[bool]) -> Mapping[str, Values]:
        """The limit of each joint, from the episodes that succeeded."""
        return learnt_limits(summaries, succeeded)

    def refine(self, findings: Findings, learnt: Mapping[str, Values], settings: DetectorSettings) -> Findings:
        """Contacts that load no joint more than successes do are none, unless the wrist vouches for them."""
        limits = learnt.get(LIMITS)
        if limits is None or settings.joint_residual_nm:
            return findings
        kept = [item for item in findings.detections if not _usual(item, limits)]
        return replace(findings, detections=tuple(kept))


def _usual(found: Detection, limits: Values) -> bool:
    joint = int(found.measures.get("joint", 0))
    if not 1 <= joint <= len(limits) or found.measures.get("wrist_ratio", 0.0) > 1.0:
        return False
    return bool(found.measures["peak_nm"] <= limits[joint - 1])


def _detection(case: Case, seen: _Seen, span: Span) -> Detection:
    clock = case.conditioned.clock
    rows = slice(span.onset_row, span.last_row + 1)
    start, end = clock.frame_from(span.onset_row), clock.frame_from(span.last_row)
    measures: dict[str, float] = {"duration_s": (span.last_row - span.onset_row + 1) / clock.rate_hz}
    ratios, evidence = [], []
    at_hand = _at_hand(seen, slice(span.first_row, span.last_row + 1))
    if seen.torque is not None and seen.by_torque is not None:
        peak = span.onset_row + int(seen.by_torque.ratio[rows].argmax())
        joint = int(seen.by_torque.source[peak])
        size, limit = float(seen.by_torque.size[peak]), float(seen.by_torque.limit[peak])
        measures |= {"peak_nm": size, "limit_nm": limit, "joint": joint + 1, "torque_ratio": size / limit}
        ratios.append(size / limit)
        what = "recorded external torque" if seen.torque.recorded else "residual"
        evidence.append(
            f"{what} {size:.1f} Nm on {_joint(seen.torque, joint)} from frame {start} to {end} (limit {limit:.1f})"
        )
    if seen.by_wrist is not None:
        peak = span.onset_row + int(seen.by_wrist.ratio[rows].argmax())
        force_n, limit_n = float(seen.by_wrist.size[peak]), float(seen.by_wrist.limit[peak])
        measures |= {"peak_n": force_n, "wrist_ratio": force_n / limit_n}
        ratios.append(force_n / limit_n)
        evidence.append(
            f"wrist force {force_n:.0f} N" + ("" if force_n > limit_n and at_hand else ": the hand touches nothing")
        )
    if at_hand is not None:
        measures["at_hand"] = float(at_hand)
    felt_n = None if seen.by_wrist is None else seen.by_wrist.size
    yielded = gave_way(case.conditioned, span, felt_n)
    if yielded is not None:
        measures["yielded"] = float(yielded)
        evidence.append("what was hit gave way" if yielded else "it held the hand up")
    ratio = float(np.sqrt(np.prod(ratios))) if span.both else max(ratios)
    return Detection(
        "collision",
        KIND,
        start,
        max(start, end),
        from_ratio(ratio, 1.0, sharpness=2.0, most=_BOTH if span.both else _LONE),
        "; ".join(evidence),
        obvious_frame=max(start, clock.frame_from(span.first_row)),
        measures=measures,
    )


def _joint(torque: ContactTorque, number: int) -> str:
    name = torque.joints[number]
    return name if name.startswith("joint ") else f"joint {number + 1} ({name})"


def _at_hand(seen: _Seen, rows: slice) -> bool | None:
    """Whether the contact is at the hand: the wrist tells, else the last joints; None when neither can.

    A hand that is stopped with the arm shakes at the first moment; one that touches something feels it all along.
    """
    if seen.by_wrist is not None and seen.by_wrist.judged[rows].any():
        return median(seen.by_wrist.ratio[rows]) > 1.0
    if seen.torque is None or seen.torque.direct.shape[1] <= _DISTAL:
        return None
    agreed = np.abs(seen.torque.agreed)
    usual = 1.4826 * column_medians(np.abs(seen.torque.direct))
    return bool((agreed[rows].max(axis=0) > 6.0 * usual)[-_DISTAL:].any())


def _arrays(seen: _Seen) -> dict[str, Values]:
    arrays: dict[str, Values] = {}
    if seen.torque is not None:
        arrays["collision.residual_nm"] = seen.torque.direct
        arrays["collision.observer_nm"] = seen.torque.observed
    if seen.wrist is not None:
        arrays["collision.wrist_n"] = seen.wrist.size_n
    return arrays
