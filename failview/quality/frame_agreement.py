"""How far the frames of two raters lie apart."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from failview.quality.estimate import Estimate, of_mean

CLOSE_FRAMES = 5
"""Frames within which two onsets count as the same, and the mean difference that is aimed at."""


@dataclass(frozen=True)
class FrameAgreement:
    """Differences between the frames that two raters chose for the same episodes.

    Attributes:
        field: Field of the annotation.
        raters: Who.
        n: Episodes in which both chose a frame.
        mean_frames: Mean absolute difference.
        mean_s: The same in seconds, over the episodes whose frames have times.
        median_frames: Median of the differences, second minus first: who is later, and by how much; None without any.
        close: Share within CLOSE_FRAMES.
    """

    field: str
    raters: tuple[str, str]
    n: int
    mean_frames: Estimate
    mean_s: Estimate
    median_frames: float | None
    close: Estimate

    @property
    def is_short(self) -> bool:
        """Whether they lie further apart than is aimed at."""
        return self.mean_frames.value is not None and self.mean_frames.value > CLOSE_FRAMES


def frame_agreement(
    field: str,
    raters: tuple[str, str],
    frames: tuple[Mapping[str, int], Mapping[str, int]],
    rates_hz: Mapping[str, float | None],
) -> FrameAgreement:
    """Compare two raters over the episodes in which both chose a frame.

    Args:
        field: Field of the annotation.
        raters: Who.
        frames: Episode id to frame, of each.
        rates_hz: Frames per second by episode id; None where nothing tells.
    """
    first, second = frames
    shared = sorted(first.keys() & second.keys())
    away = np.array([second[key] - first[key] for key in shared], dtype=np.float64)
    timed = [(abs(second[key] - first[key]) / rate) for key in shared if (rate := rates_hz.get(key))]
    why = f"{raters[0]} and {raters[1]} marked it in no episode together"
    return FrameAgreement(
        field,
        raters,
        len(shared),
        of_mean(np.abs(away), why),
        of_mean(np.array(timed), why if not shared else "the frames have no times"),
        float(np.median(away)) if shared else None,
        of_mean((np.abs(away) <= CLOSE_FRAMES).astype(np.float64), why),
    )
