"""Rotations against scipy's."""

import numpy as np
from scipy.spatial.transform import Rotation

from failview.detectors.conditioning.rotations import Rotations

_RNG = np.random.default_rng(3)
_ONE, _OTHER = _RNG.normal(size=(2, 50, 4))
_VECTORS = _RNG.normal(size=(50, 3))


def test_everything_equals_scipy() -> None:
    ours, theirs = Rotations.of(_ONE), Rotation.from_quat(_ONE)
    np.testing.assert_allclose(ours.apply(_VECTORS), theirs.apply(_VECTORS), atol=1e-12)
    np.testing.assert_allclose(ours.inv().apply(_VECTORS), theirs.inv().apply(_VECTORS), atol=1e-12)
    np.testing.assert_allclose(ours.magnitude(), theirs.magnitude(), atol=1e-12)
    both = ours * Rotations.of(_OTHER)
    np.testing.assert_allclose(both.apply(_VECTORS), (theirs * Rotation.from_quat(_OTHER)).apply(_VECTORS), atol=1e-12)


def test_one_against_many() -> None:
    ours, theirs = Rotations.of(_ONE), Rotation.from_quat(_ONE)
    np.testing.assert_allclose((ours[0].inv() * ours).magnitude(), (theirs[0].inv() * theirs).magnitude(), atol=1e-7)
    np.testing.assert_allclose(ours.apply(np.array([0.0, 0.0, 1.0])), theirs.apply([0.0, 0.0, 1.0]), atol=1e-12)
    np.testing.assert_allclose(ours[3].apply(_VECTORS[0]), theirs[3].apply(_VECTORS[0]), atol=1e-12)


def test_a_quarter_turn_about_z() -> None:
    turn = Rotations.of(np.array([0.0, 0.0, 2.0, 2.0]))
    np.testing.assert_allclose(turn.apply(np.array([1.0, 0.0, 0.0])), [0.0, 1.0, 0.0], atol=1e-12)
    assert float(turn.magnitude()) == np.pi / 2
