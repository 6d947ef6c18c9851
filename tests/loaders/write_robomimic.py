"""Writes robomimic-style HDF5 files with h5py alone."""

import json
from pathlib import Path

import h5py
import numpy as np

from tests.loaders.number_pictures import numbered_picture

RATE_HZ = 20.0


def add_demo(data: h5py.Group, name: str, frames: int = 12, *, seed: int = 0, pictures: bool = True) -> h5py.Group:
    """A demo with the usual robosuite observations; picture i of demo `seed` carries the number 100 * seed + i."""
    random = np.random.default_rng(seed)
    demo = data.create_group(name)
    demo.attrs["num_samples"] = frames
    demo.create_dataset("actions", data=random.normal(size=(frames, 7)))
    demo.create_dataset("rewards", data=np.zeros(frames))
    obs = demo.create_group("obs")
    half = np.linspace(0.04, 0.01, frames) + 0.001 * seed
    obs.create_dataset("robot0_eef_pos", data=random.normal(scale=0.1, size=(frames, 3)))
    obs.create_dataset("robot0_eef_quat", data=_quaternions(random, frames))
    obs.create_dataset("robot0_gripper_qpos", data=np.stack([half, -half], axis=1).clip(-0.04, 0.04))
    obs.create_dataset("robot0_joint_pos", data=random.normal(size=(frames, 7)))
    obs.create_dataset("robot0_joint_pos_cos", data=random.normal(size=(frames, 7)))
    if pictures:
        images = np.stack([numbered_picture(100 * seed + i) for i in range(frames)])
        obs.create_dataset("agentview_image", data=images, chunks=(5, *images.shape[1:]), compression="gzip")
    return demo


def write_robomimic(path: Path, *, demos: tuple[str, ...] = ("demo_1", "demo_2", "demo_10"), frames: int = 12) -> Path:
    """A file with some demos, stored in an unnatural order, and the rate in env_args."""
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = json.dumps({"env_name": "PickPlaceCan", "env_kwargs": {"control_freq": RATE_HZ}})
        for seed, name in reversed(list(enumerate(demos))):
            add_demo(data, name, frames, seed=seed)
    return path


def _quaternions(random: np.random.Generator, count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    values = random.normal(size=(count, 4))
    return values / np.linalg.norm(values, axis=1, keepdims=True)
