"""What the detectors found in an episode, and what they propose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from failview.model.signals import Values

FieldValue = str | int | bool | None


@dataclass(frozen=True)
class Detection:
    """An event in the signals of one episode.

    Attributes:
        detector: Name of the detector ("grasp").
        kind: What it found, as the taxonomy's detector_kinds name it ("grasp.slip").
        start_frame: First frame of the event, by the onset rule of what it is, not by where a threshold fired.
        end_frame: Last frame of the event, inclusive.
        confidence: 0 to 1.
        evidence: The reason in words and numbers.
        obvious_frame: First frame where nobody can doubt it, where the detector can tell.
        measures: The numbers behind it, by name with unit ("peak_nm"); what the suggestion weighs.
    """

    detector: str
    kind: str
    start_frame: int
    end_frame: int
    confidence: float
    evidence: str
    obvious_frame: int | None = None
    measures: Mapping[str, float] = field(default_factory=dict)


class ProposedField(StrEnum):
    """Fields of the annotation that the detectors can propose."""

    OUTCOME = "outcome"
    CATEGORY = "failure_category"
    SUBCATEGORY = "failure_subcategory"
    ONSET = "failure_onset_frame"
    OBVIOUS = "failure_obvious_frame"
    RECOVERY_ATTEMPTED = "recovery_attempted"
    RECOVERY_START = "recovery_start_frame"
    RECOVERY_END = "recovery_end_frame"
    RECOVERY_OUTCOME = "recovery_outcome"
    ATTRIBUTION = "attribution"


@dataclass(frozen=True)
class FieldProposal:
    """What is proposed for one field.

    Attributes:
        value: As the annotation holds it; None says "none" (a success has no category).
        confidence: 0 to 1: the chance that the value is right.
        evidence: The reason in words and numbers.
        detector: Detector behind it.
    """

    value: FieldValue
    confidence: float
    evidence: str
    detector: str


Proposal = Mapping[ProposedField, FieldProposal]
"""The proposed annotation; a field about which nothing can be said is left out."""


@dataclass(frozen=True, eq=False)
class EpisodeFindings:
    """Everything the detectors say about one episode.

    Attributes:
        episode_id: The episode.
        detections: Events, in order of their first frames.
        proposal: The proposed annotation.
        not_judged: Detector to the reason why it could not judge.
        notes: What was done to the signals before they were judged ("4 repeated frames filled in").
        arrays: Raw arrays by name with unit ("smoothness.jerk_m_s3"), (samples,) or (samples, columns).
        array_times_ns: (samples,) times of the arrays on the episode's clock; None when sample i is frame i.
    """

    episode_id: str
    detections: tuple[Detection, ...]
    proposal: Proposal
    not_judged: Mapping[str, str]
    notes: tuple[str, ...] = ()
    arrays: Mapping[str, Values] = field(default_factory=dict)
    array_times_ns: npt.NDArray[np.int64] | None = None
