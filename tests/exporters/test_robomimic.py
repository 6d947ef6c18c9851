"""The robomimic export, read back with h5py alone."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from failview.cli.main import run
from failview.loaders import open_dataset
from failview.model.annotation import Annotation, Outcome
from failview.proposals.labelled_dataset import LabelledDataset
from failview.sidecars.codec import record_from_json
from failview.sidecars.taxonomy_file import load_default_taxonomy
from tests.contracts.exporter_contract import ExporterContract, ReadBack
from tests.contracts.loader_contract import content_hash
from tests.exporters.labelled_demos import FRAMES, LABELS, SLIP, WHY, judge, put, record_of, write_demos, write_lerobot
from tests.loaders.number_pictures import number_in
from tests.real_data import real_data

Capture = pytest.CaptureFixture[str]


def read(path: Path, camera: str) -> list[ReadBack]:
    """Every demo of a file, by the rules of robomimic's own reader."""
    with h5py.File(path, "r") as file:
        json.loads(file["data"].attrs["env_args"])
        names = sorted(file["data"], key=lambda name: int(name[5:]))
        total = sum(file["data"][name].attrs["num_samples"] for name in names)
        assert file["data"].attrs.get("total", total) == total
        return [_read_demo(file["data"][name], camera) for name in names]


def _read_demo(demo: h5py.Group, camera: str) -> ReadBack:
    group = demo["annotations"]
    phases = [word.decode() for word in group["failure_phase"][:]]
    words = json.loads(demo["failure_phase"].attrs["words"])
    assert [words[code] for code in demo["failure_phase"][:]] == phases
    assert (demo["is_failure_onset"][:] == group["is_failure_onset"][:]).all()
    assert demo.attrs["num_samples"] == len(phases) == len(demo["actions"])
    text = group["sidecar"].asstr()[()]
    label = record_from_json(json.loads(text)).annotation if text else None
    _scalars_agree(group, label)
    return ReadBack(
        label,
        phases,
        demo["is_failure_onset"][:].nonzero()[0].tolist(),
        [number_in(picture) for picture in demo["obs"][camera][:]],
    )


def _scalars_agree(group: h5py.Group, label: Annotation | None) -> None:
    """Every field is there as a value by itself, null as "" or -1."""
    empty = Annotation()
    for name in ("outcome", "failure_category", "failure_subcategory", "recovery_outcome", "severity", "attribution"):
        assert group[name].asstr()[()] == (getattr(label or empty, name) or "")
    for name in ("failure_onset_frame", "failure_obvious_frame", "recovery_start_frame", "recovery_end_frame"):
        frame = getattr(label or empty, name)
        assert group[name][()] == (-1 if frame is None else frame)
        assert group[name].dtype == np.int64
    assert group["root_cause"].asstr()[()] == (label or empty).root_cause
    assert group["recovery_attempted"][()] == ((label or empty).recovery_attempted is True)
    assert group["recovery_attempted"].dtype == np.bool_
    assert group["preventable"].asstr()[()] == {True: "yes", False: "no", None: ""}[(label or empty).preventable]
    chain = json.loads(group["causal_chain"].asstr()[()])
    assert chain == [asdict(link) for link in (label or empty).causal_chain]
    for item in group.values():
        if isinstance(item, h5py.Dataset) and not item.shape:
            assert item.compression is None


class TestCopy(ExporterContract):
    """A robomimic file is copied with its labels put in."""

    command = "robomimic"
    target = "labelled.hdf5"

    def read(self, path: Path) -> Sequence[ReadBack]:
        return read(path, "agentview_image")


class TestConversion(ExporterContract):
    """Any other format is converted."""

    command = "robomimic"
    target = "converted.hdf5"
    options = ("--pictures", "full", "--jobs", "1")

    def write_source(self, folder: Path, **how: Any) -> Path:
        return write_lerobot(folder, **how)

    def read(self, path: Path) -> Sequence[ReadBack]:
        return read(path, "front_image")


def export(source: Path, out: Path, *more: str) -> Path:
    assert run(["export", "robomimic", str(source), str(out), *more]) == 0
    return out


def masks(path: Path) -> dict[str, list[str]]:
    with h5py.File(path, "r") as file:
        return {name: [demo.decode() for demo in file["mask"][name][:]] for name in file["mask"]}


def test_filter_keys(tmp_path: Path) -> None:
    assert masks(export(write_demos(tmp_path / "data"), tmp_path / "out.hdf5")) == {
        "all": [f"demo_{number}" for number in range(5)],
        "labelled": ["demo_0", "demo_1", "demo_2"],
        "success_only": ["demo_0"],
        "failure_only": ["demo_1"],
        "partial_success_only": ["demo_2"],
        "with_recovery": ["demo_2"],
        "recovered": ["demo_2"],
        "category_grasp": ["demo_1", "demo_2"],
        "subcategory_missed_grasp": ["demo_2"],
        "subcategory_slip_during_lift": ["demo_1"],
        "train": ["demo_0", "demo_3"],
    }


def test_only_labelled_prunes_the_filter_keys_of_the_source(tmp_path: Path) -> None:
    found = masks(export(write_demos(tmp_path / "data"), tmp_path / "out.hdf5", "--only-labelled"))
    assert (found["train"], found["all"]) == (["demo_0"], ["demo_0", "demo_1", "demo_2"])


def test_a_copy_carries_everything_that_stands_in_the_source(tmp_path: Path) -> None:
    source = write_demos(tmp_path / "data")
    out = export(source, tmp_path / "out.hdf5")
    with h5py.File(source, "r") as before, h5py.File(out, "r") as after:
        wrong: list[str] = []

        def compare(name: str, item: h5py.Dataset | h5py.Group) -> None:
            if isinstance(item, h5py.Dataset):
                same = np.array_equal(item[()], after[name][()]) and item.dtype == after[name].dtype
                wrong.extend([] if same else [name])
            assert dict(item.attrs).items() <= dict(after[name].attrs).items()

        before.visititems(compare)
        assert not wrong


def test_findings_taxonomy_and_what_the_file_is(tmp_path: Path) -> None:
    source = write_demos(tmp_path / "data")
    out = export(source, tmp_path / "out.hdf5")
    with LabelledDataset.open(source) as labelled, h5py.File(out, "r") as file:
        taxonomy = json.loads(file["metadata/failure_taxonomy/json"].asstr()[()])
        assert taxonomy["id"] == load_default_taxonomy().id
        assert {item["id"] for item in taxonomy["categories"]} >= {"grasp", "placement"}
        about = json.loads(file["metadata/failview/json"].asstr()[()])
        assert about["episodes"] == {f"demo_{number}": f"demo_{number}" for number in range(5)}
        for number in range(5):
            findings = labelled.read(f"demo_{number}").findings
            assert findings is not None
            assert findings.arrays
            group = file[f"data/demo_{number}/annotations/detectors"]
            told = json.loads(group["findings"].asstr()[()])
            assert [item["kind"] for item in told["detections"]] == [item.kind for item in findings.detections]
            assert set(group["per_frame"]) == set(findings.arrays)
            for name, values in findings.arrays.items():
                kept = group["per_frame"][name]
                assert kept.shape[0] == FRAMES
                assert kept.compression == "gzip"
                assert np.array_equal(kept[:], values.reshape(FRAMES, -1).astype(np.float32), equal_nan=True)


def test_an_annotated_file_holds_the_same_episodes_as_before(tmp_path: Path) -> None:
    """Labels in a file are no data: streams, roles and fingerprints stay, so that its sidecars still fit."""
    source = write_demos(tmp_path / "data")
    out = export(source, tmp_path / "out.hdf5")
    before, after = open_dataset(source), open_dataset(out)
    for entry in before.entries:
        one, other = before.open_episode(entry.episode_id), after.open_episode(entry.episode_id)
        assert one.source.fingerprint == other.source.fingerprint
        assert set(one.signals) == set(other.signals)
        assert set(one.other_signals) == set(other.other_signals)


def test_a_conversion_opens_again_with_roles_units_and_times(tmp_path: Path) -> None:
    source = write_lerobot(tmp_path / "data")
    out = export(source, tmp_path / "out.hdf5", "--pictures", "none", "--jobs", "1")
    before, after = open_dataset(source), open_dataset(out)
    for number, entry in enumerate(before.entries):
        one, other = before.open_episode(entry.episode_id), after.open_episode(f"demo_{number}")
        assert one.clock.times_ns is not None
        assert other.clock.times_ns is not None
        assert np.abs(one.clock.times_ns - other.clock.times_ns).max() < 1000
        assert (one.task, not other.cameras) == (other.task, True)
        for role, signal in one.signals.items():
            assert np.allclose(signal.values, other.signals[role].values, equal_nan=True)
            assert signal.unit == other.signals[role].unit


def test_an_export_is_a_labelled_dataset_itself(tmp_path: Path) -> None:
    """What was exported can be exported on, without the sidecars beside the source."""
    source = write_lerobot(tmp_path / "data")
    first = export(source, tmp_path / "a" / "one.hdf5", "--pictures", "none", "--jobs", "1")
    second = export(first, tmp_path / "b" / "two.hdf5")
    with LabelledDataset.open(first) as one, LabelledDataset.open(second) as two:
        for number, expected in enumerate(LABELS):
            for labelled in (one, two):
                episode = labelled.read(f"demo_{number}")
                assert episode.annotation == expected
                assert episode.findings is not None
            first_found, second_found = (item.read(f"demo_{number}").findings for item in (one, two))
            assert first_found is not None
            assert second_found is not None
            assert first_found.detections == second_found.detections
            assert first_found.proposal == second_found.proposal
            for name, values in first_found.arrays.items():
                assert np.array_equal(values, second_found.arrays[name], equal_nan=True)
    assert masks(first) == masks(second)


def test_rewards_made_of_the_label_are_no_evidence_for_it(tmp_path: Path) -> None:
    source = write_lerobot(tmp_path / "data")
    out = export(source, tmp_path / "out.hdf5", "--pictures", "none", "--jobs", "1")
    with h5py.File(out, "r") as file:
        assert [file[f"data/demo_{number}/rewards"][:].sum() for number in range(5)] == [1, 0, 0, 0, 0]
        assert [file[f"data/demo_{number}/dones"][-1] for number in range(5)] == [1] * 5
    dataset = open_dataset(out)
    episode = dataset.open_episode("demo_0")
    assert not {"rewards", "dones"} & {*episode.other_signals, *(item.stream for item in episode.signals.values())}


def test_pictures_are_scaled_or_left_out_and_it_is_said(tmp_path: Path, capsys: Capture) -> None:
    source = write_lerobot(tmp_path / "data")
    for option, shape in (("32", (48, 32)), ("full", (96, 64)), ("500", (96, 64))):
        out = export(source, tmp_path / f"{option}.hdf5", "--pictures", option, "--jobs", "1")
        with h5py.File(out, "r") as file:
            pictures = file["data/demo_1/obs/front_image"]
            assert pictures.shape == (FRAMES, *shape, 3)
            assert number_in(_enlarged(pictures[7])) == 107
        assert ("scaled from 64x96 to 32x48" in capsys.readouterr().out) == (option == "32")
    export(source, tmp_path / "none.hdf5", "--pictures", "none", "--jobs", "1")
    assert "front: pictures are left out" in capsys.readouterr().out
    assert run(["export", "robomimic", str(source), str(tmp_path / "x"), "--pictures", "big"]) == 2
    assert "--pictures cannot be 'big'" in capsys.readouterr().err


def _enlarged(picture: Any) -> Any:
    factor = 96 // picture.shape[0]
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def test_in_place_keeps_the_data_and_a_backup(tmp_path: Path, capsys: Capture) -> None:
    source = write_demos(tmp_path / "data")
    original = source.read_bytes()
    assert run(["export", "robomimic", str(source), "--in-place"]) == 0
    told = capsys.readouterr().out
    backup = source.with_name(".demos.hdf5.before-failview-1")
    assert str(backup) in told
    assert backup.read_bytes() == original
    assert [episode.annotation for episode in read(source, "agentview_image")] == list(LABELS)
    dataset = open_dataset(source.parent)
    assert [entry.episode_id for entry in dataset.entries] == [f"demo_{number}" for number in range(5)]
    before = masks(source)
    assert run(["export", "robomimic", str(source), "--in-place", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["backup"] == str(source.with_name(".demos.hdf5.before-failview-2"))
    assert masks(source) == before
    assert len(list(source.parent.iterdir())) == 4


def test_in_place_is_refused_where_it_would_not_be_safe(tmp_path: Path, capsys: Capture) -> None:
    arm, demos = write_lerobot(tmp_path / "arm"), write_demos(tmp_path / "demos")
    assert run(["export", "robomimic", str(arm), "--in-place"]) == 2
    assert "is not one robomimic file on this machine" in capsys.readouterr().err
    with h5py.File(demos, "r+") as file:
        file["mask/success_only"] = np.array([b"demo_4"])
    before = content_hash(tmp_path)
    assert run(["export", "robomimic", str(demos), "--in-place"]) == 2
    assert "has a filter key success_only of its own" in capsys.readouterr().err
    for words in ([], ["out.hdf5", "--in-place"]):
        assert run(["export", "robomimic", str(demos), *words]) == 2
        assert "say where to write" in capsys.readouterr().err
    assert content_hash(tmp_path) == before


def test_members_of_another_program_are_not_replaced(tmp_path: Path, capsys: Capture) -> None:
    source = write_demos(tmp_path / "data")
    with h5py.File(source, "r+") as file:
        file["data/demo_2/annotations/mood"] = 3
    assert run(["export", "robomimic", str(source), str(tmp_path / "out.hdf5")]) == 2
    assert "/data/demo_2/annotations is there already, and not of failview" in capsys.readouterr().err
    assert not (tmp_path / "out.hdf5").exists()


def test_raw_recordings_get_what_robomimic_needs(tmp_path: Path, capsys: Capture) -> None:
    source = real_data("robosuite_demos_hdf5/lift_panda.hdf5")
    copy = tmp_path / source.name
    copy.write_bytes(source.read_bytes())
    judge(copy)
    _label_as_success(copy)
    out = export(copy, tmp_path / "out" / "lift.hdf5")
    assert "obs: the file has none" in capsys.readouterr().out
    with h5py.File(out, "r") as file:
        args = json.loads(file["data"].attrs["env_args"])
        assert "total" in file["data"].attrs
        assert (args["env_name"], args["type"]) == (file["data"].attrs["env"], 1)
        for name, demo in file["data"].items():
            assert name.startswith("demo_")
            assert demo.attrs["num_samples"] == len(demo["actions"]) == len(demo["rewards"])
            assert len(demo["obs"])
            assert {len(item) for item in demo["obs"].values()} == {len(demo["actions"])}


def _label_as_success(path: Path) -> None:
    with LabelledDataset.open(path) as labelled:
        for entry in labelled.entries:
            put(labelled.location, replace(record_of(entry.episode_id, Annotation(Outcome.SUCCESS)), num_frames=0))


def test_text_and_lists_survive(tmp_path: Path) -> None:
    out = export(write_demos(tmp_path / "data"), tmp_path / "out.hdf5")
    with h5py.File(out, "r") as file:
        group = file["data/demo_1/annotations"]
        assert group["root_cause"].asstr()[()] == WHY
        assert group["notes"].asstr()[()] == SLIP.notes
        assert json.loads(group["further_failures"].asstr()[()]) == [asdict(SLIP.further_failures[0])]


def test_splits_of_a_file_become_filter_keys(tmp_path: Path, capsys: Capture) -> None:
    source = write_demos(tmp_path / "data")
    parts = {"a_train": ["demo_2", "demo_0"], "mix_10": ["demo_1"], "nothing": []}
    file = tmp_path / "splits.json"
    file.write_text(json.dumps({"splits": {name: {"episodes": keys} for name, keys in parts.items()}}))
    found = masks(export(source, tmp_path / "out.hdf5", "--splits", str(file)))
    assert {name: keys for name, keys in found.items() if name.startswith("split_")} == {
        "split_a_train": ["demo_0", "demo_2"],
        "split_mix_10": ["demo_1"],
    }
    file.write_text(json.dumps({"splits": {"a_train": {"episodes": ["demo_9"]}}}))
    assert run(["export", "robomimic", str(source), str(tmp_path / "x.hdf5"), "--splits", str(file)]) == 2
    assert "names demo_9, which is not in the dataset" in capsys.readouterr().err


def test_splits_that_can_be_made_are_written_and_the_others_told(tmp_path: Path, capsys: Capture) -> None:
    source = tmp_path / "many.hdf5"
    with h5py.File(source, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = "{}"
        for number in range(24):
            demo = data.create_group(f"demo_{number}")
            demo["actions"] = np.zeros((FRAMES, 7))
            demo["obs/ee"] = np.zeros((FRAMES, 3))
    with LabelledDataset.open(source) as labelled:
        for number in range(24):
            put(labelled.location, record_of(f"demo_{number}", LABELS[number % 2] or SLIP))
    found = masks(export(source, tmp_path / "out.hdf5"))
    assert {name for name in found if name.startswith("split_")} == {
        f"split_{split}_{part}" for split in "ab" for part in ("train", "valid", "test")
    }
    assert sorted(found["split_a_train"] + found["split_a_valid"] + found["split_a_test"]) == sorted(found["all"])
    assert "no split c, mix_10, mix_15, mix_30: failview splits says why" in capsys.readouterr().out


def test_what_leads_to_another_file_is_not_carried(tmp_path: Path, capsys: Capture) -> None:
    """An export goes to other people and places: it must not read there what the source pointed at here."""
    secret = tmp_path / "secret.hdf5"
    with h5py.File(secret, "w") as file:
        file["obs/key"] = np.ones((FRAMES, 3))
        file["row"] = np.ones(FRAMES)
    source = write_demos(tmp_path / "data")
    with h5py.File(source, "r+") as file:
        demo = file["data/demo_1"]
        demo["obs/linked"] = h5py.ExternalLink(str(secret), "/row")
        demo["deep"] = h5py.ExternalLink(str(secret), "/obs")
        file["elsewhere"] = h5py.ExternalLink(str(secret), "/obs")
        layout = h5py.VirtualLayout(shape=(FRAMES,), dtype=float)
        layout[:] = h5py.VirtualSource(secret, "row", shape=(FRAMES,))
        demo.create_virtual_dataset("obs/virtual", layout)
        demo["obs/itself"] = demo["obs"]
        demo["obs/soft"] = h5py.SoftLink("/data/demo_1/actions")
    out = export(source, tmp_path / "out.hdf5")
    told = capsys.readouterr().out
    for name in ("data/demo_1/obs/linked", "data/demo_1/obs/virtual", "data/demo_1/deep", "elsewhere"):
        assert f"{name} " in told
    with h5py.File(out, "r") as file:
        assert "elsewhere" not in file
        assert not {"linked", "virtual"} & set(file["data/demo_1/obs"])
        assert "deep" not in file["data/demo_1"]
        assert np.array_equal(file["data/demo_1/obs/soft"][:], file["data/demo_1/actions"][:])


def test_a_disk_that_is_full_is_one_line(tmp_path: Path) -> None:
    source = write_demos(tmp_path / "data")
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000));"
        "from failview.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )
    words = ["export", "robomimic", source, tmp_path / "out" / "x.hdf5"]
    ran = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert "x.hdf5: cannot be written: the file would exceed the allowed size" in ran.stderr
    assert not list((tmp_path / "out").iterdir())
