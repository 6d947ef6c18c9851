"""Overlay videos: the right picture, label and cursor on every frame, and the same bytes each time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from failview.errors import DatasetError, ExportError
from failview.exporters.overlay.curves import curves_of
from failview.exporters.overlay.episode_video import WriteVideo
from failview.exporters.overlay.frame_picture import HEIGHT, SIDE, WIDTH, FramePicture
from failview.exporters.overlay.marks import marks_of
from failview.exporters.overlay.plot_picture import PlotPicture
from failview.exporters.overlay.video_file import Codec
from failview.model.annotation import Annotation, AnnotationRecord, Outcome, RecoveryOutcome
from failview.model.camera import Camera, Picture
from failview.model.detection import Detection, EpisodeFindings
from failview.model.roles import Role
from failview.proposals.labelled_dataset import LabelledEpisode
from tests.episodes.synthetic import SyntheticReader, make_episode, read_frame_number

FRAMES, ONSET, OBVIOUS, START, END = 40, 13, 16, 21, 30
LABEL = Annotation(
    outcome=Outcome.PARTIAL_SUCCESS,
    failure_category="grasp",
    failure_subcategory="slip_during_lift",
    failure_onset_frame=ONSET,
    failure_obvious_frame=OBVIOUS,
    recovery_attempted=True,
    recovery_start_frame=START,
    recovery_end_frame=END,
    recovery_outcome=RecoveryOutcome.RECOVERED,
)
EVENT = Detection("grasp", "grasp.slip", 12, 18, 0.93, "force fell to 0.1 N")
EDGE = (2, SIDE[0] // 2)
"""A place on the coloured edge around the picture."""


def labelled(annotation: Annotation | None = LABEL, **wishes: object) -> LabelledEpisode:
    episode = make_episode(FRAMES, ("front",), **wishes)  # type: ignore[arg-type]
    record = None
    if annotation is not None:
        record = AnnotationRecord(episode.episode_id, "ada", "failview-tabletop", "1.0.0", annotation)
    return LabelledEpisode(episode, record, EpisodeFindings(episode.episode_id, (EVENT,), {}, {}))


def frames_of(path: Path) -> Iterator[npt.NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def drawer(item: LabelledEpisode, *, show_label: bool = True) -> FramePicture:
    marks = marks_of(item.annotation, FRAMES) if show_label else None
    lane, lines = (marks.lane(), marks.lines) if marks else ((), ())
    plots = PlotPicture(curves_of(item.episode), FRAMES, SIDE, lane, lines, (EVENT,))
    return FramePicture(item.episode.episode_id, item.episode.clock, marks, plots)


def hue(pixel: npt.NDArray[np.uint8]) -> str:
    red, green, blue = (int(part) for part in pixel)
    if red > green + 60 and red > blue + 60:
        return "red"
    return "green" if green > red + 40 else "none"


@pytest.mark.parametrize("codec", list(Codec))
def test_frame_i_of_the_video_is_frame_i_of_the_episode_in_its_phase(tmp_path: Path, codec: Codec) -> None:
    WriteVideo(codec=codec)(labelled(), tmp_path / "a.mp4")
    pictures = list(frames_of(tmp_path / "a.mp4"))
    assert [read_frame_number(picture[:, : SIDE[0]]) for picture in pictures] == list(range(FRAMES))
    wanted = (
        ["none"] * ONSET + ["red"] * (START - ONSET) + ["green"] * (END + 1 - START) + ["none"] * (FRAMES - 1 - END)
    )
    assert [hue(picture[EDGE]) for picture in pictures] == wanted


def test_the_video_plays_everywhere(tmp_path: Path) -> None:
    WriteVideo()(labelled(), tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.pix_fmt, context.width, context.height) == ("h264", "yuv420p", WIDTH, HEIGHT)
        assert (stream.frames, stream.average_rate) == (FRAMES, 30)
        stamps = [packet.pts * packet.time_base for packet in container.demux(stream) if packet.pts is not None]
    assert sorted(float(stamp) for stamp in stamps) == pytest.approx([frame / 30 for frame in range(FRAMES)])
    content = (tmp_path / "a.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat"), "a browser would have to load all of it first"


@pytest.mark.parametrize("codec", list(Codec))
def test_rendering_twice_gives_the_same_bytes(tmp_path: Path, codec: Codec) -> None:
    for name in ("a.mp4", "b.mp4"):
        WriteVideo(codec=codec)(labelled(), tmp_path / name)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_the_cursor_stands_where_the_label_begins() -> None:
    drawn = drawer(labelled())
    lane_row = HEIGHT - 56
    at_onset = drawn.draw(ONSET, None)[lane_row, SIDE[0] :]
    before = drawn.draw(0, None)[lane_row, SIDE[0] :]
    cursor = int(np.flatnonzero((at_onset > 245).all(axis=1))[0])
    red = np.flatnonzero([hue(pixel) == "red" for pixel in before])
    assert cursor == int(red[0])


def test_a_cursor_moves_evenly_and_the_values_follow() -> None:
    drawn = drawer(labelled())
    places = []
    for frame in (0, 10, 20, 30):
        row = drawn.draw(frame, None)[HEIGHT - 56, SIDE[0] :]
        places.append(int(np.flatnonzero((row > 245).all(axis=1))[0]))
    steps = np.diff(places)
    assert steps.min() > 100
    assert steps.max() - steps.min() <= 1
    title_row = slice(0, 20)
    assert (drawn.draw(0, None)[title_row, -100:] != drawn.draw(39, None)[title_row, -100:]).any()


def test_without_a_label_nothing_is_tinted_and_it_says_so() -> None:
    with_label, without = drawer(labelled()), drawer(labelled(None))
    reader = SyntheticReader(640, 480, FRAMES, 100)
    tinted, plain = with_label.draw(15, reader.read(15)), without.draw(15, reader.read(15))
    assert hue(tinted[EDGE]) == "red"
    assert hue(plain[EDGE]) == "none"
    assert (
        plain[:30, : SIDE[0]] != drawer(labelled(), show_label=False).draw(15, reader.read(15))[:30, : SIDE[0]]
    ).any()


def test_a_failed_recovery_is_still_a_failure_afterwards() -> None:
    failed = replace(LABEL, recovery_outcome=RecoveryOutcome.FAILED_RECOVERY)
    look = marks_of(failed, FRAMES).look
    assert look(END + 1).words == "after a failed recovery"
    assert look(END + 1).tint is not None
    assert marks_of(LABEL, FRAMES).look(END + 1).tint is None


def test_pictures_keep_their_shape_and_a_missing_one_is_said() -> None:
    drawn = drawer(labelled(None))
    tall = np.full((200, 100, 3), 200, dtype=np.uint8)
    left = drawn.draw(3, tall)[:, : SIDE[0]]
    bright = np.flatnonzero((left[HEIGHT // 2] > 150).all(axis=1))
    assert (bright[0], bright[-1]) == (200, 439), "480 high and 240 wide, in the middle"
    assert (drawn.draw(3, None)[HEIGHT // 2 - 12 : HEIGHT // 2 + 4, :200] > 100).any()


def test_an_episode_without_camera_shows_its_signals(tmp_path: Path) -> None:
    item = labelled()
    bare = replace(item, episode=replace(item.episode, cameras={}))
    WriteVideo()(bare, tmp_path / "a.mp4")
    assert len(list(frames_of(tmp_path / "a.mp4"))) == FRAMES
    nothing = replace(item, episode=replace(bare.episode, signals={}))
    with pytest.raises(ExportError, match="neither pictures nor signals"):
        WriteVideo()(nothing, tmp_path / "b.mp4")


def test_an_unknown_camera_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"no camera side.*front"):
        WriteVideo(camera="side")(labelled(), tmp_path / "a.mp4")


def test_a_camera_that_ends_early_leaves_the_last_frames_without_picture(tmp_path: Path) -> None:
    item = labelled()
    short = replace(item.episode.cameras["front"], num_frames=FRAMES - 5)
    WriteVideo()(replace(item, episode=replace(item.episode, cameras={"front": short})), tmp_path / "a.mp4")
    numbers = [read_frame_number(picture[:, : SIDE[0]]) for picture in frames_of(tmp_path / "a.mp4")]
    assert numbers == [*range(FRAMES - 5), *[None] * 5]


class _Torn(SyntheticReader):
    def read(self, frame: int) -> Picture:
        if frame == 9:
            raise DatasetError("picture 9 cannot be decoded")
        return super().read(frame)


def test_a_damaged_picture_is_no_silent_gap(tmp_path: Path) -> None:
    item = labelled()
    torn = Camera("front", 640, 480, FRAMES, lambda: _Torn(640, 480, FRAMES, 100))
    with pytest.raises(DatasetError, match="picture 9"):
        WriteVideo()(replace(item, episode=replace(item.episode, cameras={"front": torn})), tmp_path / "a.mp4")


def test_the_plots_are_aperture_force_speed_and_residual() -> None:
    item = labelled(force_rate_hz=1000.0)
    residual = np.zeros((FRAMES, 7))
    findings = EpisodeFindings("x", (), {}, {}, arrays={"collision.residual_nm": residual})
    titles = [curves.title for curves in curves_of(item.episode, findings)]
    assert titles == ["Aperture (mm)", "Grip force (N)", "End effector speed (m/s)", "Torque residual (Nm)"]
    aperture, force, *_ = curves_of(item.episode, findings)
    seen = item.episode.signals[Role.GRIPPER_APERTURE].values[17, 0]
    assert aperture.at(17) == pytest.approx([seen * 1000])
    fast = item.episode.signals[Role.GRIPPER_FORCE]
    assert force.at(17) == pytest.approx(fast.at_frame(item.episode.clock, 17))


def test_an_episode_without_times_plays_at_the_nominal_pace(tmp_path: Path) -> None:
    item = labelled(rate_hz=None)
    WriteVideo()(item, tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.streams.video[0].average_rate == 10
    assert "speed" not in " ".join(curves.title for curves in curves_of(item.episode))
