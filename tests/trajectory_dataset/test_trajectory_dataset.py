"""TrajectoryDataset without torch; tests/consumers has it with torch."""

import copy
import multiprocessing
import pickle  # noqa: TID251 - torch's workers send datasets about by it
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from failview.cli.main import run
from failview.errors import DatasetError
from failview.loaders.assembled_dataset import AssembledDataset
from failview.model.frame_phases import phase_words
from failview.proposals.labelled_dataset import LabelledDataset
from failview.trajectory_dataset import Filter, TrajectoryDataset
from tests.contracts.loader_contract import content_hash
from tests.exporters.labelled_demos import FRAMES, LABELS, ONSETS, PHASES, write_demos, write_lerobot
from tests.loaders.number_pictures import number_in

EVERYTHING = ("gripper_aperture", "ee_position", "action")


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demos(tmp_path_factory.mktemp("demos"))


@pytest.fixture(scope="module")
def arm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lerobot(tmp_path_factory.mktemp("arm"))


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [("success_only", [0]), ("failure_only", [1]), ("with_recovery", [2]), ("all", [0, 1, 2, 3, 4])],
)
def test_filters(demos: Path, wanted: Filter, numbers: list[int]) -> None:
    data = TrajectoryDataset(demos, filter=wanted)
    assert data.episode_ids == [f"demo_{number}" for number in numbers]
    assert len(data) == len(numbers)
    for item, number in zip(data, numbers, strict=True):
        label = LABELS[number]
        assert item["outcome"] == ("" if label is None else label.outcome)
        assert item["failure_subcategory"] == ("" if label is None else label.failure_subcategory or "")


@pytest.mark.parametrize("window", [None, 5])
def test_phases_onset_pictures_and_states_are_of_the_same_frames(demos: Path, window: int | None) -> None:
    data = TrajectoryDataset(demos, window=window, signals=("obs/frame_number",), cameras=("agentview",))
    assert len(data) == (5 if window is None else 5 * (FRAMES - window + 1))
    for item in data:
        number, frames = int(item["episode_id"][5:]), item["frames"].tolist()
        assert len(frames) == (window or FRAMES)
        assert frames == list(range(frames[0], frames[0] + len(frames)))
        assert phase_words(item["failure_phase"]) == [PHASES[number][frame] for frame in frames]
        assert item["is_failure_onset"].tolist() == [frame == ONSETS[number] for frame in frames]
        expected = [100 * number + frame for frame in frames]
        assert item["signals"]["obs/frame_number"][:, 0].tolist() == expected
        assert [number_in(picture) for picture in item["pictures"]["agentview"]] == expected


def test_strides_and_episodes_that_are_too_short(demos: Path) -> None:
    data = TrajectoryDataset(demos, window=4, stride=4)
    assert [item["frames"][0] for item in data[:3]] == [0, 4, 8]
    assert data.left_out == []
    with pytest.raises(DatasetError, match="none of 5 episodes has 13 frames"):
        TrajectoryDataset(demos, window=FRAMES + 1)


def test_signals_and_detectors_at_the_frames(demos: Path) -> None:
    with LabelledDataset.open(demos) as labelled:
        for item in TrajectoryDataset(demos):
            read = labelled.read(item["episode_id"])
            assert set(item["signals"]) == {role.value for role in read.episode.signals}
            for role, signal in read.episode.signals.items():
                values = item["signals"][role.value]
                assert values.dtype == np.float32
                assert np.array_equal(values, signal.values.astype(np.float32), equal_nan=True)
            assert read.findings is not None
            assert set(item["detectors"]) == set(read.findings.arrays) != set()
            for name, array in read.findings.arrays.items():
                expected = array.reshape(FRAMES, -1).astype(np.float32)
                assert np.array_equal(item["detectors"][name], expected, equal_nan=True)


def test_without_findings_detectors_are_left_out_or_nan(tmp_path: Path) -> None:
    bare = write_demos(tmp_path, judged=False)
    assert TrajectoryDataset(bare)[0]["detectors"] == {}
    assert TrajectoryDataset(bare, detectors=False)[0]["detectors"] == {}


def test_it_is_a_sequence(demos: Path) -> None:
    data = TrajectoryDataset(demos, signals=EVERYTHING)
    assert data[-1]["episode_id"] == "demo_4"
    assert [item["episode_id"] for item in data[1:3]] == ["demo_1", "demo_2"]
    assert next(item["episode_id"] for item in reversed(data)) == "demo_4"
    for index in (5, -6):
        with pytest.raises(IndexError):
            data[index]
    first = data[0]
    first["signals"]["action"][:] = 7
    assert not (data[0]["signals"]["action"] == 7).any()


def test_nothing_is_read_before_an_item_is_asked_for(demos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    original = AssembledDataset.open_episode
    monkeypatch.setattr(AssembledDataset, "open_episode", lambda self, key: read.append(key) or original(self, key))
    data = TrajectoryDataset(demos, window=4, signals=EVERYTHING, detectors=False)
    assert not read
    assert data[20]["episode_id"] == "demo_2"
    assert set(read) == {"demo_2"}
    for index in range(18, 27):
        assert data[index]["episode_id"] == "demo_2"
    assert read == ["demo_2"]


def item_at(data: TrajectoryDataset, index: int) -> tuple[str, list[float]]:
    item = data[index]
    return item["episode_id"], item["signals"]["action"].ravel().tolist()


def test_it_travels_to_other_processes(arm: Path) -> None:
    data = TrajectoryDataset(arm, signals=("action",))
    expected = [item_at(data, index) for index in range(len(data))]
    assert [item_at(pickle.loads(pickle.dumps(data)), index) for index in range(len(data))] == expected
    assert len(pickle.dumps(data)) < 20_000
    assert item_at(copy.deepcopy(data), 2) == expected[2]
    # An open dataset forked, or sent to a fresh process: each opens its own files.
    for method in ("fork", "spawn"):
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
            assert list(pool.map(item_at, [data] * len(data), range(len(data)))) == expected
    data.close()
    assert item_at(data, 1) == expected[1]
    data.close()


def test_an_exported_file_gives_the_same(arm: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.hdf5"
    assert run(["export", "robomimic", str(arm), str(out), "--pictures", "full", "--jobs", "1"]) == 0
    one = TrajectoryDataset(arm, window=6, cameras=("front",))
    other = TrajectoryDataset(out, window=6, cameras=("front",))
    assert len(one) == len(other)
    for index in range(0, len(one), 3):
        a, b = one[index], other[index]
        for key in ("frames", "failure_phase", "is_failure_onset"):
            assert np.array_equal(a[key], b[key])
        assert (a["outcome"], a["failure_category"]) == (b["outcome"], b["failure_category"])
        for name, values in a["signals"].items():
            assert np.allclose(values, b["signals"][name], equal_nan=True)
        assert set(a["detectors"]) == set(b["detectors"])
        for name, values in a["detectors"].items():
            assert np.array_equal(values, b["detectors"][name], equal_nan=True)
        assert np.array_equal(a["pictures"]["front"], b["pictures"]["front"])


def test_only_the_episodes_of_a_split(demos: Path) -> None:
    data = TrajectoryDataset(demos, episodes=["demo_1", "demo_4", "demo_0"])
    assert data.episode_ids == ["demo_0", "demo_1", "demo_4"]
    with pytest.raises(DatasetError, match="there is no episode demo_9"):
        TrajectoryDataset(demos, episodes=["demo_9"])


def test_wrong_arguments_are_one_line(demos: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such filter, window or stride: sucess_only"):
        TrajectoryDataset(demos, filter="sucess_only")  # type: ignore[arg-type]
    for how in ({"window": 0}, {"stride": 0}):
        with pytest.raises(DatasetError, match="no such filter, window or stride"):
            TrajectoryDataset(demos, **how)
    with pytest.raises(DatasetError, match="no such file"):
        TrajectoryDataset(tmp_path / "nothing")
    with pytest.raises(DatasetError, match=r"demo_0: has no signal force\. Name signals that all have"):
        TrajectoryDataset(demos, signals=("force",))[0]
    with pytest.raises(DatasetError, match=r"has no camera left\. It has agentview"):
        TrajectoryDataset(demos, cameras=("left",))[0]
    bare = write_demos(tmp_path / "bare", labelled=False, judged=False)
    with pytest.raises(DatasetError, match="no episode is success_only: 0 of 5 have a finished label"):
        TrajectoryDataset(bare, "success_only")
    assert len(TrajectoryDataset(bare)) == 5


def test_nothing_is_written(demos: Path) -> None:
    before = content_hash(demos.parent)
    for item in TrajectoryDataset(demos, window=3, cameras=("agentview",)):
        assert item["frames"].shape == (3,)
    assert content_hash(demos.parent) == before
