"""Evaluation sets are read by failview's own loader as they are meant; their worse copies are as bad as stated."""

import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from failview.loaders import open_dataset
from failview.model.roles import Role

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
from evaluation_set.copies import noisy, without_poses
from evaluation_set.hdf5_file import write_file
from evaluation_set.recording import FIELDS, POSES, Recording

FRAMES = 400
WIDTHS = {"quat": 4, "width": 1, "gripper_force": 1, "gripper_q": 2, "finger_force": 2, "joint": 7}
ROBOT = {
    Role.GRIPPER_APERTURE, Role.GRIPPER_FORCE, Role.WRENCH, Role.JOINT_POSITION, Role.JOINT_VELOCITY,
    Role.JOINT_TORQUE, Role.EE_POSITION, Role.EE_ORIENTATION, Role.EE_COMMAND, Role.ACTION,
}  # fmt: skip
OBJECT = {Role.OBJECT_POSITION, Role.OBJECT_ORIENTATION, Role.GOAL_POSITION}


def width(name: str) -> int:
    return next((count for part, count in WIDTHS.items() if part in name), 3)


def smooth(rng: np.random.Generator, columns: int) -> np.ndarray:
    return 0.3 * np.sin(np.linspace(0, 6, FRAMES)[:, None] + rng.uniform(0, 6, columns)) + 0.3


def made(seed: int) -> Recording:
    rng = np.random.default_rng(seed)
    obs = {name: smooth(rng, width(name)) for name in FIELDS}
    for name in ("robot0_eef_quat", "robot0_eef_quat_cmd", "object_quat"):
        obs[name] /= np.linalg.norm(obs[name], axis=1, keepdims=True)
    obs["robot0_gripper_width"] = 0.04 + 0.0397 * np.sin(np.linspace(0, 6, FRAMES))[:, None]
    return Recording(
        obs=obs, actions=smooth(rng, 7), actions_abs=smooth(rng, 7), states=smooth(rng, 31),
        rewards=np.zeros(FRAMES), timestamps_s=np.arange(FRAMES) / 20,
    )  # fmt: skip


@pytest.fixture
def recording() -> Recording:
    return made(3)


def test_every_role_is_found_with_unit_and_robot(tmp_path: Path, recording: Recording) -> None:
    write_file(tmp_path / "clean.hdf5", [recording, made(4)])
    opened = open_dataset(tmp_path / "clean.hdf5")
    assert [entry.episode_id for entry in opened.entries] == ["demo_0", "demo_1"]
    episode = opened.open_episode("demo_0")
    assert set(episode.signals) >= ROBOT | OBJECT
    assert not [role for role in ROBOT | OBJECT if episode.assignments[role].guessed]
    np.testing.assert_allclose(
        episode.signals[Role.GRIPPER_APERTURE].values.ravel(), recording.obs["robot0_gripper_width"].ravel(), atol=1e-6
    )
    assert episode.robot is not None
    opened.close()


def test_a_copy_without_poses_tells_nothing_of_object_and_end(tmp_path: Path, recording: Recording) -> None:
    write_file(tmp_path / "noposes.hdf5", [without_poses(recording)])
    opened = open_dataset(tmp_path / "noposes.hdf5")
    episode = opened.open_episode("demo_0")
    assert set(episode.signals) >= ROBOT
    assert not set(episode.signals) & (OBJECT | {Role.SUCCESS})
    opened.close()
    with h5py.File(tmp_path / "noposes.hdf5") as file:
        assert not set(POSES) & set(file["data/demo_0/obs"])
        assert "rewards" not in file["data/demo_0"]


def test_noise_is_as_strong_as_stated(recording: Recording) -> None:
    worse, told = noisy(recording, [1, 2])
    fresh = np.setdiff1d(np.arange(FRAMES), told["repeated_frames"])
    torque = (worse.obs["robot0_joint_torque"] - recording.obs["robot0_joint_torque"])[fresh]
    assert np.nanstd(torque) == pytest.approx(0.15, rel=0.1)
    width_mm = worse.obs["robot0_gripper_width"] * 1e3
    assert np.nanmax(np.abs(width_mm * 2 - np.round(width_mm * 2))) < 1e-6
    change = np.diff((worse.obs["robot0_gripper_force"] - recording.obs["robot0_gripper_force"])[fresh, 0])
    assert np.nanstd(change) / np.sqrt(2) == pytest.approx(0.2, rel=0.15)
    np.testing.assert_array_equal(worse.obs["robot0_eef_pos"][fresh], recording.obs["robot0_eef_pos"][fresh])


def test_repeated_frames_and_bursts_are_where_the_truth_says(recording: Recording) -> None:
    bursts, repeated = 0, 0
    for k in range(60):
        worse, told = noisy(recording, [5, k])
        repeated += len(told["repeated_frames"])
        broken = {name for name, values in worse.obs.items() if not np.isfinite(values).all()}
        assert broken == set(told["nan_burst"]["signals"] if told["nan_burst"] else ())
        bursts += bool(broken)
        for frame in told["repeated_frames"]:
            for values in worse.obs.values():
                np.testing.assert_array_equal(values[frame], values[frame - 1])
        np.testing.assert_array_equal(worse.timestamps_s, recording.timestamps_s)
    assert 10 <= bursts <= 30
    assert repeated / (60 * FRAMES) == pytest.approx(0.01, rel=0.3)
