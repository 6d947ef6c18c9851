"""What stands over the camera pictures: grip force, aperture, wrist force and torque at each frame."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from failview.model.clock import Clock
from failview.model.episode import Episode
from failview.model.roles import ARBITRARY_UNIT, Role
from failview.model.signals import Signal, Values
from failview.viewer import entity_paths as paths
from failview.viewer.signal_log import MM_PER_M
from failview.viewer.time_columns import num_rows

_FULL_BAR = {"N": 5.0, "Nm": 1.0, "mm": 50.0}
"""Least value of a full bar, or the noise of a quiet force would look like a grasp."""

_MOST_COLUMNS = 2
"""Of more than two hands or joints the largest value is told."""

_ONE_DECIMAL_BELOW = 10.0


@dataclass(frozen=True, eq=False)
class Reading:
    """One quantity at each frame.

    Attributes:
        texts: (frames) name, value and unit.
        shares: (frames,) 0 to 1, the length of its bar.
        color: Colour of both.
    """

    texts: list[str]
    shares: Values
    color: paths.Rgb


def readings_of(episode: Episode) -> list[Reading]:
    """What can be told of an episode; streams that never change are left out."""
    return [_reading(episode, *quantity) for quantity in _quantities(episode)]


def _quantities(episode: Episode) -> Iterable[tuple[str, Signal, Values, paths.Rgb]]:
    """Name, signal, magnitudes in the unit of the screen (samples, columns), colour."""
    force, aperture = _alive(episode, Role.GRIPPER_FORCE), _alive(episode, Role.GRIPPER_APERTURE)
    if force is not None:
        yield "grip", force, np.abs(force.values), paths.AMBER
    if aperture is not None:
        yield "aperture", aperture, aperture.values * (MM_PER_M if aperture.unit == "m" else 1.0), paths.BLUE
    if (wrench := _alive(episode, Role.WRENCH)) is not None:
        yield "wrist |F|", wrench, _norm(wrench.values[:, :3]), paths.TEAL
        if wrench.values.shape[1] > 3:
            yield "wrist |T|", wrench, _norm(wrench.values[:, 3:6]), paths.VIOLET
        return
    for role in (Role.EXTERNAL_TORQUE, Role.JOINT_TORQUE):
        if (torque := _alive(episode, role)) is not None:
            yield role.value.replace("_", " "), torque, np.abs(torque.values), paths.VIOLET
            return


def _alive(episode: Episode, role: Role) -> Signal | None:
    assignment = episode.assignments.get(role)
    signal = episode.signals.get(role)
    return None if signal is None or not signal.values.size or (assignment and assignment.dead) else signal


def _norm(values: Values) -> Values:
    return np.asarray(np.linalg.norm(values, axis=1, keepdims=True))


def _reading(episode: Episode, name: str, signal: Signal, magnitudes: Values, color: paths.Rgb) -> Reading:
    unit = _unit(name, signal)
    most = ""
    if magnitudes.shape[1] > _MOST_COLUMNS:
        most, magnitudes = "max ", np.fmax.reduce(magnitudes, axis=1)[:, None]
    at_frames = np.column_stack([_at_frames(episode.clock, signal, column) for column in magnitudes.T])
    texts = [f"{name} {most}{' / '.join(map(_short, row))} {unit}".rstrip() for row in at_frames.tolist()]
    return Reading(texts, _shares(np.fmax.reduce(at_frames, axis=1), unit.rstrip("?")), color)


def _at_frames(clock: Clock, signal: Signal, magnitudes: Values) -> Values:
    """(frames,) the largest value from each frame on until the next: a blow between two pictures is not lost."""
    at_frames = np.full(clock.num_frames, np.nan)
    if signal.times_ns is None or clock.times_ns is None:
        rows = num_rows(clock, signal)
        at_frames[:rows] = magnitudes[:rows]
        return at_frames
    shown = np.searchsorted(signal.times_ns, clock.times_ns, side="right") - 1
    known = np.asarray(shown >= 0)
    at_frames[known] = np.fmax.reduceat(magnitudes, shown[known]) if known.any() else np.nan
    at_frames[-1] = magnitudes[shown[-1]] if known[-1] else np.nan
    return at_frames


def _unit(name: str, signal: Signal) -> str:
    if signal.unit == ARBITRARY_UNIT:
        return ""
    unit = {"grip": "N", "wrist |F|": "N", "wrist |T|": "Nm"}.get(name, signal.unit)
    unit = "mm" if name == "aperture" and signal.unit == "m" else unit
    return f"{unit}?" if signal.guessed_unit and unit else unit


def _short(value: float) -> str:
    if not np.isfinite(value):
        return "?"
    return f"{value:.1f}" if abs(value) < _ONE_DECIMAL_BELOW else f"{value:.0f}"


def _shares(values: Values, unit: str) -> Values:
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return np.zeros(len(values))
    low = 0.0 if unit in _FULL_BAR else min(0.0, float(finite.min()))
    span = max(_FULL_BAR.get(unit, 0.0), float(finite.max()) - low) or 1.0
    shares: npt.NDArray[np.float64] = np.nan_to_num((values - low) / span)
    return np.clip(shares, 0.0, 1.0)
