"""A contradiction between label and signal appears while the label is made, leads to its frames, and goes again."""

import threading
import time
from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt

from failview.model.annotation import Annotation
from failview.panel.look.window_size import WIDTHS_PX
from tests.detectors.gripper_story import findings, recorded
from tests.detectors.pick_stories import slip
from tests.detectors.task_success.pick_and_place import Pick
from tests.detectors.task_success.pick_and_place import episode as pick
from tests.detectors.workspace.test_workspace import stalled
from tests.fakes.fake_findings import FakeFindings
from tests.panel.conftest import Desk, MakeDesk
from tests.panel.test_look import cut_off

EPISODES = [
    replace(pick(Pick(aside_m=0.08)), episode_id="demo_0"),
    replace(recorded(slip()), episode_id="demo_1"),
    replace(recorded(stalled()), episode_id="demo_2"),
]
SLIDE = 60
"""Frame at which the object of demo_1 begins to slide."""


@pytest.fixture
def source() -> FakeFindings:
    return FakeFindings({episode.episode_id: findings(episode) for episode in EPISODES})


@pytest.fixture
def desk(make_desk: MakeDesk, source: FakeFindings) -> Desk:
    return make_desk(episodes=EPISODES, findings=source)


def judged(desk: Desk, episode_id: str) -> Desk:
    desk.open(episode_id)
    desk.until(lambda: "judging" not in desk.window.proposal.caption.text())
    return desk


def seek(desk: Desk, frame: int) -> None:
    desk.session.transport.seek(frame)


def test_a_success_far_from_the_goal_is_contradicted_at_once(desk: Desk) -> None:
    judged(desk, "demo_0")
    card = desk.window.contradiction
    assert not card.isVisible()
    desk.type("s")
    assert card.isVisible()
    assert "Contradiction" in card.words.text()
    assert "the object ended 8.0 cm from the goal at 139" in card.accessibleDescription()
    desk.type("f")
    assert not card.isVisible()
    desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert card.isVisible(), "undo brings the label back, and what contradicts it"


def test_a_key_and_the_links_go_to_the_frames(desk: Desk) -> None:
    judged(desk, "demo_1")
    desk.type("f13")
    desk.mark("o", 5)
    card, transport = desk.window.contradiction, desk.session.transport
    frames = desk.session.contradictions.frames
    assert [abs(frame - SLIDE) <= 21 for frame in frames] == [True, True]
    seek(desk, 3)
    for frame in [*frames, frames[0]]:
        desk.type("z")
        assert transport.frame == frame
    seek(desk, 3)
    card.words.linkActivated.emit(str(frames[-1]))
    assert transport.frame == frames[-1]
    assert all(f'href="{frame}"' in card.words.text() for frame in frames)


def test_two_contradictions_are_told_one_below_the_other_by_field(desk: Desk) -> None:
    judged(desk, "demo_1")
    desk.type("f13")
    desk.mark("o", 5)
    card = desk.window.contradiction
    desk.window.resize(440, 1000)
    heading, *lines = card.words.text().split("<br>")
    assert "2 contradictions" in heading
    assert ["Subcategory:" in lines[0], "Onset:" in lines[1], len(lines)] == [True, True, 2]
    desk.mark("o", SLIDE)
    assert "<br>" not in card.words.text()
    desk.press(Qt.Key.Key_Backspace)
    desk.type("12")
    assert not card.isVisible()


def test_a_low_window_shows_the_first_and_leads_to_the_others(desk: Desk) -> None:
    judged(desk, "demo_1")
    desk.type("f13")
    desk.mark("o", 5)
    card = desk.window.contradiction
    desk.window.resize(440, 500)
    desk.until(lambda: "show all" in card.words.text())
    assert "Onset:" not in card.words.text()
    card.words.linkActivated.emit("more")
    assert "Onset:" in card.words.text()
    assert "show all" not in card.words.text()


def test_without_findings_the_key_says_so(desk: Desk, make_desk: MakeDesk) -> None:
    alone = make_desk(episodes=EPISODES).open("demo_0")
    alone.type("sz")
    assert not alone.window.contradiction.isVisible()
    assert alone.notices[-1] == "Nothing contradicts this label."


def test_findings_that_come_later_contradict_what_was_said_before(desk: Desk, source: FakeFindings) -> None:
    gate = source.gates["demo_0"] = threading.Event()
    desk.open("demo_0")
    desk.type("s")
    assert not desk.window.contradiction.isVisible()
    gate.set()
    desk.until(desk.window.contradiction.isVisible)


def test_the_next_episode_starts_without(desk: Desk) -> None:
    judged(desk, "demo_0")
    desk.type("s")
    judged(desk, "demo_1")
    assert not desk.window.contradiction.isVisible()
    judged(desk, "demo_0")
    assert desk.window.contradiction.isVisible()


def test_asking_at_every_change_costs_nothing_that_is_felt(desk: Desk) -> None:
    judged(desk, "demo_1")
    desk.type("f21")
    contradictions, draft = desk.session.contradictions, desk.session.open_episode.draft
    taken_s = []
    for frame in range(5, 45):
        draft.set_frame("failure_onset_frame", frame)
        begin_s = time.perf_counter()
        contradictions.now  # noqa: B018 — asking is what is measured
        taken_s.append(time.perf_counter() - begin_s)
    assert sorted(taken_s)[len(taken_s) // 2] < 0.005


def crowded(desk: Desk) -> None:
    """Two contradictions, both of several lines."""
    judged(desk, "demo_1")
    desk.type("f13")
    desk.mark("o", 5)


@pytest.mark.parametrize("width", WIDTHS_PX)
@pytest.mark.parametrize("height", [480, 760, 1000])
def test_nothing_is_cut_off(desk: Desk, width: int, height: int) -> None:
    crowded(desk)
    desk.window.resize(width, height)
    window = desk.window

    def fits() -> None:
        assert window.contradiction.isVisible()
        assert cut_off(window) == []
        parts = [window.scroller, window.contradiction, window.footer]
        for above, below in pairwise(parts):
            assert above.mapTo(window, above.rect().bottomLeft()).y() < below.mapTo(window, below.rect().topLeft()).y()

    desk.qtbot.waitUntil(partial(fits))


def test_looking_changes_nothing(desk: Desk) -> None:
    judged(desk, "demo_0")
    desk.type("z")
    assert desk.label == Annotation()
