"""The three stages at work: one key in triage, the queue that goes on, skipping, and going on where one stopped."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from failview.model.annotation import Origin, Outcome, Stage
from failview.model.detection import EpisodeFindings
from failview.session.desk.judging import JudgingState
from failview.session.resume import Position, PositionKeeper, Wanted, begin, read_position
from failview.session.work.queue_filter import QueueFilter, Show
from failview.settings.work_rules import WorkRules
from tests.detectors.gripper_story import findings
from tests.detectors.task_success.pick_and_place import Pick
from tests.detectors.task_success.pick_and_place import episode as pick
from tests.fakes.fake_findings import slip_findings, success_proposal
from tests.session.stage_desk import StageDesk

SLIPS = {f"demo_{number}": slip_findings(f"demo_{number}") for number in range(2)}
FINDINGS = SLIPS | {
    f"demo_{number}": EpisodeFindings(f"demo_{number}", (), success_proposal(), {}) for number in (2, 3)
}
MakeDesk = Callable[..., StageDesk]


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[MakeDesk]:
    desks: list[StageDesk] = []

    def make(stage: Stage | None = Stage.TRIAGE, **more: object) -> StageDesk:
        for desk in desks:
            desk.session.close()
        desks.append(StageDesk(tmp_path, stage, FINDINGS, **more))
        return desks[-1]

    yield make
    for desk in desks:
        desk.session.close()


def test_a_right_proposal_costs_one_key_in_triage(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.begin()
    assert desk.open_id == "demo_2"  # the success at .97; the slips are surer
    desk.do("accept")
    desk.wait_for("demo_3")
    desk.do("accept")
    desk.wait_for("demo_0")
    desk.do("accept")
    desk.wait_for("demo_1")
    desk.close()
    stored = desk.stored("demo_0")
    assert stored["outcome"] == "failure"
    assert stored["provenance"]["outcome"] == {"origin": "accepted", "detector": "grasp", "confidence": 0.98}
    assert stored["failure_category"] is None  # detail asks for it
    assert stored["stages"]["triage"]["finished_at"]


def test_a_wrong_proposal_costs_one_key_too(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.begin()
    desk.do("partial_success")
    desk.wait_for("demo_3")
    desk.close()
    assert desk.stored("demo_2")["outcome"] == "partial_success"
    assert desk.stored("demo_2")["provenance"]["outcome"]["origin"] == "manual"


def test_an_outcome_that_the_signals_contradict_wants_a_second_stroke(tmp_path: Path) -> None:
    episodes = [replace(pick(Pick(aside_m=0.08)), episode_id=f"demo_{number}") for number in range(2)]
    desk = StageDesk(tmp_path, Stage.TRIAGE, {"demo_0": findings(episodes[0])}, episodes=episodes)
    desk.open("demo_0")
    desk.wait_for("demo_0")
    desk.do("success")
    assert desk.session.contradictions.now
    assert desk.open_id == "demo_0"
    assert "The same key again keeps it." in desk.notices[-1]
    desk.do("success")
    desk.run_until(lambda: desk.open_id not in ("", "demo_0"))
    assert desk.session.queue.is_done("demo_0")
    desk.open("demo_0")
    desk.wait_for("demo_0")
    desk.do("failure")  # that agrees with the signals
    desk.run_until(lambda: desk.open_id not in ("", "demo_0"))
    desk.close()


def test_detail_begins_with_what_failed_and_knows_the_proposal(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.begin()
    for following in ("demo_3", "demo_0", "demo_1"):
        desk.do("accept")
        desk.wait_for(following)
    desk.do("accept")
    assert desk.notices[-1] == "Every episode of this stage is done."
    desk.do("stage_detail")
    desk.wait_for("demo_0")
    assert desk.order == ["demo_0", "demo_1"]
    assert desk.viewer.stages[-1] is Stage.DETAIL
    desk.do("accept")
    assert desk.label.failure_subcategory == "slip_during_lift"
    assert desk.label.provenance["failure_onset_frame"].origin is Origin.ACCEPTED
    desk.session.labelling.set_text("root_cause", "the fingers closed beside the middle of the cube and it slid out")
    desk.do("surer", "finish_stage")
    desk.wait_for("demo_1")


def test_a_blind_episode_shows_nothing_and_takes_nothing_over(make_desk: MakeDesk) -> None:
    desk = make_desk(rules=WorkRules(blind_share=1.0, review_share=0.0))
    desk.open("demo_0")
    assert desk.session.judging.of(desk.session.open_episode.episode).state is JudgingState.HIDDEN
    assert "demo_0" not in desk.viewer.findings
    assert desk.session.landmarks.frames == []
    desk.do("accept")
    assert desk.notices[-1].startswith("This episode is blind")
    assert desk.open_id == "demo_0"
    desk.do("failure")
    desk.run_until(lambda: desk.open_id not in ("", "demo_0"))
    desk.close()
    assert desk.stored("demo_0")["stages"]["triage"]["blind"] is True


def test_what_is_skipped_comes_back_last_and_keeps_its_reason(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.begin()
    desk.session.put_off("camera covered")
    desk.wait_for("demo_3")
    assert desk.order == ["demo_3", "demo_0", "demo_1", "demo_2"]
    for following in ("demo_0", "demo_1", "demo_2"):
        desk.do("accept")
        desk.wait_for(following)
    assert desk.session.open_episode.stage_record.put_off == "camera covered"
    again = make_desk()
    assert again.order[-1] == "demo_2"
    again.open("demo_2")
    again.do("accept")
    again.close()
    assert "put_off" not in again.stored("demo_2")["stages"]["triage"]


def test_a_narrowed_queue_is_followed(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.begin()
    desk.session.narrow(QueueFilter(Show.FAILURES))
    desk.wait_for("demo_0")
    assert desk.order == ["demo_0", "demo_1"]
    desk.do("next_episode")
    desk.wait_for("demo_1")
    desk.do("next_episode")
    assert desk.notices[-1] == "This is the last episode."
    desk.session.narrow(QueueFilter())
    assert desk.open_id == "demo_1"
    assert len(desk.order) == 4


def test_an_empty_queue_is_said_and_nothing_is_open(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.begin()
    emptied = []
    desk.session.emptied.connect(lambda: emptied.append(True))
    desk.do("stage_review")
    assert emptied == [True]
    assert desk.session.queue.current is None
    assert desk.session.open_episode is None
    desk.do("next_episode", "finish_stage", "accept", "failure", "onset")
    desk.do("stage_triage")
    desk.wait_for("demo_2")


def test_any_episode_can_be_opened_in_any_stage(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.REVIEW)
    desk.open("demo_3")
    assert desk.order == ["demo_3"]


def test_one_goes_on_where_one_stopped(make_desk: MakeDesk, tmp_path: Path) -> None:
    path = tmp_path / "state" / "position.json"
    desk = make_desk()
    keeper = PositionKeeper(desk.session, path)
    desk.begin()
    desk.do("next_episode")
    desk.wait_for("demo_3")
    desk.session.transport.seek(17)
    keeper.keep()
    position = read_position(path)
    assert position == Position(Stage.TRIAGE, "demo_3", 17)
    again = make_desk(position.stage)
    begin(again.session, Wanted(), position)
    again.wait_for("demo_3")
    assert again.session.transport.frame == 17


def test_what_is_done_by_now_is_not_gone_back_to(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.begin()
    desk.do("accept")
    desk.wait_for("demo_3")
    again = make_desk()
    begin(again.session, Wanted(), Position(Stage.TRIAGE, "demo_2", 17))
    again.wait_for("demo_3")


@pytest.mark.parametrize("content", ["", "{}", '{"stage": "nap", "episode_id": "a", "frame": 1}', "[1]"])
def test_a_position_that_makes_no_sense_is_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "position.json"
    path.write_text(content)
    assert read_position(path) is None
    path.write_text(json.dumps({"stage": "triage", "episode_id": "a", "frame": -1}))
    assert read_position(path) is None


def test_an_outcome_changed_in_detail_stays_in_the_queue(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.open("demo_0")
    desk.do("failure")
    desk.do("stage_detail")
    desk.wait_for("demo_0")
    desk.do("success", "finish_stage")
    desk.run_until(lambda: desk.open_id not in ("", "demo_0"))
    assert "demo_0" in desk.order
    assert desk.session.queue.is_done("demo_0")
    assert desk.session.board.of("demo_0").work.outcome is Outcome.SUCCESS


def test_a_stage_that_is_done_gives_way_to_the_next_unless_it_was_asked_for(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for episode_id in ("demo_0", "demo_1", "demo_2", "demo_3"):
        desk.open(episode_id)
        desk.do("failure" if episode_id == "demo_1" else "success")
    again = make_desk()
    begin(again.session, Wanted(), Position(Stage.TRIAGE, "demo_3", 5))
    again.wait_for("demo_1")
    assert again.session.stage is Stage.DETAIL
    asked = make_desk()
    finished: list[bool] = []
    asked.session.stage_finished.connect(lambda: finished.append(True))
    begin(asked.session, Wanted(Stage.TRIAGE), None)
    asked.run_until(lambda: asked.open_id != "")
    assert (asked.session.stage, finished) == (Stage.TRIAGE, [True])


def test_an_episode_that_cannot_be_opened_is_skipped_too(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.breaks("demo_2", "the file is cut off")
    failed: list[str] = []
    desk.session.failed_to_open.connect(lambda episode_id, _reason: failed.append(episode_id))
    desk.session.go_to("demo_2")
    desk.run_until(lambda: failed == ["demo_2"])
    desk.do("skip")
    desk.wait_for("demo_3")
    assert desk.order[-1] == "demo_2"
    assert not desk.location.path("demo_2", "anna").exists()


def test_an_episode_asked_for_opens_in_the_stage_that_has_something_to_do_with_it(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.REVIEW)
    begin(desk.session, Wanted(episode_id="demo_3", frame=4), Position(Stage.REVIEW, "demo_0", 1))
    desk.wait_for("demo_3")
    assert (desk.session.stage, desk.session.transport.frame) == (Stage.TRIAGE, 4)
    asked = make_desk(Stage.REVIEW)
    begin(asked.session, Wanted(Stage.REVIEW, "demo_3"), None)
    asked.wait_for("demo_3")
    assert asked.session.stage is Stage.REVIEW


def test_the_first_episode_of_a_stage_that_stands_still_does_not_play(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.open("demo_0")
    assert desk.session.transport.playing
    desk.do("failure", "failure")
    desk.run_until(lambda: desk.open_id not in ("", "demo_0"))
    desk.do("stage_detail")
    desk.wait_for("demo_0")  # it is at hand, and opens before the stage is told
    assert not desk.session.transport.playing
    assert desk.session.transport.speed == 1.0
