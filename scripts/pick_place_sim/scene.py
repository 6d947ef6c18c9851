"""The whole scene: table, light, cameras, robot, object, goal and obstacle, compiled into one MuJoCo model."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np

from pick_place_sim import constants as c
from pick_place_sim import objects, panda_model
from pick_place_sim.panda_model import text

FRONT_EYE: Final = (1.46, -0.88, 0.78)  # m, where the third-person camera stands
FRONT_TARGET: Final = (0.32, -0.05, 0.270)  # m, where it looks
FRONT_FOVY: Final = 39  # degrees

MATERIALS: Final = {
    "cube": ("0.84 0.13 0.11 1", 0.3), "block": ("0.97 0.74 0.12 1", 0.3), "can": ("0.10 0.36 0.76 1", 0.7),
    "tin": ("0.78 0.80 0.83 1", 0.9), "label": ("0.96 0.95 0.90 1", 0.2), "bottle": ("0.46 0.16 0.52 1", 0.7),
    "cap": ("0.95 0.60 0.10 1", 0.4), "pad": ("0.16 0.62 0.30 1", 0.1), "pad_rim": ("0.93 0.96 0.93 1", 0.1),
    "tray": ("0.55 0.36 0.20 1", 0.2), "tray_rim": ("0.42 0.26 0.14 1", 0.2), "post": ("0.93 0.38 0.07 1", 0.3),
    "post_white": ("0.95 0.95 0.94 1", 0.3), "post_dark": ("0.22 0.23 0.25 1", 0.3),
    "wall": ("0.80 0.83 0.85 1", 0.0), "table_edge": ("0.74 0.72 0.69 1", 0.1), "plate": ("0.42 0.44 0.47 1", 0.4),
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Where things are, base frame, and how well the fingertips hold."""

    thing: str
    object_xy: tuple[float, float]
    object_yaw: float  # rad
    goal_xy: tuple[float, float]
    post_xy: tuple[float, float] | None = None
    pad_friction: float = 0.9  # sliding coefficient of the fingertips
    pad_torsion: float = 0.006  # m, torsional friction
    thing_friction: float = 0.5  # against table and tray
    mass_scale: float = 1.0
    start_xy: tuple[float, float] = (0.43, 0.0)  # where the hand waits
    start_turn: float = 0.0  # rad, joint 1 before the hand goes there
    posts: tuple[tuple[float, float, float], ...] = ()  # further obstacles: x, y, height, m
    bystander: str | None = None  # another object, which nobody wants
    bystander_xy: tuple[float, float] = (0.0, 0.0)
    tips_meet: bool = False  # the fingertips press on each other before the fingers reach their stop
    stop_margin: float = 0.02  # rad that the controller keeps away from the joint stops
    is_tame: bool = False  # the controller stays calm where it cannot reach, and lags a few mm everywhere


def _defaults(root: ET.Element, layout: Layout) -> None:
    """Contact classes. Bits: robot 1, furniture 2, object 4; the robot does not collide with itself."""
    default = ET.SubElement(root, "default")
    classes = {
        "visual": {"contype": "0", "conaffinity": "0", "group": "1", "mass": "0"},
        "robot_collision": {"contype": "1", "conaffinity": "0", "group": "3", "mass": "0", "friction": "0.35"},
        "pad": {
            "contype": "1", "conaffinity": "0", "group": "3", "mass": "0", "condim": "4", "priority": "1",
            "friction": text((layout.pad_friction, layout.pad_torsion, 0.0001)), "solref": "0.008 1",
            "solimp": "0.95 0.99 0.001",
        },
        "furniture": {"contype": "2", "conaffinity": "1", "group": "1", "friction": "0.3 0.003 0.0001"},
        "thing": {
            "contype": "4", "conaffinity": "3", "group": "3", "condim": "6", "solref": "0.008 1",
            "friction": text((layout.thing_friction, 0.003, 0.0015)),
        },
    }  # fmt: skip
    for name, attributes in classes.items():
        ET.SubElement(ET.SubElement(default, "default", {"class": name}), "geom", attributes)


def _assets(asset: ET.Element) -> None:
    textures = panda_model.robosuite_assets() / "textures"
    ET.SubElement(
        asset, "texture", type="skybox", builtin="gradient", rgb1="0.86 0.89 0.92", rgb2="0.55 0.60 0.66", width="256",
        height="256",
    )  # fmt: skip
    ET.SubElement(asset, "texture", name="wood", type="2d", file=str(textures / "light-wood.png"))
    ET.SubElement(asset, "material", name="wood", texture="wood", texrepeat="2 2", specular="0.15", shininess="0.3",
                  rgba="0.93 0.90 0.86 1")  # fmt: skip
    for name, (rgba, gloss) in MATERIALS.items():
        ET.SubElement(asset, "material", name=name, rgba=rgba, specular=text(gloss), shininess=text(gloss))


def _room(world: ET.Element) -> None:
    """Table, wall, floor and light."""
    boxes = (
        ("table", (0.36, 0, -0.02), (0.66, 0.80, 0.02), "wood", "furniture"),
        ("table_apron", (0.36, 0, -0.06), (0.63, 0.77, 0.02), "table_edge", "visual"),
        ("plate", (-0.02, 0, 0.001), (0.13, 0.13, 0.0025), "plate", "visual"),
        ("wall", (-1.1, 0, 0.4), (0.02, 3.0, 1.6), "wall", "visual"),
        ("floor", (0, 0, -0.8), (3.0, 3.0, 0.02), "table_edge", "visual"),
    )
    for name, pos, size, material, kind in boxes:
        ET.SubElement(world, "geom", {
            "class": kind, "name": name, "type": "box", "pos": text(pos), "size": text(size), "material": material,
        })  # fmt: skip
    ET.SubElement(
        world, "light", name="key", directional="true", pos="0.9 0.9 2.0", dir="-0.33 -0.42 -0.85",
        diffuse="0.62 0.61 0.58", specular="0.35 0.35 0.35", ambient="0 0 0", castshadow="true",
    )  # fmt: skip
    ET.SubElement(
        world, "light", name="fill", directional="true", pos="1.2 -1.5 1.6", dir="-0.6 0.6 -0.5",
        diffuse="0.22 0.23 0.26", specular="0.05 0.05 0.05", castshadow="false",
    )  # fmt: skip


def _front_camera(world: ET.Element) -> None:
    eye, target = np.array(FRONT_EYE), np.array(FRONT_TARGET)
    back = (eye - target) / np.linalg.norm(eye - target)
    right = np.cross((0.0, 0.0, 1.0), back)
    right /= np.linalg.norm(right)
    up = np.cross(back, right)
    ET.SubElement(world, "camera", name="front", pos=text(FRONT_EYE), xyaxes=text((*right, *up)), fovy=text(FRONT_FOVY))


def scene_xml(layout: Layout) -> str:
    """MJCF of the whole scene."""
    root = ET.Element("mujoco", model="pick_place")
    ET.SubElement(root, "compiler", angle="radian", autolimits="true")
    ET.SubElement(
        root, "option", timestep=text(1 / c.PHYSICS_HZ), integrator="implicitfast", cone="elliptic", impratio="20",
        iterations="60",
    )  # fmt: skip
    visual = ET.SubElement(root, "visual")
    ET.SubElement(visual, "headlight", ambient="0.36 0.36 0.37", diffuse="0.18 0.18 0.18", specular="0 0 0")
    ET.SubElement(visual, "quality", shadowsize="4096", offsamples="4")
    ET.SubElement(visual, "global", offwidth=text(c.IMAGE_WIDTH), offheight=text(c.IMAGE_HEIGHT))
    ET.SubElement(visual, "map", znear="0.01", zfar="20", shadowclip="1.5")
    ET.SubElement(root, "statistic", center="0.3 0 0.2", extent="1.0")
    _defaults(root, layout)
    asset = ET.SubElement(root, "asset")
    _assets(asset)
    world = ET.SubElement(root, "worldbody")
    _room(world)
    _front_camera(world)
    robot = panda_model.arm_and_hand()
    panda_model.add_visuals(robot, asset)
    world.append(robot)
    thing = objects.THINGS[layout.thing]
    objects.add_thing(world, asset, thing, layout.object_xy, layout.object_yaw)
    objects.add_goal(world, thing.goal, layout.goal_xy)
    if layout.post_xy is not None:
        objects.add_post(world, layout.post_xy)
    for number, (x, y, height) in enumerate(layout.posts):
        objects.add_post(world, (x, y), height=height, name=f"post_{number}")
    if layout.bystander is not None:
        objects.add_bystander(world, asset, objects.THINGS[layout.bystander], layout.bystander_xy)
    if layout.tips_meet:
        panda_model.let_tips_meet(root)
    # The real hand drives both fingers with one spindle: they always open by the same amount.
    equality = ET.SubElement(root, "equality")
    ET.SubElement(equality, "joint", joint1="finger_joint_left", joint2="finger_joint_right", solref="0.004 1")
    sensor = ET.SubElement(root, "sensor")
    ET.SubElement(sensor, "force", name="wrist_force", site="ft_frame")
    ET.SubElement(sensor, "torque", name="wrist_torque", site="ft_frame")
    return ET.tostring(root, encoding="unicode")


def compile_scene(layout: Layout) -> mujoco.MjModel:
    """The MuJoCo model, with the object's mass scaled as the layout says."""
    model = mujoco.MjModel.from_xml_string(scene_xml(layout))
    body = model.body("object").id
    model.body_mass[body] *= layout.mass_scale
    model.body_inertia[body] *= layout.mass_scale
    return model


def goal_position(layout: Layout) -> np.ndarray:
    """Where the object's centre should end, base frame."""
    thing = objects.THINGS[layout.thing]
    floor = objects.TRAY_FLOOR if thing.goal == "tray" else 0.0
    return np.array([*layout.goal_xy, thing.half_height + floor])
