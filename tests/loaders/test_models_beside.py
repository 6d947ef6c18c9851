"""A robot model that lies beside the data is used where it fits, as a guess; everything else is only mentioned."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

from failview.cli.inspect import app
from failview.loaders import open_dataset
from failview.loaders.robot import robot_source
from failview.loaders.robot.nearby_models import models_beside
from failview.model.episode import Episode
from failview.model.roles import Role
from tests.loaders.write_robot_models import swing, tip_m, write_mjcf, write_urdf
from tests.loaders.write_tables import write_csv


def write_arm(path: Path, joints: np.ndarray | None = None, tip: np.ndarray | None = None) -> Path:
    """Unnamed joints of the flat arm, and where its tip was recorded."""
    joints = swing() if joints is None else joints
    with h5py.File(path, "w") as file:
        file.create_group("data").attrs["control_freq_hz"] = 20.0
        demo = file.create_group("data/demo_0")
        demo["actions"] = np.random.default_rng(1).normal(size=(len(joints), 2))
        demo["obs/robot0_joint_pos"] = joints
        demo["obs/robot0_eef_pos"] = tip_m(joints) if tip is None else tip
    return path


def open_first(path: Path) -> tuple[Episode, str]:
    dataset = open_dataset(path)
    episode = dataset.open_episode(dataset.entries[0].episode_id)
    advice = dataset.parts[0].robot.advice
    dataset.close()
    return episode, advice


@pytest.mark.parametrize("place", ["robot.urdf", "model/robot.urdf", "URDF/arm.xml"])
def test_a_model_that_puts_the_hand_where_it_is_recorded_is_used(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    write_urdf(tmp_path / place)
    episode, advice = open_first(write_arm(tmp_path / "demos.hdf5"))
    assert episode.robot is not None
    assert episode.robot.path == tmp_path / place
    assert "lies beside the data" in episode.robot.found
    assert (episode.robot.ee_frame, advice, episode.warnings) == ("tool0", "", ())
    assert np.allclose(episode.robot.lower, [-2.0, -3.0])


def test_a_base_that_stands_elsewhere_is_found(tmp_path: Path) -> None:
    write_mjcf(tmp_path / "arm.xml")
    shifted = tip_m(swing()) + np.array([0.1, -0.5, 0.9])
    episode, _ = open_first(write_arm(tmp_path / "demos.hdf5", tip=shifted))
    assert episode.robot is not None
    assert episode.warnings == ()
    poses = episode.robot.link_poses(np.array([0, 20]))
    tool = [link.name for link in episode.robot.links].index("tool0")
    assert np.allclose(poses.positions_m[:, tool], shifted[[0, 20]], atol=1e-3)


def test_named_joints_are_enough_where_no_hand_is_recorded(tmp_path: Path) -> None:
    write_urdf(tmp_path / "robot.urdf")
    joints = swing()
    columns = {"time": np.arange(40) / 20, "shoulder_pos": joints[:, 0], "elbow_pos": joints[:, 1]}
    columns["gripper_width"] = np.linspace(0.08, 0.0, 40)
    episode, _ = open_first(write_csv(tmp_path / "run.csv", columns))
    assert episode.robot is not None
    assert "joints by name" in episode.robot.found
    assert Role.EE_POSITION in episode.signals


def test_a_model_of_another_robot_is_only_mentioned(tmp_path: Path) -> None:
    write_urdf(tmp_path / "robot.urdf")
    wild = np.random.default_rng(0).normal(size=(40, 3))
    episode, advice = open_first(write_arm(tmp_path / "demos.hdf5", tip=wild))
    assert episode.robot is None
    assert episode.warnings == ()
    assert "robot.urdf: it puts the end effector elsewhere than recorded" in advice


def test_several_that_fit_are_only_mentioned(tmp_path: Path) -> None:
    write_urdf(tmp_path / "robot.urdf")
    write_mjcf(tmp_path / "robot.xml")
    episode, advice = open_first(write_arm(tmp_path / "demos.hdf5"))
    assert episode.robot is None
    assert "2 robot models beside the data fit (robot.urdf, robot.xml)" in advice


def test_one_that_fits_among_others_is_used(tmp_path: Path) -> None:
    write_urdf(tmp_path / "robot.urdf")
    (tmp_path / "cup.xml").write_text("<mujoco><worldbody><body name='cup'/></worldbody></mujoco>", encoding="utf-8")
    (tmp_path / "broken.urdf").write_text("<robot name='x'><link", encoding="utf-8")
    episode, _ = open_first(write_arm(tmp_path / "demos.hdf5"))
    assert episode.robot is not None
    assert episode.robot.path.name == "robot.urdf"


def test_the_profile_switches_it_off_or_names_it(tmp_path: Path) -> None:
    write_urdf(tmp_path / "robot.urdf")
    path = write_arm(tmp_path / "demos.hdf5")
    profile = tmp_path / "demos.hdf5.failview.toml"
    profile.write_text('[robot]\nmodel = ""\n', encoding="utf-8")
    assert open_first(path)[0].robot is None
    profile.write_text('[robot]\nmodel = "robot.urdf"\n', encoding="utf-8")
    episode, _ = open_first(path)
    assert episode.robot is not None
    assert episode.robot.found == ""


def test_without_one_nothing_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("no model is there to be read")

    monkeypatch.setattr(robot_source, "Kinematics", refuse)
    (tmp_path / "notes.xml").write_text("<notes/>", encoding="utf-8")
    (tmp_path / "robot.xacro").write_text("<robot/>", encoding="utf-8")
    episode, advice = open_first(write_arm(tmp_path / "demos.hdf5"))
    assert (episode.robot, advice) == (None, "")


def test_only_the_folder_itself_is_searched(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    for folder in (outside, inside, inside / "deep" / "model", inside / "model" / "model"):
        folder.mkdir(parents=True)
    write_urdf(outside / "robot.urdf")
    write_urdf(inside / "deep" / "model" / "robot.urdf")
    write_urdf(inside / "model" / "model" / "robot.urdf")
    (inside / "link.urdf").symlink_to(outside / "robot.urdf")
    (inside / "model" / "urdf").symlink_to(outside, target_is_directory=True)
    assert models_beside(inside / "demos.hdf5") == ()
    assert models_beside(tmp_path / "gone" / "demos.hdf5") == ()


def test_inspect_says_how_to_confirm_it(tmp_path: Path) -> None:
    write_urdf(tmp_path / "robot.urdf")
    path = write_arm(tmp_path / "demos.hdf5")
    shown = " ".join(CliRunner().invoke(app, [str(path)], catch_exceptions=False).stdout.split())
    assert "Guessed: it lies beside the data" in shown
    assert 'write model = "robot.urdf" in [robot]' in shown
    found = json.loads(CliRunner().invoke(app, [str(path), "--json"], catch_exceptions=False).stdout)
    assert found["episodes"][0]["robot"]["guessed"]
    CliRunner().invoke(app, [str(path), "--write-profile"], catch_exceptions=False)
    written = (tmp_path / "demos.hdf5.failview.toml").read_text(encoding="utf-8")
    assert "# guessed: it lies beside the data" in written
    episode, _ = open_first(path)
    assert episode.robot is not None
    assert episode.robot.found
    write_mjcf(tmp_path / "robot.xml")
    shown = " ".join(CliRunner().invoke(app, [str(path)], catch_exceptions=False).stdout.split())
    assert "2 robot models beside the data fit (robot.urdf, robot.xml): name one" in shown


@pytest.mark.parametrize("encoding", ["no-such-encoding", "shift_jis"])
def test_a_model_in_an_encoding_that_cannot_be_read_is_none(tmp_path: Path, encoding: str) -> None:
    run = write_arm(tmp_path / "run.csv")
    (tmp_path / "robot.urdf").write_bytes(f'<?xml version="1.0" encoding="{encoding}"?><robot/>'.encode())
    assert models_beside(run) == ()
