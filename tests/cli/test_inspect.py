"""`failview inspect` for people and for programs."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

from failview.cli.inspect import app
from failview.errors import DatasetError, ProfileError
from tests.loaders.write_lerobot import KEY, write_v2
from tests.loaders.write_robomimic import write_robomimic
from tests.real_data import real_data


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_json(tmp_path: Path) -> None:
    root = write_v2(tmp_path / "v2")
    (root / "videos/chunk-000" / KEY / "episode_000001.mp4").unlink()
    found = json.loads(run(str(root), "--json"))
    assert found["format"] == "LeRobot v2"
    first, second, _ = found["episodes"]
    assert first["episode_id"] == "episode_000000"
    assert (first["num_frames"], first["rate_hz"], first["task"]) == (12, 30.0, "pick the cube")
    assert first["duration_s"] == pytest.approx(11 / 30)
    assert first["cameras"] == {"front": [64, 96]}
    assert second["cameras"] == {}
    assert any("is missing" in line for line in second["warnings"])
    joints = first["roles"]["joint_position"]
    assert {key: joints[key] for key in ("stream", "unit", "guessed", "rate_hz")} == {
        "stream": "observation.state",
        "unit": "rad",
        "guessed": True,
        "rate_hz": 30.0,
    }
    assert {stream["stream"] for stream in found["streams"]} >= {"observation.state", "action", KEY}
    assert "needs ee_position with ee_command" in found["not_judged"]["tracking"]


def test_json_says_null_when_no_rate_is_known(tmp_path: Path) -> None:
    """DATA 4."""
    import h5py
    import numpy as np

    path = tmp_path / "bare.hdf5"
    with h5py.File(path, "w") as file:
        file["data/demo_0/actions"] = np.ones((4, 2))
    found = json.loads(run(str(path), "--json"))
    assert found["episodes"][0]["rate_hz"] is None
    assert found["episodes"][0]["duration_s"] is None


def test_tables(tmp_path: Path) -> None:
    shown = run(str(write_robomimic(tmp_path / "demos.hdf5")))
    for text in ("robomimic HDF5", "demo_10", "agentview 64x96", "obs/robot0_eef_pos", "guessed", "can judge"):
        assert text in shown


def test_an_episode_that_cannot_be_read_is_listed(tmp_path: Path) -> None:
    root = write_v2(tmp_path / "v2")
    (root / "data/chunk-000/episode_000001.parquet").write_text("version https://git-lfs.github.com/spec/v1\n")
    found = json.loads(run(str(root), "--json"))
    assert [len(episode["roles"]) > 0 for episode in found["episodes"]] == [True, False, True]
    assert "Git LFS pointer" in found["episodes"][1]["warnings"][0]


def test_write_profile(tmp_path: Path) -> None:
    path = write_robomimic(tmp_path / "demos.hdf5")
    run(str(path), "--write-profile")
    written = tmp_path / "demos.hdf5.failview.toml"
    assert "[roles.ee_position]" in written.read_text()
    with pytest.raises(ProfileError, match="there is a profile already"):
        run(str(path), "--write-profile")
    run(str(path), "--write-profile", "--force")
    assert json.loads(run(str(path), "--json"))["profile"] == str(written)


def test_a_wrong_path_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such file or folder"):
        run(str(tmp_path / "nowhere"))


def test_many_episodes_are_summed_up() -> None:
    shown = run(str(real_data("g1_lerobot_v21")))
    assert "100, 35965 frames" in shown
    assert "cam_high 640x480 (in 3 of 100)" in shown
    assert "episode_000000 and 96 more" in shown
    assert "episode_000050" not in shown


def test_the_lines_that_a_profile_lacks_are_printed_and_load(tmp_path: Path) -> None:
    path = tmp_path / "data.hdf5"
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        demo = file.create_group("data/demo_0")
        demo["actions"] = rng.normal(size=(30, 7))
        demo["obs/thing"] = rng.normal(size=(30, 3))
        demo["obs/other"] = rng.uniform(0, 0.08, size=(30, 1))
    ran = run(str(path))
    lines = ran.split("write into the profile what is true of these, without the #:")[1]
    assert "[roles.gripper_aperture]" in lines
    assert 'stream = "obs/other"' in lines
    profile = tmp_path / "data.hdf5.failview.toml"
    aperture = lines[lines.index("[roles.gripper_aperture]") :].split("\n    \n")[0].replace("    # ", "")
    profile.write_text("\n".join(line.strip() for line in aperture.splitlines()), encoding="utf-8")
    assert "grasp" not in json.loads(run(str(path), "--json"))["not_judged"]


def test_files_of_different_robots_have_a_table_of_roles_each(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    for name, stream, columns in (("a", "torques", 6), ("b", "torques", 6), ("c", "actions", 7), ("d", "thing", 52)):
        with h5py.File(tmp_path / f"{name}.hdf5", "w") as file:
            file[f"data/demo_0/{'joint_torques' if stream == 'torques' else stream}"] = rng.normal(size=(30, columns))
            file[f"data/demo_0/{'other' if stream != 'thing' else 'more'}"] = rng.normal(size=(30, 52))
    shown = run(str(tmp_path))
    assert "Roles in 2 of 4 episodes: a.demo_0 and 1 more" in shown
    assert "Roles in 1 of 4 episodes: c.demo_0" in shown
    assert "No stream has a role in 1 of 4 episodes: d.demo_0" in shown


def test_a_dataset_of_one_kind_has_one_table_of_roles(tmp_path: Path) -> None:
    shown = run(str(write_robomimic(tmp_path / "demos.hdf5")))
    assert shown.count("Roles") == 1
    assert "Roles in" not in shown


def test_a_long_list_of_episodes_says_what_it_leaves_out(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "many.hdf5", "w") as file:
        for number in range(37):
            file[f"data/demo_{number}/actions"] = np.random.default_rng(number).normal(size=(5, 7))
    shown = run(str(tmp_path / "many.hdf5"))
    assert "demo_29 " in shown
    assert "demo_30 " not in shown
    assert "… and 7 more; --json lists all" in shown


def test_a_stream_whose_columns_play_several_roles_names_all() -> None:
    root = real_data("robosuite_demos_hdf5")
    shown = run(str(root / "lift.hdf5"))
    line = next(line for line in shown.splitlines() if line.strip().startswith("states ") and "float64" in line)
    for role in ("gripper_aperture", "joint_position", "object_orientation"):
        assert role in line


def test_streams_that_are_named_as_something_else_are_not_offered(tmp_path: Path) -> None:
    path = tmp_path / "data.hdf5"
    rng = np.random.default_rng(5)
    with h5py.File(path, "w") as file:
        demo = file.create_group("data/demo_0")
        demo["actions"] = rng.normal(size=(30, 7))
        demo["obs/imu_angular_velocity"] = rng.normal(size=(30, 3))
        demo["obs/thing"] = rng.normal(size=(30, 3))
    lines = run(str(path)).split("without the #:")[1]
    assert "obs/thing" in lines
    assert "angular" not in lines
