"""A person labels episodes with the panel."""

import json

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from failview.model.annotation import Outcome, RecoveryOutcome
from failview.panel.form.confidence_part import ConfidenceBar
from tests.panel.conftest import EN_DASH, WHY, Desk
from tests.sidecar_places import location_of

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ONSET = "failure_onset_frame"


def test_a_whole_failure_by_keys_is_on_disk(desk: Desk) -> None:
    desk.label_failure()
    desk.mark("[", 120)
    desk.mark("]", 150)
    desk.type("tmug is chipped")
    desk.press(Qt.Key.Key_Return, CTRL)
    desk.until(lambda: desk.is_open("demo_2"))
    desk.wait_until_saved()
    path = location_of(desk.dataset).path("demo_1", "anna")
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored["outcome"] == "failure"
    assert (stored["failure_category"], stored["failure_subcategory"]) == ("grasp", "slip_during_lift")
    assert (stored[ONSET], stored["failure_obvious_frame"]) == (88, 97)
    assert (stored["recovery_start_frame"], stored["recovery_end_frame"]) == (120, 150)
    assert (stored["root_cause"], stored["notes"]) == (WHY, "mug is chipped")
    assert stored["annotator_confidence"] == 0.8
    assert desk.window.header.place.text() == "3 of 6 · 1 done"


def test_a_success_shows_nothing_of_a_failure_and_forgets_nothing(desk: Desk) -> None:
    desk.label_failure()
    desk.type("s")
    window = desk.window
    parts = (window.category, window.frames, window.root_cause)
    assert not any(part.isVisible() for part in parts)
    assert window.notes.isVisible()
    assert window.confidence.isVisible()
    desk.type("f")
    assert all(part.isVisible() for part in parts)
    assert window.root_cause.edit.toPlainText() == WHY


def test_the_digits_level_is_visible(desk: Desk) -> None:
    category = desk.window.category
    desk.type("f")
    assert not category.rows
    assert all(chip.lit for chip in category.chips.values())
    desk.type("1")
    assert category.level.text() == "digits: Grasp · ⌫ back"
    assert not any(chip.lit for chip in category.chips.values())
    desk.press(Qt.Key.Key_Backspace)
    assert category.level.text() == "digits: category"
    assert all(chip.lit for chip in category.chips.values())
    desk.type("22")
    assert [row.subcategory.id for row in category.rows if row.isChecked()] == ["missed_target"]
    assert [chip_id for chip_id, chip in category.chips.items() if chip.isChecked()] == ["placement"]


def test_a_chosen_subcategory_folds_the_list_to_chips_and_tells_its_meaning(desk: Desk) -> None:
    desk.window.resize(440, 1000)
    desk.type("f1")
    category = desk.window.category
    rows, meaning = category.rows, category.list.meaning
    desk.until(lambda: len({row.y() for row in rows}) == len(rows))
    high = category.list.height()
    assert not meaning.isVisible()
    desk.type("2")
    desk.until(lambda: len({row.y() for row in rows}) < len(rows) and category.list.height() < high + 20)
    assert all(row.isVisible() for row in rows)
    assert meaning.text().endswith(">more</a>")
    desk.until(lambda: 2 < meaning.height() / meaning.fontMetrics().lineSpacing() < 4)
    meaning.linkActivated.emit("more")
    assert rows[1].subcategory.onset_rule in meaning.text()
    assert meaning.text().endswith(">less</a>")
    rows[1].setFocus()
    desk.press(Qt.Key.Key_Return)
    assert meaning.text().endswith(">more</a>")
    assert desk.label.failure_subcategory == rows[1].subcategory.id
    meaning.linkActivated.emit("more")
    desk.type("3")
    assert rows[2].isChecked()
    assert rows[2].subcategory.definition[:60] in meaning.text()
    assert not meaning.text().endswith(">less</a>")
    desk.press(Qt.Key.Key_Backspace)
    desk.type("2")
    desk.until(lambda: len({row.y() for row in category.rows}) == len(category.rows))
    assert not meaning.isVisible()


def test_by_mouse(desk: Desk) -> None:
    window = desk.window
    left = Qt.MouseButton.LeftButton
    QTest.mouseClick(window.outcome.row.buttons[Outcome.FAILURE], left)
    QTest.mouseClick(window.category.chips["grasp"], left)
    QTest.mouseClick(window.category.rows[2], left)
    QTest.mouseClick(window.category.chips["placement"], left)
    assert (desk.label.failure_category, desk.label.failure_subcategory) == ("placement", None)
    QTest.mouseClick(window.category.rows[0], left)
    assert desk.label.failure_subcategory == "dropped_in_transport"
    strip = window.timeline.strip
    QTest.mouseClick(strip, left, pos=QPoint(round(strip.scale.x_of(88.5)), 20))
    assert desk.session.transport.frame == 88
    QTest.mouseClick(window.frames.here[ONSET], left)
    assert desk.label.failure_onset_frame == 88
    bar = window.confidence.findChild(ConfidenceBar)
    QTest.mouseClick(bar, left, pos=QPoint(bar.width() // 2, 10))
    assert desk.label.annotator_confidence == 0.5
    QTest.mouseClick(window.footer.next, left)
    desk.until(lambda: desk.is_open("demo_2"))


def test_dragging_on_the_strip_moves_the_cursor_and_stops_playing(desk: Desk) -> None:
    strip = desk.window.timeline.strip
    desk.type(" ")
    assert desk.session.transport.playing
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, pos=QPoint(round(strip.scale.x_of(100.5)), 20))
    assert (desk.session.transport.frame, desk.session.transport.playing) == (100, False)
    QTest.mouseMove(strip, QPoint(strip.width() + 50, 20))
    QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(strip.width() + 50, 20))
    desk.until(lambda: desk.session.transport.frame == 311)


def test_a_typed_frame_counts_on_enter_and_on_tab(desk: Desk) -> None:
    desk.type("f")
    field = desk.window.frames.fields[ONSET]
    field.setFocus()
    desk.type("88")
    assert desk.label.failure_onset_frame is None
    desk.press(Qt.Key.Key_Return)
    assert desk.label.failure_onset_frame == 88
    desk.window.frames.fields["failure_obvious_frame"].setFocus()
    desk.type("97")
    desk.press(Qt.Key.Key_Tab)
    assert desk.label.failure_obvious_frame == 97


def test_enter_on_a_frame_and_a_click_on_its_arrow_go_there(desk: Desk) -> None:
    desk.type("f")
    desk.mark("o", 88)
    field = desk.window.frames.fields[ONSET]
    desk.type("  ")
    desk.session.transport.seek(10)
    field.setFocus()
    desk.press(Qt.Key.Key_Return)
    assert desk.session.transport.frame == 88
    desk.session.transport.seek(10)
    QTest.mouseClick(field, Qt.MouseButton.LeftButton, pos=QPoint(10, 14))
    assert desk.session.transport.frame == 88


def test_an_empty_frame_clears_and_both_ends_cleared_take_the_recovery_away(desk: Desk) -> None:
    desk.type("f")
    desk.mark("[", 120)
    desk.mark("]", 150)
    assert desk.window.frames.recovery.isVisible()
    for name in ("recovery_start_frame", "recovery_end_frame"):
        field = desk.window.frames.fields[name]
        field.setFocus()
        field.selectAll()
        desk.press(Qt.Key.Key_Delete)
        desk.press(Qt.Key.Key_Return)
    assert (desk.label.recovery_attempted, desk.label.recovery_outcome) == (None, None)
    assert not desk.window.frames.recovery.isVisible()


def test_a_wrong_frame_is_refused_visibly_and_holds_the_work_back(desk: Desk) -> None:
    desk.type("f")
    field = desk.window.frames.fields[ONSET]
    field.setFocus()
    desk.type("999")
    desk.press(Qt.Key.Key_Return)
    assert desk.label.failure_onset_frame is None
    assert field.property("refused") is True
    assert desk.window.footer.notice.text() == "There is no frame 999: this episode has 0 to 311."
    desk.press(Qt.Key.Key_Return, CTRL)
    assert desk.is_open("demo_1")
    assert field.text() == "999"
    desk.type("x")
    desk.press(Qt.Key.Key_Return)
    assert "999x" in desk.window.footer.notice.text()
    desk.press(Qt.Key.Key_Escape)
    assert (field.text(), field.property("refused")) == ("", False)


def test_a_typed_frame_is_not_lost_when_the_stage_is_finished(desk: Desk) -> None:
    desk.label_failure()
    field = desk.window.frames.fields[ONSET]
    field.setFocus()
    field.selectAll()
    desk.type("77")
    desk.press(Qt.Key.Key_Return, CTRL)
    desk.until(lambda: desk.is_open("demo_2"))
    desk.open("demo_1")
    assert desk.label.failure_onset_frame == 77


def test_recovery_outcome(desk: Desk) -> None:
    desk.type("f")
    desk.mark("[", 120)
    buttons = desk.window.frames.recovery.buttons
    assert buttons[RecoveryOutcome.FAILED_RECOVERY].isChecked()
    buttons[RecoveryOutcome.RECOVERED].click()
    assert desk.label.recovery_outcome is RecoveryOutcome.RECOVERED
    buttons[RecoveryOutcome.NO_ATTEMPT].click()
    assert (desk.label.recovery_attempted, desk.label.recovery_start_frame) == (False, None)
    assert desk.window.frames.origins["recovery_start_frame"].text() == "none"


def test_undo_and_redo_by_key_from_everywhere(desk: Desk) -> None:
    desk.type("f12")
    desk.type("rone two ")
    desk.type("three")
    edit = desk.window.root_cause.edit
    desk.press(Qt.Key.Key_Z, CTRL)
    assert edit.toPlainText() == desk.label.root_cause == "one two "
    desk.press(Qt.Key.Key_Z, CTRL | SHIFT)
    assert edit.toPlainText() == "one two three"
    for _ in range(3):
        desk.press(Qt.Key.Key_Z, CTRL)
    assert edit.toPlainText() == ""
    assert desk.keyboard is edit
    for _ in range(3):
        desk.press(Qt.Key.Key_Z, CTRL)
    assert desk.label.outcome is None
    desk.press(Qt.Key.Key_Z, CTRL)
    assert desk.window.footer.notice.text() == "Nothing to undo in this episode."
    for _ in range(6):
        desk.press(Qt.Key.Key_Y, CTRL)
    assert (desk.label.failure_subcategory, desk.label.root_cause) == ("slip_during_lift", "one two three")


def test_the_caret_stays_when_the_text_changes_elsewhere(desk: Desk) -> None:
    desk.type("r")
    edit = desk.window.root_cause.edit
    edit.insertPlainText("one two 🦾 three")
    cursor = edit.textCursor()
    cursor.setPosition(3)
    edit.setTextCursor(cursor)
    desk.session.labelling.set_text("root_cause", "one two 🦿 three four")
    assert edit.toPlainText() == "one two 🦿 three four"
    assert edit.textCursor().position() == 3
    desk.type("!")
    assert desk.label.root_cause == "one! two 🦿 three four"


def test_words_are_counted_live(desk: Desk) -> None:
    desk.type("r")
    count = desk.window.root_cause.count
    assert count.text() == f"0 words of 10{EN_DASH}50"
    desk.type("off-centre")
    assert count.text() == f"1 word of 10{EN_DASH}50"
    desk.type(" grip - bad")
    assert count.text() == f"3 words of 10{EN_DASH}50"
    desk.type(" w" * 48)
    assert count.property("role") == "amber"


def test_what_is_missing_is_named_beside_the_form_until_it_is_there(desk: Desk) -> None:
    card = desk.window.problems
    assert not card.isVisible()
    desk.type("f1")
    desk.press(Qt.Key.Key_Return, CTRL)
    assert card.isVisible()
    assert {"failure_subcategory", ONSET, "root_cause"} <= {problem.field for problem in card.problems}
    assert "Onset" in card.words.text()
    desk.mark("o", 88)
    assert ONSET not in {problem.field for problem in card.problems}
    assert "Onset" not in card.words.text()
    desk.type("2")
    desk.mark("b", 97)
    desk.type("+r" + WHY)
    assert not card.isVisible()
    desk.press(Qt.Key.Key_Return, CTRL)
    desk.until(lambda: desk.is_open("demo_2"))


def test_a_contradiction_shows_at_once_and_leads_to_its_field(desk: Desk) -> None:
    desk.type("f")
    desk.mark("o", 97)
    desk.mark("b", 88)
    card = desk.window.problems
    assert card.isVisible()
    assert "frame 88 is before the onset at 97" in card.words.text()
    card.words.linkActivated.emit("failure_obvious_frame")
    assert desk.keyboard is desk.window.frames.fields["failure_obvious_frame"]
    desk.type("120")
    desk.press(Qt.Key.Key_Return)
    assert not card.isVisible()


def test_confidence_is_blank_until_it_is_set(desk: Desk) -> None:
    value = desk.window.confidence.value
    assert value.text() == EN_DASH
    desk.type("+")
    assert value.text() == ".80"
    desk.type("+" * 9)
    assert value.text() == "1.00"


def test_provenance_is_told(desk: Desk) -> None:
    desk.type("f")
    desk.mark("o", 88)
    assert desk.window.frames.origins[ONSET].text() == "manual"
    assert desk.window.frames.origins["failure_obvious_frame"].text() == ""


def test_a_new_episode_shows_nothing_of_the_one_before(desk: Desk) -> None:
    desk.label_failure()
    desk.type("tnote")
    desk.press(Qt.Key.Key_Escape)
    desk.type("n")
    desk.until(lambda: desk.is_open("demo_2"))
    window = desk.window
    texts = [window.root_cause.edit.toPlainText(), window.notes.edit.toPlainText()]
    texts += [field.text() for field in window.frames.fields.values()]
    assert texts == [""] * 6
    assert not window.category.rows
    desk.until(lambda: window.header.saved.text() == "not changed")
    desk.press(Qt.Key.Key_N, SHIFT)
    desk.until(lambda: desk.is_open("demo_1"))
    assert window.root_cause.edit.toPlainText() == WHY
    desk.until(lambda: window.header.saved.text().startswith("saved "))


def test_a_finished_episode_says_so_and_its_work_goes_on_when_it_is_opened_again(desk: Desk) -> None:
    stage = desk.window.header.stage
    assert (stage.text(), stage.property("pill")) == ("Detail", "accent")
    desk.label_failure()
    desk.press(Qt.Key.Key_Return, CTRL)
    desk.until(lambda: desk.is_open("demo_2"))
    assert stage.text() == "Detail"
    desk.press(Qt.Key.Key_N, SHIFT)
    desk.until(lambda: desk.is_open("demo_1"))
    assert (stage.text(), stage.property("pill")) == ("Detail ✓", "green")
    field = desk.window.frames.fields[ONSET]
    field.setFocus()
    field.selectAll()
    desk.press(Qt.Key.Key_Delete)
    desk.press(Qt.Key.Key_Return)
    assert stage.text() == "Detail"


def test_the_rules_of_the_chosen_subcategory_are_where_the_frames_are_set(desk: Desk) -> None:
    desk.type("f12")
    slip = desk.session.workplace.taxonomy.categories[0].subcategories[1]
    tips = {name: button.toolTip() for name, button in desk.window.frames.here.items()}
    assert (tips[ONSET], tips["failure_obvious_frame"]) == (slip.onset_rule, slip.obvious_rule)
