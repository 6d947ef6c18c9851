"""In practice each finished episode is compared with the gold label at once, and a link leads back to it."""

import pytest
from PySide6.QtCore import Qt

from failview.model.annotation import Annotation, Outcome
from failview.model.guise import Guise, in_guise
from failview.panel.look.window_size import WIDTHS_PX
from tests.panel.conftest import Desk, MakeDesk
from tests.panel.test_look import cut_off

ANSWERS = {
    "demo_0": Annotation(Outcome.FAILURE, "grasp", "unstable_grasp", 60),
    "demo_1": Annotation(Outcome.FAILURE, "grasp", "slip_during_lift", 86),
    "demo_2": Annotation(Outcome.SUCCESS),
}


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk(answers=ANSWERS).open("demo_0")


def finish(desk: Desk, following: str) -> None:
    desk.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: desk.is_open(following))


def test_nothing_is_told_before_an_episode_is_finished(desk: Desk) -> None:
    desk.label_failure()
    assert not desk.window.practice.isVisible()


@pytest.mark.parametrize("guise", list(Guise))
def test_what_this_sitting_is_stands_at_the_top(make_desk: MakeDesk, guise: Guise) -> None:
    desk = make_desk(annotator=in_guise("anna", guise)).open("demo_0")
    assert desk.window.practice.isVisible()
    assert guise.value[2:] in desk.window.practice.words.text().lower()


def test_a_confusion_is_told_at_once_and_a_link_leads_back(desk: Desk) -> None:
    desk.label_failure()
    finish(desk, "demo_1")
    card = desk.window.practice
    assert card.isVisible()
    for words in (
        "not yet right",
        "you said slip during lift, gold says unstable grasp",
        "28 frames too late",
        "0 of 1",
    ):
        assert words in card.words.text(), words
    card.words.linkActivated.emit("demo_0")
    desk.until(lambda: desk.is_open("demo_0"))


def test_what_is_right_is_told_in_green_and_counted(desk: Desk) -> None:
    desk.label_failure()
    finish(desk, "demo_1")
    desk.label_failure()
    finish(desk, "demo_2")
    text = desk.window.practice.words.text()
    assert "all right" in text
    assert "1 of 2 right" in text
    assert desk.window.tokens.green in text


def test_somebody_who_does_not_practise_is_told_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk().open("demo_0")
    desk.label_failure()
    finish(desk, "demo_1")
    assert not desk.window.practice.isVisible()


@pytest.mark.parametrize("width", WIDTHS_PX)
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_is_cut_off(make_desk: MakeDesk, width: int, theme: str) -> None:
    desk = make_desk(answers=ANSWERS, theme=theme).open("demo_0")
    desk.window.resize(width, 1000)
    desk.label_failure()
    finish(desk, "demo_1")

    def fits() -> None:
        assert cut_off(desk.window) == []

    desk.qtbot.waitUntil(fits)
