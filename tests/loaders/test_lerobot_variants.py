"""LeRobot datasets as they are really found: names, templates, missing and broken files."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.model.episode import Episode
from failview.model.roles import Role
from tests.loaders.number_pictures import number_in, numbered_picture, write_video
from tests.loaders.one_episode import episode_of
from tests.loaders.write_lerobot import JOINTS, KEY, RATE_HZ, info, rows, write_info, write_v2, write_v3

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"


def first_number(episode: Episode, frame: int = 0) -> int:
    reader = next(iter(episode.cameras.values())).open_reader()
    try:
        return number_in(reader.read(frame))
    finally:
        reader.close()


def change_info(root: Path, **changes: Any) -> None:
    path = root / "meta" / "info.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_v2_episode(tmp_path: Path) -> None:
    episode = episode_of(write_v2(tmp_path / "v2"), "episode_000001")
    assert episode.task == "pick the cube"
    assert episode.num_frames == 9
    assert episode.clock.rate_hz == pytest.approx(30.0, abs=1e-4)
    assert list(episode.cameras) == ["front"]
    assert episode.signals[Role.JOINT_POSITION].labels == tuple(JOINTS[:3])
    assert episode.assignments[Role.GRIPPER_APERTURE].columns == "gripper.pos"
    assert episode.assignments[Role.GRIPPER_APERTURE].guessed
    assert episode.warnings == ()


@pytest.mark.parametrize(
    "names", [JOINTS, [JOINTS], {"motors": JOINTS}, {name: k for k, name in enumerate(JOINTS)}, {"axes": [JOINTS]}]
)
def test_forms_of_names(tmp_path: Path, names: object) -> None:
    """DATA 12: names flat, nested, or in a dict."""
    root = write_v2(tmp_path / "v2")
    features = info("v2.1")["features"] | {"observation.state": {"dtype": "float32", "shape": [4], "names": names}}
    change_info(root, features=features)
    assert episode_of(root).signals[Role.JOINT_POSITION].labels == tuple(JOINTS[:3])


@pytest.mark.parametrize("names", [None, ["only", "two"], 7])
def test_columns_without_names_are_not_guessed(tmp_path: Path, names: object) -> None:
    """DATA 12: names absent or useless."""
    root = write_v2(tmp_path / "v2")
    features = info("v2.1")["features"] | {"observation.state": {"dtype": "float32", "shape": [4], "names": names}}
    change_info(root, features=features)
    episode = episode_of(root)
    assert Role.JOINT_POSITION not in episode.signals
    assert episode.other_signals["observation.state"].labels == ("0", "1", "2", "3")
    assert any("observation.state has 4 columns without names" in line for line in episode.warnings)


@pytest.mark.parametrize("prefix", ["observation.", ""])
def test_keys_with_and_without_the_prefix(tmp_path: Path, prefix: str) -> None:
    """DATA 12."""
    root = write_v2(tmp_path / "v2", lengths=(9, 9, 9))
    for k in range(3):
        path = root / f"data/chunk-000/episode_{k:06d}.parquet"
        table = pq.read_table(path).drop_columns(["observation.state"])
        table = table.append_column(f"{prefix}joint_positions", pa.array(np.sin(np.ogrid[0:63]).reshape(9, 7).tolist()))
        table = table.append_column(f"{prefix}gripper_aperture", pa.array(np.linspace(0, 0.08, 9)))
        table = table.append_column(f"{prefix}phase", pa.array(["reach"] * 4 + ["lift"] * 5))
        pq.write_table(table, path)
    episode = episode_of(root)
    assert episode.assignments[Role.JOINT_POSITION].stream == f"{prefix}joint_positions"
    assert episode.assignments[Role.GRIPPER_APERTURE].unit == "m"
    assert episode.signals[Role.PHASE].text_values == ("reach", "lift")


@pytest.mark.parametrize(
    "template",
    [
        "videos/{video_key}/episode_{episode_index:06d}.mp4",
        "videos/chunk-{chunk_index:03d}/{video_key}/episode_{episode_index:06d}.mp4",
        "wrong/{nothing}.mp4",
        "{episode_index.__class__}",
        "../../etc/{video_key}",
        "",
    ],
)
def test_templates_that_do_not_match_the_disk(tmp_path: Path, template: str) -> None:
    """DATA 12: other places, {chunk_index} in v2.1, fields that nobody knows."""
    root = write_v2(tmp_path / "v2", video_path=template, data_path="rows/{episode_index}.parquet")
    episode = episode_of(root, "episode_000002")
    assert first_number(episode, 14) == 214


def test_paths_never_leave_the_dataset(tmp_path: Path) -> None:
    write_video(tmp_path / "secret.mp4", [7] * 12)
    root = write_v2(tmp_path / "v2", video_path="../secret.mp4")
    for path in (root / "videos").rglob("*.mp4"):
        path.unlink()
    (root / "videos/chunk-000" / KEY / "episode_000000.mp4").symlink_to(tmp_path / "secret.mp4")
    episode = episode_of(root)
    assert not episode.cameras
    assert any(
        line.startswith("camera front is not shown: ") and line.endswith("is missing") for line in episode.warnings
    )


def test_missing_and_pointer_videos(tmp_path: Path) -> None:
    """DATA 12, 13: the rest of the episode opens."""
    root = write_v2(tmp_path / "v2")
    folder = root / "videos/chunk-000" / KEY
    (folder / "episode_000000.mp4").unlink()
    (folder / "episode_000001.mp4").write_text(LFS)
    (folder / "episode_000002.mp4").write_bytes(b"\0" * 100)
    wanted = ("is missing", "is a Git LFS pointer", "this video cannot be read")
    for k, text in enumerate(wanted):
        episode = episode_of(root, f"episode_{k:06d}")
        assert not episode.cameras
        assert Role.JOINT_POSITION in episode.signals
        assert any(f"episode_{k:06d}.mp4" in line and text in line for line in episode.warnings)


@pytest.mark.parametrize(("content", "text"), [(None, "is missing"), (LFS, "Git LFS pointer"), ("PAR1", "damaged")])
def test_missing_and_broken_data(tmp_path: Path, content: str | None, text: str) -> None:
    """DATA 12, 13."""
    root = write_v2(tmp_path / "v2")
    path = root / "data/chunk-000/episode_000001.parquet"
    path.unlink()
    if content is not None:
        path.write_text(content)
    opened = open_dataset(root)
    assert [entry.episode_id for entry in opened.entries] == [f"episode_{k:06d}" for k in range(3)]
    assert opened.open_episode("episode_000002").num_frames == 15
    with pytest.raises(DatasetError, match=text) as caught:
        opened.open_episode("episode_000001")
    assert "\n" not in str(caught.value)
    assert bool(opened.warnings) == (content is None)
    opened.close()


def test_video_that_is_too_short_or_too_long(tmp_path: Path) -> None:
    """DATA 5: matched by number."""
    root = write_v2(tmp_path / "v2")
    folder = root / "videos/chunk-000" / KEY
    write_video(folder / "episode_000000.mp4", list(range(9)))
    write_video(folder / "episode_000001.mp4", list(range(100, 120)))
    short, long = episode_of(root), episode_of(root, "episode_000001")
    assert short.cameras["front"].num_frames == 9
    assert any("has 9 pictures for 12 frames" in line for line in short.warnings)
    assert long.cameras["front"].num_frames == 9
    assert any("has 20 pictures for 9 frames" in line for line in long.warnings)


def test_listed_length_that_lies(tmp_path: Path) -> None:
    """DATA 9."""
    root = write_v2(tmp_path / "v2")
    path = root / "data/chunk-000/episode_000000.parquet"
    pq.write_table(rows(0, 10), path)
    episode = episode_of(root)
    assert episode.num_frames == 10
    assert any("says 12 frames, the data has 10" in line for line in episode.warnings)


@pytest.mark.parametrize("task_as_index", [True, False])
def test_v3_episode(tmp_path: Path, task_as_index: bool) -> None:
    root = write_v3(tmp_path / "v3", task_as_index=task_as_index)
    episode = episode_of(root, "episode_000001")
    assert episode.task == "pick the cube"
    assert episode.num_frames == 9
    assert episode.signals[Role.JOINT_POSITION].values[0, 0] == pytest.approx(-0.99)
    assert episode.warnings == ()


def test_v3_wrong_from_timestamp_is_settled_by_counting(tmp_path: Path) -> None:
    """DATA 5, 12."""
    root = write_v3(tmp_path / "v3")
    path = root / "meta/episodes/chunk-000/file-000.parquet"
    listing = pq.read_table(path).to_pydict()
    listing[f"videos/{KEY}/from_timestamp"] = [0.0, 12 / 18.3, 21 / 18.3]
    pq.write_table(pa.table(listing), path)
    episode = episode_of(root, "episode_000002")
    assert first_number(episode) == 200
    assert any("by counting" in line and "counting is used" in line for line in episode.warnings)


def test_v3_one_file_per_episode(tmp_path: Path) -> None:
    """DATA 12."""
    root = write_v3(tmp_path / "v3", lengths=(12, 9))
    path = root / "meta/episodes/chunk-000/file-000.parquet"
    listing = pq.read_table(path).to_pydict()
    for key in ("data/file_index", f"videos/{KEY}/file_index"):
        listing[key] = [0, 1]
    listing[f"videos/{KEY}/from_timestamp"] = [0.0, 0.0]
    pq.write_table(pa.table(listing), path)
    pq.write_table(rows(1, 9, 12), root / "data/chunk-000/file-001.parquet")
    write_video(root / f"videos/{KEY}/chunk-000/file-001.mp4", [100 + k for k in range(9)])
    write_video(root / f"videos/{KEY}/chunk-000/file-000.mp4", list(range(12)))
    episode = episode_of(root, "episode_000001")
    assert first_number(episode, 8) == 108
    assert episode.warnings == ()


def test_v3_rows_that_cannot_be_told_apart(tmp_path: Path) -> None:
    root = write_v3(tmp_path / "v3")
    path = root / "data/chunk-000/file-000.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["episode_index"]), path)
    with pytest.raises(DatasetError, match="no column episode_index"):
        episode_of(root)


def test_v3_fingerprint_does_not_depend_on_other_episodes(tmp_path: Path) -> None:
    few = episode_of(write_v3(tmp_path / "few", lengths=(10, 10)))
    more = episode_of(write_v3(tmp_path / "more", lengths=(10, 10, 10)))
    assert few.source.fingerprint == more.source.fingerprint


@pytest.mark.parametrize("as_struct", [True, False])
def test_pictures_in_parquet(tmp_path: Path, as_struct: bool) -> None:
    root = tmp_path / "images"
    features = info("v2.1")["features"]
    features[KEY] = features[KEY] | {"dtype": "image"}
    write_info(root, info("v2.1", features=features, video_path=None))
    (root / "meta/episodes.jsonl").write_text('{"episode_index": 0, "tasks": ["go"], "length": 6}\n')
    encoded = [cv2.imencode(".png", numbered_picture(k)[:, :, ::-1])[1].tobytes() for k in range(6)]
    cells = pa.array([{"bytes": item, "path": None} for item in encoded] if as_struct else encoded)
    (root / "data/chunk-000").mkdir(parents=True)
    pq.write_table(rows(0, 6).append_column(KEY, cells), root / "data/chunk-000/episode_000000.parquet")
    episode = episode_of(root)
    assert (episode.cameras["front"].width, episode.cameras["front"].height) == (64, 96)
    assert [first_number(episode, frame) for frame in (5, 0, 3)] == [5, 0, 3]


def test_declared_rate_that_disagrees_with_the_timestamps(tmp_path: Path) -> None:
    """DATA 5."""
    root = write_v2(tmp_path / "v2", fps=20)
    episode = episode_of(root)
    assert episode.clock.rate_hz == pytest.approx(RATE_HZ, rel=1e-4)
    assert any("declares 20 Hz, but the timestamp column run at 30 Hz" in line for line in episode.warnings)


def test_action_that_is_the_next_state(tmp_path: Path) -> None:
    """DATA 17."""
    root = write_v2(tmp_path / "v2")
    path = root / "data/chunk-000/episode_000000.parquet"
    table = pq.read_table(path)
    state = np.stack(table["observation.state"].to_pylist()).astype(np.float32)
    following = np.concatenate([state[1:], state[-1:]]).ravel()
    action = pa.FixedSizeListArray.from_arrays(pa.array(following), 4)
    pq.write_table(table.set_column(table.column_names.index("action"), "action", action), path)
    assert any("action is the next observation.state" in line for line in episode_of(root).warnings)
    assert not any("is the next" in line for line in episode_of(root, "episode_000001").warnings)
