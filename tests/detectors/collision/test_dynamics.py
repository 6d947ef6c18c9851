"""The torques of a model are those of the textbook, whatever its format and the order of the columns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pinocchio as pin
import pytest

from failview.detectors.collision.dynamics import arm_dynamics
from failview.detectors.collision.momentum_observer import interval_torque, observe
from tests.detectors.arm_motions import GRAVITY, JOINTS, robot_of, write_mjcf, write_urdf

RNG = np.random.default_rng(5)
Q, DQ, DDQ = (RNG.uniform(-1, 1, (20, 5)) * size for size in (1.5, 1.0, 3.0))


def test_urdf_and_mjcf_of_one_arm_agree(tmp_path: Path) -> None:
    urdf = arm_dynamics(robot_of(write_urdf(tmp_path / "arm.urdf")), range(5))
    mjcf = arm_dynamics(robot_of(write_mjcf(tmp_path / "arm.xml")), range(5))
    assert urdf.rigid_torque(Q, DQ, DDQ) == pytest.approx(mjcf.rigid_torque(Q, DQ, DDQ), abs=1e-5)
    assert urdf.resistance(DQ) == pytest.approx(mjcf.resistance(DQ))
    assert urdf.loaded_torque(Q, DQ, DDQ) == pytest.approx(mjcf.loaded_torque(Q, DQ, DDQ), abs=1e-5)


def test_rotors_of_an_mjcf_add_their_inertia(tmp_path: Path) -> None:
    bare = arm_dynamics(robot_of(write_mjcf(tmp_path / "bare.xml")), range(5))
    heavy = arm_dynamics(robot_of(write_mjcf(tmp_path / "heavy.xml", armature=0.2)), range(5))
    assert heavy.rigid_torque(Q, DQ, DDQ) - bare.rigid_torque(Q, DQ, DDQ) == pytest.approx(0.2 * DDQ, abs=1e-6)


def test_a_kilogram_at_rest_is_the_transposed_jacobian_times_its_weight(tmp_path: Path) -> None:
    path = write_urdf(tmp_path / "arm.urdf")
    still = np.zeros_like(Q)
    arm = arm_dynamics(robot_of(path), range(5))
    told = arm.loaded_torque(Q, still, still) - arm.rigid_torque(Q, still, still)
    full = pin.buildModelFromUrdf(str(path))
    model = pin.buildReducedModel(full, [full.getJointId("finger")], pin.neutral(full))
    data, tool = model.createData(), model.getFrameId("tool", pin.FrameType.BODY)
    for row, q in enumerate(Q):
        jacobian = pin.computeFrameJacobian(model, data, q, tool, pin.LOCAL_WORLD_ALIGNED)[:3]
        assert told[row] == pytest.approx(-jacobian.T @ GRAVITY, abs=1e-6)


def test_columns_may_come_in_any_order_and_with_strangers_among_them(tmp_path: Path) -> None:
    robot = robot_of(write_urdf(tmp_path / "arm.urdf"))
    straight = arm_dynamics(robot, range(5))
    order = [3, 0, 4, 1, 2]
    names = ("", *(JOINTS[column] for column in order))
    mixed = arm_dynamics(replace(robot, joint_names=names), range(6))
    assert [names[column] for column in mixed.columns] == list(JOINTS)
    assert mixed.rigid_torque(Q, DQ, DDQ) == pytest.approx(straight.rigid_torque(Q, DQ, DDQ))


def test_a_joint_without_limits_is_a_circle(tmp_path: Path) -> None:
    limited = write_urdf(tmp_path / "arm.urdf")
    endless = tmp_path / "endless.urdf"
    endless.write_text(limited.read_text().replace('name="roll" type="revolute"', 'name="roll" type="continuous"'))
    there, here = arm_dynamics(robot_of(endless), range(5)), arm_dynamics(robot_of(limited), range(5))
    assert there.rigid_torque(Q, DQ, DDQ) == pytest.approx(here.rigid_torque(Q, DQ, DDQ), abs=1e-9)
    assert there.momentum(Q, DQ)[1] == pytest.approx(here.momentum(Q, DQ)[1], abs=1e-9)


@pytest.mark.parametrize("rate_hz", [20.0, 100.0])
def test_the_observer_settles_on_a_steady_push(tmp_path: Path, rate_hz: float) -> None:
    """The balance of momentum over a motion that is known exactly, with a push of 5 Nm on the second joint."""
    arm = arm_dynamics(robot_of(write_urdf(tmp_path / "arm.urdf", friction=False)), range(5))
    times = np.arange(0, 3, 1 / rate_hz)[:, None]
    phase = np.arange(5)
    q, dq, ddq = (f(2 * times + phase) * 0.5 * 2.0**n for n, f in enumerate((np.sin, np.cos, lambda x: -np.sin(x))))
    push = np.where(times > 1.0, [0.0, 5.0, 0.0, 0.0, 0.0], 0.0)
    momentum, changing = arm.momentum(q, dq)
    observed = observe(interval_torque(momentum, arm.rigid_torque(q, dq, ddq) - push + changing, rate_hz), rate_hz)
    before, after = (times[:, 0] > 0.5) & (times[:, 0] < 1.0), times[:, 0] > 1.3
    assert np.abs(observed[before]).max() < 0.1
    assert observed[after] == pytest.approx(push[after], abs=0.1)
