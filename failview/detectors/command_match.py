"""How the commanded positions relate to the executed ones: lag, frame, and whether they are a command at all.

A controller follows its command a constant time behind; that lag is no error. It is estimated as the shift, up to
half a second, at which the median distance is least, and taken only when it explains the distance clearly. A constant
distance that no arm would show throughout is another frame of reference. A command that equals the next position
was written down afterwards, from what the arm did, and tells nothing.
"""

from dataclasses import dataclass

import numpy as np

from failview.detectors.conditioning.conditioned import ConditionedEpisode, Flags
from failview.detectors.conditioning.lengths import lengths
from failview.detectors.conditioning.measured import native_step
from failview.detectors.conditioning.medians import column_medians, median, quantile
from failview.model.roles import Role
from failview.model.signals import Values

_LONGEST_LAG_S = 0.5
_SHIFTS = 20
"""Shifts tried to each side of zero; finer than a fiftieth of a second is not told apart."""

_CLEARLY = 0.7
_LEAST_GAIN_M = 0.001
"""A shift counts when it leaves less than this share, and this much less, of the median distance."""

_SAME_M = 1e-4
"""Distance below which a command is a copy: no arm follows so well, and float32 rounds metres to 1e-7."""

_COPY_FRAMES = 3
_MOVES_M = 0.01
_MOVES_M_S = 0.02
"""Less way, and slower, is no motion."""

_OTHER_FRAME_M = 0.1
"""A constant distance beyond this is no tracking error: arms sag by millimetres."""

_CONSTANT = 0.25
_THROUGHOUT = 0.95
"""Share of a constant distance by which the rest may spread, in this share of the rows."""

_SCATTERED_M = 0.05
_NEAREST = 0.1
"""A command that is farther away than this in all but a tenth of the rows is none for this hand (turned axes, another
unit)."""


@dataclass(frozen=True, eq=False)
class CommandMatch:
    """Command and position, brought together.

    Attributes:
        error_m: (rows,) distance of the hand from its command, m, lag and frame taken off.
        lag_s: Constant lag taken off, s; 0 for none.
        offset_m: (3,) constant distance taken off, m; zeros for none.
    """

    error_m: Values
    lag_s: float
    offset_m: Values


def matched_command(conditioned: ConditionedEpisode, matters_m: float) -> CommandMatch | str:
    """The match of the commanded end effector with the executed one, or why there is none, as a clause.

    Args:
        conditioned: The episode.
        matters_m: A hand that never is this far from its command needs no lag to be explained.
    """
    command, position = conditioned.get(Role.EE_COMMAND), conditioned.get(Role.EE_POSITION)
    if command is None or position is None:
        reasons = [conditioned.unusable.get(role, "") for role in (Role.EE_COMMAND, Role.EE_POSITION)]
        return "; ".join(filter(None, reasons)) or "needs ee_position with ee_command"
    if command.shape != position.shape:
        return f"ee_command has {command.shape[1]} columns, ee_position {position.shape[1]}"
    frame_rows = native_step(conditioned, Role.EE_POSITION)
    return match_command(command, position, conditioned.clock.rate_hz, frame_rows=frame_rows, matters_m=matters_m)


def match_command(
    command_m: Values, position_m: Values, rate_hz: float, *, frame_rows: int, matters_m: float
) -> CommandMatch | str:
    """The match, or why the command cannot be judged, as a clause.

    Args:
        command_m: (rows, 3) commanded positions, m.
        position_m: (rows, 3) executed positions, m.
        rate_hz: Rows per second.
        frame_rows: Rows per frame of the recording.
        matters_m: A hand that never is so far from its command needs no lag; one that is has a command.
    """
    if float(np.ptp(position_m, axis=0).max()) < _MOVES_M and float(np.ptp(command_m, axis=0).max()) < _MOVES_M:
        return "neither command nor hand moves"
    for frames in range(_COPY_FRAMES + 1):
        shift = frames * frame_rows
        apart = lengths(command_m[: len(command_m) - shift] - position_m[shift:])
        if apart.size and quantile(apart, 0.9) < _SAME_M and float(apart.max()) < matters_m:
            when = "the position itself" if frames == 0 else f"the position {frames} frame{'s' * (frames > 1)} later"
            return f"ee_command is merely {when}: it was taken from what the arm did"
    offset = _constant_offset(command_m - position_m)
    shift = 0
    error = lengths(command_m - offset - position_m)
    if float(error.max()) > matters_m:
        shift = _lag(command_m - offset, position_m, rate_hz)
        error = lengths(_delayed(command_m, shift) - offset - position_m)
    nearest_m = quantile(error, _NEAREST)
    if nearest_m > _SCATTERED_M:
        return f"ee_command is hardly ever within {nearest_m:.2f} m of ee_position: another frame, or another unit"
    return CommandMatch(error, shift / rate_hz, offset)


def _constant_offset(apart: Values) -> Values:
    """(3,) constant part of the distance, when it is clearly another frame; zeros otherwise."""
    middle = column_medians(apart)
    size = float(np.linalg.norm(middle))
    # a hand that is held up stays away for long, but not from the first frame to the last
    spread = quantile(lengths(apart - middle), _THROUGHOUT)
    return middle if size > _OTHER_FRAME_M and spread < _CONSTANT * size else np.zeros(apart.shape[1])


def _lag(command: Values, position: Values, rate_hz: float) -> int:
    """Rows by which the hand follows; 0 where no shift explains the distance clearly."""
    furthest = min(round(_LONGEST_LAG_S * rate_hz), len(command) // 4)
    step = max(1, furthest // _SHIFTS)
    # what is tried is judged on the same rows for every shift; a hand that stands tells no lag
    rows = np.flatnonzero(_moves(command, rate_hz) & _moves(position, rate_hz))
    rows = rows[(rows >= furthest) & (rows < len(command) - furthest)]
    if rows.size < 2 * furthest or not furthest:
        return 0
    shifts = np.arange(-furthest // step * step, furthest + 1, step)
    medians = np.array([median(lengths(command[rows - shift] - position[rows])) for shift in shifts])
    still = median(lengths(command[rows] - position[rows]))
    best = int(medians.argmin())
    gained = still - float(medians[best])
    return int(shifts[best]) if medians[best] < _CLEARLY * still and gained > _LEAST_GAIN_M else 0


def _moves(values: Values, rate_hz: float) -> Flags:
    return np.asarray(lengths(np.diff(values, axis=0, append=values[-1:])) * rate_hz > _MOVES_M_S)


def _delayed(values: Values, rows: int) -> Values:
    """The values some rows later, held at the end that is missing."""
    return values[np.clip(np.arange(len(values)) - rows, 0, len(values) - 1)]
