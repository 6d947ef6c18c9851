"""The relatives of robomimic's files, and how real files deviate."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.model.roles import ARBITRARY_UNIT, Role
from tests.loaders.number_pictures import HEIGHT, WIDTH, number_in, numbered_picture
from tests.loaders.one_episode import episode_of
from tests.loaders.write_robomimic import add_demo, write_robomimic

MODEL = """<mujoco><worldbody>
<body><joint name="robot0_joint1"/><body><joint name="robot0_joint2" type="hinge"/>
<body><joint name="gripper0_finger_joint1" type="slide"/></body>
<body><joint name="gripper0_finger_joint2" type="slide"/></body></body></body>
<body><joint name="cube_joint0" type="free"/></body></worldbody></mujoco>"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "demos.hdf5"


def test_usual_observations(path: Path) -> None:
    episode = episode_of(write_robomimic(path))
    assert episode.task == "PickPlaceCan"
    assert episode.clock.rate_hz == pytest.approx(20.0)
    assert {role.value: item.stream for role, item in episode.assignments.items()} == {
        "success": "rewards",
        "gripper_aperture": "obs/robot0_gripper_qpos",
        "joint_position": "obs/robot0_joint_pos",
        "ee_position": "obs/robot0_eef_pos",
        "ee_orientation": "obs/robot0_eef_quat",
        "action": "actions",
    }
    aperture = episode.signals[Role.GRIPPER_APERTURE]
    assert aperture.values[0, 0] == pytest.approx(0.08)
    assert aperture.values.shape == (12, 1)
    assert list(episode.cameras) == ["agentview"]


def test_fingers_with_other_ranges_are_no_aperture(path: Path) -> None:
    write_robomimic(path)
    with h5py.File(path, "r+") as file:
        for demo in file["data"].values():
            demo["obs/robot0_gripper_qpos"][:] = 0.7
    episode = episode_of(path)
    assert Role.GRIPPER_APERTURE not in episode.signals


def test_natural_order_from_any_number(path: Path) -> None:
    """DATA 9."""
    write_robomimic(path, demos=("demo_7", "demo_8", "demo_10", "demo_100"))
    opened = open_dataset(path)
    assert [entry.episode_id for entry in opened.entries] == ["demo_7", "demo_8", "demo_10", "demo_100"]
    opened.close()


def test_zero_width_zero_length_and_missing_counts(path: Path) -> None:
    """DATA 9."""
    write_robomimic(path)
    with h5py.File(path, "r+") as file:
        demo = file["data/demo_1"]
        del demo.attrs["num_samples"]
        demo.create_dataset("left_dpos", shape=(12, 0), dtype="f4")
        empty = file["data"].create_group("demo_11")
        empty.create_dataset("actions", shape=(0, 7), dtype="f4")
    opened = open_dataset(path)
    assert [entry.num_frames for entry in opened.entries] == [12, 12, 12, 0]
    report = opened.report("demo_1")
    assert {stream.stream: stream.note for stream in report.streams}["left_dpos"] == "empty"
    with pytest.raises(DatasetError, match="demo_11 has no frames"):
        opened.open_episode("demo_11")
    opened.close()


def test_num_samples_that_lies(path: Path) -> None:
    """DATA 9."""
    write_robomimic(path)
    with h5py.File(path, "r+") as file:
        file["data/demo_1"].attrs["num_samples"] = 99
    assert any("num_samples says 99" in line for line in episode_of(path).warnings)


def test_streams_of_other_lengths(path: Path) -> None:
    """DATA 11."""
    write_robomimic(path)
    with h5py.File(path, "r+") as file:
        obs = file["data/demo_1/obs"]
        short, long = obs["robot0_eef_pos"][:9], np.zeros((15, 7))
        del obs["robot0_eef_pos"], obs["robot0_joint_pos"]
        obs["robot0_eef_pos"], obs["robot0_joint_pos"] = short, long
    episode = episode_of(path)
    position = episode.signals[Role.EE_POSITION]
    assert position.num_samples == 12
    assert np.isnan(position.values[9:]).all()
    assert np.isfinite(position.values[:9]).all()
    assert episode.signals[Role.JOINT_POSITION].num_samples == 12
    assert any("obs/robot0_eef_pos has 9 samples for 12 frames" in line for line in episode.warnings)
    assert any("obs/robot0_joint_pos has 15 samples for 12 frames" in line for line in episode.warnings)


def test_robosuite_states_with_the_model_in_the_file(path: Path) -> None:
    """DATA 10: MuJoCo's w x y z beside robosuite's x y z w."""
    states = np.zeros((20, 1 + 11 + 10))
    states[:, 0] = 3.0 + np.arange(20) * 0.05
    states[:, 1] = np.linspace(0, 1, 20)
    states[:, 3], states[:, 4] = np.linspace(0.04, 0, 20), np.linspace(-0.04, 0, 20)
    states[:, 5:8] = np.linspace([0, 0, 0.8], [0.1, 0, 0.9], 20)
    states[:, 8] = 1.0
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        demo = data.create_group("demo_1")
        demo.attrs["model_file"] = MODEL
        demo["states"], demo["actions"] = states, np.random.default_rng(0).normal(size=(20, 7))
    episode = episode_of(path)
    assert episode.clock.rate_hz == pytest.approx(20.0)
    assert episode.clock.origin == "states, column 0 (simulator time)"
    assert episode.signals[Role.JOINT_POSITION].labels == ("robot0_joint1.pos", "robot0_joint2.pos")
    assert episode.signals[Role.GRIPPER_APERTURE].values[0, 0] == pytest.approx(0.08)
    assert episode.signals[Role.OBJECT_POSITION].values[-1] == pytest.approx([0.1, 0, 0.9])
    assert episode.signals[Role.OBJECT_ORIENTATION].values[0] == pytest.approx([0, 0, 0, 1])
    assert not episode.assignments[Role.JOINT_POSITION].guessed


@pytest.mark.parametrize("model", ["model_1.xml", MODEL.replace("free", "ball"), "<!DOCTYPE x>" + MODEL, "<mujoco"])
def test_states_that_nothing_explains_are_not_taken_for_time(path: Path, model: str) -> None:
    """DATA 4."""
    with h5py.File(path, "w") as file:
        demo = file.create_group("data").create_group("demo_1")
        demo.attrs["model_file"] = model
        demo["states"] = np.tile(np.arange(20.0)[:, None] * 0.05, (1, 22))
    episode = episode_of(path)
    assert not episode.clock.is_timed
    assert set(episode.other_signals) == {"states"}
    assert any("no time and no rate" in line for line in episode.warnings)


def test_isaac_lab(path: Path) -> None:
    half_turn = np.tile([0.0, 0.0, 0.0, 1.0], (8, 1))
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = json.dumps(
            {"env_name": "Isaac-Stack-Cube-v0", "type": 2, "sim_args": {"dt": 0.01, "decimation": 5}}
        )
        demo = data.create_group("demo_0")
        demo.attrs["success"] = True
        demo["actions"] = np.random.default_rng(0).normal(size=(8, 7))
        demo["obs/policy/joint_pos"] = np.random.default_rng(1).normal(size=(8, 9))
        demo["obs/policy/eef_quat"] = half_turn
    episode = episode_of(path)
    assert episode.clock.rate_hz == pytest.approx(20.0)
    assert episode.assignments[Role.JOINT_POSITION].stream == "obs/policy/joint_pos"
    assert episode.signals[Role.SUCCESS].values[:, 0].tolist() == [1.0] * 8
    assert episode.signals[Role.EE_ORIENTATION].values[0].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert episode.assignments[Role.EE_ORIENTATION].guessed


def test_libero(path: Path) -> None:
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["problem_info"] = json.dumps({"language_instruction": "open the top drawer"})
        demo = data.create_group("demo_0")
        demo["actions"] = np.random.default_rng(0).normal(size=(6, 7))
        pictures = np.stack([numbered_picture(i)[::-1] for i in range(6)])
        demo["obs/agentview_rgb"] = pictures
        demo["obs/ee_pos"] = np.random.default_rng(1).normal(size=(6, 3))
        demo["obs/joint_states"] = np.random.default_rng(2).normal(size=(6, 7))
        demo["obs/gripper_states"] = np.linspace([0.04, -0.04], [0.0, 0.0], 6)
    episode = episode_of(path)
    assert episode.task == "open the top drawer"
    assert {Role.EE_POSITION, Role.JOINT_POSITION, Role.GRIPPER_APERTURE} <= set(episode.signals)
    reader = episode.cameras["agentview"].open_reader()
    assert np.array_equal(reader.read(3), pictures[3])
    reader.close()


def test_mimicgen_poses(path: Path) -> None:
    write_robomimic(path)
    poses = np.tile(np.eye(4), (12, 1, 1))
    poses[:, :3, 3] = np.linspace([0.1, 0.2, 0.3], [0.4, 0.5, 0.6], 12)
    with h5py.File(path, "r+") as file:
        file["data/demo_1/datagen_info/object_poses/cube"] = poses
    episode = episode_of(path)
    assert episode.signals[Role.OBJECT_POSITION].values[0] == pytest.approx([0.1, 0.2, 0.3])
    assert episode.signals[Role.OBJECT_POSITION].values[-1] == pytest.approx([0.4, 0.5, 0.6])


def picture_variants() -> dict[str, np.ndarray]:
    plain = np.stack([numbered_picture(i) for i in range(6)])
    alpha = np.concatenate([plain, np.full((*plain.shape[:3], 1), 9, np.uint8)], axis=3)
    return {
        "rgb": plain,
        "rgba": alpha,
        "grey": plain[..., :1],
        "grey without a channel": plain[..., 0],
        "channels first": plain.transpose(0, 3, 1, 2),
        "floats to 1": plain.astype(np.float32) / 255,
        "floats to 255": plain.astype(np.float32),
    }


@pytest.mark.parametrize("name", list(picture_variants()))
def test_picture_layouts(path: Path, name: str) -> None:
    """DATA 11."""
    with h5py.File(path, "w") as file:
        demo = file.create_group("data").create_group("demo_0")
        demo["actions"] = np.zeros((6, 7))
        demo["obs/front_image"] = picture_variants()[name]
    camera = episode_of(path).cameras["front"]
    assert (camera.width, camera.height) == (WIDTH, HEIGHT)
    reader = camera.open_reader()
    assert [number_in(reader.read(frame)) for frame in (5, 0, 3)] == [5, 0, 3]
    reader.close()


def test_depth_comes_after_the_cameras_and_next_observations_are_no_streams(path: Path) -> None:
    write_robomimic(path)
    with h5py.File(path, "r+") as file:
        demo = file["data/demo_1"]
        demo["obs/agentview_depth"] = np.zeros((12, 64, 64, 1), np.float32)
        demo["next_obs/robot0_eef_pos"] = np.zeros((12, 3))
    opened = open_dataset(path)
    report = opened.report("demo_1")
    opened.close()
    notes = {stream.stream: stream.note for stream in report.streams}
    assert list(report.cameras) == ["agentview", "agentview_depth"]
    assert "shown as brightness" in notes["obs/agentview_depth"]
    assert "next observation" in notes["next_obs/robot0_eef_pos"]


def test_links_that_lead_out_of_the_file(path: Path, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["secret"] = np.arange(12.0)
        file.create_group("demo_9")
    write_robomimic(path)
    with h5py.File(path, "r+") as file:
        demo = file["data/demo_1"]
        demo["obs/leak"] = h5py.ExternalLink("secret.h5", "secret")
        file["data/demo_9"] = h5py.ExternalLink("secret.h5", "demo_9")
        layout = h5py.VirtualLayout(shape=(12,), dtype="f8")
        layout[:] = h5py.VirtualSource(tmp_path / "secret.h5", "secret", shape=(12,))
        demo.create_virtual_dataset("virtual", layout)
        demo["obs/gone"] = h5py.SoftLink("/nowhere")
        demo["loop"] = h5py.SoftLink("/data/demo_1")
    opened = open_dataset(path)
    assert "demo_9" not in [entry.episode_id for entry in opened.entries]
    episode = opened.open_episode("demo_1")
    names = [*episode.other_signals, *(item.stream for item in episode.assignments.values())]
    assert not any("leak" in name or "virtual" in name for name in names)
    assert any("obs/leak is a link to another file" in line for line in episode.warnings)
    assert any("virtual keeps its data in another file" in line for line in episode.warnings)
    assert any("data/demo_9" in line for line in opened.warnings)
    opened.close()


def test_words_become_text_signals(path: Path) -> None:
    write_robomimic(path)
    with h5py.File(path, "r+") as file:
        file["data/demo_1/phase"] = ["reach"] * 5 + ["grasp"] * 4 + ["lift"] * 3
    phase = episode_of(path).signals[Role.PHASE]
    assert phase.text_values == ("reach", "grasp", "lift")
    assert phase.values[:, 0].tolist() == [0.0] * 5 + [1.0] * 4 + [2.0] * 3


def test_fast_group_keeps_its_clock_and_is_preferred(path: Path) -> None:
    times = np.arange(12) * 0.05 + 100.0
    force = np.sin(np.arange(120) / 7.0)
    with h5py.File(path, "w") as file:
        demo = file.create_group("data").create_group("demo_0")
        demo["actions"], demo["timestamps"] = np.zeros((12, 7)), times
        demo["obs/gripper_force"] = force[::10]
        demo["obs/gripper_force"].attrs["units"] = "N"
        demo["highrate/timestamps"] = 100.0 + np.arange(120) * 0.005
        demo["highrate/gripper_force"] = force
    episode = episode_of(path)
    signal = episode.signals[Role.GRIPPER_FORCE]
    assert episode.assignments[Role.GRIPPER_FORCE].stream == "highrate/gripper_force"
    assert not episode.assignments[Role.GRIPPER_FORCE].guessed
    assert signal.rate_hz(episode.clock) == pytest.approx(200.0)
    assert signal.at_frame(episode.clock, 3)[0] == pytest.approx(force[30])
    assert "obs/gripper_force" in episode.other_signals


def write_fast_streams(path: Path, rate_hz: float | None, **streams: np.ndarray) -> Path:
    """Streams of 120 samples in an episode of 12 frames whose clock has no stamps."""
    with h5py.File(path, "w") as file:
        demo = file.create_group("data").create_group("demo_0")
        if rate_hz:
            file["data"].attrs["env_args"] = json.dumps({"env_kwargs": {"control_freq": rate_hz}})
        demo["actions"] = np.zeros((12, 7))
        for name, values in streams.items():
            demo[f"obs/{name}"] = values
    return path


def test_fast_streams_without_times_are_spread_over_the_frames_and_that_is_said(path: Path) -> None:
    force = np.sin(np.arange(120) / 7.0)
    torques = np.cumsum(np.ones((120, 7)), axis=0) / 50
    episode = episode_of(write_fast_streams(path, 20.0, gripper_force=force, joint_torques=torques))
    signal = episode.signals[Role.GRIPPER_FORCE]
    assert signal.rate_hz(episode.clock) == pytest.approx(200.0)
    assert [signal.at_frame(episode.clock, frame)[0] for frame in (0, 3, 11)] == pytest.approx(force[[0, 30, 110]])
    said = [line for line in episode.warnings if "taken as 10 for each frame, evenly spaced (200 Hz)" in line]
    assert len(said) == 1
    assert "obs/gripper_force, obs/joint_torques: 120 samples for 12 frames and no times" in said[0]


def test_fast_streams_without_any_clock_give_one_sample_per_frame(path: Path) -> None:
    force = np.sin(np.arange(120) / 7.0)
    episode = episode_of(write_fast_streams(path, None, gripper_force=force))
    signal = episode.signals[Role.GRIPPER_FORCE]
    assert signal.values[:, 0] == pytest.approx(force[::10])
    assert any("only the first of each 10 is used; set rate_hz in the profile" in line for line in episode.warnings)


def test_stamps_of_a_fast_group_beside_frames_without_any_are_said(path: Path) -> None:
    write_fast_streams(path, 20.0)
    with h5py.File(path, "r+") as file:
        demo = file["data/demo_0"]
        demo["highrate/timestamps"] = 1.7e9 + np.arange(120) * 0.005
        demo["highrate/gripper_force"] = np.sin(np.arange(120) / 7.0)
    episode = episode_of(path)
    assert episode.signals[Role.GRIPPER_FORCE].rate_hz(episode.clock) == pytest.approx(200.0, rel=1e-3)
    said = [line for line in episode.warnings if "taken to begin with the first frame" in line]
    assert said == [
        "highrate/gripper_force: stamps of its own (200 Hz), the frames have none: taken to begin with the first frame"
    ]


def test_fast_group_on_another_clock_plays_no_role(path: Path) -> None:
    with h5py.File(path, "w") as file:
        demo = file.create_group("data").create_group("demo_0")
        demo["actions"], demo["timestamps"] = np.zeros((12, 7)), np.arange(12) * 0.05
        demo["obs/gripper_force"] = np.arange(12.0)
        demo["highrate/timestamps"] = 1.7e9 + np.arange(120) * 0.005
        demo["highrate/gripper_force"] = np.arange(120.0)
    episode = episode_of(path)
    assert episode.assignments[Role.GRIPPER_FORCE].stream == "obs/gripper_force"
    assert any("highrate/gripper_force: its clock covers" in line for line in episode.warnings)


def test_copies_and_dead_streams(path: Path) -> None:
    """DATA 10, 16."""
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        for k in range(3):
            demo = add_demo(data, f"demo_{k}", seed=k, pictures=False)
            del demo["obs/robot0_gripper_qpos"]
            demo["obs/gripper_pos"] = demo["obs/robot0_joint_pos"][:]
            demo["obs/object"] = np.zeros((12, 39))
            demo["obs/robot0_ee_force"] = np.zeros((12, 3))
            demo["obs/robot0_gripper_force"] = np.zeros(12) if k == 0 else np.linspace(0, 4, 12)
    episode = episode_of(path)
    assert Role.GRIPPER_APERTURE not in episode.signals
    assert episode.assignments[Role.WRENCH].dead
    assert episode.assignments[Role.OBJECT_POSITION].dead
    assert not episode.assignments[Role.GRIPPER_FORCE].dead
    text = "\n".join(episode.warnings)
    assert "obs/gripper_pos repeats obs/robot0_joint_pos" in text
    assert "obs/robot0_ee_force (wrench): zero for all frames: a dead stream" in text
    assert "robot0_gripper_force" not in text


def test_joints_in_ticks_are_arbitrary(path: Path) -> None:
    """DATA 14."""
    with h5py.File(path, "w") as file:
        demo = file.create_group("data").create_group("demo_0")
        demo["obs/joint_pos"] = np.random.default_rng(0).integers(0, 4096, (30, 6))
    episode = episode_of(path)
    assert episode.signals[Role.JOINT_POSITION].unit == ARBITRARY_UNIT
    assert episode.assignments[Role.JOINT_POSITION].guessed


def test_names_that_are_unsafe_as_file_names(path: Path) -> None:
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        for name in ("..", "a b", "a:b", "ü"):
            if name != "..":
                data.create_group(name)["actions"] = np.zeros((3, 2))
    opened = open_dataset(path)
    ids = [entry.episode_id for entry in opened.entries]
    assert len(set(ids)) == 3
    assert all(all(c.isascii() and (c.isalnum() or c in "_.-") for c in name) for name in ids)
    assert opened.open_episode(ids[0]).num_frames == 3
    opened.close()
