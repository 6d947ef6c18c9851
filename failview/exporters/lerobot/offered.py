"""What an episode of another format offers as LeRobot features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from failview.exporters.step_columns import (
    StepColumn,
    column_name,
    notes_about_columns,
    recorded_rewards,
    step_columns,
    times_s,
    whole_cameras,
)
from failview.model.camera import Camera
from failview.model.episode import Episode
from failview.model.roles import Role

VIDEO = "video"
_STATE = "observation.state"
_EVEN = 0.5
"""Part of a frame by which times may be off and still count as even."""
_STATES = (
    (Role.JOINT_POSITION, Role.GRIPPER_APERTURE),
    (Role.EE_POSITION, Role.EE_ORIENTATION, Role.GRIPPER_APERTURE),
)
"""Roles that make observation.state, which LeRobot's policies look for, where no stream is called so: the first set
whose first role is there."""


@dataclass(frozen=True)
class Offer:
    """One feature.

    Attributes:
        dtype: "float32", "bool", "string" or "video".
        shape: Of one sample.
        names: Of its columns; empty for none.
    """

    dtype: str
    shape: tuple[int, ...]
    names: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As info.json declares it; of a video without what its file tells."""
        names = list(self.names) or None
        return {"dtype": self.dtype, "shape": list(self.shape), "names": names}


def offered(episode: Episode) -> tuple[Mapping[str, Offer], Sequence[str]]:
    """Features of an episode by name, and what cannot be carried as it is."""
    columns = step_columns(episode)
    offers = {name: _offer(column) for name, column in _by_feature(columns).items()}
    if _STATE not in offers and (state := _state(columns)):
        labels = tuple(label for column in state for label in _labels(column))
        offers[_STATE] = Offer("float32", (len(labels),), labels)
    if recorded_rewards(episode) is not None:
        offers["next.reward"] = Offer("float32", (1,))
    for camera in whole_cameras(episode):
        width, height = even_size(camera)
        offers[camera_key(camera)] = Offer(VIDEO, (height, width, 3), ("height", "width", "channels"))
    return offers, [*notes_about_columns(episode, columns), *_notes_about_sizes(episode), *_notes_about_times(episode)]


def columns_of(episode: Episode, offers: Mapping[str, Offer]) -> dict[str, pa.Array]:
    """Values of the features that are no videos."""
    columns = step_columns(episode)
    found = {name: _array(column, offers[name]) for name, column in _by_feature(columns).items() if name in offers}
    if _STATE in offers and _STATE not in found:
        found[_STATE] = _numbers(np.concatenate([column.values for column in _state(columns)], axis=1))
    rewards = recorded_rewards(episode)
    if "next.reward" in offers and rewards is not None:
        found["next.reward"] = _numbers(rewards[:, None])
    return {name: found[name] for name in offers if name in found}


def camera_key(camera: Camera) -> str:
    """The feature of a camera."""
    return f"observation.images.{column_name(camera.name)}"


def even_size(camera: Camera) -> tuple[int, int]:
    """(width, height) in even numbers, which video needs."""
    return max(2, camera.width // 2 * 2), max(2, camera.height // 2 * 2)


def _by_feature(columns: Sequence[StepColumn]) -> dict[str, StepColumn]:
    return {_feature(column): column for column in columns}


def _feature(column: StepColumn) -> str:
    named = {Role.ACTION: "action", Role.SUCCESS: "next.success"}
    return named[column.role] if column.role in named and not column.is_words else f"observation.{column.name}"


def _offer(column: StepColumn) -> Offer:
    if column.is_words:
        return Offer("string", (1,))
    if column.role is Role.SUCCESS and column.width == 1:
        return Offer("bool", (1,))
    return Offer("float32", (column.width,), _labels(column))


def _labels(column: StepColumn) -> tuple[str, ...]:
    return column.signal.labels if column.width > 1 else (column.name,)


def _state(columns: Sequence[StepColumn]) -> list[StepColumn]:
    by_role = {column.role: column for column in columns if column.role is not None}
    for first, *more in _STATES:
        if first in by_role:
            return [by_role[role] for role in (first, *more) if role in by_role]
    return []


def _array(column: StepColumn, offer: Offer) -> pa.Array:
    if column.is_words:
        return pa.array(column.words(), pa.string())
    if offer.dtype == "bool":
        return pa.array(column.values[:, 0] > 0)
    return _numbers(column.values)


def _numbers(values: "np.ndarray[Any, np.dtype[np.float64]]") -> pa.Array:
    """One number per row as it is, several as a list of fixed length, as `datasets` stores them."""
    flat = pa.array(np.ascontiguousarray(values, dtype=np.float32).ravel())
    return flat if values.shape[1] == 1 else pa.FixedSizeListArray.from_arrays(flat, values.shape[1])


def _notes_about_sizes(episode: Episode) -> list[str]:
    return [
        f"camera {camera.name}: scaled from {camera.width}x{camera.height}, for video needs even numbers"
        for camera in whole_cameras(episode)
        if even_size(camera) != (camera.width, camera.height)
    ]


def _notes_about_times(episode: Episode) -> list[str]:
    """Frames of LeRobot are even: those that are not lose their times."""
    rate_hz = episode.clock.rate_hz
    if rate_hz is None or episode.clock.times_ns is None:
        return []
    even_s = np.arange(episode.num_frames) / rate_hz
    away_s = float(np.abs(times_s(episode) - even_s).max())
    if away_s < _EVEN / rate_hz:
        return []
    return [f"its times are uneven, by up to {away_s:.2g} s: in LeRobot frames are even"]
