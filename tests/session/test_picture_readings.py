"""The switch of the readings over the pictures."""

from failview.session.desk.picture_readings import PictureReadings
from tests.fakes.fake_viewer import FakeViewer


def test_the_switch_tells_the_viewer_and_the_person() -> None:
    viewer, said = FakeViewer(), list[str]()
    readings = PictureReadings(viewer, said.append)
    assert readings.shown
    readings.switch()
    assert (viewer.readings, readings.shown) == (False, False)
    readings.switch()
    assert (viewer.readings, readings.shown) == (True, True)
    assert [line.rsplit(" ", 1)[-1] for line in said] == ["off.", "on."]


def test_a_choice_is_carried_out_without_a_word() -> None:
    viewer, said = FakeViewer(), list[str]()
    PictureReadings(viewer, said.append).choose(shown=False)
    assert not viewer.readings
    assert not said
