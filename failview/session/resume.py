"""Where one stopped: stage, episode and frame, kept so that the next start goes on there, even after a crash."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from failview.model.annotation import Stage
from failview.session.session import Session


@dataclass(frozen=True)
class Position:
    """Where somebody stands in the work.

    Attributes:
        stage: The stage.
        episode_id: The open episode.
        frame: The frame under the cursor.
    """

    stage: Stage
    episode_id: str
    frame: int


def read_position(path: Path) -> Position | None:
    """Where one stopped; None when that is not known."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        plain = json.loads(path.read_text(encoding="utf-8"))
        stage, episode_id, frame = Stage(plain["stage"]), plain["episode_id"], plain["frame"]
        if isinstance(episode_id, str) and type(frame) is int and frame >= 0:
            return Position(stage, episode_id, frame)
    return None


@dataclass(frozen=True)
class Wanted:
    """What was asked for at the start.

    Attributes:
        stage: The stage; None for any in which something is left.
        episode_id: The episode; None for any.
        frame: Frame to open it at.
    """

    stage: Stage | None = None
    episode_id: str | None = None
    frame: int = 0


def begin(session: Session, wanted: Wanted, position: Position | None) -> None:
    """Open what was asked for, else what one stopped at while it is not done, else the first open episode.

    Args:
        session: The work, in the stage that was asked for or in that of the position.
        wanted: What was asked for.
        position: Where one stopped, where that is known.
    """
    queue, stage = session.queue, session.board.first_stage()
    first = queue.first_open()
    if wanted.episode_id is not None:
        fitting = session.board.stage_of(wanted.episode_id)
        if wanted.stage is None and fitting is not session.stage:
            session.change_stage(fitting, wanted.episode_id)
        session.go_to(wanted.episode_id, wanted.frame)
    elif position is not None and position.stage is session.stage and _goes_on(session, position):
        session.go_to(position.episode_id, position.frame)
    elif first is not None and not queue.is_done(first.episode_id):
        session.go_to(first.episode_id, wanted.frame)
    elif wanted.stage is None and stage is not session.stage:
        session.change_stage(stage)
    elif first is not None:
        session.go_to(first.episode_id, wanted.frame)
        session.stage_finished.emit()
    else:
        session.emptied.emit()


def _goes_on(session: Session, position: Position) -> bool:
    ids = {entry.episode_id for entry in session.queue.entries}
    return position.episode_id in ids and not session.queue.is_done(position.episode_id)


class PositionKeeper:
    """Writes the position whenever an episode opens, playback stops or a label changes.

    It is a convenience, not anybody's work: it is written without waiting for the disk, and a disk that is full does
    not matter.

    Args:
        session: Whose position.
        path: The file, in a folder of the user's own.
    """

    def __init__(self, session: Session, path: Path) -> None:
        self._session = session
        self._path = path
        self._last: Position | None = None
        session.opened.connect(self.keep)
        session.annotation_changed.connect(self.keep)
        session.transport.frame_changed.connect(self._on_frame)
        session.transport.playing_changed.connect(self.keep)

    def keep(self) -> None:
        """Write the position if it is another one."""
        opened = self._session.open_episode
        if opened is None:
            return
        position = Position(self._session.stage, opened.episode.episode_id, self._session.transport.frame)
        if position == self._last:
            return
        self._last = position
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside = self._path.with_suffix(".new")
            beside.write_text(json.dumps(asdict(position)), encoding="utf-8")
            os.replace(beside, self._path)  # noqa: PTH105 - the same in both

    def _on_frame(self) -> None:
        """While it plays, the position is kept at the end."""
        if not self._session.transport.playing:
            self.keep()
