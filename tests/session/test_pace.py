"""Each stage begins at its own speed, which is kept for the sitting; triage plays by itself."""

from psygnal import Signal

from failview.model.annotation import Stage
from failview.model.clock import Clock
from failview.session.playing.pace import Pace
from failview.session.playing.transport import Transport


class Work:
    """The part of a session that a pace follows."""

    stage_changed = Signal()
    opened = Signal()

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.transport = Transport()
        self.pace = Pace(self.transport, lambda: self.stage, self.stage_changed, self.opened, lambda: 0.0)

    def enter(self, stage: Stage) -> None:
        self.stage = stage
        self.stage_changed.emit()

    def open(self, frame: int = 0) -> None:
        self.transport.load(Clock.at_rate(100, 10.0, "test"), frame)
        self.opened.emit()


def test_triage_plays_at_twice_the_speed_as_soon_as_an_episode_is_open() -> None:
    work = Work(Stage.TRIAGE)
    assert not work.transport.playing
    work.open()
    assert (work.transport.speed, work.transport.playing) == (2.0, True)


def test_an_episode_that_is_opened_at_a_frame_stands_there() -> None:
    work = Work(Stage.TRIAGE)
    work.open(frame=30)
    assert (work.transport.frame, work.transport.playing) == (30, False)


def test_detail_and_review_begin_paused_at_real_time() -> None:
    for stage in (Stage.DETAIL, Stage.REVIEW):
        work = Work(stage)
        work.open()
        assert (work.transport.speed, work.transport.playing) == (1.0, False)


def test_each_stage_remembers_its_speed() -> None:
    work = Work(Stage.TRIAGE)
    work.transport.set_speed(4.0, 0.0)
    work.enter(Stage.DETAIL)
    assert work.transport.speed == 1.0
    work.transport.set_speed(-0.25, 0.0)
    work.open()
    work.enter(Stage.TRIAGE)
    assert work.transport.speed == 4.0
    work.enter(Stage.DETAIL)
    assert work.transport.speed == 0.25
