"""Logs the robot of the 3D scene: the shapes of its links where its model has some, bones where not."""

import numpy as np
import numpy.typing as npt
import rerun as rr

from failview.model.episode import Episode
from failview.model.robot import LinkPoses, LinkShape, Robot, ShapeKind, Values
from failview.viewer import entity_paths as paths
from failview.viewer.time_columns import frame_columns

Known = npt.NDArray[np.bool_]

_BONE_SHARE = 0.05
_LARGEST_SHARE = 0.023
"""Radius of a bone, in parts of its length and of the longest bone: the short ones of a gripper are thin, so that they
do not hide what it holds."""

_JOINT_FACTOR = 2.0
_SHORTEST_BONE_M = 0.001
_MEDIA_TYPES = {
    ".stl": "model/stl",
    ".obj": "model/obj",
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
    ".dae": "model/vnd.collada+xml",
}
"""Rerun's own guess fails for COLLADA, which it takes for plain XML."""

_BONE = (74, 84, 93)
_JOINT = (104, 116, 127)
_NO_TURN = np.array([0.0, 0.0, 0.0, 1.0])
_SHAPE = (104, 116, 127)


def log_robot(stream: rr.RecordingStream, episode: Episode, robot: Robot) -> None:
    """Log the robot at every frame, in greys that leave trail and object in front. It is gone where it is unknown."""
    frames = np.arange(episode.num_frames, dtype=np.int64)
    poses = robot.link_poses(frames)
    known = np.asarray(np.isfinite(poses.positions_m).all(axis=(1, 2)))
    if known.any():
        columns = frame_columns(episode.clock, frames)
        _log_shapes(stream, robot, poses, known, columns)
        _log_bones(stream, robot, poses.positions_m, known, columns)


def _log_bones(
    stream: rr.RecordingStream, robot: Robot, positions_m: Values, known: Known, columns: list[rr.TimeColumn]
) -> None:
    """A line from each link to the one that it hangs on, unless both have shapes."""
    shaped = {shape.link for shape in robot.shapes}
    bare = [n for n, link in enumerate(robot.links) if link.parent >= 0 and not {n, link.parent} <= shaped]
    pairs = np.array([(robot.links[number].parent, number) for number in bare], dtype=np.int64).reshape(-1, 2)
    ends_m = positions_m[known][:, pairs]
    lengths_m = np.linalg.norm(ends_m[:, :, 0] - ends_m[:, :, 1], axis=2).max(axis=0)
    ends_m = np.asarray(ends_m[:, lengths_m > _SHORTEST_BONE_M])
    radii_m = np.minimum(_BONE_SHARE * lengths_m, _LARGEST_SHARE * lengths_m.max(initial=0.0))
    radii_m = radii_m[lengths_m > _SHORTEST_BONE_M]
    if not len(radii_m):
        return
    counts = known.astype(np.int64) * len(radii_m)
    stream.log(paths.ROBOT_BONES, rr.LineStrips3D.from_fields(colors=[_BONE], radii=radii_m), static=True)
    strips = ends_m.reshape(-1, 2, 3).astype(np.float32)
    stream.send_columns(paths.ROBOT_BONES, columns, rr.LineStrips3D.columns(strips=strips).partition(counts))
    style = rr.Points3D.from_fields(colors=[_JOINT], radii=_JOINT_FACTOR * radii_m)
    stream.log(paths.ROBOT_JOINTS, style, static=True)
    joints = rr.Points3D.columns(positions=ends_m[:, :, 0].reshape(-1, 3))
    stream.send_columns(paths.ROBOT_JOINTS, columns, joints.partition(counts))


def _log_shapes(
    stream: rr.RecordingStream, robot: Robot, poses: LinkPoses, known: Known, columns: list[rr.TimeColumn]
) -> None:
    for number in sorted({shape.link for shape in robot.shapes}):
        moves = rr.Transform3D.columns(
            translation=np.nan_to_num(poses.positions_m[:, number]),
            quaternion=np.where(known[:, None], poses.orientations_xyzw[:, number], _NO_TURN),
            scale=np.repeat(known.astype(np.float64)[:, None], 3, axis=1),
        )
        stream.send_columns(paths.robot_link_path(number), columns, moves)
    for number, shape in enumerate(robot.shapes):
        path = f"{paths.robot_link_path(shape.link)}/{number}"
        turn = rr.Quaternion(xyzw=shape.orientation_xyzw)
        scale = shape.size if shape.kind is ShapeKind.MESH else None
        stream.log(path, rr.Transform3D(translation=shape.position_m, quaternion=turn, scale=scale), static=True)
        stream.log(path, _body(shape), static=True)


def _body(shape: LinkShape) -> rr.AsComponents:
    width, depth, height = shape.size
    if shape.kind is ShapeKind.CYLINDER:
        return rr.Cylinders3D(lengths=[height], radii=[width / 2], colors=[_SHAPE], fill_mode="solid")
    if shape.kind is ShapeKind.SPHERE:
        return rr.Ellipsoids3D(half_sizes=[(width / 2, depth / 2, height / 2)], colors=[_SHAPE], fill_mode="solid")
    if shape.kind is ShapeKind.BOX:
        return rr.Boxes3D(sizes=[shape.size], colors=[_SHAPE], fill_mode="solid")
    suffix = "" if shape.mesh is None else shape.mesh.suffix.lower()
    return rr.Asset3D(path=shape.mesh, media_type=_MEDIA_TYPES.get(suffix), albedo_factor=_SHAPE)
