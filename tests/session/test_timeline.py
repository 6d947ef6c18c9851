"""Marks chosen, nudged and dragged; loops; and which part of the episode is seen. With a fake viewer."""

import time
from collections.abc import Callable

import hypothesis.strategies as st
import pytest
from hypothesis import given

from failview.model.annotation import Annotation, AnnotationRecord, Outcome, Stage
from failview.model.clock import Clock
from failview.model.taxonomy import Taxonomy
from failview.session.desk.draft import Draft
from failview.session.desk.judging import Judging
from failview.session.desk.open_episode import OpenEpisode
from failview.session.label.labelling import Labelling
from failview.session.playing.mark_limits import mark_limits
from failview.session.playing.marks import MARK_FIELDS
from failview.session.playing.timeline import Timeline
from failview.session.playing.transport import Transport
from failview.session.playing.zoom import LEAST_FRAMES, Zoom
from failview.sidecars.taxonomy_file import load_default_taxonomy
from tests.episodes.synthetic import make_episode
from tests.fakes.fake_findings import FakeFindings, slip_findings
from tests.fakes.fake_viewer import FakeViewer

ONSET, OBVIOUS, START, END = MARK_FIELDS
MARKS = {ONSET: 88, OBVIOUS: 97, START: 120, END: 150}


class Bench:
    """An open episode of 312 frames at 20 Hz with everything around its timeline."""

    def __init__(self, marks: dict[str, int], *, read_only: str = "", judged: bool = False) -> None:
        taxonomy: Taxonomy = load_default_taxonomy()
        self.viewer = FakeViewer()
        self.said: list[str] = []
        self.transport = Transport()
        self.labelling = Labelling(taxonomy, lambda: self.transport.frame, self.said.append)
        findings = FakeFindings({"demo": slip_findings("demo")} if judged else {})
        self.judging = Judging(findings, self.viewer, lambda function: function())
        self.timeline = Timeline(self.transport, self.labelling, self.judging, self.viewer, self.said.append)
        episode = make_episode(312, (), 20.0, episode_id="demo")
        label = Annotation(outcome=Outcome.FAILURE, recovery_attempted=START in marks or None, **marks)
        record = AnnotationRecord("demo", "ann", taxonomy.id, taxonomy.version, annotation=label)
        self.draft = Draft(record, taxonomy)
        self.opened = OpenEpisode(episode, self.draft, taxonomy, Stage.DETAIL, (), read_only)
        self.labelling.open(self.opened)
        self.transport.load(episode.clock)
        self.transport.frame_changed.connect(self.viewer.seek)
        self.viewer.show(episode, label, 0)
        self.draft.changed.connect(self.viewer.mark)
        self.draft.changed.connect(self.timeline.loop.follow_marks)

    def frame_of(self, field: str) -> int | None:
        frame: int | None = getattr(self.draft.annotation, field)
        return frame


@pytest.fixture
def bench() -> Bench:
    return Bench(MARKS)


def test_m_goes_through_the_marks_in_time_and_the_viewer_follows(bench: Bench) -> None:
    chosen = bench.timeline.chosen
    bench.transport.seek(90)
    seen = []
    for _ in range(5):
        chosen.choose_next()
        seen.append((chosen.field, bench.transport.frame, bench.viewer.frame))
    assert seen == [(OBVIOUS, 97, 97), (START, 120, 120), (END, 150, 150), (ONSET, 88, 88), (OBVIOUS, 97, 97)]


def test_a_nudge_moves_the_mark_and_the_viewer_by_one_frame_and_is_undone(bench: Bench) -> None:
    chosen = bench.timeline.chosen
    chosen.choose(END)
    for _ in range(3):
        chosen.nudge(1)
    assert (bench.frame_of(END), bench.transport.frame, bench.viewer.frame) == (153, 153, 153)
    chosen.nudge(-1)
    assert bench.frame_of(END) == 152
    assert bench.draft.annotation.provenance[END].origin.value == "manual"
    for _ in range(4):
        bench.draft.undo()
    assert bench.frame_of(END) == 150


def test_without_a_choice_the_mark_under_the_cursor_is_nudged(bench: Bench) -> None:
    bench.timeline.chosen.nudge(1)
    assert bench.said == ["No mark is chosen: press M, or go to a mark."]
    bench.transport.seek(120)
    bench.timeline.chosen.nudge(-1)
    assert (bench.frame_of(START), bench.timeline.chosen.field) == (119, START)


def test_a_mark_that_is_cleared_or_of_another_episode_is_not_chosen(bench: Bench) -> None:
    chosen = bench.timeline.chosen
    chosen.choose(ONSET)
    bench.labelling.set_frame(ONSET, None)
    assert chosen.field is None
    chosen.choose(OBVIOUS)
    bench.labelling.open(None)
    assert chosen.field is None
    chosen.choose_next()
    chosen.nudge(1)
    assert chosen.field is None


def test_where_nothing_is_marked_nothing_is_chosen() -> None:
    bench = Bench({})
    bench.timeline.chosen.choose_next()
    assert bench.said == ["There is no mark to choose: set one first."]


@pytest.mark.parametrize(
    ("field", "steps", "stays", "line"),
    [
        (ONSET, 1, 97, "The onset cannot be after the obvious frame (97)."),
        (OBVIOUS, -1, 88, "The obvious frame cannot be before the onset (88)."),
        (START, 1, 150, "The start of the recovery cannot be after the end of the recovery (150)."),
        (END, -1, 120, "The end of the recovery cannot be before the start of the recovery (120)."),
    ],
)
def test_marks_do_not_pass_each_other(bench: Bench, field: str, steps: int, stays: int, line: str) -> None:
    bench.timeline.chosen.choose(field)
    for _ in range(70):
        bench.timeline.chosen.nudge(steps)
    assert bench.frame_of(field) == stays
    assert set(bench.said) == {line}


@given(
    frames=st.lists(st.one_of(st.none(), st.integers(0, 99)), min_size=4, max_size=4),
    field=st.sampled_from(MARK_FIELDS),
    wanted=st.integers(-50, 150),
)
def test_a_mark_is_never_put_where_it_contradicts_another(frames: list[int | None], field: str, wanted: int) -> None:
    onset, obvious, start, end = frames
    label = Annotation(
        outcome=Outcome.FAILURE,
        failure_onset_frame=onset,
        failure_obvious_frame=obvious,
        recovery_start_frame=start,
        recovery_end_frame=end,
    )
    limits = mark_limits(label, field, 100)
    frame = limits.clamp(wanted)
    values = dict(zip(MARK_FIELDS, frames, strict=True)) | {field: frame}

    def in_order(earlier: str, later: str) -> bool:
        one, other = values[earlier], values[later]
        return field not in (earlier, later) or one is None or other is None or one <= other

    assert 0 <= frame < 100
    if limits.first <= limits.last:
        assert in_order(ONSET, OBVIOUS)
        assert in_order(ONSET, START)
        assert in_order(ONSET, END)
        assert in_order(START, END)
    if frame != wanted and 0 <= wanted < 100:
        assert limits.refusal(field, wanted)


def test_a_drag_is_seen_live_and_is_one_change(bench: Bench) -> None:
    drag = bench.timeline.drag
    changes: list[Annotation] = []
    bench.draft.changed.connect(changes.append)
    assert drag.take((END,))
    for frame in range(151, 181):
        drag.move(frame)
        assert bench.viewer.frame == frame
        assert bench.viewer.annotation is not None
        assert bench.viewer.annotation.recovery_end_frame == frame
        assert drag.shown(bench.draft.annotation).recovery_end_frame == frame
    assert changes == []
    drag.put_down()
    assert [label.recovery_end_frame for label in changes] == [180]
    assert not drag.under_way
    assert bench.timeline.chosen.field == END
    bench.draft.undo()
    assert bench.frame_of(END) == 150
    assert not bench.draft.can_undo


def test_a_drag_that_is_given_up_leaves_nothing(bench: Bench) -> None:
    drag = bench.timeline.drag
    bench.transport.seek(30)
    drag.take((START,))
    drag.move(140)
    drag.give_up()
    assert (bench.frame_of(START), bench.transport.frame, bench.draft.can_undo) == (120, 30, False)
    assert bench.viewer.annotation is not None
    assert bench.viewer.annotation.recovery_start_frame == 120
    drag.move(100)
    drag.put_down()
    assert bench.frame_of(START) == 120


def test_a_mark_that_is_merely_touched_is_not_changed(bench: Bench) -> None:
    drag = bench.timeline.drag
    drag.take((ONSET,))
    drag.put_down()
    assert not bench.draft.can_undo
    assert drag.take((ONSET,))
    drag.move(80)
    drag.move(88)
    drag.put_down()
    assert not bench.draft.can_undo


def test_a_mark_is_not_dragged_past_another_and_the_reason_is_said_once(bench: Bench) -> None:
    drag = bench.timeline.drag
    drag.take((END,))
    for frame in range(150, 60, -1):
        drag.move(frame)
    assert (bench.transport.frame, bench.viewer.frame) == (120, 120)
    assert bench.said == ["The end of the recovery cannot be before the start of the recovery (120)."]
    drag.put_down()
    assert bench.frame_of(END) == 120


@pytest.mark.parametrize(("to", "moved"), [(80, ONSET), (95, OBVIOUS)])
def test_of_two_marks_on_one_frame_the_direction_tells_which(to: int, moved: str) -> None:
    bench = Bench({ONSET: 88, OBVIOUS: 88})
    drag = bench.timeline.drag
    drag.take((ONSET, OBVIOUS))
    drag.move(88)
    assert drag.field is None
    drag.move(to)
    drag.put_down()
    assert bench.frame_of(moved) == to
    assert bench.frame_of({ONSET: OBVIOUS, OBVIOUS: ONSET}[moved]) == 88


def test_nothing_is_dragged_where_nothing_may_be_changed() -> None:
    bench = Bench(MARKS, read_only="Another failview writes here.")
    assert not bench.timeline.drag.take((ONSET,))
    bench.timeline.drag.move(3)
    bench.timeline.drag.put_down()
    assert bench.frame_of(ONSET) == 88
    assert bench.said == ["Another failview writes here."]


def test_an_episode_that_is_left_takes_nothing_from_the_hand(bench: Bench) -> None:
    drag = bench.timeline.drag
    drag.take((ONSET,))
    drag.move(60)
    drag.forget()
    drag.put_down()
    assert bench.frame_of(ONSET) == 88


@pytest.mark.parametrize(
    ("marks", "cursor", "played"),
    [
        (MARKS, 92, (88, 97)),
        (MARKS, 88, (88, 97)),
        (MARKS, 130, (120, 150)),
        (MARKS, 150, (120, 150)),
        (MARKS, 10, (88, 150)),
        (MARKS, 300, (88, 150)),
        ({ONSET: 88}, 200, (68, 108)),
        ({ONSET: 5}, 200, (0, 25)),
        ({ONSET: 88, OBVIOUS: 88}, 200, (68, 108)),
    ],
)
def test_a_loop_goes_between_the_marks_around_the_cursor(
    marks: dict[str, int], cursor: int, played: tuple[int, int]
) -> None:
    bench = Bench(marks)
    bench.transport.seek(cursor)
    bench.timeline.loop.toggle(0.0)
    assert bench.timeline.loop.range == played
    assert bench.transport.playing
    assert played[0] <= bench.transport.frame <= played[1]
    bench.timeline.loop.toggle(1.0)
    assert bench.timeline.loop.range is None
    assert bench.transport.playing


def test_without_marks_the_event_is_looped_around_or_nothing() -> None:
    judged = Bench({}, judged=True)
    judged.judging.request(judged.opened.episode, urgent=True)
    wait_for(lambda: judged.judging.of(judged.opened.episode).findings is not None)
    judged.timeline.loop.toggle(0.0)
    assert judged.timeline.loop.range == (0, 44)
    judged.judging.close()
    unjudged = Bench({})
    unjudged.timeline.loop.toggle(0.0)
    assert unjudged.timeline.loop.range is None
    assert unjudged.said == ["Nothing to loop between: set a mark first."]


def wait_for(reached: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline_s


def test_the_loop_follows_its_marks_and_ends_with_the_episode(bench: Bench) -> None:
    bench.transport.seek(92)
    bench.timeline.loop.toggle(0.0)
    bench.timeline.chosen.choose(OBVIOUS)
    bench.timeline.chosen.nudge(1)
    assert bench.timeline.loop.range == (88, 98)
    bench.labelling.set_frame(OBVIOUS, None)
    assert bench.timeline.loop.range == (88, 97)
    bench.transport.load(Clock.at_rate(40, 20.0, "test"))
    assert bench.timeline.loop.range is None
    bench.labelling.set_frame(ONSET, 3)
    assert bench.timeline.loop.range is None


def zoomed(num_frames: int = 400) -> tuple[Transport, Zoom]:
    transport = Transport()
    zoom = Zoom(transport)
    transport.load(Clock.at_rate(num_frames, 30.0, "test"))
    return transport, zoom


def test_closer_and_back_to_the_whole() -> None:
    transport, zoom = zoomed()
    assert (zoom.first, zoom.span, zoom.is_whole) == (0, 400, True)
    transport.seek(100)
    zoom.step(1)
    assert zoom.span == 200
    assert (100.5 - zoom.first) / zoom.span == pytest.approx(100.5 / 400)
    zoom.step(20)
    assert zoom.span == LEAST_FRAMES
    zoom.step(-20)
    assert (zoom.first, zoom.span) == (0, 400)


@given(frames=st.lists(st.integers(0, 399), max_size=20), steps=st.lists(st.floats(-3, 3), min_size=1, max_size=20))
def test_the_cursor_is_always_seen_and_nothing_beyond_the_episode(frames: list[int], steps: list[float]) -> None:
    transport, zoom = zoomed()
    for step in steps:
        zoom.step(step)
        for frame in frames:
            transport.seek(frame)
            assert zoom.first <= transport.frame
            assert transport.frame + 1 <= zoom.first + zoom.span + 1e-9
        assert zoom.first >= 0
        assert zoom.first + zoom.span <= 400 + 1e-9


def test_the_place_under_the_pointer_stays() -> None:
    _, zoom = zoomed()
    zoom.step(2, around=300.0)
    assert (300 - zoom.first) / zoom.span == pytest.approx(0.75)


def test_while_a_hand_is_on_the_strip_it_scrolls_only_at_its_ends() -> None:
    transport, zoom = zoomed()
    zoom.step(2)
    zoom.held = True
    transport.seek(99)
    assert zoom.first == 0
    transport.seek(100)
    assert zoom.first == 1
    zoom.held = False
    transport.seek(101)
    assert zoom.first == pytest.approx(12)


def test_another_episode_is_seen_whole() -> None:
    transport, zoom = zoomed()
    zoom.step(3)
    transport.load(Clock.at_rate(10, 30.0, "test"), 4)
    assert (zoom.first, zoom.span) == (0, 10)
    zoom.step(5)
    assert zoom.span == 10
