"""Exports of one file per episode, in parallel: what is there already stays, so that a stopped run goes on."""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from failview.errors import ExportError, FailviewError
from failview.exporters.export_report import notes_about_left_out
from failview.exporters.whole_output import whole_file
from failview.loaders.dataset import unknown_episode
from failview.loaders.kept_open import kept_open
from failview.proposals.labelled_dataset import LabelledDataset, LabelledEpisode, LabelledSet, labelled_in_this_process
from failview.proposals.spreading import DIED, Workers, spread
from failview.sidecars.file_names import episode_part

Progress = Callable[[str, Iterable[Any], int], Iterable[Any]]
"""Shows how far something is: (what is done, the steps, how many there are) gives the steps."""


class WriteEpisode(Protocol):
    """Writes the file of one episode. Must be picklable."""

    def __call__(self, labelled: LabelledEpisode, path: Path) -> tuple[str, ...]:
        """Write it, where nothing is yet; gives what could not be put into it, one line each."""


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
        remarks: (episode id, what its file lacks).
    """

    written: tuple[FileTask, ...]
    kept: tuple[FileTask, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()

    @property
    def count(self) -> int:
        """Number of files that are there now."""
        return len(self.written) + len(self.kept)

    def count_in(self, episode_ids: Container[str]) -> int:
        """Number of files that are of some episodes."""
        return sum(task.episode_id in episode_ids for task in (*self.written, *self.kept))

    def notes(self) -> list[str]:
        """What a reader must know, one line each."""
        notes = notes_about_left_out(dict(self.problems))
        notes += [f"{episode_id}: {remark}" for episode_id, remark in self.remarks]
        if self.kept:
            notes.append(f"{len(self.kept)} files were there already and stay as they are (--force makes them anew)")
        return notes


def plan_files(
    labelled: LabelledDataset, out: Path, suffix: str, episode_ids: Sequence[str], *, only_labelled: bool = False
) -> list[FileTask]:
    """Which files to write: `out` itself for a single episode where it has the suffix, else one each in that folder.

    Args:
        labelled: The dataset.
        out: As the user named it.
        suffix: Of the files (".mp4").
        episode_ids: Which episodes; empty for all.
        only_labelled: Leave out those without a finished label.

    Raises:
        DatasetError: No such episode.
        ExportError: None is left, or a file is named for several episodes.
    """
    known = [entry.episode_id for entry in labelled.entries]
    for episode_id in episode_ids:
        if episode_id not in known:
            raise unknown_episode(labelled.dataset, episode_id)
    chosen = [episode_id for episode_id in known if not episode_ids or episode_id in episode_ids]
    if only_labelled:
        chosen = [episode_id for episode_id in chosen if episode_id in labelled.records]
    if not chosen:
        raise ExportError("none of these episodes has a finished label", where=labelled.dataset.path)
    if out.suffix.lower() != suffix or out.is_dir():
        return [FileTask(episode_id, out / f"{episode_part(episode_id)}{suffix}") for episode_id in chosen]
    if len(chosen) > 1:
        what = f"one file for {len(chosen)} episodes"
        raise ExportError(what, where=out, hint="Name a folder, or one episode with --episode")
    return [FileTask(chosen[0], out)]


def write_files(  # noqa: PLR0913 - what, where from, by whom
    which: LabelledSet,
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
        which: The dataset, as every process opens it.
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
    results: dict[str, _Result] = {}
    found = spread(_Work(which, write, force), left, workers, lambda _: _Result(problem=DIED))
    for task, result in progress(what, found, len(left)):
        results[task.episode_id] = result
    in_order = [(task, results[task.episode_id]) for task in left]
    problems = [(task.episode_id, result.problem) for task, result in in_order if result.problem]
    if problems and len(problems) == len(left):
        first = problems[0][1]
        raise ExportError(first if len(problems) == 1 else f"nothing could be written; the first reason: {first}")
    return FilesWritten(
        written=tuple(task for task, result in in_order if not result.problem),
        kept=tuple(kept),
        problems=tuple(problems),
        remarks=tuple((task.episode_id, remark) for task, result in in_order for remark in result.remarks),
    )


@dataclass(frozen=True)
class _Result:
    remarks: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class _Work:
    which: LabelledSet
    write: WriteEpisode
    force: bool

    def __call__(self, tasks: Sequence[FileTask]) -> list[_Result]:
        """What became of each task; a broken episode is a problem."""
        with kept_open():
            return [self._one(task) for task in tasks]

    def _one(self, task: FileTask) -> _Result:
        try:
            labelled = labelled_in_this_process(self.which)
            with whole_file(task.target, labelled.dataset.path, force=self.force) as part:
                remarks = self.write(labelled.read(task.episode_id), part)
        except FailviewError as error:
            return _Result(problem=str(error))
        except Exception as error:  # noqa: BLE001 - one broken episode does not stop the rest
            return _Result(problem=f"{type(error).__name__}: {' '.join(str(error).split())}")
        return _Result(remarks)
