"""Writes an episode into an .rrd file: what the viewer shows of it, with the layout, for people who have only Rerun."""

from dataclasses import dataclass, replace
from pathlib import Path

import rerun as rr

from failview.model.annotation import Annotation
from failview.proposals.labelled_dataset import LabelledEpisode
from failview.resources import blueprint_path
from failview.viewer.blueprint import send_blueprint
from failview.viewer.blueprint_file import LABEL, Box, Layout, ViewPart, fit, read_layout_file
from failview.viewer.episode_log import EpisodeLog
from failview.viewer.label_log import log_label
from failview.viewer.native_client import store_id
from failview.viewer.scene_log import eye_for
from failview.viewer.time_columns import default_timeline

_REST, _LABEL_SHARE = 5.0, 1.4


@dataclass(frozen=True)
class WriteRecording:
    """Writes .rrd files."""

    def __call__(self, labelled: LabelledEpisode, path: Path) -> tuple[str, ...]:
        """Write the file of one episode; gives what could not be put into it."""
        episode = labelled.episode
        written = read_layout_file(blueprint_path("detail"))
        layout = _with_label(fit(written, episode, default_timeline(episode), eye_for(episode, None)))
        application_id = f"failview-{layout.key}"
        recording_id = episode.episode_id
        # Without its own properties, which hold the time of writing; and flushed by what is sent, not by the clock.
        never = rr.ChunkBatcherConfig.NEVER()
        stream = rr.RecordingStream(
            application_id, recording_id=recording_id, send_properties=False, batcher_config=never
        )
        stream.save(path)
        send_blueprint(stream, layout)
        log = EpisodeLog(
            episode, labelled.annotation or Annotation(), 0, stream, store_id(application_id, recording_id)
        )
        log.findings = labelled.findings
        log.on_screen.set()
        for _ in log.steps():
            pass
        log_label(stream, labelled.record, labelled.findings)
        stream.flush()
        stream.disconnect()
        return tuple(log.problems)


def _with_label(layout: Layout) -> Layout:
    """The layout with the label's words on the right."""
    label = ViewPart(LABEL, "Label", share=_LABEL_SHARE)
    if layout.root is None:
        return replace(layout, root=Box("row", (label,)))
    return replace(layout, root=Box("row", (replace(layout.root, share=_REST), label)))
