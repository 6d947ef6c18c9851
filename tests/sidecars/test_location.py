"""Sidecars lie next to their episodes, never two on one name, and never outside of their folder."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from failview.errors import SidecarError, SidecarLockedError
from failview.model.annotation import Annotation, AnnotationRecord
from failview.model.episode import EpisodePlace
from failview.sidecars.file_names import annotator_part, episode_part, is_sidecar_name, sidecar_name
from failview.sidecars.location import SidecarLocation
from failview.sidecars.store import SidecarStore

ANY_TEXT = st.text(st.characters(exclude_characters=""), min_size=1, max_size=100)
TRICKY = st.text(st.sampled_from("aA.%/_-~\\ \n:é"), min_size=1, max_size=8)


def test_many_episodes_in_one_file_have_a_folder_beside_it(container: Path, location: SidecarLocation) -> None:
    expected = container.parent / "data.hdf5.failview" / "demo_3.anna.failview.json"
    assert location.path("demo_3", "anna") == expected
    assert location.folder == expected.parent
    assert not location.folder.exists(), "looking makes no folder"
    assert location.notice == ""
    assert sorted(container.parent.iterdir()) == [container]


def test_an_episode_with_its_own_file_has_its_sidecar_beside_it(tmp_path: Path) -> None:
    files = {"a": tmp_path / "episode_0.hdf5", "b": tmp_path / "more" / "episode_0.hdf5"}
    places = {name: EpisodePlace(path) for name, path in files.items()}
    location = SidecarLocation(tmp_path, places, user_root=tmp_path / "user")
    assert location.path("a", "anna") == tmp_path / "episode_0.hdf5.anna.failview.json"
    assert location.path("b", "anna") == tmp_path / "more" / "episode_0.hdf5.anna.failview.json"
    assert location.folder == tmp_path
    assert location.episode_at(location.path("b", "anna"), "whatever") == "b"
    with pytest.raises(SidecarError, match="no episode 'c'"):
        location.path("c", "anna")


def test_a_dataset_that_is_one_episode_has_its_sidecar_beside_itself(tmp_path: Path) -> None:
    bag = tmp_path / "bag_1"
    bag.mkdir()
    location = SidecarLocation(bag, {"bag_1": EpisodePlace(bag)}, user_root=tmp_path / "user")
    assert location.path("bag_1", "anna") == tmp_path / "bag_1.anna.failview.json"
    assert location.folder == tmp_path


def test_the_same_place_by_every_spelling_of_the_path(container: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(container.parent)
    expected = SidecarLocation(container).path("a", "b")
    for spelling in ("data.hdf5", "./data.hdf5", f"../{container.parent.name}/data.hdf5", Path("data.hdf5")):
        assert SidecarLocation(spelling).path("a", "b") == expected
    assert SidecarLocation(".").folder == container.parent.with_name(container.parent.name + ".failview")


def test_a_link_to_data_has_its_sidecars_beside_the_link(container: Path, tmp_path: Path) -> None:
    view = tmp_path / "view"
    view.mkdir()
    (view / "nice_name.hdf5").symlink_to(container)
    assert SidecarLocation(view / "nice_name.hdf5").folder == view / "nice_name.hdf5.failview"


@given(st.tuples(ANY_TEXT | TRICKY, TRICKY | ANY_TEXT), st.tuples(TRICKY, TRICKY))
def test_two_different_pairs_never_share_a_file_name(first: tuple[str, str], second: tuple[str, str]) -> None:
    names = {sidecar_name(episode_part(episode), annotator) for episode, annotator in (first, second)}
    assert len(names) == len({first, second})
    for name in names:
        assert "/" not in name
        assert "\0" not in name
        assert not name.startswith(".")
        assert len(os.fsencode(name)) < 215, "leaves room for the suffixes of temporary files"
        assert is_sidecar_name(name)


def test_the_dot_before_the_annotator_is_the_last_one() -> None:
    assert sidecar_name(episode_part("demo.1"), "a.b") == "demo.1.a%2Eb.failview.json"
    assert episode_part("demo_1") == "demo_1"
    assert annotator_part("Jo Ann") == "Jo%20Ann"


def test_long_names_are_cut_and_stay_apart() -> None:
    names = {episode_part("x" * 300 + end) for end in "ab"}
    assert len(names) == 2
    assert all(len(name) == 120 for name in names)


@pytest.mark.parametrize("episode_id", ["../../etc/passwd", "/etc/passwd", "..", ".", "a/../../b", "a\0b"])
def test_no_id_leads_out_of_the_folder(location: SidecarLocation, episode_id: str) -> None:
    path = location.path(episode_id, "../../anna")
    assert path.parent == location.folder
    assert path.resolve().parent == location.folder.resolve()


def test_an_annotator_needs_a_name(location: SidecarLocation) -> None:
    with pytest.raises(SidecarError, match="the annotator has no name"):
        location.path("demo_0", "")


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_all_sidecars_of_a_container_are_found_and_nothing_else(location: SidecarLocation) -> None:
    mine = [location.path("demo_0", "anna"), location.path("demo_1", "anna"), location.path("demo_0", "ben")]
    away = location.other_path("demo_2", "anna")
    folder = location.folder
    touch(*mine, away, folder / "x.anna.failview.json.previous", folder / ".x.anna.failview.json.1.tmp")
    touch(folder / "x.anna.failview.json.broken-1", folder / "notes.json", folder / ".anna.failview.lock")
    assert location.all_sidecars() == sorted([*mine, away])


def test_sidecars_of_episode_files_are_found_with_orphans_but_not_those_of_neighbours(tmp_path: Path) -> None:
    data = tmp_path / "data"
    paths = {name: data / folder / f"{name}.hdf5" for name, folder in [("a", "."), ("b", "sub")]}
    places = {name: EpisodePlace(path) for name, path in paths.items()}
    location = SidecarLocation(data, places, user_root=tmp_path / "user")
    touch(*paths.values(), location.path("a", "anna"), location.path("b", "ben"), data / "gone.hdf5.anna.failview.json")
    assert len(location.all_sidecars()) == 3

    one = SidecarLocation(paths["a"], {"a": places["a"]}, user_root=tmp_path / "user")
    assert one.all_sidecars() == [location.path("a", "anna")]


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that not even root can write."""
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "data.hdf5").touch()
    if os.geteuid() != 0:
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)
        return
    bound = subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False)
    if bound.returncode != 0:
        pytest.skip("root without the right to mount cannot make a read-only folder")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True, capture_output=True)
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True, capture_output=True)


def test_a_read_only_data_folder_sends_the_sidecars_to_a_user_folder(read_only_folder: Path, tmp_path: Path) -> None:
    data = read_only_folder / "data.hdf5"
    location = SidecarLocation(data, user_root=tmp_path / "user")
    assert location.read_only_data
    assert location.folder.parent == tmp_path / "user"
    assert location.folder.name.startswith("data.hdf5-")
    assert location.notice == f"{read_only_folder} is read-only: the annotations go to {location.folder}"
    assert location.other_path("demo_0", "anna").parent == read_only_folder / "data.hdf5.failview"
    with SidecarStore(location, "anna") as store:
        assert store.save(AnnotationRecord("demo_0", "anna", "t", "1.0.0")).path.parent == location.folder
    assert [path.name for path in read_only_folder.iterdir()] == ["data.hdf5"]


def test_the_user_folder_is_the_systems_and_differs_per_dataset(read_only_folder: Path) -> None:
    root = Path(os.environ["XDG_DATA_HOME"]) / "failview" / "sidecars"
    first = SidecarLocation(read_only_folder / "data.hdf5").folder
    second = SidecarLocation(read_only_folder, {"data": EpisodePlace(read_only_folder / "data.hdf5")}).folder
    assert {first.parent, second.parent} == {root}
    assert first != second


def test_files_of_one_folder_keep_their_sidecars_where_each_file_has_them_alone(tmp_path: Path) -> None:
    folder = tmp_path / "demos"
    places = {f"{name}.demo_1": EpisodePlace(folder / f"{name}.hdf5", "demo_1") for name in ("lift", "stack")}
    together = SidecarLocation(folder, places, user_root=tmp_path / "user")
    alone = SidecarLocation(folder / "lift.hdf5", {"demo_1": places["lift.demo_1"]}, user_root=tmp_path / "user")
    folder.mkdir()
    with SidecarStore(together, "anna") as store:
        store.save(AnnotationRecord("lift.demo_1", "anna", "t", "1.0.0", Annotation(notes="slipped")))
        assert [record.episode_id for record in store.records()] == ["lift.demo_1"]
        with pytest.raises(SidecarLockedError):
            SidecarStore(alone, "anna")
    with SidecarStore(alone, "anna") as store:
        loaded = store.load("demo_1")
    assert loaded.record is not None
    assert (loaded.record.annotation.notes, loaded.warnings) == ("slipped", ())
    assert [path.name for path in folder.iterdir()] == ["lift.hdf5.failview"]
