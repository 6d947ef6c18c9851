"""The state machine of the gripper: from strokes and grip force to attempts to grasp.

    OPEN --closing stroke--> CLOSING --stopped above empty, and force where there is a sensor--> HOLDING
                                     --stopped at empty---------------------------------------> EMPTY
    HOLDING --opening stroke, or force gone while opening is commanded--> RELEASED
            --closing further to empty, or force gone while closed------> LOST
    EMPTY, LOST, RELEASED --opening stroke--> OPEN

A hold is a closing stroke that something stopped: the aperture stays above that of the empty gripper and, where grip
force is recorded, the force stays up. Fingers that press on each other show a force at the closed aperture: no hold.
The loss of a hold is told by whichever of the two leaves first; a release by the fingers opening, or by the command.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from failview.detectors.conditioning.medians import median
from failview.detectors.grasping.grasp_story import GraspAttempt, GraspEnd, GraspState
from failview.detectors.grasping.strokes import Stroke
from failview.detectors.grasping.taring import TaredForce
from failview.model.signals import Values

_SETTLE_S = 0.3
"""Time after the fingers stopped within which the force must have come up."""

_GONE_S = 0.15
"""A force must stay away this long to be gone: stick and slip makes it flicker."""

_SHIFT = 0.3
"""A hold whose aperture changes by less than this share has shifted, not ended, while the force stays."""

_WEAK = 0.35
"""A force below this share of the hold's median is gone, where the hold is weaker than the threshold allows for."""

_NOISES = 4.0
_REACTION_S = 0.4
"""Command to movement: an opening within this time of the command was commanded."""

_APART_M = 0.002
"""Fingers that have opened this far beyond a hold have let go: pads and objects spring back by less."""

_LEAST_FORCE_N = 0.15
PRESSED_M = 0.0015
"""Fingers this near to fully closed press on each other, whatever the force says."""


@dataclass(frozen=True, eq=False)
class GripperSignals:
    """What the state machine looks at.

    Attributes:
        aperture_m: (rows,) m; None without.
        force: Tared grip force; None without.
        command: (rows,) +1 close, -1 open; None when unknown.
        rate_hz: Rows per second.
        closed_m: Aperture of the empty closed gripper; minus infinity where nobody knows.
        empty_m: Narrower than this is empty; minus infinity where nobody knows.
        lost_n: Force below which nothing is held.
        quantum_m: Step of the aperture.
        rows: Number of rows.
    """

    aperture_m: Values
    force: TaredForce | None
    command: Values | None
    rate_hz: float
    closed_m: float
    empty_m: float
    lost_n: float
    quantum_m: float

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.aperture_m)

    def after(self, row: int, seconds: float) -> int:
        """The row some time later, within the episode."""
        return min(row + max(1, round(seconds * self.rate_hz)), self.rows)

    @property
    def contact_n(self) -> float:
        """Force that tells a contact; 0 without a sensor."""
        return 0.0 if self.force is None else max(_LEAST_FORCE_N, _NOISES * self.force.noise_n)

    def small(self, move: Stroke) -> bool:
        """Whether a movement of fingers that hold something is one that a hold survives."""
        return abs(move.to_m - move.from_m) < _SHIFT * max(move.from_m - self.closed_m, 0.0)

    def sure(self, force_n: float) -> float:
        """Both sensors say more than one; a force near its noise says little, and an unknown scale less."""
        if self.force is None:
            return 0.8 if np.isfinite(self.empty_m) else 0.5
        if not np.isfinite(force_n):
            return 0.95
        return float(np.clip(0.6 + 0.1 * np.log2(max(force_n, 1e-3) / self.contact_n), 0.5, 0.98))


@dataclass(eq=False)
class GripperStates:
    """Walks through the strokes; `attempts` and `states` are the result.

    Attributes:
        signals: What it looks at.
        begins_held: Whether something is held from the first row on.
        attempts: In order of time.
    """

    signals: GripperSignals
    begins_held: bool = False
    attempts: list[GraspAttempt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.states = np.zeros(self.signals.rows)
        self._state = GraspState.OPEN
        self._since = 0
        self._close: Stroke | None = None
        self._hold_row = 0
        if self.begins_held:
            at_first_m = float(self.signals.aperture_m[0])
            self._state, self._close = GraspState.HOLDING, Stroke(0, 0, at_first_m, at_first_m)
        # what is smoothed to be found begins a little early
        self._early = max(1, round(0.1 * self.signals.rate_hz))

    def walk(self, moves: Sequence[Stroke]) -> None:
        """Take every stroke in order of time, then the end of the episode."""
        for move in moves:
            if self._state is GraspState.HOLDING:
                self._force_lost_before(move.begin)
            if move.closes:
                self._closing(move)
            else:
                self._opening(move)
        if self._state is GraspState.HOLDING:
            self._force_lost_before(self.signals.rows)
        if self._state is GraspState.HOLDING:
            self._end_hold(self.signals.rows - 1, GraspEnd.HELD)
        self.states[self._since :] = self._state

    def _enter(self, state: GraspState, row: int) -> None:
        row = max(row, self._since)
        self.states[self._since : row] = self._state
        self._state, self._since = state, row

    def _closing(self, move: Stroke) -> None:
        if self._state is GraspState.HOLDING:
            if self._closes_further(move):
                self._close, self._hold_row = move, move.end
            elif not self._still_held(move):
                self._end_hold(self._lost_row(move), GraspEnd.LOST)
            return
        if self._state in {GraspState.EMPTY, GraspState.LOST} and move.from_m < self.signals.empty_m:
            return
        self._enter(GraspState.CLOSING, move.begin)
        self._close = move
        if self._empty(move.to_m, move.end):
            self._add(None, move.end, GraspEnd.EMPTY)
            self._enter(GraspState.EMPTY, move.end)
            return
        hold_row = self._touch_row(move)
        if hold_row is None:  # stopped half way without touching anything: a gripper being pre-shaped
            self._enter(GraspState.OPEN, move.end)
            return
        self._hold_row = hold_row
        self._enter(GraspState.HOLDING, hold_row)

    def _opening(self, move: Stroke) -> None:
        if self._state is GraspState.HOLDING:
            if self._still_held(move):
                return
            row = self._let_go_row(move)
            # fingers that open although they are told to stay closed have lost their hold
            self._end_hold(row, GraspEnd.LOST if self._commanded_open(row) is False else GraspEnd.RELEASED)
        self._enter(GraspState.OPEN, move.begin if self._state is not GraspState.RELEASED else move.end)

    def _commanded_open(self, row: int) -> bool | None:
        command = self.signals.command
        if command is None:
            return None
        begin = max(0, row - round(_REACTION_S * self.signals.rate_hz))
        return bool((command[begin : row + 1 + self._early] < 0).any())

    def _empty(self, aperture_m: float, row: int) -> bool:
        """Closed on nothing: narrow, and not stopped by something thin that pushes back."""
        if aperture_m >= self.signals.empty_m:
            return False
        clear = aperture_m > self.signals.closed_m + PRESSED_M + self.signals.quantum_m
        return not (clear and self._presses(row))

    def _presses(self, row: int) -> bool:
        """Whether a grip force stays up after a row. Without a sensor it cannot."""
        force = self.signals.force
        if force is None:
            return False
        stretch = force.force_n[row : self.signals.after(row, _SETTLE_S)]
        return bool(stretch.size) and median(stretch) > self.signals.contact_n

    def _touch_row(self, move: Stroke) -> int | None:
        """First row of the hold that begins with a stroke; None when the force never comes up."""
        force = self.signals.force
        if force is None:
            return move.end
        stop = self.signals.after(move.end, _SETTLE_S)
        pressing = np.flatnonzero(force.force_n[move.begin : stop] > self.signals.contact_n)
        if not pressing.size or not (force.force_n[move.end : stop] > self.signals.contact_n).any():
            return None
        return max(move.begin + int(pressing[0]), move.end - 1)

    def _closes_further(self, move: Stroke) -> bool:
        """Whether fingers without a force sensor were only pre-shaped when they stopped before: they stop above empty.

        What slips out of the fingers leaves them empty.
        """
        return self.signals.force is None and move.to_m >= self.signals.empty_m and not self.signals.small(move)

    def _still_held(self, move: Stroke) -> bool:
        """Whether a hold survives a movement of the fingers: a small one, under force that stays.

        Without a force sensor a small closing is what was held giving way, and any opening lets go.
        """
        if not self.signals.small(move) or move.to_m < self.signals.empty_m:
            return False
        return move.closes if self.signals.force is None else self._force_stays(move.end)

    def _force_stays(self, row: int) -> bool:
        force = self.signals.force
        assert force is not None
        stretch = force.force_n[row : self.signals.after(row, _SETTLE_S)]
        return bool(stretch.size) and median(stretch) > self._gone_n()

    def _gone_n(self) -> float:
        """Force below which the present hold is over: the threshold, but less for a weak hold, and above the noise."""
        force = self.signals.force
        assert force is not None
        held = force.force_n[self._hold_row : self.signals.after(self._hold_row, 0.5)]
        usual = median(held) if held.size else self.signals.lost_n
        return max(min(self.signals.lost_n, _WEAK * usual), 3.0 * force.noise_n)

    def _force_lost_before(self, row: int) -> None:
        """End the hold when its force leaves before the next movement of the fingers."""
        force = self.signals.force
        if force is None:
            return
        pressing = np.flatnonzero(force.force_n[self._hold_row : row] > self._gone_n())
        last = self._hold_row + int(pressing[-1]) if pressing.size else self._hold_row
        if row - 1 - last >= max(1, round(_GONE_S * self.signals.rate_hz)):
            commanded = self._commanded_open(last + 1)
            self._end_hold(last + 1, GraspEnd.RELEASED if commanded else GraspEnd.LOST)

    def _lost_row(self, move: Stroke) -> int:
        """First row without contact: fingers closer than the hold, or force gone, whichever comes first."""
        margin = max(0.0015, 2.0 * self.signals.quantum_m)
        stretch = slice(self._hold_row, move.end + 1)
        touching = self.signals.aperture_m[stretch] > move.from_m - margin
        if self.signals.force is not None:
            touching &= self.signals.force.force_n[stretch] > self._gone_n()
        rows = np.flatnonzero(touching)
        return self._hold_row + int(rows[-1]) + 1 if rows.size else move.begin

    def _let_go_row(self, move: Stroke) -> int:
        """First row of an opening at which nothing is held any more: fingers apart, or force gone."""
        margin = _APART_M + 2.0 * self.signals.quantum_m
        stretch = slice(move.begin, move.end + 1)
        gone = self.signals.aperture_m[stretch] > move.from_m + margin
        if self.signals.force is not None:
            gone |= self.signals.force.force_n[stretch] < self._gone_n()
        rows = np.flatnonzero(gone)
        return move.begin + int(rows[0]) if rows.size else move.end

    def _end_hold(self, row: int, end: GraspEnd) -> None:
        self._add(self._hold_row, row, end)
        state = {GraspEnd.LOST: GraspState.LOST, GraspEnd.RELEASED: GraspState.RELEASED}.get(end, GraspState.HOLDING)
        self._enter(state, row)

    def _add(self, hold_row: int | None, end_row: int, end: GraspEnd) -> None:
        close, signals = self._close, self.signals
        assert close is not None
        held = slice(hold_row, max(end_row, (hold_row or 0) + 1))
        aperture = median(signals.aperture_m[held]) if hold_row is not None else float("nan")
        force = float("nan")
        if hold_row is not None and signals.force is not None:
            force = median(signals.force.force_n[held])
        commanded = self._commanded_open(end_row) if end in {GraspEnd.RELEASED, GraspEnd.LOST} else None
        self.attempts.append(
            GraspAttempt(
                close.begin, close.end, hold_row, end_row, end, aperture, force, commanded, signals.sure(force)
            )
        )
