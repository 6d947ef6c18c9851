"""The recordings in the viewer: episodes shown, loaded ahead or seen before, and empty ones in reserve."""

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import psutil
import rerun as rr
import rerun_bindings

from failview.model.annotation import Stage
from failview.model.episode import Episode
from failview.viewer.blueprint import send_blueprint
from failview.viewer.blueprint_file import Layout, common_key, fit
from failview.viewer.connection import Connection
from failview.viewer.entity_paths import INDEX
from failview.viewer.episode_log import EpisodeLog
from failview.viewer.inbox import EpisodeOrder, Look
from failview.viewer.loading import LoadingThread
from failview.viewer.native_client import Snapshot, ViewerLostError, answering, application_id_of, store_id
from failview.viewer.scene_log import Eye, eye_for
from failview.viewer.time_columns import default_timeline

MAX_EPISODES = 12
"""Episodes kept in the viewer: the shown one, the next ones, and those to go back to at once."""

MIN_EPISODES = 2
"""The shown one and the next one, however large they are."""

DEFAULT_BUDGET_BYTES = min(1e9, max(2.5e8, psutil.virtual_memory().total / 16))
"""What the episodes in the viewer may take: 500 MB on a laptop with 8 GB."""

VIEWER_SHARE = 3.0
"""Memory that the viewer takes for each byte sent to it (Rerun 0.41, measured with JPEG pictures)."""

RESERVE = 6
"""A new recording takes over the viewer's screen, whoever makes it, and no call prevents it (Rerun 0.41). So several
empty ones are made at a moment when the screen changes anyway, and episodes loaded ahead go into those."""

_KNOWN_S = 5.0

RELEASE_S = 5.0
"""By then nothing else holds the streams of a lost viewer."""

Key = tuple[str, str, str]
Layouts = Mapping[Stage, Mapping[str, Any]]
"""The layout of each stage, as written."""


def key_of(episode: Episode) -> Key:
    """Names an episode and its content."""
    return (episode.source.path, episode.episode_id, episode.source.fingerprint)


class Shelf:
    """Owns every recording stream. Belongs to the control thread."""

    def __init__(
        self, connection: Connection, loading: LoadingThread, layouts: Layouts, look: Look, budget_bytes: float
    ) -> None:
        self._connection = connection
        self._loading = loading
        self._layouts = layouts
        self._look = look
        self._budget_bytes = budget_bytes
        self._wishes: list[Key] = []
        self._logs: OrderedDict[Key, EpisodeLog] = OrderedDict()
        self._reserve: dict[str, list[tuple[rr.RecordingStream, str]]] = {}
        self._fitted: dict[str, dict[Stage, Layout]] = {}
        self._sent: dict[str, Stage] = {}
        self._eye: Eye | None = None
        self._made = 0

    def find(self, episode: Episode) -> EpisodeLog | None:
        """The recording of an episode, where there is one."""
        return self._logs.get(key_of(episode))

    def add(self, order: EpisodeOrder) -> tuple[EpisodeLog, bool]:
        """A recording for an episode that has none, and whether making it took over the screen.

        Raises:
            ViewerLostError: The viewer does not answer.
        """
        timeline = default_timeline(order.episode)
        self._eye = eye_for(order.episode, self._eye)
        fitted = {stage: fit(written, order.episode, timeline, self._eye) for stage, written in self._layouts.items()}
        application_id = f"failview-{common_key(fitted.values())}"
        self._fitted[application_id] = fitted
        disturbed = not self._reserve.get(application_id)
        if disturbed:
            with answering():
                self._refill(application_id)
        stream, name = self._reserve[application_id].pop()
        self._send_layout(application_id, stream)
        log = EpisodeLog(order.episode, order.annotation, order.frame, stream, name)
        log.findings = order.findings
        log.show_readings(shown=self._look.readings)
        self._logs[key_of(order.episode)] = log
        self.touch(log)
        return log, disturbed

    def set_look(self, look: Look) -> bool:
        """Change the layout, or let the readings come or go; whether that may have taken over the screen.

        Raises:
            ViewerLostError: The viewer does not answer.
        """
        before, self._look = self._look, look
        if look.readings != before.readings:
            with answering():
                for log in self._logs.values():
                    log.show_readings(shown=look.readings)
        if look.stage is before.stage:
            return False
        streams = [(log.stream, log.store_id) for log in self._logs.values()]
        streams += [spare for spares in self._reserve.values() for spare in spares]
        for stream, name in streams:
            self._send_layout(application_id_of(name), stream)
        return True

    def _send_layout(self, application_id: str, stream: rr.RecordingStream) -> None:
        """Send the layout of the stage, unless the viewer has it: it would undo what a person changed there."""
        stage = self._look.stage
        if self._sent.get(application_id) is not stage:
            self._sent[application_id] = stage
            with answering():
                send_blueprint(stream, self._fitted[application_id][stage])
                stream.flush()

    def newly_arrived(self, snapshot: Snapshot) -> list[EpisodeLog]:
        """Episodes whose first part the viewer has had since the last time; from now on they can be shown.

        Raises:
            ViewerLostError: The viewer does not answer.
        """
        arrived = []
        for log in self._logs.values():
            state = snapshot.recordings.get(log.store_id)
            if log.location or not log.first_part_sent.is_set() or state is None or not state.ends:
                continue
            if self._connection.client.has_entity(log.store_id, INDEX):
                log.location = state.location
                arrived.append(log)
        return arrived

    def touch(self, log: EpisodeLog) -> None:
        """Note that an episode was asked for just now."""
        key = key_of(log.episode)
        self._logs.move_to_end(key)
        if key not in self._wishes:
            self._wishes.append(key)

    def begin_wishes(self) -> None:
        """From now on it is told again which episodes are wanted, the most urgent one first."""
        self._wishes.clear()

    def tidy(self, shown: EpisodeLog | None, snapshot: Snapshot) -> None:
        """Close the recordings that are wanted least, beyond what is kept.

        Raises:
            ViewerLostError: The viewer does not answer.
        """
        kept = [log for log in self._most_wanted() if log is not shown]
        num_bytes = VIEWER_SHARE * sum(log.num_bytes for log in self._logs.values())
        surplus: list[EpisodeLog] = []
        while len(kept) >= MAX_EPISODES or (len(kept) >= MIN_EPISODES and num_bytes > self._budget_bytes):
            surplus.append(kept.pop())
            num_bytes -= VIEWER_SHARE * surplus[-1].num_bytes
        for log in surplus:
            self.forget(log)
        if known := [log.store_id for log in surplus if log.store_id in snapshot.recordings]:
            self._connection.client.close_recordings(known)
        if surplus:
            # A Python stream leaves two threads behind when it is dropped (rerun-io/rerun#2116); this ends those that
            # earlier ones left. The SDK does the same in `init`, which would make a recording of its own.
            with answering():
                rerun_bindings.flush_and_cleanup_orphaned_recordings()

    def orders(self) -> list[EpisodeOrder]:
        """What is on the shelf, the most wanted first, to put it on another one."""
        logs = self._most_wanted()
        return [EpisodeOrder(log.episode, log.annotation, log.focus_frame, log.findings) for log in logs]

    def _most_wanted(self) -> list[EpisodeLog]:
        """What is wanted now in the order of the wishes, then what was wanted before, the last one first."""
        others = [key for key in reversed(self._logs) if key not in self._wishes]
        return [self._logs[key] for key in [*self._wishes, *others] if key in self._logs]

    def abandon(self, *, lost: bool) -> None:
        """Let go of every stream. Those of a lost viewer may block whoever drops them last, so a timer does it."""
        for log in self._logs.values():
            self._loading.drop(log)
        streams = [log.stream for log in self._logs.values()]
        streams += [stream for spares in self._reserve.values() for stream, _ in spares]
        self._logs.clear()
        self._reserve.clear()
        if lost:
            timer = threading.Timer(RELEASE_S, streams.clear)
            timer.daemon = True
            timer.start()
            return
        for stream in streams:
            with contextlib.suppress(ViewerLostError), answering():
                stream.disconnect()

    def forget(self, log: EpisodeLog) -> None:
        """Let go of one episode."""
        del self._logs[key_of(log.episode)]
        self._loading.drop(log)
        with answering():
            log.stream.disconnect()

    def _refill(self, application_id: str) -> None:
        """Make empty recordings and wait until the viewer knows them."""
        made: list[tuple[rr.RecordingStream, str]] = []
        for _ in range(RESERVE):
            self._made += 1
            recording_id = f"{self._made}"
            stream = rr.RecordingStream(application_id, recording_id=recording_id, send_properties=False)
            stream.connect_grpc(self._connection.url)
            stream.send_recording_name("(empty)")
            stream.flush()
            made.append((stream, store_id(application_id, recording_id)))
        deadline_s = time.monotonic() + _KNOWN_S
        names = {name for _, name in made}
        while not names <= set(self._connection.client.snapshot().recordings):
            if time.monotonic() > deadline_s:
                raise ViewerLostError("the viewer does not take new recordings")
        self._reserve[application_id] = made[::-1]
