"""All detectors together: any episode gets an answer, and a defect of one detector stays its own."""

import logging
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from failview.detectors import catalogue
from failview.detectors.grasping.grasp import GraspDetector
from failview.model.clock import Clock
from failview.model.detection import ProposedField
from failview.model.episode import Episode, EpisodeSource
from failview.model.roles import ARBITRARY_UNIT, ROLE_SPECS, Role
from failview.model.signals import Signal
from failview.settings.thresholds import DetectorSettings
from tests.detectors.gripper_story import Recording, findings, recorded
from tests.detectors.pick_stories import miss, slip, success

SETTINGS = DetectorSettings()
WIDTHS = {role: (spec.widths[-1] if spec.widths else 7) for role, spec in ROLE_SPECS.items()}


class Broken(GraspDetector):
    """A detector with a defect in one of its ways."""

    def __init__(self, where: str) -> None:
        self._where = where

    def judge(self, case):
        if self._where == "judge":
            raise IndexError("index 7 is out\nof bounds")
        return super().judge(case)

    def learn(self, summaries, succeeded):
        if self._where == "learn":
            raise ZeroDivisionError
        return super().learn(summaries, succeeded)

    def refine(self, found, learnt, settings):
        if self._where == "refine":
            raise KeyError("no such number")
        return super().refine(found, learnt, settings)


def with_broken(monkeypatch, where: str) -> None:
    broken = tuple(Broken(where) if item.name == "grasp" else item for item in catalogue.DETECTORS)
    monkeypatch.setattr(catalogue, "DETECTORS", broken)


@pytest.mark.parametrize("where", ["judge", "refine"])
def test_a_detector_that_fails_is_named_and_the_others_go_on(monkeypatch, caplog, where):
    with_broken(monkeypatch, where)
    with caplog.at_level(logging.DEBUG, "failview"):
        found = findings(recorded(slip()))
    assert "grasp failed" in found.not_judged["grasp"]
    assert "\n" not in found.not_judged["grasp"]
    assert any(record.exc_info for record in caplog.records)
    assert any(item.detector == "task_success" for item in found.detections)
    assert found.proposal[ProposedField.OUTCOME].value == "failure"


def test_a_detector_that_cannot_learn_judges_without(monkeypatch):
    with_broken(monkeypatch, "learn")
    looks = [catalogue.first_look(recorded(slip()), SETTINGS)]
    learnt = catalogue.learn(looks, SETTINGS)
    assert learnt.statistics["grasp"] == {}
    found = catalogue.conclude(looks[0], learnt, SETTINGS)
    assert "grasp.slip" in {item.kind for item in found.detections}


@pytest.mark.parametrize("frames", range(6))
def test_episodes_of_a_few_frames(frames):
    whole = recorded(success())
    brief = replace(
        whole,
        clock=Clock.at_rate(frames, 20.0, "planted"),
        signals={role: replace(signal, values=signal.values[:frames]) for role, signal in whole.signals.items()},
    )
    found = findings(brief)
    if frames < 5:
        assert set(found.not_judged) == {detector.name for detector in catalogue.DETECTORS}
        assert f"{frames} frame" in found.not_judged["grasp"]


def test_many_frames_within_an_instant():
    whole = recorded(success())
    brief = replace(whole, clock=Clock.at_rate(whole.num_frames, 20_000.0, "planted"))
    assert "s, too short" in findings(brief).not_judged["grasp"]


def test_a_clock_that_stands_still():
    whole = recorded(success())
    still = Clock(whole.num_frames, np.zeros(whole.num_frames, dtype=np.int64), "planted")
    findings(replace(whole, clock=still))


@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_a_single_number(role):
    episode = recorded(slip())
    values = np.full((episode.num_frames, WIDTHS[role]), np.nan)
    labels = tuple(str(column) for column in range(WIDTHS[role]))
    signal = Signal(role.value, values, ROLE_SPECS[role].unit, labels)
    findings(replace(episode, signals={**episode.signals, role: signal}))


def test_all_roles_without_a_single_number():
    episode = recorded(slip())
    for signal in episode.signals.values():
        signal.values[:] = np.nan
    found = findings(episode)
    assert set(found.not_judged) == {detector.name for detector in catalogue.DETECTORS}
    assert found.proposal == {}


@pytest.mark.parametrize("role", [Role.GRIPPER_FORCE, Role.EE_POSITION, Role.OBJECT_POSITION, Role.OBJECT_ORIENTATION])
@pytest.mark.parametrize("rate_hz", [0.5, 1000.0])
def test_a_signal_much_slower_or_faster_than_the_frames(role, rate_hz):
    episode = recorded(slip())
    seconds = np.arange(0.0, episode.clock.duration_s, 1.0 / rate_hz)
    rows = np.minimum((seconds * 20).astype(int), episode.num_frames - 1)
    signal = episode.signals[role]
    own = replace(signal, values=signal.values[rows], times_ns=(seconds * 1e9).astype(np.int64))
    findings(replace(episode, signals={**episode.signals, role: own}))


@pytest.mark.parametrize("samples", [0, 1, 2])
@pytest.mark.parametrize("role", [Role.GRIPPER_FORCE, Role.GRIPPER_APERTURE, Role.EE_POSITION, Role.ACTION])
def test_a_signal_of_hardly_any_samples_on_its_own_clock(role, samples):
    episode = recorded(slip())
    signal = episode.signals[role]
    own = replace(signal, values=signal.values[:samples], times_ns=np.arange(samples, dtype=np.int64))
    findings(replace(episode, signals={**episode.signals, role: own}))


def test_a_signal_of_another_length_without_times_is_not_judged():
    episode = recorded(slip())
    signal = episode.signals[Role.GRIPPER_APERTURE]
    short = replace(episode, signals={Role.GRIPPER_APERTURE: replace(signal, values=signal.values[:-3])})
    assert "samples without times" in findings(short).not_judged["grasp"]


def test_what_a_dataset_teaches_changes_no_range():
    looks = [catalogue.first_look(recorded(told(), Recording(seed=seed)), SETTINGS)
             for seed, told in enumerate([success, success, slip, miss])]  # fmt: skip
    learnt = catalogue.learn(looks, SETTINGS)
    assert learnt.episodes == 4
    for look in looks:
        for item in catalogue.conclude(look.without_arrays(), learnt, SETTINGS).detections:
            assert 0 <= item.start_frame <= item.end_frame < look.facts.num_frames
    assert catalogue.learn([], SETTINGS).episodes == 0


_NUMBERS = st.one_of(st.floats(-1.0, 1.0), st.sampled_from([0.0, np.nan, np.inf, -np.inf, 1e6, -1e6, 0.04]))


@st.composite
def odd_episodes(draw) -> Episode:
    frames = draw(st.integers(5, 40))
    roles = draw(st.lists(st.sampled_from(list(Role)), unique=True, min_size=1, max_size=6))
    signals = {}
    for role in roles:
        values = draw(arrays.arrays(np.float64, (frames, WIDTHS[role]), elements=_NUMBERS))
        labels = tuple(str(column) for column in range(WIDTHS[role]))
        unit = draw(st.sampled_from([ROLE_SPECS[role].unit, ARBITRARY_UNIT]))
        signals[role] = Signal(role.value, values, unit, labels)
    times_ns = draw(st.none() | st.just(np.arange(frames, dtype=np.int64) * 50_000_000))
    return Episode("odd", "", Clock(frames, times_ns, "planted"), signals, {}, EpisodeSource("", "", "sha256:odd"))


@given(odd_episodes())
def test_whatever_the_numbers_no_detector_fails(episode):
    found = findings(episode)
    assert not [reason for reason in found.not_judged.values() if "failed (" in reason]
