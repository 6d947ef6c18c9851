"""Contacts that nobody wants: with a post, the table, the object, another object."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from pick_place_sim.kinds import STRIKE_TORQUE
from pick_place_sim.objects import THINGS
from pick_place_sim.rotations import tilt_from_upright
from pick_place_sim.scene import Layout
from pick_place_sim.script import Script, Steps
from pick_place_sim.skills import PickPlan, PlacePlan, approach, grasp_pose, place

from evaluation_set.moves import REACTION, above_goal, close, finish, home, lift, take

Rng = np.random.Generator
Program = Callable[[Script, Layout], Steps]
Made = tuple[Layout, Program]
GENTLE_TORQUE: Final = 1.8  # Nm, rise at which a careful operator stops
OVER: Final = 0.36  # m, height at which the hand passes over a post of 25 cm


def _strike(script: Script, target: np.ndarray, *, speed: float, further: float) -> Steps:
    """Move until the arm pushes against something, a little further, and back off."""
    start = script.command.pos.copy()
    rest = script.view.external_torque
    yield from script.move(target, speed=speed, until=lambda: script.view.external_torque > rest + STRIKE_TORQUE)
    way = (target - start) / np.linalg.norm(target - start)
    yield from script.move(script.command.pos + further * way, speed=0.12)
    yield from script.wait(REACTION)
    yield from script.move(script.command.pos - 0.10 * way, speed=0.2)


def _put_back(script: Script, layout: Layout) -> Steps:
    """Set the object down where the hand is, and go home."""
    script.phase("place")
    down = script.command.pos.copy()
    down[2] = script.view.hand_pos[2] - (script.view.object_pos[2] - THINGS[layout.thing].half_height) + 0.002
    yield from script.move(down, speed=0.12)
    yield from script.grip(0.08, seconds=0.7)
    yield from home(script)


def post_approach(layout: Layout, rng: Rng) -> Made:
    """The hand runs into a post on its way to the object; it goes over it, or gives up."""
    x, y = float(rng.uniform(0.54, 0.60)), layout.object_xy[1]
    start = (0.36, y * float(rng.uniform(0.7, 1.0)))
    share = float(rng.uniform(0.55, 0.62))
    post = (start[0] + share * (x - start[0]), start[1] + share * (y - start[1]) + float(rng.uniform(-0.012, 0.012)))
    layout = replace(layout, object_xy=(x, y), start_xy=start, post_xy=post)
    goes_on, further = bool(rng.random() < 0.5), float(rng.uniform(0.01, 0.035))

    def program(script: Script, layout: Layout) -> Steps:
        pos, quat = grasp_pose(script, layout, PickPlan())
        yield from script.move(script.command.pos + np.array([0.0, 0.0, -0.08]), quat, speed=0.2)
        yield from _strike(script, pos + np.array([0.0, 0.0, 0.16]), speed=0.15, further=further)
        if not goes_on:
            yield from home(script)
            return
        yield from script.move(np.array([*script.command.pos[:2], OVER]), speed=0.2)
        yield from script.move(np.array([*pos[:2], OVER]), speed=0.22)
        yield from take(script, layout, PickPlan())
        yield from place(script, layout, PlacePlan())

    return layout, program


def _between(layout: Layout, rng: Rng) -> Layout:
    """A post between object and goal; the hand waits on the object's side."""
    middle = 0.5 * (np.array(layout.object_xy) + np.array(layout.goal_xy)) + rng.uniform(-0.012, 0.012, 2)
    return replace(layout, post_xy=(float(middle[0]), float(middle[1])), start_xy=(0.43, 0.8 * layout.object_xy[1]))


def post_transport(layout: Layout, rng: Rng) -> Made:
    """The carrying hand runs into a post; it goes over it, or puts the object back."""
    goes_on, further = bool(rng.random() < 0.5), float(rng.uniform(0.01, 0.035))
    speed = float(rng.uniform(0.12, 0.2))

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, PickPlan(force=30.0))
        script.phase("transport")
        target = above_goal(script, layout, script.command.pos[2])
        yield from _strike(script, target, speed=speed, further=further)
        if not goes_on:
            yield from _put_back(script, layout)
            return
        yield from _over_the_post(script, layout)

    return _between(layout, rng), program


def _over_the_post(script: Script, layout: Layout) -> Steps:
    script.phase("transport")
    yield from script.move(np.array([*script.command.pos[:2], OVER]), speed=0.2)
    yield from script.move(above_goal(script, layout, OVER), speed=0.22)
    yield from finish(script, layout, PlacePlan())


def gentle(layout: Layout, rng: Rng) -> Made:
    """A slow hand touches the post with 6 to 15 N, backs off and goes over it."""
    speed = float(rng.uniform(0.035, 0.06))

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, PickPlan(force=30.0))
        script.phase("transport")
        start, target = script.command.pos.copy(), above_goal(script, layout, script.command.pos[2])
        near = 0.5 * math.dist(start[:2], target[:2]) - 0.13
        way = (target - start) / np.linalg.norm(target - start)
        yield from script.move(start + near * way, speed=0.2)
        yield from script.wait(0.4)
        rest = script.view.external_torque
        yield from script.move(target, speed=speed, until=lambda: script.view.external_torque > rest + GENTLE_TORQUE)
        yield from script.wait(0.3)
        yield from script.move(script.command.pos - 0.06 * way, speed=0.1)
        yield from _over_the_post(script, layout)

    return _between(layout, rng), program


def arm_link(layout: Layout, rng: Rng) -> Made:
    """A tall post stands where the forearm passes over; the hand itself has a free way."""
    side = math.copysign(1.0, layout.goal_xy[1])
    angle, radius = side * float(rng.uniform(0.34, 0.46)), float(rng.uniform(0.30, 0.36))
    post = (radius * math.cos(angle), radius * math.sin(angle), 0.53)
    goal = (0.42, side * float(rng.uniform(0.30, 0.34)))
    layout = replace(layout, posts=(post,), goal_xy=goal, start_turn=-side * 0.35)
    layout = replace(layout, start_xy=(0.43, 0.9 * layout.object_xy[1]))

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, PickPlan(force=30.0))
        script.phase("transport")
        target = above_goal(script, layout, script.command.pos[2])
        yield from _strike(script, target, speed=0.15, further=0.02)
        yield from _put_back_here(script, layout)

    return layout, program


def _put_back_here(script: Script, layout: Layout) -> Steps:
    """As _put_back, but the hand goes straight up and stays on its side of the post."""
    script.phase("place")
    down = script.command.pos.copy()
    down[2] = script.view.hand_pos[2] - (script.view.object_pos[2] - THINGS[layout.thing].half_height) + 0.002
    yield from script.move(down, speed=0.12)
    yield from script.grip(0.08, seconds=0.7)
    script.phase("retreat")
    yield from script.move(script.command.pos + np.array([0.0, 0.0, 0.18]), speed=0.2)
    yield from script.wait(0.5)


def table_contact(layout: Layout, rng: Rng) -> Made:
    """The hand descends too deep, or beside the object, and presses on the table; then it goes on rightly."""
    depth, rest = float(rng.uniform(0.004, 0.014)), float(rng.uniform(0.2, 0.6))
    # On top of a cube the palm would touch first.
    beside = float(rng.choice([-1, 1]) * rng.uniform(0.07, 0.09)) if layout.thing != "block" else 0.0

    def program(script: Script, layout: Layout) -> Steps:
        thing = THINGS[layout.thing]
        low = -(thing.half_height + thing.grip_height - 0.009) - depth
        yield from approach(script, layout, PickPlan(height=low, along=beside))
        yield from script.wait(rest)
        pos, quat = grasp_pose(script, layout, PickPlan())
        if beside:
            yield from script.move(script.command.pos + np.array([0.0, 0.0, 0.09]), speed=0.15)
            yield from script.move(pos + np.array([0.0, 0.0, 0.07]), quat, speed=0.15)
        yield from script.move(pos, quat, speed=0.08)
        yield from close(script, 20.0)
        yield from lift(script, 0.12)
        yield from place(script, layout, PlacePlan())

    return layout, program


def target_knocked(layout: Layout, rng: Rng) -> Made:
    """The hand comes in too low from the side and pushes the object over."""
    low, speed = float(rng.uniform(-0.015, 0.005)), float(rng.uniform(0.08, 0.16))

    def program(script: Script, layout: Layout) -> Steps:
        pos, quat = grasp_pose(script, layout, PickPlan(height=low))
        side = 1.0 if script.command.pos[1] > pos[1] else -1.0
        yield from script.move(np.array([pos[0] - 0.01, pos[1] + side * 0.16, pos[2] + 0.10]), quat)
        yield from script.move(np.array([pos[0], pos[1] + side * 0.125, pos[2]]), speed=0.12)

        def fallen() -> bool:
            return float(tilt_from_upright(script.view.object_quat)[0]) > 0.5

        yield from script.move(pos, speed=speed, until=fallen)
        yield from script.wait(REACTION + 0.5)
        script.phase("retreat")
        yield from script.move(script.command.pos + np.array([0.0, side * 0.05, 0.16]), speed=0.2)
        yield from home(script)

    return layout, program


def bystander_knocked(layout: Layout, rng: Rng) -> Made:
    """On a low way to the object the hand pushes over a bottle that stands beside it; the task goes on."""
    side = math.copysign(1.0, layout.object_xy[1])
    x, y = layout.object_xy
    beside = (x + float(rng.uniform(-0.01, 0.01)), y - side * float(rng.uniform(0.20, 0.23)))
    layout = replace(layout, bystander="bottle", bystander_xy=beside, start_xy=(x - 0.05, y - side * 0.36))
    height, speed = float(rng.uniform(0.135, 0.155)), float(rng.uniform(0.12, 0.2))
    goal = (float(rng.uniform(0.40, 0.46)), -side * float(rng.uniform(0.14, 0.18)))

    def program(script: Script, layout: Layout) -> Steps:
        pos, quat = grasp_pose(script, layout, PickPlan())
        yield from script.move(np.array([x, y - side * 0.36, height]), quat, speed=0.2)
        yield from script.move(np.array([*pos[:2], height]), speed=speed)
        yield from take(script, layout, PickPlan())
        yield from place(script, layout, PlacePlan(hump=0.09))

    return replace(layout, goal_xy=goal), program
