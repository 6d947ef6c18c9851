"""Recordings that nobody here made."""

from pathlib import Path

import pytest

from failview.loaders import open_dataset
from failview.loaders.assembled_dataset import AssembledDataset
from failview.model.roles import Role
from failview.resources import demo_dataset_dir
from tests.contracts.loader_contract import content_hash
from tests.real_data import real_data

ROBOSUITE = (
    "1710619576_972822",
    "BaxterLift",
    "BaxterPegInHole",
    "SawyerLift",
    "SawyerNutAssembly",
    "SawyerStack",
    "door_panda",
    "lift",
    "lift_panda",
    "nut-assembly_panda",
    "pick-place_panda",
    "stack_panda",
    "wipe_panda",
)


def all_warnings(opened: AssembledDataset) -> str:
    return "\n".join(line for entry in opened.entries for line in opened.open_episode(entry.episode_id).warnings)


def test_g1(tmp_path: Path) -> None:
    """DATA 12: nested names; the videos of 97 episodes are missing."""
    path = real_data("g1_lerobot_v21")
    before = content_hash(path)
    opened = open_dataset(path)
    assert len(opened.entries) == 100
    assert sum(entry.num_frames for entry in opened.entries) == 35_965
    with_pictures = []
    for entry in opened.entries:
        episode = opened.open_episode(entry.episode_id)
        assert episode.num_frames == entry.num_frames
        if episode.cameras:
            with_pictures.append(entry.episode_id)
        else:
            assert any("cam_high" in line and "is missing" in line for line in episode.warnings)
    assert with_pictures == ["episode_000001", "episode_000002", "episode_000004"]
    episode = opened.open_episode("episode_000002")
    joints = episode.assignments[Role.JOINT_POSITION]
    assert (joints.unit, joints.guessed, joints.dead) == ("rad", True, False)
    assert episode.signals[Role.JOINT_POSITION].labels[0] == "kLeftShoulderPitch"
    assert episode.signals[Role.JOINT_POSITION].values.shape == (343, 14)
    assert episode.other_signals["observation.state"].labels[0] == "kLeftHandPinky"
    reader = episode.cameras["cam_high"].open_reader()
    backwards = [reader.read(frame) for frame in (342, 100, 99)]
    reader.close()
    again = episode.cameras["cam_high"].open_reader()
    forwards = list(again.read_range(0, 343))
    again.close()
    for frame, picture in zip((342, 100, 99), backwards, strict=True):
        assert (forwards[frame] == picture).all()
    opened.close()
    assert content_hash(path) == before


def test_so101_frozen_joints_warn() -> None:
    """DATA 16."""
    path = real_data("so101_ros2_lerobot_v30")
    opened = open_dataset(path)
    assert [entry.num_frames for entry in opened.entries] == [383, 386, 379, 382, 90, 162]
    assert {entry.task for entry in opened.entries} == {"pick and place"}
    for entry in opened.entries:
        episode = opened.open_episode(entry.episode_id)
        assert episode.assignments[Role.JOINT_POSITION].dead
        assert any("observation.state" in line and "dead stream" in line for line in episode.warnings)
        assert episode.cameras["wrist"].num_frames == entry.num_frames
        assert episode.clock.time_s(0) == 0.0
    opened.close()


def test_so101_episodes_begin_where_the_one_before_ended() -> None:
    """The first picture of an episode is that of the file's frame after the last one of the episode before."""
    opened = open_dataset(real_data("so101_ros2_lerobot_v30"))
    whole = opened.open_episode("episode_000000").cameras["wrist"].open_reader()
    second = opened.open_episode("episode_000001").cameras["wrist"].open_reader()
    with pytest.raises(IndexError):
        whole.read(383)
    first_picture = second.read(0)
    assert (first_picture == next(second.read_range(0, 3))).all()
    assert not (first_picture == second.read(385)).all()
    whole.close()
    second.close()
    opened.close()


def test_bundled_demo_dataset_declares_every_role() -> None:
    opened = open_dataset(demo_dataset_dir())
    assert len(opened.entries) == 20
    for entry in opened.entries:
        episode = opened.open_episode(entry.episode_id)
        assert set(episode.signals) == set(Role)
        assert not any(assignment.guessed or assignment.dead for assignment in episode.assignments.values())
        assert list(episode.cameras) == ["front", "wrist"]
        assert episode.signals[Role.PHASE].text_values[0] == "approach"
        assert episode.warnings == ()
    opened.close()


def test_sim_pick_place() -> None:
    path = real_data("sim_pick_place/sample.hdf5")
    before = content_hash(path)
    opened = open_dataset(path)
    assert [entry.episode_id for entry in opened.entries] == [f"demo_{k}" for k in range(28)]
    for entry in opened.entries:
        episode = opened.open_episode(entry.episode_id)
        assert set(episode.signals) == set(Role) - {Role.EXTERNAL_TORQUE, Role.PHASE}
        assert {role for role, given in episode.assignments.items() if given.guessed} == {Role.SUCCESS}
        assert episode.assignments[Role.SUCCESS].stream == "rewards"
        assert episode.clock.rate_hz == pytest.approx(20.0)
        assert list(episode.cameras) == ["agentview", "robot0_eye_in_hand"]
    force, wrench = episode.signals[Role.GRIPPER_FORCE], episode.signals[Role.WRENCH]
    assert force.rate_hz(episode.clock) == wrench.rate_hz(episode.clock) == pytest.approx(100.0)
    assert wrench.values.shape[1] == 6
    assert 0.0 <= episode.signals[Role.GRIPPER_APERTURE].values.max() <= 0.0801
    assert all_warnings(opened) == ""
    opened.close()
    assert content_hash(path) == before


@pytest.mark.parametrize("name", ROBOSUITE)
def test_robosuite(name: str) -> None:
    """DATA 2, 6, 9: states alone, steps of no time, uneven steps, keys from demo_1 on."""
    path = real_data(f"robosuite_demos_hdf5/{name}.hdf5")
    before = content_hash(path)
    opened = open_dataset(path)
    assert opened.entries[0].episode_id == "demo_1"
    for entry in opened.entries:
        episode = opened.open_episode(entry.episode_id)
        assert episode.num_frames == entry.num_frames > 100
        assert episode.clock.is_timed
        assert "simulator time" in episode.clock.origin
        assert not episode.cameras
        opened.report(entry.episode_id)
    carries_model = name in {"lift", "1710619576_972822"}
    assert (Role.JOINT_POSITION in episode.signals) == carries_model
    assert ("a guess" in all_warnings(opened)) == (not carries_model)
    if name.startswith("Sawyer"):
        assert "uneven steps, 10 to 24 ms" in all_warnings(opened)
    if name == "BaxterLift":
        assert "steps take no time" in all_warnings(opened)
    opened.close()
    assert content_hash(path) == before
