"""Seconds per episode, time left, active work and the notes to rest, with a clock in the test's hand."""

import pytest

from failview.model.annotation import Outcome, Stage, StageRecord
from failview.model.clock import Clock
from failview.session.playing.sitting_clock import IDLE_AFTER_S, WATCHED_S, SittingClock
from failview.session.playing.transport import Transport
from failview.session.work.queue import Place
from failview.session.work.rest_reminder import NOTES, RestReminder
from failview.session.work.work_speed import left_words, speed_words, work_speed
from failview.sidecars.work_done import WorkDone

MINUTE_S = 60.0


def done(number: int, active_s: float, *, in_bulk: bool = False, finished: bool = True) -> WorkDone:
    at = f"2025-01-01T{number // 60:02}:{number % 60:02}:00+00:00"
    record = StageRecord(at if finished else None, active_s, in_bulk=in_bulk)
    return WorkDone(f"e{number}", "anna", at, Outcome.SUCCESS, None, {Stage.TRIAGE: record}, re_review_due=False)


def test_the_last_twenty_say_how_long_the_rest_takes() -> None:
    works = [done(number, 90.0) for number in range(20)] + [done(number, 6.0) for number in range(20, 40)]
    speed = work_speed(reversed(works), Stage.TRIAGE, Place(41, 100, 40))
    assert (speed.median_s, speed.left_s) == (6.0, 360.0)


def test_what_says_nothing_about_the_pace_does_not_count() -> None:
    timed = [done(number, 8.0) for number in range(2)]
    others = [done(3, 1.0, in_bulk=True), done(4, 0.0), done(5, 1.0, finished=False)]
    assert work_speed([*timed, *others], Stage.TRIAGE, Place(1, 10, 2)).left_s is None
    speed = work_speed([*timed, *others, done(6, 8.0)], Stage.TRIAGE, Place(1, 10, 4))
    assert (speed.median_s, speed.left_s) == (8.0, 48.0)
    assert work_speed([*timed, done(6, 8.0)], Stage.DETAIL, Place(1, 10, 4)).median_s is None


def test_times_in_words() -> None:
    assert [left_words(seconds) for seconds in (20.0, 1320.0, 3540.0, 5400.0)] == [
        "< 1 min left",
        "≈ 22 min left",
        "≈ 59 min left",
        "≈ 1.5 h left",
    ]
    assert [speed_words(seconds) for seconds in (6.4, 99.0, 150.0)] == ["6 s each", "99 s each", "2 min each"]


def test_idle_time_is_not_counted() -> None:
    sitting = SittingClock()
    for now_s in (0.0, 30.0, 50.0, 50.0 + 3600.0, 3660.0):
        sitting.note(now_s)
    assert sitting.total_s == 30.0 + 20.0 + IDLE_AFTER_S + 10.0


class Playing:
    """A transport that plays a long episode while the test holds the clock."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.sitting = SittingClock()
        self.transport = Transport()
        self.transport.load(Clock(100_000, None, "none"))
        self.sitting.follow(self.transport, lambda: self.now_s)
        self.sitting.note(0.0)

    def watch_until(self, end_s: float) -> None:
        while self.now_s < end_s:
            self.now_s += 10.0
            self.transport.seek(self.transport.frame + 10)


def test_watching_is_work_without_a_key() -> None:
    playing = Playing()
    playing.transport.play(0.0)
    playing.watch_until(240.0)
    assert playing.sitting.total_s == 240.0


def test_a_cursor_that_is_moved_by_something_else_is_no_watching() -> None:
    playing = Playing()
    playing.watch_until(240.0)
    assert playing.sitting.total_s == 0.0


def test_a_loop_that_nobody_looks_at_is_no_work() -> None:
    playing = Playing()
    playing.transport.play(0.0)
    playing.watch_until(3600.0)
    assert playing.sitting.total_s == WATCHED_S
    playing.sitting.note(3600.0)
    assert playing.sitting.total_s == WATCHED_S + IDLE_AFTER_S


def work(sitting: SittingClock, from_min: int, to_min: int) -> None:
    for second in range(from_min * 60, to_min * 60 + 1, 30):
        sitting.note(float(second))


def test_each_note_is_told_once() -> None:
    sitting = SittingClock()
    reminder = RestReminder(sitting)
    work(sitting, 0, 59)
    assert reminder.due() == ""
    work(sitting, 59, 61)
    assert reminder.due() == NOTES[0][1]
    assert reminder.due() == ""
    work(sitting, 61, 89)
    assert reminder.due() == ""
    work(sitting, 89, 200)
    assert reminder.due() == NOTES[1][1]
    assert reminder.due() == ""


def test_who_was_not_asked_for_long_hears_only_the_last() -> None:
    sitting = SittingClock()
    work(sitting, 0, 120)
    reminder = RestReminder(sitting)
    assert reminder.due() == NOTES[1][1]
    assert reminder.due() == ""


@pytest.mark.parametrize("minutes", [60, 90])
def test_the_minutes_are_those_of_the_requirements(minutes: int) -> None:
    assert minutes in dict(NOTES)
