"""What the episodes of a dataset have in common, for formats in which all episodes hold the same columns."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from failview.errors import ExportError, FailviewError
from failview.exporters.step_columns import counted
from failview.loaders.kept_open import kept_open
from failview.model.episode import Episode
from failview.proposals.labelled_dataset import LabelledSet, labelled_in_this_process
from failview.proposals.spreading import DIED, Spreader

Progress = Callable[[str, Iterable[Any], int], Iterable[Any]]
"""Shows how far something is: (what is done, the steps, how many there are) gives the steps."""

Column = TypeVar("Column", bound=Hashable)
Look = Callable[[Episode], tuple[Mapping[str, Column], Sequence[str]]]
"""Columns of an episode by name, and what cannot be carried as it is. Must be picklable."""


@dataclass(frozen=True)
class Surveyed(Generic[Column]):
    """What an episode has to offer.

    Attributes:
        columns: By name; equal ones have the same shape.
        notes: What cannot be carried as it is.
        problem: Why it cannot be read; empty when it can.
        rate_hz: Frames per second; None when nothing tells it.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problem: str = ""
    rate_hz: float | None = None


@dataclass(frozen=True)
class Common(Generic[Column]):
    """What episodes have in common.

    Attributes:
        columns: Those that every readable episode has in the same shape.
        readable: Ids of the episodes that can be read, in order.
        problems: Why an episode cannot be read, by id.
        notes: What is left out or changed.
        rates_hz: Frames per second of the episodes that tell them.
    """

    columns: Mapping[str, Column]
    readable: Sequence[str]
    problems: Mapping[str, str]
    notes: Sequence[str]
    rates_hz: Sequence[float]


def survey(
    spreader: Spreader, which: LabelledSet, ids: Sequence[str], look: Look[Column], progress: Progress
) -> Common[Column]:
    """Look what episodes have in common; no picture is decoded.

    Raises:
        ExportError: No episode can be read, or they have nothing in common.
        ClusterError: The cluster cannot be used.
    """
    results = spreader.spread(_Work(which, look), ids, lambda _: Surveyed[Column](problem=DIED))
    found: dict[str, Surveyed[Column]] = dict(progress("looking at the episodes", results, len(ids)))
    readable = {key: found[key] for key in ids if not found[key].problem}
    if not readable:
        raise ExportError(f"no episode can be read; the first reason: {found[ids[0]].problem}")
    common, notes = _in_common(list(readable.values()))
    if not common:
        raise ExportError("the episodes have no signal and no picture in common", hint="Export them task by task")
    notes += counted({key: item.notes for key, item in readable.items()})
    problems = {key: found[key].problem for key in ids if found[key].problem}
    rates_hz = [item.rate_hz for item in readable.values() if item.rate_hz]
    return Common(common, list(readable), problems, notes, rates_hz)


def _in_common(found: Sequence[Surveyed[Column]]) -> tuple[dict[str, Column], list[str]]:
    common: dict[str, Column] = {}
    notes = []
    for name in dict.fromkeys(name for item in found for name in item.columns):
        shapes = {item.columns.get(name) for item in found}
        if len(shapes) == 1:
            common[name] = found[0].columns[name]
        else:
            how = "is missing in some episodes" if None in shapes else "has several shapes"
            notes.append(f"{name} {how} and is left out: all episodes have the same columns")
    return common, notes


@dataclass(frozen=True)
class _Work(Generic[Column]):
    which: LabelledSet
    look: Look[Column]

    def __call__(self, ids: Sequence[str]) -> list[Surveyed[Column]]:
        """One result per episode; a broken one is one of them."""
        with kept_open():
            return [self._one(episode_id) for episode_id in ids]

    def _one(self, episode_id: str) -> Surveyed[Column]:
        try:
            episode = labelled_in_this_process(self.which).read(episode_id).episode
            columns, notes = self.look(episode)
        except FailviewError as error:
            return Surveyed(problem=str(error))
        return Surveyed(columns, tuple(notes), rate_hz=episode.clock.rate_hz)
