"""Motions that jerk, stop short or lag."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.scene import Layout
from pick_place_sim.script import Script, Steps
from pick_place_sim.skills import PickPlan, PlacePlan, approach, carry, grasp_pose

from evaluation_set.moves import above_goal, carry_seconds, finish, halted, home, ramped, take

Rng = np.random.Generator
Program = Callable[[Script, Layout], Steps]
Made = tuple[Layout, Program]


def _shaken(script: Script, motion: Steps, at_s: float, seconds: float, rng: Rng) -> Steps:
    """Let the command shake for a while during a motion."""
    rate, size = float(rng.uniform(3.0, 7.0)), float(rng.uniform(0.008, 0.02))
    direction = rng.normal(0, 1, 3) * [1.0, 1.0, 0.6]
    direction /= np.linalg.norm(direction)
    now = [0.0]

    def shake() -> np.ndarray:
        fade = min(1.0, now[0] / 0.1, (seconds - now[0]) / 0.1)
        return max(0.0, fade) * size * math.sin(2 * math.pi * rate * now[0]) * direction

    for step, command in enumerate(motion):
        # What is set here takes effect at the next step.
        now[0] = (step + 1) / c.PHYSICS_HZ - at_s
        on = 0 <= now[0] <= seconds
        script.command.mark, script.offset = ("shake", shake) if on else ("", None)
        yield command
    script.command.mark, script.offset = "", None


def shake(layout: Layout, rng: Rng) -> Made:
    """The hand shakes for half a second, on its way to the object, to the goal, or both."""
    where = int(rng.integers(3))
    at_s, seconds = rng.uniform(0.25, 0.8, 2), rng.uniform(0.4, 0.9, 2)
    plan = PlacePlan(speed=0.2)

    def program(script: Script, layout: Layout) -> Steps:
        first = take(script, layout, PickPlan(force=30.0))
        yield from first if where == 1 else _shaken(script, first, at_s[0], seconds[0], rng)
        on_the_way = carry(script, layout, plan)
        yield from on_the_way if where == 0 else _shaken(script, on_the_way, at_s[1], seconds[1], rng)
        yield from finish(script, layout, plan)

    return layout, program


def estop(layout: Layout, rng: Rng) -> Made:
    """Somebody stops the robot dead in full motion; after a while it goes on."""
    carrying, share, rest_s = bool(rng.random() < 0.6), float(rng.uniform(0.4, 0.6)), float(rng.uniform(0.9, 1.8))

    def program(script: Script, layout: Layout) -> Steps:
        script.pace = max(script.pace, 1.3)
        if not carrying:
            above = script.view.object_pos + np.array([0.0, 0.0, 0.16])
            yield from halted(script, above, speed=0.28, share=share, rest_s=rest_s, mark="estop")
        yield from take(script, layout, PickPlan(force=30.0))
        script.phase("transport")
        target = above_goal(script, layout, script.command.pos[2] + 0.02)
        if carrying:
            yield from halted(script, target, speed=0.30, share=share, rest_s=rest_s, mark="estop", hump=0.03)
        else:
            yield from carry(script, layout, PlacePlan())
        yield from finish(script, layout, PlacePlan())

    return layout, program


def object_out_of_reach(layout: Layout, rng: Rng) -> Made:
    """The object stands farther away than the arm reaches."""
    x, y = float(rng.uniform(0.86, 0.95)), float(rng.uniform(-0.15, 0.15))
    layout = replace(layout, object_xy=(x, y), posts=(), bystander=None, stop_margin=0.004, is_tame=True)
    wait_s = float(rng.uniform(0.6, 1.5))

    def program(script: Script, layout: Layout) -> Steps:
        yield from approach(script, layout, PickPlan())
        yield from script.wait(wait_s)
        yield from script.move(np.array([0.55, 0.7 * y, 0.28]), speed=0.2)
        yield from home(script)

    return layout, program


def goal_out_of_reach(layout: Layout, rng: Rng) -> Made:
    """The object is gripped, but the goal is farther away than the arm reaches."""
    goal = (float(rng.uniform(0.84, 0.93)), float(rng.uniform(-0.1, 0.1)))
    layout = replace(layout, goal_xy=goal, posts=(), bystander=None, stop_margin=0.004, is_tame=True)
    wait_s = float(rng.uniform(0.6, 1.5))

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, PickPlan(force=30.0))
        start = script.command.pos.copy()
        yield from carry(script, layout, PlacePlan())
        yield from script.wait(wait_s)
        yield from script.move(start, speed=0.22)
        script.phase("place")
        yield from script.move(start - np.array([0.0, 0.0, 0.12]), speed=0.12)
        yield from script.grip(c.APERTURE_MAX, seconds=0.7)
        yield from home(script)

    return layout, program


def too_near(layout: Layout, rng: Rng) -> Made:
    """The object stands so near the base that the elbow comes to its stop."""
    xy = (float(rng.uniform(0.20, 0.245)), float(rng.uniform(-0.05, 0.05)))
    layout = replace(layout, object_xy=xy, posts=(), bystander=None, stop_margin=0.004, is_tame=True)
    wait_s = float(rng.uniform(0.6, 1.5))

    def program(script: Script, layout: Layout) -> Steps:
        pos, quat = grasp_pose(script, layout, PickPlan())
        yield from script.move(pos + np.array([0.1, 0.0, 0.22]), quat)
        yield from script.move(pos + np.array([0.0, 0.0, 0.02]), speed=0.12)
        yield from script.wait(wait_s)
        yield from script.move(np.array([0.40, 0.0, 0.28]), speed=0.2)
        yield from home(script)

    return layout, program


def derated(layout: Layout, rng: Rng) -> Made:
    """On the way the motors give less torque than asked for a while: the hand sags and lags."""
    share, seconds, strength = float(rng.uniform(0.2, 0.45)), float(rng.uniform(0.5, 1.0)), float(rng.uniform(0.5, 0.7))
    plan = PlacePlan(speed=0.18, hump=0.08)

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, PickPlan(force=30.0, lift=0.16))
        corners = ((0.0, 1.0), (0.15, strength), (0.15 + seconds, strength), (0.45 + seconds, 1.0))

        def put(value: float) -> None:
            script.command.strength = value

        yield from ramped(carry(script, layout, plan), share * carry_seconds(script, layout, plan), corners, put)
        yield from script.wait(0.4)
        yield from finish(script, layout, plan)

    return layout, program


def delayed(layout: Layout, rng: Rng) -> Made:
    """For a while the commands reach the robot late, as over a bad network."""
    delay, early = float(rng.uniform(0.25, 0.5)), bool(rng.random() < 0.4)
    plan = PlacePlan(speed=0.22)

    def program(script: Script, layout: Layout) -> Steps:
        # The hand stands still at first; catching up, it runs at twice the commanded speed at most.
        corners = ((0.0, 0.0), (delay, delay), (delay + 0.6, delay), (3 * delay + 0.6, 0.0))

        def put(value: float) -> None:
            script.command.delay_s = value

        first = take(script, layout, PickPlan(force=30.0))
        yield from ramped(first, 0.5, corners, put) if early else first
        way = carry(script, layout, plan)
        yield from way if early else ramped(way, 0.25 * carry_seconds(script, layout, plan), corners, put)
        yield from script.wait(0.3)
        yield from finish(script, layout, plan)

    return layout, program
