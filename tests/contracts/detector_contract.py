"""What every detector promises. A detector's test class inherits this and gives an episode that it can judge."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from failview.detectors.conditioning.condition import condition
from failview.detectors.detector import Case, Detector, Findings
from failview.detectors.grasping.reading import read_story
from failview.detectors.requirements import REQUIREMENTS
from failview.model.clock import Clock
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.model.signals import Signal
from failview.settings.thresholds import DetectorSettings
from failview.sidecars.taxonomy_file import load_default_taxonomy

SETTINGS = DetectorSettings()


def case_of(episode: Episode) -> Case:
    """The episode before the detectors, as the application brings it there."""
    conditioned = condition(episode)
    return Case(conditioned, read_story(conditioned, SETTINGS), SETTINGS)


def shortened(episode: Episode, frames: int) -> Episode:
    """The first frames of an episode whose signals are all per frame."""
    times_ns = None if episode.clock.times_ns is None else episode.clock.times_ns[:frames]
    signals = {role: replace(signal, values=signal.values[:frames]) for role, signal in episode.signals.items()}
    return replace(episode, clock=Clock(frames, times_ns, episode.clock.origin), signals=signals)


def with_values(episode: Episode, change: Mapping[Role, np.ndarray]) -> Episode:
    """The episode with other values of some signals."""
    signals: dict[Role, Signal] = dict(episode.signals)
    for role, values in change.items():
        signals[role] = replace(signals[role], values=values)
    return replace(episode, signals=signals)


class DetectorContract:
    """Inherit, and give the fixtures `detector` and `episode`: one whose signals are per frame and which it judges."""

    @pytest.fixture
    def findings(self, detector: Detector, episode: Episode) -> Findings:
        return detector.judge(case_of(episode))

    def test_it_judges_the_episode_that_it_is_given(self, findings: Findings) -> None:
        assert findings.not_judged == ""
        assert findings.detections, "an episode in which nothing happens proves nothing"

    def test_its_name_stands_in_the_requirements(self, detector: Detector) -> None:
        assert detector.name in {requirement.detector for requirement in REQUIREMENTS}

    def test_its_detections_are_well_formed(self, detector: Detector, episode: Episode) -> None:
        taxonomy = load_default_taxonomy()
        kinds = {
            kind for category in taxonomy.categories for sub in category.subcategories for kind in sub.detector_kinds
        }
        self.check(detector, episode)
        assert {item.kind for item in detector.judge(case_of(episode)).detections} <= kinds

    def test_arrays_lie_on_the_working_clock(self, findings: Findings, episode: Episode) -> None:
        rows = condition(episode).rows
        assert findings.arrays
        for name, values in findings.arrays.items():
            assert name.split(".")[0], name
            assert len(values) == rows
            assert np.isfinite(values).all(), name

    def test_it_changes_nothing_and_says_the_same_twice(self, detector: Detector, episode: Episode) -> None:
        before = {role: signal.values.copy() for role, signal in episode.signals.items()}
        case = case_of(episode)
        kept = {role: values.copy() for role, values in case.conditioned.signals.items()}
        first, second = detector.judge(case), detector.judge(case)
        assert first.detections == second.detections
        for role, values in before.items():
            assert np.array_equal(episode.signals[role].values, values, equal_nan=True)
        for role, values in kept.items():
            assert np.array_equal(case.conditioned.signals[role], values)

    @pytest.mark.parametrize("frames", [1, 2, 3, 4, 5, 8, 13])
    def test_short_episodes(self, detector: Detector, episode: Episode, frames: int) -> None:
        self.check(detector, shortened(episode, frames))

    def test_every_signal_missing_in_turn(self, detector: Detector, episode: Episode) -> None:
        for role in episode.signals:
            left = {other: signal for other, signal in episode.signals.items() if other is not role}
            self.check(detector, replace(episode, signals=left))

    def test_nothing_at_all_is_not_judged_with_a_reason(self, detector: Detector, episode: Episode) -> None:
        findings = detector.judge(case_of(replace(episode, signals={}, robot=None)))
        assert findings.not_judged
        assert "\n" not in findings.not_judged
        assert findings.detections == ()

    def test_holes_everywhere(self, detector: Detector, episode: Episode) -> None:
        rng = np.random.default_rng(7)
        for role, signal in episode.signals.items():
            everything, burst, dust = (signal.values.copy() for _ in range(3))
            everything[:] = np.nan
            burst[len(burst) // 3 : len(burst) // 3 + 8] = np.nan
            dust[rng.random(len(dust)) < 0.3] = np.nan
            for values in (everything, burst, dust):
                self.check(detector, with_values(episode, {role: values}))

    def test_signals_that_stand_still(self, detector: Detector, episode: Episode) -> None:
        still = {
            role: np.broadcast_to(signal.values[:1], signal.values.shape) for role, signal in episode.signals.items()
        }
        for role, values in still.items():
            self.check(detector, with_values(episode, {role: values}))
        self.check(detector, with_values(episode, still))

    def test_a_file_without_time(self, detector: Detector, episode: Episode) -> None:
        self.check(detector, replace(episode, clock=Clock(episode.num_frames, None, "frames")))

    def test_an_uneven_clock(self, detector: Detector, episode: Episode) -> None:
        times_ns = episode.clock.times_ns
        assert times_ns is not None
        rng = np.random.default_rng(9)
        steps = np.diff(times_ns) * rng.choice([0.5, 1.0, 1.5, 3.0], len(times_ns) - 1)
        uneven = np.concatenate(([0], np.cumsum(steps.astype(np.int64))))
        self.check(detector, replace(episode, clock=Clock(episode.num_frames, uneven, "uneven")))

    def test_learning_survives_the_odd(self, detector: Detector, episode: Episode, findings: Findings) -> None:
        """From nothing, from one, from many that are alike, with empty summaries among them."""
        some = [findings.summary] * 20
        for summaries in ([], some[:1], some, [{}, *some, {}]):
            learnt = detector.learn(summaries, [True] * len(summaries))
            refined = detector.refine(findings, learnt, SETTINGS)
            assert all(0.0 <= item.confidence <= 1.0 for item in refined.detections)
            unjudged = detector.refine(Findings(not_judged="no signals"), learnt, SETTINGS)
            assert unjudged.not_judged == "no signals"

    @staticmethod
    def check(detector: Detector, episode: Episode) -> None:
        findings = detector.judge(case_of(episode))
        assert not (findings.not_judged and findings.detections)
        for found in findings.detections:
            assert found.detector == detector.name
            assert 0 <= found.start_frame <= found.end_frame < episode.num_frames
            assert found.obvious_frame is None or found.start_frame <= found.obvious_frame < episode.num_frames
            assert 0.0 <= found.confidence <= 1.0
            assert found.evidence
            assert "\n" not in found.evidence
            assert "nan" not in found.evidence.split()
            assert all(isinstance(value, float | int) for value in found.measures.values())
            assert np.isfinite(list(found.measures.values())).all(), found.measures
