"""Which column of a table is time, and in which unit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from failview.loaders.raw_dataset import Floats
from failview.loaders.roles.stream_values import TIME_NAMES, seconds

Numbers = npt.NDArray[np.generic]

_UNITS_S = {"s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3} | {
    "millis": 1e-3,
    "us": 1e-6,
    "usec": 1e-6,
    "µs": 1e-6,
    "ns": 1e-9,
    "nsec": 1e-9,
    "nanos": 1e-9,
}
_NAMES = frozenset({*TIME_NAMES, "epoch", "elapsed", "rostime", "clock", "secs", "sec"})
_WORDS = re.compile(r"[^A-Za-zµ]+")
_SECONDS, _NANOSECONDS = (
    frozenset({"sec", "secs", "seconds"}),
    frozenset({"nsec", "nsecs", "nanosec", "nanosecs", "nanoseconds"}),
)
_STEP_OF_MS = 2.0
"""Steps of this size or more are no seconds between the frames of a robot: they are ms."""


@dataclass(frozen=True, eq=False)
class TimeColumn:
    """The time of the rows.

    Attributes:
        columns: Names of the columns that make it.
        times_s: (rows,) s.
        origin: Where it comes from, in words.
        guessed: The unit is told by the size alone, or the name may mean something else.
    """

    columns: tuple[str, ...]
    times_s: Floats
    origin: str
    guessed: bool = False

    @property
    def rate_hz(self) -> float | None:
        """Mean rate of the rows, in Hz; None where they take no time."""
        span_s = float(self.times_s[-1] - self.times_s[0]) if self.times_s.size > 1 else 0.0
        return (self.times_s.size - 1) / span_s if span_s > 0 else None


def find_time(columns: Mapping[str, Numbers], units: Mapping[str, str]) -> TimeColumn | None:
    """The column that is time: of several, the first that moves and never runs back.

    Args:
        columns: Columns of single numbers.
        units: Declared units.
    """
    candidates = [*_split_stamps(columns), *(_stamps(name, columns[name], units.get(name)) for name in _named(columns))]
    moving = [item for item in candidates if _moves(item.times_s)]
    return next(iter(moving or candidates), None)


def time_names(columns: Sequence[str]) -> list[str]:
    """Columns whose names say time; they play no role."""
    return _named(dict.fromkeys(columns))


def _named(columns: Mapping[str, object]) -> list[str]:
    """Columns named as time, the plainest name first."""
    ranked = []
    for place, name in enumerate(columns):
        words = [word for word in _WORDS.split(name.lower()) if word]
        if not words:
            continue
        rest = words[:-1] if len(words) > 1 and words[-1] in _UNITS_S else words
        if len(rest) == 1 and rest[0] in _NAMES:
            ranked.append((0, place, name))
        elif rest[-1] in {"timestamp", "stamp", "time"} and len(rest) <= 4 and "delta" not in rest:
            ranked.append((1, place, name))
    return [name for *_, name in sorted(ranked)]


def _stamps(name: str, values: Numbers, unit: str | None) -> TimeColumn:
    words = [word for word in _WORDS.split(name.lower()) if word]
    said = (unit or "").lower() if (unit or "").lower() in _UNITS_S else words[-1] if len(words) > 1 else ""
    if said in _UNITS_S:
        return TimeColumn((name,), np.asarray(values, dtype=np.float64) * _UNITS_S[said], f"column {name} (in {said})")
    times_s = seconds(values)
    steps_s = np.diff(times_s)
    typical_s = float(np.median(steps_s[np.isfinite(steps_s)])) if np.isfinite(steps_s).any() else 0.0
    if values.dtype.kind == "f" and np.array_equal(times_s, values) and typical_s >= _STEP_OF_MS:
        return TimeColumn((name,), times_s * 1e-3, f"column {name} (taken as ms by its steps)", guessed=True)
    return TimeColumn((name,), times_s, f"column {name}")


def _split_stamps(columns: Mapping[str, Numbers]) -> list[TimeColumn]:
    """Stamps in two columns, as ROS writes them: …secs and …nsecs."""
    found = []
    for name, values in columns.items():
        stem, last = _last_word(name)
        if last not in _SECONDS:
            continue
        for other, rest in columns.items():
            if other != name and _last_word(other) in {(stem, word) for word in _NANOSECONDS}:
                whole = np.asarray(values, dtype=np.float64)
                times_s = (whole - whole[0] if whole.size else whole) + np.asarray(rest, dtype=np.float64) * 1e-9
                found.append(TimeColumn((name, other), times_s, f"columns {name} and {other}"))
    return found


def _last_word(name: str) -> tuple[str, str]:
    found = re.match(r"^(.*?)([A-Za-z]+)$", name)
    return (found[1].lower(), found[2].lower()) if found else (name.lower(), "")


def _moves(times_s: Floats) -> bool:
    steps_s = np.diff(times_s)
    return bool(steps_s.size and np.all(np.isfinite(steps_s)) and np.all(steps_s >= 0) and np.mean(steps_s > 0) > 0.5)
