"""The recorded flag is read in the forms that files have, and believed a little."""

import numpy as np
import pytest

from failview.detectors.task_success.recorded_flag import judge_flag
from failview.detectors.task_success.verdict import NoVerdict, Verdict
from tests.detectors.task_success import pick_and_place as planted
from tests.detectors.task_success.pick_and_place import FRAMES

SINCE = 112


def flag(since: int | None = None, until: int = FRAMES) -> np.ndarray:
    values = np.zeros(FRAMES)
    if since is not None:
        values[since:until] = 1.0
    return values


def judged(values: np.ndarray, **form: object) -> Verdict | NoVerdict:
    return judge_flag(planted.case(planted.with_flag(planted.episode(), values, **form)))  # type: ignore[arg-type]


def test_true_at_the_end() -> None:
    verdict = judged(flag(SINCE))
    assert isinstance(verdict, Verdict)
    assert verdict.reached
    assert verdict.start_row == SINCE
    assert verdict.confidence < 0.7


def test_never_true() -> None:
    verdict = judged(flag())
    assert isinstance(verdict, Verdict)
    assert not verdict.reached


def test_true_once_but_not_at_the_end_says_where() -> None:
    verdict = judged(flag(100, 120))
    assert isinstance(verdict, Verdict)
    assert not verdict.reached
    assert verdict.start_row == 120
    assert "until frame 119" in verdict.evidence


def test_a_zero_reward_is_believed_less_than_a_false_flag() -> None:
    explicit, reward = judged(flag()), judged(flag(), stream="rewards")
    assert isinstance(explicit, Verdict)
    assert isinstance(reward, Verdict)
    assert reward.confidence < explicit.confidence
    assert "reward of 0 and 1" in reward.evidence


@pytest.mark.parametrize(("words", "reached"), [(("failure", "success"), True), (("True", "False"), False)])
def test_words_are_read(words: tuple[str, str], reached: bool) -> None:
    verdict = judged(flag(SINCE), words=words)
    assert isinstance(verdict, Verdict)
    assert verdict.reached is reached


def test_a_flag_only_in_the_last_frame_is_read_past_the_gaps() -> None:
    values = np.full(FRAMES, np.nan)
    values[-3] = 1.0
    verdict = judged(values)
    assert isinstance(verdict, Verdict)
    assert verdict.reached


@pytest.mark.parametrize("values", [np.linspace(0, 7.5, FRAMES), np.full(FRAMES, np.nan)])
def test_what_is_no_flag_is_not_read(values: np.ndarray) -> None:
    assert isinstance(judged(values), NoVerdict)


def test_words_that_mean_neither_are_not_read() -> None:
    assert isinstance(judged(flag(SINCE), words=("lift", "carry")), NoVerdict)
