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


def test_a_place_that_cannot_be_written_does_not_stop_it(dataset: OpenedDataset, demos: Path) -> None:
    folder = demos.with_name("demos.hdf5.failview")
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("a file in the way", encoding="utf-8")
    assert store_of(dataset).judge_now(dataset.open_episode("demo_0")).proposal
