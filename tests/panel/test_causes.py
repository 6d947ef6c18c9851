"""Why it failed, said with the panel by keys alone."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from failview.model.annotation import (
    Attribution,
    CausalLink,
    FurtherFailure,
    Origin,
    Outcome,
    Severity,
)
from failview.model.detection import Detection, EpisodeFindings, FieldProposal, ProposedField
from failview.model.taxonomy import ReferenceClip
from failview.panel.look.picker import Entry, matching
from failview.panel.look.style import scaled
from tests.fakes.fake_findings import FakeFindings, slip_findings, slip_proposal
from tests.panel.conftest import Desk, MakeDesk
from tests.panel.test_look import everything_fits
from tests.sidecar_places import location_of

ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
NO_CAUSES = "A success has no causes. Press F or P first."
MANY_TABS = 90
"""More than once round the panel: a text stops the keyboard at each of its links."""

BEHIND = "the hand was 34 mm behind its command at frame 78; for 0.9 s"


def findings_of(episode_id: str) -> EpisodeFindings:
    """A slip in which the hand lagged its command."""
    late = Detection("tracking", "tracking.error", 71, 90, 0.8, BEHIND)
    whose = FieldProposal("robot_failure", 0.56, BEHIND, "tracking")
    found = slip_findings(episode_id)
    proposal = slip_proposal() | {ProposedField.ATTRIBUTION: whose}
    return replace(found, detections=(*found.detections, late), proposal=proposal)


@pytest.fixture
def judged(make_desk: MakeDesk) -> Desk:
    """A panel with an open episode whose proposal is there."""
    desk = make_desk(findings=FakeFindings({f"demo_{number}": findings_of(f"demo_{number}") for number in range(6)}))
    desk.open()
    desk.until(lambda: desk.session.judging.of(desk.session.open_episode.episode).findings is not None)
    return desk


def names(desk: Desk) -> list[str]:
    listed = desk.window.causes.picker.list
    return [listed.item(row).text() for row in range(listed.count())]


def test_a_cause_is_searched_highlighted_and_chosen(desk: Desk) -> None:
    picker = desk.window.causes.picker
    desk.type("fc")
    assert len(names(desk)) == len(desk.session.workplace.taxonomy.proximal_causes)
    desk.type("GRIP force")
    assert names(desk)[:2] == ["Grip force too low", "Grip force decayed"]
    desk.press(Qt.Key.Key_Down)
    assert picker.highlighted.name == "Grip force decayed"
    assert picker.definition.text() == picker.highlighted.definition
    assert "Grip force decayed" in desk.keyboard.accessibleDescription()
    desk.press(Qt.Key.Key_Return)
    assert (desk.label.proximal_cause, desk.label.distal_cause) == ("grip_force_decayed", None)
    assert not picker.isVisible()
    assert desk.window.causes.fields["proximal_cause"].text() == "Grip force decayed"


def test_the_definition_and_the_id_are_searched_too() -> None:
    entries = [
        Entry("slip", "Slid", "The object moved."),
        Entry("moved", "Pushed", "A hand."),
        Entry("x", "Moved away", ""),
        Entry("y", "Not this", "Nor that."),
    ]
    assert [entry.id for entry in matching(entries, "moved")] == ["x", "slip", "moved"]
    assert [entry.id for entry in matching(entries, "hand  push")] == ["moved"]
    assert matching(entries, "") == entries
    assert matching(entries, "zebra") == []


@pytest.mark.parametrize("typed", ["slip", "friction"])
def test_a_cause_of_the_other_kind_is_told_with_its_key(desk: Desk, typed: str) -> None:
    picker = desk.window.causes.picker
    desk.type(f"fc{typed}")
    assert names(desk) == []
    assert picker.definition.text() == "Nothing matches. A distal cause (D): Slippery object."
    assert "Slippery object" in desk.keyboard.accessibleDescription()
    desk.press(Qt.Key.Key_Return)
    assert (desk.label.proximal_cause, desk.label.distal_cause) == (None, None)
    desk.press(Qt.Key.Key_Escape)
    desk.type(f"d{typed}")
    assert names(desk) == ["Slippery object"]
    desk.press(Qt.Key.Key_Return)
    assert desk.label.distal_cause == "low_friction_object"
    desk.type("czebra")
    assert picker.definition.text() == "Nothing matches."


def test_escape_leaves_the_cause_as_it_is_and_gives_the_keys_back(desk: Desk) -> None:
    desk.type("fdsteep")
    desk.press(Qt.Key.Key_Escape)
    assert desk.label.distal_cause is None
    assert not desk.window.causes.picker.isVisible()
    assert desk.keyboard is desk.window
    desk.type("s")
    assert desk.label.outcome is Outcome.SUCCESS


def test_backspace_in_the_empty_line_clears_the_cause(desk: Desk) -> None:
    desk.type("fdsteep")
    desk.press(Qt.Key.Key_Return)
    assert desk.label.distal_cause == "steep_approach"
    desk.type("d")
    assert desk.window.causes.picker.highlighted.id == "steep_approach"
    desk.type("x")
    desk.press(Qt.Key.Key_Backspace)
    assert desk.label.distal_cause == "steep_approach"
    desk.press(Qt.Key.Key_Backspace)
    assert desk.label.distal_cause is None
    assert desk.window.causes.fields["distal_cause"].text() == "\N{EN DASH}"
    desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.label.distal_cause == "steep_approach"


def test_nothing_is_chosen_where_nothing_matches(desk: Desk) -> None:
    desk.type("fczebra")
    assert desk.window.causes.picker.definition.text() == "Nothing matches."
    desk.press(Qt.Key.Key_Return)
    assert desk.label.proximal_cause is None
    desk.press(Qt.Key.Key_Down)
    assert desk.window.causes.picker.highlighted is None


def test_the_list_is_in_sight_on_a_low_screen(desk: Desk) -> None:
    desk.window.resize(360, 700)
    desk.type("f12c")
    edit, bottom = desk.window.causes.picker.edit, desk.window.causes.picker.definition
    desk.until(lambda: not edit.visibleRegion().isEmpty() and not bottom.visibleRegion().isEmpty())


@pytest.mark.parametrize("key", "cdaeghu")
def test_a_success_shows_no_causes_and_its_keys_say_why(desk: Desk, key: str) -> None:
    desk.type("s" + key)
    window = desk.window
    assert not any(part.isVisible() for part in (window.causes, window.attribution, window.chain))
    assert desk.keyboard is window
    assert desk.notices == ["Choose a proximal cause first." if key == "u" else NO_CAUSES]


def test_keys_go_round_and_the_buttons_follow(desk: Desk) -> None:
    rows = desk.window.attribution.rows
    desk.type("faeggg")
    label = desk.label
    assert (label.attribution, label.preventable, label.severity) == (Attribution.ROBOT_FAILURE, True, Severity.HIGH)
    checked = [[button.text() for button in row.buttons.values() if button.isChecked()] for row in rows.values()]
    assert checked == [["Robot"], ["Preventable"], ["High"]]
    desk.type("ee")
    assert desk.label.preventable is True
    rows["preventable"].buttons["no"].setFocus()
    desk.press(Qt.Key.Key_Return)
    assert desk.label.preventable is False


def test_the_tracking_error_speaks_beside_the_attribution(judged: Desk) -> None:
    evidence = judged.window.attribution.evidence
    judged.type("f")
    assert "robot</span> .56: the hand was 34 mm behind its command at frame" in evidence.text()
    assert evidence.text().count("34 mm") == 1
    judged.type("a")
    assert evidence.text().startswith("accepted · ")
    assert judged.label.provenance["attribution"].detector == "tracking"
    judged.type("a")
    assert evidence.text().startswith("changed · ")
    assert judged.label.provenance["attribution"].origin is Origin.CHANGED
    evidence.linkActivated.emit("78")
    assert judged.session.transport.frame == 78


def test_tracking_events_speak_where_nothing_is_proposed(make_desk: MakeDesk) -> None:
    found = findings_of("demo_1")
    proposal = {field: item for field, item in found.proposal.items() if field is not ProposedField.ATTRIBUTION}
    desk = make_desk(findings=FakeFindings({"demo_1": replace(found, proposal=proposal)})).open()
    desk.type("f")
    evidence = desk.window.attribution.evidence
    desk.until(evidence.isVisible)
    assert evidence.text().startswith("tracking ")
    assert "34 mm" in evidence.text()


def test_without_evidence_there_is_no_line(desk: Desk) -> None:
    desk.type("fa")
    assert not desk.window.attribution.evidence.isVisible()


def write_chain(desk: Desk) -> None:
    """Two links, the second at frame 97."""
    desk.type("hsteep approach")
    desk.press(Qt.Key.Key_Return)
    desk.type("off-centre contact")
    desk.press(Qt.Key.Key_Return)
    desk.type("mug turned")
    desk.session.transport.seek(97)
    desk.press(Qt.Key.Key_F, ALT)


FIRST = CausalLink("steep approach", "off-centre contact")
SECOND = CausalLink("off-centre contact", "mug turned", 97)


def test_a_chain_is_one_line_until_it_is_written(desk: Desk) -> None:
    desk.type("f")
    part = desk.window.chain
    desk.until(lambda: part.height() == scaled(28))
    write_chain(desk)
    assert desk.label.causal_chain == (FIRST, SECOND)
    assert [row.isVisible() for row in part.chain.rows] == [True, True, True]
    desk.press(Qt.Key.Key_Escape)
    assert not any(row.isVisible() for row in part.chain.rows)
    shown = [line.text() for line in part.chain.lines if line.isVisible()]
    assert shown == ["steep approach → off-centre contact", "off-centre contact → mug turned · 97"]


def test_the_effect_is_suggested_as_the_next_cause(desk: Desk) -> None:
    desk.type("fha")
    desk.press(Qt.Key.Key_Return)
    desk.type("b")
    desk.press(Qt.Key.Key_Return)
    rows = desk.window.chain.chain.rows
    assert desk.keyboard is rows[1].effect
    assert rows[1].cause.placeholderText() == "b"
    rows[1].cause.setFocus()
    desk.type("c")
    desk.press(Qt.Key.Key_Return)
    desk.type("d")
    assert desk.label.causal_chain == (CausalLink("a", "b"), CausalLink("c", "d"))


def test_links_are_reordered_jumped_to_and_deleted_by_keys(desk: Desk) -> None:
    desk.type("f")
    write_chain(desk)
    rows = desk.window.chain.chain.rows
    desk.press(Qt.Key.Key_Up, ALT)
    assert desk.label.causal_chain == (SECOND, FIRST)
    assert desk.keyboard is rows[0].effect
    desk.press(Qt.Key.Key_Up, ALT)
    desk.session.transport.seek(5)
    desk.press(Qt.Key.Key_J, ALT)
    assert desk.session.transport.frame == 97
    desk.press(Qt.Key.Key_Down, ALT)
    assert desk.label.causal_chain == (FIRST, SECOND)
    assert desk.keyboard is rows[1].effect
    desk.press(Qt.Key.Key_Backspace, ALT)
    assert desk.label.causal_chain == (FIRST,)
    assert desk.keyboard is rows[1].effect
    desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.label.causal_chain == (FIRST, SECOND)
    assert rows[1].effect.text() == "mug turned"
    desk.session.transport.seek(97)
    desk.press(Qt.Key.Key_F, ALT)
    desk.press(Qt.Key.Key_J, ALT)
    assert desk.notices[-1] == "This link has no frame yet."


def test_undo_of_the_row_one_writes_in_keeps_the_keyboard_in_the_chain(desk: Desk) -> None:
    desk.type("fha")
    desk.press(Qt.Key.Key_Return)
    desk.type("b")
    desk.press(Qt.Key.Key_Return)
    for _ in range(2):
        desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.label.causal_chain == ()
    assert desk.keyboard is desk.window.chain.chain.rows[0].cause
    desk.type("again")
    assert desk.label.causal_chain == (CausalLink("again", ""),)


def test_the_key_of_the_chain_goes_back_to_the_link_one_was_at(desk: Desk) -> None:
    desk.type("f")
    write_chain(desk)
    desk.press(Qt.Key.Key_Return)
    desk.press(Qt.Key.Key_Escape)
    desk.type("h")
    rows = desk.window.chain.chain.rows
    assert desk.keyboard is rows[2].effect
    rows[0].cause.setFocus()
    desk.press(Qt.Key.Key_Escape)
    desk.type("h")
    assert desk.keyboard is rows[0].cause
    desk.press(Qt.Key.Key_Escape)
    desk.type("n")
    desk.until(lambda: desk.is_open("demo_2"))
    desk.type("fh")
    assert desk.keyboard is rows[0].cause
    assert rows[0].cause.text() == ""


def test_half_a_link_keeps_the_stage_open_and_its_problem_leads_there(desk: Desk) -> None:
    desk.label_failure()
    desk.press(Qt.Key.Key_Escape)
    desk.type("honly a cause")
    desk.press(Qt.Key.Key_Escape)
    desk.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    card = desk.window.problems
    assert [problem.field for problem in card.problems] == ["causal_chain"]
    card.words.linkActivated.emit("causal_chain")
    assert desk.keyboard is desk.window.chain.chain.rows[0].cause
    desk.press(Qt.Key.Key_Return)
    desk.type("and an effect")
    assert not card.isVisible()


def further(desk: Desk, typed: str, frame: int) -> None:
    desk.session.transport.seek(frame)
    desk.window.chain.add.setFocus()
    desk.press(Qt.Key.Key_Return)
    desk.type(typed)
    desk.press(Qt.Key.Key_Return)


def test_a_further_failure_is_added_shown_and_deleted(desk: Desk) -> None:
    desk.type("f12")
    further(desk, "tipped", 200)
    assert desk.keyboard is desk.window
    further(desk, "missed tar", 150)
    missed = FurtherFailure("placement", "missed_target", 150)
    tipped = FurtherFailure("placement", "tipped_after_release", 200)
    assert desk.label.further_failures == (missed, tipped)
    lines = desk.window.chain.further.lines
    assert [line.show_it.text() for line in lines if line.isVisible()] == [
        "150 · Missed target",
        "200 · Tipped after release",
    ]
    lines[0].show_it.setFocus()
    desk.press(Qt.Key.Key_Return)
    assert desk.session.transport.frame == 150
    desk.press(Qt.Key.Key_Tab)
    desk.press(Qt.Key.Key_Return)
    assert desk.label.further_failures == (tipped,)
    desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.label.further_failures == (missed, tipped)


def test_a_clip_is_set_and_marked_in_the_list(desk: Desk) -> None:
    desk.label_failure()
    desk.press(Qt.Key.Key_Escape)
    desk.type("coff-centre")
    desk.press(Qt.Key.Key_Return)
    desk.press(Qt.Key.Key_Escape)
    desk.press(Qt.Key.Key_U, SHIFT)
    assert "looks like from now on: frames 88 to 97" in desk.notices[-1]
    desk.type("c")
    picker = desk.window.causes.picker
    assert picker.highlighted == replace(picker.highlighted, id="off_centre_contact", mark="clip")
    assert [entry.mark for entry in picker._matching].count("clip") == 1
    desk.press(Qt.Key.Key_Escape)
    assert "reference clip" in desk.window.causes.fields["proximal_cause"].accessibleDescription()


def test_the_clip_belongs_to_the_cause_whose_field_has_the_keyboard(desk: Desk) -> None:
    desk.label_failure()
    desk.press(Qt.Key.Key_Escape)
    desk.type("coff-centre")
    desk.press(Qt.Key.Key_Return)
    desk.type("dsteep")
    desk.press(Qt.Key.Key_Return)
    assert desk.keyboard is desk.window.causes.fields["distal_cause"]
    desk.press(Qt.Key.Key_U, SHIFT)
    clips = desk.session.explanation.clips
    steep = clips.cause("distal_cause", "steep_approach")
    assert clips.clip_of("distal_cause", steep) == ReferenceClip("demo_1", 88, 97)
    desk.press(Qt.Key.Key_Escape)
    desk.type("u")
    assert desk.notices[-1] == 'Nothing shows yet what "Off-centre contact" looks like.'


def test_a_clip_is_played_by_its_key_and_the_panel_comes_back(desk: Desk) -> None:
    desk.label_failure()
    desk.press(Qt.Key.Key_Escape)
    desk.type("coff-centre")
    desk.press(Qt.Key.Key_Return)
    desk.press(Qt.Key.Key_U, SHIFT)
    desk.press(Qt.Key.Key_Escape)
    desk.type("n")
    desk.until(lambda: desk.is_open("demo_2"))
    desk.type("fcoff-centre")
    desk.press(Qt.Key.Key_Return)
    desk.press(Qt.Key.Key_Escape)
    desk.type("ll")
    desk.session.transport.seek(200)
    desk.type("u")
    desk.until(lambda: desk.is_open("demo_1"))
    desk.until(lambda: desk.is_open("demo_2"))
    assert desk.session.transport.frame == 200
    assert {88, 97} <= set(desk.viewer.seeks) | {show.frame for show in desk.viewer.shows}
    assert desk.notices[-1] == 'That was "Off-centre contact". Back at demo_2, frame 200.'
    assert desk.label.proximal_cause == "off_centre_contact"


def test_without_a_mouse_everything_is_said_and_on_disk(judged: Desk) -> None:
    """From the first key to the file, and each field is reached by Tab as well."""
    desk = judged
    desk.label_failure()
    desk.press(Qt.Key.Key_Escape)
    for typed in ("coff-centre", "dsteep"):
        desk.type(typed)
        desk.press(Qt.Key.Key_Return)
        desk.press(Qt.Key.Key_Escape)
    desk.type("aeg")
    write_chain(desk)
    desk.press(Qt.Key.Key_Escape)
    further(desk, "tipped", 200)
    desk.press(Qt.Key.Key_U, SHIFT)
    desk.wait_until_saved()
    stored = json.loads(location_of(desk.dataset).path("demo_1", "anna").read_text(encoding="utf-8"))
    assert (stored["proximal_cause"], stored["distal_cause"]) == ("off_centre_contact", "steep_approach")
    assert (stored["attribution"], stored["preventable"], stored["severity"]) == ("robot_failure", True, "low")
    assert stored["causal_chain"][1] == {"cause": "off-centre contact", "effect": "mug turned", "frame": 97}
    assert stored["further_failures"][0]["onset_frame"] == 200
    clips = location_of(desk.dataset).companions_of_dataset("reference_clips.json")[0]
    desk.until(clips.exists)
    reached: list[QWidget] = []
    desk.window.setFocus()
    for _ in range(MANY_TABS):
        QTest.keyClick(desk.keyboard, Qt.Key.Key_Tab)
        reached.append(desk.keyboard)
    window = desk.window
    kinds = QAbstractButton | QLineEdit
    for part in (window.causes, window.attribution, window.chain):
        controls = [widget for widget in part.findChildren(QWidget) if isinstance(widget, kinds) and widget.isVisible()]
        assert controls
        assert set(controls) <= set(reached)


def unnamed(widget: QWidget) -> list[str]:
    kinds = QAbstractButton | QLineEdit
    return [
        repr(child)
        for child in widget.findChildren(QWidget)
        if isinstance(child, kinds) and child.isVisible() and not (child.accessibleName() or child.text())
    ]


@pytest.mark.parametrize("step", ["c", "h", ""])
def test_every_control_has_a_name(desk: Desk, step: str) -> None:
    desk.type("f")
    write_chain(desk)
    desk.press(Qt.Key.Key_Escape)
    desk.type(step)
    window = desk.window
    assert [name for part in (window.causes, window.attribution, window.chain) for name in unnamed(part)] == []


STEPS: dict[str, Callable[[Desk], None]] = {
    "picker": lambda desk: desk.type("c"),
    "chain": write_chain,
    "further": lambda desk: desk.window.chain.add.click(),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("width", [360, 440])
def test_nothing_is_cut_off_while_it_is_unfolded(judged: Desk, step: Callable[[Desk], None], width: int) -> None:
    judged.window.resize(width, 900)
    judged.type("f12a")
    step(judged)
    judged.until(lambda: fits(judged))


def fits(desk: Desk) -> bool:
    try:
        everything_fits(desk.window)
    except AssertionError:
        return False
    return True


def test_what_may_only_be_read_is_shown_and_not_changed(make_desk: MakeDesk) -> None:
    desk = make_desk(read_only=True).open()
    desk.type("cdaegh")
    assert desk.keyboard is desk.window
    assert set(desk.notices) == {"Another failview writes the sidecars of anna now."}
    assert desk.label.attribution is None
