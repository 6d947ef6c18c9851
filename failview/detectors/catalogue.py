"""All detectors, and the way from an episode to its findings.

First each episode is looked at by itself; then the dataset as a whole teaches what is usual; then each first look is
concluded in that light, which is cheap. An episode alone is concluded without.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from failview.detectors.calibrated import calibrated, calibrated_proposal
from failview.detectors.collision.collision import CollisionDetector
from failview.detectors.conditioning.condition import condition
from failview.detectors.conditioning.conditioned import ConditionedEpisode
from failview.detectors.detector import Case, Detector, Findings
from failview.detectors.grasping.grasp import GraspDetector
from failview.detectors.grasping.grasp_story import GraspStory
from failview.detectors.grasping.reading import read_story
from failview.detectors.smoothness import SmoothnessDetector
from failview.detectors.suggestion.facts import EpisodeFacts, facts_of
from failview.detectors.suggestion.suggestion import suggest
from failview.detectors.task_success.task_success import TaskSuccess
from failview.detectors.tracking import TrackingDetector
from failview.detectors.workspace.workspace import WorkspaceDetector
from failview.model.annotation import Outcome
from failview.model.clock import NS_PER_S
from failview.model.detection import EpisodeFindings, ProposedField
from failview.model.episode import Episode
from failview.model.signals import Values
from failview.settings.thresholds import DetectorSettings

LOGGER = logging.getLogger(__name__)

DETECTORS: tuple[Detector, ...] = (
    TaskSuccess(),
    GraspDetector(),
    CollisionDetector(),
    SmoothnessDetector(),
    TrackingDetector(),
    WorkspaceDetector(),
)

_LEAST_ROWS = 5
_LONGEST_TOLD = 120


@dataclass(frozen=True, eq=False)
class FirstLook:
    """What the detectors see in one episode by itself.

    Attributes:
        episode_id: The episode.
        findings: By detector; without arrays.
        facts: The story of the grasps, in frames.
        notes: What was done to the signals first.
        arrays: Raw arrays of all detectors by name with unit.
        array_times_ns: (rows,) times of the arrays; None when row i is frame i.
    """

    episode_id: str
    findings: Mapping[str, Findings]
    facts: EpisodeFacts
    notes: tuple[str, ...]
    arrays: Mapping[str, Values] = field(default_factory=dict)
    array_times_ns: npt.NDArray[np.int64] | None = None

    def without_arrays(self) -> "FirstLook":
        """The same without its raw arrays."""
        return replace(self, arrays={}, array_times_ns=None)


@dataclass(frozen=True, eq=False)
class Learnt:
    """What a dataset teaches.

    Attributes:
        statistics: Small arrays by detector and name.
        episodes: Number of episodes that taught it.
    """

    statistics: Mapping[str, Mapping[str, Values]]
    episodes: int


def first_look(episode: Episode, settings: DetectorSettings) -> FirstLook:
    """Judge one episode by itself."""
    conditioned = condition(episode)
    brief = _too_brief(conditioned)
    story = GraspStory(not_judged=brief) if brief else read_story(conditioned, settings)
    case = Case(conditioned, story, settings)
    findings = {detector.name: _judged(detector, case) for detector in DETECTORS}
    arrays = {name: values for item in findings.values() for name, values in item.arrays.items()}
    clock = conditioned.clock
    times_ns = None if clock.is_frames else np.round(clock.times_s * NS_PER_S).astype(np.int64)
    return FirstLook(
        episode.episode_id,
        {name: replace(item, arrays={}) for name, item in findings.items()},
        facts_of(case),
        conditioned.notes,
        arrays,
        times_ns,
    )


def learn(looks: Sequence[FirstLook], settings: DetectorSettings) -> Learnt:
    """What a dataset teaches: what is usual in its episodes, and in those that seem to have succeeded."""
    succeeded = [_succeeded(look, settings) for look in looks]
    statistics = {
        detector.name: _taught(detector, [look.findings[detector.name].summary for look in looks], succeeded)
        for detector in DETECTORS
    }
    return Learnt(statistics, len(looks))


def conclude(look: FirstLook, learnt: Learnt | None, settings: DetectorSettings) -> EpisodeFindings:
    """What is found in an episode in the light of the dataset, and what is proposed."""
    statistics = {} if learnt is None else learnt.statistics
    refined = {
        detector.name: _refined(detector, look.findings[detector.name], statistics.get(detector.name, {}), settings)
        for detector in DETECTORS
    }
    found = [calibrated(item, settings) for findings in refined.values() for item in findings.detections]
    found.sort(key=lambda item: item.start_frame)
    return EpisodeFindings(
        episode_id=look.episode_id,
        detections=tuple(found),
        proposal=calibrated_proposal(suggest(found, look.facts), settings),
        not_judged={name: item.not_judged for name, item in refined.items() if item.not_judged},
        notes=look.notes,
        arrays=look.arrays,
        array_times_ns=look.array_times_ns,
    )


# A defect of one detector must not take the others down: what it would have said is "not judged".


def _judged(detector: Detector, case: Case) -> Findings:
    brief = _too_brief(case.conditioned)
    if brief:
        return Findings(not_judged=brief)
    try:
        return detector.judge(case)
    except Exception as error:  # noqa: BLE001 - see above
        return Findings(not_judged=_failed(detector, case.conditioned.episode.episode_id, error))


def _taught(
    detector: Detector, summaries: Sequence[Mapping[str, Values]], succeeded: Sequence[bool]
) -> Mapping[str, Values]:
    try:
        return detector.learn(summaries, succeeded)
    except Exception as error:  # noqa: BLE001 - see above
        _failed(detector, "the dataset", error)
        return {}


def _refined(
    detector: Detector, findings: Findings, learnt: Mapping[str, Values], settings: DetectorSettings
) -> Findings:
    try:
        return detector.refine(findings, learnt, settings)
    except Exception as error:  # noqa: BLE001 - see above
        return Findings(not_judged=_failed(detector, "what the dataset teaches", error))


def _failed(detector: Detector, on: str, error: Exception) -> str:
    """One line for people; the traceback goes to the log."""
    LOGGER.debug("detector %s failed on %s", detector.name, on, exc_info=error)
    told = " ".join(str(error).split())
    return f"the detector {detector.name} failed ({type(error).__name__}{': ' if told else ''}{told[:_LONGEST_TOLD]})"


def _too_brief(conditioned: ConditionedEpisode) -> str:
    """Why an episode is too short to judge; empty when it is not."""
    if conditioned.rows >= _LEAST_ROWS:
        return ""
    frames = conditioned.episode.num_frames
    if frames >= _LEAST_ROWS:
        return f"the episode lasts {conditioned.episode.clock.duration_s or 0.0:.2g} s, too short to judge"
    return f"the episode has {frames} frame{'' if frames == 1 else 's'}, too few to judge"


def _succeeded(look: FirstLook, settings: DetectorSettings) -> bool:
    outcome = conclude(look, None, settings).proposal.get(ProposedField.OUTCOME)
    return outcome is not None and outcome.value == Outcome.SUCCESS.value
