"""Ways to write an orientation, converted to quaternions x y z w."""

import numpy as np

from failview.loaders.raw_dataset import Floats

ROTATION_VECTOR = "rotation_vector"
"""Axis times angle in rad, three columns (scipy's rotvec; UMI's axis_angle; UR's rx ry rz)."""
_XYZW_FROM_WXYZ = (1, 2, 3, 0)


def as_xyzw(values: Floats, written: str) -> Floats:
    """(samples, 4) unit quaternions x y z w.

    Args:
        values: (samples, 4) quaternions, or (samples, 3) rotation vectors in rad.
        written: "xyzw", "wxyz" or "rotation_vector".
    """
    if written == "wxyz":
        return np.asarray(values[:, _XYZW_FROM_WXYZ])
    return _from_rotation_vectors(values) if written == ROTATION_VECTOR else values


def _from_rotation_vectors(vectors_rad: Floats) -> Floats:
    """The sign is kept from one sample to the next, so that the curves do not jump where the vector's angle wraps."""
    angles_rad = np.linalg.norm(vectors_rad, axis=1, keepdims=True)
    # sin(a/2)/a by numpy's sinc, which is exact at a = 0
    quaternions = np.concatenate(
        [vectors_rad * (np.sinc(angles_rad / (2 * np.pi)) / 2), np.cos(angles_rad / 2)], axis=1
    )
    return without_sign_jumps(quaternions)


def without_sign_jumps(quaternions: Floats) -> Floats:
    """(samples, 4) the same orientations, each with the sign that is nearer to the one before."""
    opposite = np.einsum("ij,ij->i", quaternions[1:], quaternions[:-1]) < 0
    flips = np.where(np.cumsum(opposite) % 2 == 1, -1.0, 1.0)
    return np.concatenate([quaternions[:1], quaternions[1:] * flips[:, np.newaxis]])
