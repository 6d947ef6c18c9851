"""HDF5 with one episode per file: what is found in it, what is guessed and said so, and what is no recording."""

from collections.abc import Callable
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.loaders.assembled_dataset import AssembledDataset
from failview.loaders.profiles.profile_file import read_profile
from failview.loaders.profiles.profile_writer import write_profile
from failview.model.camera import Picture
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.sidecars.location import SidecarLocation
from tests.loaders.number_pictures import number_in, numbered_picture
from tests.loaders.one_episode import episode_of
from tests.loaders.write_episode_hdf5 import (
    FRAMES,
    coloured_picture,
    jpeg,
    write_aloha,
    write_aloha_folder,
    write_droid,
    write_robomind,
    write_robotwin,
)
from tests.loaders.write_robomimic import write_robomimic


def picture(episode: Episode, camera: str, frame: int = 3) -> Picture:
    reader = episode.cameras[camera].open_reader()
    found = reader.read(frame)
    reader.close()
    return found


def write_tree(path: Path, **arrays: object) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values
    return path


def test_aloha(tmp_path: Path) -> None:
    episode = episode_of(write_aloha(tmp_path / "episode_0.hdf5"))
    assert list(episode.cameras) == ["cam_high", "cam_left_wrist"]
    joints = episode.signals[Role.JOINT_POSITION]
    assert joints.unit == "rad"
    assert joints.labels[0] == "left_waist"
    assert joints.labels[6] == "right_waist"
    assert len(joints.labels) == 12
    assert episode.signals[Role.JOINT_TORQUE].values.shape == (FRAMES, 12)
    assert episode.signals[Role.JOINT_TORQUE].unit == "arbitrary"
    assert "motor current, by convention" in episode.assignments[Role.JOINT_TORQUE].reason
    assert episode.signals[Role.ACTION].values.shape == (FRAMES, 14)


def test_data_15_the_gripper_of_aloha_is_one_joint_of_many(tmp_path: Path) -> None:
    episode = episode_of(write_aloha(tmp_path / "episode_0.hdf5"))
    assignment = episode.assignments[Role.GRIPPER_APERTURE]
    assert assignment.columns == "left_gripper"
    assert assignment.guessed
    assert "by convention" in assignment.reason
    assert assignment.unit == "arbitrary"
    assert episode.signals[Role.GRIPPER_APERTURE].values[0] == pytest.approx([0.95])


def test_the_gripper_that_moves_is_taken(tmp_path: Path) -> None:
    path = write_aloha(tmp_path / "episode_0.hdf5")
    with h5py.File(path, "r+") as file:
        qpos = file["observations/qpos"][:]
        file["observations/qpos"][:] = np.concatenate([qpos[:, 7:], qpos[:, :7]], axis=1)
    assert episode_of(path).assignments[Role.GRIPPER_APERTURE].columns == "right_gripper"


def test_two_closed_grippers_are_not_two_fingers(tmp_path: Path) -> None:
    path = write_aloha(tmp_path / "episode_0.hdf5")
    with h5py.File(path, "r+") as file:
        file["observations/qpos"][:, 6] = np.linspace(0.001, 0.02, FRAMES)
        file["observations/qpos"][:, 13] = 0.01
    assert episode_of(path).assignments[Role.GRIPPER_APERTURE].columns == "left_gripper"


def test_data_4_the_rate_of_aloha_is_not_in_the_file_and_never_assumed(tmp_path: Path) -> None:
    path = write_aloha(tmp_path / "episode_0.hdf5")
    episode = episode_of(path)
    assert not episode.clock.is_timed
    assert any("set rate_hz in the profile" in line for line in episode.warnings)
    (tmp_path / "failview.toml").write_text("[dataset]\nrate_hz = 50\n")
    assert episode_of(path).clock.rate_hz == pytest.approx(50.0)


def is_orange(found: Picture) -> bool:
    """Whether the band at the foot is orange (red above blue), as it was before it was stored."""
    band = found[80:].reshape(-1, 3).mean(axis=0)
    return bool(band[0] > 180 and band[2] < 80)


@pytest.mark.parametrize("compress", [False, True])
def test_data_11_aloha_colours_come_out_as_they_went_in(tmp_path: Path, compress: bool) -> None:
    episode = episode_of(write_aloha(tmp_path / "episode_0.hdf5", compress=compress))
    assert is_orange(picture(episode, "cam_high"))
    assert any("order of colours" in line for line in episode.warnings) == compress


def test_data_11_the_profile_decides_about_colours(tmp_path: Path) -> None:
    path = write_aloha(tmp_path / "episode_0.hdf5", compress=True)
    profile = tmp_path / "episode_0.hdf5.failview.toml"
    for order, right in (("rgb", False), ("bgr", True)):
        profile.write_text(f'[dataset]\nchannel_order = "{order}"\n')
        assert is_orange(picture(episode_of(path), "cam_high")) == right
    plain = write_aloha(tmp_path / "episode_1.hdf5")
    (tmp_path / "episode_1.hdf5.failview.toml").write_text('[dataset]\nchannel_order = "bgr"\n')
    assert not is_orange(picture(episode_of(plain), "cam_high"))


def test_a_written_profile_keeps_the_colours(tmp_path: Path) -> None:
    path = write_aloha(tmp_path / "episode_0.hdf5", compress=True)
    opened = open_dataset(path)
    assert isinstance(opened, AssembledDataset)
    profile = tmp_path / "episode_0.hdf5.failview.toml"
    profile.write_text(write_profile(opened).replace("# channel_order", "channel_order"))
    opened.close()
    assert read_profile(profile).channel_order == "bgr"
    assert is_orange(picture(episode_of(path), "cam_high"))


def test_data_11_ordinary_jpegs_of_other_recorders(tmp_path: Path) -> None:
    episode = episode_of(write_robomind(tmp_path / "trajectory.hdf5"))
    assert number_in(picture(episode, "camera_top")) == 3
    assert any("taken as ordinary files" in line for line in episode.warnings)
    depth = [f"{name}_depth" for name in ("camera_left", "camera_top")]
    assert sorted(list(episode.cameras)[:2]) == ["camera_left", "camera_top"]
    assert sorted(list(episode.cameras)[2:]) == depth


def test_depth_of_16_bits_is_shown_as_brightness(tmp_path: Path) -> None:
    opened = open_dataset(write_robomind(tmp_path / "trajectory.hdf5"))
    notes = {stream.stream: stream.note for stream in opened.report("trajectory").streams}
    reader = opened.open_episode("trajectory").cameras["camera_top_depth"].open_reader()
    opened.close()
    assert "depth shown as brightness, white is 900 and more" in notes["observations/depth_images/camera_top"]
    assert reader.read(0).shape == (48, 64, 3)
    assert reader.read(0).min() == 255
    reader.close()


@pytest.mark.parametrize("shape", [(40, 50), (40, 50, 1), (1, 40, 50)])
@pytest.mark.parametrize(("name", "dtype"), [("wrist_depth", np.float32), ("tof", np.uint16)])
def test_arrays_of_distances_are_shown_as_brightness_on_one_scale(
    tmp_path: Path, shape: tuple[int, ...], name: str, dtype: type
) -> None:
    distances = np.full((12, *shape), 1000, dtype)
    square = distances.reshape(12, 40, 50)
    square[:, :10] = 2000
    square[6, 20:] = 500
    square[6, 30:] = 0 if dtype is np.uint16 else np.nan
    path = tmp_path / "one.hdf5"
    with h5py.File(path, "w") as file:
        file["observations/qpos"] = np.random.default_rng(0).normal(size=(12, 7))
        file[f"observations/{name}"] = distances
    camera = episode_of(path).cameras[name if "depth" in name else f"{name}_depth"]
    assert (camera.width, camera.height) == (50, 40)
    reader = camera.open_reader()
    picture = reader.read(6)
    reader.close()
    assert [int(picture[row, 3, 0]) for row in (5, 15, 25, 35)] == [255, 127, 63, 0]


def test_a_matrix_of_floats_is_no_depth_unless_its_name_says_so(tmp_path: Path) -> None:
    path = tmp_path / "one.hdf5"
    with h5py.File(path, "w") as file:
        file["observations/qpos"] = np.random.default_rng(0).normal(size=(12, 7))
        file["observations/features"] = np.zeros((12, 64, 64), np.float32)
    opened = open_dataset(path)
    report = opened.report("one")
    opened.close()
    assert not report.cameras
    assert "too large" in next(stream.note for stream in report.streams if stream.stream.endswith("features"))


def test_robomind_leader_arm_is_the_action(tmp_path: Path) -> None:
    episode = episode_of(write_robomind(tmp_path / "trajectory.hdf5"))
    assert episode.task == "put the bread on the plate"
    assert episode.assignments[Role.JOINT_POSITION].stream == "puppet/joint_position"
    assert episode.assignments[Role.ACTION].stream == "master/joint_position"
    assert episode.assignments[Role.ACTION].guessed


def test_robotwin(tmp_path: Path) -> None:
    episode = episode_of(write_robotwin(tmp_path / "episode0.hdf5"))
    assert list(episode.cameras) == ["head_camera", "left_camera"]
    assert is_orange(picture(episode, "head_camera"))
    assert episode.assignments[Role.EE_POSITION].stream == "endpose/right_endpose"
    assert episode.assignments[Role.EE_ORIENTATION].unit == "wxyz"
    assert episode.signals[Role.EE_ORIENTATION].values[0].tolist() == [0.0, 0.0, 0.0, 1.0]
    assert episode.assignments[Role.ACTION].stream == "joint_action/vector"


def test_droid(tmp_path: Path) -> None:
    path = write_droid(tmp_path / "success/2023-07-07/Fri", success=False)
    episode = episode_of(path)
    assert episode.task == "Put the marker in the pot"
    assert set(episode.cameras) == {"ext1", "wrist"}
    assert list(episode.cameras) == ["ext1", "wrist"]
    assert episode.clock.rate_hz == pytest.approx(1000 / 67, rel=1e-5)
    assert episode.clock.duration_s == pytest.approx(0.067 * (FRAMES - 1))
    assert any("0 for open and 1 for closed" in line for line in episode.warnings)
    assert episode.assignments[Role.EE_COMMAND].stream == "action/cartesian_position"
    assert episode.assignments[Role.ACTION].stream == "action/joint_position"
    assert episode.assignments[Role.JOINT_POSITION].stream == "observation/robot_state/joint_positions"


def test_data_7_the_flag_counts_and_not_the_name_of_the_folder(tmp_path: Path) -> None:
    path = write_droid(tmp_path / "success/2023-07-07/Fri", success=False)
    assert episode_of(path).signals[Role.SUCCESS].values.tolist() == [[0.0]] * FRAMES


def test_videos_beside_that_are_broken_or_of_another_length(tmp_path: Path) -> None:
    """DATA 5, 13."""
    path = write_droid(tmp_path / "one")
    videos = path.parent / "recordings/MP4"
    (videos / "16291792.mp4").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    write_droid(tmp_path / "long", frames=FRAMES + 5)
    (tmp_path / "long/recordings/MP4/22008760.mp4").replace(videos / "22008760.mp4")
    episode = episode_of(path)
    assert list(episode.cameras) == ["ext1"]
    assert any("16291792.mp4 is a Git LFS pointer" in line for line in episode.warnings)
    assert any("22008760.mp4 has 17 pictures for 12 frames" in line for line in episode.warnings)


def test_a_single_file_is_a_dataset_of_one_with_its_sidecar_beside_it(tmp_path: Path) -> None:
    path = write_aloha(tmp_path / "episode_7.hdf5")
    opened = open_dataset(path)
    assert [entry.episode_id for entry in opened.entries] == ["episode_7"]
    place = opened.place("episode_7")
    opened.close()
    assert (place.path, place.id_inside) == (path, None)
    location = SidecarLocation(path, {"episode_7": place})
    assert location.path("episode_7", "eva") == tmp_path / "episode_7.hdf5.eva.failview.json"


def test_a_folder_and_its_files_share_their_sidecars(tmp_path: Path) -> None:
    opened = open_dataset(write_aloha_folder(tmp_path))
    assert [entry.episode_id for entry in opened.entries] == ["episode_0", "episode_2", "episode_10"]
    places = {entry.episode_id: opened.place(entry.episode_id) for entry in opened.entries}
    opened.close()
    location = SidecarLocation(tmp_path, places)
    assert location.path("episode_10", "eva") == tmp_path / "episode_10.hdf5.eva.failview.json"


def test_ids_without_what_all_files_have_in_common(tmp_path: Path) -> None:
    for name in ("a_2", "a_10"):
        write_robomind(tmp_path / "success_episodes" / name / "data/trajectory.hdf5")
    opened = open_dataset(tmp_path)
    assert [entry.episode_id for entry in opened.entries] == ["success_episodes.a_2", "success_episodes.a_10"]
    opened.close()


def test_the_same_name_with_two_endings(tmp_path: Path) -> None:
    for name in ("one.h5", "one.hdf5"):
        write_aloha(tmp_path / name)
    opened = open_dataset(tmp_path)
    assert [entry.episode_id for entry in opened.entries] == ["one.h5", "one.hdf5"]
    opened.close()


def test_other_files_in_the_folder_are_left_out_with_a_line(tmp_path: Path) -> None:
    write_aloha_folder(tmp_path)
    write_tree(tmp_path / "weather.hdf5", wind=np.array([1.0, 2.0, 3.0]))
    (tmp_path / "cut.hdf5").write_bytes((tmp_path / "episode_0.hdf5").read_bytes()[:5000])
    (tmp_path / "empty.h5").touch()
    (tmp_path / "notes.txt").write_text("notes")
    opened = open_dataset(tmp_path)
    assert len(opened.entries) == 3
    assert len(opened.warnings) == 3
    assert all(name in "\n".join(opened.warnings) for name in ("weather.hdf5", "cut.hdf5", "empty.h5"))
    opened.close()


def test_a_folder_of_robomimic_files_is_still_one_of_those(tmp_path: Path) -> None:
    for name in ("a.hdf5", "b.hdf5"):
        write_robomimic(tmp_path / name)
    opened = open_dataset(tmp_path)
    assert opened.entries[0].episode_id == "a.demo_1"
    opened.close()


def keras_weights(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"dense", b"dense_1"]
        for layer in ("dense", "dense_1"):
            file[f"{layer}/{layer}/kernel:0"] = np.zeros((64, 64))
            file[f"{layer}/{layer}/bias:0"] = np.zeros(64)
    return path


def bare_weights(path: Path) -> Path:
    return write_tree(path, **{f"layer{i}/{kind}": np.zeros((64, 64)) for i in range(3) for kind in ("weight", "bias")})


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda path: write_tree(path, wind=np.array([1.0, 2.0, 3.0])), "no common number of frames"),
        (keras_weights, "weights of a model"),
        (bare_weights, "weights of a model"),
        (lambda path: write_tree(path, version=3), "no array of numbers"),
        (lambda path: write_tree(path, action=np.zeros((1, 7))), "one row only"),
        (lambda path: write_tree(path, a=np.zeros(4), b=np.zeros(5), c=np.zeros(6)), "no common number of frames"),
    ],
)
def test_what_is_no_recording_gets_one_line(tmp_path: Path, write: Callable[[Path], Path], words: str) -> None:
    path = write(tmp_path / "other.hdf5")
    with pytest.raises(DatasetError, match=words) as caught:
        open_dataset(path)
    assert "not a dataset that failview knows" in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_any_other_tree_opens_with_guesses_and_a_profile_gives_it_roles(tmp_path: Path) -> None:
    path = write_tree(
        tmp_path / "run.h5",
        **{"arm/alpha": np.cumsum(np.ones((30, 6)), axis=0) / 40, "arm/zeta": np.linspace(80, 5, 30), "note": "hello"},
    )
    opened = open_dataset(path)
    report = opened.report("run")
    assert {stream.stream for stream in report.streams} == {"arm/alpha", "arm/zeta", "note"}
    assert not report.assignments
    opened.close()
    (tmp_path / "run.h5.failview.toml").write_text(
        '[roles.joint_position]\nstream = "arm/alpha"\nunit = "rad"\n'
        '[roles.gripper_aperture]\nstream = "arm/zeta"\nunit = "mm"\n'
    )
    episode = episode_of(path)
    assert episode.signals[Role.JOINT_POSITION].values.shape == (30, 6)
    assert episode.signals[Role.GRIPPER_APERTURE].values[0] == pytest.approx([0.08])


@pytest.mark.parametrize("rows", [FRAMES - 1, FRAMES + 1])
def test_data_11_an_action_that_is_one_shorter_or_longer(tmp_path: Path, rows: int) -> None:
    path = write_aloha(tmp_path / "episode_0.hdf5")
    with h5py.File(path, "r+") as file:
        del file["action"]
        file["action"] = np.random.default_rng(0).normal(size=(rows, 14))
    episode = episode_of(path)
    assert episode.num_frames == FRAMES
    assert episode.signals[Role.ACTION].num_samples == FRAMES
    assert any(f"action has {rows} samples for {FRAMES} frames" in line for line in episode.warnings)


def test_data_11_streams_of_other_rates_need_a_clock(tmp_path: Path) -> None:
    fast = np.linspace(0, 1, 100)
    path = write_tree(
        tmp_path / "run.h5",
        **{
            "camera/rgb": np.stack([numbered_picture(i) for i in range(10)]),
            "camera/timestamp": np.arange(10) / 10,
            "state/joint_positions": np.tile(fast, (7, 1)).T,
            "state/timestamp": np.arange(100) / 100,
            "lost/joint_torques": np.tile(fast[:97], (7, 1)).T,
        },
    )
    episode = episode_of(path)
    assert episode.num_frames == 10
    assert episode.clock.rate_hz == pytest.approx(10.0)
    joints = episode.signals[Role.JOINT_POSITION]
    assert joints.num_samples == 100
    assert joints.rate_hz(episode.clock) == pytest.approx(100.0)
    assert joints.at_frame(episode.clock, 5)[0] == pytest.approx(fast[50])
    assert any("lost/joint_torques has 97 rows for 10 frames and no timestamps" in line for line in episode.warnings)
    assert Role.JOINT_TORQUE not in episode.signals
    assert number_in(picture(episode, "camera", 7)) == 7


def test_data_3_time_in_float_nanoseconds_since_1970(tmp_path: Path) -> None:
    stamps = 1.7e18 + np.arange(30) * 1e9 / 25
    path = write_tree(tmp_path / "run.h5", timestamp=stamps, action=np.random.default_rng(0).normal(size=(30, 7)))
    assert episode_of(path).clock.rate_hz == pytest.approx(25.0, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "value", "rate_hz"), [("fps", 30, 30.0), ("dt", 0.02, 50.0), ("Control_Freq", 15, 15.0)]
)
def test_a_rate_that_the_file_declares(tmp_path: Path, name: str, value: float, rate_hz: float) -> None:
    path = write_aloha(tmp_path / "episode_0.hdf5")
    with h5py.File(path, "r+") as file:
        file.attrs[name] = value
    episode = episode_of(path)
    assert episode.clock.rate_hz == pytest.approx(rate_hz)
    assert name in episode.clock.origin


def test_a_task_and_units_that_the_file_declares(tmp_path: Path) -> None:
    path = write_tree(tmp_path / "run.h5", gripper_width=np.linspace(80, 5, 30), action=np.zeros((30, 7)))
    with h5py.File(path, "r+") as file:
        file.attrs["language_instruction"] = "stack the cups"
        file["gripper_width"].attrs["unit"] = "mm"
    episode = episode_of(path)
    assert episode.task == "stack the cups"
    aperture = episode.signals[Role.GRIPPER_APERTURE]
    assert not aperture.guessed_unit
    assert aperture.values[0] == pytest.approx([0.08])


def test_pictures_in_every_form_of_bytes(tmp_path: Path) -> None:
    """DATA 11: zero-padded, signed, as objects."""
    encoded = [jpeg(numbered_picture(i)[:, :, ::-1]).tobytes() for i in range(8)]
    longest = max(map(len, encoded))
    padded = [row.ljust(longest, b"\0") for row in encoded]
    png = [cv2.imencode(".png", coloured_picture(i)[:, :, ::-1])[1].tobytes() for i in range(8)]
    with h5py.File(tmp_path / "run.h5", "w") as file:
        file["action"] = np.zeros((8, 7))
        file["images/rows"] = np.stack([np.frombuffer(row, np.uint8) for row in padded])
        file["images/signed"] = np.stack([np.frombuffer(row, np.int8) for row in padded])
        file["images/strings"] = np.array(padded, dtype=f"S{longest}")
        file["images/opaque"] = np.array([np.void(row) for row in padded])
        file.create_dataset("images/own", (8,), dtype=h5py.vlen_dtype(np.uint8))
        file.create_dataset("images/png", (8,), dtype=h5py.vlen_dtype(np.uint8))
        for i in range(8):
            file["images/own"][i] = np.frombuffer(encoded[i], np.uint8)
            file["images/png"][i] = np.frombuffer(png[i], np.uint8)
    episode = episode_of(tmp_path / "run.h5")
    assert set(episode.cameras) == {"rows", "signed", "strings", "opaque", "own", "png"}
    for name in episode.cameras:
        assert [number_in(picture(episode, name, frame)) for frame in (7, 0, 4)] == [7, 0, 4]
    assert is_orange(picture(episode, "png"))


def test_a_missing_picture_is_one_line_and_the_others_are_shown(tmp_path: Path) -> None:
    path = write_aloha(tmp_path / "episode_0.hdf5", compress=True)
    with h5py.File(path, "r+") as file:
        file["observations/images/cam_high"][0] = 0
    episode = episode_of(path)
    assert number_in(picture(episode, "cam_high", 1)) == 1
    with pytest.raises(DatasetError, match="picture 0 cannot be decoded"):
        picture(episode, "cam_high", 0)


@pytest.mark.parametrize(
    ("offset", "content"),
    [(16, bytes(64)), (24, (2**63).to_bytes(8, "little")), (0, b"LOST")],
    ids=["an object of size 0", "an object that ends nowhere", "no collection"],
)
def test_a_heap_on_which_libhdf5_might_never_return(tmp_path: Path, offset: int, content: bytes) -> None:
    path = write_robomind(tmp_path / "trajectory.hdf5")
    whole = bytearray(path.read_bytes())
    start = whole.index(b"GCOL")
    whole[start + offset : start + offset + len(content)] = content
    path.write_bytes(bytes(whole))
    with pytest.raises(DatasetError, match="damaged") as caught:
        episode_of(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("place", "value"), [(0, 2**31), (4, 2**63), (4, 7)], ids=["count", "address", "other address"]
)
def test_rows_that_lead_elsewhere(tmp_path: Path, place: int, value: int) -> None:
    path = write_robomind(tmp_path / "trajectory.hdf5")
    with h5py.File(path) as file:
        offset = file["observations/rgb_images/camera_top"].id.get_offset()
    whole = bytearray(path.read_bytes())
    size = 4 if place == 0 else 8
    whole[offset + place : offset + place + size] = value.to_bytes(size, "little")
    path.write_bytes(bytes(whole))
    with pytest.raises(DatasetError, match="damaged") as caught:
        episode_of(path)
    assert "\n" not in str(caught.value)


def test_links_that_lead_out_of_the_file(tmp_path: Path) -> None:
    secret = write_tree(tmp_path / "secret.bin", action=np.ones((FRAMES, 3)))
    path = write_aloha(tmp_path / "episode_0.hdf5")
    with h5py.File(path, "r+") as file:
        file["stolen"] = h5py.ExternalLink(str(secret), "action")
        file["language_instruction"] = h5py.ExternalLink(str(secret), "action")
        file["loop"] = h5py.SoftLink("/observations")
    episode = episode_of(path)
    assert "stolen" not in episode.other_signals
    assert any("stolen is a link to another file" in line for line in episode.warnings)


def test_a_group_called_data_that_is_one_episode(tmp_path: Path) -> None:
    path = write_tree(
        tmp_path / "run.h5",
        **{"data/joint_positions": np.cumsum(np.ones((20, 7)), axis=0) / 9, "data/action": np.zeros((20, 7))},
    )
    assert episode_of(path).assignments[Role.JOINT_POSITION].stream == "data/joint_positions"


def test_episodes_at_the_top_of_a_file_as_maniskill_has_them(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "trajectory.h5", "w") as file:
        for number in (0, 2, 10):
            file[f"traj_{number}/actions"] = np.random.default_rng(number).normal(size=(20, 7))
            file[f"traj_{number}/obs/agent/qpos"] = np.random.default_rng(number).normal(size=(21, 9))
            file[f"traj_{number}/success"] = np.arange(20) > 15
    opened = open_dataset(tmp_path / "trajectory.h5")
    assert [entry.episode_id for entry in opened.entries] == ["traj_0", "traj_2", "traj_10"]
    episode = opened.open_episode("traj_10")
    assert episode.num_frames == 20
    assert {Role.ACTION, Role.JOINT_POSITION, Role.SUCCESS} <= set(episode.signals)
    assert opened.place("traj_2").id_inside == "traj_2"
    opened.close()
