"""The JSON of what was found in an episode, as `failview detect --json` prints it and its file keeps it."""

import math
from typing import Any

from failview.model.detection import Detection, EpisodeFindings, FieldProposal, ProposedField
from failview.proposals.plain_values import to_plain

_CONFIDENCE, _EVIDENCE, _DETECTOR = "confidence", "evidence", "detector"

_LAST_FRAME = 2**31 - 1
"""No episode is longer; sixteen months at 50 frames a second."""


def findings_json(findings: EpisodeFindings) -> dict[str, Any]:
    """Everything but the raw arrays. Numbers that are none become null."""
    by_name = {field.value: item for field, item in findings.proposal.items()}
    return {
        "episode_id": findings.episode_id,
        "proposal": {
            **{name: to_plain(item.value) for name, item in by_name.items()},
            _CONFIDENCE: {name: _rounded(item.confidence) for name, item in by_name.items()},
            _EVIDENCE: {name: item.evidence for name, item in by_name.items()},
            _DETECTOR: {name: item.detector for name, item in by_name.items()},
        },
        "detections": [_detection_json(detection) for detection in findings.detections],
        "not_judged": dict(findings.not_judged),
        "notes": list(findings.notes),
    }


def _detection_json(detection: Detection) -> dict[str, Any]:
    return {
        "detector": detection.detector,
        "kind": detection.kind,
        "start_frame": int(detection.start_frame),
        "end_frame": int(detection.end_frame),
        "confidence": _rounded(detection.confidence),
        "evidence": detection.evidence,
        "obvious_frame": None if detection.obvious_frame is None else int(detection.obvious_frame),
        "measures": {name: _number(value) for name, value in detection.measures.items()},
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _rounded(confidence: float) -> float:
    """Digits that mean nothing are left out."""
    return round(float(confidence), 4)


def findings_from_json(plain: Any) -> EpisodeFindings:
    """What was found, without arrays.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: It is not that.
    """
    proposal = plain["proposal"]
    names = proposal[_CONFIDENCE]
    return EpisodeFindings(
        episode_id=str(plain["episode_id"]),
        detections=tuple(_detection(item) for item in plain["detections"]),
        proposal={
            ProposedField(name): FieldProposal(
                _value(proposal[name]),
                float(names[name]),
                str(proposal[_EVIDENCE][name]),
                str(proposal[_DETECTOR][name]),
            )
            for name in names
        },
        not_judged={str(name): str(reason) for name, reason in plain["not_judged"].items()},
        notes=tuple(map(str, plain["notes"])),
    )


def kept_findings(plain: Any) -> EpisodeFindings:
    """What a file says was found. Unlike what the detectors have just said, it may be anybody's.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: It is not that, or holds frames or confidences that cannot be.
    """
    findings = findings_from_json(plain)
    for event in findings.detections:
        obvious = event.start_frame if event.obvious_frame is None else event.obvious_frame
        if not (0 <= event.start_frame <= event.end_frame <= _LAST_FRAME and 0 <= obvious <= _LAST_FRAME):
            raise ValueError(f"{event.kind} at impossible frames")
    confidences = [event.confidence for event in findings.detections]
    confidences += [item.confidence for item in findings.proposal.values()]
    if not all(0.0 <= confidence <= 1.0 for confidence in confidences):
        raise ValueError("a confidence that is none")
    return findings


def _detection(plain: Any) -> Detection:
    obvious = plain["obvious_frame"]
    return Detection(
        detector=str(plain["detector"]),
        kind=str(plain["kind"]),
        start_frame=int(plain["start_frame"]),
        end_frame=int(plain["end_frame"]),
        confidence=float(plain["confidence"]),
        evidence=str(plain["evidence"]),
        obvious_frame=None if obvious is None else int(obvious),
        measures={str(name): math.nan if value is None else float(value) for name, value in plain["measures"].items()},
    )


def _value(plain: Any) -> str | int | bool | None:
    if plain is None or isinstance(plain, str | int | bool):
        return plain
    raise TypeError("no value of a field")
