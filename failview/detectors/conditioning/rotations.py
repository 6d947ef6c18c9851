"""Rotations as unit quaternions x y z w.

(scipy.spatial.transform has all of this and more, but takes half a second to be imported, in every process.)
"""

from dataclasses import dataclass

import numpy as np

from failview.model.signals import Values

_SIGNS_OF_INVERSE = np.array([-1.0, -1.0, -1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Rotations:
    """A rotation, or one per row.

    Attributes:
        xyzw: (4,) or (rows, 4) unit quaternions.
    """

    xyzw: Values

    @classmethod
    def of(cls, xyzw: Values) -> "Rotations":
        """From quaternions x y z w of any length but zero."""
        return cls(xyzw / np.linalg.norm(xyzw, axis=-1, keepdims=True))

    def __getitem__(self, rows: int | slice | Values) -> "Rotations":
        return Rotations(self.xyzw[rows])

    def __len__(self) -> int:
        return len(self.xyzw)

    def __mul__(self, other: "Rotations") -> "Rotations":
        """The other one first, then this one; one against many is allowed."""
        a, b = self.xyzw, other.xyzw
        vector = a[..., 3:] * b[..., :3] + b[..., 3:] * a[..., :3] + cross(a[..., :3], b[..., :3])
        scalar = a[..., 3] * b[..., 3] - np.sum(a[..., :3] * b[..., :3], axis=-1)
        return Rotations(np.concatenate((vector, scalar[..., np.newaxis]), axis=-1))

    def inv(self) -> "Rotations":
        """The way back."""
        return Rotations(self.xyzw * _SIGNS_OF_INVERSE)

    def apply(self, vectors: Values) -> Values:
        """(3,) or (rows, 3) vectors, turned."""
        axis, scalar = self.xyzw[..., :3], self.xyzw[..., 3:]
        twice = 2.0 * cross(axis, vectors)
        return np.asarray(vectors + scalar * twice + cross(axis, twice))

    def magnitude(self) -> Values:
        """Angle of each, 0 to pi rad; () or (rows,)."""
        length = np.linalg.norm(self.xyzw[..., :3], axis=-1)
        return np.asarray(2.0 * np.arctan2(length, np.abs(self.xyzw[..., 3])))


def cross(first: Values, second: Values) -> Values:
    """Cross product of (..., 3) vectors; numpy's own takes several times as long for a few hundred."""
    x, y, z = (first[..., axis] for axis in range(3))
    u, v, w = (second[..., axis] for axis in range(3))
    product = np.empty(np.broadcast_shapes(first.shape, second.shape))
    product[..., 0] = y * w - z * v
    product[..., 1] = z * u - x * w
    product[..., 2] = x * v - y * u
    return product
