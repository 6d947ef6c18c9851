"""The Panda arm and hand as MJCF: kinematics and dynamics written here, meshes taken from the robosuite wheel.

Kinematics are Franka's published Denavit-Hartenberg parameters. Masses and inertias are the identified parameters of
Gaz et al., "Dynamic identification of the Franka Emika Panda robot", RA-L 2019, rounded as in MuJoCo Menagerie.
"""

import importlib.util
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final, NamedTuple

from pick_place_sim import constants as c

Vec = tuple[float, ...]
_RIGHT: Final = 0.7071067811865476
_EIGHTH: Final = (0.9238795325112867, 0.0, 0.0, -0.3826834323650898)  # -45 degrees about z: flange to hand frame


class Link(NamedTuple):
    """One moving link: where it sits on its parent, its mass properties and its joint range."""

    pos: Vec
    quat: Vec
    mass: float
    com: Vec
    inertia: Vec  # xx yy zz xy xz yz about the centre of mass
    limits: Vec


LINKS: Final = (
    Link((0, 0, 0.333), (1, 0, 0, 0), 4.970684, (0.003875, 0.002081, -0.04762),
         (0.70337, 0.70661, 0.009117, -0.000139, 0.006772, 0.019169), (-2.8973, 2.8973)),
    Link((0, 0, 0), (_RIGHT, -_RIGHT, 0, 0), 0.646926, (-0.003141, -0.02872, 0.003495),
         (0.007962, 0.02811, 0.025995, -0.003925, 0.010254, 0.000704), (-1.7628, 1.7628)),
    Link((0, -0.316, 0), (_RIGHT, _RIGHT, 0, 0), 3.228604, (0.027518, 0.039252, -0.066502),
         (0.037242, 0.036155, 0.01083, -0.004761, -0.011396, -0.012805), (-2.8973, 2.8973)),
    Link((0.0825, 0, 0), (_RIGHT, _RIGHT, 0, 0), 3.587895, (-0.05317, 0.104419, 0.027454),
         (0.025853, 0.019552, 0.028323, 0.007796, -0.001332, 0.008641), (-3.0718, -0.0698)),
    Link((-0.0825, 0.384, 0), (_RIGHT, -_RIGHT, 0, 0), 1.225946, (-0.011953, 0.041065, -0.038437),
         (0.035549, 0.029474, 0.008627, -0.002117, -0.004037, 0.000229), (-2.8973, 2.8973)),
    Link((0, 0, 0), (_RIGHT, _RIGHT, 0, 0), 1.666555, (0.060149, -0.014117, -0.010517),
         (0.001964, 0.004354, 0.005433, 0.000109, -0.001158, 0.000341), (-0.0175, 3.7525)),
    Link((0.088, 0, 0), (_RIGHT, _RIGHT, 0, 0), 0.735522, (0.010517, -0.004252, 0.061597),
         (0.012516, 0.010027, 0.004815, -0.000428, -0.001196, -0.000741), (-2.8973, 2.8973)),
)  # fmt: skip
HAND_MASS: Final = 0.73  # kg, Franka Hand without fingers
HAND_COM: Final = (-0.01, 0.0, 0.03)  # m, Franka Hand manual
FINGER_MASS: Final = 0.015  # kg
FINGER_ARMATURE: Final = 0.2  # kg, reflected inertia of the finger drive


def text(values: Vec | float) -> str:
    """Number or numbers as MJCF wants them."""
    items = values if isinstance(values, tuple | list) else (values,)
    return " ".join(f"{float(value):.10g}" for value in items)


def robosuite_assets() -> Path:
    """Folder of robosuite's assets, found without importing robosuite (which would ask for its many dependencies)."""
    spec = importlib.util.find_spec("robosuite")
    if spec is None or spec.origin is None:
        message = "the Panda meshes are missing: pip install --no-deps robosuite==1.5.2"
        raise SystemExit(message)
    return Path(spec.origin).parent / "models" / "assets"


def _inertial(body: ET.Element, mass: float, com: Vec, full: Vec) -> None:
    ET.SubElement(body, "inertial", mass=text(mass), pos=text(com), fullinertia=text(full))


def _add_finger(hand: ET.Element, side: str, sign: int) -> None:
    """A finger that slides along the hand's y axis; its body frame is turned so that +y points away from the middle."""
    quat = (1, 0, 0, 0) if sign > 0 else (0, 0, 0, 1)
    finger = ET.SubElement(hand, "body", name=f"finger_{side}", pos=text((0, 0, c.FINGER_OFFSET)), quat=text(quat))
    _inertial(finger, FINGER_MASS, (0, 0.01, 0.02), (2.4e-6, 2.4e-6, 7.5e-7, 0, 0, 0))
    ET.SubElement(
        finger, "joint", name=f"finger_joint_{side}", type="slide", axis="0 1 0", limited="true",
        range=text((0, c.APERTURE_MAX / 2)), damping="10", armature=text(FINGER_ARMATURE), frictionloss="0.1",
    )  # fmt: skip


def arm_and_hand() -> ET.Element:
    """The body tree `link0` … `hand`, `eef`, two fingers, without any geometry."""
    root = ET.Element("body", name="link0")
    base = (0.00315, 0.00388, 0.004285, 8.2904e-7, 0.00015, 8.2299e-6)
    _inertial(root, 0.629769, (-0.041018, -0.00014, 0.049974), base)
    parent = root
    for number, link in enumerate(LINKS, start=1):
        body = ET.SubElement(parent, "body", name=f"link{number}", pos=text(link.pos), quat=text(link.quat))
        _inertial(body, link.mass, link.com, link.inertia)
        ET.SubElement(
            body, "joint", name=f"joint{number}", type="hinge", axis="0 0 1", limited="true", range=text(link.limits),
            damping=text(c.JOINT_DAMPING[number - 1]), armature=text(c.JOINT_ARMATURE),
            frictionloss=text(c.JOINT_FRICTION[number - 1]),
        )  # fmt: skip
        parent = body
    hand = ET.SubElement(parent, "body", name="hand", pos=text((0, 0, 0.107)), quat=text(_EIGHTH))
    _inertial(hand, HAND_MASS, HAND_COM, (0.001, 0.0025, 0.0017, 0, 0, 0))
    # A body, not a site: Pinocchio misplaces sites on nested fixed bodies. Its tiny mass keeps MuJoCo's compiler quiet.
    eef = ET.SubElement(hand, "body", name="eef", pos=text((0, 0, c.TCP_OFFSET)))
    _inertial(eef, 1e-6, (0, 0, 0), (1e-9, 1e-9, 1e-9, 0, 0, 0))
    _add_finger(hand, "left", 1)
    _add_finger(hand, "right", -1)
    return root


def find_body(root: ET.Element, name: str) -> ET.Element:
    """The body called `name` in the tree."""
    if root.get("name") == name:
        return root
    found = root.find(f".//body[@name='{name}']")
    if found is None:
        raise KeyError(name)
    return found


def dynamics_mjcf() -> str:
    """Arm and hand alone, base at the origin, for Pinocchio and for inverse dynamics."""
    mujoco = ET.Element("mujoco", model="panda")
    ET.SubElement(mujoco, "compiler", angle="radian", autolimits="true")
    ET.SubElement(ET.SubElement(mujoco, "worldbody"), "body", name="base").append(arm_and_hand())
    ET.indent(mujoco)
    return ET.tostring(mujoco, encoding="unicode") + "\n"


def add_visuals(robot: ET.Element, asset: ET.Element) -> None:
    """Hang robosuite's visual and collision meshes on the bodies."""
    folder = robosuite_assets()
    arm = ET.parse(folder / "robots" / "panda" / "robot.xml").getroot()  # noqa: S314 - our own installed package
    for kind in ("mesh", "material"):
        for item in arm.iterfind(f"asset/{kind}"):
            copy = ET.SubElement(asset, kind, dict(item.attrib))
            if kind == "mesh":
                copy.set("file", str(folder / "robots" / "panda" / item.attrib["file"]))
            else:
                copy.attrib.update(specular="0.35", shininess="0.6")
    for number in range(8):
        source = find_body(arm.find("worldbody/body"), f"link{number}")  # type: ignore[arg-type]
        target = find_body(robot, f"link{number}")
        for geom in source.findall("geom"):
            visual = geom.get("group") == "1"
            if number == 0 and not visual:
                continue  # the base stands on the table: that contact means nothing
            kept = {key: value for key, value in geom.attrib.items() if key in {"name", "mesh", "material", "type"}}
            ET.SubElement(target, "geom", {**kept, "class": "visual" if visual else "robot_collision"})
    _add_hand_geoms(robot, asset, folder / "grippers" / "meshes" / "panda_gripper")


def _add_hand_geoms(robot: ET.Element, asset: ET.Element, folder: Path) -> None:
    for name in ("hand", "hand_vis", "finger_vis"):
        ET.SubElement(asset, "mesh", name=name, file=str(folder / f"{name}.stl"))
    hand = find_body(robot, "hand")
    ET.SubElement(hand, "geom", {"class": "visual", "type": "mesh", "mesh": "hand_vis", "rgba": "0.93 0.94 0.95 1"})
    ET.SubElement(hand, "geom", {"class": "robot_collision", "type": "mesh", "mesh": "hand", "name": "hand_collision"})
    ET.SubElement(hand, "site", name="ft_frame")
    ET.SubElement(
        hand, "camera", name="wrist", pos="0.082 0 0.010", xyaxes="0 1 0 0.9613 0 0.2756", fovy="76", mode="fixed"
    )
    for side in ("left", "right"):
        finger = find_body(robot, f"finger_{side}")
        look = {"class": "visual", "type": "mesh", "mesh": "finger_vis", "rgba": "0.32 0.33 0.35 1"}
        ET.SubElement(finger, "geom", look)
        # The body of the finger behind the pad; the pad alone carries the grip, with the friction of the episode.
        ET.SubElement(finger, "geom", {
            "class": "robot_collision", "name": f"finger_{side}_body", "type": "box",
            "size": "0.010 0.008 0.025", "pos": "0 0.0125 0.027",
        })  # fmt: skip
        ET.SubElement(finger, "geom", {
            "class": "pad", "name": f"pad_{side}", "type": "box", "size": "0.009 0.004 0.009",
            "pos": text((0, 0.004, c.TCP_OFFSET - c.FINGER_OFFSET)),
        })  # fmt: skip


def let_tips_meet(root: ET.Element) -> None:
    """Set the pads forward by a fifth of a millimetre, so that they and not the stops carry the closed fingers."""
    for side in ("left", "right"):
        pad = root.find(f".//geom[@name='pad_{side}']")
        if pad is not None:
            pad.set("pos", text((0, 0.0038, c.TCP_OFFSET - c.FINGER_OFFSET)))
    contact = ET.SubElement(root, "contact")
    ET.SubElement(contact, "pair", geom1="pad_left", geom2="pad_right", condim="3")
