"""Findings come in the background, for the episode they are about, and never in the way of the work."""

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from failview.model.annotation import Annotation, Attribution, Origin, Outcome, Provenance, RecoveryOutcome
from failview.model.detection import EpisodeFindings
from failview.session.desk.judging import Judging, JudgingState
from failview.session.desk.safe import Safe
from failview.session.desk.workplace import Workplace
from failview.session.label.acceptance import contradicting
from failview.session.session import Session
from failview.sidecars.store import SidecarStore
from failview.sidecars.taxonomy_file import load_default_taxonomy
from failview.sidecars.writer import SidecarWriter
from tests.episodes.synthetic import make_episode
from tests.fakes.fake_dataset import FakeDataset
from tests.fakes.fake_findings import FakeFindings, slip_findings, slip_proposal, success_proposal
from tests.fakes.fake_viewer import FakeViewer
from tests.sidecar_places import location_of

PATIENCE_S = 20.0


class Desk:
    """A session whose episodes 0 and 1 have a slip, 2 is a success, 3 cannot be judged."""

    def __init__(self, folder: Path) -> None:
        self.posted: queue.Queue[Callable[[], None]] = queue.Queue()
        episodes = [make_episode(40, cameras=(), episode_id=f"demo_{number}") for number in range(4)]
        dataset = FakeDataset(folder / "set.hdf5", episodes)
        self.viewer = FakeViewer(self.posted.put)
        self.source = FakeFindings(
            {
                "demo_0": slip_findings("demo_0"),
                "demo_1": slip_findings("demo_1"),
                "demo_2": EpisodeFindings("demo_2", (), success_proposal(), {}),
            }
        )
        store = SidecarStore(location_of(dataset), "ann")
        safe = Safe(store, SidecarWriter(store, self.posted.put))
        place = Workplace(dataset, load_default_taxonomy(), "ann", findings=self.source)
        self.session = Session(place, safe, self.viewer, self.posted.put)
        self.notices: list[str] = []
        self.session.notice.connect(self.notices.append)

    def run_until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            self.posted.get(timeout=PATIENCE_S)()

    def open(self, episode_id: str) -> None:
        self.session.go_to(episode_id)
        self.run_until(lambda: self.open_id == episode_id)

    def open_judged(self, episode_id: str) -> None:
        self.open(episode_id)
        self.run_until(lambda: self.state is not JudgingState.JUDGING)

    @property
    def open_id(self) -> str:
        opened = self.session.open_episode
        return "" if opened is None else opened.episode.episode_id

    @property
    def state(self) -> JudgingState:
        opened = self.session.open_episode
        assert opened is not None
        return self.session.judging.of(opened.episode).state

    @property
    def label(self) -> Annotation:
        assert self.session.open_episode is not None
        return self.session.open_episode.annotation


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.session.close()


def test_an_episode_is_open_before_it_is_judged_and_the_viewer_is_told(desk: Desk) -> None:
    gate = desk.source.gates["demo_0"] = threading.Event()
    desk.open("demo_0")
    assert desk.state is JudgingState.JUDGING
    desk.session.labelling.set_outcome(Outcome.FAILURE)
    assert desk.label.outcome is Outcome.FAILURE
    gate.set()
    desk.run_until(lambda: desk.state is JudgingState.JUDGED)
    assert desk.viewer.findings["demo_0"].detections == slip_findings("demo_0").detections


def test_neighbours_are_judged_ahead_and_shown_once_they_are_opened(desk: Desk) -> None:
    desk.open("demo_0")
    desk.run_until(lambda: {"demo_1", "demo_2"} <= desk.viewer.findings.keys())
    desk.source.begun.clear()
    desk.open("demo_1")
    assert desk.state is JudgingState.JUDGED, "it was known the moment it was opened"
    assert "demo_1" not in desk.source.begun


def test_late_findings_go_to_their_own_episode(desk: Desk) -> None:
    gate = desk.source.gates["demo_0"] = threading.Event()
    desk.open("demo_0")
    desk.open("demo_2")
    arrived: list[str] = []
    desk.session.judging.arrived.connect(lambda episode: arrived.append(episode.episode_id))
    gate.set()
    desk.run_until(lambda: desk.state is JudgingState.JUDGED and "demo_0" in arrived)
    assert desk.session.landmarks.frames == [], "the open episode is a success without events"
    assert desk.viewer.findings["demo_0"].detections
    assert not desk.viewer.findings["demo_2"].detections


def test_the_open_episode_goes_before_those_ahead(desk: Desk) -> None:
    gate = desk.source.gates["demo_0"] = threading.Event()
    desk.open("demo_0")
    desk.run_until(lambda: len(desk.viewer.preloaded) == 2)
    desk.open("demo_3")
    gate.set()
    desk.run_until(lambda: len(desk.source.begun) == 4)
    assert desk.source.begun[:2] == ["demo_0", "demo_3"]


def test_a_detector_that_stumbles_is_told_and_tried_again(desk: Desk) -> None:
    desk.open_judged("demo_3")
    opened = desk.session.open_episode
    assert opened is not None
    assert desk.session.judging.of(opened.episode).reason == "demo_3: the detectors stumbled"
    desk.session.acceptance.accept()
    assert desk.notices == ["Nothing is proposed here."]
    desk.open("demo_2")
    desk.open_judged("demo_3")
    assert desk.source.begun.count("demo_3") == 2


def test_without_detectors_nothing_is_judged_and_nothing_breaks(tmp_path: Path) -> None:
    judging = Judging(None, FakeViewer(), lambda function: function())
    episode = make_episode(40, cameras=())
    judging.request(episode, urgent=True)
    assert judging.of(episode).state is JudgingState.OFF
    judging.close()


def test_jumps_stop_at_events_proposed_frames_and_marks(desk: Desk) -> None:
    desk.open_judged("demo_0")
    desk.session.labelling.set_frame("failure_onset_frame", 7)
    stops = []
    for _ in range(4):
        desk.session.landmarks.jump(1)
        stops.append(desk.session.transport.frame)
    assert stops == [7, 20, 24, 30]
    desk.session.landmarks.jump(1)
    assert desk.notices == ["No event and no mark there."]
    desk.session.landmarks.jump(-1)
    assert desk.session.transport.frame == 24


def test_one_key_takes_the_proposal_over_with_where_it_comes_from(desk: Desk) -> None:
    desk.open_judged("demo_0")
    desk.session.acceptance.accept()
    label = desk.label
    assert (label.outcome, label.failure_category) == (Outcome.FAILURE, "grasp")
    assert label.failure_subcategory == "slip_during_lift"
    assert (label.failure_onset_frame, label.failure_obvious_frame) == (20, 24)
    assert (label.recovery_attempted, label.recovery_outcome) == (False, RecoveryOutcome.NO_ATTEMPT)
    assert label.attribution is Attribution.ROBOT_FAILURE
    assert label.provenance["failure_onset_frame"] == Provenance(Origin.ACCEPTED, "grasp", 0.77)
    assert label.provenance["outcome"] == Provenance(Origin.ACCEPTED, "grasp", 0.98)
    assert desk.session.labelling.open_category is not None, "the next digit is a subcategory"
    desk.session.acceptance.accept()
    assert desk.notices == ["Everything proposed is in the label already."]
    desk.session.labelling.undo()
    assert desk.label == Annotation()


def test_what_was_said_by_hand_stays_and_a_contradiction_is_refused(desk: Desk) -> None:
    desk.open_judged("demo_0")
    desk.session.labelling.set_frame("failure_onset_frame", 18)
    desk.session.acceptance.accept()
    assert desk.label.failure_onset_frame == 18
    assert desk.label.provenance["failure_onset_frame"].origin is Origin.MANUAL
    assert desk.label.failure_obvious_frame == 24

    desk.open_judged("demo_1")
    desk.session.labelling.set_outcome(Outcome.PARTIAL_SUCCESS)
    desk.session.acceptance.accept()
    assert desk.label.failure_category is None
    assert desk.notices == ["Your outcome differs from the proposal: yours stays. Undo it to accept."]


def test_a_success_is_not_accepted_over_what_was_said_about_a_failure(desk: Desk) -> None:
    desk.open_judged("demo_2")
    desk.session.labelling.set_text("root_cause", "the cup rolled away")
    desk.session.acceptance.accept()
    assert desk.label.outcome is None
    assert desk.label.root_cause == "the cup rolled away"
    assert desk.notices == ["Your root cause differs from the proposal: yours stays. Undo it to accept."]


def test_an_accepted_success_turned_into_a_failure_tells_who_changed_it(desk: Desk) -> None:
    desk.open_judged("demo_2")
    desk.session.acceptance.accept()
    assert desk.label.outcome is Outcome.SUCCESS
    assert desk.label.provenance["outcome"] == Provenance(Origin.ACCEPTED, "task_success", 0.97)
    desk.session.labelling.set_outcome(Outcome.FAILURE)
    assert desk.label.provenance["outcome"] == Provenance(Origin.CHANGED, "task_success", 0.97)


def test_what_a_label_does_not_tell_the_origin_of_counts_as_said_by_hand() -> None:
    elsewhere = Annotation(outcome=Outcome.PARTIAL_SUCCESS, failure_category="placement")
    assert contradicting(elsewhere, slip_proposal()) == ["outcome", "failure_category"]
