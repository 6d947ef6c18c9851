"""The writer never lets the caller wait, never writes an old state over a new one, and never gives up."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from failview.model.annotation import AnnotationRecord
from failview.sidecars.location import SidecarLocation
from failview.sidecars.store import SidecarStore
from failview.sidecars.writer import SidecarWriter
from tests.fakes.forgetful import listed_episodes

MakeRecord = Callable[..., AnnotationRecord]


class OwnerThread:
    """Keeps what background threads post, until the test runs it on its own thread."""

    def __init__(self) -> None:
        self._posted: list[Callable[[], None]] = []
        self._arrival = threading.Condition()

    def post(self, call: Callable[[], None]) -> None:
        with self._arrival:
            self._posted.append(call)
            self._arrival.notify_all()

    def run_until(self, done: Callable[[], bool]) -> None:
        while not done():
            with self._arrival:
                assert self._arrival.wait_for(lambda: self._posted, timeout=10), "nothing was posted"
                calls, self._posted = self._posted, []
            for call in calls:
                call()


class Heard:
    """What a writer told, and on which thread."""

    def __init__(self, writer: SidecarWriter) -> None:
        self.saved: list[AnnotationRecord] = []
        self.failed: list[str] = []
        self.warned: list[tuple[str, str]] = []
        self.threads: set[threading.Thread] = set()
        writer.saved.connect(self._on_saved)
        writer.failed.connect(self._on_failed)
        writer.warned.connect(lambda *warning: self.warned.append(warning))

    def _on_saved(self, record: AnnotationRecord, at: str) -> None:
        assert at.endswith("+00:00")
        self.saved.append(record)
        self.threads.add(threading.current_thread())

    def _on_failed(self, reason: str) -> None:
        self.failed.append(reason)
        self.threads.add(threading.current_thread())


@pytest.fixture
def store(location: SidecarLocation) -> Iterator[SidecarStore]:
    with SidecarStore(location, "anna") as opened:
        yield opened


@pytest.fixture
def owner() -> OwnerThread:
    return OwnerThread()


@pytest.fixture
def writer(store: SidecarStore, owner: OwnerThread) -> Iterator[SidecarWriter]:
    made = SidecarWriter(store, owner.post, retry_s=0.05)
    yield made
    made.close()


def on_disk(store: SidecarStore, episode_id: str = "demo_0") -> Any:
    record = store.load(episode_id).record
    return None if record is None else record.annotation.notes


def test_a_record_reaches_the_disk_and_the_owner_hears_of_it_on_its_thread(
    writer: SidecarWriter, owner: OwnerThread, store: SidecarStore, make_record: MakeRecord
) -> None:
    heard = Heard(writer)
    writer.save(make_record(notes="one"))
    assert writer.flush(10)
    assert writer.unsaved == 0
    assert on_disk(store) == "one"
    owner.run_until(lambda: heard.saved == [make_record(notes="one")])
    assert heard.threads == {threading.current_thread()}


class SlowFolder:
    """Holds the first write of a store until it is let go."""

    def __init__(self, store: SidecarStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self._save = store.save
        monkeypatch.setattr(store, "save", self._wait_and_save)

    def _wait_and_save(self, record: AnnotationRecord) -> Any:
        self.begun.set()
        assert self.go_on.wait(10)
        return self._save(record)


def test_only_the_newest_of_each_episode_is_written_and_nobody_waits(
    writer: SidecarWriter,
    owner: OwnerThread,
    store: SidecarStore,
    make_record: MakeRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = Heard(writer)
    slow = SlowFolder(store, monkeypatch)
    writer.save(make_record(notes="0"))
    assert slow.begun.wait(10)
    for number in range(1, 50):
        writer.save(make_record(notes=str(number)))
        writer.save(make_record(episode_id="demo_1", notes=str(number)))
    assert writer.unsaved == 3
    assert not writer.flush(0.01), "it is still writing"
    slow.go_on.set()
    assert writer.flush(10)
    owner.run_until(lambda: len(heard.saved) == 3)
    assert [(item.episode_id, item.annotation.notes) for item in heard.saved] == [
        ("demo_0", "0"),
        ("demo_0", "49"),
        ("demo_1", "49"),
    ]
    assert (on_disk(store), on_disk(store, "demo_1")) == ("49", "49")


def block(folder: Path) -> None:
    """Put a file where the folder of the sidecars should be: nothing can be written there."""
    folder.rename(folder.with_name("elsewhere"))
    folder.touch()


def unblock(folder: Path) -> None:
    folder.unlink()
    folder.with_name("elsewhere").rename(folder)


def test_a_failure_is_told_the_newest_record_kept_and_tried_again(
    writer: SidecarWriter, owner: OwnerThread, store: SidecarStore, make_record: MakeRecord
) -> None:
    heard = Heard(writer)
    writer.save(make_record(notes="one"))
    assert writer.flush(10)
    block(store.location.folder)
    writer.save(make_record(notes="two"))
    assert not writer.flush(10)
    owner.run_until(lambda: len(heard.failed) >= 3)
    assert heard.failed[0].startswith(f"{store.location.path('demo_0', 'anna')}: not saved: ")
    assert writer.unsaved == 1
    writer.save(make_record(notes="three"))
    unblock(store.location.folder)
    owner.run_until(lambda: [item.annotation.notes for item in heard.saved] == ["one", "three"])
    assert on_disk(store) == "three"
    assert writer.flush(10)


def test_one_episode_that_cannot_be_saved_does_not_keep_the_others_from_the_disk(
    writer: SidecarWriter, store: SidecarStore, make_record: MakeRecord
) -> None:
    writer.save(make_record(episode_id="demo_1", annotator="ben"))
    writer.save(make_record(notes="good"))
    assert not writer.flush(10)
    assert on_disk(store) == "good"
    assert writer.unsaved == 1


def test_a_version_of_another_program_is_told(
    writer: SidecarWriter, owner: OwnerThread, store: SidecarStore, make_record: MakeRecord
) -> None:
    heard = Heard(writer)
    store.save(make_record()).path.write_bytes(b"by hand")
    writer.save(make_record(notes="two"))
    owner.run_until(lambda: bool(heard.warned))
    assert "was changed by another program" in heard.warned[0][1]


def test_closing_writes_what_waits_and_ends_the_thread(
    store: SidecarStore, owner: OwnerThread, make_record: MakeRecord
) -> None:
    before = set(threading.enumerate())
    writer = SidecarWriter(store, owner.post)
    for number in range(20):
        writer.save(make_record(episode_id=f"demo_{number}"))
    assert writer.close()
    assert set(threading.enumerate()) == before
    assert len(listed_episodes(store)) == 20


def test_closing_says_when_something_is_not_on_disk(
    store: SidecarStore, owner: OwnerThread, make_record: MakeRecord
) -> None:
    writer = SidecarWriter(store, owner.post)
    writer.save(make_record(annotator="ben"))
    assert not writer.close()
