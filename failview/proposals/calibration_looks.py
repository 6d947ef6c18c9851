"""First looks at labelled episodes under several thresholds, each made once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from failview.detectors.calibration.labels import Label
from failview.loaders.opening import OpenedDataset
from failview.model.detection import EpisodeFindings
from failview.proposals.detector_settings import settings_of
from failview.proposals.detectors_port import Detectors, detectors_of
from failview.proposals.episode_work import OPEN_DATASETS, JudgedSet, in_words
from failview.proposals.spreading import DIED, Workers, spread
from failview.settings.thresholds import DetectorSettings

Progress = Callable[[str, Iterable[Any], int], Iterable[Any]]


@dataclass(frozen=True)
class Variant:
    """What differs from the settings in force.

    Attributes:
        thresholds: (name, value) of every threshold that does.
        joint_residual_nm: Limits per joint; empty for those in force.
    """

    thresholds: tuple[tuple[str, float], ...] = ()
    joint_residual_nm: tuple[float, ...] = ()

    def on(self, settings: DetectorSettings) -> DetectorSettings:
        """These settings with the difference."""
        joints = self.joint_residual_nm or settings.joint_residual_nm
        return replace(settings, overrides={**settings.overrides, **dict(self.thresholds)}, joint_residual_nm=joints)


AS_IN_FORCE = Variant()


@dataclass(frozen=True)
class _Order:
    """An episode to look at under some variants."""

    episode_id: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class _Looks:
    looks: tuple[Any, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class _LookWork:
    judged: JudgedSet

    def __call__(self, orders: Sequence[_Order]) -> list[_Looks]:
        return [self._one(order) for order in orders]

    def _one(self, order: _Order) -> _Looks:
        try:
            dataset = OPEN_DATASETS.get(self.judged)
            settings = settings_of(dataset.part_of(order.episode_id)[0].profile)
            episode = dataset.open_episode(order.episode_id)
            detectors = detectors_of(self.judged.detectors)
            looks = (detectors.first_look(episode, variant.on(settings)) for variant in order.variants)
            return _Looks(tuple(look.without_arrays() for look in looks))
        except Exception as error:  # noqa: BLE001 - one broken episode does not stop the rest
            return _Looks(problem=in_words(error))


class LookedAt:
    """What the detectors see in labelled episodes, under one variant after the other.

    Attributes:
        problems: Why an episode could not be judged, by id.
    """

    def __init__(self, dataset: OpenedDataset, judged: JudgedSet, workers: Workers, progress: Progress) -> None:
        self._dataset = dataset
        self._judged = judged
        self._workers = workers
        self._progress = progress
        self._looks: dict[tuple[str, Variant], Any] = {}
        self._learnt: dict[tuple[Variant, tuple[str, ...]], Any] = {}
        self.problems: dict[str, str] = {}

    @property
    def detectors(self) -> Detectors:
        """The detectors."""
        return detectors_of(self._judged.detectors)

    def look(self, labels: Sequence[Label], variants: Sequence[Variant], what: str) -> None:
        """Look at episodes under variants; what was seen before is not looked at again."""
        orders = []
        for label in labels:
            missing = tuple(item for item in variants if (label.episode_id, item) not in self._looks)
            if missing and label.episode_id not in self.problems:
                orders.append(_Order(label.episode_id, missing))
        with OPEN_DATASETS.lent(self._judged, self._dataset):
            work = _LookWork(self._judged)
            done = spread(work, orders, self._workers, lambda _: _Looks(problem=DIED))
            for order, found in self._progress(what, done, len(orders)):
                if found.problem:
                    self.problems[order.episode_id] = found.problem
                for variant, look in zip(order.variants, found.looks, strict=False):
                    self._looks[order.episode_id, variant] = look

    def summary(self, label: Label, detector: str, variant: Variant = AS_IN_FORCE) -> Mapping[str, Any]:
        """What a detector summed up of an episode."""
        found = self._looks[label.episode_id, variant].findings.get(detector)
        return {} if found is None else found.summary

    def conclude(
        self,
        labels: Sequence[Label],
        among: Sequence[Label],
        variant: Variant,
        confidence: Mapping[str, tuple[float, float]] | None,
    ) -> list[tuple[EpisodeFindings, Label]]:
        """Findings of episodes, each with its label.

        Args:
            labels: The episodes.
            among: The dataset that teaches what is usual (nothing in it needs a label).
            variant: Thresholds.
            confidence: Lines by kind and field; None for those in force.
        """
        key = (variant, tuple(label.episode_id for label in among))
        if key not in self._learnt:
            looks = [self._looks[label.episode_id, variant] for label in among]
            self._learnt[key] = self.detectors.learn(looks, variant.on(self._settings(among[0])))
        concluded = []
        for label in labels:
            settings = variant.on(self._settings(label))
            if confidence is not None:
                settings = replace(settings, confidence=confidence)
            look = self._looks[label.episode_id, variant]
            concluded.append((self.detectors.conclude(look, self._learnt[key], settings), label))
        return concluded

    def in_force(self, label: Label) -> DetectorSettings:
        """The settings in force for an episode."""
        return self._settings(label)

    def _settings(self, label: Label) -> DetectorSettings:
        return settings_of(self._dataset.part_of(label.episode_id)[0].profile)
