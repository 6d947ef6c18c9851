"""Sidecars lie next to their episodes, never two on one name, and never outside of their folder."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from failview.errors import SidecarError, SidecarLockedError
from failview.model.annotation import Annotation, AnnotationRecord
from failview.model.episode import EpisodePlace
from failview.sidecars.annotator_lock import MAX_HELD
from failview.sidecars.file_names import annotator_part, episode_part, is_sidecar_name, sidecar_name
from failview.sidecars.location import SidecarLocation
from failview.sidecars.store import SidecarStore
from tests.fakes.forgetful import listed_episodes
from tests.sidecar_places import container_location, made_read_only

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
    expected = container_location(container, "a").path("a", "b")
    for spelling in ("data.hdf5", "./data.hdf5", f"../{container.parent.name}/data.hdf5", Path("data.hdf5")):
        assert container_location(spelling, "a").path("a", "b") == expected
    assert container_location(".").folder == container.parent.with_name(container.parent.name + ".failview")


def test_a_link_to_data_has_its_sidecars_beside_the_link(container: Path, tmp_path: Path) -> None:
    view = tmp_path / "view"
    view.mkdir()
    (view / "nice_name.hdf5").symlink_to(container)
    assert container_location(view / "nice_name.hdf5").folder == view / "nice_name.hdf5.failview"


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
def test_no_id_leads_out_of_the_folder(container: Path, episode_id: str) -> None:
    location = container_location(container, episode_id)
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
    with made_read_only(folder):
        yield folder


def test_a_read_only_data_folder_sends_the_sidecars_to_a_user_folder(read_only_folder: Path, tmp_path: Path) -> None:
    data = read_only_folder / "data.hdf5"
    location = container_location(data, user_root=tmp_path / "user")
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
    first = container_location(read_only_folder / "data.hdf5").folder
    second = SidecarLocation(read_only_folder, {"data": EpisodePlace(read_only_folder / "data.hdf5")}).folder
    assert {first.parent, second.parent} == {root}
    assert first != second


@pytest.fixture
def demos(tmp_path: Path) -> Path:
    """A folder with two files of many episodes each."""
    folder = tmp_path / "demos"
    folder.mkdir()
    touch(folder / "lift.hdf5", folder / "stack.hdf5")
    return folder


def together(demos: Path) -> SidecarLocation:
    """The folder opened as one dataset."""
    places = {
        f"{name}.demo_{number}": EpisodePlace(demos / f"{name}.hdf5", f"demo_{number}")
        for name in ("lift", "stack")
        for number in range(2)
    }
    return SidecarLocation(demos, places, user_root=demos.parent / "user")


def alone(demos: Path, name: str = "lift") -> SidecarLocation:
    """One file of the folder opened by itself."""
    return container_location(demos / f"{name}.hdf5", user_root=demos.parent / "user")


def record_of(episode_id: str, **label: str) -> AnnotationRecord:
    return AnnotationRecord(episode_id, "anna", "t", "1.0.0", Annotation(**label))


def test_files_of_one_folder_keep_their_sidecars_where_each_file_has_them_alone(demos: Path) -> None:
    with SidecarStore(together(demos), "anna") as store:
        store.save(record_of("lift.demo_1", notes="slipped"))
        assert listed_episodes(store) == ["lift.demo_1"]
        with pytest.raises(SidecarLockedError):
            SidecarStore(alone(demos), "anna")
        SidecarStore(alone(demos, "stack"), "anna").close()
    with SidecarStore(alone(demos), "anna") as store:
        loaded = store.load("demo_1")
    assert loaded.record is not None
    assert (loaded.record.annotation.notes, loaded.warnings) == ("slipped", ())
    assert sorted(path.name for path in demos.iterdir()) == ["lift.hdf5", "lift.hdf5.failview", "stack.hdf5"]


def test_only_the_episodes_of_a_file_that_is_open_elsewhere_are_read_only(demos: Path) -> None:
    with SidecarStore(together(demos), "anna") as store:
        with SidecarStore(alone(demos), "anna") as elsewhere:
            elsewhere.save(record_of("demo_0", notes="mine"))
            loaded = store.load("lift.demo_0")
            assert loaded.record is not None
            assert loaded.record.annotation.notes == "mine"
            assert "another failview" in loaded.read_only_reason
            with pytest.raises(SidecarError, match=r"not saved: .* another failview"):
                store.save(record_of("lift.demo_0", notes="theirs"))
            assert store.load("stack.demo_0").read_only_reason == ""
            store.save(record_of("stack.demo_0"))
        assert store.load("lift.demo_0").read_only_reason == "", "once the other one is closed"
        store.save(record_of("lift.demo_0", notes="theirs"))


def test_two_files_in_one_folder_are_two_datasets(demos: Path) -> None:
    with SidecarStore(alone(demos), "anna") as first, SidecarStore(alone(demos, "stack"), "anna") as second:
        first.save(record_of("demo_0"))
        second.save(record_of("demo_0"))
        locks = [path.parent for path in demos.parent.rglob("*.lock")]
        assert sorted(locks) == [demos / "lift.hdf5.failview", demos / "stack.hdf5.failview"]


@pytest.fixture
def is_plain_user(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Not root, whom permissions do not stop."""
    before = os.getegid(), os.geteuid()
    if before[1] == 0:
        os.setegid(65534)
        os.seteuid(65534)
    yield
    os.seteuid(before[1])
    os.setegid(before[0])


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that other users can reach, with a file of many episodes and a writable place for user folders."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data.hdf5").touch()
        for writable in (folder / "data.hdf5.failview", folder / "user"):
            writable.mkdir()
            writable.chmod(0o777)
        yield folder


def test_a_writable_sidecar_folder_in_a_read_only_one_is_used(shared: Path, request: pytest.FixtureRequest) -> None:
    shared.chmod(0o755)
    request.getfixturevalue("is_plain_user")
    location = container_location(shared / "data.hdf5", user_root=shared / "user")
    assert (location.folder, location.notice) == (shared / "data.hdf5.failview", "")
    with SidecarStore(location, "anna") as store:
        assert store.save(record_of("demo_0")).path.parent == shared / "data.hdf5.failview"


def test_a_sidecar_folder_of_somebody_else_sends_mine_to_the_user_folder(
    shared: Path, request: pytest.FixtureRequest
) -> None:
    shared.chmod(0o777)
    (shared / "data.hdf5.failview").chmod(0o755)
    request.getfixturevalue("is_plain_user")
    location = container_location(shared / "data.hdf5", user_root=shared / "user")
    assert location.notice == f"{shared / 'data.hdf5.failview'} is read-only: the annotations go to {location.folder}"
    with SidecarStore(location, "anna") as store:
        assert store.save(record_of("demo_0")).path.parent == location.folder
    assert location.folder.parent == shared / "user"


def test_read_only_files_have_one_user_folder_each_however_they_are_opened(
    read_only_folder: Path, tmp_path: Path
) -> None:
    user, data = tmp_path / "user", read_only_folder / "data.hdf5"
    places = {"data.demo_0": EpisodePlace(data, "demo_0"), "more.demo_0": EpisodePlace(tmp_path / "more", "demo_0")}
    both = SidecarLocation(read_only_folder, places, user_root=user)
    assert both.path("data.demo_0", "anna") == container_location(data, user_root=user).path("demo_0", "anna")
    assert both.notice == f"{read_only_folder} is read-only: the annotations go to {user}"
    with SidecarStore(both, "anna") as store:
        saved = store.save(record_of("data.demo_0"))
        assert (both.all_sidecars(), both.episode_at(saved.path, "demo_0")) == ([saved.path], "data.demo_0")
        assert listed_episodes(store) == ["data.demo_0"]


def test_one_read_only_folder_among_others_is_told_with_its_episodes(read_only_folder: Path, demos: Path) -> None:
    places = {
        "here.demo_0": EpisodePlace(demos / "lift.hdf5", "demo_0"),
        "there.demo_0": EpisodePlace(read_only_folder / "data.hdf5", "demo_0"),
    }
    location = SidecarLocation(demos.parent, places, user_root=demos.parent / "user")
    with SidecarStore(location, "anna") as store:
        away = location.path("there.demo_0", "anna").parent
        assert (location.notice, store.load("here.demo_0").warnings) == ("", ())
        line = f"{read_only_folder} is read-only: this annotation goes to {away}"
        assert store.load("there.demo_0").warnings == (line,)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_hundreds_of_files_need_few_open_ones_and_stay_exclusive(tmp_path: Path) -> None:
    files = [tmp_path / "data" / f"task_{number}.hdf5" for number in range(3 * MAX_HELD)]
    places = {f"{file.stem}.demo_0": EpisodePlace(file, "demo_0") for file in files}
    touch(*files)
    location = SidecarLocation(tmp_path / "data", places, user_root=tmp_path / "user")
    before = open_files()
    with SidecarStore(location, "anna") as store:
        assert open_files() == before
        for key in places:
            assert store.load(key).read_only_reason == ""
        assert open_files() <= before + MAX_HELD
        with pytest.raises(SidecarLockedError):
            SidecarStore(container_location(files[-1]), "anna")
        with SidecarStore(container_location(files[0]), "anna") as elsewhere:
            elsewhere.save(record_of("demo_0", notes="elsewhere"))
            with pytest.raises(SidecarError, match="another failview"):
                store.save(record_of("task_0.demo_0", notes="here"))
        saved = store.save(record_of("task_0.demo_0", notes="here"))
        assert [b"elsewhere" in path.read_bytes() for path in saved.set_aside] == [True]
    assert sorted(path.name for path in (tmp_path / "data").iterdir() if path.is_dir()) == ["task_0.hdf5.failview"]
