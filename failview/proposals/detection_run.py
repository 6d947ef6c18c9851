"""Runs all detectors over the episodes of a dataset: a look at each by itself, then conclusions in the light of all."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from failview.detectors.requirements import REQUIREMENTS
from failview.errors import DatasetError
from failview.loaders.dataset import unknown_episode
from failview.loaders.opening import OpenedDataset
from failview.model.detection import EpisodeFindings
from failview.proposals.array_archive import DAMAGED
from failview.proposals.dataset_file import NAME, LearntFile, plain_hash, read_learnt, write_learnt
from failview.proposals.detectors_port import CATALOGUE
from failview.proposals.episode_work import (
    OPEN_DATASETS,
    Concluded,
    ConcludeWork,
    JudgedSet,
    LearnWork,
    Looked,
    LookWork,
    Task,
)
from failview.proposals.findings_file import SUFFIX, read_findings, read_head, read_look
from failview.proposals.findings_json import findings_from_json, kept_findings
from failview.proposals.judging_key import judging_key
from failview.proposals.source_stamps import SourceStamps
from failview.proposals.spreading import DIED, Spreader, Workers
from failview.sidecars.location import SidecarLocation

Progress = Callable[[str, Iterable[Any], int], Iterable[Any]]
"""Shows how far something is: (what is done, the steps, how many there are) gives the steps."""


@dataclass(frozen=True)
class DetectionRequest:
    """What is to be judged.

    Attributes:
        profile: Profile in place of the one beside the data.
        episode_ids: Only these; empty for all.
        force: Judge again what is known already.
        workers: Who does the work.
        detectors: Module with the detectors.
        user_root: Folder for what belongs to read-only data; the user's own by default.
    """

    profile: Path | None = None
    episode_ids: Sequence[str] = ()
    force: bool = False
    workers: Workers = field(default_factory=Workers)
    detectors: str = CATALOGUE
    user_root: Path | None = None


@dataclass(frozen=True)
class DetectionResult:
    """What was found in the episodes of a dataset.

    Attributes:
        findings: By episode, in the dataset's order, without raw arrays; of a broken episode nothing is judged.
        problems: Why an episode could not be judged at all, by id.
        known_before: How many were known from before.
        notice: Where the results lie, when that is not beside the data.
        seconds: How long it took.
    """

    findings: Mapping[str, EpisodeFindings]
    problems: Mapping[str, str]
    known_before: int
    notice: str
    seconds: float


def detect(dataset: OpenedDataset, path: str, request: DetectionRequest, progress: Progress) -> DetectionResult:
    """Judge a dataset, or take what is known of it. What is done stays done whenever this is stopped.

    Args:
        dataset: The dataset, open.
        path: As the user named it; other processes open it by this.
        request: What is to be judged.
        progress: Shows how far it is.

    Raises:
        DatasetError: No such episode, or the results cannot be kept.
        ClusterError: The cluster cannot be used.
    """
    started = time.monotonic()
    judged = JudgedSet(path, request.profile, request.detectors)
    with OPEN_DATASETS.lent(judged, dataset), Spreader(request.workers) as spreader:
        return _Run(dataset, judged, request, progress, spreader).result(started)


class _Run:
    def __init__(
        self,
        dataset: OpenedDataset,
        judged: JudgedSet,
        request: DetectionRequest,
        progress: Progress,
        spreader: Spreader,
    ) -> None:
        self._spreader = spreader
        self._dataset = dataset
        self._judged = judged
        self._request = request
        self._progress = progress
        places = {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries}
        for episode_id in request.episode_ids:
            if episode_id not in places:
                raise unknown_episode(dataset, episode_id)
        self._location = SidecarLocation(dataset.path, places, user_root=request.user_root)
        self._ids = [key for key in places if not request.episode_ids or key in set(request.episode_ids)]
        stamps = SourceStamps()
        keys = {id(part): judging_key(part) for part in dataset.parts}
        self._tasks = {
            key: Task(
                episode_id=key,
                file=self._location.companions(key, SUFFIX)[0],
                key=keys[id(dataset.part_of(key)[0])],
                stamp=stamps.of(places[key]),
                may_reuse=not request.force,
            )
            for key in self._ids
        }
        self._fingerprints: dict[str, str] = {}
        self._problems: dict[str, str] = {}

    def result(self, started: float) -> DetectionResult:
        looks = self._look()
        learnt = self._learn(looks)
        known_before = len(self._ids) - len(looks) - len(self._problems)
        findings = self._conclude(learnt)
        return DetectionResult(
            findings={key: findings.get(key) or _nothing_judged(key, self._problems[key]) for key in self._ids},
            problems=self._problems,
            known_before=known_before,
            notice=self._location.notice,
            seconds=time.monotonic() - started,
        )

    def _look(self) -> dict[str, Any]:
        """Plain values of the first looks made now, by episode; those in files are fresh afterwards too."""
        left = []
        for task in self._tasks.values():
            head = read_head(task.file) if task.may_reuse and task.stamp else None
            if head is not None and (head.episode_id, head.key, head.stamp) == (task.episode_id, task.key, task.stamp):
                self._fingerprints[task.episode_id] = head.fingerprint
            else:
                left.append(task)
        looks = {}
        found: Iterator[tuple[Task, Looked]] = self._spreader.spread(
            LookWork(self._judged), left, lambda _: Looked(problem=DIED)
        )
        for task, looked in self._progress("looking at the signals", found, len(left)):
            if looked.problem:
                self._problems[task.episode_id] = looked.problem
            else:
                self._fingerprints[task.episode_id] = looked.fingerprint
                looks[task.episode_id] = looked.look
        return looks

    def _learn(self, looks: dict[str, Any]) -> LearntFile | None:
        """What the episodes tell together. A few of them alone take what was learnt from all before."""
        paths = self._location.companions_of_dataset(NAME)
        before = read_learnt(*paths)
        if self._request.episode_ids:
            return before
        inputs = hashlib.sha256()
        for key, fingerprint in self._fingerprints.items():
            inputs.update(f"{key}|{self._tasks[key].key}|{fingerprint}\n".encode())
        if before is not None and before.inputs == inputs.hexdigest():
            return before
        ordered = [looks.get(key) or self._kept_look(key) for key in self._ids if key in self._fingerprints]
        if not ordered:
            return None
        learnt = self._spreader.once(LearnWork(self._judged), ordered)
        if learnt is None:
            return None
        found = LearntFile(inputs.hexdigest(), learnt)
        try:
            write_learnt(paths[0], found)
        except OSError as error:
            raise DatasetError(f"what was learnt cannot be kept ({error.strerror})", where=paths[0]) from error
        return found

    def _kept_look(self, episode_id: str) -> Any:
        try:
            return read_look(self._tasks[episode_id].file, self._tasks[episode_id].key)
        except DAMAGED:
            return None

    def _conclude(self, learnt: LearntFile | None) -> dict[str, EpisodeFindings]:
        learnt_hash = plain_hash(None) if learnt is None else learnt.hash
        findings, left = {}, []
        for key in self._fingerprints:
            known = _kept_findings(self._tasks[key].file, learnt_hash)
            if known is None:
                left.append(self._tasks[key])
            else:
                findings[key] = known
        work = ConcludeWork(self._judged, None if learnt is None else learnt.learnt, learnt_hash)
        found: Iterator[tuple[Task, Concluded]] = self._spreader.spread(work, left, lambda _: Concluded(problem=DIED))
        for task, concluded in self._progress("weighing", found, len(left)):
            if concluded.problem:
                self._problems[task.episode_id] = concluded.problem
            else:
                findings[task.episode_id] = findings_from_json(concluded.findings)
        return findings


def _kept_findings(file: Path, learnt_hash: str) -> EpisodeFindings | None:
    known = read_findings(file)
    if known is None or known[0] != learnt_hash:
        return None
    try:
        return kept_findings(known[1])
    except DAMAGED:
        return None


def _nothing_judged(episode_id: str, problem: str) -> EpisodeFindings:
    return EpisodeFindings(episode_id, (), {}, {requirement.detector: problem for requirement in REQUIREMENTS})
