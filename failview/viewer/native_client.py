"""Remote control of a running viewer. The only module that imports rerun.experimental."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rerun.experimental import ViewerClient

from failview.viewer.entity_paths import FRAME_TIMELINE


class ViewerLostError(Exception):
    """The viewer did not answer, or refused a call."""


class Cursor(NamedTuple):
    """A place on a timeline: a frame on "frame", ns since the first frame on "time"."""

    timeline: str
    value: int


@dataclass(frozen=True)
class RecordingState:
    """One recording in the viewer.

    Attributes:
        location: Where to find it, for `NativeClient.show`.
        cursor: Its time cursor; None while it has none.
        ends: Last value by timeline, for the timelines that hold data.
    """

    location: str
    cursor: Cursor | None
    ends: Mapping[str, int]


@dataclass(frozen=True)
class Snapshot:
    """What the viewer shows.

    Attributes:
        active: Store id of the recording on the screen.
        recordings: By store id.
        loading: Whether it is still loading something.
    """

    active: str | None
    recordings: Mapping[str, RecordingState]
    loading: bool


def store_id(application_id: str, recording_id: str) -> str:
    """The viewer's name of a recording. Neither id may hold a colon or a backslash."""
    return f"Recording:{application_id}:{recording_id}"


def application_id_of(recording: str) -> str:
    """The application id in a store id."""
    return recording.split(":")[1]


@contextmanager
def answering() -> Iterator[None]:
    """Turns the SDK's ways to say that the viewer is gone into ViewerLostError."""
    try:
        yield
    except (ConnectionError, RuntimeError, OSError) as error:
        raise ViewerLostError(str(error)) from error


class NativeClient:
    """Calls block until the viewer answers, for at most 15 s. Belongs to one thread.

    The viewer answers once per picture that it paints, whatever it was asked: two calls one after the other take two
    pictures, and two at the same time take one.
    """

    def __init__(self, url: str) -> None:
        """Connect.

        Raises:
            ViewerLostError: Nobody answers there.
        """
        with answering():
            self._client = ViewerClient.connect(url)
            self._eyes = ViewerClient.connect(url)
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="failview-viewer-look")

    def release(self) -> None:
        """Nothing is asked any more."""
        self._looking.shutdown(wait=False)

    def snapshot(self) -> Snapshot:
        """What the viewer shows now.

        Raises:
            ViewerLostError: It does not answer.
        """
        return self._snapshot(self._client)

    def set_cursor_and_look(self, recording: str, cursor: Cursor) -> Snapshot:
        """Move the time cursor like `set_cursor`, and say what the viewer showed at that time, before or after it.

        Raises:
            ViewerLostError: It does not answer, or has no such recording.
        """
        look = self._looking.submit(self._snapshot, self._eyes)
        self.set_cursor(recording, cursor)
        return look.result()

    def _snapshot(self, client: ViewerClient) -> Snapshot:
        with answering():
            state = client.get_state()
        recordings = {
            found.store_id: RecordingState(
                found.location,
                None
                if found.current_timeline is None or found.current_time is None
                else Cursor(found.current_timeline, found.current_time),
                {line.name: line.end for line in found.timelines if line.end is not None},
            )
            for found in state.recordings
        }
        return Snapshot(state.active_recording, recordings, bool(state.loading))

    def has_entity(self, recording: str, path: str) -> bool:
        """Whether anything has been logged on an entity of a recording (store id).

        Raises:
            ViewerLostError: It does not answer, or has no such recording.
        """
        with answering():
            schema = self._client.get_recording_schema(recording, entity_path=path, paths_only=True)
        return bool(schema.entities)

    def set_cursor(self, recording: str, cursor: Cursor) -> None:
        """Move the time cursor of a recording (store id) and pause it there.

        Raises:
            ViewerLostError: It does not answer, or has no such recording.
        """
        with answering():
            if cursor.timeline == FRAME_TIMELINE:
                self._client.set_time(cursor.timeline, sequence=cursor.value, play_state="paused", recording=recording)
            else:
                duration = np.timedelta64(cursor.value, "ns")
                self._client.set_time(cursor.timeline, duration=duration, play_state="paused", recording=recording)

    def show(self, location: str) -> None:
        """Bring a recording to the screen.

        Raises:
            ViewerLostError: It does not answer, or has no such recording.
        """
        with answering():
            self._client.set_location(location)

    def close_recordings(self, store_ids: list[str]) -> None:
        """Drop recordings from the viewer's memory.

        Raises:
            ViewerLostError: It does not answer, or has no such recording.
        """
        with answering():
            self._client.close(store_ids=store_ids)

    def screenshot(self) -> bytes:
        """A PNG of the whole viewer.

        Raises:
            ViewerLostError: It does not answer.
        """
        with answering():
            return self._client.take_screenshot()
