"""What is on the screen of one running viewer: the episode, the time cursor, and whether a person moved it."""

import time

from failview.model.annotation import Annotation
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.viewer.connection import Connection
from failview.viewer.episode_log import EpisodeLog
from failview.viewer.inbox import EpisodeOrder, Look
from failview.viewer.loading import LoadingThread
from failview.viewer.native_client import Cursor, Snapshot, answering
from failview.viewer.shelf import Shelf
from failview.viewer.time_columns import cursor_at, default_timeline, frame_at

TOASTS_GONE_S = 4.0
"""The viewer greets with notes in a corner, for about 3 s (0.41); a screenshot waits until they are gone."""

_MAX_SHOTS = 20


class Screen:
    """Belongs to the control thread. Every method may raise ViewerLostError.

    Attributes:
        current: The episode on the screen, or on its way there.
        frame: The frame it is at, or shall be.
        is_placed: Whether the episode is on the screen at a frame.
    """

    def __init__(self, connection: Connection, loading: LoadingThread, shelf: Shelf) -> None:
        self._connection = connection
        self._loading = loading
        self._shelf = shelf
        self._timeline: str | None = None
        self.current: EpisodeLog | None = None
        self.frame = 0
        self.is_placed = False

    def show(self, order: EpisodeOrder) -> None:
        """Bring an episode to the screen, at once when it has been loaded ahead."""
        self.frame = order.episode.clock.clamp(order.frame)
        self._shelf.begin_wishes()
        log = self._shelf.find(order.episode)
        if log is None:
            log, _ = self._shelf.add(order)
        else:
            log.focus_frame = self.frame
            log.mark(order.annotation)
            self._shelf.touch(log)
        if self.current is not None:
            self.current.on_screen.set()
            self.current.cursor = None  # the last thing a person did there may not have been seen
        self.current, self.is_placed = log, False
        if log.location:
            self._place(log)
        self._loading.put(log, urgent=True)

    def preload(self, order: EpisodeOrder) -> None:
        """Load an episode ahead."""
        log = self._shelf.find(order.episode)
        if log is not None:
            if log is not self.current:
                log.mark(order.annotation)
                self._shelf.touch(log)
            return
        log, disturbed = self._shelf.add(order)
        if disturbed and self.current is not None and self.is_placed:
            self._connection.client.show(self.current.location)
        log.on_screen.set()
        self._loading.put(log, urgent=False)

    def set_look(self, look: Look) -> None:
        """Change the layout, or let the readings come or go; what is on the screen stays there."""
        if self._shelf.set_look(look) and self.current is not None and self.is_placed:
            self._connection.client.show(self.current.location)

    def mark(self, annotation: Annotation) -> None:
        """Show the marks of the current episode."""
        if self.current is not None:
            self.current.mark(annotation)

    def show_findings(self, episode: Episode, findings: EpisodeFindings) -> None:
        """Show what was found in an episode, where it is in the viewer."""
        if (log := self._shelf.find(episode)) is not None:
            with answering():
                log.show_findings(findings)

    def seek(self, frame: int, *, look_first: bool) -> int | None:
        """Move the cursor. With look_first, a person who moved it meanwhile goes before: then it stays there.

        Returns:
            The frame that a person moved it to; None when nobody did.
        """
        log = self.current
        if log is None:
            return None
        before = log.cursor
        self.frame = log.focus_frame = log.episode.clock.clamp(frame)
        cursor = self._cursor_of(log)
        if not self.is_placed or cursor == before:
            return None
        if not look_first:
            self._set_cursor(log)
            return None
        snapshot = self._connection.client.set_cursor_and_look(log.store_id, cursor)
        log.cursor = cursor
        return self._take_in(snapshot, before)

    def look(self) -> int | None:
        """Follow the viewer: bring the episode to the screen if it is not, and say where a person moved the cursor."""
        return self._take_in(self._connection.client.snapshot())

    def _take_in(self, snapshot: Snapshot, before: Cursor | None = None) -> int | None:
        """Follow what was seen. With `before`: the cursor was moved from there while one looked."""
        self._shelf.tidy(self.current, snapshot)
        for arrived in self._shelf.newly_arrived(snapshot):
            if arrived is not self.current:
                self._set_cursor(arrived)
        log = self.current
        if log is None:
            return None
        if not self.is_placed:
            if log.location:
                self._place(log)
            return None
        if log.store_id not in snapshot.recordings:
            self._log_again(log)
            return None
        if snapshot.active != log.store_id:
            self._connection.client.show(log.location)  # the panel decides which episode is on the screen
        return self._moved_to(log, snapshot.recordings[log.store_id].cursor, before)

    def give_up(self, *, lost: bool) -> list[EpisodeOrder]:
        """What was on the shelf, to put it into another viewer; this one is given up, or lost already."""
        orders = self._shelf.orders()
        self._shelf.abandon(lost=lost)
        return orders

    def settled_picture(self) -> bytes | None:
        """A PNG of the viewer; None while something is still on its way."""
        if self.current is None or not self.is_placed or not self.current.is_done:
            return None
        if time.monotonic() < self._connection.started_s + TOASTS_GONE_S:
            return None
        snapshot = self._connection.client.snapshot()
        state = snapshot.recordings.get(self.current.store_id)
        if snapshot.loading or state is None or state.cursor != self.current.cursor:
            return None
        picture = self._connection.client.screenshot()
        for _ in range(_MAX_SHOTS):
            earlier, picture = picture, self._connection.client.screenshot()
            if picture == earlier:
                break
        return picture

    def _place(self, log: EpisodeLog) -> None:
        """Bring an episode that the viewer has to the screen. The cursor goes first, so that no other frame is seen."""
        self._set_cursor(log)
        self._connection.client.show(log.location)
        self.is_placed = True
        log.on_screen.set()

    def _set_cursor(self, log: EpisodeLog) -> None:
        cursor = self._cursor_of(log)
        if cursor != log.cursor:
            self._connection.client.set_cursor(log.store_id, cursor)
            log.cursor = cursor

    def _cursor_of(self, log: EpisodeLog) -> Cursor:
        """Where the cursor of an episode belongs."""
        frame = self.frame if log is self.current else log.focus_frame
        return cursor_at(log.episode.clock, frame, self._timeline or default_timeline(log.episode))

    def _log_again(self, log: EpisodeLog) -> None:
        """Somebody closed the recording in the viewer."""
        order = EpisodeOrder(log.episode, log.annotation, self.frame, log.findings)
        self._shelf.forget(log)
        self.current = None
        self.show(order)

    def _moved_to(self, log: EpisodeLog, cursor: Cursor | None, before: Cursor | None) -> int | None:
        """The frame that a person moved the cursor to; None when it still shows the same frame."""
        if cursor is None or cursor in (log.cursor, before):
            return None
        if log.cursor is not None and cursor.timeline != log.cursor.timeline:
            self._timeline = cursor.timeline
            self._set_cursor(log)  # each timeline has a cursor of its own; the frame shall stay
            return None
        frame = frame_at(log.episode.clock, cursor)
        moved = frame is not None and frame != self.frame
        if before is not None and moved:
            self._connection.client.set_cursor(log.store_id, cursor)  # a person goes before playback
        if before is None or moved:
            log.cursor = cursor
        if not moved or frame is None:
            return None
        self.frame = log.focus_frame = frame
        return frame
