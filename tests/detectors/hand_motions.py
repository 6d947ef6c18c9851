"""Motions of a hand, built from straight minimum-jerk strokes, as episodes with a position and perhaps a command."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from failview.model.clock import Clock
from failview.model.episode import Episode, EpisodeSource
from failview.model.roles import ROLE_SPECS, Role
from failview.model.signals import Signal

PLACES_M = np.array([[0.0, 0, 0.3], [0.3, 0.1, 0.3], [0.3, 0.1, 0.1], [0.1, -0.2, 0.3], [0.0, 0.0, 0.3]])


def path_m(rate_hz: float, stroke_s: float = 1.5, rest_s: float = 0.5, places: np.ndarray = PLACES_M) -> np.ndarray:
    """(frames, 3) from place to place, with rests between."""
    parts = [np.repeat(places[:1], round(rest_s * rate_hz), axis=0)]
    for begin, end in pairwise(places):
        share = np.arange(1, round(stroke_s * rate_hz) + 1)[:, None] / round(stroke_s * rate_hz)
        parts.append(begin + (end - begin) * (10 * share**3 - 15 * share**4 + 6 * share**5))
        parts.append(np.repeat(end[None], round(rest_s * rate_hz), axis=0))
    return np.concatenate(parts)


def trembling(positions_m: np.ndarray, seed: int = 0, sigma_m: float = 0.0002) -> np.ndarray:
    """The positions with the noise of a recording."""
    return positions_m + np.random.default_rng(seed).normal(0, sigma_m, positions_m.shape)


def episode_of(values: Mapping[Role, np.ndarray], rate_hz: float | None) -> Episode:
    """An episode of per-frame signals."""
    frames = len(next(iter(values.values())))
    clock = Clock(frames, None, "frames") if rate_hz is None else Clock.at_rate(frames, rate_hz, "test")
    signals = {
        role: Signal(role.value, value, ROLE_SPECS[role].unit, tuple(map(str, range(value.shape[1]))))
        for role, value in values.items()
    }
    return Episode("hand", "", clock, signals, {}, EpisodeSource("hand", "test", "sha256:0"))
