"""Nothing that was saved is ever lost, overwritten or mistaken, whatever happened to the file."""

import errno
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failview.errors import SidecarError, SidecarLockedError
from failview.model.annotation import AnnotationRecord
from failview.model.episode import EpisodePlace
from failview.sidecars.codec import decode, encode, record_to_json
from failview.sidecars.location import SidecarLocation
from failview.sidecars.store import SidecarStore
from tests.fakes.forgetful import listed_episodes

MakeRecord = Callable[..., AnnotationRecord]


@pytest.fixture
def store(location: SidecarLocation) -> Any:
    with SidecarStore(location, "anna") as opened:
        yield opened


def names(location: SidecarLocation) -> set[str]:
    return {path.name for path in location.folder.iterdir() if not path.name.endswith(".lock")}


CURRENT = "demo_0.anna.failview.json"
PREVIOUS = f"{CURRENT}.previous"


def test_what_was_saved_is_loaded(store: SidecarStore, make_record: MakeRecord) -> None:
    assert store.load("demo_0").record is None
    saved = store.save(make_record())
    assert saved.path == store.location.path("demo_0", "anna")
    assert saved.path.read_bytes() == encode(make_record())
    loaded = store.load("demo_0")
    assert (loaded.record, loaded.warnings, loaded.is_previous) == (make_record(), (), False)


def test_the_version_before_is_kept(store: SidecarStore, make_record: MakeRecord) -> None:
    for text in ("one", "two", "three"):
        store.save(make_record(notes=text))
    folder = store.location.folder
    assert names(store.location) == {CURRENT, PREVIOUS}
    assert json.loads((folder / CURRENT).read_bytes())["notes"] == "three"
    assert json.loads((folder / PREVIOUS).read_bytes())["notes"] == "two"


def test_the_data_is_not_touched(container: Path, store: SidecarStore, make_record: MakeRecord) -> None:
    before = hashlib.sha256(container.read_bytes()).digest(), container.stat().st_mtime_ns
    store.save(make_record())
    store.load("demo_0")
    assert (hashlib.sha256(container.read_bytes()).digest(), container.stat().st_mtime_ns) == before


def test_looking_leaves_nothing_behind(location: SidecarLocation, container: Path) -> None:
    with SidecarStore(location, "anna") as store:
        store.load("demo_0")
    assert list(container.parent.iterdir()) == [container]


def test_a_broken_file_is_set_aside_by_name_and_the_previous_version_offered(
    store: SidecarStore, make_record: MakeRecord
) -> None:
    folder = store.location.folder
    for round_ in (1, 2):
        store.save(make_record(notes="good"))
        store.save(make_record(notes="better"))
        broken = f"rubbish {round_}".encode()
        (folder / CURRENT).write_bytes(broken)
        loaded = store.load("demo_0")
        aside = folder / f"{CURRENT}.broken-{round_}"
        assert loaded.record == make_record(notes="good")
        assert loaded.is_previous
        assert loaded.set_aside == (aside,)
        assert loaded.warnings == (
            f"{CURRENT} is broken (is not valid JSON); it is kept as {aside.name}",
            "the previous version, saved 2025-01-01T00:00:00.000+00:00, is shown instead",
        )
        assert aside.read_bytes() == broken
        assert decode((folder / CURRENT).read_bytes(), CURRENT) == make_record(notes="good"), "others find it too"
    assert (folder / f"{CURRENT}.broken-1").read_bytes() == b"rubbish 1"


def test_when_the_previous_version_is_broken_too_both_are_set_aside(
    store: SidecarStore, make_record: MakeRecord
) -> None:
    store.save(make_record())
    (store.location.folder / CURRENT).write_bytes(b"")
    (store.location.folder / PREVIOUS).write_bytes(b"{")
    loaded = store.load("demo_0")
    assert (loaded.record, loaded.is_previous) == (None, False)
    assert [path.name for path in loaded.set_aside] == [f"{CURRENT}.broken-1", f"{PREVIOUS}.broken-1"]
    store.save(make_record())
    assert names(store.location) == {CURRENT, f"{CURRENT}.broken-1", f"{PREVIOUS}.broken-1"}


def test_cut_at_every_byte_it_is_never_a_wrong_record(store: SidecarStore, make_record: MakeRecord) -> None:
    folder = store.location.folder
    before, now = make_record(notes="before"), make_record(notes="now")
    store.save(before)
    store.save(now)
    whole, kept = (folder / CURRENT).read_bytes(), (folder / PREVIOUS).read_bytes()
    for length in range(len(whole) - 1):
        (folder / CURRENT).write_bytes(whole[:length])
        (folder / PREVIOUS).write_bytes(kept)
        loaded = store.load("demo_0")
        assert (loaded.record, loaded.is_previous) == (before, True)
        assert loaded.set_aside[0].read_bytes() == whole[:length]
        loaded.set_aside[0].unlink()
    (folder / CURRENT).write_bytes(whole[:-1])
    assert store.load("demo_0").record == now, "without its last line break it is still whole"


def test_a_missing_current_version_offers_the_previous_one(store: SidecarStore, make_record: MakeRecord) -> None:
    store.save(make_record(notes="one"))
    store.save(make_record(notes="two"))
    (store.location.folder / CURRENT).unlink()
    loaded = store.load("demo_0")
    assert loaded.record == make_record(notes="one")
    assert loaded.warnings[0] == f"{CURRENT} is missing"
    store.save(make_record(notes="three"))
    assert json.loads((store.location.folder / PREVIOUS).read_bytes())["notes"] == "one"


def test_a_change_by_another_program_is_kept_aside_and_told(store: SidecarStore, make_record: MakeRecord) -> None:
    store.save(make_record(notes="one"))
    store.save(make_record(notes="two"))
    foreign = encode(make_record(notes="by hand"))
    (store.location.folder / CURRENT).write_bytes(foreign)
    saved = store.save(make_record(notes="three"))
    aside = store.location.folder / f"{CURRENT}.foreign-1"
    assert saved.set_aside == (aside,)
    assert saved.warnings == (f"{CURRENT} was changed by another program; that version is kept as {aside.name}",)
    assert aside.read_bytes() == foreign
    assert store.load("demo_0").record == make_record(notes="three")
    assert store.save(make_record(notes="four")).warnings == ()


def test_a_file_that_was_there_but_never_read_is_kept_too(store: SidecarStore, make_record: MakeRecord) -> None:
    store.location.folder.mkdir(exist_ok=True)
    (store.location.folder / CURRENT).write_bytes(b"never read")
    assert [path.read_bytes() for path in store.save(make_record()).set_aside] == [b"never read"]


def test_a_touched_but_equal_file_is_nobodys_change(store: SidecarStore, make_record: MakeRecord) -> None:
    path = store.save(make_record()).path
    os.utime(path)
    assert store.save(make_record(notes="two")).warnings == ()


def test_a_newer_major_version_is_shown_and_never_overwritten(store: SidecarStore, make_record: MakeRecord) -> None:
    document = record_to_json(make_record()) | {"schema_version": "2.0.0", "future": [1]}
    content = json.dumps(document).encode()
    store.location.folder.mkdir(exist_ok=True)
    (store.location.folder / CURRENT).write_bytes(content)
    loaded = store.load("demo_0")
    assert loaded.warnings == (f"{CURRENT} was written by a newer failview and cannot be changed here",)
    assert loaded.record is not None
    with pytest.raises(SidecarError, match="newer"):
        store.save(loaded.record)
    (store.location.folder / CURRENT).write_bytes(content + b" ")
    with pytest.raises(SidecarError, match="newer"):
        store.save(make_record())
    assert names(store.location) == {CURRENT}


def test_newer_minor_fields_survive_the_store(store: SidecarStore, make_record: MakeRecord) -> None:
    document = record_to_json(make_record()) | {"schema_version": "1.4.0", "future": {"a": [1, None]}}
    store.location.folder.mkdir(exist_ok=True)
    (store.location.folder / CURRENT).write_text(json.dumps(document), encoding="utf-8")
    record = store.load("demo_0").record
    assert record is not None
    path = store.save(replace(record, annotation=replace(record.annotation, notes="x"))).path
    assert json.loads(path.read_bytes()) == document | {"notes": "x"}


def test_the_lock_keeps_a_second_writer_out_but_lets_it_read(
    location: SidecarLocation, make_record: MakeRecord
) -> None:
    with SidecarStore(location, "anna") as first:
        first.save(make_record())
        with pytest.raises(SidecarLockedError, match=rf"process {os.getpid()} on .*give another --annotator"):
            SidecarStore(location, "anna")
        reader = SidecarStore(location, "anna", read_only=True)
        assert reader.read_only_reason == "The sidecars are open read-only."
        assert reader.load("demo_0").record == make_record()
        with pytest.raises(SidecarError, match="open read-only"):
            reader.save(make_record())
        SidecarStore(location, "ben").close()
    with SidecarStore(location, "anna") as again:
        again.save(make_record(notes="x"))
    with pytest.raises(SidecarError, match="have been closed"):
        again.save(make_record())


def test_reading_only_moves_nothing(location: SidecarLocation, make_record: MakeRecord) -> None:
    with SidecarStore(location, "anna") as store:
        store.save(make_record())
        store.save(make_record())
    (location.folder / CURRENT).write_bytes(b"broken")
    (location.folder / f".{CURRENT}.77.tmp").touch()
    loaded = SidecarStore(location, "anna", read_only=True).load("demo_0")
    assert loaded.record == make_record()
    assert loaded.warnings[0] == f"{CURRENT} is broken (is not valid JSON)"
    assert names(location) == {CURRENT, PREVIOUS, f".{CURRENT}.77.tmp"}


def test_only_the_holder_of_the_lock_removes_its_own_leftovers(location: SidecarLocation) -> None:
    location.folder.mkdir()
    mine, other = (location.folder / f".demo_0.{who}.failview.json.77.tmp" for who in ("anna", "ben"))
    mine.touch()
    other.touch()
    with SidecarStore(location, "anna"):
        assert not mine.exists()
        assert other.exists()


def test_a_sidecar_of_somebody_or_something_else_is_refused(store: SidecarStore, make_record: MakeRecord) -> None:
    store.location.folder.mkdir(exist_ok=True)
    path = store.location.folder / CURRENT
    path.write_bytes(encode(make_record(annotator="ben")))
    with pytest.raises(SidecarError, match="is of the annotator ben, not anna"):
        store.load("demo_0")
    path.write_bytes(encode(make_record(episode_id="demo_7")))
    with pytest.raises(SidecarError, match="is of the episode demo_7, not demo_0"):
        store.load("demo_0")
    with pytest.raises(SidecarError, match="a record of ben"):
        store.save(make_record(annotator="ben"))


def test_a_sidecar_that_cannot_be_read_is_told_and_left_alone(store: SidecarStore, make_record: MakeRecord) -> None:
    path = store.save(make_record()).path
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(SidecarError, match="cannot be read: not a regular file"):
        store.load("demo_0")
    path.unlink()
    with path.open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    with pytest.raises(SidecarError, match="too large"):
        store.load("demo_0")
    assert path.exists()


def test_beside_episode_files_the_file_decides_which_episode_it_is(tmp_path: Path, make_record: MakeRecord) -> None:
    places = {"run/ep_1": EpisodePlace(tmp_path / "run" / "ep_1.hdf5")}
    places["run/ep_1"].path.parent.mkdir()
    location = SidecarLocation(tmp_path, places, user_root=tmp_path / "user")
    beside = tmp_path / "run" / "ep_1.hdf5.anna.failview.json"
    beside.write_bytes(encode(make_record(episode_id="ep_1")))
    with SidecarStore(location, "anna") as store:
        record = store.load("run/ep_1").record
        assert record is not None
        assert record.episode_id == "run/ep_1"
        assert listed_episodes(store) == ["run/ep_1"]
        assert store.save(record).path == beside
        (tmp_path / "run" / "ep_1.hdf5.anna.failview.json").unlink()
        assert store.load("run/ep_1").is_previous


def test_the_later_of_two_places_wins_and_is_told(location: SidecarLocation, make_record: MakeRecord) -> None:
    away = location.other_path("demo_0", "anna")
    away.parent.mkdir(parents=True)
    away.write_bytes(encode(make_record(notes="away")))
    with SidecarStore(location, "anna") as store:
        loaded = store.load("demo_0")
        assert loaded.record == make_record(notes="away")
        assert loaded.warnings == (f"the annotation comes from {away}; the next change is saved with the others",)
        later = replace(make_record(notes="here"), saved_at="2025-02-01T00:00:00.000+00:00")
        store.save(later)
        assert store.load("demo_0") == replace(loaded, record=later, warnings=())


def test_all_sidecars_of_one_annotator_are_listed_without_the_broken(
    store: SidecarStore, make_record: MakeRecord
) -> None:
    for episode_id in ("demo_0", "demo_1", "demo_2"):
        store.save(make_record(episode_id=episode_id))
    (store.location.folder / CURRENT).write_bytes(b"broken")
    (store.location.folder / "demo_5.ben.failview.json").write_bytes(encode(make_record("demo_5", "ben")))
    assert listed_episodes(store) == ["demo_1", "demo_2"]
    assert (store.location.folder / CURRENT).read_bytes() == b"broken"


def test_a_file_system_without_hard_links_keeps_the_promise_by_renaming(
    store: SidecarStore, make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    store.save(make_record(notes="one"))
    store.save(make_record(notes="two"))
    assert names(store.location) == {CURRENT, PREVIOUS}
    for number in (1, 2):
        (store.location.folder / CURRENT).write_bytes(b"broken")
        loaded = store.load("demo_0")
        assert loaded.record == make_record(notes="one")
        assert loaded.set_aside[0].name == f"{CURRENT}.broken-{number}"


@pytest.mark.parametrize("step", ["fsync", "rename", "link"])
def test_when_a_step_fails_the_old_file_is_intact_and_the_next_save_works(
    store: SidecarStore, make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    store.save(make_record(notes="one"))
    store.save(make_record(notes="two"))

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        with pytest.raises(SidecarError, match=r"not saved: the disk reports an input/output error\. Check the disk"):
            store.save(make_record(notes="three"))
    assert names(store.location) == {CURRENT, PREVIOUS}
    assert store.load("demo_0").record == make_record(notes="two")
    assert store.save(make_record(notes="four")).warnings == ()
