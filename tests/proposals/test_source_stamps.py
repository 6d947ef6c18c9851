"""Whether the files of an episode changed."""

import os
from pathlib import Path

from failview.model.episode import EpisodePlace
from failview.proposals.source_stamps import SourceStamps


def touch(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def stamp(path: Path) -> str:
    return SourceStamps().of(EpisodePlace(path))


def many(folder: Path) -> Path:
    for number in range(20):
        touch(folder / f"run_{number}.csv")
    return folder / "run_1.csv"


def test_a_changed_file_has_another_stamp(tmp_path: Path) -> None:
    own = many(tmp_path)
    before = stamp(own)
    assert before == stamp(own) != ""
    status = own.stat()
    own.write_text("y", encoding="utf-8")
    os.utime(own, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert stamp(own) != before


def test_a_video_beside_it_belongs_to_it_and_another_episode_does_not(tmp_path: Path) -> None:
    own = many(tmp_path)
    before = stamp(own)
    touch(tmp_path / "run_10.csv", "other")
    assert stamp(own) == before
    touch(tmp_path / "run_1_wrist.mp4")
    assert stamp(own) != before


def test_a_folder_beside_it_belongs_to_it(tmp_path: Path) -> None:
    own = many(tmp_path)
    before = stamp(own)
    touch(tmp_path / "recordings" / "MP4" / "1.mp4")
    assert stamp(own) != before


def test_any_video_may_belong_to_a_lone_table(tmp_path: Path) -> None:
    own = touch(tmp_path / "run.csv")
    before = stamp(own)
    touch(tmp_path / "camera.mp4")
    assert stamp(own) != before


def test_what_failview_writes_changes_nothing(tmp_path: Path) -> None:
    own = touch(tmp_path / "set.hdf5")
    folder = touch(tmp_path / "zarr" / "data" / "0.0").parents[1]
    before = stamp(own), stamp(folder)
    for name in ("set.hdf5.failview/demo_0.ann.failview.json", "set.hdf5.failview.toml", "set.hdf5.detections.npz"):
        touch(tmp_path / name)
    touch(folder / "run.csv.ann.failview.json")
    assert (stamp(own), stamp(folder)) == before
    touch(folder / "data" / "0.1")
    assert stamp(folder) != before[1]


def test_what_is_not_there_has_none(tmp_path: Path) -> None:
    assert stamp(tmp_path / "gone.hdf5") == ""
    assert stamp(tmp_path / "gone" / "away.hdf5") == ""


def test_the_hidden_metadata_of_zarr_is_data(tmp_path: Path) -> None:
    store = tmp_path / "set.zarr"
    attributes = touch(store / "data" / "state" / ".zattrs", "{}")
    before = stamp(store)
    touch(attributes, '{"fps": 10}')
    assert stamp(store) != before


def test_a_linked_folder_cannot_be_told(tmp_path: Path) -> None:
    elsewhere = touch(tmp_path / "elsewhere" / "chunk.parquet").parent
    touch(tmp_path / "set" / "meta" / "info.json")
    (tmp_path / "set" / "data").symlink_to(elsewhere)
    assert stamp(tmp_path / "set") == ""
    own = many(tmp_path / "runs")
    (tmp_path / "runs" / "videos").symlink_to(elsewhere)
    assert stamp(own) == ""
    linked = tmp_path / "linked"
    linked.symlink_to(elsewhere)
    assert stamp(linked) == stamp(elsewhere) != "", "the place itself may be a link"
