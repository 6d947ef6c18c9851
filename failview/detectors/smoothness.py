"""Finds jerks and dead stops in the motion of the hand, or of the joints where the hand is not recorded.

Jerk is the third derivative of the position, taken by a polynomial over a quarter of a second: a shorter window at
20 Hz would turn a position noise of 1 mm into 12 m/s3. Jerk scales with the task and the operator (with d / T^3 for a
motion over d in T), so no number in m/s3 separates good from bad. Its logarithm is spread evenly, and a jerk is
unusual when it lies several robust sigmas above the median: of its own episode at first, of the dataset when that is
known. Of each episode only median and median absolute deviation enter: one bad episode moves neither.

A dead stop is a fall from most of the speed to rest within 0.1 s. A motion that is slowed down as people and planners
do (minimum jerk; T. Flash and N. Hogan, J. Neuroscience 5, 1985) takes a fifth of its duration for that.

Neither is a failure by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from failview.detectors.conditioning.conditioned import ConditionedEpisode, Flags
from failview.detectors.conditioning.derivatives import derivative
from failview.detectors.conditioning.lengths import lengths
from failview.detectors.conditioning.measured import beside, measured_rows, native_step
from failview.detectors.conditioning.medians import median
from failview.detectors.conditioning.windows import sliding_max
from failview.detectors.confidence import from_ratio
from failview.detectors.detector import Case, Findings
from failview.model.detection import Detection
from failview.model.roles import Role
from failview.model.signals import Values
from failview.settings.thresholds import DetectorSettings

JERK, STOP = "motion.jerk", "motion.stop"

_STATISTICS = "smoothness.log_jerk"
"""(2,) median and robust sigma of the logarithm of the jerk while moving."""

_WINDOW_S = 0.25
_SIGMA = 1.4826
_GAP_S = 0.25
_LEAST_SIGMA = 0.3
"""A motion is never so even that its jerk stays within a third of itself."""

_LEAST_EPISODES = 5
_NEAR_S = 0.3

_FROM, _TO = 0.8, 0.2
"""Shares of the recent top speed between which a dead stop falls."""

_FALL_S = 0.1
_SPEED_S = 0.05
_RECENT_S = 0.5
_REST_S = 0.15


@dataclass(frozen=True)
class _Unit:
    """How the motion is measured."""

    name: str
    moving: float
    fast: float
    label: str


_METRES = _Unit("m", 0.02, 0.15, "hand")
_RADIANS = _Unit("rad", 0.05, 0.4, "joints")


@dataclass(frozen=True, eq=False)
class _Motion:
    """A motion at the rate at which it was recorded, every `step` rows of the working clock."""

    unit: _Unit
    step: int
    rate_hz: float
    jerk: Values
    speed: Values
    judged: Flags
    moving: Flags


class SmoothnessDetector:
    """Judges how smoothly the arm moves."""

    name = "smoothness"

    def judge(self, case: Case) -> Findings:
        """Jerks beyond the episode's own limit, and dead stops."""
        motion = _motion(case.conditioned)
        if isinstance(motion, str):
            return Findings(not_judged=motion)
        statistics = _statistics(motion)
        limit = _limit(statistics, case.settings)
        jerk = np.interp(np.arange(case.conditioned.rows), np.arange(len(motion.jerk)) * motion.step, motion.jerk)
        found = [*_jerks(case.conditioned, motion, limit), *_stops(case.conditioned, motion)]
        return Findings(
            tuple(sorted(found, key=lambda item: item.start_frame)),
            arrays={f"smoothness.jerk_{motion.unit.name}_s3": jerk},
            summary={f"{_STATISTICS}_{motion.unit.name}": statistics} if np.isfinite(statistics).all() else {},
        )

    def learn(self, summaries: Sequence[Mapping[str, Values]], succeeded: Sequence[bool]) -> Mapping[str, Values]:
        """Median over the episodes of their medians and sigmas."""
        del succeeded  # a median needs no sorting out
        names = {name for summary in summaries for name in summary if name.startswith(_STATISTICS)}
        told = {name: [summary[name] for summary in summaries if name in summary] for name in sorted(names)}
        return {name: np.median(rows, axis=0) for name, rows in told.items() if len(rows) >= _LEAST_EPISODES}

    def refine(self, findings: Findings, learnt: Mapping[str, Values], settings: DetectorSettings) -> Findings:
        """Only jerks that are unusual in the dataset."""
        kept = []
        for item in findings.detections:
            unit = "m" if "peak_jerk_m_s3" in item.measures else "rad"
            statistics = learnt.get(f"{_STATISTICS}_{unit}")
            if item.kind != JERK or statistics is None:
                kept.append(item)
                continue
            peak, limit = item.measures[f"peak_jerk_{unit}_s3"], _limit(statistics, settings)
            if peak > limit:
                kept.append(
                    replace(item, confidence=_confidence(peak / limit), evidence=_words(item, peak, limit, unit))
                )
        return replace(findings, detections=tuple(kept))


def _motion(conditioned: ConditionedEpisode) -> _Motion | str:
    """The motion, or why there is none, as a clause."""
    if not conditioned.clock.timed:
        return "the file tells no time: jerk needs seconds"
    order = ((Role.EE_POSITION, _METRES, 0), (Role.JOINT_POSITION, _RADIANS, 0), (Role.JOINT_VELOCITY, _RADIANS, 1))
    for role, unit, derived in order:
        values = conditioned.get(role)
        if values is None:
            continue
        step = native_step(conditioned, role)
        rate_hz = conditioned.clock.rate_hz / step
        values, judged = values[::step], measured_rows(conditioned, role)[::step]
        half = max(2, round(_WINDOW_S * rate_hz / 2))
        if len(values) < 2 * half + 2:
            return "the episode is too short"
        jerk = lengths(derivative(values, rate_hz, window_s=_WINDOW_S, order=3 - derived))
        speed = lengths(values) if derived else _speed(values, rate_hz)
        rows = max(1, round(_NEAR_S * rate_hz))
        near = sliding_max(speed, before=rows, after=rows)
        inside = np.zeros(len(values), dtype=np.bool_)
        inside[half:-half] = True
        return _Motion(unit, step, rate_hz, jerk, speed, beside(judged, half) & inside, near > unit.moving)
    reasons = [conditioned.unusable[role] for role, _, _ in order if role in conditioned.unusable]
    return "; ".join(reasons) or "needs ee_position or joint_position or joint_velocity"


def _speed(positions: Values, rate_hz: float) -> Values:
    """(samples,) over the next twentieth of a second: a difference of neighbours at 100 Hz is mostly noise."""
    ahead = _ahead(rate_hz)
    speed = np.zeros(len(positions))
    speed[:-ahead] = lengths(positions[ahead:] - positions[:-ahead]) * (rate_hz / ahead)
    return speed


def _ahead(rate_hz: float) -> int:
    return max(1, round(_SPEED_S * rate_hz))


def _statistics(motion: _Motion) -> Values:
    """(2,) median and robust sigma of the log of the jerk; NaN without motion."""
    chosen = motion.jerk[motion.judged & motion.moving]
    if not chosen.size:
        return np.full(2, np.nan)
    told = np.log(np.maximum(chosen, 1e-6))
    middle = median(told)
    return np.array([middle, max(_SIGMA * median(np.abs(told - middle)), _LEAST_SIGMA)])


def _limit(statistics: Values, settings: DetectorSettings) -> float:
    return float(np.exp(statistics[0] + settings["smoothness.sigmas"] * statistics[1]))


def _jerks(conditioned: ConditionedEpisode, motion: _Motion, limit: float) -> Iterator[Detection]:
    unit, clock = motion.unit.name, conditioned.clock
    over = np.flatnonzero((motion.jerk > limit) & motion.judged) if np.isfinite(limit) else np.zeros(0, dtype=np.int64)
    for run in np.split(over, np.flatnonzero(np.diff(over) > _GAP_S * motion.rate_hz) + 1):
        if not run.size:
            continue
        peak = float(motion.jerk[run].max())
        start, end = (clock.frame_from(int(row) * motion.step) for row in (run[0], run[-1]))
        measures = {f"peak_jerk_{unit}_s3": peak, "duration_s": len(run) / motion.rate_hz}
        found = Detection("smoothness", JERK, start, max(start, end), _confidence(peak / limit), "", measures=measures)
        yield replace(found, evidence=_words(found, peak, limit, unit))


def _words(found: Detection, peak: float, limit: float, unit: str) -> str:
    return f"jerk {peak:.0f} {unit}/s3 from frame {found.start_frame} to {found.end_frame} (limit {limit:.0f})"


def _stops(conditioned: ConditionedEpisode, motion: _Motion) -> Iterator[Detection]:
    """Falls of the speed from most of its recent top to rest."""
    rate_hz, speed, clock = motion.rate_hz, motion.speed, conditioned.clock
    fall, rest = max(1, round(_FALL_S * rate_hz)), max(2, round(_REST_S * rate_hz))
    recent = max(2, round(_RECENT_S * rate_hz))
    # the top of the speed up to each row, and the highest in the rest after the fall
    top = sliding_max(speed, before=recent - 1, after=0)
    after = sliding_max(speed, before=0, after=rest - 1)
    rows = np.arange(len(speed) - fall - rest)
    if not rows.size:
        return
    before, later = speed[rows], after[rows + fall]
    dead = (before > motion.unit.fast) & (before > _FROM * top[rows]) & (later < _TO * before) & motion.judged[rows]
    hits = np.flatnonzero(dead)
    for run in np.split(hits, np.flatnonzero(np.diff(hits) > fall + 1) + 1):
        if not run.size:
            continue
        row = int(run[-1])
        start = clock.frame_from(min((row + _ahead(rate_hz)) * motion.step, conditioned.rows - 1))
        end = max(start, clock.frame_from(min((row + fall) * motion.step, conditioned.rows - 1)))
        speed_before = float(before[run].max())
        left = float(later[row]) / speed_before
        unit = motion.unit
        yield Detection(
            "smoothness",
            STOP,
            start,
            end,
            _confidence(_TO / max(left, 1e-3)),
            f"{unit.label} stopped dead: {speed_before:.2f} {unit.name}/s at frame {max(start - 1, 0)}, "
            f"{later[row]:.2f} {unit.name}/s at frame {end}",
            measures={f"speed_{unit.name}_s": speed_before, "left": left},
        )


def _confidence(ratio: float) -> float:
    """Half at the limit, 0.8 at twice the limit: logistic in the logarithm of the ratio."""
    return from_ratio(ratio, 1.0, sharpness=2.0, most=1.0)
