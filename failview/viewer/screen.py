"""What is on the screen of one running viewer: the episode, the time cursor, and whether a person moved it."""

import time
from collections.abc import Mapping
from typing import Any

from failview.model.annotation import Annotation
from failview.viewer.connection import Connection
from failview.viewer.episode_log import EpisodeLog
from failview.viewer.inbox import EpisodeOrder
from failview.viewer.loading import LoadingThread
from failview.viewer.native_client import Cursor, Snapshot
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

    def __init__(self, connection: Connection, loading: LoadingThread, layout_file: Mapping[str, Any]) -> None:
        self._connection = connection
        self._loading = loading
        self._shelf = Shelf(connection, loading, layout_file)
        self._timeline: str | None = None
        self._seen: Cursor | None = None
        self.current: EpisodeLog | None = None
        self.frame = 0
        self.is_placed = False

    def show(self, order: EpisodeOrder) -> None:
        """Bring an episode to the screen, at once when it has been loaded ahead."""
        self.frame = order.episode.clock.clamp(order.frame)
        log = self._shelf.find(order.episode)
        if log is None:
            log, _ = self._shelf.add(order)
        else:
            log.focus_frame = self.frame
            log.mark(order.annotation)
            self._shelf.touch(log)
        self.current, self.is_placed, self._seen = log, False, None
        self._loading.put(log, urgent=True)
        self._place(self._connection.client.snapshot())
        self._shelf.tidy(log)

    def preload(self, order: EpisodeOrder) -> None:
        """Load an episode ahead."""
        log = self._shelf.find(order.episode)
        if log is not None:
            log.mark(order.annotation)
            self._shelf.touch(log)
            return
        log, disturbed = self._shelf.add(order)
        if disturbed and self.current is not None and self.is_placed:
            self._bring_back(self._connection.client.snapshot())
        self._loading.put(log, urgent=False)
        self._shelf.tidy(self.current)

    def mark(self, annotation: Annotation) -> None:
        """Show the marks of the current episode."""
        if self.current is not None:
            self.current.mark(annotation)

    def seek(self, frame: int) -> int | None:
        """Move the cursor, unless a person moved it meanwhile: then where it is now."""
        if self.current is None:
            return None
        if self.is_placed and (moved := self.look()) is not None:
            return moved
        self.frame = self.current.focus_frame = self.current.episode.clock.clamp(frame)
        if self.is_placed:
            self._set_cursor()
        return None

    def look(self) -> int | None:
        """Follow the viewer: bring the episode to the screen if it is not, and say where a person moved the cursor."""
        if self.current is None:
            return None
        snapshot = self._connection.client.snapshot()
        if not self.is_placed:
            self._place(snapshot)
            return None
        if self.current.store_id not in snapshot.recordings:
            self._log_again()
            return None
        if snapshot.active != self.current.store_id:
            self._bring_back(snapshot)
        return self._moved_to(snapshot.recordings[self.current.store_id].cursor)

    def rewind(self) -> list[EpisodeOrder]:
        """What was on the shelf, to put it into another viewer; this one is given up."""
        orders = self._shelf.orders()
        self._shelf.abandon()
        return orders

    def settled_picture(self) -> bytes | None:
        """A PNG of the viewer; None while something is still on its way."""
        if self.current is None or not self.is_placed or not self.current.is_done:
            return None
        if time.monotonic() < self._connection.started_s + TOASTS_GONE_S:
            return None
        snapshot = self._connection.client.snapshot()
        state = snapshot.recordings.get(self.current.store_id)
        if snapshot.loading or state is None or state.cursor != self._seen:
            return None
        picture = self._connection.client.screenshot()
        for _ in range(_MAX_SHOTS):
            earlier, picture = picture, self._connection.client.screenshot()
            if picture == earlier:
                break
        return picture

    def _place(self, snapshot: Snapshot) -> None:
        """Show the current episode at its frame, as soon as its first part has arrived."""
        log = self.current
        if log is None or not log.first_part_sent.is_set():
            return
        state = snapshot.recordings.get(log.store_id)
        if state is None or not state.ends:
            return
        self._set_cursor()
        if snapshot.active != log.store_id:
            self._connection.client.show(state.location)
        self.is_placed = True

    def _set_cursor(self) -> None:
        assert self.current is not None
        timeline = self._timeline or default_timeline(self.current.episode)
        cursor = cursor_at(self.current.episode.clock, self.frame, timeline)
        self._connection.client.set_cursor(self.current.store_id, cursor)
        self._seen = cursor

    def _bring_back(self, snapshot: Snapshot) -> None:
        """The panel decides which episode is on the screen."""
        assert self.current is not None
        self._connection.client.show(snapshot.recordings[self.current.store_id].location)

    def _log_again(self) -> None:
        """Somebody closed the recording in the viewer."""
        assert self.current is not None
        order = EpisodeOrder(self.current.episode, self.current.annotation, self.frame)
        self._shelf.forget(self.current)
        self.show(order)

    def _moved_to(self, cursor: Cursor | None) -> int | None:
        """The frame that a person moved the cursor to; None when it still shows the same frame."""
        assert self.current is not None
        if cursor is None or cursor == self._seen:
            return None
        clock = self.current.episode.clock
        if self._seen is not None and cursor.timeline != self._seen.timeline:
            self._timeline = cursor.timeline
            self._set_cursor()  # another timeline has a cursor of its own; the frame shall stay
            return None
        self._seen = cursor
        frame = frame_at(clock, cursor)
        if frame is None or frame == self.frame:
            return None
        self.frame = self.current.focus_frame = frame
        return frame
