"""A frame number always gives the picture that was encoded under it, whatever the codec and its keyframes."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from failview.errors import DatasetError
from failview.loaders.pictures.video_frames import VideoFrameReader
from failview.loaders.pictures.video_index import VideoIndexes
from tests.loaders.number_pictures import HEIGHT, WIDTH, number_in, numbered_picture, write_video

FRAMES = 61

ENCODINGS = {
    "h264, long groups, B-frames": ("libx264", {"g": "250", "bf": "3"}),
    "h264, short groups, no B-frames": ("libx264", {"g": "7", "bf": "0"}),
    "h264, open groups": ("libx264", {"x264-params": "keyint=10:min-keyint=10:open-gop=1:bframes=3:scenecut=0"}),
    "h264, every frame a keyframe": ("libx264", {"g": "1"}),
    "av1, as LeRobot writes it": ("libsvtav1", {"g": "2", "crf": "30", "preset": "12"}),
    "av1, long groups": ("libsvtav1", {"g": "40", "crf": "30", "preset": "12"}),
    "mpeg-4 part 2": ("mpeg4", {"g": "12", "bf": "2"}),
}


@pytest.fixture(params=ENCODINGS.values(), ids=ENCODINGS.keys())
def video(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    codec, options = request.param
    path = tmp_path / "video.mp4"
    write_video(path, list(range(FRAMES)), codec=codec, options=options)
    return path


def reader_of(path: Path, offset: int = 0, count: int = FRAMES) -> VideoFrameReader:
    return VideoFrameReader(path, VideoIndexes(), offset, count)


def test_every_order_of_reading(video: Path) -> None:
    reader = reader_of(video)
    forwards = list(range(FRAMES))
    jumps = np.random.default_rng(0).integers(0, FRAMES, 60).tolist()
    for order in (forwards, forwards[::-1], jumps, [60, 0, 60, 59, 58, 0, 1]):
        assert [number_in(reader.read(frame)) for frame in order] == order
    reader.close()


def test_a_stretch_of_a_video_never_shows_its_neighbours(video: Path) -> None:
    reader = reader_of(video, offset=20, count=15)
    assert [number_in(reader.read(frame)) for frame in (14, 0, 7)] == [34, 20, 27]
    assert [number_in(picture) for picture in reader.read_range(0, 15)] == list(range(20, 35))
    with pytest.raises(IndexError):
        reader.read(15)
    reader.close()


def test_a_closed_reader_may_be_used_again(video: Path) -> None:
    reader = reader_of(video)
    assert number_in(reader.read(30)) == 30
    reader.close()
    assert number_in(reader.read(3)) == 3
    reader.close()


def test_uneven_frame_times(tmp_path: Path) -> None:
    """DATA 6."""
    path = tmp_path / "uneven.mp4"
    times = np.cumsum([0, 1, 5, 1, 1, 9, 2, 2, 1, 30, 1, 1]).tolist()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"g": "4", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90)
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(numbered_picture(number), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 90)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    reader = reader_of(path, count=len(times))
    assert [number_in(reader.read(frame)) for frame in (11, 5, 9, 0, 10)] == [11, 5, 9, 0, 10]
    reader.close()


def test_a_damaged_video_gives_one_line(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(b"this is no video" * 100)
    with pytest.raises(DatasetError) as caught:
        reader_of(path).read(0)
    assert "video.mp4" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_pictures_that_are_cut_off_give_one_line(tmp_path: Path) -> None:
    whole = tmp_path / "whole.mp4"
    write_video(whole, list(range(FRAMES)), options={"g": "10"})
    broken = tmp_path / "broken.mp4"
    content = bytearray(whole.read_bytes())
    middle = len(content) * 2 // 3
    content[middle:] = b"\0" * (len(content) - middle)
    broken.write_bytes(bytes(content))
    reader = reader_of(broken)
    outcomes = set()
    for frame in range(FRAMES):
        try:
            outcomes.add(number_in(reader.read(frame)) == frame)
        except DatasetError as error:
            assert "broken.mp4" in str(error)  # noqa: PT017 - some frames are whole, some are not
            outcomes.add(None)
    reader.close()
    assert outcomes == {True, None}
