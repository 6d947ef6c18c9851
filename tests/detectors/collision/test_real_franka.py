"""The dynamics against a real Franka FR3 that records its own estimate of the external torque.

Its joint sensors sit behind the gears: no rotor inertia, so the demo's Panda model without it. The robot's estimate
is the residual of the momentum through a slow observer; at a gain of 20 per second ours agrees, over 4 recordings of
10 s, with these correlations per joint (the lowest of the four) and differences (root mean square, Nm):

    joint                1     2     3     4     5     6     7
    correlation       0.92  0.76  0.90  0.82  0.99  0.99  1.00
    difference, Nm    0.23  0.40  0.16  0.21  0.05  0.04  0.01

The Panda's masses are not quite the FR3's: joints 2 and 4, which carry them, agree least.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from failview.detectors.collision.collision import CollisionDetector
from failview.detectors.collision.dynamics import arm_dynamics
from failview.detectors.collision.momentum_observer import interval_torque, observe
from failview.detectors.conditioning.condition import condition
from failview.detectors.detector import Case
from failview.detectors.grasping.grasp_story import GraspStory
from failview.model.clock import Clock
from failview.model.episode import Episode, EpisodeSource
from failview.model.robot import LinkPoses, Robot
from failview.model.roles import ROLE_SPECS, Role
from failview.model.signals import Signal
from failview.resources import demo_dataset_dir
from failview.settings.thresholds import DetectorSettings
from tests.real_data import real_data

COLUMNS = {Role.JOINT_POSITION: 1, Role.JOINT_VELOCITY: 8, Role.JOINT_TORQUE: 15, Role.EXTERNAL_TORQUE: 22}
JOINTS = tuple(f"joint{number + 1}" for number in range(7))
LOWEST_CORRELATION = (0.90, 0.74, 0.88, 0.80, 0.98, 0.98, 0.98)
LARGEST_DIFFERENCE_NM = (0.25, 0.42, 0.18, 0.23, 0.07, 0.06, 0.03)
ROBOTS_GAIN_PER_S = 20.0


@pytest.fixture
def model(tmp_path: Path) -> Path:
    text = (demo_dataset_dir() / "robot" / "panda.xml").read_text(encoding="utf-8")
    path = tmp_path / "behind_the_gears.xml"
    path.write_text(re.sub(r' (armature|damping|frictionloss)="[^"]*"', "", text), encoding="utf-8")
    return path


def recordings(model: Path, *roles: Role) -> list[Episode]:
    files = sorted(real_data("franka_fr3_teleop_npy").glob("franka_data/*.npy"))
    assert len(files) == 4
    return [_episode(np.load(file, allow_pickle=False), model, roles) for file in files]


def _episode(rows: np.ndarray, model: Path, roles: tuple[Role, ...]) -> Episode:
    clock = Clock(len(rows), np.maximum.accumulate((rows[:, 0] - rows[0, 0]).astype(np.int64)), "stamps")
    signals = {
        role: Signal(role.value, rows[:, COLUMNS[role] : COLUMNS[role] + 7], ROLE_SPECS[role].unit, JOINTS)
        for role in roles
    }
    far = np.full(7, np.inf)
    nowhere = LinkPoses(np.zeros((0, 0, 3)), np.zeros((0, 0, 4)))
    robot = Robot(model, "hand", JOINTS, -far, far, False, (), (), lambda frames: nowhere)
    return Episode("fr3", "", clock, signals, {}, EpisodeSource("fr3", "npy", "sha256:0"), robot=robot)


def test_our_external_torque_is_the_robots_own(model: Path) -> None:
    """DATA 18: gravity, inertia and friction are taken off, not gravity alone."""
    for episode in recordings(model, *COLUMNS):
        conditioned = condition(episode)
        position, velocity, torque, recorded = (conditioned.signals[role] for role in COLUMNS)
        assert episode.robot is not None
        momentum, changing = arm_dynamics(episode.robot, range(7)).momentum(position, velocity)
        rate_hz = conditioned.clock.rate_hz
        # the robot counts the torque that it exerts, we the torque that it feels
        ours = -observe(interval_torque(momentum, torque + changing, rate_hz), rate_hz, ROBOTS_GAIN_PER_S)
        settled = slice(int(rate_hz / 4), None)
        for joint in range(7):
            correlation = np.corrcoef(ours[settled, joint], recorded[settled, joint])[0, 1]
            difference_nm = np.std(ours[settled, joint] - recorded[settled, joint])
            assert correlation > LOWEST_CORRELATION[joint], joint
            assert difference_nm < LARGEST_DIFFERENCE_NM[joint], joint


@pytest.mark.parametrize("given", [(Role.EXTERNAL_TORQUE,), tuple(COLUMNS)[:3]])
def test_an_arm_led_through_the_air_touches_nothing(model: Path, given: tuple[Role, ...]) -> None:
    for episode in recordings(model, *given):
        findings = CollisionDetector().judge(Case(condition(episode), GraspStory(), DetectorSettings()))
        assert (findings.not_judged, findings.detections) == ("", ())


def test_a_push_added_to_the_real_torques_is_found(model: Path) -> None:
    """A push of 8 Nm on joint 2 of the real recording, for 0.3 s."""
    for episode in recordings(model, *tuple(COLUMNS)[:3]):
        torque = episode.signals[Role.JOINT_TORQUE].values.copy()
        begin = episode.num_frames // 2
        torque[begin : begin + 300, 1] -= 8.0
        signals = {**episode.signals, Role.JOINT_TORQUE: Signal("tau", torque, "Nm", JOINTS)}
        pushed = Episode("fr3", "", episode.clock, signals, {}, episode.source, robot=episode.robot)
        (found,) = CollisionDetector().judge(Case(condition(pushed), GraspStory(), DetectorSettings())).detections
        assert found.measures["joint"] == 2
        assert found.start_frame == pytest.approx(begin, abs=25)
