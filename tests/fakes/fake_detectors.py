"""Detectors that keep the promises of the catalogue with one simple rule: a gripper that ends nearly closed lost it.

`looked` tells which episodes were looked at in this process, in order. An episode whose task is "kill" ends the
process, one whose task is "fail" raises.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from failview.model.detection import Detection, EpisodeFindings, FieldProposal, ProposedField
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.model.signals import Values
from failview.settings.thresholds import DetectorSettings

looked: list[str] = []


@dataclass(frozen=True, eq=False)
class FirstLook:
    episode_id: str
    smallest_m: float
    frame: int
    apertures_m: Values
    arrays: Mapping[str, Values] = field(default_factory=dict)
    array_times_ns: npt.NDArray[np.int64] | None = None

    def without_arrays(self) -> "FirstLook":
        return replace(self, arrays={}, array_times_ns=None)


@dataclass(frozen=True, eq=False)
class Learnt:
    typical_m: tuple[float, ...]


def first_look(episode: Episode, settings: DetectorSettings) -> FirstLook:
    looked.append(episode.episode_id)
    if episode.task == "kill":
        os._exit(9)
    if episode.task == "fail":
        raise ValueError("this episode makes no sense")
    aperture = episode.signals[Role.GRIPPER_APERTURE].values[:, 0]
    frame = int(np.argmin(aperture))
    return FirstLook(
        episode.episode_id, float(aperture[frame]), frame, aperture[:3], {"fake.aperture_m": aperture}, None
    )


def learn(looks: Sequence[FirstLook], settings: DetectorSettings) -> Learnt:
    return Learnt((float(np.median([look.smallest_m for look in looks])), float(len(looks))))


def conclude(look: FirstLook, learnt: Learnt | None, settings: DetectorSettings) -> EpisodeFindings:
    limit_m = settings["grasp.empty_aperture_m"] if learnt is None else learnt.typical_m[0]
    lost = look.smallest_m < limit_m
    evidence = f"aperture {look.smallest_m * 1000:.1f} mm, limit {limit_m * 1000:.1f} mm"
    slip = Detection("grasp", "grasp.slip", look.frame, look.frame, 0.8, evidence, measures={"smallest_m": np.nan})
    outcome = FieldProposal("failure" if lost else "success", 0.75, evidence, "grasp")
    return EpisodeFindings(
        episode_id=look.episode_id,
        detections=(slip,) if lost else (),
        proposal={ProposedField.OUTCOME: outcome},
        not_judged={"tracking": "nothing was commanded"},
        notes=("nothing was filled in",),
        arrays=look.arrays,
        array_times_ns=look.array_times_ns,
    )
