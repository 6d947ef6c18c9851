"""Phases and onset stand on exactly the frames that the label names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failview.model.annotation import Annotation, Outcome
from failview.model.frame_phases import frame_phases, onset_flags, phase_words

LETTERS = {
    "pre_failure": "-",
    "failure_onset": "O",
    "during_failure": "f",
    "recovery": "R",
    "post_recovery": "+",
    "normal": "n",
    "": "?",
}


def drawn(label: Annotation | None, num_frames: int = 8) -> str:
    """One letter per frame."""
    return "".join(LETTERS[word] for word in phase_words(frame_phases(label, num_frames)))


def failure(onset: int, start: int | None = None, end: int | None = None) -> Annotation:
    return Annotation(Outcome.FAILURE, failure_onset_frame=onset, recovery_start_frame=start, recovery_end_frame=end)


def test_the_phases_of_a_failure_without_and_with_a_recovery() -> None:
    assert drawn(failure(3)) == "---Offff"
    assert drawn(failure(0)) == "Offfffff"
    assert drawn(failure(7)) == "-------O"
    assert drawn(failure(2, 4, 5)) == "--OfRR++"
    assert drawn(failure(2, 4)) == "--OfRRRR"
    assert drawn(failure(2, 2, 3)) == "--OR++++"
    assert drawn(failure(2, 2, 2)) == "--O+++++"
    assert drawn(failure(2, 7, 7)) == "--OffffR"


def test_a_success_is_normal_and_what_has_no_label_has_no_phase() -> None:
    assert drawn(Annotation(Outcome.SUCCESS)) == "n" * 8
    for nothing in (None, Annotation(failure_onset_frame=1)):
        assert drawn(nothing) == "?" * 8
        assert not onset_flags(nothing, 8).any()


@given(st.data())
def test_the_onset_is_at_exactly_one_frame(data: st.DataObject) -> None:
    num_frames = data.draw(st.integers(1, 60))
    onset = data.draw(st.integers(0, num_frames - 1))
    start = data.draw(st.none() | st.integers(onset, num_frames - 1))
    end = None if start is None else data.draw(st.none() | st.integers(start, num_frames - 1))
    label = failure(onset, start, end)
    assert onset_flags(label, num_frames).nonzero()[0].tolist() == [onset]
    shown = drawn(label, num_frames)
    assert shown.startswith("-" * onset + "O")
    assert "-" not in shown[onset:]
    last = num_frames - 1 if end is None else end
    recovery = [] if start is None else [frame for frame in range(start, last + 1) if frame != onset]
    assert [frame for frame, letter in enumerate(shown) if letter == "R"] == recovery
    assert shown.count("+") == (0 if start is None else num_frames - 1 - max(last, onset))


@pytest.mark.parametrize("label", [failure(8), failure(0, 8), failure(0, 0, 8)])
def test_frames_past_the_end_are_refused(label: Annotation) -> None:
    with pytest.raises(ValueError, match="frame 8 in an episode of 8 frames"):
        frame_phases(label, 8)
