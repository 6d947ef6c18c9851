"""Where the annotations of a session go, and whether they arrived."""

from enum import StrEnum

from psygnal import Signal

from failview.model.annotation import AnnotationRecord, Stage
from failview.sidecars.store import SidecarStore
from failview.sidecars.writer import SidecarWriter


class SaveState(StrEnum):
    """What a person must know about the safety of the work."""

    UNTOUCHED = "untouched"
    SAVING = "saving"
    SAVED = "saved"
    FAILED = "failed"
    READ_ONLY = "read-only"


class Safe:
    """Keeps the annotations of one annotator and one dataset on disk.

    Args:
        store: The sidecars.
        writer: Writes them in the background.

    Attributes:
        state_changed: Emits (SaveState, text); the text is the local time of the last save, or what went wrong.
    """

    state_changed = Signal(SaveState, str)

    def __init__(self, store: SidecarStore, writer: SidecarWriter) -> None:
        self._store = store
        self._writer = writer
        self._held: set[str] = set()
        self._warnings: dict[str, tuple[str, ...]] = {}

    @property
    def read_only_reason(self) -> str:
        """Why nothing can be changed; empty when it can."""
        return self._store.read_only_reason

    def take_out(self, fresh: AnnotationRecord) -> AnnotationRecord:
        """The stored record of an episode, or the fresh one when there is none.

        Raises:
            failview.errors.SidecarError: There is one, and it cannot be used.
        """
        raise NotImplementedError

    def warnings(self, episode_id: str) -> tuple[str, ...]:
        """What a person must know about the sidecar of an episode."""
        return self._warnings.get(episode_id, ())

    def put_away(self, record: AnnotationRecord) -> None:
        """Write a record in the background; state_changed tells when it is on disk."""
        raise NotImplementedError

    def holds(self, episode_id: str) -> bool:
        """Whether there is a sidecar of an episode, so that bookkeeping may be added to it."""
        return episode_id in self._held

    def finished_episodes(self, stage: Stage) -> set[str]:
        """Ids of the episodes whose stage is finished."""
        raise NotImplementedError

    def close(self) -> None:
        """Wait until everything is on disk."""
        raise NotImplementedError
