"""How an episode begins to play: at which speed, and whether by itself."""

from collections.abc import Callable
from typing import NamedTuple

from psygnal import SignalInstance

from failview.model.annotation import Stage
from failview.session.playing.transport import Transport


class Beginning(NamedTuple):
    """How the episodes of a stage begin."""

    speed: float
    plays: bool


BEGINNINGS = {
    Stage.TRIAGE: Beginning(2.0, plays=True),
    Stage.DETAIL: Beginning(1.0, plays=False),
    Stage.REVIEW: Beginning(1.0, plays=False),
}


class Pace:
    """Sets the speed of a stage, remembers it for the sitting, and starts what plays by itself.

    An episode that is opened at a certain frame stands there, whatever the stage.

    Args:
        transport: What plays.
        stage: Tells the stage of the work.
        stage_changed: Emitted when another stage begins.
        opened: Emitted when an episode is open.
        now: Monotonic clock in seconds.
    """

    def __init__(
        self,
        transport: Transport,
        stage: Callable[[], Stage],
        stage_changed: SignalInstance,
        opened: SignalInstance,
        now: Callable[[], float],
    ) -> None:
        self._transport = transport
        self._stage = stage
        self._now = now
        self._speeds = {stage: beginning.speed for stage, beginning in BEGINNINGS.items()}
        self._entered = stage()
        self._enter()
        transport.speed_changed.connect(self._remember)
        stage_changed.connect(self._enter)
        opened.connect(self._begin)

    def _enter(self) -> None:
        self._entered = self._stage()
        self._transport.set_speed(self._speeds[self._entered], self._now())

    def _begin(self) -> None:
        if self._entered is not self._stage():  # the first episode of a stage may be open before the stage is told
            self._enter()
        if BEGINNINGS[self._entered].plays and self._transport.frame == 0:
            self._transport.play(self._now())

    def _remember(self, speed: float) -> None:
        self._speeds[self._entered] = abs(speed)
