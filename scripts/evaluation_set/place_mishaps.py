"""Objects that were gripped well and do not end where they should."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.objects import THINGS
from pick_place_sim.rotations import rotate, tilt_from_upright
from pick_place_sim.scene import Layout
from pick_place_sim.script import Script, Steps
from pick_place_sim.skills import PickPlan, PlacePlan, carry, put_down

from evaluation_set.moves import REACTION, carry_seconds, during, fading, home, take, whole

Rng = np.random.Generator
Program = Callable[[Script, Layout], Steps]
Made = tuple[Layout, Program]


def _lost_on_the_way(script: Script, layout: Layout, *, unaware: bool) -> Steps:
    """After the drop: on to the goal as if nothing had happened, or home."""
    if unaware:
        yield from put_down(script, layout, PlacePlan())
        yield from home(script)
        return
    yield from script.wait(REACTION + 0.3)
    script.command.aperture = c.APERTURE_MAX
    yield from home(script)


def grip_fades(layout: Layout, rng: Rng) -> Made:
    """The grip sinks on the way, at once or slowly."""
    share, over_s, unaware = float(rng.uniform(0.15, 0.4)), float(rng.uniform(0.2, 0.9)), bool(rng.random() < 0.5)
    plan, left = PlacePlan(speed=0.18), float(rng.uniform(0.2, 0.7))

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, PickPlan(force=10.0))
        at_s = share * carry_seconds(script, layout, plan)
        yield from fading(script, carry(script, layout, plan), at_s, over_s, left)
        yield from _lost_on_the_way(script, layout, unaware=unaware)

    return replace(layout, pad_friction=float(rng.uniform(0.4, 0.8))), program


def _opened(layout: Layout, rng: Rng, gap: float | None) -> Made:
    share, unaware = float(rng.uniform(0.40, 0.62)), bool(rng.random() < 0.5)
    plan = PlacePlan(speed=float(rng.uniform(0.16, 0.24)))
    width = c.APERTURE_MAX if gap is None else min(THINGS[layout.thing].grip_width + gap, c.APERTURE_MAX)

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, PickPlan())

        def let_go() -> None:
            script.command.aperture = width

        yield from during(carry(script, layout, plan), share * carry_seconds(script, layout, plan), let_go)
        yield from _lost_on_the_way(script, layout, unaware=unaware)

    return layout, program


def early_open(layout: Layout, rng: Rng) -> Made:
    """The fingers are opened wide on the way."""
    return _opened(layout, rng, None)


def partial_open(layout: Layout, rng: Rng) -> Made:
    """The fingers are opened on the way just wider than the object, and stay there."""
    return _opened(layout, rng, float(rng.uniform(0.006, 0.018)))


def _aside(layout: Layout, size: float, rng: Rng) -> Made:
    angle = rng.uniform(0, 2 * math.pi)
    error = (float(size * math.cos(angle)), float(size * math.sin(angle)))
    return layout, whole(PickPlan(), PlacePlan(error=error))


def near_miss(layout: Layout, rng: Rng) -> Made:
    """Set down 3.5 to 6 cm beside the goal."""
    return _aside(layout, float(rng.uniform(0.036, 0.058)), rng)


def far_miss(layout: Layout, rng: Rng) -> Made:
    """Set down far from the goal."""
    return _aside(layout, float(rng.uniform(0.075, 0.15)), rng)


def tilted_release(layout: Layout, rng: Rng) -> Made:
    """The hand leans and lets go too high: the object lands on its edge and falls over."""
    tilt = float(rng.choice([-1, 1]) * rng.uniform(0.44, 0.56))
    return layout, whole(PickPlan(), PlacePlan(tilt=tilt, drop=float(rng.uniform(0.014, 0.022))))


def pushed_on_retreat(layout: Layout, rng: Rng) -> Made:
    """The hand leaves sideways instead of upwards and pushes the object over."""
    rise, way = float(rng.uniform(0.0, 0.02)), float(rng.choice([-1, 1]) * rng.uniform(0.10, 0.14))

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, PickPlan())
        yield from carry(script, layout, PlacePlan())
        yield from put_down(script, layout, PlacePlan())
        script.phase("retreat")
        aside = rotate(script.command.quat, np.array([0.0, way, 0.0]))

        def fallen() -> bool:
            return float(tilt_from_upright(script.view.object_quat)[0]) > 0.5

        target = script.command.pos + np.array([0.0, 0.0, rise]) + aside
        yield from script.move(target, speed=0.14, until=fallen)
        yield from script.wait(REACTION)
        yield from home(script)

    return layout, program
