"""A profile settles what was guessed; whatever is wrong in it is refused with its line."""

import re
from pathlib import Path

import h5py
import numpy as np
import pytest

from failview.errors import ProfileError
from failview.loaders import open_dataset
from failview.loaders.profiles.profile import find_profile, profile_path_for
from failview.loaders.profiles.profile_file import read_profile
from failview.loaders.profiles.profile_writer import write_profile
from failview.model.roles import Role
from tests.loaders.write_lerobot import write_v2, write_v3
from tests.loaders.write_robomimic import write_robomimic
from tests.real_data import real_data

GOOD = """\
[dataset]
task = "put the can away"
object = "can"
rate_hz = 12.5
cameras = ["agentview"]

[gripper]
aperture_min_m = 0.0
aperture_max_m = 0.08
force_max_n = 40

[robot]
model = "panda.xml"
ee_frame = "tool0"

[success]
criterion = "distance"
distance_m = 0.03

[roles.ee_position]
stream = "obs/robot0_eef_pos"
columns = [2, 1, 0]
unit = "mm"
sign = -1

[roles.joint_position]
stream = ["obs/robot0_joint_pos", "obs/robot0_gripper_qpos"]
columns = "0:8"
unit = "deg"

[roles.gripper_aperture]
stream = ""
"""


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "given.toml"


def test_everything_is_read(profile: Path) -> None:
    profile.write_text(GOOD)
    read = read_profile(profile)
    assert (read.task, read.object_name, read.rate_hz, read.cameras) == (
        "put the can away",
        "can",
        12.5,
        ("agentview",),
    )
    assert (read.gripper.aperture_max_m, read.gripper.force_max_n) == (0.08, 40.0)
    assert read.robot.path == profile.parent / "panda.xml"
    assert (read.success.criterion, read.success.distance_m) == ("distance", 0.03)
    assert read.roles[Role.EE_POSITION].columns == (2, 1, 0)
    assert read.roles[Role.JOINT_POSITION].columns == slice(0, 8)
    assert read.roles[Role.GRIPPER_APERTURE].streams == ()


def test_it_changes_the_episode(tmp_path: Path, profile: Path) -> None:
    path = write_robomimic(tmp_path / "demos.hdf5")
    plain = open_dataset(path)
    before = plain.open_episode("demo_1")
    plain.close()
    profile.write_text(GOOD)
    opened = open_dataset(path, profile)
    after = opened.open_episode("demo_1")
    opened.close()
    assert opened.entries[0].task == after.task == "put the can away"
    assert opened.entries[0].rate_hz == pytest.approx(12.5)
    assert after.clock.rate_hz == pytest.approx(12.5)
    swapped = before.signals[Role.EE_POSITION].values[:, ::-1]
    assert after.signals[Role.EE_POSITION].values == pytest.approx(-swapped / 1000)
    assert after.signals[Role.JOINT_POSITION].values.shape == (12, 8)
    assert not after.assignments[Role.JOINT_POSITION].guessed
    assert Role.GRIPPER_APERTURE not in after.signals


@pytest.mark.parametrize(
    ("line", "bad", "text"),
    [
        (1, "[datasets]", "unknown key datasets. Did you mean dataset?"),
        (2, 'tusk = "x"', "unknown key tusk in [dataset]. Did you mean task? Allowed: task, object, rate_hz, cameras"),
        (2, "task = 7", "task must be a text"),
        (4, 'rate_hz = "fast"', "rate_hz must be a number"),
        (4, "rate_hz = true", "rate_hz must be a number"),
        (4, "rate_hz = 0", "rate_hz must be above zero"),
        (4, "rate_hz = nan", "rate_hz must be above zero"),
        (5, 'cameras = "agentview"', "cameras must be a list of texts"),
        (9, 'aperture_max_m = "wide"', "aperture_max_m must be a number"),
        (2, 'task = "  "', "task is blank. Write it, or remove the line"),
        (3, 'object = ""', "object is blank"),
        (4, "rate_hz = -5", "rate_hz must be above zero"),
        (5, 'cameras = ["agentview", " "]', "cameras holds a blank name"),
        (8, "aperture_min_m = -0.01", "aperture_min_m must not be below zero"),
        (8, "aperture_min_m = 0.09", "aperture_min_m (0.09) must be below aperture_max_m (0.08)"),
        (8, "aperture_min_m = nan", "aperture_min_m must be a finite number"),
        (9, "aperture_max_m = 0", "aperture_max_m must be above zero"),
        (10, "force_max_n = -40", "force_max_n must be above zero"),
        (13, 'model = " "', "model is blank"),
        (14, 'ee_frame = " "', "ee_frame is blank"),
        (21, 'stream = " "', "stream holds a blank name"),
        (24, "scale = 0", "scale must not be zero"),
        (24, "scale = inf", "scale must be a finite number"),
        (27, 'stream = ["obs/robot0_joint_pos", ""]', "stream holds a blank name"),
        (13, "model = 1", "model must be a text"),
        (17, 'criterion = "luck"', "criterion cannot be 'luck'. Allowed: 'distance', 'flag'"),
        (18, "distance_m = -0.03", "distance_m must be above zero"),
        (20, "[roles.ee_positon]", "unknown key ee_positon in [roles]. Did you mean ee_position?"),
        (21, "strem = 'x'", "unknown key strem in [roles.ee_position]. Did you mean stream?"),
        (21, "stream = 3", "stream must be a text or a list of texts"),
        (22, 'columns = "all"', "columns must be indices or a range"),
        (22, "columns = [0.5]", "columns must be indices or a range"),
        (22, 'columns = "4:2"', "columns must be indices or a range"),
        (23, 'unit = "furlong"', "unit cannot be 'furlong'. Allowed: 'm', 'cm', 'mm', 'arbitrary'"),
        (23, 'unit = "rad"', "unit cannot be 'rad'"),
        (24, "sign = 2", "sign must be 1 or -1"),
        (24, "guessed = 1", "guessed must be true or false"),
        (24, 'combine = "max"', "combine cannot be 'max'"),
        (27, 'stream = ["a", 1]', "stream must be a text or a list of texts"),
    ],
)
def test_each_mistake_names_its_line(profile: Path, line: int, bad: str, text: str) -> None:
    lines = GOOD.splitlines()
    lines[line - 1] = bad
    profile.write_text("\n".join(lines))
    with pytest.raises(ProfileError) as caught:
        read_profile(profile)
    assert str(caught.value).startswith(f"{profile}:{line}: ")
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_role_without_a_stream(profile: Path) -> None:
    profile.write_text('\n[roles.phase]\nunit = ""\n')
    with pytest.raises(ProfileError, match=r":2: a role needs a stream"):
        read_profile(profile)


def test_no_toml_names_the_line(profile: Path) -> None:
    profile.write_text("[dataset]\ntask = \n")
    with pytest.raises(ProfileError, match=r"not valid TOML.*line 2"):
        read_profile(profile)


def test_a_given_profile_that_is_not_there(tmp_path: Path) -> None:
    path = write_robomimic(tmp_path / "demos.hdf5")
    with pytest.raises(ProfileError, match="no such profile"):
        open_dataset(path, tmp_path / "nowhere.toml")


def test_where_it_is_found(tmp_path: Path) -> None:
    folder = write_v2(tmp_path / "set")
    assert find_profile(folder) is None
    inside = folder / "failview.toml"
    inside.write_text('[dataset]\ntask = "inside"\n')
    assert find_profile(folder) == inside
    beside = tmp_path / "set.failview.toml"
    beside.write_text('[dataset]\ntask = "beside"\n')
    assert find_profile(folder) == beside == profile_path_for(folder)
    assert open_dataset(folder).entries[0].task == "beside"


@pytest.mark.parametrize(
    ("table", "line", "text"),
    [
        (
            'stream = "obs/robot0_eef_pose"',
            5,
            "no episode has the stream obs/robot0_eef_pose. Did you mean obs/robot0_eef_pos? Streams: ",
        ),
        ('unit = "m"\nstream = ["obs/robot0_eef_pos", "xyz"]', 6, "no episode has the stream xyz. Streams: actions, "),
        ('stream = "obs/robot0_joint_pos"', 5, "this fits no episode: 7 columns, but this role takes 3"),
        ('stream = "obs/robot0_eef_pos"\ncolumns = [0, 1, 3]', 6, "this fits no episode: column 3 of 3"),
        ('stream = "obs/robot0_eef_pos"\nunit = "m"\ncolumns = "7:10"', 7, "this fits no episode: column 9 of 3"),
    ],
)
def test_what_fits_no_episode_is_refused_with_its_line(
    tmp_path: Path, profile: Path, table: str, line: int, text: str
) -> None:
    path = write_robomimic(tmp_path / "demos.hdf5")
    profile.write_text(f'[roles.action]\nstream = "actions"\n\n[roles.ee_position]\n{table}\n')
    with pytest.raises(ProfileError) as caught:
        open_dataset(path, profile)
    assert str(caught.value).startswith(f"{profile}:{line}: {text}")
    assert "\n" not in str(caught.value)


def test_what_fits_some_episodes_is_a_warning_on_the_others(tmp_path: Path, profile: Path) -> None:
    path = write_robomimic(tmp_path / "demos.hdf5", demos=tuple(f"demo_{number}" for number in range(12)))
    with h5py.File(path, "r+") as file:
        file["data/demo_4/obs/tip"] = np.random.default_rng(0).normal(size=(12, 3))
    profile.write_text('[roles.ee_position]\nstream = "obs/tip"\nunit = "m"\n')
    opened = open_dataset(path, profile)
    assert opened.open_episode("demo_4").assignments[Role.EE_POSITION].stream == "obs/tip"
    other = opened.open_episode("demo_5")
    opened.close()
    assert Role.EE_POSITION not in other.signals
    assert "profile, roles.ee_position: there is no stream obs/tip" in other.warnings


def test_a_profile_of_a_folder_may_speak_of_some_of_its_files(tmp_path: Path) -> None:
    for number in range(2):
        write_robomimic(tmp_path / f"demos_{number}.hdf5")
    with h5py.File(tmp_path / "demos_1.hdf5", "r+") as file:
        file["data/demo_1/obs/tip"] = np.random.default_rng(0).normal(size=(12, 3))
    profile = tmp_path / "failview.toml"
    profile.write_text('[roles.ee_position]\nstream = "obs/tip"\nunit = "m"\n')
    for path in (tmp_path, tmp_path / "demos_0.hdf5"):
        opened = open_dataset(path)
        episode = opened.open_episode(opened.entries[0].episode_id)
        assert "profile, roles.ee_position: there is no stream obs/tip" in episode.warnings
        opened.close()
    profile.write_text('[roles.ee_position]\nstream = "obs/top"\nunit = "m"\n')
    with pytest.raises(ProfileError, match=r"failview.toml:2: no episode has the stream obs/top. Did you mean obs/tip"):
        open_dataset(tmp_path)


def assert_loads_back_identically(path: Path, profile: Path) -> None:
    plain = open_dataset(path)
    profile.write_text(write_profile(plain))
    again = open_dataset(path, profile)
    for entry in (plain.entries[0], plain.entries[-1]):
        before, after = plain.open_episode(entry.episode_id), again.open_episode(entry.episode_id)
        assert set(before.signals) == set(after.signals)
        assert list(before.cameras) == list(after.cameras)
        assert (before.task, before.clock.origin) == (after.task, after.clock.origin)
        for role, signal in before.signals.items():
            other = after.signals[role]
            assert other.values == pytest.approx(signal.values, nan_ok=True)
            assert (other.unit, other.labels) == (signal.unit, signal.labels)
            old, new = before.assignments[role], after.assignments[role]
            assert (old.stream, old.unit, old.guessed, old.columns, old.dead) == (
                new.stream,
                new.unit,
                new.guessed,
                new.columns,
                new.dead,
            )
    assert write_profile(again).count("[roles.") == write_profile(plain).count("[roles.")
    plain.close()
    again.close()


@pytest.mark.parametrize("write", [write_v2, write_v3], ids=["v2", "v3"])
def test_a_written_profile_loads_back_identically(tmp_path: Path, profile: Path, write: object) -> None:
    assert_loads_back_identically(write(tmp_path / "set"), profile)  # type: ignore[operator]


def test_a_written_profile_of_hdf5_loads_back_identically(tmp_path: Path, profile: Path) -> None:
    assert_loads_back_identically(write_robomimic(tmp_path / "demos.hdf5"), profile)


@pytest.mark.parametrize(
    "name",
    [
        "sim_pick_place/sample.hdf5",
        "g1_lerobot_v21",
        "so101_ros2_lerobot_v30",
        "robosuite_demos_hdf5/lift.hdf5",
        "robosuite_demos_hdf5/door_panda.hdf5",
    ],
)
def test_a_written_profile_of_real_data_loads_back_identically(profile: Path, name: str) -> None:
    assert_loads_back_identically(real_data(name), profile)


def test_every_line_that_says_something_is_commented(tmp_path: Path) -> None:
    opened = open_dataset(write_v2(tmp_path / "set"))
    text = write_profile(opened)
    says = [line for line in text.splitlines() if re.match(r"^(# )?\w+ = ", line) and line != '# stream = ""']
    assert len(says) > 8
    assert all("  # " in line for line in says)
    assert "guessed = true" in text


@pytest.mark.parametrize("key", ["template", "onnx"])
def test_a_picture_or_a_detector_that_is_not_there_is_refused(tmp_path: Path, key: str) -> None:
    profile = tmp_path / "p.toml"
    profile.write_text(f'[success]\ncriterion = "{key}"\n{key} = "nowhere"\n', encoding="utf-8")
    with pytest.raises(ProfileError, match=f":3: {key}: no such file"):
        read_profile(profile)


def test_a_unit_that_the_file_declares_otherwise_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "arm.hdf5"
    with h5py.File(path, "w") as file:
        demo = file.create_group("data/demo_0")
        demo["actions"] = np.zeros((30, 2))
        width = demo.create_dataset("obs/width", data=np.linspace(0.08, 0.0, 30)[:, None])
        width.attrs["unit"] = "m"
    profile = tmp_path / "p.toml"
    profile.write_text('[roles.gripper_aperture]\nstream = "obs/width"\nunit = "mm"\n', encoding="utf-8")
    episode = open_dataset(path, profile).open_episode("demo_0")
    assert any("unit 'mm', but obs/width declares 'm'" in warning for warning in episode.warnings)
    profile.write_text('[roles.gripper_aperture]\nstream = "obs/width"\nunit = "m"\n', encoding="utf-8")
    assert not any("declares" in text for text in open_dataset(path, profile).open_episode("demo_0").warnings)
