"""This is what it looks like: clips are set, kept, played once, and one is back where one was."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from failview.model.annotation import Annotation, Outcome
from failview.model.clock import Clock
from failview.model.taxonomy import ReferenceClip
from failview.session.explaining.reference_clips import ReferenceClips, failure_stretch
from tests.session.test_session import Desk

NAME = "Off-centre contact"
AT_20_HZ = Clock.at_rate(100, 20.0, "a test")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.session.close()


def label(desk: Desk, episode_id: str, onset: int, obvious: int) -> ReferenceClips:
    """Open an episode and say that its contact was off-centre."""
    desk.open(episode_id)
    desk.session.labelling.set_outcome(Outcome.FAILURE)
    desk.session.labelling.set_frame("failure_onset_frame", onset)
    desk.session.labelling.set_frame("failure_obvious_frame", obvious)
    desk.session.explanation.causes.choose("proximal_cause", "off_centre_contact")
    return desk.session.explanation.clips


def clip_of(clips: ReferenceClips, field: str = "proximal_cause", cause_id: str = "off_centre_contact") -> object:
    cause = clips.cause(field, cause_id)
    assert cause is not None
    return clips.clip_of(field, cause)


def clip_file(desk: Desk) -> Path:
    return desk.location.companions_of_dataset("reference_clips.json")[0]


def play(desk: Desk, *, until_frame: int | None = None) -> list[tuple[str, int]]:
    """Let time pass until nothing plays any more; every frame that was shown, with its episode."""
    shown: list[tuple[str, int]] = []
    transport = desk.session.transport
    desk.run_until(lambda: transport.playing)
    while transport.playing:
        shown.append((desk.session.open_episode.episode.episode_id, transport.frame))
        if transport.frame == until_frame:
            break
        desk.now_s += 0.01
        transport.tick(desk.now_s)
    return list(dict.fromkeys(shown))


@pytest.mark.parametrize(
    ("marks", "stretch"),
    [
        ({"failure_onset_frame": 40, "failure_obvious_frame": 50}, (40, 50)),
        ({"failure_onset_frame": 40, "failure_obvious_frame": 50, "recovery_start_frame": 60}, (40, 60)),
        ({"failure_onset_frame": 40}, (20, 60)),
        ({"failure_onset_frame": 40, "failure_obvious_frame": 40}, (20, 60)),
        ({"failure_onset_frame": 95}, (75, 99)),
        ({"failure_onset_frame": 3}, (0, 23)),
        ({"failure_obvious_frame": 50}, None),
    ],
)
def test_what_shows_a_failure(marks: dict[str, int], stretch: tuple[int, int] | None) -> None:
    assert failure_stretch(Annotation(outcome=Outcome.FAILURE, **marks), AT_20_HZ) == stretch


def test_without_times_a_second_is_told_by_the_pace() -> None:
    untimed = Clock(100, None, "none")
    assert failure_stretch(Annotation(failure_onset_frame=50), untimed) == (40, 60)


def test_a_clip_is_played_in_its_episode_and_one_comes_back(desk: Desk) -> None:
    label(desk, "demo_0", 10, 14).set_here()
    assert desk.notices[-1] == f'This is what "{NAME}" looks like from now on: frames 10 to 14.'
    clips = label(desk, "demo_2", 20, 22)
    desk.session.transport.seek(33)
    clips.play(desk.session.open_episode)
    assert desk.notices[-1] == f'"{NAME}" looks like this: demo_0, frames 10 to 14.'
    assert play(desk) == [("demo_0", frame) for frame in range(10, 15)]
    desk.run_until(lambda: desk.is_open("demo_2"))
    assert desk.session.transport.frame == 33
    assert not desk.session.transport.playing
    assert desk.notices[-1] == f'That was "{NAME}". Back at demo_2, frame 33.'


def test_a_clip_of_the_open_episode_is_played_without_leaving_it(desk: Desk) -> None:
    clips = label(desk, "demo_0", 10, 14)
    clips.set_here()
    desk.session.transport.seek(3)
    opened = desk.session.open_episode
    clips.play(opened)
    assert play(desk) == [("demo_0", frame) for frame in range(10, 15)]
    desk.run_until(lambda: desk.session.transport.frame == 3)
    assert desk.session.open_episode is opened


def test_a_clip_that_is_stopped_waits_for_the_same_key(desk: Desk) -> None:
    label(desk, "demo_0", 10, 30).set_here()
    clips = label(desk, "demo_2", 20, 22)
    desk.session.transport.seek(33)
    clips.play(desk.session.open_episode)
    play(desk, until_frame=15)
    desk.session.transport.toggle(desk.now_s)
    desk.run_until(lambda: desk.notices[-1].startswith("The clip stopped here."))
    assert desk.is_open("demo_0")
    clips.play(desk.session.open_episode)
    desk.run_until(lambda: desk.is_open("demo_2"))
    assert desk.session.transport.frame == 33


def test_who_goes_on_to_another_episode_is_not_called_back(desk: Desk) -> None:
    label(desk, "demo_0", 10, 30).set_here()
    clips = label(desk, "demo_2", 20, 22)
    clips.play(desk.session.open_episode)
    play(desk, until_frame=15)
    desk.open("demo_1")
    before = list(desk.notices)
    clips.play(desk.session.open_episode)
    assert desk.notices == [*before, "Choose a proximal cause first."]
    assert desk.is_open("demo_1")


def test_the_clip_is_on_disk_and_the_next_session_knows_it(tmp_path: Path) -> None:
    first = Desk(tmp_path)
    label(first, "demo_0", 10, 14).set_here()
    first.session.close()
    stored = json.loads(clip_file(first).read_text(encoding="utf-8"))
    assert stored["proximal_cause"] == {
        "off_centre_contact": {"episode_id": "demo_0", "start_frame": 10, "end_frame": 14}
    }
    second = Desk(tmp_path)
    assert clip_of(second.session.explanation.clips) == ReferenceClip("demo_0", 10, 14)
    second.session.close()


def test_the_cause_whose_field_is_in_hand_gets_the_clip(desk: Desk) -> None:
    clips = label(desk, "demo_0", 10, 14)
    clips.take_in_hand("distal_cause")
    clips.set_here()
    assert desk.notices[-1] == "Choose a distal cause first."
    desk.session.explanation.causes.choose("distal_cause", "steep_approach")
    clips.set_here()
    assert clip_of(clips) is None
    assert clip_of(clips, "distal_cause", "steep_approach") == ReferenceClip("demo_0", 10, 14)


def test_what_is_missing_is_said(desk: Desk) -> None:
    desk.open("demo_0")
    desk.session.labelling.set_outcome(Outcome.FAILURE)
    clips = desk.session.explanation.clips
    clips.play(desk.session.open_episode)
    desk.session.explanation.causes.choose("proximal_cause", "off_centre_contact")
    clips.play(desk.session.open_episode)
    clips.set_here()
    assert desk.notices == [
        "Choose a proximal cause first.",
        f'Nothing shows yet what "{NAME}" looks like.',
        "Set the onset first: the clip shows the failure from there.",
    ]


def test_a_clip_of_an_episode_that_is_not_here_is_none(tmp_path: Path) -> None:
    first = Desk(tmp_path)
    clip_file(first).parent.mkdir(exist_ok=True)
    entry = {"episode_id": "demo_99", "start_frame": 1, "end_frame": 2}
    clip_file(first).write_text(json.dumps({"version": 1, "proximal_cause": {"off_centre_contact": entry}}))
    first.session.close()
    desk = Desk(tmp_path)
    assert clip_of(desk.session.explanation.clips) is None
    desk.session.close()


def test_a_broken_file_is_told_when_the_first_episode_is_there(tmp_path: Path) -> None:
    first = Desk(tmp_path)
    first.session.close()
    clip_file(first).parent.mkdir(exist_ok=True)
    clip_file(first).write_text("{", encoding="utf-8")
    desk = Desk(tmp_path)
    desk.open("demo_0")
    told = [line for line in desk.notices if "reference_clips.json" in line]
    assert len(told) == 1
    assert told[0].endswith("it is kept as reference_clips.json.broken-1")
    desk.open("demo_1")
    assert len([line for line in desk.notices if "reference_clips.json" in line]) == 1
    desk.session.close()


def test_a_clip_that_cannot_be_written_is_told_and_still_shown(desk: Desk) -> None:
    clips = label(desk, "demo_0", 10, 14)
    desk.wait_until_saved()
    clip_file(desk).mkdir()
    clips.set_here()
    desk.run_until(lambda: "the clip is not kept" in desk.notices[-1])
    assert clip_of(clips) == ReferenceClip("demo_0", 10, 14)
