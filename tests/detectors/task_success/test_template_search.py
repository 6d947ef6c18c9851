"""The object's picture is found where it is drawn, at other sizes and turns, and not where it is absent."""

from pathlib import Path

import numpy as np
import pytest

from failview.detectors.task_success.template_search import TemplateError, find_template, read_template
from failview.settings.thresholds import DetectorSettings
from tests.detectors.task_success import drawn

LEAST = DetectorSettings()["success.template_score"]
LEAD = DetectorSettings()["success.template_lead"]


@pytest.mark.parametrize("turn_deg", [0.0, 12.0, -25.0])
@pytest.mark.parametrize("scale", [0.62, 0.8, 0.93, 1.0, 1.15, 1.5])
def test_found_where_it_is_drawn(scale: float, turn_deg: float) -> None:
    picture = drawn.with_object((210, 90), scale=scale, turn_deg=turn_deg)
    match = find_template(picture, drawn.cup())
    assert match.score > LEAST
    assert match.score - match.runner_up > LEAD
    assert (match.x, match.y) == pytest.approx((210, 90), abs=4)
    assert match.scale == pytest.approx(scale, rel=0.12)
    assert abs(match.turn_deg - turn_deg) <= 10


@pytest.mark.parametrize("seed", range(5))
def test_absent_it_is_not_found(seed: int) -> None:
    assert find_template(drawn.table(seed), drawn.cup()).score < LEAST


def test_under_other_light_it_is_still_found() -> None:
    picture = (drawn.with_object((100, 150)).astype(np.float64) * 0.6 + 20).astype(np.uint8)
    match = find_template(picture, drawn.cup())
    assert match.score > LEAST
    assert (match.x, match.y) == pytest.approx((100, 150), abs=3)


def test_two_alike_objects_are_told_by_the_runner_up() -> None:
    picture = drawn.with_object((80, 90))
    picture[120:168, 216:264] = drawn.cup()
    match = find_template(picture, drawn.cup())
    assert match.score - match.runner_up < LEAD


def test_a_picture_of_one_colour_has_no_match() -> None:
    flat = np.full((drawn.HEIGHT, drawn.WIDTH, 3), 90, dtype=np.uint8)
    assert find_template(flat, drawn.cup()).score < LEAST


def test_a_template_of_one_colour_is_refused(tmp_path: Path) -> None:
    path = drawn.write_picture(tmp_path / "flat.png", np.full((40, 40, 3), 180, dtype=np.uint8))
    with pytest.raises(TemplateError, match="one colour"):
        read_template(path)


def test_a_tiny_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="smaller than"):
        read_template(drawn.write_picture(tmp_path / "tiny.png", drawn.cup(8)))


def test_a_template_larger_than_the_picture_is_refused() -> None:
    with pytest.raises(TemplateError, match="larger than the picture"):
        find_template(drawn.table()[:60, :60], drawn.cup(200))


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("not a picture")
    with pytest.raises(TemplateError, match="not a picture"):
        read_template(tmp_path / "text.png")
    with pytest.raises(TemplateError, match="cannot be read"):
        read_template(tmp_path / "missing.png")


def test_colours_are_those_of_the_file(tmp_path: Path) -> None:
    template = read_template(drawn.write_picture(tmp_path / "cup.png", drawn.cup()))
    assert np.array_equal(template, drawn.cup())
