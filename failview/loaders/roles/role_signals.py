"""Makes the signals of an episode from its raw streams and the roles decided for them."""

from collections.abc import Mapping, Sequence

import numpy as np

from failview.loaders.episode_clock import samples_per_frame, signal_times, times_within_frames
from failview.loaders.raw_dataset import Floats, RawClock, RawEpisode, RawStream
from failview.loaders.roles.orientations import as_xyzw
from failview.loaders.roles.role_names import Combine
from failview.loaders.roles.stream_roles import RoleChoice
from failview.model.clock import NS_PER_S, Clock, TimesNs
from failview.model.episode import RoleAssignment
from failview.model.roles import ARBITRARY_UNIT, ROLE_SPECS, UNIT_FACTORS, Quantity, Role
from failview.model.signals import Signal, Values

_NAMED = 3
"""Streams that a warning names; the others are counted."""


class SignalMaker:
    """Turns raw streams into signals on the clock of one episode.

    Attributes:
        warnings: What was found wrong on the way, one line each.
    """

    def __init__(self, raw: RawEpisode, clock: Clock) -> None:
        self._streams = {stream.name: stream for stream in raw.streams}
        self._raw_clock: RawClock = raw.clock
        self._clock = clock
        self._times: dict[str, TimesNs | None] = {}
        self.off_clock: dict[str, str] = {}
        self.warnings: list[str] = []
        self._assumed: dict[str, list[str]] = {}
        for stream in raw.streams:
            self._times[stream.name] = self._place(stream)
        self.warnings += [f"{_first_names(names)}: {assumed}" for assumed, names in self._assumed.items()]

    def role_signal(self, choice: RoleChoice) -> Signal:
        """The signal of a role, in the role's SI unit or in an arbitrary one."""
        spec = ROLE_SPECS[choice.role]
        first = self._streams[choice.parts[0].stream]
        pieces = [self._rows(self._streams[part.stream])[:, list(part.columns)] for part in choice.parts]
        values = _combined(_side_by_side(pieces), choice.combine)
        is_si = choice.unit != ARBITRARY_UNIT
        factor = UNIT_FACTORS[spec.quantity][choice.unit] if is_si else 1.0
        if spec.quantity is Quantity.QUATERNION:
            values = as_xyzw(values, choice.unit)
        labels = spec.labels[: values.shape[1]] or _labels(choice, self._streams, values.shape[1])
        return Signal(
            stream=" + ".join(part.stream for part in choice.parts),
            values=values * (factor * choice.scale),
            unit=spec.unit if is_si else ARBITRARY_UNIT,
            labels=labels,
            times_ns=self._times[first.name],
            text_values=first.text_values,
            guessed_unit=choice.guessed,
        )

    def other_signals(self, choices: Mapping[Role, RoleChoice]) -> dict[str, Signal]:
        """Streams, and columns of streams, that play no role."""
        used: dict[str, set[int]] = {}
        for choice in choices.values():
            for part in choice.parts:
                used.setdefault(part.stream, set()).update(part.columns)
        signals = {}
        for name, stream in self._streams.items():
            left = [column for column in range(stream.width) if column not in used.get(name, set())]
            if stream.role_free or not left:
                continue
            labels = tuple(stream.labels[column] if stream.labels else str(column) for column in left)
            rows = self._rows(stream)
            signals[name] = Signal(
                name,
                rows if len(left) == stream.width else rows[:, left],
                stream.unit or "",
                labels,
                self._times[name],
                stream.text_values,
                guessed_unit=stream.unit is None,
            )
        return signals

    def rate_hz(self, name: str) -> float | None:
        """Own rate of a stream; None when it follows the frames."""
        times_ns = self._times.get(name)
        if times_ns is None or times_ns.size < 2:
            return None
        steps_ns = np.diff(times_ns)
        moving_ns = steps_ns[steps_ns > 0]
        return float(NS_PER_S / np.median(moving_ns)) if moving_ns.size else None

    def _place(self, stream: RawStream) -> TimesNs | None:
        """Times of a stream of its own clock on the episode's clock; None for one sample per frame."""
        if stream.times_s is None:
            found = times_within_frames(stream.values.shape[0], self._clock)
        else:
            found = signal_times(stream.times_s, self._raw_clock, self._clock)
        if found is None:
            self._warn_of_count(stream)
            return None
        if found.wrong:
            self.off_clock[stream.name] = found.wrong
        if found.assumed and not stream.role_free:
            self._assumed.setdefault(found.assumed, []).append(stream.name)
        times_s = found.times_s
        if not np.all(np.isfinite(times_s)):
            times_s = np.zeros(times_s.size)
        return np.round(np.maximum.accumulate(times_s) * NS_PER_S).astype(np.int64)

    def _warn_of_count(self, stream: RawStream) -> None:
        count, frames = stream.values.shape[0], self._clock.num_frames
        if count == frames or stream.role_free:
            return
        each = samples_per_frame(count, frames)
        if each:
            rest = f"only the first of each {each} is used; set rate_hz in the profile to have them all"
        else:
            rest = "the rest has no value" if count < frames else "the rest is left out"
        self.warnings.append(f"{stream.name} has {count} samples for {frames} frames: {rest}")

    def _rows(self, stream: RawStream) -> Values:
        """The samples; one per frame exactly when the stream follows the frames."""
        missing = self._clock.num_frames - stream.values.shape[0]
        if self._times[stream.name] is not None or missing == 0:
            return stream.values
        each = samples_per_frame(stream.values.shape[0], self._clock.num_frames)
        if each:
            return stream.values[::each]
        if missing < 0:
            return stream.values[: self._clock.num_frames]
        return np.concatenate([stream.values, np.full((missing, stream.width), np.nan)])


def _first_names(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _side_by_side(pieces: Sequence[Floats]) -> Floats:
    longest = max(piece.shape[0] for piece in pieces)
    padded = [np.concatenate([piece, np.full((longest - piece.shape[0], piece.shape[1]), np.nan)]) for piece in pieces]
    return padded[0] if len(padded) == 1 else np.concatenate(padded, axis=1)


def _combined(values: Floats, combine: Combine) -> Floats:
    if combine is Combine.SUM_OF_ABSOLUTES:
        return np.asarray(np.abs(values).sum(axis=1, keepdims=True))
    if combine is Combine.MEAN:
        return np.asarray(values.mean(axis=1, keepdims=True))
    return values


def _labels(choice: RoleChoice, streams: Mapping[str, RawStream], width: int) -> tuple[str, ...]:
    if choice.combine is not Combine.NONE:
        return (choice.role.value,)
    labels = []
    for part in choice.parts:
        declared = streams[part.stream].labels
        labels += [declared[column] if declared else str(column) for column in part.columns]
    return (choice.role.value,) if width == 1 and labels == ["0"] else tuple(labels)


def assignment(choice: RoleChoice, streams: Mapping[str, RawStream]) -> RoleAssignment:
    """The decision as an episode reports it."""
    whole = all(len(part.columns) == streams[part.stream].width for part in choice.parts)
    named = [
        streams[part.stream].labels[column] if streams[part.stream].labels else str(column)
        for part in choice.parts
        for column in part.columns
    ]
    columns = "all" if whole else ", ".join(named)
    if choice.combine is Combine.SUM_OF_ABSOLUTES:
        columns = f"sum of |{columns}|"
    elif choice.combine is Combine.MEAN:
        columns = f"mean of {columns}"
    return RoleAssignment(
        stream=" + ".join(part.stream for part in choice.parts),
        unit=choice.unit,
        guessed=choice.guessed,
        reason=choice.reason,
        columns=columns,
        dead=choice.dead,
    )
