"""What every detector offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from failview.detectors.command_match import CommandMatch, matched_command
from failview.detectors.conditioning.conditioned import ConditionedEpisode
from failview.detectors.grasping.grasp_story import GraspStory
from failview.model.detection import Detection
from failview.model.signals import Values
from failview.settings.thresholds import DetectorSettings


@dataclass(frozen=True, eq=False)
class Case:
    """An episode before the detectors.

    Attributes:
        conditioned: Its signals.
        story: What the gripper did.
        settings: Thresholds in force.
    """

    conditioned: ConditionedEpisode
    story: GraspStory
    settings: DetectorSettings

    @cached_property
    def command(self) -> CommandMatch | str:
        """How far the hand is from its command, or why that cannot be judged; worked out once for all detectors."""
        return matched_command(self.conditioned, self.settings["tracking.error_m"])


@dataclass(frozen=True, eq=False)
class Findings:
    """What one detector found in one episode.

    Attributes:
        detections: Events. A detector that compares episodes gives every candidate here, and sorts out in `refine`.
        not_judged: Why it could not judge; empty when it did.
        arrays: (rows,) or (rows, columns) raw arrays by name with unit, on the working clock.
        summary: Small numbers that `learn` needs of this episode.
    """

    detections: tuple[Detection, ...] = ()
    not_judged: str = ""
    arrays: Mapping[str, Values] = field(default_factory=dict)
    summary: Mapping[str, Values] = field(default_factory=dict)


class Detector(Protocol):
    """One detector. Stateless; safe to use from several threads and processes."""

    @property
    def name(self) -> str:
        """Its name, as in `requirements.py`."""

    def judge(self, case: Case) -> Findings:
        """Judge one episode by itself."""

    def learn(self, summaries: Sequence[Mapping[str, Values]], succeeded: Sequence[bool]) -> Mapping[str, Values]:
        """Statistics of the dataset, from the summaries of its episodes and whether each seems to have succeeded."""

    def refine(self, findings: Findings, learnt: Mapping[str, Values], settings: DetectorSettings) -> Findings:
        """The findings in the light of the dataset; unchanged when nothing was learnt."""


class EpisodeByEpisode:
    """The part of a detector that learns nothing from other episodes."""

    def learn(self, summaries: Sequence[Mapping[str, Values]], succeeded: Sequence[bool]) -> Mapping[str, Values]:
        """Nothing."""
        del summaries, succeeded
        return {}

    def refine(self, findings: Findings, learnt: Mapping[str, Values], settings: DetectorSettings) -> Findings:
        """Unchanged."""
        del learnt, settings
        return findings
