"""The reference clips of a dataset in memory, and on their way to the disk."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor

from psygnal import Signal

from failview.errors import SidecarError
from failview.model.taxonomy import Cause, ReferenceClip
from failview.session.desk.owner_thread import Post
from failview.sidecars.clip_file import ClipFile, Clips


class ClipShelf:
    """Knows the clip of each cause.

    A clip that somebody set counts before that of the taxonomy. A clip of an episode that the dataset does not have
    counts for nothing.

    Args:
        file: Where clips are kept.
        episode_ids: Episodes of the dataset.
        say: Takes one line for the person.
        post: Brings what was written to the session's thread.

    Attributes:
        changed: Emits when a cause got another clip.
    """

    changed = Signal()

    def __init__(self, file: ClipFile, episode_ids: Collection[str], say: Callable[[str], None], post: Post) -> None:
        self._file = file
        self._episode_ids = frozenset(episode_ids)
        self._say = say
        self._post = post
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="clip-writer")
        read = file.read()
        self._clips: Clips = read.clips
        self._untold = read.warnings

    def clip_of(self, field: str, cause: Cause) -> ReferenceClip | None:
        """The clip that shows a cause, where there is one."""
        found = (self._clips.get((field, cause.id)), cause.clip)
        return next((clip for clip in found if clip is not None and clip.episode_id in self._episode_ids), None)

    def put(self, field: str, cause: Cause, clip: ReferenceClip) -> None:
        """A clip shows a cause from now on; it is written in the background."""
        key = (field, cause.id)
        self._clips = {**self._clips, key: clip}
        self._writer.submit(self._write, key, clip)
        self.changed.emit()

    def tell_warnings(self) -> None:
        """Say once what is wrong with the file."""
        untold, self._untold = self._untold, ()
        if untold:
            self._say("; ".join(untold))

    def close(self) -> None:
        """Wait until everything is on disk."""
        self._writer.shutdown(wait=True)

    def _write(self, key: tuple[str, str], clip: ReferenceClip) -> None:
        try:
            written = self._file.put(key, clip)
        except SidecarError as error:
            line = str(error)
            self._post(lambda: self._say(line))
        else:
            self._post(lambda: self._on_written(written.clips, written.warnings))

    def _on_written(self, clips: Clips, warnings: tuple[str, ...]) -> None:
        """Others may have set clips too; what was set here since is still on its way to the disk."""
        self._clips = {**clips, **self._clips}
        self._untold = warnings
        self.tell_warnings()
        self.changed.emit()
