"""Depth pictures in which the middle, where the hand works, was not measured.

Depth cameras lose what is shiny, black, transparent or too near, and write zero there. Some holes are always there; a
stretch in which more than a fifth of the middle is missing, and twice as much as usual in this episode, is not.
"""

from collections.abc import Iterator

import numpy as np

from failview.detectors.conditioning.medians import median
from failview.detectors.confidence import from_margin
from failview.detectors.detector import Case
from failview.detectors.intervals import intervals
from failview.errors import DatasetError
from failview.model.camera import Camera
from failview.model.detection import Detection
from failview.model.signals import Values

INVALID = "workspace.depth_invalid"

_LOOKED_AT = 40
"""Pictures of one episode: decoding all of them would take longer than everything else together."""

_USUAL = 2.0
_SPREAD = 0.05
_MOST = 0.8


def invalid_depth(case: Case) -> Iterator[Detection]:
    """Stretches without depth in the middle of a depth camera."""
    limit = case.settings["workspace.invalid_depth_share"]
    for camera in case.conditioned.episode.cameras.values():
        if not camera.is_depth or camera.num_frames < 2:
            continue
        frames = np.unique(np.linspace(0, camera.num_frames - 1, _LOOKED_AT).astype(np.int64))
        try:
            missing = _missing_shares(camera, frames)
        except DatasetError:
            continue  # a camera that cannot be decoded is a warning on the episode already
        usual = median(missing)
        for first, last in intervals((missing > limit) & (missing > _USUAL * usual)):
            peak = float(missing[first : last + 1].max())
            yield Detection(
                "workspace",
                INVALID,
                int(frames[first]),
                int(frames[last]),
                from_margin(peak, limit, _SPREAD, most=_MOST),
                f"{camera.name}: {peak:.0%} of the middle without depth at frames {frames[first]} to {frames[last]}, "
                f"usually {usual:.0%}",
                measures={"missing_share": peak, "usual_share": usual},
            )


def _missing_shares(camera: Camera, frames: np.ndarray) -> Values:
    """Share of the picture's middle (half its width and height) that is black, per looked-at frame."""
    rows, columns = slice(camera.height // 4, -(camera.height // 4)), slice(camera.width // 4, -(camera.width // 4))
    reader = camera.open_reader()
    try:
        return np.array([float((reader.read(int(frame))[rows, columns, 0] == 0).mean()) for frame in frames])
    finally:
        reader.close()
