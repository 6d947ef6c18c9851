"""What the robot handles: shape, mass and look of every object, goal and obstacle."""

import math
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Final

from pick_place_sim.panda_model import text

Profile = tuple[tuple[float, float], ...]  # (radius, height) pairs from bottom to top, m


@dataclass(frozen=True)
class Thing:
    """An object on the table. Its frame sits at the centre of its bounding box, z up."""

    name: str
    goal: str  # "pad" or "tray"
    task: str
    half_height: float  # m
    grip_width: float  # m, what the aperture reads when it is held
    grip_height: float  # m above the object's centre where the fingertips should close
    mass: float  # kg
    boxes: tuple[tuple[float, float, float], ...] = ()  # half sizes of box shapes
    cylinders: tuple[tuple[float, float, float], ...] = ()  # radius, half height, height of centre
    profiles: tuple[tuple[Profile, str], ...] = ()  # turned visual parts and their material


def _bottle_profiles() -> tuple[tuple[Profile, str], ...]:
    body = ((0.0, -0.088), (0.026, -0.088), (0.029, -0.083), (0.029, 0.015), (0.0275, 0.028), (0.021, 0.044),
            (0.0142, 0.050), (0.0138, 0.060), (0.0138, 0.072))  # fmt: skip
    label = ((0.0292, -0.055), (0.0294, -0.055), (0.0294, -0.008), (0.0292, -0.008))
    cap = ((0.0, 0.070), (0.0150, 0.070), (0.0150, 0.086), (0.0135, 0.088), (0.0, 0.088))
    return ((body, "bottle"), (label, "label"), (cap, "cap"))


def _can_profiles() -> tuple[tuple[Profile, str], ...]:
    body = ((0.028, -0.052), (0.031, -0.047), (0.031, 0.046), (0.0285, 0.052))
    bottom = ((0.0, -0.053), (0.0275, -0.055), (0.0285, -0.0515))
    top = ((0.0290, 0.0515), (0.0290, 0.055), (0.0268, 0.055), (0.0262, 0.051), (0.0, 0.051))
    band = ((0.0311, -0.014), (0.0314, -0.014), (0.0314, 0.020), (0.0311, 0.020))
    return ((body, "can"), (bottom, "tin"), (top, "tin"), (band, "label"))


def _peg_profiles() -> tuple[tuple[Profile, str], ...]:
    outline = ((0.0, -0.040), (0.030, -0.040), (0.030, -0.016), (0.004, -0.016), (0.004, 0.040), (0.0, 0.040))
    return ((outline, "bottle"),)


def _tub_profiles() -> tuple[tuple[Profile, str], ...]:
    return ((((0.0, -0.045), (0.036, -0.045), (0.036, 0.045), (0.0, 0.045)), "can"),)


THINGS: Final = {
    thing.name: thing
    for thing in (
        Thing("cube", "pad", "Pick up the red cube and place it on the green pad.", 0.025, 0.050, 0.0, 0.14,
              boxes=((0.025, 0.025, 0.025),)),
        Thing("block", "pad", "Lay the long yellow block on the green pad.", 0.019, 0.038, 0.0, 0.17,
              boxes=((0.07, 0.019, 0.019),)),
        Thing("can", "tray", "Put the blue can on the wooden tray.", 0.055, 0.062, 0.022, 0.21,
              cylinders=((0.031, 0.055, 0.0),), profiles=_can_profiles()),
        Thing("bottle", "tray", "Put the bottle upright on the wooden tray.", 0.088, 0.028, 0.058, 0.24,
              cylinders=((0.029, 0.055, -0.033), (0.014, 0.033, 0.055)), profiles=_bottle_profiles()),
        Thing("peg", "tray", "Put the peg upright on the wooden tray.", 0.040, 0.008, 0.018, 0.13,
              cylinders=((0.030, 0.012, -0.028), (0.004, 0.028, 0.012)), profiles=_peg_profiles()),
        Thing("tub", "tray", "Put the tub on the wooden tray.", 0.045, 0.072, 0.015, 0.20,
              cylinders=((0.036, 0.045, 0.0),), profiles=_tub_profiles()),
    )
}  # fmt: skip

TRAY_FLOOR: Final = 0.006  # m, thickness of the tray's floor
TRAY_HALF: Final = (0.10, 0.085)  # m
POST_RADIUS: Final = 0.016  # m
POST_HEIGHT: Final = 0.25  # m


def lathe_mesh(profile: Profile, segments: int = 40) -> tuple[str, str]:
    """Vertices and faces, as MJCF text, of `profile` turned around the z axis."""
    vertices = [
        (radius * math.cos(2 * math.pi * k / segments), radius * math.sin(2 * math.pi * k / segments), height)
        for radius, height in profile
        for k in range(segments)
    ]
    faces: list[tuple[int, int, int]] = []
    for ring in range(len(profile) - 1):
        low, high = ring * segments, (ring + 1) * segments
        for k in range(segments):
            after = (k + 1) % segments
            if profile[ring][0] > 0:
                faces.append((low + k, low + after, high + after))
            if profile[ring + 1][0] > 0:
                faces.append((low + k, high + after, high + k))
    points = " ".join(f"{value:.5f}" for vertex in vertices for value in vertex)
    return points, " ".join(str(index) for face in faces for index in face)


def add_thing(  # noqa: PLR0913
    world: ET.Element, asset: ET.Element, thing: Thing, pos: tuple[float, float], yaw: float, *, called: str = "object"
) -> None:
    """Put `thing` on the table as a free body."""
    quat = (math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2))
    body = ET.SubElement(world, "body", name=called, pos=text((*pos, thing.half_height)), quat=text(quat))
    ET.SubElement(body, "freejoint", name=f"{called}_joint")
    parts = len(thing.boxes) + len(thing.cylinders)
    for number, half in enumerate(thing.boxes):
        ET.SubElement(body, "geom", {
            "class": "thing", "name": f"{called}_{number}", "type": "box", "size": text(half),
            "mass": text(thing.mass / parts), "group": "1", "material": thing.name,
        })  # fmt: skip
    for number, (radius, half_height, centre) in enumerate(thing.cylinders):
        # A light upper part keeps a bottle's centre of mass low, as when it is half full.
        share = 1.0 if parts == 1 else (0.88, 0.12)[number]
        ET.SubElement(body, "geom", {
            "class": "thing", "name": f"{called}_{number}", "type": "cylinder", "size": text((radius, half_height)),
            "pos": text((0, 0, centre)), "mass": text(thing.mass * share),
        })  # fmt: skip
    for number, (profile, material) in enumerate(thing.profiles):
        vertex, face = lathe_mesh(profile)
        name = f"{thing.name}_part{number}" if called == "object" else f"{called}_part{number}"
        ET.SubElement(asset, "mesh", name=name, vertex=vertex, face=face, inertia="shell")
        ET.SubElement(body, "geom", {"class": "visual", "type": "mesh", "mesh": name, "material": material})


def add_bystander(world: ET.Element, asset: ET.Element, thing: Thing, pos: tuple[float, float]) -> None:
    """A second thing; unlike the object alone, it is also touched by the object."""
    add_thing(world, asset, thing, pos, 0.0, called="bystander")
    for geom in world.iterfind("body[@name='bystander']/geom[@class='thing']"):
        geom.set("conaffinity", "7")


def add_goal(world: ET.Element, goal: str, pos: tuple[float, float]) -> None:
    """A green pad (paint: no contact) or a tray with low rims (contact)."""
    body = ET.SubElement(world, "body", name="goal", pos=text((*pos, 0.0)))
    if goal == "pad":
        for radius, height, material in ((0.070, 0.0008, "pad_rim"), (0.062, 0.0014, "pad")):
            ET.SubElement(body, "geom", {
                "class": "visual", "type": "cylinder", "size": text((radius, height)), "material": material,
            })  # fmt: skip
        return
    x, y = TRAY_HALF
    rim = 0.005
    shapes = [((0, 0, TRAY_FLOOR / 2), (x, y, TRAY_FLOOR / 2), "tray")]
    shapes += [((sign * x, 0, 0.011), (rim, y + rim, 0.011), "tray_rim") for sign in (-1, 1)]
    shapes += [((0, sign * y, 0.011), (x, rim, 0.011), "tray_rim") for sign in (-1, 1)]
    for number, (centre, half, material) in enumerate(shapes):
        ET.SubElement(body, "geom", {
            "class": "furniture", "name": f"goal_{number}", "type": "box", "pos": text(centre), "size": text(half),
            "material": material,
        })  # fmt: skip
    # A marker on the tray's floor shows where the object should stand.
    ET.SubElement(body, "geom", {
        "class": "visual", "type": "cylinder", "size": text((0.042, 0.0004)), "pos": text((0, 0, TRAY_FLOOR)),
        "material": "pad",
    })  # fmt: skip


def add_post(world: ET.Element, pos: tuple[float, float], *, height: float = POST_HEIGHT, name: str = "post") -> None:
    """A striped post on a foot, fixed to the table: the obstacle."""
    body = ET.SubElement(world, "body", name=name, pos=text((*pos, 0.0)))
    ET.SubElement(body, "geom", {
        "class": "furniture", "name": f"{name}_foot", "type": "cylinder", "size": "0.045 0.004", "pos": "0 0 0.004",
        "material": "post_dark",
    })  # fmt: skip
    ET.SubElement(body, "geom", {
        "class": "furniture", "name": f"{name}_rod", "type": "cylinder", "group": "3",
        "size": text((POST_RADIUS, height / 2)), "pos": text((0, 0, height / 2)),
    })  # fmt: skip
    stripes = 5
    for number in range(stripes):
        half = height / stripes / 2
        ET.SubElement(body, "geom", {
            "class": "visual", "type": "cylinder", "size": text((POST_RADIUS, half)),
            "pos": text((0, 0, half * (2 * number + 1))), "material": "post" if number % 2 else "post_white",
        })  # fmt: skip
