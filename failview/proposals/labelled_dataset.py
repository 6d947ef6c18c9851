"""A dataset with its finished labels and with what the detectors found: what exports and training read."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from failview.errors import ExportError
from failview.loaders import open_dataset
from failview.loaders.dataset import EpisodeEntry
from failview.loaders.opening import OpenedDataset
from failview.loaders.progress import Progress, unseen
from failview.model.annotation import Annotation, AnnotationRecord
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.model.frame_phases import frame_phases
from failview.proposals.embedded_labels import embedded_labels
from failview.proposals.findings_store import FindingsStore
from failview.sidecars.dataset_records import DatasetRecords, read_records
from failview.sidecars.location import SidecarLocation


@dataclass(frozen=True, eq=False)
class LabelledEpisode:
    """An episode with what is said about it.

    Attributes:
        episode: The episode itself.
        record: The finished label that holds for it; None when there is none.
        findings: What the detectors found in it as it is now; None when they have not judged it.
    """

    episode: Episode
    record: AnnotationRecord | None
    findings: EpisodeFindings | None

    @property
    def annotation(self) -> Annotation | None:
        """The label itself; None when there is none."""
        return None if self.record is None else self.record.annotation

    @cached_property
    def phases(self) -> npt.NDArray[np.uint8]:
        """(frames,) codes: positions in `frame_phases.PHASES`."""
        return frame_phases(self.annotation, self.episode.num_frames)


class LabelledDataset:
    """An open dataset, the final label of each episode, and the findings. May be used from several threads.

    A robomimic file that failview exported brings both along; sidecars beside it count before them.

    Args:
        dataset: The dataset, open; closing this closes it.
        user_root: Folder for the sidecars of read-only data; the user's own by default.
        progress: Shows how far reading the sidecars has come.

    Attributes:
        dataset: The dataset.
        location: Where its sidecars lie.
        found: Every label of every annotator.
        records: The finished label that holds for an episode, by id.

    Raises:
        SidecarError: A folder of sidecars cannot be listed.
        ExportError: A finished label does not fit its episode.
    """

    def __init__(self, dataset: OpenedDataset, *, user_root: Path | None = None, progress: Progress = unseen) -> None:
        self.dataset = dataset
        places = {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries}
        self.location = SidecarLocation(dataset.path, places, user_root=user_root)
        self.found: DatasetRecords = read_records(self.location, lambda paths, what: list(progress(paths, what)))
        self._embedded = embedded_labels(dataset)
        self.records: Mapping[str, AnnotationRecord] = {**self._embedded.records, **self.found.final()}
        for entry in dataset.entries:
            _require_fit(entry, self.records.get(entry.episode_id))
        self._findings = FindingsStore(dataset, self.location)
        self._turn = threading.Lock()

    @classmethod
    def open(cls, path: str | Path, profile: Path | None = None, *, progress: Progress = unseen) -> Self:
        """Open a dataset read-only, with its labels.

        Raises:
            DatasetError: The path is no dataset, or a broken one.
            ProfileError: The profile has a wrong key, unit or value.
            SidecarError: A folder of sidecars cannot be listed.
            ExportError: A finished label does not fit its episode.
        """
        dataset = open_dataset(path, profile, progress=progress)
        try:
            return cls(dataset, progress=progress)
        except BaseException:
            dataset.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dataset.close()

    @property
    def entries(self) -> Sequence[EpisodeEntry]:
        """All episodes, labelled or not, in natural order."""
        return self.dataset.entries

    @property
    def labelled_entries(self) -> list[EpisodeEntry]:
        """The episodes with a finished label, in natural order."""
        return [entry for entry in self.entries if entry.episode_id in self.records]

    def read(self, episode_id: str) -> LabelledEpisode:
        """An episode with its label and its findings; pictures are not decoded.

        Raises:
            DatasetError: Unknown id, or the episode cannot be read.
        """
        episode = self.dataset.open_episode(episode_id)
        findings = self._findings.known(episode) or self._embedded.findings_of(episode_id)
        return LabelledEpisode(episode, self.records.get(episode_id), findings)

    def findings_of(self, episode_id: str) -> EpisodeFindings | None:
        """What the detectors found, known without reading the episode; None when they have not judged it."""
        with self._turn:
            return self._findings.findings_of(episode_id) or self._embedded.findings_of(episode_id)

    def require_labels(self) -> None:
        """Nothing where at least one label is finished.

        Raises:
            ExportError: None is; says what there is and what to do.
        """
        if self.records:
            return
        begun = len(self.found.plain)
        what = f"{begun} labels are begun, none is finished" if begun else "no episode is labelled yet"
        hint = f"Label it first: failview open {self.dataset.path}"
        raise ExportError(what, where=self.dataset.path, hint=hint)


def _require_fit(entry: EpisodeEntry, record: AnnotationRecord | None) -> None:
    """A label made for other frames would put every phase on the wrong ones.

    Raises:
        ExportError: It was.
    """
    if record is None:
        return
    if record.num_frames in {0, entry.num_frames}:
        try:
            frame_phases(record.annotation, entry.num_frames)
        except ValueError as error:
            what = f"the label of {record.annotator} for {entry.episode_id} does not fit: {error}"
        else:
            return
    else:
        whose = f"the label of {record.annotator} for {entry.episode_id}"
        what = f"{whose} was made for {record.num_frames} frames, the episode has {entry.num_frames}"
    raise ExportError(what, hint="Look at it again: failview open with --episode, or failview validate")


@dataclass(frozen=True)
class LabelledSet:
    """A dataset with its labels, as every process finds it.

    Attributes:
        path: As the user named it.
        profile: Profile in place of the one beside the data.
        run: Tells one run from the next: labels may have changed in between.
    """

    path: str
    profile: Path | None
    run: str = field(default_factory=lambda: uuid4().hex)


@lru_cache(maxsize=2)
def labelled_in_this_process(which: LabelledSet) -> LabelledDataset:
    """The dataset, opened when it is first asked for; loaders keep files open only while they read."""
    return LabelledDataset.open(which.path, which.profile)
