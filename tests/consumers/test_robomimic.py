"""The robomimic export and TrajectoryDataset in the real robomimic 0.3.0 and torch."""

from pathlib import Path

import pytest

from failview.cli.main import run
from failview.model.frame_phases import PHASES as WORDS
from tests.consumers.consumer import ask
from tests.exporters.labelled_demos import FRAMES, ONSETS, PHASES, write_demos
from tests.loaders.number_pictures import HEIGHT, WIDTH

pytestmark = pytest.mark.consumer

CODES = [[[word.value for word in WORDS].index(phase) for phase in phases] for phases in PHASES]


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("robomimic")
    assert run(["export", "robomimic", str(write_demos(folder / "data")), str(folder / "out.hdf5")]) == 0
    return folder / "out.hdf5"


@pytest.mark.parametrize(
    ("key", "numbers"),
    [
        ("-", [0, 1, 2, 3, 4]),
        ("success_only", [0]),
        ("failure_only", [1]),
        ("with_recovery", [2]),
        ("labelled", [0, 1, 2]),
        ("category_grasp", [1, 2]),
    ],
)
def test_sequence_dataset_sees_phases_and_onset_on_the_right_frames(export: Path, key: str, numbers: list[int]) -> None:
    modes = ask("robomimic", "robomimic_reads.py", export, key, "frame_number", "agentview_image")
    assert len(modes) == 3
    for found in modes:
        assert found["demos"] == [f"demo_{number}" for number in numbers]
        assert found["number"] == [100 * number + frame for number in numbers for frame in range(FRAMES)]
        assert found["phase"] == [code for number in numbers for code in CODES[number]]
        assert found["onset"] == [ONSETS[number] == frame for number in numbers for frame in range(FRAMES)]
        assert (found["actions"], found["image"]) == ([1, 7], [1, HEIGHT, WIDTH, 3])
        assert found["batch"] == [4, 1, 7]


def test_behaviour_cloning_trains_on_success_only(export: Path, tmp_path: Path) -> None:
    seen = ["robot0_eef_pos", "robot0_gripper_qpos"]
    found = ask("robomimic", "robomimic_trains.py", export, "success_only", tmp_path / "runs", *seen)
    assert found["num_demos"] == [1]
    assert found["policy"] == "RolloutPolicy"
    assert len(found["losses"]) == 3
    assert found["losses"][-1] < found["losses"][0]


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_trajectory_dataset_in_a_torch_data_loader(export: Path, workers: int) -> None:
    found = ask("robomimic", "torch_loads.py", export, "all", 5, workers, "obs/frame_number")
    windows = FRAMES - 4
    assert found["length"] == len(found["items"]) == 5 * windows
    assert found["shapes"]["signal"] == [4, 5, 1]
    assert found["shapes"]["picture"] == [4, 5, HEIGHT, WIDTH, 3]
    kinds = {"signal": "torch.float32", "picture": "torch.uint8", "phase": "torch.uint8", "onset": "torch.bool"}
    assert found["kinds"] == kinds | {"frames": "torch.int64"}
    for index, (episode, frames, numbers, phases, onsets) in enumerate(found["items"]):
        number, start = divmod(index, windows)
        expected = list(range(start, start + 5))
        assert (episode, frames) == (f"demo_{number}", expected)
        assert numbers == [100 * number + frame for frame in expected]
        assert phases == [CODES[number][frame] for frame in expected]
        assert onsets == [ONSETS[number] == frame for frame in expected]
