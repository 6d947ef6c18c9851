"""Motions that several makers share, on top of pick_place_sim's skills."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.kinds import random_layout
from pick_place_sim.objects import THINGS
from pick_place_sim.rotations import tool_down
from pick_place_sim.scene import Layout
from pick_place_sim.script import Script, Steps
from pick_place_sim.skills import LIFT_SPEED, PickPlan, PlacePlan, approach, place, put_down, retreat

SHUT: Final = -0.02  # m, asked aperture: beyond the stop, so that the force limit alone sets the grip of thin things
GRAVITY: Final = 9.81  # m/s^2
EMPTY: Final = 0.003  # m, aperture at which the operator sees that the hand is empty
REACTION: Final = 0.35  # s
Maker = Callable[[Layout, np.random.Generator], tuple[Layout, Callable[[Script, Layout], Steps]]]


def weight(layout: Layout) -> float:
    """Weight of the object, N."""
    return THINGS[layout.thing].mass * layout.mass_scale * GRAVITY


def cluttered_layout(thing: str, rng: np.random.Generator) -> Layout:
    """Object and goal as in the demo, and often a post or another object out of the way: they tell nothing."""
    layout = random_layout(thing, rng)
    side = float(rng.choice([-1, 1]))
    spots = [(float(rng.uniform(0.70, 0.78)), side * float(rng.uniform(0.02, 0.25))),
             (float(rng.uniform(0.36, 0.60)), -side * float(rng.uniform(0.38, 0.46)))]  # fmt: skip
    rng.shuffle(spots)
    posts = ((*spots[0], float(rng.uniform(0.10, 0.25))),) if rng.random() < 0.5 else ()
    bystander = str(rng.choice(["bottle", "can", "cube"])) if rng.random() < 0.35 else None
    return Layout(**(vars(layout) | {"posts": posts, "bystander": bystander, "bystander_xy": spots[1]}))


def close(script: Script, force: float, *, seconds: float = 0.85) -> Steps:
    """Close on whatever is there."""
    script.phase("grasp")
    yield from script.wait(0.15)
    yield from script.grip(SHUT, force=force, seconds=seconds)


def lift(script: Script, height: float, speed: float = LIFT_SPEED) -> Steps:
    """Straight up."""
    script.phase("lift")
    yield from script.move(script.command.pos + np.array([0.0, 0.0, height]), speed=speed)


def take(script: Script, layout: Layout, plan: PickPlan) -> Steps:
    """Approach, close, lift."""
    yield from approach(script, layout, plan)
    yield from close(script, plan.force)
    yield from lift(script, plan.lift)


def whole(pick_plan: PickPlan, place_plan: PlacePlan) -> Callable[[Script, Layout], Steps]:
    """Pick and place."""

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, pick_plan)
        yield from place(script, layout, place_plan)

    return program


def finish(script: Script, layout: Layout, plan: PlacePlan) -> Steps:
    """Put down where the hand is above, and retreat."""
    yield from put_down(script, layout, plan)
    yield from retreat(script, layout)


def carry_seconds(script: Script, layout: Layout, plan: PlacePlan) -> float:
    """About how long the carrying move takes."""
    way = math.dist(layout.object_xy, layout.goal_xy) + 1.2 * plan.hump
    return 1.5 * way / (plan.speed * script.pace)


def during(motion: Steps, at_s: float, act: Callable[[], None]) -> Steps:
    """Do something at one moment of a motion."""
    for step, command in enumerate(motion):
        if step == round(at_s * c.PHYSICS_HZ):
            act()
        yield command


def ramped(motion: Steps, at_s: float, corners: tuple[tuple[float, float], ...], put: Callable[[float], None]) -> Steps:
    """Let a value follow straight lines through (s after `at_s`, value) while a motion goes on."""
    times, values = zip(*corners, strict=True)
    for step, command in enumerate(motion):
        elapsed = step / c.PHYSICS_HZ - at_s
        if elapsed >= 0:
            put(float(np.interp(elapsed, times, values)))
        yield command
    put(values[-1])


def fading(script: Script, motion: Steps, at_s: float, over_s: float, force: float) -> Steps:
    """Let the grip force sink to `force` within `over_s` while a motion goes on."""
    start = script.command.grip_force

    def put(value: float) -> None:
        script.command.grip_force = value

    yield from ramped(motion, at_s, ((0.0, start), (over_s, force)), put)


def halted(  # noqa: PLR0913
    script: Script, pos: np.ndarray, *, speed: float, share: float, rest_s: float, mark: str, hump: float = 0.0
) -> Steps:
    """A move whose command stops dead after this share of its way, rests, and goes on."""
    way = float(np.linalg.norm(pos - script.command.pos)) + 1.2 * abs(hump)
    last = round(share * 1.5 * way / (speed * script.pace) * c.PHYSICS_HZ)
    steps = iter(range(1, 10**6))
    yield from script.move(pos, script.command.quat, speed=speed, hump=hump, until=lambda: next(steps) >= last)
    script.command.mark = mark
    yield from script.wait(rest_s)
    script.command.mark = ""
    yield from script.move(pos, speed=speed)


def home(script: Script, wait_s: float = 0.4) -> Steps:
    """Up if low, back to where the hand waits."""
    script.phase("retreat")
    up = max(0.0, 0.26 - script.command.pos[2])
    if up:
        yield from script.move(script.command.pos + np.array([0.0, 0.0, up]), speed=0.2)
    yield from script.move(np.array([0.43, 0.0, 0.31]), tool_down(0.0), speed=0.26)
    yield from script.wait(wait_s)


def above_goal(script: Script, layout: Layout, height: float) -> np.ndarray:
    """Point above the goal for the hand as it holds the object now."""
    return np.array([*(np.array(layout.goal_xy) + (script.view.hand_pos - script.view.object_pos)[:2]), height])
