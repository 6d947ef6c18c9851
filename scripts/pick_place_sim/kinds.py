"""The table of episode kinds: what is on the table, what goes wrong, and how it is labelled."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from pick_place_sim.objects import THINGS
from pick_place_sim.rotations import tilt_from_upright, tool_down
from pick_place_sim.scene import Layout
from pick_place_sim.script import Script, Steps
from pick_place_sim.simulation import Program
from pick_place_sim.skills import (
    PickPlan,
    PlacePlan,
    carry,
    grasp_pose,
    pick,
    place,
    put_down,
    retreat,
)

Maker = Callable[[Layout, np.random.Generator], tuple[Layout, Program]]
STRIKE_TORQUE: Final = 12.0  # Nm, external torque at which the operator notices that the arm is pushing
EMPTY: Final = 0.003  # m, aperture at which the operator sees that the hand is empty
REACTION: Final = 0.35  # s, a person's reaction


@dataclass(frozen=True)
class Kind:
    """One row of the table."""

    name: str
    category: str | None
    subcategory: str | None
    things: tuple[str, ...]
    make: Maker
    note: str


def _program(pick_plan: PickPlan, place_plan: PlacePlan) -> Program:
    def program(script: Script, layout: Layout) -> Steps:
        yield from pick(script, layout, pick_plan)
        yield from place(script, layout, place_plan)

    return program


def success(layout: Layout, rng: np.random.Generator) -> tuple[Layout, Program]:
    """A clean pick and place; some operators hesitate above the object or above the goal."""
    pause = float(rng.uniform(0.9, 1.6)) if rng.random() < 0.4 else 0.0
    return layout, _program(PickPlan(hesitate=pause), PlacePlan(hesitate=0.4 * pause))


def hesitant(layout: Layout, _rng: np.random.Generator) -> tuple[Layout, Program]:
    """A clean success by an operator who always hesitates."""
    return layout, _program(PickPlan(hesitate=1.5), PlacePlan(hesitate=0.7))


def missed_grasp(layout: Layout, rng: np.random.Generator) -> tuple[Layout, Program]:
    """The fingers close beside the object; the empty hand carries on."""
    miss = {"cube": 0.043, "block": 0.088, "can": 0.050, "bottle": 0.046}[layout.thing]
    along = float(rng.choice([-1, 1]) * (miss + rng.uniform(0, 0.008)))
    return layout, _program(PickPlan(along=along, force=15.0), PlacePlan())


def _weak_grip(layout: Layout, rng: np.random.Generator) -> tuple[Layout, PickPlan]:
    """A grip that just lifts the object and then sinks below what its weight needs."""
    force = float(rng.uniform(7.0, 9.0))
    weight = THINGS[layout.thing].mass * layout.mass_scale * 9.81
    friction = float(rng.uniform(1.25, 1.4)) * weight / (2 * force)
    enough = weight / (2 * friction)
    return replace(layout, pad_friction=friction), PickPlan(force=force, fade=float(rng.uniform(0.78, 0.86)) * enough)


def slip_during_lift(layout: Layout, rng: np.random.Generator) -> tuple[Layout, Program]:
    """Smooth fingertips and a grip that sinks: the object is pulled out of the hand by its own weight."""
    layout, plan = _weak_grip(layout, rng)

    def program(script: Script, layout: Layout) -> Steps:
        yield from pick(script, layout, plan)
        yield from script.wait_until(lambda: script.view.aperture < EMPTY, 2.0)
        yield from script.wait(0.8)
        yield from retreat(script, layout)

    return layout, program


def slip_recovered(layout: Layout, rng: np.random.Generator) -> tuple[Layout, Program]:
    """As slip_during_lift, but the operator goes back and grips harder."""
    layout, plan = _weak_grip(layout, rng)

    def program(script: Script, layout: Layout) -> Steps:
        yield from pick(script, layout, replace(plan, lift=0.09))
        yield from script.wait_until(lambda: script.view.aperture < EMPTY, 2.0)
        yield from script.wait(REACTION)
        script.phase("approach")
        yield from script.grip(0.08, seconds=0.4)
        yield from pick(script, layout, PickPlan(force=30.0, lift=0.08, hover=0.07))
        yield from place(script, layout, PlacePlan(hump=0.03, speed=0.3))

    return layout, program


def dropped(layout: Layout, rng: np.random.Generator) -> tuple[Layout, Program]:
    """The grip fades while the object is carried."""
    late = float(rng.uniform(0.7, 0.85))

    def program(script: Script, layout: Layout) -> Steps:
        yield from pick(script, layout, PickPlan(force=10.0))
        yield from script.weaken(0.8, late, carry(script, layout, PlacePlan(speed=0.2)))
        yield from script.wait(0.7)
        yield from retreat(script, layout)

    return replace(layout, pad_friction=0.5), program


def missed_target(layout: Layout, rng: np.random.Generator) -> tuple[Layout, Program]:
    """The object is set down beside the goal."""
    angle, size = rng.uniform(0, 2 * math.pi), rng.uniform(0.075, 0.10)
    error = (float(size * math.cos(angle)), float(size * math.sin(angle)))
    return layout, _program(PickPlan(), PlacePlan(error=error))


def tipped(layout: Layout, rng: np.random.Generator) -> tuple[Layout, Program]:
    """The hand leans and lets go too high: the object lands on its edge and falls over."""
    tilt = float(rng.choice([-1, 1]) * rng.uniform(0.46, 0.54))
    return layout, _program(PickPlan(), PlacePlan(tilt=tilt, drop=float(rng.uniform(0.014, 0.022))))


def struck_post(layout: Layout, rng: np.random.Generator) -> tuple[Layout, Program]:
    """The carrying hand runs into a post; the operator backs off and gives up."""
    between = 0.5 * (np.array(layout.object_xy) + np.array(layout.goal_xy)) + rng.uniform(-0.01, 0.01, 2)
    layout = replace(layout, post_xy=(float(between[0]), float(between[1])), start_xy=(0.43, 0.8 * layout.object_xy[1]))

    def program(script: Script, layout: Layout) -> Steps:
        yield from pick(script, layout, PickPlan())
        start = script.command.pos.copy()

        def hit() -> bool:
            return script.view.external_torque > STRIKE_TORQUE

        script.phase("transport")
        target = np.array([*layout.goal_xy, start[2]])
        travel = target - start
        yield from script.move(target, speed=0.15, until=hit)
        reach = script.command.pos + 0.035 * travel / np.linalg.norm(travel)
        yield from script.move(reach, speed=0.12)
        yield from script.wait(REACTION)
        yield from script.move(start - 0.1 * travel, speed=0.2)
        script.phase("place")
        down = script.command.pos.copy()
        down[2] = script.view.hand_pos[2] - (script.view.object_pos[2] - THINGS[layout.thing].half_height) + 0.002
        yield from script.move(down, speed=0.12)
        yield from script.grip(0.08, seconds=0.7)
        yield from retreat(script, replace(layout, goal_xy=layout.object_xy))

    return layout, program


def knocked_over(layout: Layout, rng: np.random.Generator) -> tuple[Layout, Program]:
    """The hand comes in too low from the side and pushes the object over."""
    low = float(rng.uniform(-0.01, 0.005))

    def program(script: Script, layout: Layout) -> Steps:
        pos, quat = grasp_pose(script, layout, PickPlan(height=low))
        side = 1.0 if script.command.pos[1] > pos[1] else -1.0
        yield from script.move(np.array([pos[0] - 0.01, pos[1] + side * 0.16, pos[2] + 0.10]), quat)
        yield from script.wait(0.3)
        yield from script.move(np.array([pos[0], pos[1] + side * 0.125, pos[2]]), speed=0.12)

        def fallen() -> bool:
            return float(tilt_from_upright(script.view.object_quat)[0]) > 0.5

        yield from script.move(pos, speed=0.10, until=fallen)
        yield from script.wait(REACTION + 0.8)
        script.phase("retreat")
        yield from script.move(script.command.pos + np.array([0.0, side * 0.05, 0.16]), speed=0.2)
        yield from script.move(np.array([0.43, 0.0, 0.31]), tool_down(0.0), speed=0.25)
        yield from script.wait(0.8)

    return layout, program


def unstable(layout: Layout, rng: np.random.Generator) -> tuple[Layout, Program]:
    """A long object is held far from its middle: it swings down in the hand, and is set down askew."""
    along = float(rng.choice([-1, 1]) * rng.uniform(0.036, 0.044))

    weak = float(rng.uniform(6.0, 7.0))

    def program(script: Script, layout: Layout) -> Steps:
        yield from pick(script, layout, PickPlan(along=along, force=15.0))
        yield from script.weaken(weak, 0.9, carry(script, layout, PlacePlan(speed=0.2)))
        yield from put_down(script, layout, PlacePlan())
        yield from retreat(script, layout)

    return replace(layout, pad_friction=0.30, pad_torsion=0.001), program


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("success", None, None, ("cube", "can", "bottle", "block"), success, "clean pick and place"),
        Kind("success_hesitant", None, None, ("cube", "can"), hesitant, "clean, with pauses above object and goal"),
        Kind("missed_grasp", "grasp", "missed_grasp", ("cube", "can"), missed_grasp,
             "the fingers close beside the object"),
        Kind("slip_during_lift", "grasp", "slip_during_lift", ("can", "cube"), slip_during_lift,
             "smooth fingertips and a weak grip"),
        Kind("slip_recovered", "grasp", "slip_during_lift", ("can", "cube"), slip_recovered,
             "the first grip slips, a harder second one holds"),
        Kind("dropped_in_transport", "placement", "dropped_in_transport", ("cube", "can"), dropped,
             "the grip fades on the way"),
        Kind("missed_target", "placement", "missed_target", ("cube", "block"), missed_target,
             "set down beside the goal"),
        Kind("tipped_after_release", "placement", "tipped_after_release", ("bottle",), tipped,
             "released leaning and too high"),
        Kind("gripper_obstacle", "collision", "gripper_obstacle", ("cube", "can"), struck_post,
             "the carrying hand runs into the post"),
        Kind("object_knocked_over", "collision", "object_knocked_over", ("bottle",), knocked_over,
             "a low approach from the side pushes the object over"),
        Kind("unstable_grasp", "grasp", "unstable_grasp", ("block",), unstable,
             "held far from the middle, the object swings down in the hand"),
    )
}  # fmt: skip


def random_layout(thing: str, rng: np.random.Generator) -> Layout:
    """Object on one side of the table, goal on the other."""
    side = 1.0 if rng.random() < 0.5 else -1.0
    start = (float(rng.uniform(0.44, 0.54)), float(-side * rng.uniform(0.12, 0.19)))
    goal = (float(rng.uniform(0.46, 0.56)), float(side * rng.uniform(0.14, 0.20)))
    return Layout(thing, start, float(rng.uniform(-0.5, 0.5)), goal, mass_scale=float(rng.uniform(0.9, 1.1)))


def make_episode(name: str, thing: str | None, seed: int) -> tuple[Layout, Program, np.random.Generator]:
    """Scene and program of one episode of kind `name`, fully determined by `seed`."""
    rng = np.random.default_rng(seed)
    kind = KINDS[name]
    chosen = thing or str(rng.choice(kind.things))
    layout, program = kind.make(random_layout(chosen, rng), rng)
    return layout, program, rng
