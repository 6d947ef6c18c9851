"""Twenty episodes through triage, detail and review, by keys alone, with the real viewer; key strokes are counted."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from failview.app.application import Application
from failview.app.open_request import OpenRequest
from failview.cli.detect import detect_with_progress
from failview.loaders import open_dataset
from failview.model.annotation import Origin, Outcome, Stage
from failview.model.detection import Proposal, ProposedField
from failview.proposals.detection_run import DetectionRequest
from failview.resources import demo_dataset_dir
from failview.session.desk.judging import JudgingState
from failview.settings.user_settings import UserSettings
from tests.stories.conftest import ANNOTATOR
from tests.stories.person import Person

EPISODES = 20
NEAR_FRAMES = 5
WHY = "The fingers held the object too weakly and it slid out of them on the way up."
KEYS = {Outcome.SUCCESS: "S", Outcome.PARTIAL_SUCCESS: "P", Outcome.FAILURE: "F"}


@pytest.fixture(scope="module")
def truth() -> dict[str, dict[str, Any]]:
    """What physics did, by episode id."""
    path = demo_dataset_dir().with_name("pick_place_truth.json")
    records = json.loads(path.read_text(encoding="utf-8"))["episodes"]
    return {f"episode_{int(number):06d}": record for number, record in records.items()}


@pytest.fixture
def expert(demo_copy: Path, qtbot: QtBot) -> Iterator[Person]:
    """Somebody who begins with a dataset that the detectors have judged."""
    with_detectors = open_dataset(demo_copy)
    try:
        detect_with_progress(with_detectors, str(demo_copy), DetectionRequest())
    finally:
        with_detectors.close()
    application = Application(OpenRequest(demo_copy, headless=True, annotator=ANNOTATOR), UserSettings(ANNOTATOR))
    sitting = Person(application, qtbot)
    application.start()
    sitting.wait_until_judged()
    yield sitting
    assert application.close()


def proposal_of(person: Person) -> Proposal | None:
    """What is proposed for the open episode, where it may be seen."""
    assert person.session.open_episode is not None
    findings = person.session.judging.of(person.session.open_episode.episode).findings
    return None if findings is None else findings.proposal


def is_right(proposal: Proposal | None, truth: dict[str, Any]) -> bool:
    """Whether everything that detail asks for is proposed as it was."""
    if proposal is None:
        return False
    said = {field.value: item.value for field, item in proposal.items()}
    exact = ("outcome", "failure_category", "failure_subcategory", "recovery_attempted")
    near = ["failure_onset_frame"] + (["failure_obvious_frame"] if truth["outcome"] == "failure" else [])
    return all(said.get(name) == truth[name] for name in exact) and all(
        isinstance(said.get(name), int) and abs(said[name] - truth[name]) <= NEAR_FRAMES for name in near
    )


def triage(person: Person, truth: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Say of every episode how it ended; key strokes of each by id."""
    spent: dict[str, int] = {}
    for _ in range(EPISODES):
        episode_id, before = person.episode_id, person.strokes
        outcome = Outcome(truth[episode_id]["outcome"])
        proposal = proposal_of(person)
        right = proposal is not None and proposal[ProposedField.OUTCOME].value == outcome.value
        person.press("Enter" if right else KEYS[outcome])
        if not right and person.session.contradictions.now:
            person.press(KEYS[outcome])  # the same key again keeps what the signals contradict
        spent[episode_id] = person.strokes - before
        if right or proposal is None:
            assert spent[episode_id] == 1
        if len(spent) < EPISODES:
            person.wait_until_left(episode_id)
    return spent


def correct(person: Person, truth: dict[str, Any]) -> None:
    """Say by keys what is not proposed, or proposed wrongly."""
    taxonomy = person.session.workplace.taxonomy
    category = taxonomy.category(truth["failure_category"])
    assert category is not None
    subcategory = category.subcategory(truth["failure_subcategory"])
    assert subcategory is not None
    if person.label.failure_subcategory != subcategory.id:
        person.press("Backspace", str(category.digit), str(subcategory.digit))
    for field, key in (("failure_onset_frame", "O"), ("failure_obvious_frame", "B")):
        now, then = getattr(person.label, field), truth[field]
        if now is None or abs(now - then) > NEAR_FRAMES:
            person.go_to_frame(then)
            person.press(key)
    if truth["recovery_attempted"] and person.label.recovery_start_frame is None:
        for field, key in (("recovery_start_frame", "["), ("recovery_end_frame", "]")):
            person.go_to_frame(truth[field])
            person.press(key)


def detail(person: Person, truth: dict[str, dict[str, Any]], failures: int) -> dict[str, int]:
    """Explain every failure; key strokes by id of those that were proposed rightly."""
    spent: dict[str, int] = {}
    for done in range(1, failures + 1):
        episode_id, before = person.episode_id, person.strokes
        right = is_right(proposal_of(person), truth[episode_id])
        if proposal_of(person) is not None:
            person.press("Enter")
        if not right:
            correct(person, truth[episode_id])
        person.press("+", "R")
        person.write(WHY)
        person.press("Ctrl+Enter")
        if right:
            spent[episode_id] = person.strokes - before
        if done < failures:
            person.wait_until_left(episode_id)
    return spent


def review(person: Person) -> list[str]:
    """Decide about everything that is to be looked at again, as the label says."""
    reviewed = []
    due = [entry.episode_id for entry in person.session.queue.entries]
    for done in range(1, len(due) + 1):
        reviewed.append(person.episode_id)
        if person.session.review.differences:
            person.press("R")
            person.write("the pictures show it as labelled")
            person.press("Ctrl+Enter")
        else:
            person.press("Enter")
        if done < len(due):
            person.wait_until_left(reviewed[-1])
    assert sorted(reviewed) == sorted(due)
    return reviewed


def stored(dataset: Path) -> dict[str, dict[str, Any]]:
    """Every sidecar by episode id."""
    folder = dataset.with_name(dataset.name + ".failview")
    records = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob(f"*.{ANNOTATOR}.failview.json")]
    return {record["episode_id"]: record for record in records}


def test_twenty_episodes_through_three_stages(
    expert: Person, demo_copy: Path, truth: dict[str, dict[str, Any]]
) -> None:
    assert expert.session.stage is Stage.TRIAGE
    assert len(expert.session.queue.entries) == EPISODES
    hidden = {key for key in expert.session.board.known if expert.session.is_hidden(key)}
    assert len(hidden) == 2  # a tenth of the episodes is labelled blind
    spent = triage(expert, truth)
    assert max(spent.values()) <= 2
    assert sum(spent.values()) <= EPISODES + 2

    failures = [key for key, record in truth.items() if record["outcome"] != "success"]
    expert.press("F7")
    expert.wait_until_judged()
    assert [entry.episode_id for entry in expert.session.queue.entries] == failures
    spent = detail(expert, truth, len(failures))
    assert len(spent) >= len(failures) // 2
    assert max(spent.values()) <= 6

    expert.press("F8")
    expert.wait_until_judged()
    assert expert.session.open_episode is not None
    assert expert.session.judging.of(expert.session.open_episode.episode).state is JudgingState.JUDGED
    reviewed = review(expert)
    assert len(reviewed) >= EPISODES // 5
    expert.wait_until_saved()
    records = stored(demo_copy)
    assert set(records) == set(truth)
    for episode_id, record in records.items():
        assert record["outcome"] == truth[episode_id]["outcome"]
        assert record["failure_subcategory"] == truth[episode_id]["failure_subcategory"]
        assert record["stages"]["triage"].get("blind", False) is (episode_id in hidden)
        origin = record["provenance"]["outcome"]["origin"]
        assert origin in {Origin.ACCEPTED, Origin.MANUAL}
        assert (origin == Origin.MANUAL) >= (episode_id in hidden)
        assert bool(record.get("adjudications")) is (episode_id in reviewed)
        assert all(item["decided_at"] for item in record.get("adjudications", []))
