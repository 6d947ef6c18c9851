"""Detectors that are simple to see through: a slip is a grip force that ends above a threshold, and they are too sure.

An episode's force at its end is planted; so is what is true of it. Kept promises: those of `Detectors`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from failview.detectors.calibrated import calibrated, calibrated_proposal
from failview.errors import DatasetError
from failview.model.detection import Detection, EpisodeFindings, FieldProposal, ProposedField
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.model.signals import Values
from failview.settings.thresholds import DetectorSettings

SURE = 0.95
BROKEN_N = 99.0


@dataclass(frozen=True, eq=False)
class FirstLook:
    """Whether the force ends above the threshold, and a coin that the detectors take for a stop."""

    episode_id: str
    slipped: bool
    stopped: bool
    num_frames: int
    findings: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Values] = field(default_factory=dict)
    array_times_ns: npt.NDArray[np.int64] | None = None

    def without_arrays(self) -> "FirstLook":
        return self


@dataclass(frozen=True)
class Learnt:
    """How many episodes taught it."""

    episodes: int


def first_look(episode: Episode, settings: DetectorSettings) -> FirstLook:
    force_n = float(episode.signals[Role.GRIPPER_FORCE].values[-1, 0])
    if force_n == BROKEN_N:
        raise DatasetError("planted", where=episode.episode_id)
    stopped = int(episode.episode_id.removeprefix("demo_")) % 2 == 0
    return FirstLook(episode.episode_id, force_n > settings["grasp.lost_force_n"], stopped, episode.num_frames)


def learn(looks: Sequence[FirstLook], settings: DetectorSettings) -> Learnt:
    return Learnt(len(looks))


def conclude(look: FirstLook, learnt: Learnt | None, settings: DetectorSettings) -> EpisodeFindings:
    assert learnt is not None
    assert learnt.episodes >= 20
    last = look.num_frames - 1
    found = []
    if look.slipped:
        found.append(Detection("grasp", "grasp.slip", 4, last, SURE, "planted"))
    if look.stopped:
        found.append(Detection("smoothness", "motion.stop", 2, last, SURE, "a coin"))
    found = [calibrated(item, settings) for item in found]
    subcategory = "slip_during_lift" if look.slipped else None
    proposal = {
        ProposedField.OUTCOME: FieldProposal("failure" if look.slipped else "success", SURE, "planted", "grasp"),
        ProposedField.SUBCATEGORY: FieldProposal(subcategory, SURE, "planted", "grasp"),
    }
    if look.slipped:
        proposal[ProposedField.ONSET] = FieldProposal(4, SURE, "planted", "grasp")
    return EpisodeFindings(look.episode_id, tuple(found), calibrated_proposal(proposal, settings), {})
