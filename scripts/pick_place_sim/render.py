"""Draws the cameras of a recorded episode by putting the scene into every frame's posture."""

import mujoco
import numpy as np

from pick_place_sim import constants as c
from pick_place_sim.scene import Layout, compile_scene

CAMERAS = ("front", "wrist")


def render_frames(layout: Layout, qpos: np.ndarray, cameras: tuple[str, ...] = CAMERAS) -> dict[str, np.ndarray]:
    """RGB pictures, one array (frames, height, width, 3) per camera."""
    model = compile_scene(layout)
    data = mujoco.MjData(model)
    pictures: dict[str, list[np.ndarray]] = {camera: [] for camera in cameras}
    with mujoco.Renderer(model, c.IMAGE_HEIGHT, c.IMAGE_WIDTH) as renderer:
        for row in qpos:
            data.qpos[:] = row
            mujoco.mj_kinematics(model, data)
            mujoco.mj_camlight(model, data)
            for camera in cameras:
                renderer.update_scene(data, camera)
                pictures[camera].append(renderer.render().copy())
    return {camera: np.stack(frames) for camera, frames in pictures.items()}
