"""The RLDS export, read back by the letter of the TFRecord protocol."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np
import pytest

from failview.cli.main import run
from failview.exporters.rlds.example_record import record
from failview.sidecars.codec import record_from_json
from tests.contracts.exporter_contract import ExporterContract, ReadBack
from tests.exporters.labelled_demos import FRAMES, SLIP, write_demos, write_lerobot
from tests.exporters.tfrecord_file import Value, examples
from tests.loaders.number_pictures import number_in

Capture = pytest.CaptureFixture[str]


def read(path: Path, camera: str) -> list[ReadBack]:
    found = []
    for item in all_examples(path):
        text = words(item["episode_metadata/sidecar"])[0]
        onsets = [frame for frame, flag in enumerate(item["steps/is_failure_onset"]) if flag]
        pictures = [decode(picture) for picture in item[f"steps/observation/{camera}_image"]]
        found.append(
            ReadBack(
                record_from_json(json.loads(text)).annotation if text else None,
                words(item["steps/failure_phase"]),
                onsets,
                [number_in(picture) for picture in pictures],
            )
        )
    return found


def all_examples(path: Path) -> list[dict[str, Value]]:
    """By the files that dataset_info.json names, and with the features that features.json names, no others."""
    folder = builder_dir(path)
    info = json.loads((folder / "dataset_info.json").read_text())
    found = []
    for split in info["splits"]:
        lengths = [int(length) for length in split["shardLengths"]]
        assert split["filepathTemplate"] == "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}"
        for number, length in enumerate(lengths):
            name = f"{info['name']}-{split['name']}.tfrecord-{number:05d}-of-{len(lengths):05d}"
            shard = list(examples(folder / name))
            assert len(shard) == length
            found += shard
    leaves = set(leaf_names(json.loads((folder / "features.json").read_text())))
    assert all(set(item) == leaves for item in found)
    return found


def builder_dir(path: Path) -> Path:
    (folder,) = path.glob("*/1.0.0")
    assert {item.name.split("-")[0] for item in folder.iterdir()} == {
        folder.parent.name,
        "features.json",
        "dataset_info.json",
    }
    return folder


def leaf_names(feature: dict[str, Any], prefix: str = "") -> list[str]:
    if "sequence" in feature:
        feature = feature["sequence"]["feature"]
    if "featuresDict" not in feature:
        return [prefix.removesuffix("/")]
    inner = feature["featuresDict"]["features"].items()
    return [leaf for name, item in inner for leaf in leaf_names(item, f"{prefix}{name}/")]


def words(value: Value) -> list[str]:
    return [item.decode() for item in value if isinstance(item, bytes)]


def decode(picture: object) -> np.ndarray[Any, np.dtype[np.uint8]]:
    assert isinstance(picture, bytes)
    decoded = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), dtype=np.uint8)


class TestFromRobomimic(ExporterContract):
    command = "rlds"
    target = "tfds"

    def read(self, path: Path) -> Sequence[ReadBack]:
        return read(path, "agentview")


class TestFromLeRobot(ExporterContract):
    command = "rlds"
    target = "tfds"
    options = ("--png",)

    def read(self, path: Path) -> Sequence[ReadBack]:
        return read(path, "front")

    def write_source(self, folder: Path, **how: Any) -> Path:
        return write_lerobot(folder, **how)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_demos(tmp_path / "data")


def export(source: Path, out: Path, *more: str) -> list[dict[str, Value]]:
    assert run(["export", "rlds", str(source), str(out), *more]) == 0
    return all_examples(out)


def test_steps_hold_what_was_recorded(source: Path, tmp_path: Path) -> None:
    found = export(source, tmp_path / "out")
    with h5py.File(source, "r") as file:
        for number, item in enumerate(found):
            demo = file[f"data/demo_{number}"]
            actions = np.array(item["steps/action"]).reshape(FRAMES, 7)
            assert actions == pytest.approx(demo["actions"][:], abs=1e-6)
            position = np.array(item["steps/observation/ee_position"]).reshape(FRAMES, 3)
            assert position == pytest.approx(demo["obs/robot0_eef_pos"][:], abs=1e-6)
            frames = np.array(item["steps/observation/obs_frame_number"])
            assert frames.tolist() == [100 * number + frame for frame in range(FRAMES)]
    first = found[0]
    assert first["steps/is_first"] == [1] + [0] * (FRAMES - 1)
    assert first["steps/is_last"] == first["steps/is_terminal"] == [0] * (FRAMES - 1) + [1]
    assert first["steps/frame_index"] == list(range(FRAMES))
    assert first["steps/timestamp"] == pytest.approx([frame / 20 for frame in range(FRAMES)])


def test_metadata_hold_the_label_flat(source: Path, tmp_path: Path) -> None:
    found = export(source, tmp_path / "out")
    slip, unlabelled = found[1], found[4]
    assert words(slip["episode_metadata/outcome"]) == ["failure"]
    assert slip["episode_metadata/failure_onset_frame"] == [SLIP.failure_onset_frame]
    assert slip["episode_metadata/is_labelled"] == [1]
    assert words(slip["episode_metadata/root_cause"]) == [SLIP.root_cause]
    assert json.loads(words(slip["episode_metadata/findings"])[0])["episode_id"] == "demo_1"
    assert unlabelled["episode_metadata/failure_onset_frame"] == [-1]
    assert unlabelled["episode_metadata/is_labelled"] == [0]


def test_png_keeps_every_bit(source: Path, tmp_path: Path) -> None:
    found = export(source, tmp_path / "out", "--png")
    with h5py.File(source, "r") as file:
        pictures = [decode(picture) for picture in found[2]["steps/observation/agentview_image"]]
        assert np.array_equal(np.stack(pictures), file["data/demo_2/obs/agentview_image"][:])


def test_smaller_pictures_or_none(source: Path, tmp_path: Path) -> None:
    small = export(source, tmp_path / "small", "--pictures", "32")
    assert min(decode(small[0]["steps/observation/agentview_image"][0]).shape[:2]) == 32
    none = export(source, tmp_path / "none", "--pictures", "none")
    assert "steps/observation/agentview_image" not in none[0]


def test_what_not_all_episodes_have_is_left_out_and_told(source: Path, tmp_path: Path, capsys: Capture) -> None:
    with h5py.File(source, "r+") as file:
        del file["data/demo_2/obs/robot0_joint_pos_cos"]
        del file["data/demo_3/obs/frame_number"]
        file["data/demo_3/obs/frame_number"] = np.zeros((FRAMES, 2))
    capsys.readouterr()
    found = export(source, tmp_path / "out", "--json")
    notes = " ".join(json.loads(capsys.readouterr().out)["notes"])
    assert "obs_robot0_joint_pos_cos is missing in some episodes and is left out" in notes
    assert "obs_frame_number has several shapes and is left out" in notes
    assert "steps/observation/obs_frame_number" not in found[0]


def test_a_broken_episode_is_left_out_and_named(source: Path, tmp_path: Path, capsys: Capture) -> None:
    with h5py.File(source, "r+") as file:
        file["data/demo_4/obs/agentview_image"].id.write_direct_chunk((0, 0, 0, 0), b"no gzip at all")
    capsys.readouterr()
    assert run(["export", "rlds", str(source), str(tmp_path / "out"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["episodes"] == 4
    assert any(note.startswith("demo_4 is left out:") for note in told["notes"])
    assert len(all_examples(tmp_path / "out")) == 4


def test_names_that_tfds_refuses_are_refused(source: Path, tmp_path: Path, capsys: Capture) -> None:
    assert run(["export", "rlds", str(source), str(tmp_path / "out"), "--name", "My Data"]) == 2
    assert "is no name for a TFDS dataset" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_record_is_what_the_protocol_says(tmp_path: Path) -> None:
    features = {
        "words": [b"", b"slip \xc3\xa9"],
        "numbers": np.array([-1, 0, 2**40], dtype=np.int64),
        "reals": np.array([0.5, -3.25], dtype=np.float32),
        "nothing": np.zeros(0, dtype=np.float32),
    }
    (tmp_path / "a").write_bytes(record(features) * 2)
    one, other = examples(tmp_path / "a")
    assert (
        one
        == other
        == {"words": [b"", b"slip \xc3\xa9"], "numbers": [-1, 0, 2**40], "reals": [0.5, -3.25], "nothing": []}
    )
