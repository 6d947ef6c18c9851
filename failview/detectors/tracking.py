"""Finds where the hand is not where it was commanded to be.

More than 2 cm for 0.1 s, after a constant lag has been taken off (`command_match.py`). It begins where the command
begins to run away from the hand: back from the crossing of 2 cm to where the distance leaves the level that it keeps
while the hand moves and all is well. A hand that moves on behind its command has a weak or slow drive, or
pushes something along; one that stands has been stopped.
"""

from collections.abc import Iterator

import numpy as np

from failview.detectors.command_match import CommandMatch
from failview.detectors.conditioning.conditioned import Flags
from failview.detectors.conditioning.measured import measured_rows
from failview.detectors.conditioning.medians import median
from failview.detectors.confidence import from_margin
from failview.detectors.detector import Case, EpisodeByEpisode, Findings
from failview.detectors.intervals import intervals
from failview.model.detection import Detection
from failview.model.roles import Role
from failview.model.signals import Values

KIND = "tracking.error"

_USUAL_SIGMAS = 3.0
_LEAST_USUAL_M = 0.001
_SIGMA = 1.4826
_SLOPE_S = 0.05
_GAP_S = 0.25
_BACK_S = 1.0

_MOVES_M_S = 0.03
"""A hand slower than this stands: tremor and creep reach 1 or 2 cm/s."""

_UNTIMED_FRAMES = 3

_SPREAD = 0.15
"""Uncertainty of the distance, as a share of the limit: 3 mm of 2 cm, as recorders of command and pose disagree."""


class TrackingDetector(EpisodeByEpisode):
    """Judges the distance between commanded and executed end effector."""

    name = "tracking"

    def judge(self, case: Case) -> Findings:
        """Every stretch in which the hand is away from its command."""
        conditioned, match = case.conditioned, case.command
        if isinstance(match, str):
            return Findings(not_judged=match)
        judged = measured_rows(conditioned, Role.EE_COMMAND) & measured_rows(conditioned, Role.EE_POSITION)
        return Findings(tuple(_errors(case, match, judged)), arrays={"tracking.error_m": match.error_m})


def _errors(case: Case, match: CommandMatch, judged: Flags) -> Iterator[Detection]:
    clock, error = case.conditioned.clock, match.error_m
    limit = case.settings["tracking.error_m"]
    lasting = clock.rows(case.settings["tracking.duration_s"]) if clock.timed else _UNTIMED_FRAMES
    usual = _usual(error, _speed(case), limit)
    away = (error > limit) & judged
    end_of_last = -1
    for first, last in intervals(away, gap=clock.rows(_GAP_S) - 1):
        if int(away[first : last + 1].sum()) < lasting:
            continue
        earliest = max(0, first - clock.rows(_BACK_S), end_of_last + 1)
        onset = _runs_away(error, first, earliest, usual, clock.rows(_SLOPE_S))
        end_of_last = last
        yield _detection(case, match, (onset, first, last))


def _usual(error: Values, speed: Values, limit: float) -> float:
    """The level that the distance keeps while the hand moves and all is well, m."""
    calm = error[(error < limit) & (speed > _MOVES_M_S)]
    if not calm.size:
        return limit
    middle = median(calm)
    spread = _SIGMA * median(np.abs(calm - middle))
    return min(middle + max(_USUAL_SIGMAS * spread, _LEAST_USUAL_M), limit)


def _runs_away(error: Values, first: int, earliest: int, usual: float, step: int) -> int:
    """Row where the distance begins to grow: where its tangent at the crossing leaves the usual level.

    The level alone would be passed too early by a distance that grows with speed, as all do.
    """
    row = first
    while row > earliest and error[row - 1] > usual:
        row -= 1
    slope = float(error[first] - error[max(first - step, 0)]) / step
    if slope <= 0:
        return row
    by_tangent = first - int((error[first] - usual) / slope)
    return min(max(row, by_tangent), first)


def _speed(case: Case) -> Values:
    """(rows,) of the hand, m/s; a hand that is matched with its command has one."""
    assert case.conditioned.hand_speed_m_s is not None
    return case.conditioned.hand_speed_m_s


def _detection(case: Case, match: CommandMatch, rows: tuple[int, int, int]) -> Detection:
    onset, first, last = rows
    conditioned, clock = case.conditioned, case.conditioned.clock
    limit, peak = case.settings["tracking.error_m"], float(match.error_m[onset : last + 1].max())
    speed = median(_speed(case)[first : last + 1])
    recovered = last < conditioned.rows - 1
    start, end = clock.frame_from(onset), clock.frame_from(last)
    words = [f"hand {100 * peak:.1f} cm from its command between frames {start} and {end} (limit {100 * limit:.0f} cm)"]
    if clock.timed:
        words.append(f"it moved on at {speed:.2f} m/s" if speed > _MOVES_M_S else "it stood still")
    words.append("the command was met again" if recovered else "the command was never met again")
    if match.lag_s:
        words.append(f"a constant lag of {match.lag_s:.2f} s is taken off")
    if match.offset_m.any():
        words.append(
            "the command is in another frame, " + ", ".join(f"{part:.2f}" for part in match.offset_m) + " m off"
        )
    return Detection(
        "tracking",
        KIND,
        start,
        max(start, end),
        from_margin(peak, limit, _SPREAD * limit),
        "; ".join(words),
        obvious_frame=max(start, clock.frame_from(first)),
        measures={
            "peak_m": peak,
            "duration_s": (last - onset + 1) / clock.rate_hz,
            "hand_moving": float(clock.timed and speed > _MOVES_M_S),
            "recovered": float(recovered),
            "lag_s": match.lag_s,
        },
    )
