"""Relatives of robomimic, written as those projects write them: LIBERO, MimicGen, Isaac Lab."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from failview.loaders import open_dataset
from failview.model.episode import Episode
from failview.model.roles import Role
from tests.loaders.number_pictures import number_in, numbered_picture

FRAMES = 12
BDDL = """(define (problem LIBERO_Kitchen_Tabletop_Manipulation)
  (:domain robosuite)
  (:language put the black bowl in
    the top drawer)
  (:regions (main_table_top (:target main_table))))"""


def first_episode(path: Path) -> Episode:
    opened = open_dataset(path)
    episode = opened.open_episode(opened.entries[0].episode_id)
    assert opened.entries[0].task == episode.task
    opened.close()
    return episode


def write_libero(path: Path, *, instruction: str = "put the black bowl in the top drawer", demos: int = 3) -> Path:
    """As LIBERO's create_dataset.py: pictures bottom row first, poses as position and rotation vector."""
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_name"] = "Libero_Kitchen_Tabletop_Manipulation"
        data.attrs["problem_info"] = json.dumps(
            {"problem_name": "libero", "domain_name": "robosuite", "language_instruction": instruction}
        )
        data.attrs["macros_image_convention"] = "opengl"
        data.attrs["bddl_file_name"] = "libero/bddl_files/libero_90/KITCHEN_SCENE1_put_the_black_bowl.bddl"
        data.attrs["bddl_file_content"] = BDDL
        data.attrs["env_args"] = json.dumps({"type": 1, "env_name": "Libero", "env_kwargs": {"control_freq": 20}})
        data.attrs["num_demos"], data.attrs["total"], data.attrs["tag"] = demos, demos * FRAMES, "libero-v1"
        for k in range(demos):
            random = np.random.default_rng(k)
            demo = data.create_group(f"demo_{k}")
            demo.attrs["num_samples"], demo.attrs["init_state"] = FRAMES, np.zeros(47)
            demo.attrs["model_file"] = "panda.xml"
            obs = demo.create_group("obs")
            half = np.linspace(0.04, 0.01, FRAMES)
            position, rotation = random.normal(scale=0.1, size=(FRAMES, 3)), random.normal(size=(FRAMES, 3))
            obs["gripper_states"] = np.stack([half, -half], axis=1)
            obs["joint_states"] = np.cumsum(random.normal(scale=0.1, size=(FRAMES, 7)), axis=0)
            obs["ee_states"], obs["ee_pos"], obs["ee_ori"] = np.hstack([position, rotation]), position, rotation
            for name in ("agentview_rgb", "eye_in_hand_rgb"):
                obs[name] = np.stack([numbered_picture(100 * k + i)[::-1] for i in range(FRAMES)])
            demo["actions"], demo["states"] = random.normal(size=(FRAMES, 7)), random.normal(size=(FRAMES, 47))
            demo["robot_states"] = random.normal(size=(FRAMES, 9))
            demo["rewards"], demo["dones"] = np.eye(FRAMES, dtype=np.uint8)[-1], np.eye(FRAMES, dtype=np.uint8)[-1]
    return path


def test_libero(tmp_path: Path) -> None:
    episode = first_episode(write_libero(tmp_path / "put_the_black_bowl_demo.hdf5"))
    assert episode.task == "put the black bowl in the top drawer"
    assert episode.clock.rate_hz == pytest.approx(20.0)
    streams = {role: assignment.stream for role, assignment in episode.assignments.items()}
    assert streams[Role.EE_POSITION] == "obs/ee_pos"
    assert streams[Role.JOINT_POSITION] == "obs/joint_states"
    assert streams[Role.GRIPPER_APERTURE] == "obs/gripper_states"
    assert streams[Role.ACTION] == "actions"
    assert episode.signals[Role.GRIPPER_APERTURE].values[0] == pytest.approx([0.08])


def test_libero_pictures_stand_upright_because_the_file_says_how_they_are_stored(tmp_path: Path) -> None:
    episode = first_episode(write_libero(tmp_path / "bowl_demo.hdf5"))
    assert list(episode.cameras) == ["agentview", "eye_in_hand"]
    for camera in episode.cameras.values():
        reader = camera.open_reader()
        assert [number_in(reader.read(frame)) for frame in (7, 0, 11)] == [7, 0, 11]
        assert [number_in(picture) for picture in reader.read_range(2, 5)] == [2, 3, 4]
        reader.close()


def test_libero_task_from_its_task_description(tmp_path: Path) -> None:
    episode = first_episode(write_libero(tmp_path / "bowl_demo.hdf5", instruction=""))
    assert episode.task == "put the black bowl in the top drawer"


def test_mimicgen(tmp_path: Path) -> None:
    path = tmp_path / "demo.hdf5"
    poses = np.tile(np.eye(4), (FRAMES, 1, 1))
    poses[:, :3, 3] = np.linspace([0.1, 0.2, 0.8], [0.4, 0.2, 0.9], FRAMES)
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = json.dumps({"env_name": "Square_D0", "env_kwargs": {"control_freq": 20}})
        demo = data.create_group("demo_0")
        demo.attrs["num_samples"] = FRAMES
        demo["actions"] = np.random.default_rng(0).normal(size=(FRAMES, 7))
        demo["states"] = np.random.default_rng(1).normal(size=(FRAMES, 45))
        demo["obs/robot0_eef_pos"] = poses[:, :3, 3] + 0.1
        demo["datagen_info/eef_pose"] = poses
        demo["datagen_info/target_pose"] = poses
        demo["datagen_info/gripper_action"] = np.ones((FRAMES, 1))
        demo["datagen_info/object_poses/square_nut"] = poses
        demo["datagen_info/subtask_term_signals/grasp"] = (np.arange(FRAMES) > 5).astype(int)
        demo["src_demo_inds"] = np.array([3, 7])
        demo["src_demo_labels"] = np.repeat([[3], [7]], FRAMES // 2, axis=0)
    opened = open_dataset(path)
    report, episode = opened.report("demo_0"), opened.open_episode("demo_0")
    opened.close()
    assert episode.assignments[Role.EE_POSITION].stream == "obs/robot0_eef_pos"
    assert episode.signals[Role.EE_COMMAND].values[0] == pytest.approx([0.1, 0.2, 0.8])
    assert episode.assignments[Role.EE_COMMAND].guessed
    notes = {stream.stream: stream.note for stream in report.streams}
    assert "generated from" in notes["src_demo_inds"]
    assert not any("src_demo" in line for line in episode.warnings)


def write_isaac_lab(path: Path, *, format_version: int | None = None, success: tuple[bool, ...] = (True,) * 4) -> Path:
    """As Isaac Lab's HDF5DatasetFileHandler: everything gzipped, the states nested by kind and name."""
    with h5py.File(path, "w") as file:
        if format_version is not None:
            file.attrs["format_version"] = format_version
        data = file.create_group("data")
        data.attrs["total"] = FRAMES * len(success)
        data.attrs["env_args"] = json.dumps(
            {"env_name": "Isaac-Stack-Cube-Franka-IK-Rel-v0", "type": 2, "sim_args": {"dt": 0.01, "decimation": 5}}
        )
        for k, flag in enumerate(success):
            random = np.random.default_rng(k)
            demo = data.create_group(f"demo_{k}")
            demo.attrs["num_samples"], demo.attrs["success"] = FRAMES, flag
            joints = np.cumsum(random.normal(scale=0.05, size=(FRAMES, 9)), axis=0).astype(np.float32)
            pose = np.tile(np.float32([0.4, 0.0, 0.0203, 0.5, 0.5, 0.5, -0.5]), (FRAMES, 1))
            pose[:, 0] += np.linspace(0, 0.1, FRAMES)
            arrays = {
                "actions": random.normal(size=(FRAMES, 7)),
                "processed_actions": random.normal(size=(FRAMES, 8)),
                "initial_state/articulation/robot/joint_position": joints[:1],
                "initial_state/articulation/robot/root_pose": pose[:1],
                "initial_state/rigid_object/cube_1/root_pose": pose[:1],
                "obs/actions": random.normal(size=(FRAMES, 7)),
                "obs/joint_pos": joints,
                "obs/eef_pos": pose[:, :3] + 0.2,
                "obs/eef_quat": pose[:, 3:],
                "obs/gripper_pos": np.stack([np.linspace(0.04, 0.02, FRAMES)] * 2, axis=1) * [1, -1],
                "states/articulation/robot/joint_position": joints,
                "states/articulation/robot/joint_velocity": np.gradient(joints, axis=0),
                "states/articulation/robot/root_pose": np.tile(pose[:1], (FRAMES, 1)),
                "states/rigid_object/cube_1/root_pose": pose,
            }
            for name, values in arrays.items():
                demo.create_dataset(name, data=values.astype(np.float32), compression="gzip")
    return path


def test_isaac_lab(tmp_path: Path) -> None:
    episode = first_episode(write_isaac_lab(tmp_path / "dataset.hdf5"))
    assert episode.num_frames == FRAMES
    assert episode.clock.rate_hz == pytest.approx(20.0)
    streams = {role: assignment.stream for role, assignment in episode.assignments.items()}
    assert streams[Role.JOINT_POSITION] == "obs/joint_pos"
    assert streams[Role.JOINT_VELOCITY] == "states/articulation/robot/joint_velocity"
    assert streams[Role.OBJECT_POSITION] == "states/rigid_object/cube_1/root_pose"
    assert streams[Role.EE_POSITION] == "obs/eef_pos"
    assert episode.signals[Role.OBJECT_POSITION].values[-1] == pytest.approx([0.5, 0.0, 0.0203])
    assert not any("initial_state" in name for name in episode.other_signals)
    assert not any("initial_state" in line for line in episode.warnings)


@pytest.mark.parametrize(
    ("version", "order", "right"), [(None, "wxyz", [0.5, 0.5, -0.5, 0.5]), (1, "xyzw", [0.5, 0.5, 0.5, -0.5])]
)
def test_data_10_isaac_lab_turned_its_quaternions_round(
    tmp_path: Path, version: int | None, order: str, right: list[float]
) -> None:
    episode = first_episode(write_isaac_lab(tmp_path / "dataset.hdf5", format_version=version))
    for role in (Role.EE_ORIENTATION, Role.OBJECT_ORIENTATION):
        assert episode.assignments[role].unit == order
        assert episode.assignments[role].guessed
        assert episode.signals[role].values[0].tolist() == pytest.approx(right)


def test_data_7_success_on_every_demo_is_evidence_not_truth(tmp_path: Path) -> None:
    always = first_episode(write_isaac_lab(tmp_path / "always.hdf5"))
    assert sum("a recorded flag is evidence" in line for line in always.warnings) == 1
    assert always.signals[Role.SUCCESS].values.all()
    mixed = first_episode(write_isaac_lab(tmp_path / "mixed.hdf5", success=(True, False, True)))
    assert not any("a recorded flag" in line for line in mixed.warnings)


def test_data_7_one_episode_alone_shows_nothing_about_the_others(tmp_path: Path) -> None:
    alone = first_episode(write_isaac_lab(tmp_path / "alone.hdf5", success=(True,)))
    assert not any("a recorded flag" in line for line in alone.warnings)
