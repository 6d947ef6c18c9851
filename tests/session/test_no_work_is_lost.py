"""Ways in which work could be lost or put in the wrong place, each of them shut."""

import json
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psygnal
import pytest

from failview.model.annotation import Outcome, RecoveryOutcome, Stage
from failview.session.actions import action
from failview.session.desk.safe import SaveState
from failview.sidecars.validation import validate_sidecar
from tests.episodes.synthetic import make_episode
from tests.session.test_session import Desk

BREAKABLE: dict[str, Callable[[Desk], psygnal.SignalInstance]] = {
    "annotation_changed": lambda desk: desk.session.annotation_changed,
    "state_changed": lambda desk: desk.session.safe.state_changed,
    "level_changed": lambda desk: desk.session.labelling.level_changed,
    "opening": lambda desk: desk.session.opening,
    "opened": lambda desk: desk.session.opened,
    "notice": lambda desk: desk.session.notice,
}


@pytest.mark.parametrize("name", BREAKABLE)
def test_a_listener_that_breaks_costs_no_label(tmp_path: Path, name: str) -> None:
    desk = Desk(tmp_path)
    desk.open("demo_0")
    desk.open("demo_1")

    def broken(*_arguments: object) -> None:
        raise RuntimeError("a defect on the panel")

    signal = BREAKABLE[name](desk)
    signal.connect(broken, check_nargs=False)
    for _ in range(2):
        try:
            desk.session.labelling.set_outcome(Outcome.SUCCESS)
            desk.session.go_to("demo_0")
            desk.session.labelling.set_outcome(Outcome.FAILURE)
        except psygnal.EmitLoopError:
            continue
    signal.disconnect(broken)
    open_now = desk.session.open_episode
    queue_now = desk.session.queue.current.episode_id
    assert open_now is None or open_now.episode.episode_id == queue_now, "the label would go to another episode"
    desk.session.close()
    assert desk.stored("demo_1")["outcome"] == "success"


def test_saved_is_said_however_the_threads_meet(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open("demo_0")
    for stroke in range(60):
        desk.session.labelling.set_text("notes", "x" * (stroke + 1))
        desk.wait_until_saved()
        assert desk.session.safe.state[0] is SaveState.SAVED
    desk.session.close()


def test_undo_after_finishing_opens_the_stage_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open("demo_0")
    desk.label_failure()
    desk.session.finish_stage()
    desk.run_until(lambda: desk.is_open("demo_1"))
    desk.open("demo_0")
    desk.session.labelling.undo()
    desk.session.close()
    stored = desk.stored("demo_0")
    assert not stored["stages"]["detail"]["finished_at"]
    assert validate_sidecar(stored, desk.session.workplace.taxonomy, num_frames=40) == []


def test_an_annotation_of_a_newer_failview_is_shown_and_left_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open("demo_0")
    desk.session.labelling.set_outcome(Outcome.FAILURE)
    desk.session.close()
    path = desk.location.path("demo_0", "ann")
    newer = json.loads(path.read_text(encoding="utf-8")) | {"schema_version": "2.0.0", "mood": "fine"}
    path.write_text(json.dumps(newer), encoding="utf-8")
    before = path.read_bytes()

    again = Desk(tmp_path)
    again.open("demo_0")
    again.session.labelling.set_outcome(Outcome.SUCCESS)
    assert "newer failview" in again.notices[-1]
    again.open("demo_1")
    again.session.labelling.set_outcome(Outcome.SUCCESS)
    assert again.session.close()
    assert path.read_bytes() == before


def test_triage_wants_the_outcome_only(tmp_path: Path) -> None:
    desk = Desk(tmp_path, stage=Stage.TRIAGE)
    desk.open("demo_0")
    desk.session.labelling.set_outcome(Outcome.FAILURE)
    desk.session.finish_stage()
    desk.run_until(lambda: desk.is_open("demo_1"))
    desk.session.close()
    assert desk.stored("demo_0")["stages"]["triage"]["finished_at"]


def test_what_came_of_a_recovery_stays_as_it_was_chosen(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open("demo_0")
    labelling = desk.session.labelling
    labelling.set_outcome(Outcome.FAILURE)
    labelling.set_mark("recovery_start_frame")
    labelling.set_recovery_outcome(RecoveryOutcome.RECOVERED)
    for outcome in (Outcome.PARTIAL_SUCCESS, Outcome.FAILURE, Outcome.SUCCESS, Outcome.FAILURE):
        labelling.set_outcome(outcome)
    assert desk.session.open_episode.annotation.recovery_outcome is RecoveryOutcome.RECOVERED
    desk.session.close()


def test_data_that_changed_is_said_and_the_work_can_be_finished(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open("demo_0", frame=3)
    desk.label_failure()
    desk.session.close()

    again = Desk(tmp_path)
    shorter = make_episode(30, cameras=(), episode_id="demo_0")
    again.dataset._episodes["demo_0"] = replace(shorter, source=replace(shorter.source, fingerprint="sha256:other"))
    again.open("demo_0")
    assert any("changed after it was annotated" in line for line in again.session.open_episode.sidecar_warnings)
    again.session.finish_stage()
    again.run_until(lambda: again.is_open("demo_1"))
    again.session.close()
    assert again.stored("demo_0")["source"]["num_frames"] == 30


def test_a_mere_look_changes_no_file(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open("demo_0")
    desk.label_failure()
    desk.session.close()
    folder = desk.location.path("demo_0", "ann").parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    again = Desk(tmp_path)
    again.open("demo_0")
    again.now_s = 25.0
    again.open("demo_1")
    again.session.close()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_slow_disk_does_not_hold_up_the_next_episode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path)
    desk.open("demo_0")
    desk.open("demo_1")
    gate, real_fsync = threading.Event(), os.fsync

    def slow_fsync(handle: int) -> None:
        gate.wait(20.0)
        real_fsync(handle)

    monkeypatch.setattr(os, "fsync", slow_fsync)
    desk.session.labelling.set_outcome(Outcome.SUCCESS)
    desk.session.go_to("demo_0")
    assert desk.is_open("demo_0"), "an episode at hand opens at once, whatever the disk does"
    gate.set()
    desk.session.close()
    assert desk.stored("demo_1")["outcome"] == "success"


def test_episodes_passed_over_are_neither_read_nor_reported(tmp_path: Path) -> None:
    desk = Desk(tmp_path, count=12)
    failures: list[str] = []
    desk.session.failed_to_open.connect(lambda episode_id, _reason: failures.append(episode_id))
    desk.dataset.gate.clear()
    for number in range(10):
        desk.session.go_to(f"demo_{number}")
    desk.session.go_to("demo_2")
    desk.dataset.gate.set()
    desk.run_until(lambda: desk.is_open("demo_2"))
    assert failures == []
    assert desk.dataset.opened[:2] == ["demo_0", "demo_2"], "the one under work, then the one that is wanted"
    desk.session.close()


def test_a_broken_sidecar_is_replaced_by_the_version_before_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open("demo_0")
    desk.label_failure()
    desk.wait_until_saved()
    desk.session.labelling.set_text("notes", "one more word")
    desk.session.close()
    path = desk.location.path("demo_0", "ann")
    path.write_bytes(path.read_bytes()[:40])
    again = Desk(tmp_path)
    again.open("demo_0")
    again.session.close()
    assert again.stored("demo_0")["failure_subcategory"] == "missed_grasp", "readers of the folder still find a label"


def test_a_success_keeps_nothing_of_a_recovery(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open("demo_0")
    labelling = desk.session.labelling
    labelling.set_outcome(Outcome.FAILURE)
    labelling.set_mark("recovery_start_frame")
    labelling.set_outcome(Outcome.SUCCESS)
    desk.session.close()
    stored = desk.stored("demo_0")
    assert (stored["recovery_outcome"], stored["recovery_start_frame"]) == (None, None)
    left_over = stored | {"recovery_outcome": "recovered"}
    found = validate_sidecar(left_over, desk.session.workplace.taxonomy, num_frames=40)
    assert "recovery_outcome" in {problem.field for problem in found}


def test_what_came_of_a_recovery_has_a_key(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open("demo_0")
    labelling = desk.session.labelling
    labelling.set_outcome(Outcome.FAILURE)
    labelling.set_mark("recovery_start_frame")
    seen = []
    for _ in range(3):
        action("recovery_outcome").run(desk.session)
        seen.append(desk.session.open_episode.annotation.recovery_outcome)
    assert set(seen) == set(RecoveryOutcome)
    desk.session.close()
