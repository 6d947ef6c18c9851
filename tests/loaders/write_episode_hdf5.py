"""Writes HDF5 files of one episode each with h5py and OpenCV alone, as the projects that made them known do."""

import json
from pathlib import Path

import cv2
import h5py
import numpy as np

from tests.loaders.number_pictures import numbered_picture, write_video

FRAMES = 12
CAMERAS = ("cam_high", "cam_left_wrist")


def coloured_picture(number: int) -> np.ndarray:
    """A numbered picture with an orange band at its foot: red above blue."""
    picture = numbered_picture(number)
    picture[70:] = (220, 120, 30)
    return picture


def jpeg(picture: np.ndarray) -> np.ndarray:
    """What cv2.imencode makes of an array; it takes the first channel for blue."""
    done, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])
    assert done
    return encoded.reshape(-1)


def aloha_arm(seed: int, frames: int = FRAMES) -> np.ndarray:
    """(frames, 14) positions of two arms of six joints and a gripper each, grippers 0-1."""
    steps = np.linspace(0.0, 1.0, frames)[:, None]
    arms = steps * np.arange(1, 15)[None] / 10 + 0.01 * seed
    arms[:, 6] = np.linspace(0.95, 0.2, frames)
    arms[:, 13] = 0.9
    return arms


def write_aloha(path: Path, seed: int = 0, frames: int = FRAMES, *, compress: bool = False, sim: bool = False) -> Path:
    """As ACT's record_episodes.py and its successors write it; RGB arrays go into the encoder as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w", rdcc_nbytes=1024**2 * 2) as root:
        root.attrs["sim"] = sim
        observations = root.create_group("observations")
        images = observations.create_group("images")
        pictures = [coloured_picture(100 * seed + i) for i in range(frames)]
        if compress:
            root.attrs["compress"] = True
            encoded = [jpeg(picture) for picture in pictures]
            padded_size = max(len(row) for row in encoded)
            padded = np.stack([np.pad(row, (0, padded_size - len(row))) for row in encoded])
            for name in CAMERAS:
                images.create_dataset(name, (frames, padded_size), dtype="uint8", chunks=(1, padded_size))[...] = padded
            root.create_dataset("compress_len", data=np.array([[len(row) for row in encoded]] * len(CAMERAS), float))
        else:
            for name in CAMERAS:
                shape = pictures[0].shape
                images.create_dataset(name, (frames, *shape), dtype="uint8", chunks=(1, *shape))[...] = pictures
        observations["qpos"] = aloha_arm(seed, frames)
        observations["qvel"] = np.gradient(aloha_arm(seed, frames), axis=0)
        if not sim:
            observations["effort"] = 30 * np.sin(aloha_arm(seed, frames))
        root["action"] = aloha_arm(seed, frames) + 0.02
    return path


def write_aloha_folder(folder: Path, *, compress: bool = False) -> Path:
    """Three episodes; picture i of episode k in natural order carries the number 100 * k + i."""
    for k, number in enumerate((0, 2, 10)):
        write_aloha(folder / f"episode_{number}.hdf5", k, compress=compress)
    return folder


def write_droid(folder: Path, seed: int = 0, frames: int = FRAMES, *, success: bool = True) -> Path:
    """As DROID's TrajectoryWriter does: rows appended to resizable arrays, videos and a description beside."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    begin_ms = 1_688_700_000_000 + 1_000_000 * seed
    joints = np.cumsum(random.normal(scale=0.02, size=(frames, 7)), axis=0)
    pose = np.cumsum(random.normal(scale=0.01, size=(frames, 6)), axis=0)
    gripper = np.linspace(0.0, 0.8, frames)
    columns = {
        "action/cartesian_position": pose + 0.003,
        "action/joint_position": joints + 0.01,
        "action/joint_velocity": np.gradient(joints, axis=0),
        "action/gripper_position": gripper,
        "observation/robot_state/cartesian_position": pose,
        "observation/robot_state/joint_positions": joints,
        "observation/robot_state/joint_velocities": np.gradient(joints, axis=0),
        "observation/robot_state/gripper_position": gripper,
        "observation/camera_type/22008760": np.ones(frames, int),
        "observation/timestamp/control/step_start": begin_ms + 67 * np.arange(frames),
        "observation/timestamp/cameras/22008760_read_start": begin_ms + 67 * np.arange(frames) + 12,
        "observation/timestamp/robot_state/read_start": begin_ms + 67 * np.arange(frames) + 3,
        "observation/timestamp/skip_action": np.zeros(frames, bool),
    }
    with h5py.File(folder / "trajectory.h5", "w") as file:
        for name, values in columns.items():
            shape = values.shape[1:]
            item = file.create_dataset(name, (1, *shape), maxshape=(None, *shape), dtype=values.dtype)
            item.resize(frames, axis=0)
            item[...] = values
    about = {
        "current_task": "Put the marker in the pot",
        "success": success,
        "wrist_cam_serial": "16291792",
        "ext1_cam_serial": "22008760",
        "trajectory_length": frames,
    }
    (folder / f"metadata_LAB+1+2023-07-07-{seed}.json").write_text(json.dumps(about))
    for serial in ("16291792", "22008760"):
        write_video(folder / "recordings/MP4" / f"{serial}.mp4", [100 * seed + i for i in range(frames)])
    return folder / "trajectory.h5"


def write_robotwin(path: Path, seed: int = 0, frames: int = FRAMES) -> Path:
    """As RoboTwin does: JPEG bytes as strings of one length, RGB arrays into the encoder, quaternions w first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    encoded = [jpeg(coloured_picture(100 * seed + i)).tobytes() for i in range(frames)]
    length = max(len(row) for row in encoded)
    arm = np.linspace(0.1, 0.9, frames)[:, None] * np.arange(1, 7)[None]
    pose = np.concatenate([arm[:, :3] / 10, np.tile([1.0, 0.0, 0.0, 0.0], (frames, 1))], axis=1)
    with h5py.File(path, "w") as file:
        for camera in ("head_camera", "left_camera"):
            rows = np.array([row.ljust(length, b"\0") for row in encoded], dtype=f"S{length}")
            file.create_dataset(f"observation/{camera}/rgb", data=rows)
            file[f"observation/{camera}/intrinsic_cv"] = np.tile(np.eye(3), (frames, 1, 1))
        for side in ("left", "right"):
            file[f"endpose/{side}_endpose"] = pose
            file[f"endpose/{side}_gripper"] = np.linspace(1.0, 0.0, frames)
            file[f"joint_action/{side}_arm"] = arm
            file[f"joint_action/{side}_gripper"] = np.linspace(1.0, 0.0, frames)
        file["joint_action/vector"] = np.concatenate([arm, np.ones((frames, 1)), arm, np.ones((frames, 1))], axis=1)
        file["pointcloud"] = np.zeros((frames, 1024, 6))
    return path


def write_robomind(path: Path, seed: int = 0, frames: int = FRAMES) -> Path:
    """As RoboMIND does: pictures and depth as rows of bytes of their own length, the leader arm as the command."""
    path.parent.mkdir(parents=True, exist_ok=True)
    joints = np.cumsum(np.random.default_rng(seed).normal(scale=0.02, size=(frames, 8)), axis=0)
    with h5py.File(path, "w") as file:
        bytes_of_any_length = h5py.vlen_dtype(np.dtype("uint8"))
        for camera in ("camera_left", "camera_top"):
            item = file.create_dataset(f"observations/rgb_images/{camera}", (frames,), dtype=bytes_of_any_length)
            depth = file.create_dataset(f"observations/depth_images/{camera}", (frames,), dtype=bytes_of_any_length)
            for i in range(frames):
                item[i] = jpeg(numbered_picture(100 * seed + i)[:, :, ::-1])
                depth[i] = cv2.imencode(".png", np.full((48, 64), 900 + i, np.uint16))[1].reshape(-1)
        file["master/joint_position"] = joints + 0.01
        file["puppet/joint_position"] = joints
        file["puppet/end_effector"] = joints[:, :6]
        file["language_raw"] = np.array(["put the bread on the plate"], dtype=h5py.string_dtype())
    return path
