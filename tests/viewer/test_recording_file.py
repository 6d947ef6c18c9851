"""Recordings in files: complete, the same each time, and healthy in the plain viewer of people who have only Rerun."""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rerun.chunk import RrdReader
from rerun.experimental import ViewerClient

from failview.model.annotation import (
    Annotation,
    AnnotationRecord,
    CausalLink,
    Outcome,
    RecoveryOutcome,
)
from failview.model.detection import Detection, EpisodeFindings
from failview.proposals.labelled_dataset import LabelledEpisode
from failview.viewer.annotation_log import lane_states
from failview.viewer.process import HOST, free_port, offline_environment, viewer_binary
from failview.viewer.recording_file import WriteRecording
from tests.episodes.synthetic import make_episode, read_frame_number
from tests.viewer.desk import PATIENCE_S, decode

FRAMES, ONSET, START, END = 60, 42, 46, 50
LABEL = Annotation(
    outcome=Outcome.FAILURE,
    failure_category="grasp",
    failure_subcategory="slip_during_lift",
    failure_onset_frame=ONSET,
    failure_obvious_frame=44,
    recovery_attempted=True,
    recovery_start_frame=START,
    recovery_end_frame=END,
    recovery_outcome=RecoveryOutcome.FAILED_RECOVERY,
    root_cause="The *fingers* closed_beside the middle.",
    causal_chain=(CausalLink("approach too steep", "grip off centre", 20),),
)
EVENT = Detection("grasp", "grasp.slip", 41, 44, 0.9, "force fell to 0.1 N")


def labelled() -> LabelledEpisode:
    episode = make_episode(FRAMES, episode_id="demo_3")
    record = AnnotationRecord("demo_3", "ada", "failview-tabletop", "1.0.0", LABEL)
    return LabelledEpisode(episode, record, EpisodeFindings("demo_3", (EVENT,), {}, {}))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rrd") / "demo_3.rrd"
    assert WriteRecording()(labelled(), path) == ()
    return path


def rows_of(file: Path, entity: str) -> list[dict[str, Any]]:
    chunks = [chunk for chunk in RrdReader(file).stream().to_chunks() if chunk.entity_path == entity]
    return [row for chunk in chunks for row in chunk.to_record_batch().to_pylist()]


def test_every_frame_and_every_mark_is_in_the_file_at_its_place(file: Path) -> None:
    pictures = {row["frame"]: row["EncodedImage:blob"][0] for row in rows_of(file, "/cameras/front")}
    assert sorted(pictures) == list(range(FRAMES))
    for frame in (0, ONSET - 1, ONSET, FRAMES - 1):
        assert read_frame_number(decode(bytes(pictures[frame]))) == frame
    lane = {row["frame"]: row["StateChange:state"][0] for row in rows_of(file, "/annotation") if "frame" in row}
    assert lane == lane_states(LABEL, FRAMES)
    events = {row["frame"]: row["StateChange:state"] for row in rows_of(file, "/detectors/grasp") if "frame" in row}
    assert events[41] == ["grasp.slip"]


def test_the_label_can_be_read_without_failview(file: Path) -> None:
    (row,) = rows_of(file, "/label")
    words = row["TextDocument:text"][0]
    assert "# failure" in words
    assert "subcategory: **slip during lift**" in words
    assert f"failure begins: frame **{ONSET}**" in words
    assert "approach too steep \N{RIGHTWARDS ARROW} grip off centre (frame 20)" in words
    assert "force fell to 0.1 N" in words
    assert r"The \*fingers\* closed\_beside" in words, "what a person wrote is no markup"


def test_an_episode_without_label_or_findings_says_so(tmp_path: Path) -> None:
    bare = replace(labelled(), record=None, findings=None)
    WriteRecording()(bare, tmp_path / "a.rrd")
    (row,) = rows_of(tmp_path / "a.rrd", "/label")
    assert "Nobody has finished a label" in row["TextDocument:text"][0]
    assert "have not judged" in row["TextDocument:text"][0]


def test_writing_again_gives_the_same_recording(file: Path, tmp_path: Path) -> None:
    """Rerun stamps every row with the time and a random number, so the bytes differ; nothing else does."""
    WriteRecording()(labelled(), tmp_path / "again.rrd")
    compared = subprocess.run(
        [viewer_binary(), "rrd", "compare", file, tmp_path / "again.rrd"],
        env=offline_environment(tmp_path / "config"),
        capture_output=True,
        check=False,
    )
    assert compared.returncode == 0, compared.stderr[-2000:]


@pytest.fixture
def plain_viewer(file: Path, tmp_path: Path) -> Iterator[ViewerClient]:
    """Rerun itself, opened on the file from a shell; skips where it has no graphics driver."""
    port = free_port()
    command = [viewer_binary(), "--bind", HOST, "--port", str(port), "--headless", "--window-size", "1600x1000", file]
    log = tmp_path / "viewer.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=offline_environment(tmp_path / "config"))
        try:
            yield connected(f"rerun+http://{HOST}:{port}/proxy", process, log)
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def connected(url: str, process: "subprocess.Popen[bytes]", log: Path) -> ViewerClient:
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        if process.poll() is not None:
            words = log.read_text(errors="replace")
            if "graphics adapter" in words:
                pytest.skip("no Vulkan driver")
            pytest.fail(f"the viewer ended: {words[-500:]}")
        try:
            client = ViewerClient.connect(url)
            client.get_state()
        except (ConnectionError, RuntimeError, OSError):
            continue
        return client
    pytest.fail("the viewer does not answer")


def test_plain_rerun_opens_it_with_its_layout_and_all_views_healthy(plain_viewer: ViewerClient) -> None:
    deadline_s = time.monotonic() + PATIENCE_S

    def shown(frame: int) -> bool:
        state = plain_viewer.get_state()
        views = {view.name: view for view in state.views}
        if state.loading or "front" not in views:
            return False
        return read_frame_number(np.asarray(decode(plain_viewer.take_screenshot(views["front"].view_id)))) == frame

    for frame in (ONSET, 7):
        while not _sought(plain_viewer, frame) or not shown(frame):
            assert time.monotonic() < deadline_s, plain_viewer.get_state()
    views = {view.name: view.reports for view in plain_viewer.get_state().views}
    assert {"front", "wrist", "Label", "Annotation and events", "Aperture (mm)"} <= set(views)
    assert not any(views.values()), views


def _sought(viewer: ViewerClient, frame: int) -> bool:
    state = viewer.get_state()
    timelines = [line.name for recording in state.recordings for line in recording.timelines if line.end is not None]
    if "frame" not in timelines:
        return False
    viewer.set_time("frame", sequence=frame, play_state="paused")
    return True
