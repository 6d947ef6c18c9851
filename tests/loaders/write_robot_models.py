"""Writes small robot models as text: a flat arm of two links, 0.4 m and 0.3 m, whose tip anybody can compute."""

from pathlib import Path

import numpy as np

FIRST_M, SECOND_M = 0.4, 0.3

URDF = """\
<robot name="flat">
  <link name="base"/><link name="upper"><visual>{visual}</visual></link><link name="lower"/><link name="tool0"/>
  <joint name="shoulder" type="{kind}"><parent link="base"/><child link="upper"/><axis xyz="0 0 1"/>
    <limit lower="-2.0" upper="1.5" effort="10" velocity="2"/></joint>
  <joint name="elbow" type="revolute"><origin xyz="0.4 0 0"/><parent link="upper"/><child link="lower"/>
    <axis xyz="0 0 1"/><limit lower="-3" upper="3" effort="10" velocity="2"/></joint>
  <joint name="tip" type="fixed"><origin xyz="0.3 0 0"/><parent link="lower"/><child link="tool0"/></joint>
</robot>
"""
NO_VISUAL = '<geometry><box size="0.4 0.05 0.05"/></geometry>'

MJCF = """\
<mujoco model="flat"><compiler angle="radian" autolimits="true"/><worldbody>
  <body name="base"><inertial mass="1" pos="0 0 0" diaginertia="1 1 1"/>
    <body name="upper"><inertial mass="1" pos="0 0 0" diaginertia="1 1 1"/>
      <joint name="shoulder" type="hinge" axis="0 0 1" range="-2 1.5"/>
      <body name="lower" pos="0.4 0 0"><inertial mass="1" pos="0 0 0" diaginertia="1 1 1"/>
        <joint name="elbow" type="hinge" axis="0 0 1" range="-3 3"/>
        <body name="tool0" pos="0.3 0 0"><inertial mass="1" pos="0 0 0" diaginertia="1 1 1"/>
          <site name="grip_site" pos="0 0 0"/>
          <body name="left"><inertial mass="1" pos="0 0 0" diaginertia="1 1 1"/>
            <joint name="left_finger" type="slide" axis="0 1 0" range="0 0.04"/></body>
          <body name="right"><inertial mass="1" pos="0 0 0" diaginertia="1 1 1"/>
            <joint name="right_finger" type="slide" axis="0 1 0" range="-0.04 0"/></body>
        </body></body></body></body>
</worldbody></mujoco>
"""


def write_urdf(path: Path, *, kind: str = "revolute", visual: str = NO_VISUAL) -> Path:
    path.write_text(URDF.format(kind=kind, visual=visual))
    return path


def write_mjcf(path: Path) -> Path:
    path.write_text(MJCF)
    return path


def tip_m(joints: np.ndarray) -> np.ndarray:
    """(samples, 3) where the tool is, by school geometry."""
    first, both = joints[:, 0], joints[:, 0] + joints[:, 1]
    x = FIRST_M * np.cos(first) + SECOND_M * np.cos(both)
    y = FIRST_M * np.sin(first) + SECOND_M * np.sin(both)
    return np.stack([x, y, np.zeros(len(joints))], axis=1)


def swing(frames: int = 40) -> np.ndarray:
    """(frames, 2) joint positions, rad, of a motion that turns the tool a lot."""
    phase = np.linspace(0, 2 * np.pi, frames)
    return np.stack([0.9 * np.sin(phase), 1.2 + 0.8 * np.cos(2 * phase)], axis=1)
