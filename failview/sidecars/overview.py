"""What the list of episodes needs to know of a sidecar: whose it is, and which stages are finished."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from failview.model.annotation import AnnotationRecord, Stage

_STAGES = {stage.value: stage for stage in Stage}


@dataclass(frozen=True)
class SidecarOverview:
    """One sidecar in short.

    Attributes:
        episode_id: The episode; in what is remembered, the id that the sidecar itself names.
        finished: Stages that are finished; a review is not while the episode is to be looked at again.
    """

    episode_id: str
    finished: frozenset[Stage]


class Remembered(Protocol):
    """What is known of files since an earlier run; it forgets a file that has changed."""

    def get(self, file: Path) -> Any:
        """What was remembered of a file; None when it changed or is new."""

    def put(self, file: Path, found: Any) -> None:
        """Remember something that JSON can hold."""

    def save(self) -> None:
        """Keep it for the next run."""


def overview_of(record: AnnotationRecord) -> SidecarOverview:
    """A record in short."""
    finished = frozenset(stage for stage, done in record.stages.items() if done.finished_at)
    return SidecarOverview(record.episode_id, finished - {Stage.REVIEW} if record.due_re_reviews else finished)


def to_json(overview: SidecarOverview) -> list[Any]:
    """An overview as something to remember."""
    return [overview.episode_id, sorted(stage.value for stage in overview.finished)]


def from_json(remembered: Any) -> SidecarOverview | None:
    """An overview out of what was remembered; None for anything else."""
    match remembered:
        case [str(episode_id), [*names]] if all(isinstance(name, str) and name in _STAGES for name in names):
            return SidecarOverview(episode_id, frozenset(_STAGES[name] for name in names))
    return None
