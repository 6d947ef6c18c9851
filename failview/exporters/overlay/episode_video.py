"""The overlay video of one episode."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from failview.errors import ExportError
from failview.exporters.overlay.curves import curves_of
from failview.exporters.overlay.frame_picture import HEIGHT, SIDE, WIDTH, FramePicture
from failview.exporters.overlay.marks import Marks, marks_of
from failview.exporters.overlay.plot_picture import PlotPicture
from failview.exporters.overlay.video_file import Codec, write_video
from failview.model.camera import Camera, Picture
from failview.model.episode import Episode
from failview.proposals.labelled_dataset import LabelledEpisode


@dataclass(frozen=True)
class WriteVideo:
    """Writes overlay videos, 1280x480, as many frames as the episode has, at its median rate.

    Attributes:
        camera: Which one is on the left; the first by default.
        codec: How it is packed.
        show_label: Whether the label is drawn; without it people see the episode as it is.
    """

    camera: str = ""
    codec: Codec = Codec.H264
    show_label: bool = True

    def __call__(self, labelled: LabelledEpisode, path: Path) -> tuple[str, ...]:
        """Write the video of one episode; nothing is ever left out of it.

        Raises:
            ExportError: It has no such camera, or nothing to show at all.
            DatasetError: A picture cannot be read.
        """
        episode = labelled.episode
        marks = marks_of(labelled.annotation, episode.num_frames) if self.show_label else None
        camera = _camera(episode, self.camera)
        frames = _frames(labelled, camera, marks)
        write_video(path, frames, episode.clock.pace_hz, (WIDTH, HEIGHT), self.codec)
        return ()


def _camera(episode: Episode, name: str) -> Camera | None:
    if not name:
        return next(iter(episode.cameras.values()), None)
    if name not in episode.cameras:
        known = ", ".join(episode.cameras) or "none"
        raise ExportError(f"{episode.episode_id} has no camera {name}", hint=f"Its cameras: {known}")
    return episode.cameras[name]


def _frames(labelled: LabelledEpisode, camera: Camera | None, marks: Marks | None) -> Iterator[Picture]:
    episode, findings = labelled.episode, labelled.findings
    curves = curves_of(episode, findings)
    if camera is None and not curves:
        raise ExportError(f"{episode.episode_id} has neither pictures nor signals to show")
    plots = PlotPicture(
        curves,
        episode.num_frames,
        SIDE,
        marks.lane() if marks else (),
        marks.lines if marks else (),
        findings.detections if findings else (),
    )
    drawn = FramePicture(episode.episode_id, episode.clock, marks, plots)
    for frame, picture in enumerate(_pictures(camera, episode.num_frames)):
        yield drawn.draw(frame, picture)


def _pictures(camera: Camera | None, num_frames: int) -> Iterator[Picture | None]:
    """The camera's pictures, one per frame of the episode; None where it has none."""
    shown = 0 if camera is None else min(camera.num_frames, num_frames)
    if camera is not None:
        reader = camera.open_reader()
        try:
            yield from reader.read_range(0, shown)
        finally:
            reader.close()
    yield from (None for _ in range(shown, num_frames))
