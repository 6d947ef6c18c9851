"""Which curves stand beside the picture: aperture, force, speed and residual, or what there is in their place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from failview.detectors.conditioning.condition import condition
from failview.model.clock import NS_PER_S, Clock, TimesNs
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.model.roles import ARBITRARY_UNIT, Role
from failview.model.signals import Signal, Values

MOST_PLOTS = 4
MOST_COLUMNS = 16
"""More curves in one plot tell nothing."""

_MM_PER_M = 1000.0
_RESIDUAL = "collision.residual_nm"


@dataclass(frozen=True, eq=False)
class Curves:
    """What one plot shows.

    Attributes:
        title: Words above it, with the unit.
        frames: (samples,) where each sample stands between the frames, never decreasing.
        values: (samples, columns); NaN makes a gap.
        labels: Name of each column.
        reach: Values that the axis reaches at least, so that noise does not look like an event.
    """

    title: str
    frames: Values
    values: Values
    labels: tuple[str, ...]
    reach: tuple[float, float] | None = None

    def at(self, frame: int) -> Values | None:
        """(columns,) the last sample at or before a frame; None before the first."""
        row = int(np.searchsorted(self.frames, frame, side="right")) - 1
        return None if row < 0 else np.asarray(self.values[row])


def curves_of(episode: Episode, findings: EpisodeFindings | None = None) -> list[Curves]:
    """The plots of an episode, from the top; none when nothing in it can be drawn."""
    plots: list[Curves] = []
    for alternatives in (*_ROWS, *_ROWS_OF_LAST_RESORT):
        if len(plots) == MOST_PLOTS or (alternatives in _ROWS_OF_LAST_RESORT and len(plots) > 1):
            break
        found = next((one for make in alternatives for one in make(episode, findings)), None)
        if found is not None:
            plots.append(found)
    return plots


_Make = Callable[[Episode, EpisodeFindings | None], Iterator[Curves]]


def _aperture(episode: Episode, _: EpisodeFindings | None) -> Iterator[Curves]:
    for signal in _seen(episode, Role.GRIPPER_APERTURE):
        if signal.unit == "m":
            yield _curves(episode, "Aperture (mm)", signal, _MM_PER_M, (0.0, 50.0))
        else:
            yield _curves(episode, "Aperture (file's own scale)", signal)


def _grip_force(episode: Episode, _: EpisodeFindings | None) -> Iterator[Curves]:
    for signal in _seen(episode, Role.GRIPPER_FORCE):
        yield _curves(episode, _titled("Grip force", signal), signal, reach=(0.0, 5.0))


def _wrist_force(episode: Episode, _: EpisodeFindings | None) -> Iterator[Curves]:
    for signal in _seen(episode, Role.WRENCH):
        force = np.linalg.norm(signal.values[:, :3], axis=1)[:, None]
        yield _placed(episode.clock, "Wrist force (N)", force, signal.times_ns, ("force",))


def _hand_speed(episode: Episode, _: EpisodeFindings | None) -> Iterator[Curves]:
    if Role.EE_POSITION not in episode.signals or episode.num_frames < 2:
        return
    conditioned = condition(episode)
    speed = conditioned.hand_speed_m_s
    if speed is not None and conditioned.clock.timed:
        times_ns = np.round(conditioned.clock.times_s * NS_PER_S).astype(np.int64)
        title = "End effector speed (m/s)"
        yield _placed(episode.clock, title, speed[:, None], times_ns, ("speed",), (0.0, 0.1))


def _joint_velocity(episode: Episode, _: EpisodeFindings | None) -> Iterator[Curves]:
    for signal in _seen(episode, Role.JOINT_VELOCITY):
        yield _curves(episode, _titled("Joint velocity", signal), signal)


def _residual(episode: Episode, findings: EpisodeFindings | None) -> Iterator[Curves]:
    residual_nm = None if findings is None else findings.arrays.get(_RESIDUAL)
    if findings is not None and residual_nm is not None:
        values = np.asarray(residual_nm, dtype=np.float64).reshape(len(residual_nm), -1)
        named = episode.signals.get(Role.JOINT_TORQUE)
        fits = named is not None and len(named.labels) == values.shape[1]
        labels = named.labels if named is not None and fits else _numbered(values.shape[1])
        title = "Torque residual (Nm)"
        yield _placed(episode.clock, title, values, findings.array_times_ns, labels, (-1.0, 1.0))


def _external_torque(episode: Episode, _: EpisodeFindings | None) -> Iterator[Curves]:
    for signal in _seen(episode, Role.EXTERNAL_TORQUE):
        yield _curves(episode, _titled("External torque", signal), signal, reach=(-1.0, 1.0))


def _joint_position(episode: Episode, _: EpisodeFindings | None) -> Iterator[Curves]:
    for signal in _seen(episode, Role.JOINT_POSITION):
        yield _curves(episode, _titled("Joint position", signal), signal)


def _action(episode: Episode, _: EpisodeFindings | None) -> Iterator[Curves]:
    for signal in _seen(episode, Role.ACTION):
        yield _curves(episode, "Action", signal)


_ROWS: tuple[tuple[_Make, ...], ...] = (
    (_aperture,),
    (_grip_force, _wrist_force),
    (_hand_speed, _joint_velocity),
    (_residual, _external_torque),
)
"""What stands in each row: the first of these that the episode has."""
_ROWS_OF_LAST_RESORT: tuple[tuple[_Make, ...], ...] = ((_joint_position,), (_action,))


def _seen(episode: Episode, role: Role) -> Iterator[Signal]:
    """The signal of a role, where it has something to draw."""
    signal = episode.signals.get(role)
    if signal is not None and 0 < signal.values.shape[1] <= MOST_COLUMNS and np.isfinite(signal.values).any():
        yield signal


def _curves(
    episode: Episode, title: str, signal: Signal, factor: float = 1.0, reach: tuple[float, float] | None = None
) -> Curves:
    reach = None if signal.unit == ARBITRARY_UNIT else reach
    return _placed(episode.clock, title, signal.values * factor, signal.times_ns, signal.labels, reach)


def _placed(  # noqa: PLR0913, PLR0917 - a plot and where its samples stand
    clock: Clock,
    title: str,
    values: Values,
    times_ns: TimesNs | None,
    labels: tuple[str, ...],
    reach: tuple[float, float] | None = None,
) -> Curves:
    """Curves whose samples stand between the frames by their own times, or one per frame as far as there are frames."""
    if times_ns is None or clock.times_ns is None:
        places = np.arange(min(len(values), clock.num_frames), dtype=np.float64)
    else:
        frames = np.arange(clock.num_frames, dtype=np.float64)
        places = np.interp(np.maximum.accumulate(times_ns), clock.times_ns, frames)
    return Curves(title, places, values[: len(places)], labels, reach)


def _titled(title: str, signal: Signal) -> str:
    if signal.unit == ARBITRARY_UNIT:
        return f"{title} (file's own scale)"
    doubt = "?" if signal.guessed_unit else ""
    return f"{title} ({signal.unit}{doubt})" if signal.unit else title


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(f"joint {number + 1}" for number in range(count))
