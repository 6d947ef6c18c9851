"""The work on single episodes, as it is done in this process, in another one, or on another machine."""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from failview.errors import DetectionError, FailviewError
from failview.loaders import open_dataset
from failview.loaders.kept_open import kept_open
from failview.loaders.opening import OpenedDataset
from failview.proposals.array_archive import DAMAGED
from failview.proposals.detector_settings import settings_of
from failview.proposals.detectors_port import Detectors, detectors_of
from failview.proposals.findings_file import Head, read_head, read_look, write_findings, write_head, write_look
from failview.proposals.findings_json import findings_json
from failview.proposals.judged_content import content_hash
from failview.proposals.plain_values import from_plain, to_plain

_MOST_OPEN = 4


@dataclass(frozen=True)
class JudgedSet:
    """The dataset to work on, as every process finds it.

    Attributes:
        path: As the user named it.
        profile: Profile in place of the one beside the data.
        detectors: Module with the detectors.
        run: Tells one run from the next: files may have changed in between.
    """

    path: str
    profile: Path | None
    detectors: str
    run: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True)
class Task:
    """One episode to look at.

    Attributes:
        episode_id: The episode.
        file: Where what is found is kept.
        key: Hash over everything but the episode that decides.
        stamp: State of its source files; may be empty.
        may_reuse: Whether a first look of the same content and key, if there is one, will do.
    """

    episode_id: str
    file: Path
    key: str
    stamp: str
    may_reuse: bool


@dataclass(frozen=True)
class Looked:
    """What became of a first look.

    Attributes:
        fingerprint: Hash over the episode as the detectors see it.
        look: Plain values of the first look, without arrays; None when there is a problem.
        problem: Why there is none.
    """

    fingerprint: str = ""
    look: Any = None
    problem: str = ""


@dataclass(frozen=True)
class LookWork:
    """First looks at episodes, each kept in its file."""

    judged: JudgedSet

    def __call__(self, tasks: Sequence[Task]) -> list[Looked]:
        """One result per task; a broken episode is one of them."""
        with kept_open():
            return [self._one(task) for task in tasks]

    def _one(self, task: Task) -> Looked:
        try:
            dataset = OPEN_DATASETS.get(self.judged)
            part, _ = dataset.part_of(task.episode_id)
            episode = dataset.open_episode(task.episode_id)
            fingerprint = content_hash(episode)
            head = Head(task.episode_id, fingerprint, task.key, task.stamp)
            known = read_head(task.file) if task.may_reuse else None
            detectors = detectors_of(self.judged.detectors)
            if known is not None and replace(known, stamp=task.stamp) == head:
                with contextlib.suppress(*DAMAGED):
                    kept = to_plain(look_of(detectors, task.file, task.key))
                    write_head(task.file, head)
                    return Looked(fingerprint, kept)
            look = detectors.first_look(episode, settings_of(part.profile))
            plain = to_plain(look.without_arrays())
            write_look(task.file, head, plain, look.arrays, look.array_times_ns)
        except Exception as error:  # noqa: BLE001 - one broken episode does not stop the rest
            return Looked(problem=in_words(error))
        return Looked(fingerprint, plain)


@dataclass(frozen=True)
class LearnWork:
    """What episodes teach together."""

    judged: JudgedSet

    def __call__(self, groups: Sequence[Sequence[Any]]) -> list[Any]:
        """Plain values of what was learnt, for each group of plain first looks; None for a group that has no use."""
        detectors = detectors_of(self.judged.detectors)
        settings = settings_of(OPEN_DATASETS.get(self.judged).profile)
        learnt = []
        for plains in groups:
            looks = []
            for plain in plains:
                with contextlib.suppress(*DAMAGED):
                    looks.append(from_plain(plain, detectors.FirstLook))
            learnt.append(to_plain(detectors.learn(looks, settings)) if looks else None)
        return learnt


@dataclass(frozen=True)
class Concluded:
    """What is concluded of an episode.

    Attributes:
        findings: Plain values, as `findings_json` makes them; None when there is a problem.
        problem: Why there is nothing.
    """

    findings: Any = None
    problem: str = ""


@dataclass(frozen=True)
class ConcludeWork:
    """Conclusions from first looks in the light of what was learnt, each kept in its file.

    Attributes:
        judged: The dataset.
        learnt: Plain values of what was learnt; None for nothing.
        learnt_hash: Its hash.
    """

    judged: JudgedSet
    learnt: Any
    learnt_hash: str

    def __call__(self, tasks: Sequence[Task]) -> list[Concluded]:
        """One result per task; a broken episode is one of them."""
        return [self._one(task) for task in tasks]

    def _one(self, task: Task) -> Concluded:
        try:
            part, _ = OPEN_DATASETS.get(self.judged).part_of(task.episode_id)
            detectors = detectors_of(self.judged.detectors)
            look = self._look(detectors, task)
            findings = detectors.conclude(look, self._lesson, settings_of(part.profile))
            plain = findings_json(replace(findings, episode_id=task.episode_id))
            write_findings(task.file, task.key, self.learnt_hash, plain)
        except Exception as error:  # noqa: BLE001 - one broken episode does not stop the rest
            return Concluded(problem=in_words(error))
        return Concluded(plain)

    @cached_property
    def _lesson(self) -> Any:
        """What was learnt, as the detectors want it; the same for all episodes."""
        return None if self.learnt is None else from_plain(self.learnt, detectors_of(self.judged.detectors).Learnt)

    def _look(self, detectors: Detectors, task: Task) -> Any:
        """The first look that is kept; made anew where it is damaged, or another failview has put its own there."""
        with contextlib.suppress(*DAMAGED):
            return look_of(detectors, task.file, task.key)
        again = LookWork(self.judged)([replace(task, may_reuse=False)])[0]
        if again.problem:
            raise DetectionError(again.problem)
        return look_of(detectors, task.file, task.key)


def look_of(detectors: Detectors, file: Path, key: str) -> Any:
    """The first look in a file.

    Raises:
        One of DAMAGED: There is none of this key that can be used.
    """
    return from_plain(read_look(file, key), detectors.FirstLook)


def in_words(error: Exception) -> str:
    """One line; a defect of ours is named as what it is."""
    text = str(error) if isinstance(error, FailviewError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())


class OpenDatasets:
    """Datasets that this process has open for its work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._datasets: dict[JudgedSet, OpenedDataset] = {}
        self._lent: set[JudgedSet] = set()

    def get(self, judged: JudgedSet) -> OpenedDataset:
        """The dataset, opened now if need be."""
        with self._lock:
            if judged not in self._datasets:
                for old in [known for known in self._datasets if known not in self._lent][: 1 - _MOST_OPEN]:
                    self._datasets.pop(old).close()
                self._datasets[judged] = open_dataset(judged.path, judged.profile)
            return self._datasets[judged]

    @contextlib.contextmanager
    def lent(self, judged: JudgedSet, dataset: OpenedDataset) -> Iterator[None]:
        """Use a dataset that is open already."""
        with self._lock:
            self._datasets[judged] = dataset
            self._lent.add(judged)
        try:
            yield
        finally:
            with self._lock:
                self._datasets.pop(judged)
                self._lent.remove(judged)


OPEN_DATASETS = OpenDatasets()
