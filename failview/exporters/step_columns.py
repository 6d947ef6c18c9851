"""The signals of an episode as columns with one row per frame, for formats that are tables of steps."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from failview.model.camera import Camera
from failview.model.clock import NS_PER_S
from failview.model.episode import Episode
from failview.model.frame_values import values_at_frames
from failview.model.roles import Role
from failview.model.signals import Signal, Values

REWARDS = frozenset({"reward", "rewards", "next.reward", "next_reward"})
_BOOKKEEPING = frozenset(
    {"done", "dones", "next.done", "index", "frame_index", "episode_index", "task_index", "timestamp"}
)
"""Streams that every format has in a way of its own."""

_MOST_NAMED = 8


@dataclass(frozen=True, eq=False)
class StepColumn:
    """One column.

    Attributes:
        name: Its role, or the name of its stream with nothing but letters, digits and underscores.
        role: The role it plays; None for a stream without one.
        signal: What it is made of.
        values: (frames, width) values at the frames; codes for words.
    """

    name: str
    role: Role | None
    signal: Signal
    values: Values

    @property
    def width(self) -> int:
        """Numbers per frame."""
        return int(self.values.shape[1])

    @property
    def is_words(self) -> bool:
        """Whether it holds words."""
        return bool(self.signal.text_values)

    def words(self) -> list[str]:
        """The word of each frame; "" where there is none."""
        texts = self.signal.text_values
        return ["" if math.isnan(code) else texts[int(code)] for code in self.values[:, 0].tolist()]


def step_columns(episode: Episode) -> list[StepColumn]:
    """All signals of an episode, by name; roles first."""
    return list(_columns(episode, _by_name(episode)))


def column_name(stream: str) -> str:
    """The name of a stream as a column: letters, digits and underscores."""
    return "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in stream).strip("_") or "stream"


def recorded_rewards(episode: Episode) -> Values | None:
    """(frames,) rewards that the episode was recorded with; None without."""
    found = next((signal for name, signal in episode.other_signals.items() if name in REWARDS), None)
    if found is None or found.values.shape[1] != 1:
        return None
    return values_at_frames(found.values, found.times_ns, episode.clock)[:, 0]


def times_s(episode: Episode) -> Values:
    """(frames,) seconds since the first frame; at the nominal pace where the episode tells no times."""
    if episode.clock.times_ns is None:
        return np.arange(episode.num_frames) / episode.clock.pace_hz
    return episode.clock.times_ns / NS_PER_S


def whole_cameras(episode: Episode) -> list[Camera]:
    """Cameras with one picture per frame; depth shown as brightness is none."""
    return [
        camera
        for camera in episode.cameras.values()
        if not camera.is_depth and camera.num_frames == episode.num_frames and camera.width and camera.height
    ]


def notes_about_columns(episode: Episode, columns: Sequence[StepColumn]) -> list[str]:
    """What was changed or could not be carried, one line each."""
    whole = {camera.name for camera in whole_cameras(episode)}
    notes = []
    for camera in episode.cameras.values():
        if camera.name not in whole:
            why = "depth shown as brightness" if camera.is_depth else "not one picture per frame"
            notes.append(f"camera {camera.name}: left out: {why}")
    own_clock = [column.name for column in columns if column.signal.times_ns is not None]
    if own_clock:
        notes.append(
            f"signals with a clock of their own are carried with their values at the frames: {_named(own_clock)}"
        )
    gaps = [column.name for column in columns if not column.is_words and np.isnan(column.values).any()]
    if gaps:
        notes.append(f"signals with gaps (NaN): {_named(gaps)}")
    if episode.clock.times_ns is None:
        notes.append(f"no times are recorded: the times are those of {episode.clock.pace_hz:g} frames a second")
    return notes


def counted(notes_of: Mapping[str, Sequence[str]]) -> list[str]:
    """Notes of episodes, each once, with how many episodes it is about."""
    counts: dict[str, int] = {}
    for notes in notes_of.values():
        for note in dict.fromkeys(notes):
            counts[note] = counts.get(note, 0) + 1
    return [note if count == len(notes_of) else f"{note} (in {count} episodes)" for note, count in counts.items()]


def _by_name(episode: Episode) -> Iterator[tuple[str, Role | None, Signal]]:
    for role, signal in sorted(episode.signals.items()):
        yield role.value, role, signal
    for stream, signal in sorted(episode.other_signals.items()):
        if stream not in REWARDS | _BOOKKEEPING:
            yield column_name(stream), None, signal


def _columns(episode: Episode, named: Iterable[tuple[str, Role | None, Signal]]) -> Iterator[StepColumn]:
    taken: set[str] = set()
    for name, role, signal in named:
        if not signal.values.shape[1]:
            continue
        free = next(
            one
            for number in range(1, len(taken) + 2)
            if (one := f"{name}_{number}" if number > 1 else name) not in taken
        )
        taken.add(free)
        yield StepColumn(free, role, signal, values_at_frames(signal.values, signal.times_ns, episode.clock))


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:_MOST_NAMED])} and {more} more"
