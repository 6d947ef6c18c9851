"""The exports for TFDS, LeRobot and Label Studio in the real programs."""

import json
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest

from failview.cli.main import run
from failview.model.annotation import Origin, Stage
from failview.proposals.labelled_dataset import LabelledDataset
from failview.resources import demo_dataset_dir
from failview.sidecars.codec import record_from_json
from failview.sidecars.taxonomy_file import load_default_taxonomy
from failview.sidecars.validation import validate_sidecar
from tests.consumers.consumer import ask
from tests.exporters.labelled_demos import FRAMES, LABELS, ONSETS, PHASES, write_demos, write_lerobot
from tests.loaders.number_pictures import number_in
from tests.loaders.write_lerobot import KEY

pytestmark = pytest.mark.consumer


def test_rlds_in_tensorflow_datasets(tmp_path: Path) -> None:
    source, out = write_demos(tmp_path / "data"), tmp_path / "tfds"
    assert run(["export", "rlds", str(source), str(out), "--png"]) == 0
    found = ask("rlds", "tfds_reads.py", out, "demos", "agentview")
    assert len(found["episodes"]) == len(LABELS)
    for number, episode in enumerate(found["episodes"]):
        text = episode["sidecar"]
        assert (record_from_json(json.loads(text)).annotation if text else None) == LABELS[number]
        assert episode["phases"] == PHASES[number]
        assert episode["onsets"] == [frame for frame in (ONSETS[number],) if frame is not None]
        assert episode["numbers"] == [100 * number + frame for frame in range(FRAMES)]
        for frame, picture in enumerate(episode["pictures"]):
            grey = np.repeat(np.array(picture, dtype=np.uint8)[:, :, None], 3, axis=2)
            assert number_in(grey) == 100 * number + frame
    assert (found["sliced"], found["undecoded"], found["steps"]) == (2, len(LABELS), len(LABELS) * FRAMES)
    assert found["failed"] == ["demo_1"]


@pytest.mark.parametrize("kind", ["copy", "conversion"])
def test_lerobot_loads_it_offline(tmp_path: Path, kind: str) -> None:
    source = write_lerobot(tmp_path / "data") if kind == "copy" else write_demos(tmp_path / "data")
    key = KEY if kind == "copy" else "observation.images.agentview"
    out = tmp_path / "out"
    assert run(["export", "lerobot", str(source), str(out)]) == 0
    found = ask("lerobot", "lerobot_loads.py", out, key)
    assert found["episode"] == [number for number in range(len(LABELS)) for _ in range(FRAMES)]
    assert found["frame"] == list(range(FRAMES)) * len(LABELS)
    assert found["phase"] == [word for words in PHASES for word in words]
    assert found["onset"] == [ONSETS[number] == frame for number in range(len(LABELS)) for frame in range(FRAMES)]
    assert found["outcomes"] == ["" if label is None else label.outcome for label in LABELS]
    numbers = [100 * number + frame for number in range(len(LABELS)) for frame in range(FRAMES)]
    assert [number_in(np.array(picture, dtype=np.uint8)) for picture in found["pictures"]] == numbers[::7]
    assert found["selected"] == 2 * FRAMES
    assert found["batch"][:2] == [4, 3]
    assert found["task"]


def test_label_studio_takes_the_project_and_an_annotation_comes_back(tmp_path: Path) -> None:
    source = tmp_path / "data" / "pick_place"
    shutil.copytree(demo_dataset_dir(), source)
    only = ["--episode", "episode_000000"]
    assert run(["detect", str(source), *only]) == 0
    project = tmp_path / "project"
    assert run(["export", "labelstudio", str(source), str(project), *only]) == 0
    server = tmp_path / "server"
    server.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    found = ask("labelstudio", "labelstudio_project.py", project, tmp_path / "export.json", server, port)
    assert (found["tasks"], found["predictions"]) == (1, [1])
    assert found["video_is_ours"]
    assert found["video_type"] == "video/mp4"
    assert run(["import", "labelstudio", str(source), str(tmp_path / "export.json"), "--annotator", "ada"]) == 0
    with LabelledDataset.open(source) as labelled:
        record = labelled.records["episode_000000"]
        findings = labelled.read("episode_000000").findings
        num_frames = labelled.entries[0].num_frames
    assert findings is not None
    assert validate_sidecar(record, load_default_taxonomy(), num_frames=num_frames) == []
    proposed = {field.value: item.value for field, item in findings.proposal.items()}
    label = record.annotation
    assert label.failure_onset_frame == proposed["failure_onset_frame"]
    assert label.failure_subcategory == proposed["failure_subcategory"]
    assert label.provenance["failure_onset_frame"].origin is Origin.ACCEPTED
    assert label.provenance["root_cause"].origin is Origin.MANUAL
    assert record.annotator == "ada"
    assert record.stages[Stage.DETAIL].active_s == 42.5
