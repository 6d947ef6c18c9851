"""In which order pictures are sent, what stands for one that cannot be read, and that no frame shows another one's."""

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
import rerun as rr

from failview.errors import DatasetError
from failview.model.annotation import Annotation
from failview.model.camera import Camera, Picture
from failview.model.clock import Clock
from failview.viewer.entity_paths import camera_path
from failview.viewer.episode_log import EpisodeLog
from failview.viewer.picture_log import BATCH_FRAMES, MAX_WIDTH, PictureLog, encode
from tests.episodes.synthetic import SyntheticReader, make_camera, make_episode, read_frame_number
from tests.viewer.desk import decode

CLOCK = Clock.at_rate(40, 30.0, "test")


def stream() -> rr.RecordingStream:
    return rr.RecordingStream("failview-test", recording_id="test", send_properties=False)


class BrokenReader(SyntheticReader):
    """Fails at some frames. `error` is what it raises there."""

    def __init__(self, broken: Iterable[int], error: Exception | None = None) -> None:
        super().__init__(320, 240, 40, 100)
        self._broken = frozenset(broken)
        self._error = error or DatasetError("cannot be decoded", where="wrist.mp4")

    def read(self, frame: int) -> Picture:
        if frame in self._broken:
            raise self._error
        return super().read(frame)


class SentRows:
    """A stream that shows what Rerun shows: the latest row at or before the cursor."""

    def __init__(self) -> None:
        self.rows: dict[int, bytes] = {}

    def send_columns(self, _path: str, indexes: Sequence[rr.TimeColumn], columns: rr.ComponentColumnList) -> None:
        frames = indexes[0].as_arrow_array().to_pylist()
        blobs = next(column for column in columns if "blob" in str(column.component_descriptor()))
        for frame, blob in zip(frames, blobs.as_arrow_array().to_pylist(), strict=True):
            self.rows[frame] = bytes(blob[0])

    def shown_at(self, frame: int) -> bytes | None:
        earlier = [row for row in self.rows if row <= frame]
        return self.rows[max(earlier)] if earlier else None

    def number_at(self, frame: int) -> int | None:
        """The frame number in the picture that is shown; None for a placeholder, or for nothing."""
        blob = self.shown_at(frame)
        return None if blob is None else read_frame_number(decode(blob))


def sent_by(camera: Camera, num_frames: int, wanted: int) -> tuple[SentRows, PictureLog]:
    """Send a whole camera; at no moment may a frame show the picture of another one."""
    rows = SentRows()
    log = PictureLog(rows, camera, Clock.at_rate(num_frames, 30.0, "test"))
    log.send_first(wanted)
    for _ in range(2 * num_frames):
        assert {rows.number_at(frame) for frame in range(num_frames) if rows.number_at(frame) != frame} <= {None}
        if log.is_done:
            return rows, log
        log.send_next(wanted)
    raise AssertionError("it never ends")


def test_the_wanted_frame_goes_first_then_onwards_then_the_rest() -> None:
    log = PictureLog(stream(), make_camera("front", 40, (64, 48)), CLOCK)
    log.send_first(30)
    assert np.flatnonzero(log.sent).tolist() == [30]
    log.send_next(30)
    assert np.flatnonzero(log.sent).tolist() == list(range(30, 31 + BATCH_FRAMES))
    log.send_next(30)
    assert np.flatnonzero(log.sent).tolist() == list(range(30, 40))
    log.send_next(30)
    assert np.flatnonzero(log.sent).tolist() == [*range(BATCH_FRAMES), *range(30, 40)]


def test_a_seek_while_loading_changes_what_comes_next() -> None:
    log = PictureLog(stream(), make_camera("front", 40, (64, 48)), CLOCK)
    log.send_first(0)
    log.send_next(20)
    assert np.flatnonzero(log.sent).tolist() == [0, *range(20, 20 + BATCH_FRAMES)]


def test_wide_pictures_are_shrunk() -> None:
    jpeg = encode(np.zeros((720, 1280, 3), np.uint8))
    assert decode(jpeg).shape == (360, MAX_WIDTH, 3)


def test_readers_are_closed_when_loading_stops() -> None:
    readers: list[SyntheticReader] = []

    def open_reader() -> SyntheticReader:
        readers.append(SyntheticReader(64, 48, 40, 100))
        return readers[-1]

    episode = make_episode(40, cameras=("front",), size=(64, 48))
    camera = Camera("front", 64, 48, 40, open_reader)
    episode = type(episode)("stopped", "", episode.clock, {}, {"front": camera}, episode.source)
    log = EpisodeLog(episode, Annotation(), 3, stream(), "Recording:a:b")
    steps = log.steps()
    next(steps)
    steps.close()
    assert [(reader.reads, reader.closed) for reader in readers] == [(1, True)]


@pytest.mark.parametrize("wanted", [0, 12, 30, 39])
@pytest.mark.parametrize("num_pictures", [0, 1, 25])
def test_frames_after_the_end_of_a_camera_show_no_picture(num_pictures: int, wanted: int) -> None:
    rows, log = sent_by(make_camera("wrist", num_pictures, (320, 240)), 40, wanted)
    shown = [rows.number_at(frame) for frame in range(40)]
    assert shown == [*range(num_pictures), *[None] * (40 - num_pictures)]
    assert log.problem == ""


@pytest.mark.parametrize("error", [DatasetError("cannot be decoded", where="wrist.mp4"), ValueError("a reader's own")])
def test_only_damaged_frames_are_lost(error: Exception) -> None:
    broken = {0, 7, 16, 17, 39}
    camera = Camera("wrist", 320, 240, 40, lambda: BrokenReader(broken, error))
    rows, log = sent_by(camera, 40, 12)
    assert [rows.number_at(frame) for frame in range(40)] == [None if at in broken else at for at in range(40)]
    assert "5 of 40 pictures" in log.problem
    assert str(error) in log.problem
    assert log.problem.startswith("wrist: ")
    shown = rows.shown_at(7)
    assert all(rows.shown_at(frame) == shown for frame in broken)


def test_a_damaged_frame_looks_unlike_one_that_is_missing_or_on_its_way() -> None:
    camera = Camera("wrist", 320, 240, 38, lambda: BrokenReader({16}))
    loading = SentRows()
    PictureLog(loading, camera, CLOCK).send_first(20)
    rows, _log = sent_by(camera, 40, 20)
    assert len({rows.shown_at(16), rows.shown_at(38), loading.shown_at(0)}) == 3


def test_a_camera_that_does_not_open_does_not_stop_the_episode() -> None:
    def open_reader() -> SyntheticReader:
        raise DatasetError("cannot be opened", where="wrist.mp4")

    episode = make_episode(40, cameras=("front",), size=(64, 48))
    cameras = {"wrist": Camera("wrist", 64, 48, 40, open_reader), **episode.cameras}
    episode = type(episode)("broken", "", episode.clock, episode.signals, cameras, episode.source)
    log = EpisodeLog(episode, Annotation(), 0, stream(), "Recording:a:b")
    for _ in log.steps():
        pass
    assert log.is_done
    assert log.problems == ["wrist: none of 40 pictures can be shown (wrist.mp4: cannot be opened)"]
    assert log._pictures[1].sent.all()


def test_names_of_cameras_are_kept_apart() -> None:
    names = ["a.b", "a_b", "a/b", "a b", "a-b", "ä", "observation.images.front"]
    assert len({camera_path(name) for name in names}) == len(names)
