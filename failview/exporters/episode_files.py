"""Exports of one file per episode, in parallel: what is there already stays, so that a stopped run goes on."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from failview.errors import ExportError, FailviewError
from failview.exporters.whole_output import whole_file
from failview.loaders.dataset import unknown_episode
from failview.loaders.kept_open import kept_open
from failview.proposals.labelled_dataset import LabelledDataset, LabelledEpisode
from failview.proposals.spreading import DIED, Workers, spread
from failview.sidecars.file_names import episode_part

Progress = Callable[[Iterable[Any], str, int], Iterable[Any]]
"""Shows how far something is: (the steps, what is done, how many there are) gives the steps."""


class WriteEpisode(Protocol):
    """Writes the file of one episode. Must be picklable."""

    def __call__(self, labelled: LabelledEpisode, path: Path) -> None:
        """Write it; nothing is there yet."""


@dataclass(frozen=True)
class Origin:
    """The dataset, as every process finds it.

    Attributes:
        path: As the user named it.
        profile: Profile in place of the one beside the data.
        run: Tells one run from the next: files may have changed in between.
    """

    path: str
    profile: Path | None = None
    run: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True)
class FileTask:
    """One file to write."""

    episode_id: str
    target: Path


@dataclass(frozen=True)
class FilesWritten:
    """What became of a run.

    Attributes:
        written: Tasks that are done.
        kept: Tasks whose files were there already.
        problems: (episode id, why it has no file).
    """

    written: tuple[FileTask, ...]
    kept: tuple[FileTask, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()

    def notes(self) -> list[str]:
        """What a reader must know, one line each."""
        notes = [f"{episode_id} is left out: {problem}" for episode_id, problem in self.problems]
        if self.kept:
            notes.append(f"{len(self.kept)} files were there already and stay as they are (--force makes them anew)")
        return notes


def plan_files(labelled: LabelledDataset, out: Path, suffix: str, episode_ids: Sequence[str]) -> list[FileTask]:
    """Which files to write: `out` itself for a single episode where it has the suffix, else one each in that folder.

    Args:
        labelled: The dataset.
        out: As the user named it.
        suffix: Of the files (".mp4").
        episode_ids: Which episodes; empty for all.

    Raises:
        DatasetError: No such episode.
        ExportError: A file is named for several episodes.
    """
    known = [entry.episode_id for entry in labelled.entries]
    for episode_id in episode_ids:
        if episode_id not in known:
            raise unknown_episode(labelled.dataset, episode_id)
    chosen = [episode_id for episode_id in known if not episode_ids or episode_id in episode_ids]
    if out.suffix.lower() != suffix or out.is_dir():
        return [FileTask(episode_id, out / f"{episode_part(episode_id)}{suffix}") for episode_id in chosen]
    if len(chosen) > 1:
        what = f"one file for {len(chosen)} episodes"
        raise ExportError(what, where=out, hint="Name a folder, or one episode with --episode")
    return [FileTask(chosen[0], out)]


def write_files(  # noqa: PLR0913, PLR0917 - what, where from, by whom
    labelled: LabelledDataset,
    origin: Origin,
    tasks: Sequence[FileTask],
    write: WriteEpisode,
    workers: Workers,
    progress: Progress,
    *,
    what: str,
    force: bool = False,
) -> FilesWritten:
    """Write the files that are not there yet, each whole or not at all.

    Args:
        labelled: The dataset, open.
        origin: The same, for other processes.
        tasks: What to write.
        write: Writes one.
        workers: Who does the work.
        progress: Shows how far it is.
        what: The work in words.
        force: Write also those that are there.

    Raises:
        ExportError: Not a single one could be written.
        ClusterError: The cluster cannot be used.
    """
    kept = [task for task in tasks if task.target.exists() and not force]
    left = [task for task in tasks if task not in kept]
    written, problems = [], []
    with _OPEN.lent(origin, labelled):
        results = spread(_Work(origin, write, force), left, workers, lambda _: DIED)
        for task, problem in progress(results, what, len(left)):
            if problem:
                problems.append((task.episode_id, problem))
            else:
                written.append(task)
    if problems and not written:
        raise ExportError(problems[0][1] if len(problems) == 1 else f"nothing could be written; {problems[0][1]}")
    order = {task.episode_id: number for number, task in enumerate(tasks)}
    written.sort(key=lambda task: order[task.episode_id])
    problems.sort(key=lambda problem: order[problem[0]])
    return FilesWritten(tuple(written), tuple(kept), tuple(problems))


@dataclass(frozen=True)
class _Work:
    origin: Origin
    write: WriteEpisode
    force: bool

    def __call__(self, tasks: Sequence[FileTask]) -> list[str]:
        """Why there is no file, for each task; empty where there is one."""
        with kept_open():
            return [self._one(task) for task in tasks]

    def _one(self, task: FileTask) -> str:
        try:
            labelled = _OPEN.get(self.origin)
            with whole_file(task.target, labelled.dataset.path, force=self.force) as part:
                self.write(labelled.read(task.episode_id), part)
        except FailviewError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - one broken episode does not stop the rest
            return f"{type(error).__name__}: {' '.join(str(error).split())}"
        return ""


class _OpenDatasets:
    """The dataset that this process has open for its work; one at a time, beside those that are lent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lent: dict[Origin, LabelledDataset] = {}
        self._own: tuple[Origin, LabelledDataset] | None = None

    def get(self, origin: Origin) -> LabelledDataset:
        """The dataset, opened now if need be."""
        with self._lock:
            if origin in self._lent:
                return self._lent[origin]
            if self._own is None or self._own[0] != origin:
                if self._own is not None:
                    self._own[1].dataset.close()
                self._own = (origin, LabelledDataset.open(origin.path, origin.profile))
            return self._own[1]

    @contextlib.contextmanager
    def lent(self, origin: Origin, labelled: LabelledDataset) -> Iterator[None]:
        """Use a dataset that is open already."""
        with self._lock:
            self._lent[origin] = labelled
        try:
            yield
        finally:
            with self._lock:
                self._lent.pop(origin)


_OPEN = _OpenDatasets()
