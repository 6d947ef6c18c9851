"""Every key of the table works in the whole window, on other keyboards too, and types where it should type."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from failview.model.annotation import Outcome, Severity, Stage
from failview.session.actions import ACTIONS
from failview.session.desk.viewer_port import ViewerState
from failview.session.keymap import Keymap
from failview.session.work.queue_filter import QueueFilter, Show
from tests.panel.conftest import NUM_FRAMES, Desk, MakeDesk

NO_MODIFIER = Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier

DONE: dict[str, tuple[Callable[[Desk], object], Callable[[Desk], bool]]] = {
    "play_pause": (lambda d: None, lambda d: d.session.transport.playing),
    "slower": (lambda d: None, lambda d: d.session.transport.speed == 0.5),
    "faster": (lambda d: None, lambda d: d.session.transport.speed == 2.0),
    "frame_back": (lambda d: d.session.transport.seek(50), lambda d: d.session.transport.frame == 49),
    "frame_on": (lambda d: d.session.transport.seek(50), lambda d: d.session.transport.frame == 51),
    "second_back": (lambda d: d.session.transport.seek(50), lambda d: d.session.transport.frame == 30),
    "second_on": (lambda d: d.session.transport.seek(50), lambda d: d.session.transport.frame == 70),
    "previous_mark": (
        lambda d: (d.mark("o", 20), d.session.transport.seek(50)),
        lambda d: d.session.transport.frame == 20,
    ),
    "next_mark": (lambda d: (d.mark("o", 60), d.session.transport.seek(50)), lambda d: d.session.transport.frame == 60),
    "first_frame": (lambda d: d.session.transport.seek(50), lambda d: d.session.transport.frame == 0),
    "last_frame": (lambda d: None, lambda d: d.session.transport.frame == NUM_FRAMES - 1),
    "loop": (lambda d: (d.mark("o", 20), d.mark("b", 60)), lambda d: d.session.transport.loop == (20, 60)),
    "zoom_in": (lambda d: None, lambda d: d.session.timeline.zoom.span == NUM_FRAMES / 2),
    "zoom_out": (lambda d: d.session.timeline.zoom.step(2), lambda d: d.session.timeline.zoom.span == NUM_FRAMES / 2),
    "choose_mark": (
        lambda d: (d.mark("o", 20), d.session.timeline.chosen.choose(None)),
        lambda d: d.session.timeline.chosen.field == "failure_onset_frame",
    ),
    "nudge_back": (lambda d: d.mark("o", 20), lambda d: d.label.failure_onset_frame == 19),
    "nudge_on": (lambda d: d.mark("o", 20), lambda d: d.label.failure_onset_frame == 21),
    "accept": (lambda d: None, lambda d: d.notices == ["Nothing is proposed here."]),
    "success": (lambda d: None, lambda d: d.label.outcome is Outcome.SUCCESS),
    "partial_success": (lambda d: None, lambda d: d.label.outcome is Outcome.PARTIAL_SUCCESS),
    "failure": (lambda d: None, lambda d: d.label.outcome is Outcome.FAILURE),
    "digit_1": (lambda d: None, lambda d: d.label.failure_category == "grasp"),
    "digit_2": (lambda d: None, lambda d: d.label.failure_category == "placement"),
    "digit_3": (lambda d: None, lambda d: d.label.failure_category == "collision"),
    "digit_4": (lambda d: None, lambda d: d.label.failure_category == "perception"),
    "digit_5": (lambda d: None, lambda d: d.label.failure_category == "planning"),
    "category_up": (lambda d: d.type("1"), lambda d: d.session.labelling.open_category is None),
    "onset": (lambda d: d.session.transport.seek(50), lambda d: d.label.failure_onset_frame == 50),
    "obvious": (lambda d: d.session.transport.seek(50), lambda d: d.label.failure_obvious_frame == 50),
    "recovery_start": (lambda d: d.session.transport.seek(50), lambda d: d.label.recovery_start_frame == 50),
    "recovery_end": (lambda d: d.session.transport.seek(50), lambda d: d.label.recovery_end_frame == 50),
    "recovery_outcome": (
        lambda d: d.session.labelling.set_outcome(Outcome.FAILURE),
        lambda d: d.label.recovery_outcome is not None,
    ),
    "proximal_cause": (lambda d: None, lambda d: d.keyboard.accessibleName() == "Proximal cause"),
    "distal_cause": (lambda d: None, lambda d: d.keyboard.accessibleName() == "Distal cause"),
    "play_clip": (lambda d: None, lambda d: d.notices[-1:] == ["Choose a proximal cause first."]),
    "set_clip": (
        lambda d: (d.label_failure(), d.session.explanation.causes.choose("proximal_cause", "object_rolled")),
        lambda d: "looks like from now on: frames 88 to 97" in d.notices[-1],
    ),
    "attribution": (lambda d: None, lambda d: d.label.attribution is not None),
    "preventable": (lambda d: None, lambda d: d.label.preventable is True),
    "severity": (lambda d: d.type("g"), lambda d: d.label.severity is Severity.MEDIUM),
    "causal_chain": (lambda d: None, lambda d: d.keyboard is d.window.chain.chain.rows[0].cause),
    "further_failure": (lambda d: None, lambda d: d.keyboard is d.window.chain.further.picker.edit),
    "root_cause": (lambda d: None, lambda d: d.keyboard is d.window.root_cause.edit),
    "notes": (lambda d: None, lambda d: d.keyboard is d.window.notes.edit),
    "less_sure": (lambda d: d.type("+"), lambda d: d.label.annotator_confidence == 0.75),
    "surer": (lambda d: d.type("+"), lambda d: d.label.annotator_confidence == 0.85),
    "leave_field": (lambda d: d.type("r"), lambda d: d.keyboard is d.window),
    "finish_stage": (lambda d: d.type("s"), lambda d: d.is_open("demo_2")),
    "next_episode": (lambda d: None, lambda d: d.is_open("demo_2")),
    "previous_episode": (lambda d: None, lambda d: d.is_open("demo_0")),
    "undo": (lambda d: d.type("f"), lambda d: d.label.outcome is None),
    "redo": (lambda d: (d.type("f"), d.press(Qt.Key.Key_Z, CTRL)), lambda d: d.label.outcome is Outcome.FAILURE),
    "next_contradiction": (lambda d: None, lambda d: d.notices[-1:] == ["Nothing contradicts this label."]),
    "readings": (lambda d: None, lambda d: not d.viewer.readings),
    "queue": (lambda d: None, lambda d: d.keyboard is d.window.queue.list),
    "queue_search": (lambda d: None, lambda d: d.keyboard is d.window.queue.typed),
    "whole_queue": (lambda d: d.session.narrow(QueueFilter(Show.LEFT)), lambda d: not d.session.filter.narrows),
    "bulk": (lambda d: None, lambda d: d.window.bulk.isVisible()),
    "skip": (lambda d: None, lambda d: d.window.skip.isVisible()),
    "take_other_side": (lambda d: None, lambda d: d.notices[-1:] == ["Sides are compared in the review (F8)."]),
    "stage_triage": (lambda d: None, lambda d: d.session.stage is Stage.TRIAGE),
    "stage_detail": (lambda d: d.session.change_stage(Stage.TRIAGE), lambda d: d.session.stage is Stage.DETAIL),
    "stage_review": (lambda d: None, lambda d: d.session.stage is Stage.REVIEW),
    "restart_viewer": (lambda d: d.viewer.emit_status(ViewerState.GONE), lambda d: d.viewer.started == 2),
    "palette": (lambda d: None, lambda d: d.window.commands.isVisible()),
    "larger_text": (lambda d: None, lambda d: d.session.appearance.font_scale == 1.1),
    "smaller_text": (lambda d: None, lambda d: d.session.appearance.font_scale == 0.9),
    "usual_text": (
        lambda d: d.session.appearance.choose(font_scale=2.0),
        lambda d: d.session.appearance.font_scale == 1,
    ),
    "theme": (lambda d: None, lambda d: d.session.appearance.theme == "light"),
    "help": (lambda d: None, lambda d: d.window.help.isVisible()),
}
"""What must be before, and what the key must have done."""


def test_every_action_is_tried() -> None:
    assert set(DONE) == {action.id for action in ACTIONS}


@pytest.mark.parametrize(("action_id", "key"), [(action.id, key) for action in ACTIONS for key in action.keys], ids=str)
def test_every_key_of_the_table_works(desk: Desk, action_id: str, key: str) -> None:
    before, done = DONE[action_id]
    before(desk)
    desk.until(lambda: desk.session.link.status.state in (ViewerState.READY, ViewerState.GONE))
    if action_id == "restart_viewer":
        desk.until(lambda: desk.session.link.status.state is ViewerState.GONE)
    combination = QKeySequence(key)[0]
    desk.press(combination.key(), combination.keyboardModifiers())
    desk.until(lambda: done(desk))


def strike(
    desk: Desk, key: Qt.Key, text: str, modifiers: Qt.KeyboardModifier = NO_MODIFIER, *, repeat: bool = False
) -> None:
    """A key stroke as another keyboard sends it."""
    QApplication.sendEvent(desk.keyboard, QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text, repeat))


@pytest.mark.parametrize(
    ("key", "text", "modifiers"),
    [
        (Qt.Key.Key_BracketLeft, "[", Qt.KeyboardModifier.GroupSwitchModifier),
        (Qt.Key.Key_BracketLeft, "[", CTRL | Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_8, "[", CTRL | Qt.KeyboardModifier.AltModifier),
    ],
)
def test_brackets_that_need_alt_gr(desk: Desk, key: Qt.Key, text: str, modifiers: Qt.KeyboardModifier) -> None:
    strike(desk, key, text, modifiers)
    assert desk.label.recovery_start_frame == 0


@pytest.mark.parametrize(
    ("key", "text", "modifiers"),
    [
        (Qt.Key.Key_Plus, "+", NO_MODIFIER),
        (Qt.Key.Key_Plus, "+", SHIFT),
        (Qt.Key.Key_Plus, "+", Qt.KeyboardModifier.KeypadModifier),
        (Qt.Key.Key_Equal, "=", NO_MODIFIER),
        (Qt.Key.Key_Equal, "=", SHIFT),
    ],
)
def test_plus_wherever_it_is(desk: Desk, key: Qt.Key, text: str, modifiers: Qt.KeyboardModifier) -> None:
    strike(desk, key, text, modifiers)
    assert desk.label.annotator_confidence == 0.8


@pytest.mark.parametrize("modifiers", [SHIFT, NO_MODIFIER])
def test_question_mark_with_and_without_shift(desk: Desk, modifiers: Qt.KeyboardModifier) -> None:
    strike(desk, Qt.Key.Key_Question, "?", modifiers)
    assert desk.window.help.isVisible()


def test_digits_of_the_number_pad_and_with_shift(desk: Desk) -> None:
    strike(desk, Qt.Key.Key_2, "2", Qt.KeyboardModifier.KeypadModifier)
    assert desk.label.failure_category == "placement"
    strike(desk, Qt.Key.Key_1, "1", SHIFT)
    assert desk.label.failure_subcategory == "dropped_in_transport"


def test_a_letter_with_another_modifier_does_nothing(desk: Desk) -> None:
    strike(desk, Qt.Key.Key_S, "S", SHIFT)
    strike(desk, Qt.Key.Key_S, "\x13", CTRL)
    strike(desk, Qt.Key.Key_F, "f", Qt.KeyboardModifier.AltModifier)
    assert desk.label.outcome is None


def test_a_held_key_repeats_only_where_it_should(desk: Desk) -> None:
    strike(desk, Qt.Key.Key_Right, "", repeat=True)
    assert desk.session.transport.frame == 1
    strike(desk, Qt.Key.Key_Space, " ", repeat=True)
    assert not desk.session.transport.playing
    strike(desk, Qt.Key.Key_N, "n", repeat=True)
    assert desk.is_open("demo_1")


def test_keys_of_the_table_win_over_a_focused_button_and_enter_presses_it(desk: Desk) -> None:
    button = desk.window.outcome.row.buttons[Outcome.FAILURE]
    button.setFocus()
    desk.press(Qt.Key.Key_Space)
    assert desk.session.transport.playing
    assert desk.label.outcome is None
    desk.press(Qt.Key.Key_Return)
    assert desk.label.outcome is Outcome.FAILURE
    desk.press(Qt.Key.Key_Left)
    assert desk.keyboard is button


def test_letters_in_a_text_are_text(desk: Desk) -> None:
    desk.type("r")
    desk.type("so 12 [f] nn?")
    assert desk.label.root_cause == "so 12 [f] nn?"
    assert desk.label.outcome is None
    assert desk.is_open("demo_1")
    desk.press(Qt.Key.Key_F1)
    assert desk.window.help.isVisible()


def test_arrows_and_backspace_in_a_text_edit_it(desk: Desk) -> None:
    desk.type("rabc")
    desk.press(Qt.Key.Key_Left)
    desk.press(Qt.Key.Key_Backspace)
    assert desk.label.root_cause == "ac"
    assert desk.session.transport.frame == 0


def test_keys_that_the_user_chose(make_desk: MakeDesk) -> None:
    desk = make_desk(keymap=Keymap({"success": ("F9",), "failure": ()})).open()
    buttons = desk.window.outcome.row.buttons
    assert [buttons[value].key for value in Outcome] == ["F9", "P", ""]
    desk.type("s")
    assert desk.label.outcome is None
    desk.press(Qt.Key.Key_F9)
    assert desk.label.outcome is Outcome.SUCCESS


def test_tab_follows_the_order_of_the_work(desk: Desk) -> None:
    desk.type("f12")
    desk.until(lambda: all(row.isVisible() for row in desk.window.category.rows))
    desk.window.setFocus()
    seen = []
    for _ in range(60):
        QTest.keyClick(desk.keyboard, Qt.Key.Key_Tab)
        seen.append(desk.keyboard)
    window = desk.window
    wanted = [
        *window.outcome.row.buttons.values(),
        *window.category.chips.values(),
        *window.category.rows,
        window.frames.fields["failure_onset_frame"],
        window.frames.here["failure_onset_frame"],
        window.frames.fields["recovery_end_frame"],
        *window.causes.fields.values(),
        *(button for row in window.attribution.rows.values() for button in row.buttons.values()),
        window.chain.write,
        window.chain.add,
        window.root_cause.edit,
        window.notes.edit,
        window.footer.previous,
        window.footer.finish,
    ]
    places = [seen.index(widget) for widget in wanted]
    assert places == sorted(places)
