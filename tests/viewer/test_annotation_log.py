"""The lane of the annotation."""

from hypothesis import given
from hypothesis import strategies as st

from failview.model.annotation import Annotation, Outcome
from failview.model.clock import Clock
from failview.viewer.annotation_log import (
    AFTER,
    BEFORE,
    FAILURE,
    OBVIOUS,
    RECOVERY,
    SUCCESS,
    UNMARKED,
    AnnotationLane,
    lane_states,
)

FRAMES = 60
frames = st.none() | st.integers(0, FRAMES - 1)
annotations = st.builds(
    Annotation,
    failure_onset_frame=frames,
    failure_obvious_frame=frames,
    recovery_start_frame=frames,
    recovery_end_frame=frames,
)


def test_the_lane_tells_the_story_in_order() -> None:
    annotation = Annotation(
        failure_onset_frame=10, failure_obvious_frame=15, recovery_start_frame=30, recovery_end_frame=39
    )
    assert lane_states(annotation, 60) == {0: BEFORE, 10: FAILURE, 15: OBVIOUS, 30: RECOVERY, 40: AFTER}


def test_without_marks_the_lane_says_so() -> None:
    assert lane_states(Annotation(), 60) == {0: UNMARKED}
    assert lane_states(Annotation(outcome=Outcome.FAILURE), 60) == {0: UNMARKED}


def test_a_success_is_a_success_from_end_to_end() -> None:
    assert lane_states(Annotation(outcome=Outcome.SUCCESS), 60) == {0: SUCCESS}


def test_a_failure_from_the_first_frame_has_no_before() -> None:
    assert lane_states(Annotation(failure_onset_frame=0), 60) == {0: FAILURE}


def test_a_recovery_until_the_last_frame_has_no_after() -> None:
    states = lane_states(Annotation(recovery_start_frame=50, recovery_end_frame=59), 60)
    assert states == {0: BEFORE, 50: RECOVERY}


@given(st.lists(annotations, min_size=1, max_size=6))
def test_after_any_changes_the_lane_shows_the_last_annotation(changes: list[Annotation]) -> None:
    lane = AnnotationLane(Clock.at_rate(FRAMES, 30.0, "test"))
    on_screen: dict[int, str] = {}
    for annotation in changes:
        on_screen |= lane.rows(annotation)
    wanted = lane_states(changes[-1], FRAMES)
    shown = now = ""
    for frame in range(FRAMES):
        shown = on_screen.get(frame, shown)
        now = wanted.get(frame, now)
        assert shown.removesuffix(" (continued)") == now
