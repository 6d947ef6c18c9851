"""Grasps that fail: missed, slipping, turning."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from pick_place_sim.objects import THINGS
from pick_place_sim.scene import Layout
from pick_place_sim.script import Script, Steps
from pick_place_sim.skills import PickPlan, PlacePlan, approach, carry, place, put_down, retreat

from evaluation_set.moves import EMPTY, REACTION, SHUT, close, fading, home, lift, take, weight, whole

Rng = np.random.Generator
Program = Callable[[Script, Layout], Steps]
Made = tuple[Layout, Program]
BESIDE = {"cube": 0.043, "block": 0.088, "can": 0.050, "bottle": 0.046, "peg": 0.048, "tub": 0.056}
FINGER = 0.022  # m from the inner to the outer side of a finger


def _side(rng: Rng) -> float:
    return float(rng.choice([-1, 1]))


def beside_x(layout: Layout, rng: Rng) -> Made:
    """The fingers close beside the object, along the hand's broad side."""
    along = _side(rng) * (BESIDE[layout.thing] + float(rng.uniform(0, 0.02)))
    return layout, whole(PickPlan(along=along, force=15.0), PlacePlan())


def _beside_y(layout: Layout, rng: Rng) -> float:
    return _side(rng) * (THINGS[layout.thing].grip_width / 2 + 0.04 + FINGER + float(rng.uniform(0.006, 0.025)))


def beside_y(layout: Layout, rng: Rng) -> Made:
    """The whole hand comes down beside the object, along its closing direction."""
    return layout, whole(PickPlan(across=_beside_y(layout, rng), force=15.0), PlacePlan())


def above(layout: Layout, rng: Rng) -> Made:
    """The fingers close over the top of the object."""
    thing = THINGS[layout.thing]
    height = thing.half_height - thing.grip_height + float(rng.uniform(0.012, 0.03))
    return layout, whole(PickPlan(height=height, force=15.0), PlacePlan())


def pressed_tips(layout: Layout, rng: Rng) -> Made:
    """The fingers close on nothing and press on each other."""
    miss = {"along": _side(rng) * (BESIDE[layout.thing] + float(rng.uniform(0, 0.015)))}
    if rng.random() < 0.4:
        miss = {"across": _beside_y(layout, rng)}
    return replace(layout, tips_meet=True), whole(PickPlan(**miss, force=float(rng.uniform(3.0, 12.0))), PlacePlan())


def second_try(layout: Layout, rng: Rng) -> Made:
    """A missed grasp that the operator sees: up, and again."""
    along = _side(rng) * (BESIDE[layout.thing] + float(rng.uniform(0, 0.015)))
    rise = float(rng.uniform(0.03, 0.10))
    layout = replace(layout, tips_meet=bool(rng.random() < 0.5))

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, PickPlan(along=along, force=15.0, lift=rise))
        yield from script.wait(REACTION)
        yield from _again(script, layout, PickPlan(hover=0.08))
        yield from place(script, layout, PlacePlan())

    return layout, program


def _again(script: Script, layout: Layout, plan: PickPlan) -> Steps:
    """Open and go for the object once more."""
    script.phase("approach")
    yield from script.grip(0.08, seconds=0.4)
    yield from take(script, layout, plan)


@dataclass(frozen=True)
class Decay:
    """A grip that just lifts and then sinks."""

    force: float  # N
    last: float  # N
    over_s: float
    height: float  # m that the object is lifted


def _decay(layout: Layout, rng: Rng, height: tuple[float, float]) -> tuple[Layout, Decay]:
    force = float(rng.uniform(3.0, 10.0))
    friction = float(rng.uniform(1.25, 1.7)) * weight(layout) / (2 * force)
    last = float(rng.uniform(0.55, 0.85)) * weight(layout) / (2 * friction)
    plan = Decay(force, last, float(rng.uniform(0.25, 2.0)), float(rng.uniform(*height)))
    return replace(layout, pad_friction=friction), plan


def _lifted_and_lost(script: Script, layout: Layout, plan: Decay) -> Steps:
    """Lift with a sinking grip and hold still until the hand is empty."""
    yield from approach(script, layout, PickPlan())
    yield from close(script, plan.force)
    script.phase("lift")

    def motion() -> Steps:
        yield from script.move(script.command.pos + np.array([0.0, 0.0, plan.height]), speed=0.2)
        yield from script.wait_until(lambda: script.view.aperture < EMPTY, 2.5)

    yield from fading(script, motion(), 0.15, plan.over_s, plan.last)


def _gives_up(script: Script, layout: Layout, *, unaware: bool) -> Steps:
    """After the loss: on to the goal with an empty hand, or home."""
    if unaware:
        yield from place(script, layout, PlacePlan())
        return
    yield from script.wait(REACTION + 0.3)
    script.command.aperture = 0.08
    yield from home(script)


def grip_decay(layout: Layout, rng: Rng) -> Made:
    """The grip sinks, slowly or fast, and the weight pulls the object out."""
    layout, plan = _decay(layout, rng, (0.08, 0.14))
    unaware = bool(rng.random() < 0.5)

    def program(script: Script, layout: Layout) -> Steps:
        yield from _lifted_and_lost(script, layout, plan)
        yield from _gives_up(script, layout, unaware=unaware)

    return layout, program


def _insufficient(layout: Layout, rng: Rng) -> tuple[Layout, float]:
    force = float(rng.uniform(2.5, 8.0))
    return replace(layout, pad_friction=float(rng.uniform(0.55, 0.93)) * weight(layout) / (2 * force)), force


def insufficient_grip(layout: Layout, rng: Rng) -> Made:
    """The grip is too weak from the start."""
    layout, force = _insufficient(layout, rng)
    unaware = bool(rng.random() < 0.5)

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, PickPlan(force=force))
        yield from _gives_up(script, layout, unaware=unaware)

    return layout, program


def decay_and_regrasp(layout: Layout, rng: Rng) -> Made:
    """The grip sinks; the operator goes back and grips harder."""
    layout, plan = _decay(layout, rng, (0.05, 0.08))
    hard = max(25.0, 3.0 * plan.force)

    def program(script: Script, layout: Layout) -> Steps:
        yield from _lifted_and_lost(script, layout, plan)
        yield from script.wait(REACTION)
        yield from _again(script, layout, PickPlan(force=hard, hover=0.07, lift=0.09))
        yield from place(script, layout, PlacePlan(hump=0.03))

    return layout, program


def insufficient_and_regrasp(layout: Layout, rng: Rng) -> Made:
    """The grip is too weak from the start; the second one is not."""
    layout, force = _insufficient(layout, rng)

    def program(script: Script, layout: Layout) -> Steps:
        yield from take(script, layout, PickPlan(force=force, lift=0.09))
        yield from script.wait(REACTION)
        yield from _again(script, layout, PickPlan(force=max(25.0, 3.0 * force), hover=0.07))
        yield from place(script, layout, PlacePlan(hump=0.03))

    return layout, program


def decay_and_weak_regrasp(layout: Layout, rng: Rng) -> Made:
    """The grip sinks, and the second one is no better."""
    layout, plan = _decay(layout, rng, (0.05, 0.08))

    def program(script: Script, layout: Layout) -> Steps:
        yield from _lifted_and_lost(script, layout, plan)
        yield from script.wait(REACTION)
        script.phase("approach")
        yield from script.grip(0.08, seconds=0.4)
        yield from _lifted_and_lost(script, layout, replace(plan, over_s=0.6))
        yield from _gives_up(script, layout, unaware=False)

    return layout, program


def decay_and_offset_regrasp(layout: Layout, rng: Rng) -> Made:
    """The grip sinks, and the second try closes beside the object."""
    layout, plan = _decay(layout, rng, (0.05, 0.08))
    along = _side(rng) * (BESIDE[layout.thing] + float(rng.uniform(0, 0.01)))

    def program(script: Script, layout: Layout) -> Steps:
        yield from _lifted_and_lost(script, layout, plan)
        yield from script.wait(REACTION)
        yield from _again(script, layout, PickPlan(along=along, hover=0.08))
        yield from _gives_up(script, layout, unaware=False)

    return layout, program


def off_centre(layout: Layout, rng: Rng) -> Made:
    """A long object is held far from its middle and turns in the hand; it is set down all the same."""
    along = _side(rng) * float(rng.uniform(0.026, 0.046))
    weak, at_s = float(rng.uniform(4.5, 7.5)), float(rng.uniform(0.0, 0.6))

    def program(script: Script, layout: Layout) -> Steps:
        yield from approach(script, layout, PickPlan(along=along))
        yield from close(script, 15.0)
        yield from lift(script, 0.12)
        yield from fading(script, carry(script, layout, PlacePlan(speed=0.2)), at_s, 0.9, weak)
        yield from put_down(script, layout, PlacePlan())
        yield from retreat(script, layout)

    return replace(layout, pad_friction=float(rng.uniform(0.27, 0.36)), pad_torsion=0.001), program


def off_centre_lost(layout: Layout, rng: Rng) -> Made:
    """It turns in the hand, and the grip goes on sinking until it falls."""
    along = _side(rng) * float(rng.uniform(0.030, 0.046))
    over_s, weak = float(rng.uniform(0.5, 1.2)), float(rng.uniform(4.5, 7.0))

    def program(script: Script, layout: Layout) -> Steps:
        yield from approach(script, layout, PickPlan(along=along))
        yield from close(script, 15.0)
        yield from lift(script, 0.12)
        yield from fading(script, script.wait(0.9), 0.0, 0.5, weak)
        # It hangs still in the hand; then the grip goes on sinking.
        yield from fading(script, carry(script, layout, PlacePlan(speed=0.16)), 0.6, over_s, 0.6)
        yield from script.grip(SHUT, force=script.command.grip_force, seconds=0.4)
        yield from home(script)

    return replace(layout, pad_friction=0.32, pad_torsion=0.001), program
