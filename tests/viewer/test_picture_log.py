"""In which order pictures are sent, and what happens when one cannot be read."""

from collections.abc import Iterator

import numpy as np
import rerun as rr

from failview.errors import DatasetError
from failview.model.annotation import Annotation
from failview.model.camera import Camera, Picture
from failview.model.clock import Clock
from failview.viewer.episode_log import EpisodeLog
from failview.viewer.picture_log import BATCH_FRAMES, MAX_WIDTH, PictureLog, encode
from tests.episodes.synthetic import SyntheticReader, make_camera, make_episode
from tests.viewer.desk import decode

CLOCK = Clock.at_rate(40, 30.0, "test")


def stream() -> rr.RecordingStream:
    return rr.RecordingStream("failview-test", recording_id="test", send_properties=False)


class BrokenReader(SyntheticReader):
    """Fails from frame 16 on."""

    def read_range(self, start: int, stop: int) -> Iterator[Picture]:
        if stop > 16:
            raise DatasetError("cannot be decoded", where="wrist.mp4")
        return super().read_range(start, stop)


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


def test_a_camera_that_cannot_be_decoded_is_given_up_and_the_rest_is_sent() -> None:
    episode = make_episode(40, cameras=("front",), size=(64, 48))
    broken = Camera("wrist", 64, 48, 40, lambda: BrokenReader(64, 48, 40, 100))
    cameras = {**episode.cameras, "wrist": broken}
    episode = type(episode)("broken", "", episode.clock, episode.signals, cameras, episode.source)
    log = EpisodeLog(episode, Annotation(), 0, stream(), "Recording:a:b")
    for _ in log.steps():
        pass
    assert log.is_done
    assert log.problems == ["wrist.mp4: cannot be decoded"]
    assert log._pictures[0].sent.all()
