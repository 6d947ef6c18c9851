"""The bundled demo dataset says what its truth says; read with pyarrow, json and av alone."""

import json
from pathlib import Path

import av
import numpy as np
import pyarrow.parquet as pq
import pytest

DEMO = Path(__file__).parents[2] / "failview" / "resources" / "demo"
ROOT = DEMO / "pick_place"
CAMERAS = ("observation.images.front", "observation.images.wrist")
SUBCATEGORIES = {
    "missed_grasp": "grasp", "slip_during_lift": "grasp", "unstable_grasp": "grasp",
    "dropped_in_transport": "placement", "missed_target": "placement", "tipped_after_release": "placement",
    "gripper_obstacle": "collision", "object_knocked_over": "collision",
}  # fmt: skip


@pytest.fixture(scope="module")
def info() -> dict:
    return json.loads((ROOT / "meta" / "info.json").read_text())


@pytest.fixture(scope="module")
def truth() -> dict[int, dict]:
    content = json.loads((DEMO / "pick_place_truth.json").read_text())
    return {int(number): record for number, record in content["episodes"].items()}


@pytest.fixture(scope="module")
def meta() -> list[dict]:
    return pq.read_table(ROOT / "meta" / "episodes" / "chunk-000" / "file-000.parquet").to_pylist()


@pytest.fixture(scope="module")
def table() -> dict[str, np.ndarray]:
    data = pq.read_table(ROOT / "data" / "chunk-000" / "file-000.parquet")
    return {name: np.array(data[name].to_pylist()) for name in data.column_names}


@pytest.fixture(scope="module")
def episodes(table: dict[str, np.ndarray]) -> dict[int, dict[str, np.ndarray]]:
    number = table["episode_index"]
    return {int(k): {name: values[number == k] for name, values in table.items()} for k in np.unique(number)}


def of_kind(truth: dict[int, dict], kind: str) -> int:
    return next(number for number, record in truth.items() if record["kind"] == kind)


def distance(episode: dict[str, np.ndarray]) -> np.ndarray:
    return np.linalg.norm(episode["observation.object_position"] - episode["observation.goal_position"], axis=1)


def turn(quats: np.ndarray) -> np.ndarray:
    """Angle in degrees from the first of some xyzw rotations."""
    return np.degrees(2 * np.arccos(np.clip(np.abs(quats @ quats[0]), 0, 1)))


def relative(frame: np.ndarray, body: np.ndarray) -> np.ndarray:
    """Rotation of `body` as seen from `frame`, xyzw."""
    vector, scalar = -frame[:, :3], frame[:, 3:]
    other_vector, other_scalar = body[:, :3], body[:, 3:]
    turned = scalar * other_vector + other_scalar * vector + np.cross(vector, other_vector)
    return np.hstack([turned, scalar * other_scalar - np.sum(vector * other_vector, axis=1, keepdims=True)])


def test_twenty_episodes_of_watchable_length(info: dict, meta: list[dict], truth: dict[int, dict]) -> None:
    assert info["codebase_version"] == "v3.0"
    assert info["total_episodes"] == len(meta) == len(truth) == 20
    assert all(6.0 <= row["length"] / info["fps"] <= 14.0 for row in meta)
    assert len({task for row in meta for task in row["tasks"]}) >= 2


def test_frame_counts_agree(info: dict, meta: list[dict], table: dict[str, np.ndarray], truth: dict[int, dict]) -> None:
    assert sum(row["length"] for row in meta) == info["total_frames"] == len(table["index"])
    assert table["index"].tolist() == list(range(info["total_frames"]))
    for row in meta:
        part = slice(row["dataset_from_index"], row["dataset_to_index"])
        assert row["length"] == truth[row["episode_index"]]["num_frames"]
        assert table["frame_index"][part].tolist() == list(range(row["length"]))
        np.testing.assert_allclose(table["timestamp"][part], np.arange(row["length"]) / info["fps"], atol=1e-4)


@pytest.mark.parametrize("camera", CAMERAS)
def test_video_has_every_frame_and_a_key_frame_each_second(camera: str, info: dict, meta: list[dict]) -> None:
    with av.open(ROOT / "videos" / camera / "chunk-000" / "file-000.mp4") as container:
        stream = container.streams.video[0]
        height, width, _ = info["features"][camera]["shape"]
        assert (stream.codec_context.height, stream.codec_context.width) == (height, width)
        assert "av1" in stream.codec_context.name
        packets = [packet for packet in container.demux(stream) if packet.pts is not None]
        times = sorted(float(packet.pts * packet.time_base) for packet in packets)
        keys = sorted(float(packet.pts * packet.time_base) for packet in packets if packet.is_keyframe)
    assert len(times) == info["total_frames"]
    np.testing.assert_allclose(times, np.arange(len(times)) / info["fps"], atol=1e-4)
    assert max(np.diff(keys)) <= 1.0 + 1e-6
    for row in meta:
        start, end = row[f"videos/{camera}/from_timestamp"], row[f"videos/{camera}/to_timestamp"]
        assert start == pytest.approx(row["dataset_from_index"] / info["fps"])
        assert end - start == pytest.approx(row["length"] / info["fps"])


def test_every_feature_exists_as_declared(info: dict, table: dict[str, np.ndarray]) -> None:
    for name, feature in info["features"].items():
        if feature["dtype"] == "video":
            assert (ROOT / "videos" / name).is_dir()
            continue
        width = feature["shape"][0]
        assert table[name].shape == ((len(table["index"]), width) if width > 1 else (len(table["index"]),)), name
        if feature["dtype"] == "float32":
            assert np.isfinite(table[name]).all(), name
    assert set(table) == {name for name, feature in info["features"].items() if feature["dtype"] != "video"}
    assert set(np.unique(table["observation.phase"])) == {
        "approach", "grasp", "lift", "transport", "place", "retreat",
    }  # fmt: skip


def test_truth_is_consistent(meta: list[dict], truth: dict[int, dict]) -> None:
    for row in meta:
        record = truth[row["episode_index"]]
        onset, obvious = record["failure_onset_frame"], record["failure_obvious_frame"]
        if record["outcome"] == "success":
            assert record["failure_category"] is None
            assert onset is None
            continue
        assert record["failure_category"] == SUBCATEGORIES[record["failure_subcategory"]]
        assert 0 < onset <= obvious < row["length"]
        if record["recovery_attempted"]:
            assert obvious <= record["recovery_start_frame"] < record["recovery_end_frame"] < row["length"]
    outcomes = [record["outcome"] for record in truth.values()]
    assert outcomes.count("success") == 8
    assert {record["failure_subcategory"] for record in truth.values()} - {None} == set(SUBCATEGORIES)


def test_success_flag_and_distance_agree_with_the_truth(
    episodes: dict[int, dict[str, np.ndarray]], truth: dict[int, dict]
) -> None:
    for number, record in truth.items():
        reached = record["outcome"] != "failure"
        assert bool(episodes[number]["next.success"][-1]) == reached, record["kind"]
        assert episodes[number]["next.done"].tolist() == [False] * (record["num_frames"] - 1) + [True]
        if reached:
            assert distance(episodes[number])[-1] < 0.03


def test_missed_grasp_closes_on_nothing(episodes: dict[int, dict[str, np.ndarray]], truth: dict[int, dict]) -> None:
    episode = episodes[of_kind(truth, "missed_grasp")]
    assert episode["observation.gripper_aperture"].min() < 0.002
    assert episode["observation.gripper_force"].max() < 0.5
    assert np.ptp(episode["observation.object_position"], axis=0).max() < 0.005


@pytest.mark.parametrize("kind", ["slip_during_lift", "slip_recovered"])
def test_slip_force_falls_and_the_hand_ends_empty(
    kind: str, episodes: dict[int, dict[str, np.ndarray]], truth: dict[int, dict]
) -> None:
    number = of_kind(truth, kind)
    episode, obvious = episodes[number], truth[number]["failure_obvious_frame"]
    assert episode["observation.gripper_force"][:obvious].max() > 2.0
    after = slice(obvious + 1, obvious + 13)
    assert episode["observation.gripper_force"][after].max() < 0.5
    assert episode["observation.gripper_aperture"][after].min() < 0.005
    assert episode["observation.phase"][truth[number]["failure_onset_frame"]] == "lift"
    height = episode["observation.object_position"][:, 2]
    assert height[:obvious].max() - height[0] > 0.02


def test_recovered_slip_is_gripped_again(episodes: dict[int, dict[str, np.ndarray]], truth: dict[int, dict]) -> None:
    number = of_kind(truth, "slip_recovered")
    record = truth[number]
    assert (record["outcome"], record["recovery_outcome"]) == ("partial_success", "recovered")
    second = episodes[number]["observation.gripper_force"][record["recovery_start_frame"] :]
    assert second.max() > 10.0


def test_drop_happens_in_the_air_in_transport(
    episodes: dict[int, dict[str, np.ndarray]], truth: dict[int, dict]
) -> None:
    number = of_kind(truth, "dropped_in_transport")
    episode, onset = episodes[number], truth[number]["failure_onset_frame"]
    assert episode["observation.phase"][onset] == "transport"
    height = episode["observation.object_position"][:, 2]
    assert height[onset] - height[onset : onset + 20].min() > 0.05
    assert episode["observation.gripper_force"][onset + 6 : onset + 20].max() < 0.5


def test_missed_target_ends_beside_the_goal(episodes: dict[int, dict[str, np.ndarray]], truth: dict[int, dict]) -> None:
    number = of_kind(truth, "missed_target")
    assert distance(episodes[number])[-1] > 0.03
    assert distance(episodes[number])[truth[number]["failure_onset_frame"]] > 0.03


@pytest.mark.parametrize("kind", ["tipped_after_release", "object_knocked_over"])
def test_fallen_object_lies(kind: str, episodes: dict[int, dict[str, np.ndarray]], truth: dict[int, dict]) -> None:
    number = of_kind(truth, kind)
    episode = episodes[number]
    x, y = episode["observation.object_orientation"][:, :2].T
    tilt = np.degrees(np.arccos(np.clip(1 - 2 * (x**2 + y**2), -1, 1)))
    assert tilt[0] < 2
    assert tilt[-1] > 60
    assert tilt[truth[number]["failure_obvious_frame"]] > 44
    held = episode["observation.gripper_force"].max() > 2
    assert held == (kind == "tipped_after_release")


def test_collision_shows_in_torque_and_wrench(
    episodes: dict[int, dict[str, np.ndarray]], truth: dict[int, dict]
) -> None:
    number = of_kind(truth, "gripper_obstacle")
    episode, onset = episodes[number], truth[number]["failure_onset_frame"]
    strongest = np.abs(episode["observation.external_torque"]).max(axis=1)
    assert (strongest[onset : onset + 20] > 5.0).sum() >= 2
    assert strongest[: onset - 1].max() < 5.0
    before = np.abs(episode["observation.wrench"][:onset, :3]).max()
    assert np.abs(episode["observation.wrench"][onset : onset + 20, :3]).max() > 2 * before


def test_unstable_object_turns_in_the_hand(episodes: dict[int, dict[str, np.ndarray]], truth: dict[int, dict]) -> None:
    number = of_kind(truth, "unstable_grasp")
    episode = episodes[number]
    carried = np.isin(episode["observation.phase"], ("lift", "transport"))
    hand, thing = episode["observation.ee_orientation"][carried], episode["observation.object_orientation"][carried]
    assert turn(relative(hand, thing)).max() > 15
    assert episode["observation.gripper_force"][carried].min() > 2


def test_actions_integrate_to_the_commanded_path(episodes: dict[int, dict[str, np.ndarray]]) -> None:
    for episode in episodes.values():
        command = episode["observation.ee_command"]
        np.testing.assert_allclose(np.diff(command, axis=0), episode["action"][:-1, :3] * 0.05, atol=1e-5)


def test_small_enough_to_ship() -> None:
    files = [DEMO / "pick_place_truth.json", *(path for path in ROOT.rglob("*") if path.is_file())]
    assert sum(path.stat().st_size for path in files) <= 10_000_000


def test_robot_model_has_no_geometry() -> None:
    text = (ROOT / "robot" / "panda.xml").read_text()
    assert "<geom" not in text
    assert "<mesh" not in text
    assert 'name="eef"' in text
