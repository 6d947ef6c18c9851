"""Pick, carry, place and retreat, with the mistakes an operator or a policy can make as parameters."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from pick_place_sim import constants as c
from pick_place_sim.objects import THINGS, Thing
from pick_place_sim.rotations import axis_angle, quat_conjugate, quat_multiply, rotate, tilt_from_upright, tool_down
from pick_place_sim.scene import Layout, goal_position
from pick_place_sim.script import Script, Steps

HOVER: Final = 0.11  # m above the grasp before going down
CARRY_HEIGHT: Final = 0.12  # m the object is lifted before it is carried
LIFT_SPEED: Final = 0.2  # m/s
FADE_SHARE: Final = 0.8
ASKEW: Final = 0.2  # rad
TOUCHDOWN: Final = 1.5  # Nm, rise of the external torque by which an operator feels the surface
RETREAT_HEIGHT: Final = 0.14  # m straight up after the release


@dataclass
class PickPlan:
    """How the object is approached and gripped."""

    along: float = 0.0  # m, error along the hand's x axis (across the closing direction)
    across: float = 0.0  # m, error along the closing direction
    height: float = 0.0  # m, added to the right grip height
    force: float = 20.0  # N per finger
    yaw: float = 0.0  # rad, added to the right angle
    hesitate: float = 0.0  # s, pause above the object
    lift: float = CARRY_HEIGHT  # m
    fade: float | None = None  # N per finger to which the grip sinks during the lift
    hover: float = HOVER  # m above the grasp before going down


@dataclass
class PlacePlan:
    """How the object is carried and set down."""

    error: tuple[float, float] = (0.0, 0.0)  # m, wrong target
    hump: float = 0.05  # m, arch of the carrying move
    speed: float = 0.24  # m/s
    tilt: float = 0.0  # rad, lean of the hand when it lets go
    drop: float = -0.0015  # m above the surface when it lets go; below zero it is pressed on lightly
    hesitate: float = 0.0  # s, pause above the goal


def thing_of(layout: Layout) -> Thing:
    """The object of this scene."""
    return THINGS[layout.thing]


def grasp_yaw(script: Script, thing: Thing) -> float:
    """Hand angle that closes across the object's narrow side; round objects leave it free."""
    if thing.profiles:
        return 0.0
    turned = rotate(script.view.object_quat, np.array([1.0, 0.0, 0.0]))
    yaw = math.atan2(turned[1], turned[0])
    period = math.pi if thing.name == "block" else math.pi / 2
    return (yaw + period / 2) % period - period / 2


def grasp_pose(script: Script, layout: Layout, plan: PickPlan) -> tuple[np.ndarray, np.ndarray]:
    """Position and orientation of the grip point for this plan."""
    thing = thing_of(layout)
    yaw = grasp_yaw(script, thing) + plan.yaw
    quat = tool_down(yaw)
    error = rotate(quat, np.array([plan.along, plan.across, 0.0]))
    pos = script.view.object_pos + error
    pos[2] = script.view.object_pos[2] + thing.grip_height + plan.height
    return pos, quat


def approach(script: Script, layout: Layout, plan: PickPlan) -> Steps:
    """Above the object, then down to it."""
    script.phase("approach")
    pos, quat = grasp_pose(script, layout, plan)
    above = pos + np.array([0.0, 0.0, plan.hover])
    yield from script.move(above + np.append(script.rng.normal(0, 0.006, 2), 0.0), quat)
    if plan.hesitate:
        yield from script.wait(0.4 * plan.hesitate)
        yield from script.move(above + np.array([0.0, 0.018, 0.012]), speed=0.08)
        yield from script.wait(0.3 * plan.hesitate)
    yield from script.move(pos + np.array([0.0, 0.0, 0.03]), speed=0.18)
    yield from script.move(pos, speed=0.09)


def pick(script: Script, layout: Layout, plan: PickPlan) -> Steps:
    """Approach, close, lift."""
    yield from approach(script, layout, plan)
    script.phase("grasp")
    yield from script.wait(0.15)
    yield from script.grip(0.0, force=plan.force, seconds=0.85)
    script.phase("lift")
    lift = script.move(script.command.pos + np.array([0.0, 0.0, plan.lift]), speed=LIFT_SPEED)
    # The fade ends before the lift does, so that the object leaves the hand in the air.
    fade_seconds = FADE_SHARE * 1.5 * plan.lift / (LIFT_SPEED * script.pace)
    yield from lift if plan.fade is None else script.weaken(plan.fade, fade_seconds, lift)


def place_pose(script: Script, layout: Layout, plan: PlacePlan) -> tuple[np.ndarray, np.ndarray]:
    """Where the grip point must be for the object to stand at the goal, given how it hangs in the hand now."""
    goal = goal_position(layout) + np.array([*plan.error, plan.drop])
    quat = quat_multiply(script.command.quat, axis_angle((0, 1, 0), plan.tilt))
    now = script.command.quat
    # Where the object's centre is, seen from the hand; an empty hand goes as if it held the object as intended.
    centre = rotate(quat_conjugate(now), script.view.object_pos - script.view.hand_pos)
    if script.view.aperture < 0.01 or np.linalg.norm(centre) > 0.1:
        centre = np.array([0.0, 0.0, thing_of(layout).grip_height])
    return goal - rotate(quat, centre), quat


def carry(script: Script, layout: Layout, plan: PlacePlan) -> Steps:
    """Arched move to above the goal."""
    script.phase("transport")
    pos, _ = place_pose(script, layout, plan)
    above = np.array([pos[0], pos[1], max(pos[2] + 0.08, script.command.pos[2])])
    yield from script.move(above, tool_down(0.0), speed=plan.speed, hump=plan.hump)
    if plan.hesitate:
        yield from script.wait(plan.hesitate)


def put_down(script: Script, layout: Layout, plan: PlacePlan) -> Steps:
    """Down to the surface, open, and stay a moment."""
    script.phase("place")
    pos, quat = place_pose(script, layout, plan)
    # A thing that hangs askew reaches lower than its centre tells: go on slowly earlier.
    clear = 0.025 if tilt_from_upright(script.view.object_quat)[0] < ASKEW else 0.06
    yield from script.move(pos + np.array([0.0, 0.0, clear]), quat, speed=0.16)
    rest = script.view.external_torque
    yield from script.move(pos, speed=0.06, until=lambda: script.view.external_torque > rest + TOUCHDOWN)
    yield from script.wait(0.2)
    yield from script.grip(c.APERTURE_MAX, seconds=0.6)


def retreat(script: Script, layout: Layout) -> Steps:
    """Straight up, then back towards the start."""
    script.phase("retreat")
    script.command.aperture = c.APERTURE_MAX
    yield from script.move(script.command.pos + np.array([0.0, 0.0, RETREAT_HEIGHT]), speed=0.2)
    home = np.array([0.43, 0.35 * layout.goal_xy[1], 0.31])
    yield from script.move(home, tool_down(0.0), speed=0.26)
    yield from script.wait(0.4)


def place(script: Script, layout: Layout, plan: PlacePlan) -> Steps:
    """Carry, put down, retreat."""
    yield from carry(script, layout, plan)
    yield from put_down(script, layout, plan)
    yield from retreat(script, layout)
