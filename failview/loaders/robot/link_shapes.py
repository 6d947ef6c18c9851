"""What there is to draw of a robot's links: the meshes and simple bodies that its model file names."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

from failview.loaders.robot.mesh_files import mesh_file
from failview.model.robot import LinkShape, ShapeKind

MAX_MESH_BYTES = 16_000_000
"""All meshes together; every episode in the viewer holds them once more."""

_COLLISION_GROUP = 3
"""MuJoCo's convention: geoms of groups 3 and above are not shown."""

_ORIENTATIONS = frozenset({"euler", "axisangle", "xyaxes", "zaxis", "fromto"})


def link_shapes(path: Path, root: ET.Element, links: Sequence[str]) -> tuple[LinkShape, ...]:
    """Shapes that can be drawn. What is missing or not understood is left out; kinematics needs none of it."""
    numbers = {name: number for number, name in enumerate(links)}
    found = _of_urdf(path, root, numbers) if root.tag == "robot" else _of_mjcf(path, root, numbers)
    shapes, files = [], set()
    try:
        for shape in found:
            shapes.append(shape)
            files |= {shape.mesh} if shape.mesh else set()
    except ValueError:
        return ()
    too_large = sum(file.stat().st_size for file in files) > MAX_MESH_BYTES
    return tuple(shape for shape in shapes if not (too_large and shape.mesh))


def _of_urdf(path: Path, root: ET.Element, numbers: Mapping[str, int]) -> Iterator[LinkShape]:
    for link in root.iter("link"):
        number = numbers.get(link.get("name", ""))
        for visual in link.findall("visual"):
            geometry, origin = visual.find("geometry"), visual.find("origin")
            if number is None or geometry is None or not len(geometry):
                continue
            placed = {} if origin is None else origin.attrib
            position, turn = _three(placed.get("xyz", "0 0 0")), _from_rpy(_three(placed.get("rpy", "0 0 0")))
            body = geometry[0]
            if body.tag == "mesh":
                file = mesh_file(path, body.get("filename", ""))
                if file is not None:
                    size = _three(body.get("scale", "1 1 1"))
                    yield LinkShape(number, ShapeKind.MESH, size, position, turn, file)
            elif body.tag in {"box", "cylinder", "sphere"}:
                yield LinkShape(number, ShapeKind(body.tag), _extent(body), position, turn)


def _extent(body: ET.Element) -> tuple[float, float, float]:
    """Edge lengths of the box around a simple body of a URDF, m."""
    if body.tag == "box":
        return _three(body.get("size", ""))
    width = 2 * float(body.get("radius", ""))
    return width, width, float(body.get("length", width))


def _of_mjcf(path: Path, root: ET.Element, numbers: Mapping[str, int]) -> Iterator[LinkShape]:
    """Mesh geoms alone: the simple geoms of an MJCF are mostly for collisions."""
    compiler = root.find("compiler")
    settings = {} if compiler is None else compiler.attrib
    folder = settings.get("meshdir") or settings.get("assetdir") or ""
    meshes = {}
    for mesh in root.iter("mesh"):
        file = mesh.get("file", "")
        if file:
            meshes[mesh.get("name") or Path(file).stem] = (f"{folder}/{file}" if folder else file, mesh)
    for body in root.iter("body"):
        number = numbers.get(body.get("name", ""))
        for geom in body.findall("geom"):
            if number is None or geom.get("mesh") not in meshes or _is_hidden(geom) or _ORIENTATIONS & set(geom.attrib):
                continue
            name, mesh = meshes[geom.get("mesh", "")]
            found = mesh_file(path, name)
            w, x, y, z = (float(part) for part in geom.get("quat", "1 0 0 0").split())
            if found is not None:
                size, position = _three(mesh.get("scale", "1 1 1")), _three(geom.get("pos", "0 0 0"))
                yield LinkShape(number, ShapeKind.MESH, size, position, (x, y, z, w), found)


def _is_hidden(geom: ET.Element) -> bool:
    return "collision" in geom.get("class", "") or int(geom.get("group", "0")) >= _COLLISION_GROUP


def _three(text: str) -> tuple[float, float, float]:
    """Three numbers.

    Raises:
        ValueError: There are not three.
    """
    x, y, z = (float(part) for part in text.split())
    return x, y, z


def _from_rpy(rpy_rad: tuple[float, float, float]) -> tuple[float, float, float, float]:
    """Quaternion x y z w of a URDF's roll, pitch, yaw (about the fixed x, y, z axes in this order)."""
    cr, cp, cy = np.cos(np.array(rpy_rad) / 2).tolist()
    sr, sp, sy = np.sin(np.array(rpy_rad) / 2).tolist()
    return (
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
        cr * cp * cy + sr * sp * sy,
    )
