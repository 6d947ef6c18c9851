"""The session: opening, moving, finishing, and that no work is lost. With a fake viewer and real sidecars."""

import json
import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from failview.model.annotation import Annotation, Outcome, Stage
from failview.session.desk.judging import FindingsSource
from failview.session.desk.safe import Safe, SaveState
from failview.session.desk.workplace import Workplace
from failview.session.session import Session
from failview.sidecars.store import SidecarStore
from failview.sidecars.taxonomy_file import load_default_taxonomy
from failview.sidecars.writer import SidecarWriter
from tests.episodes.synthetic import make_episode
from tests.fakes.fake_dataset import FakeDataset
from tests.fakes.fake_viewer import FakeViewer
from tests.sidecar_places import location_of

PATIENCE_S = 20.0
WHY = "The fingers closed beside the cube because the approach was two centimetres off."


class Desk:
    """A session with everything around it; background results arrive when `run_until` is called."""

    def __init__(
        self,
        folder: Path,
        *,
        read_only: bool = False,
        stage: Stage = Stage.DETAIL,
        count: int = 4,
        findings: FindingsSource | None = None,
    ) -> None:
        self.posted: queue.Queue[Callable[[], None]] = queue.Queue()
        episodes = [make_episode(40, cameras=(), episode_id=f"demo_{number}") for number in range(count)]
        self.dataset = FakeDataset(
            folder / "set.hdf5", episodes, broken={"demo_3": "cannot be read"} if count == 4 else None
        )
        self.viewer = FakeViewer(self.posted.put)
        self.location = location_of(self.dataset)
        store = SidecarStore(self.location, "ann", read_only=read_only, reason="read-only: a test" if read_only else "")
        safe = Safe(store, SidecarWriter(store, self.posted.put))
        self.now_s = 0.0
        place = Workplace(self.dataset, load_default_taxonomy(), "ann", stage, findings)
        self.session = Session(place, safe, self.viewer, self.posted.put, now=lambda: self.now_s)
        self.notices: list[str] = []
        self.session.notice.connect(self.notices.append)

    def run_until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            self.posted.get(timeout=PATIENCE_S)()

    @property
    def label(self) -> Annotation:
        assert self.session.open_episode is not None
        return self.session.open_episode.annotation

    def open(self, episode_id: str, frame: int = 0) -> None:
        self.session.go_to(episode_id, frame)
        self.run_until(lambda: self.is_open(episode_id))

    def is_open(self, episode_id: str) -> bool:
        opened = self.session.open_episode
        return opened is not None and opened.episode.episode_id == episode_id

    def label_failure(self) -> None:
        labelling = self.session.labelling
        labelling.set_outcome(Outcome.FAILURE)
        labelling.press_digit(1)
        labelling.press_digit(1)
        for field in ("failure_onset_frame", "failure_obvious_frame"):
            labelling.set_mark(field)
        labelling.set_text("root_cause", WHY)
        labelling.nudge_confidence(1)

    def wait_until_saved(self) -> None:
        self.run_until(lambda: self.session.safe.state[0] is SaveState.SAVED)

    def stored(self, episode_id: str) -> dict[str, object]:
        return json.loads(self.location.path(episode_id, "ann").read_text(encoding="utf-8"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.session.close()


def test_an_opened_episode_is_shown_and_its_neighbours_are_made_ready(desk: Desk) -> None:
    desk.open("demo_1", frame=7)
    assert (desk.viewer.shows[-1].episode.episode_id, desk.viewer.frame, desk.session.transport.frame) == (
        "demo_1",
        7,
        7,
    )
    desk.run_until(lambda: {"demo_0", "demo_2"} <= set(desk.viewer.preloaded))


def test_every_change_is_on_disk_and_shown(desk: Desk) -> None:
    desk.open("demo_0", frame=12)
    desk.label_failure()
    desk.wait_until_saved()
    stored = desk.stored("demo_0")
    assert (stored["failure_onset_frame"], stored["failure_subcategory"], stored["root_cause"]) == (
        12,
        "missed_grasp",
        WHY,
    )
    assert stored["provenance"]["failure_onset_frame"]["origin"] == "manual"
    assert desk.viewer.annotation == desk.session.open_episode.annotation


def test_finishing_goes_to_the_next_open_episode_and_counts_the_work(desk: Desk) -> None:
    desk.open("demo_0")
    desk.label_failure()
    desk.now_s = 30.0
    desk.session.finish_stage()
    desk.run_until(lambda: desk.is_open("demo_1"))
    desk.wait_until_saved()
    stage = desk.stored("demo_0")["stages"]["detail"]
    assert stage["finished_at"]
    assert stage["active_s"] == 30.0
    assert (desk.session.queue.place.done, desk.session.queue.place.number) == (1, 2)


def test_a_finished_label_that_becomes_incomplete_is_open_again(desk: Desk) -> None:
    desk.open("demo_0")
    desk.label_failure()
    desk.session.finish_stage()
    desk.run_until(lambda: desk.is_open("demo_1"))
    desk.open("demo_0")
    desk.session.labelling.set_text("root_cause", "too short")
    assert not desk.session.queue.is_done("demo_0")
    desk.wait_until_saved()
    assert desk.stored("demo_0")["stages"]["detail"]["finished_at"] is None


def test_an_unfinished_label_stays_and_says_why(desk: Desk) -> None:
    desk.open("demo_0")
    found: list[object] = []
    desk.session.problems_found.connect(found.append)
    desk.session.finish_stage()
    assert desk.is_open("demo_0")
    assert [problem.field for problem in found[0]] == ["outcome"]


def test_work_is_there_again_after_a_restart(desk: Desk, tmp_path: Path) -> None:
    desk.open("demo_2", frame=5)
    desk.label_failure()
    label = desk.session.open_episode.annotation
    assert desk.session.close()
    again = Desk(tmp_path)
    again.open("demo_2")
    assert again.session.open_episode.annotation == label
    again.session.close()


def test_an_episode_that_cannot_be_read_says_so_and_the_next_one_opens(desk: Desk) -> None:
    reasons: list[str] = []
    desk.session.failed_to_open.connect(lambda _id, reason: reasons.append(reason))
    desk.session.go_to("demo_3")
    desk.run_until(lambda: bool(reasons))
    assert "cannot be read" in reasons[0]
    desk.session.move(-1)
    desk.run_until(lambda: desk.is_open("demo_2"))


def test_only_the_last_of_several_quick_moves_opens(desk: Desk) -> None:
    desk.dataset.gate.clear()
    for episode_id in ("demo_0", "demo_1", "demo_2"):
        desk.session.go_to(episode_id)
    desk.dataset.gate.set()
    desk.run_until(lambda: desk.is_open("demo_2"))
    assert [show.episode.episode_id for show in desk.viewer.shows] == ["demo_2"]


def test_the_mouse_in_the_viewer_moves_the_panel(desk: Desk) -> None:
    desk.open("demo_0")
    desk.session.transport.play(0.0)
    desk.viewer.move_cursor(21)
    desk.run_until(lambda: desk.session.transport.frame == 21)
    assert not desk.session.transport.playing


def test_a_mark_while_it_plays_takes_the_frame_on_the_screen(desk: Desk) -> None:
    desk.open("demo_0")
    desk.session.transport.play(0.0)
    for tick in range(1, 51):
        desk.session.transport.tick(tick / 100)
    desk.viewer.frame = desk.session.transport.frame - 2
    desk.session.labelling.set_mark("failure_onset_frame")
    assert desk.session.open_episode.annotation.failure_onset_frame == desk.session.transport.frame - 2


def test_looking_without_labelling_writes_nothing(desk: Desk) -> None:
    desk.open("demo_0")
    desk.now_s = 10.0
    desk.open("demo_1")
    desk.session.close()
    assert desk.location.all_sidecars() == []


def test_a_read_only_session_refuses_changes_and_says_why(tmp_path: Path) -> None:
    desk = Desk(tmp_path, read_only=True)
    desk.open("demo_0")
    desk.label_failure()
    assert desk.session.open_episode.annotation.outcome is None
    assert desk.notices[0] == "read-only: a test"
    desk.session.close()
    assert not desk.location.folder.exists()


def test_a_broken_sidecar_is_named_and_the_previous_version_shown(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open("demo_0")
    desk.label_failure()
    desk.wait_until_saved()
    desk.session.close()
    path = desk.location.path("demo_0", "ann")
    path.write_bytes(path.read_bytes()[:40])
    again = Desk(tmp_path)
    again.open("demo_0")
    warnings = " ".join(again.session.open_episode.sidecar_warnings)
    assert "broken-1" in warnings
    assert "previous version" in warnings
    assert again.session.open_episode.annotation.outcome is Outcome.FAILURE
    assert not again.session.queue.is_done("demo_0")
    again.session.close()


def test_the_ends_of_the_queue_are_said(desk: Desk) -> None:
    desk.open("demo_0")
    desk.session.move(-1)
    assert desk.notices == ["This is the first episode."]
