"""Writes episodes in robomimic's HDF5 layout, with the robot's model and a profile beside the file."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import h5py
import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.panda_model import dynamics_mjcf

from evaluation_set.recording import BASE, FIELDS, POSES, Recording

ENV_ARGS: Final = {
    "env_name": "PandaPickPlace", "type": 1, "env_version": "1.0",
    "env_kwargs": {"robots": ["Panda"], "control_freq": c.FRAME_HZ, "sim_freq": c.PHYSICS_HZ},
}  # fmt: skip
PROFILE: Final = f"""# Profile of a simulated evaluation set.

[gripper]
aperture_min_m = 0.0
aperture_max_m = {c.APERTURE_MAX}

[robot]
model = "model/panda.xml"
ee_frame = "eef"
base = [{", ".join(map(str, BASE))}]  # the recorded positions are in a world whose table top is at z = {BASE[2]}

[success]
criterion = "distance"
distance_m = {c.GOAL_RADIUS}
"""


def write_file(path: Path, recordings: Sequence[Recording]) -> None:
    """Write the episodes as demo_0, demo_1, …, the model and the profile; nothing tells what went wrong."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = {name: {"units": units, "description": text} for name, (units, text) in FIELDS.items()}
    held = recordings[0].obs if recordings else {}
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = json.dumps(ENV_ARGS)
        data.attrs["fields"] = json.dumps({name: value for name, value in fields.items() if name in held})
        data.attrs["control_freq_hz"] = c.FRAME_HZ
        data.attrs["total"] = sum(recording.num_frames for recording in recordings)
        for number, recording in enumerate(recordings):
            _write_demo(data.create_group(f"demo_{number}"), recording)
    model = path.parent / "model" / "panda.xml"
    model.parent.mkdir(exist_ok=True)
    model.write_text(dynamics_mjcf(), encoding="utf-8")
    path.with_name(path.name + ".failview.toml").write_text(_profile(held), encoding="utf-8")


def _profile(held: dict[str, np.ndarray]) -> str:
    """The profile; without poses nothing says by distance what a success is."""
    return PROFILE if set(POSES) <= set(held) else PROFILE[: PROFILE.index("\n[success]")]


def _write_demo(demo: h5py.Group, recording: Recording) -> None:
    demo.attrs["num_samples"] = recording.num_frames
    done = np.zeros(recording.num_frames, dtype=np.int64)
    done[-1] = 1
    single = {"actions": recording.actions, "actions_abs": recording.actions_abs, "states": recording.states}
    if recording.rewards is not None:
        single["rewards"] = recording.rewards
    for name, values in single.items():
        _put(demo, name, values)
    demo["dones"] = done
    demo["timestamps"] = recording.timestamps_s
    for name, values in recording.obs.items():
        _put(demo, f"obs/{name}", values)
    for name, values in recording.high_rate.items():
        _put(demo, f"highrate/{name}", values, wide=name == "timestamps")


def _put(demo: h5py.Group, name: str, values: np.ndarray, *, wide: bool = False) -> None:
    kept = values.astype(np.float64 if wide else np.float32)
    demo.create_dataset(name, data=kept, compression="gzip", compression_opts=1, shuffle=True)
