"""The one table of everything a person can do: keys, menus, help and tests are derived from it.

Keys are written in Qt's portable form ("Ctrl+Shift+Z"); nothing here needs Qt.
"""

from collections.abc import Callable
from dataclasses import dataclass

from failview.model.annotation import Outcome, RecoveryOutcome, Stage
from failview.session.deciding import accept, say_outcome
from failview.session.session import Session
from failview.session.work.queue_filter import QueueFilter
from failview.session.work.review import WHY

BEYOND_ANY_EPISODE = 10**9
"""More frames than an episode has: a step of this size ends at the first or last frame."""

Run = Callable[[Session], None]


@dataclass(frozen=True)
class Action:
    """One thing a person can do.

    Attributes:
        id: Name in the settings file.
        title: Words for menus and help.
        group: Heading in the help overlay.
        keys: Keys that do it; the first one is shown.
        run: Does it.
        in_text: True when its keys also work while a text field has the keyboard (keys that type a character never do).
        repeats: True when holding the key repeats it.
    """

    id: str
    title: str
    group: str
    keys: tuple[str, ...]
    run: Run
    in_text: bool = False
    repeats: bool = False


def _toggle(session: Session) -> None:
    session.transport.toggle(session.now())


def _speed(steps: int) -> Run:
    return lambda session: session.transport.change_speed(steps, session.now())


def _step(frames: int) -> Run:
    return lambda session: session.transport.step(frames)


def _seconds(seconds: float) -> Run:
    return lambda session: session.transport.step_seconds(seconds)


def _jump(direction: int) -> Run:
    return lambda session: session.landmarks.jump(direction)


def _outcome(outcome: Outcome) -> Run:
    return lambda session: say_outcome(session, outcome)


def _skip(session: Session) -> None:
    """Ask for the reason; an episode that cannot be opened needs none."""
    if session.unreadable:
        session.put_off("cannot be opened")
    else:
        session.focus_requested.emit("put_off")


def _stage(stage: Stage) -> Run:
    return lambda session: session.change_stage(stage)


def _of_detail(run: Run) -> Run:
    """What triage neither shows nor changes."""

    def checked(session: Session) -> None:
        if session.stage is Stage.TRIAGE:
            session.notice.emit("That belongs to the detail stage.")
        else:
            run(session)

    return checked


def _digit(digit: int) -> Run:
    return _of_detail(lambda session: session.labelling.press_digit(digit))


def _mark(field: str) -> Run:
    def run(session: Session) -> None:
        if session.labelling.set_mark(field):
            session.timeline.chosen.choose(field)

    return run


def _nudge(frames: int) -> Run:
    return lambda session: session.timeline.chosen.nudge(frames)


def _zoom(steps: int) -> Run:
    return lambda session: session.timeline.zoom.step(steps)


def _next_recovery_outcome(session: Session) -> None:
    """Go round what came of the recovery: recovered, failed, no attempt."""
    opened = session.open_episode
    if opened is None:
        return
    if opened.annotation.outcome is Outcome.SUCCESS:
        session.notice.emit("A success has no recovery. Press F or P first.")
        return
    choices = list(RecoveryOutcome)
    now = opened.annotation.recovery_outcome
    session.labelling.set_recovery_outcome(choices[0 if now is None else (choices.index(now) + 1) % len(choices)])


def _go_round(field: str) -> Run:
    return _of_detail(lambda session: session.explanation.causes.go_round(field))


def _confidence(steps: int) -> Run:
    return _of_detail(lambda session: session.labelling.nudge_confidence(steps))


def _enlarge(steps: int) -> Run:
    return lambda session: session.appearance.enlarge(steps)


def _focus(field: str) -> Run:
    return lambda session: session.focus_requested.emit(field)


def _focus_of_failure(field: str) -> Run:
    """Give the keyboard to a field that a success does not have."""

    def run(session: Session) -> None:
        if session.explanation.causes.failed_episode() is not None:
            session.focus_requested.emit(field)

    return _of_detail(run)


def _write_why(session: Session) -> None:
    """The root cause, or in the review the reason for the decision."""
    session.focus_requested.emit(WHY if session.stage is Stage.REVIEW else "root_cause")


def _play_clip(session: Session) -> None:
    session.explanation.clips.play(session.open_episode)


def _move(steps: int) -> Run:
    return lambda session: session.move(steps)


ACTIONS: tuple[Action, ...] = (
    Action("play_pause", "Play or pause", "Play", ("Space", "K"), _toggle),
    Action("slower", "Slower, then backwards", "Play", ("J",), _speed(-1), repeats=True),
    Action("faster", "Faster", "Play", ("L",), _speed(1), repeats=True),
    Action("frame_back", "One frame back", "Play", ("Left", ","), _step(-1), repeats=True),
    Action("frame_on", "One frame on", "Play", ("Right", "."), _step(1), repeats=True),
    Action("second_back", "One second back", "Play", ("Shift+Left",), _seconds(-1.0), repeats=True),
    Action("second_on", "One second on", "Play", ("Shift+Right",), _seconds(1.0), repeats=True),
    Action("previous_mark", "Previous event or mark", "Play", ("Ctrl+Left",), _jump(-1)),
    Action("next_mark", "Next event or mark", "Play", ("Ctrl+Right",), _jump(1)),
    Action("next_contradiction", "What contradicts the label", "Play", ("Z",), lambda s: s.contradictions.jump()),
    Action("first_frame", "First frame", "Play", ("Home",), _step(-BEYOND_ANY_EPISODE)),
    Action("last_frame", "Last frame", "Play", ("End",), _step(BEYOND_ANY_EPISODE)),
    Action("loop", "Loop between marks", "Play", ("I",), lambda session: session.timeline.loop.toggle(session.now())),
    Action("zoom_in", "See the timeline closer", "Play", ("Up",), _zoom(1), repeats=True),
    Action("zoom_out", "See more of the timeline", "Play", ("Down",), _zoom(-1), repeats=True),
    Action("accept", "Accept the proposal", "Label", ("Return", "Enter"), accept),
    Action("success", "Success", "Label", ("S",), _outcome(Outcome.SUCCESS)),
    Action("partial_success", "Partial success", "Label", ("P",), _outcome(Outcome.PARTIAL_SUCCESS)),
    Action("failure", "Failure", "Label", ("F",), _outcome(Outcome.FAILURE)),
    Action("digit_1", "Category 1, then subcategory 1", "Label", ("1",), _digit(1)),
    Action("digit_2", "Category 2, then subcategory 2", "Label", ("2",), _digit(2)),
    Action("digit_3", "Category 3, then subcategory 3", "Label", ("3",), _digit(3)),
    Action("digit_4", "Category 4, then subcategory 4", "Label", ("4",), _digit(4)),
    Action("digit_5", "Category 5", "Label", ("5",), _digit(5)),
    Action("category_up", "Back to the categories", "Label", ("Backspace",), lambda s: s.labelling.category_up()),
    Action("onset", "Failure begins here", "Label", ("O",), _mark("failure_onset_frame")),
    Action("obvious", "Failure is obvious here", "Label", ("B",), _mark("failure_obvious_frame")),
    Action("recovery_start", "Recovery starts here", "Label", ("[",), _mark("recovery_start_frame")),
    Action("recovery_end", "Recovery ends here", "Label", ("]",), _mark("recovery_end_frame")),
    Action("choose_mark", "Choose the next mark", "Label", ("M",), lambda s: s.timeline.chosen.choose_next()),
    Action("nudge_back", "Chosen mark one frame back", "Label", ("Alt+Left",), _nudge(-1), repeats=True),
    Action("nudge_on", "Chosen mark one frame on", "Label", ("Alt+Right",), _nudge(1), repeats=True),
    Action(
        "recovery_outcome",
        "What came of the recovery",
        "Label",
        ("V",),
        _next_recovery_outcome,
    ),
    Action("proximal_cause", "Choose the proximal cause", "Causes", ("C",), _focus_of_failure("proximal_cause")),
    Action("distal_cause", "Choose the distal cause", "Causes", ("D",), _focus_of_failure("distal_cause")),
    Action("play_clip", "Play what the cause looks like", "Causes", ("U",), _play_clip),
    Action(
        "set_clip",
        "This is what the cause looks like",
        "Causes",
        ("Shift+U",),
        lambda s: s.explanation.clips.set_here(),
    ),
    Action("attribution", "Robot, operator or unclear", "Causes", ("A",), _go_round("attribution")),
    Action("preventable", "Preventable or not", "Causes", ("E",), _go_round("preventable")),
    Action("severity", "Severity: low, medium, high", "Causes", ("G",), _go_round("severity")),
    Action("causal_chain", "Write the causal chain", "Causes", ("H",), _focus_of_failure("causal_chain")),
    Action("further_failure", "Another failure begins here", "Causes", (), _focus_of_failure("further_failures")),
    Action("root_cause", "Write the root cause; in review the reason", "Form", ("R",), _of_detail(_write_why)),
    Action("notes", "Write notes", "Form", ("T",), _of_detail(_focus("notes"))),
    Action("less_sure", "Less confident", "Form", ("-",), _confidence(-1), repeats=True),
    Action("surer", "More confident", "Form", ("+", "="), _confidence(1), repeats=True),
    Action("leave_field", "From a field back to the keys", "Form", ("Esc",), _focus(""), in_text=True),
    Action(
        "finish_stage",
        "Finish and go to the next episode",
        "Work",
        ("Ctrl+Return", "Ctrl+Enter"),
        lambda session: session.finish_stage(),
        in_text=True,
    ),
    Action("next_episode", "Next episode", "Work", ("N",), _move(1)),
    Action("previous_episode", "Previous episode", "Work", ("Shift+N",), _move(-1)),
    Action("undo", "Undo", "Work", ("Ctrl+Z",), lambda s: s.labelling.undo(), in_text=True, repeats=True),
    Action(
        "redo", "Redo", "Work", ("Ctrl+Shift+Z", "Ctrl+Y"), lambda s: s.labelling.redo(), in_text=True, repeats=True
    ),
    Action("queue", "The queue: choose, filter, search", "Work", ("Q",), _focus("queue")),
    Action("queue_search", "Search in the queue", "Work", ("/",), _focus("queue_search")),
    Action("whole_queue", "The whole queue again", "Work", (), lambda session: session.narrow(QueueFilter())),
    Action("bulk", "Accept sure proposals together", "Work", ("Ctrl+B",), _focus("bulk"), in_text=True),
    Action("skip", "Skip for a reason", "Work", ("X",), _skip),
    Action("take_other_side", "Take the other side (review)", "Work", ("Y",), lambda s: s.review.take_other_side()),
    Action("stage_triage", "Triage: outcomes", "Work", ("F6",), _stage(Stage.TRIAGE), in_text=True),
    Action("stage_detail", "Detail: failures", "Work", ("F7",), _stage(Stage.DETAIL), in_text=True),
    Action("stage_review", "Review: second looks", "Work", ("F8",), _stage(Stage.REVIEW), in_text=True),
    Action("readings", "Force, torque, aperture over the pictures", "Play", ("W",), lambda s: s.readings.switch()),
    Action("restart_viewer", "Restart the viewer when it is gone", "Work", ("F5",), lambda s: s.link.restart(), True),
    Action("palette", "Find an action", "Panel", ("Ctrl+K",), lambda s: s.palette_requested.emit(), in_text=True),
    Action("larger_text", "Larger text", "Panel", ("Ctrl++", "Ctrl+="), _enlarge(1), in_text=True, repeats=True),
    Action("smaller_text", "Smaller text", "Panel", ("Ctrl+-",), _enlarge(-1), in_text=True, repeats=True),
    Action("usual_text", "Text of the usual size", "Panel", ("Ctrl+0",), lambda s: s.appearance.usual_font(), True),
    Action("theme", "Dark or light", "Panel", (), lambda s: s.appearance.switch_theme(), in_text=True),
    Action("help", "Show or hide all keys", "Panel", ("?", "F1"), lambda s: s.help_requested.emit(), in_text=True),
)

_BY_ID = {item.id: item for item in ACTIONS}


def action(action_id: str) -> Action:
    """The action of this id.

    Raises:
        KeyError: There is none.
    """
    return _BY_ID[action_id]
