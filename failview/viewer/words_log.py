"""Logs words: the number of the frame on the screen, and why views are missing."""

import numpy as np
import rerun as rr

from failview.model.episode import Episode
from failview.viewer import entity_paths as paths
from failview.viewer.other_streams import streams_drawn
from failview.viewer.scene_log import has_scene
from failview.viewer.time_columns import frame_columns

_MARKDOWN = "text/markdown"


def log_frame_numbers(stream: rr.RecordingStream, episode: Episode) -> None:
    """Log which frame each place in time belongs to: an axis in seconds does not tell it."""
    frames = np.arange(episode.num_frames, dtype=np.int64)
    texts = [f"# {frame}\n\nof {episode.num_frames}" for frame in frames]
    columns = rr.TextDocument.columns(text=texts, media_type=[_MARKDOWN] * len(texts))
    stream.send_columns(paths.FRAME_NUMBER, frame_columns(episode.clock, frames), columns)


def log_what_is_missing(stream: rr.RecordingStream, episode: Episode) -> None:
    """Log why there is little to see."""
    if sentences := what_is_missing(episode):
        stream.log(paths.MISSING, rr.TextDocument(" ".join(sentences), media_type=_MARKDOWN), static=True)


def what_is_missing(episode: Episode) -> list[str]:
    """Sentences about views that a person would look for; none when there is enough to label by."""
    sentences = []
    if not episode.cameras and not has_scene(episode):
        sentences.append("This episode has no picture to show, and no stream with the position of the end effector.")
    if not any(role in episode.signals for role in paths.PLOT_ROLES):
        drawn = "They are drawn as they are." if streams_drawn(episode) else "There is nothing to draw."
        sentences.append(f"None of its streams is known to be a force, a joint or a gripper. {drawn}")
    if sentences:
        sentences.append("The profile can name what a stream is: `failview inspect --write-profile`.")
    return sentences
