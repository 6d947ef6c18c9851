"""The main job: five episodes labelled by keys alone, and everything is where it belongs."""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from failview.model.annotation import Outcome, Stage
from tests.stories.conftest import ANNOTATOR
from tests.stories.person import Person


@dataclass(frozen=True)
class Verdict:
    """What the expert says about one episode, as key strokes."""

    keys: tuple[str, ...]
    onset: int | None = None
    obvious: int | None = None
    recovery: tuple[int, int] | None = None
    why: str = ""


VERDICTS = (
    Verdict(("S",)),
    Verdict(("F", "1", "2"), 61, 70, None, "The fingers closed two centimetres off the centre and the cube slid out."),
    Verdict(
        ("P", "1", "1"), 40, 44, (50, 90), "The gripper closed beside the object and needed a second attempt here."
    ),
    Verdict(("F", "3", "1"), 33, 33, None, "The hand met the post because the path led straight through its place."),
    Verdict(
        ("F", "5", "4"), 20, 52, (60, 61), "Not one of ours: the planner stopped for no reason that could be seen."
    ),
)


def label(person: Person, verdict: Verdict) -> None:
    person.press(*verdict.keys)
    for frame, key in ((verdict.onset, "O"), (verdict.obvious, "B"), *zip(verdict.recovery or (), "[]", strict=False)):
        if frame is not None:
            person.go_to_frame(frame)
            person.press(key)
            person.wait_until_viewer_stands_at(frame)
    if verdict.why:
        person.press("R")
        person.write(verdict.why)
        person.press("Esc", "+", "+")


def test_five_episodes_by_keys_alone(person: Person, demo_copy: Path) -> None:
    labelled = []
    for verdict in VERDICTS:
        person.wait_until_open()
        labelled.append(person.episode_id)
        label(person, verdict)
        person.press("Ctrl+Return")
        assert person.session.queue.is_done(labelled[-1])
    person.wait_until_saved()

    assert len(set(labelled)) == len(VERDICTS)
    folder = demo_copy.with_name("pick_place.failview")
    for episode_id, verdict in zip(labelled, VERDICTS, strict=True):
        sidecar = folder / f"{episode_id}.{ANNOTATOR}.failview.json"
        content = sidecar.read_bytes()
        document = json.loads(content)
        assert content == (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
        assert document["failure_onset_frame"] == verdict.onset
        assert document["failure_obvious_frame"] == verdict.obvious
        assert document["root_cause"] == verdict.why
        assert document["outcome"] == {"S": "success", "P": "partial_success", "F": "failure"}[verdict.keys[0]]
        expected_recovery = verdict.recovery or (None, None)
        assert (document["recovery_start_frame"], document["recovery_end_frame"]) == expected_recovery
        assert document["stages"]["detail"]["finished_at"]

    ran = subprocess.run(
        [sys.executable, "-m", "failview", "validate", str(demo_copy), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [item["valid"] for item in json.loads(ran.stdout)["files"]] == [True] * len(VERDICTS)


def test_undo_and_redo_by_keys_follow_the_episode(person: Person) -> None:
    person.press("F", "1", "3")
    person.press("N")
    person.wait_until_open()
    person.press("S")
    person.press("Shift+N")
    person.wait_until_open()
    assert person.label.failure_subcategory == "unstable_grasp"
    person.press("Ctrl+Z", "Ctrl+Z", "Ctrl+Z")
    assert person.label.outcome is None
    person.press("Ctrl+Y", "Ctrl+Shift+Z")
    assert (person.label.outcome, person.label.failure_category) == (Outcome.FAILURE, "grasp")
    person.press("N")
    person.wait_until_open()
    assert person.label.outcome is Outcome.SUCCESS


def test_an_incomplete_failure_is_not_finished_and_the_panel_says_why(person: Person) -> None:
    found = []
    person.session.problems_found.connect(found.extend)
    before = person.episode_id
    person.press("F", "Ctrl+Return")
    assert person.episode_id == before
    assert {"failure_category", "failure_onset_frame", "root_cause"} <= {problem.field for problem in found}
    assert Stage.DETAIL not in person.session.open_episode.draft.record.stages


def test_the_viewer_that_dies_comes_back_where_it_was(person: Person) -> None:
    person.press("F")
    person.go_to_frame(37)
    person.press("O")
    person.wait_until_viewer_stands_at(37)
    old_pid = person.viewer_pid
    os.kill(old_pid, signal.SIGKILL)
    person._qtbot.waitUntil(lambda: person.application.viewer.pid not in (old_pid, None), timeout=60_000)
    person.wait_until_open()
    person.wait_until_viewer_stands_at(37)
    assert person.label.failure_onset_frame == 37


def test_everything_of_ours_listens_on_this_machine_only(person: Person) -> None:
    listening = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True, check=True).stdout
    ours = [line for line in listening.splitlines() if f"pid={person.viewer_pid}," in line]
    if not ours:
        pytest.fail(f"the viewer {person.viewer_pid} listens nowhere:\n{listening}")
    assert all(re.match(r"127\.0\.0\.1:\d+$", line.split()[3]) for line in ours), ours
