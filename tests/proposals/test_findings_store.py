"""What the application knows of an episode."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from failview.loaders import open_dataset
from failview.loaders.opening import OpenedDataset
from failview.model.detection import ProposedField
from failview.proposals.array_archive import pack
from failview.proposals.findings_file import SUFFIX
from failview.proposals.findings_store import FindingsStore
from tests.fakes import fake_detectors
from tests.proposals.judged import FAKE, judge, write_demos
from tests.sidecar_places import location_of


@pytest.fixture
def demos(tmp_path: Path) -> Path:
    return write_demos(tmp_path / "demos.hdf5")


@pytest.fixture
def dataset(demos: Path) -> Iterator[OpenedDataset]:
    opened = open_dataset(demos)
    fake_detectors.looked.clear()
    yield opened
    opened.close()


def store_of(dataset: OpenedDataset) -> FindingsStore:
    return FindingsStore(dataset, location_of(dataset), FAKE)


def judged_file(dataset: OpenedDataset) -> Path:
    """The file of demo_0, judged just now."""
    store_of(dataset).judge_now(dataset.open_episode("demo_0"))
    fake_detectors.looked.clear()
    return location_of(dataset).companions("demo_0", SUFFIX)[0]


def test_nothing_is_known_before_anybody_judged(dataset: OpenedDataset) -> None:
    assert store_of(dataset).findings_of("demo_0") is None
    assert fake_detectors.looked == []


def test_what_was_judged_is_known_with_its_arrays(dataset: OpenedDataset, demos: Path) -> None:
    judge(demos)
    fake_detectors.looked.clear()
    found = store_of(dataset).findings_of("demo_0")
    assert found is not None
    assert found.proposal[ProposedField.OUTCOME].value == "failure"
    assert found.notes == ("nothing was filled in",)
    aperture = fake_detectors.first_look(dataset.open_episode("demo_0"), None).arrays["fake.aperture_m"]
    assert np.allclose(found.arrays["fake.aperture_m"], aperture, atol=1e-6)


def test_an_open_episode_is_judged_once_and_kept(dataset: OpenedDataset) -> None:
    store = store_of(dataset)
    episode = dataset.open_episode("demo_0")
    first = store.judge_now(episode, store.state_of("demo_0"))
    assert first.proposal[ProposedField.OUTCOME].value == "success"
    assert store.judge_now(episode).proposal == first.proposal
    assert store.findings_of("demo_0") is not None
    assert fake_detectors.looked == ["demo_0"]


def test_an_open_episode_is_judged_in_the_light_of_what_was_learnt(dataset: OpenedDataset, demos: Path) -> None:
    judge(demos)
    folder = demos.with_name("demos.hdf5.failview")
    (folder / "demo_0.detections.npz").unlink()
    found = store_of(dataset).judge_now(dataset.open_episode("demo_0"))
    assert found.proposal[ProposedField.OUTCOME].value == "failure"
    judge(demos)
    assert fake_detectors.looked == []


def test_what_was_judged_before_the_data_changed_is_not_known(demos: Path) -> None:
    judge(demos)
    with h5py.File(demos, "r+") as file:
        del file["data/demo_0/obs/robot0_eef_pos"]
    opened = open_dataset(demos)
    fake_detectors.looked.clear()
    assert store_of(opened).findings_of("demo_0") is None
    store_of(opened).judge_now(opened.open_episode("demo_0"))
    assert fake_detectors.looked == ["demo_0"]
    opened.close()


def test_data_that_changes_while_it_is_judged_is_judged_again(dataset: OpenedDataset, demos: Path) -> None:
    store = store_of(dataset)
    episode = dataset.open_episode("demo_0")
    dataset.close()
    with h5py.File(demos, "r+") as file:
        del file["data/demo_0/obs/robot0_eef_pos"]
    store.judge_now(episode)
    judge(demos)
    assert "demo_0" in fake_detectors.looked


def test_knowledge_of_another_failview_is_no_knowledge(dataset: OpenedDataset, demos: Path) -> None:
    judge(demos)
    learnt = demos.with_name("demos.hdf5.failview") / "detections.json"
    learnt.write_text('{"version": 1, "inputs": "", "learnt": {"other": 1}}', encoding="utf-8")
    found = store_of(dataset).judge_now(dataset.open_episode("demo_0"))
    assert found.proposal[ProposedField.OUTCOME].value == "success"


@pytest.mark.parametrize("times", [np.arange(5), np.arange(12.0).reshape(3, 4)])
def test_arrays_that_cannot_be_are_judged_again(dataset: OpenedDataset, times: np.ndarray) -> None:
    file = judged_file(dataset)
    with np.load(file) as content:
        members = {name: content[name] for name in content.files}
    file.write_bytes(pack({**members, "times_ns": times}))
    assert "fake.aperture_m" in store_of(dataset).judge_now(dataset.open_episode("demo_0")).arrays
    assert fake_detectors.looked == ["demo_0"]


@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3, 2)])
def test_arrays_without_rows_and_columns_are_judged_again(dataset: OpenedDataset, shape: tuple[int, ...]) -> None:
    file = judged_file(dataset)
    with np.load(file) as content:
        members = {name: content[name] for name in content.files}
    file.write_bytes(pack({**members, "fake.aperture_m": np.zeros(shape)}))
    found = store_of(dataset).judge_now(dataset.open_episode("demo_0"))
    assert found.arrays["fake.aperture_m"].shape == (12,)
    assert fake_detectors.looked == ["demo_0"]


@pytest.mark.parametrize("wrong", [("0.75", "NaN"), ("0.75", "7"), ('"start_frame":', '"start_frame":-1,"x":')])
def test_frames_and_confidences_that_cannot_be_are_judged_again(demos: Path, wrong: tuple[str, str]) -> None:
    judge(demos)
    file = demos.with_name("demos.hdf5.failview") / "demo_0.detections.npz"
    with np.load(file) as content:
        members = {name: content[name] for name in content.files}
    said = members["findings"].item()
    changed = said.replace(wrong[0].encode(), wrong[1].encode())
    assert changed != said
    file.write_bytes(pack({**members, "findings": np.array(changed)}))
    opened = open_dataset(demos)
    assert store_of(opened).findings_of("demo_0") is None
    opened.close()
    assert judge(demos).findings["demo_0"].proposal[ProposedField.OUTCOME].confidence == 0.75


def test_a_place_that_cannot_be_written_does_not_stop_it(dataset: OpenedDataset, demos: Path) -> None:
    folder = demos.with_name("demos.hdf5.failview")
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("a file in the way", encoding="utf-8")
    assert store_of(dataset).judge_now(dataset.open_episode("demo_0")).proposal
