"""Lines make confidences mean what they say, and few labels move them little."""

import numpy as np
import pytest

from failview.detectors.calibrated import through
from failview.detectors.calibration.confidence_lines import AS_IT_IS, fit_line, log_loss


def drawn(count: int, slope: float, offset: float) -> tuple[list[float], list[bool]]:
    """Confidences, and what is right when the truth follows a line."""
    rng = np.random.default_rng(5)
    confidences = rng.uniform(0.05, 0.97, count).tolist()
    return confidences, [bool(rng.random() < through(value, slope, offset)) for value in confidences]


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.5, -1.0), (1.6, 0.8)])
def test_a_planted_line_is_found(slope: float, offset: float) -> None:
    found = fit_line(*drawn(4000, slope, offset))
    assert found == pytest.approx((slope, offset), abs=0.15)


def test_one_that_claims_95_and_is_right_in_60_of_100_comes_down_to_60() -> None:
    line = fit_line([0.95] * 100, [True] * 60 + [False] * 40)
    assert through(0.95, *line) == pytest.approx(0.6, abs=0.04)


def test_two_labels_move_it_little() -> None:
    slope, offset = fit_line([0.9, 0.8], [False, False])
    assert through(0.9, slope, offset) > 0.5


def test_all_right_does_not_mean_certain() -> None:
    line = fit_line([0.7] * 10, [True] * 10)
    assert 0.75 < through(0.7, *line) < 0.97


def test_the_order_never_turns_round() -> None:
    slope, _ = fit_line([0.9] * 40 + [0.1] * 40, [False] * 40 + [True] * 40)
    assert slope > 0


def test_the_loss_rewards_honesty() -> None:
    confidences, right = [0.95] * 50, [True] * 30 + [False] * 20
    assert log_loss(confidences, right, fit_line(confidences, right)) < log_loss(confidences, right, AS_IT_IS)
