"""Episodes in which nothing goes wrong, however odd they look."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.objects import THINGS
from pick_place_sim.rotations import rotate
from pick_place_sim.scene import Layout
from pick_place_sim.script import Script, Steps
from pick_place_sim.skills import PickPlan, PlacePlan, approach, carry, place, put_down, retreat

from evaluation_set.moves import SHUT, above_goal, close, finish, halted, lift, take, weight, whole

Rng = np.random.Generator
Program = Callable[[Script, Layout], Steps]
Made = tuple[Layout, Program]


def plain(layout: Layout, rng: Rng) -> Made:
    """A clean pick and place; some operators hesitate."""
    pause = float(rng.uniform(0.9, 1.6)) if rng.random() < 0.4 else 0.0
    return layout, whole(PickPlan(hesitate=pause), PlacePlan(hesitate=0.4 * pause))


def heavy(layout: Layout, rng: Rng) -> Made:
    """Two to three times the weight, gripped hard."""
    return replace(layout, mass_scale=float(rng.uniform(2.2, 3.4))), whole(PickPlan(force=25.0), PlacePlan(speed=0.2))


def weak_grip(layout: Layout, rng: Rng) -> Made:
    """A light object, held with 1 to 2 N: little, and enough."""
    force = float(rng.uniform(1.1, 2.0))
    layout = replace(layout, pad_friction=1.2)
    layout = replace(layout, mass_scale=layout.mass_scale * min(1.0, 0.5 * 2 * 1.2 * force / weight(layout)))
    return layout, whole(PickPlan(force=force), PlacePlan(speed=0.18))


def near_tolerance(layout: Layout, rng: Rng) -> Made:
    """Set down inexactly, still within 3 cm."""
    angle, size = rng.uniform(0, 2 * math.pi), rng.uniform(0.021, 0.027)
    return layout, whole(PickPlan(), PlacePlan(error=(float(size * math.cos(angle)), float(size * math.sin(angle)))))


def regrasp(layout: Layout, rng: Rng) -> Made:
    """The operator closes, is not content, opens a little, moves and closes again."""
    shift = float(rng.choice([-1, 1]) * rng.uniform(0.005, 0.010))
    gap = float(rng.uniform(0.008, 0.014))

    def program(script: Script, layout: Layout) -> Steps:
        yield from approach(script, layout, PickPlan(along=-shift))
        yield from close(script, 12.0, seconds=0.7)
        yield from script.grip(min(THINGS[layout.thing].grip_width + gap, c.APERTURE_MAX), seconds=0.5)
        aside = rotate(script.command.quat, np.array([shift, 0.0, 0.0]))
        yield from script.move(script.command.pos + aside, speed=0.08)
        yield from close(script, 20.0)
        yield from lift(script, 0.12)
        yield from place(script, layout, PlacePlan())

    return layout, program


def dead_stops(layout: Layout, rng: Rng) -> Made:
    """The command stands still abruptly in mid-motion, as when a teleoperation pedal is let go."""
    shares, rests = rng.uniform(0.35, 0.6, 2), rng.uniform(0.25, 0.5, 2)

    def program(script: Script, layout: Layout) -> Steps:
        above = script.view.object_pos + np.array([0.0, 0.0, 0.16])
        yield from halted(script, above, speed=0.22, share=shares[0], rest_s=rests[0], mark="stop")
        yield from take(script, layout, PickPlan())
        script.phase("transport")
        target = above_goal(script, layout, script.command.pos[2] + 0.02)
        yield from halted(script, target, speed=0.22, share=shares[1], rest_s=rests[1], mark="stop", hump=0.03)
        yield from finish(script, layout, PlacePlan())

    return layout, program


def tremor(layout: Layout, rng: Rng) -> Made:
    """A hand that trembles: twice the usual slow sway and a fine tremor of 4 to 8 Hz."""
    scale, rate = float(rng.uniform(1.6, 2.4)), float(rng.uniform(4.0, 8.0))
    size, start = rng.uniform(0.0002, 0.0004, 3), rng.uniform(0, 2 * math.pi, 3)

    def program(script: Script, layout: Layout) -> Steps:
        steps = iter(range(10**9))

        def fine() -> np.ndarray:
            elapsed = next(steps) / c.PHYSICS_HZ
            script.tremor_scale = 1.0 + (scale - 1.0) * min(1.0, elapsed)
            return min(1.0, elapsed) * size * np.sin(2 * math.pi * rate * elapsed + start)

        script.offset = fine
        yield from whole(PickPlan(), PlacePlan())(script, layout)

    return layout, program


def brushing_release(layout: Layout, rng: Rng) -> Made:
    """The fingers open little, and one of them brushes the placed object as the hand leaves."""
    gap, aside = float(rng.uniform(0.005, 0.008)), float(rng.choice([-1, 1]) * rng.uniform(0.007, 0.012))

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, PickPlan())
        yield from carry(script, layout, PlacePlan())
        script.command.aperture = SHUT
        yield from _put_down_narrow(script, layout, gap)
        script.phase("retreat")
        push = rotate(script.command.quat, np.array([0.0, aside, 0.0]))
        yield from script.move(script.command.pos + push + np.array([0.0, 0.0, 0.004]), speed=0.05)
        yield from retreat(script, layout)

    return layout, program


def _put_down_narrow(script: Script, layout: Layout, gap: float) -> Steps:
    """As put_down, but the fingers open by `gap` only."""
    script.phase("place")
    goal_height = script.view.hand_pos[2] - script.view.object_pos[2]
    floor = 0.006 if THINGS[layout.thing].goal == "tray" else 0.0
    down = above_goal(script, layout, goal_height + THINGS[layout.thing].half_height + floor - 0.001)
    yield from script.move(down + np.array([0.0, 0.0, 0.025]), speed=0.16)
    yield from script.move(down, speed=0.06)
    yield from script.wait(0.2)
    yield from script.grip(THINGS[layout.thing].grip_width + gap, seconds=0.6)


def fast(layout: Layout, rng: Rng) -> Made:
    """An operator in a hurry."""
    return layout, paced(whole(PickPlan(), PlacePlan()), float(rng.uniform(1.8, 2.3)))


def slow(layout: Layout, rng: Rng) -> Made:
    """A careful operator."""
    return layout, paced(whole(PickPlan(), PlacePlan()), float(rng.uniform(0.65, 0.8)))


def ends_early(layout: Layout, rng: Rng) -> Made:
    """The record ends soon after the release, with the hand still low."""
    rise, rest = float(rng.uniform(0.03, 0.06)), float(rng.uniform(0.1, 0.4))

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, PickPlan())
        yield from carry(script, layout, PlacePlan())
        yield from put_down(script, layout, PlacePlan())
        script.phase("retreat")
        yield from script.move(script.command.pos + np.array([0.0, 0.0, rise]), speed=0.2)
        yield from script.wait(rest)

    return layout, program


def ends_closed(layout: Layout, _rng: Rng) -> Made:
    """The operator parks the hand with closed fingers when all is done."""

    def program(script: Script, layout: Layout) -> Steps:
        yield from whole(PickPlan(), PlacePlan())(script, layout)
        yield from script.grip(0.0, seconds=0.9)

    return layout, program


def paced(program: Program, pace: float) -> Program:
    """The program at another tempo."""

    def at_that_pace(script: Script, layout: Layout) -> Steps:
        script.pace = pace
        yield from program(script, layout)

    return at_that_pace
