"""An expert opens a dataset nobody judged yet: the detectors judge, viewer and panel show it, one key accepts it."""

import json
from pathlib import Path

from rerun.experimental import ViewerClient

from failview.model.annotation import Outcome
from failview.session.desk.judging import JudgingState
from tests.stories.person import PATIENCE_MS, Person


def wait_until_judged(person: Person) -> None:
    def judged() -> bool:
        opened = person.session.open_episode
        return opened is not None and person.session.judging.of(opened.episode).state is JudgingState.JUDGED

    person._qtbot.waitUntil(judged, timeout=PATIENCE_MS)


def wait_for_entities(person: Person, *wanted: str) -> None:
    """Wait until the viewer, asked by itself, has these in the recording on its screen."""
    client = ViewerClient.connect(person.viewer_url)

    def there() -> bool:
        shown = client.get_state().active_recording
        schema = client.get_recording_schema(shown, max_entities=1000, paths_only=True)
        return set(wanted) <= {item.entity_path for item in schema.entities}

    person._qtbot.waitUntil(there, timeout=PATIENCE_MS)


def test_the_detectors_judge_while_one_looks_and_one_key_accepts(person: Person, demo_copy: Path) -> None:
    assert person.episode_id == "episode_000000"
    wait_until_judged(person)
    wait_for_entities(person, "/detectors/grasp", "/detectors/task", "/grasp_state", "/plots/detectors/goal_distance")
    window = person.application.window
    assert "Slip during lift" in window.proposal.path.text()
    assert {"grasp", "task"} <= {lane.title for lane in window.timeline.strip.lanes}

    person.press("Ctrl+Right")
    onset = person.session.transport.frame
    assert window.timeline.event_line.event_shown is not None
    assert window.timeline.event_line.event_shown.start_frame == onset
    person.wait_until_viewer_stands_at(onset)

    person.press("Return")
    assert person.label.failure_onset_frame == onset
    person.wait_until_saved()
    stored = json.loads(next(demo_copy.parent.rglob("*000000*.failview.json")).read_text(encoding="utf-8"))
    origin = stored["provenance"]["failure_onset_frame"]
    assert (origin["origin"], origin["detector"]) == ("accepted", "grasp")
    assert 0.5 < origin["confidence"] < 1

    person.press("N")
    person.wait_until_open()
    wait_until_judged(person)
    wait_for_entities(person, "/detectors/grasp")
    assert person.label.outcome is None, "a proposal is nobody's word"
    assert "Dropped in transport" in window.proposal.path.text()

    person.press("N", "N")
    person.wait_until_open()
    wait_until_judged(person)
    person.press("Return")
    assert person.label.outcome is Outcome.SUCCESS
