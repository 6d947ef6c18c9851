"""Conditions the signals of an episode, once, for all detectors.

In this order: what cannot be judged is left out with the reason (dead streams, arbitrary scales, mostly NaN,
implausible values); repeated frames and NaN bursts become gaps; gaps are filled in by lines; everything comes to one
even clock. Force is tared later, when the story of the grasps tells where the fingers touched nothing.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from failview.detectors.conditioning.conditioned import ConditionedEpisode, Flags
from failview.detectors.conditioning.gaps import fill, repeated_rows
from failview.detectors.conditioning.medians import median
from failview.detectors.conditioning.resampling import continuous_quaternions, to_clock
from failview.detectors.conditioning.working_clock import WorkingClock, working_clock
from failview.model.clock import NS_PER_S
from failview.model.episode import Episode
from failview.model.roles import ARBITRARY_UNIT, Role
from failview.model.signals import Signal, Values

LONGEST_GAP_S = 0.6
"""A gap up to this is bridged and judged across: arms need longer to grip, lift and let go of anything."""

_COARSEST = 1 / 16
"""Steps larger than this share of what a signal ranges over are movements."""

MOSTLY = 0.5
"""A signal known in less than this share of the rows is not judged."""

_FAST_ROLES = (
    Role.GRIPPER_APERTURE,
    Role.GRIPPER_FORCE,
    Role.WRENCH,
    Role.JOINT_POSITION,
    Role.JOINT_TORQUE,
    Role.EXTERNAL_TORQUE,
)
"""Roles whose own rate may set the working clock; the others move slowly enough for the frames' rate."""

_NOT_OBSERVED = frozenset({Role.ACTION, Role.SUCCESS, Role.PHASE, Role.GOAL_POSITION})
"""Written by the recorder itself: they go on when an observation is repeated, and may stand still rightly."""

_STEPWISE = frozenset({Role.SUCCESS, Role.PHASE})

_ORIENTATIONS = frozenset({Role.EE_ORIENTATION, Role.OBJECT_ORIENTATION})

_IMPLAUSIBLE: dict[Role, tuple[float, str]] = {
    Role.GRIPPER_APERTURE: (1.0, "m"),
    Role.GRIPPER_FORCE: (2000.0, "N"),
    Role.WRENCH: (20000.0, "N or Nm"),
    Role.JOINT_TORQUE: (10000.0, "Nm"),
    Role.EXTERNAL_TORQUE: (10000.0, "Nm"),
    Role.EE_POSITION: (100.0, "m"),
    Role.OBJECT_POSITION: (100.0, "m"),
}
"""Beyond what any arm and gripper on a table can show: single samples are glitches, a median is another unit than the
profile says."""

_ABSURD = 1e9
"""Beyond any quantity in any unit that robots are recorded in."""


def condition(episode: Episode) -> ConditionedEpisode:
    """The signals of an episode, fit to be judged."""
    unusable = dict(_unusable(episode))
    usable = {role: _possible(role, signal) for role, signal in episode.signals.items() if role not in unusable}
    rates = [usable[role].rate_hz(episode.clock) for role in _FAST_ROLES if role in usable]
    clock = working_clock(episode.clock, max((rate for rate in rates if rate), default=None))
    repeated = repeated_rows(_recorded_together(usable))
    signals, known, quantum, notes = {}, {}, {}, []
    for role, signal in usable.items():
        values, seen = _conditioned(role, signal, repeated, clock)
        if seen.mean() < MOSTLY:
            unusable[role] = f"{role.value} is missing in {1 - seen.mean():.0%} of the episode"
            continue
        signals[role], known[role], quantum[role] = values, seen, _quantum(signal.values)
        missing = int((~np.isfinite(signal.values).all(axis=1)).sum())
        if missing:
            notes.append(f"{role.value}: {missing} samples without a value filled in")
    if repeated.any():
        notes.append(f"{int(repeated.sum())} repeated frames filled in")
    return ConditionedEpisode(episode, clock, signals, known, unusable, quantum, tuple(notes))


def _unusable(episode: Episode) -> Iterator[tuple[Role, str]]:
    for role, signal in episode.signals.items():
        assignment = episode.assignments.get(role)
        finite = signal.values[np.abs(signal.values) <= _ABSURD]
        limit, unit = _IMPLAUSIBLE.get(role, (np.inf, ""))
        if assignment is not None and assignment.dead:
            yield role, f"{role.value} never changes in this dataset"
        elif signal.unit == ARBITRARY_UNIT and role is not Role.GRIPPER_APERTURE:
            yield role, f"{role.value} has an unknown scale"
        elif not finite.size:
            yield role, f"{role.value} holds no number"
        elif signal.unit != ARBITRARY_UNIT and _beyond(finite, limit):
            yield role, f"{role.value} is implausible (median {np.median(np.abs(finite)):.3g} {unit}): check its unit"
        elif signal.num_samples != episode.num_frames and signal.times_ns is None:
            yield role, f"{role.value} has {signal.num_samples} samples without times for {episode.num_frames} frames"


def _beyond(finite: Values, limit: float) -> bool:
    """Whether half of the values are beyond a limit; most signals have none there."""
    return limit < np.inf and bool(np.abs(finite).max() > limit) and median(np.abs(finite)) > limit


def _possible(role: Role, signal: Signal) -> Signal:
    """The signal with NaN for samples that nothing can have measured: glitches of the sensor or of the file."""
    limit = _IMPLAUSIBLE[role][0] if role in _IMPLAUSIBLE and signal.unit != ARBITRARY_UNIT else _ABSURD
    possible = np.abs(signal.values) <= limit
    return signal if possible.all() else replace(signal, values=np.where(possible, signal.values, np.nan))


def _recorded_together(signals: dict[Role, Signal]) -> dict[str, Values]:
    return {
        role.value: signal.values
        for role, signal in signals.items()
        if signal.times_ns is None and role not in _NOT_OBSERVED
    }


def _conditioned(role: Role, signal: Signal, repeated: Flags, clock: WorkingClock) -> tuple[Values, Flags]:
    per_frame = signal.times_ns is None
    times_s = clock.frame_times_s if signal.times_ns is None else signal.times_ns / NS_PER_S
    missing = repeated if per_frame and role not in _NOT_OBSERVED else np.zeros(len(times_s), dtype=np.bool_)
    if not per_frame:
        # duplicate stamps carry no new measurement, and no slope can be taken across them
        missing = np.concatenate(([False], np.diff(times_s) <= 0))
        times_s = np.maximum.accumulate(times_s)
    values = continuous_quaternions(signal.values) if role in _ORIENTATIONS else signal.values
    values, known = fill(values, times_s, missing, longest_s=LONGEST_GAP_S)
    if per_frame and clock.is_frames:
        return values, known
    rows = to_clock(values[~missing], times_s[~missing], clock, stepwise=role in _STEPWISE)
    nearest = np.clip(np.searchsorted(times_s, clock.times_s), 0, len(times_s) - 1)
    away_s = np.abs(times_s[nearest] - clock.times_s)
    return rows, known[nearest] & (away_s <= LONGEST_GAP_S)


def _quantum(values: Values) -> float:
    """Step of a quantised signal: the smallest change, when nearly all changes are multiples of it; 0 without."""
    if values.shape[1] != 1:
        return 0.0
    finite = values[np.isfinite(values[:, 0]), 0]
    steps = np.abs(np.diff(finite))
    steps = steps[steps > 0]
    if steps.size < 3:
        return 0.0
    smallest = float(steps.min())
    # much finer is rounding; much coarser are states ("open", "closed"), whose steps are real movements
    if smallest <= 1e-3 * float(steps.max()) or smallest > _COARSEST * float(np.ptp(finite)):
        return 0.0
    multiples = steps / smallest
    near = np.abs(multiples - np.round(multiples)) < 0.05
    return smallest if near.mean() > 0.95 else 0.0
