"""Writes episodes as a LeRobot v3.0 dataset: one parquet file, one AV1 file per camera, metadata."""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pick_place_sim import constants as c
from pick_place_sim.recorder import Episode

CHUNK: Final = "chunk-000/file-000"
QUANTILES: Final = {"q01": 0.01, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q99": 0.99}
KEYFRAME_INTERVAL: Final = 20  # frames; one second, so that scrubbing never decodes more
STATS_PIXEL_STRIDE: Final = 8  # statistics of pictures from every 8th pixel of every 10th frame
XYZ: Final = ["x", "y", "z"]
QUAT: Final = ["x", "y", "z", "w"]
JOINTS: Final = [f"joint{number}" for number in range(1, 8)]

# Per feature: type, names of its elements (None for a scalar), unit, description.
FEATURES: Final[dict[str, tuple[str, list[str] | None, str | None, str]]] = {
    "observation.state": ("float32", [*JOINTS, "gripper_aperture"], "rad (7), m (1)", "joint positions and aperture"),
    "observation.joint_velocity": ("float32", JOINTS, "rad/s", "joint velocities"),
    "observation.joint_torque": ("float32", JOINTS, "Nm", "motor torques, gravity included"),
    "observation.external_torque": ("float32", JOINTS, "Nm", "torques of contacts, estimated; a held object counts"),
    "observation.gripper_aperture": ("float32", None, "m", "distance between the fingertips, 0 to 0.08"),
    "observation.gripper_force": ("float32", None, "N", "mean normal force of the fingertips over the last 50 ms"),
    "observation.wrench": (
        "float32", ["fx", "fy", "fz", "tx", "ty", "tz"], "N (3), Nm (3)",
        "force of the surroundings on the hand, hand frame, hand's own weight taken off, mean over the last 50 ms",
    ),
    "observation.ee_position": ("float32", XYZ, "m", "grip point, robot base frame"),
    "observation.ee_orientation": ("float32", QUAT, "quaternion xyzw", "grip point; z approaches, y closes"),
    "observation.ee_command": ("float32", XYZ, "m", "commanded grip point, robot base frame"),
    "observation.object_position": ("float32", XYZ, "m", "object's centre, robot base frame"),
    "observation.object_orientation": ("float32", QUAT, "quaternion xyzw", "object"),
    "observation.goal_position": ("float32", XYZ, "m", "where the object's centre should end, robot base frame"),
    "observation.phase": ("string", None, None, "approach, grasp, lift, transport, place or retreat"),
    "action": (
        "float32", ["dx", "dy", "dz", "rx", "ry", "rz", "gripper"], "0.05 m (3), 0.5 rad (3), +1 close -1 open (1)",
        "change of the commanded pose to the next frame, base frame",
    ),
    "next.reward": ("float32", None, None, "1 when the task is done"),
    "next.done": ("bool", None, None, "last frame of the episode"),
    "next.success": ("bool", None, None, "object within 3 cm of the goal, upright, let go and at rest"),
    "timestamp": ("float32", None, "s", "time since the start of the episode"),
    "frame_index": ("int64", None, None, "frame within the episode"),
    "episode_index": ("int64", None, None, "episode"),
    "index": ("int64", None, None, "row of the dataset"),
    "task_index": ("int64", None, None, "row of meta/tasks.parquet"),
}  # fmt: skip


@dataclass
class CameraStats:
    """Sparse pixel samples of one episode, 0..1, one row per pixel."""

    pixels: np.ndarray
    frames: int


class VideoWriter:
    """One AV1 file into which the episodes of one camera are written back to back."""

    def __init__(self, path: Path, *, crf: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._container = av.open(str(path), "w", options={"movflags": "+faststart"})
        options = {"crf": str(crf), "preset": "4", "g": str(KEYFRAME_INTERVAL), "svtav1-params": "tune=0"}
        self._stream = self._container.add_stream("libsvtav1", rate=c.FRAME_HZ, options=options)
        self._stream.width, self._stream.height, self._stream.pix_fmt = c.IMAGE_WIDTH, c.IMAGE_HEIGHT, "yuv420p"
        self._count = 0

    def add(self, pictures: np.ndarray) -> CameraStats:
        """Append the frames of one episode."""
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = self._count, Fraction(1, c.FRAME_HZ)
            self._count += 1
            self._container.mux(self._stream.encode(frame))
        sparse = pictures[::10, ::STATS_PIXEL_STRIDE, ::STATS_PIXEL_STRIDE].reshape(-1, 3) / 255.0
        return CameraStats(sparse, len(pictures[::10]))

    def close(self) -> None:
        """Flush and finish the file."""
        self._container.mux(self._stream.encode(None))
        self._container.close()


def _statistics(values: np.ndarray) -> dict[str, list[float] | list[int]]:
    """LeRobot's statistics over the rows of `values`."""
    rows = values.reshape(len(values), -1).astype(float)
    stats: dict[str, list[float] | list[int]] = {
        "min": rows.min(0).tolist(), "max": rows.max(0).tolist(), "mean": rows.mean(0).tolist(),
        "std": rows.std(0).tolist(), "count": [len(rows)],
    }  # fmt: skip
    stats |= {name: np.quantile(rows, share, axis=0).tolist() for name, share in QUANTILES.items()}
    return stats


def _camera_statistics(samples: list[CameraStats]) -> dict[str, Any]:
    stats: dict[str, Any] = _statistics(np.concatenate([sample.pixels for sample in samples]))
    nested = {name: [[[value]] for value in values] for name, values in stats.items()}
    nested["count"] = [sum(sample.frames for sample in samples)]
    return nested


class DatasetWriter:
    """Collects episodes and writes the dataset."""

    def __init__(self, root: Path, cameras: dict[str, int]) -> None:
        """Start a dataset in `root`; `cameras` maps each camera to its AV1 quality (crf)."""
        self.root = root
        self.cameras = tuple(cameras)
        self.videos = {
            camera: VideoWriter(root / f"videos/observation.images.{camera}/{CHUNK}.mp4", crf=crf)
            for camera, crf in cameras.items()
        }
        self.columns: list[dict[str, np.ndarray]] = []
        self.pixel_samples: list[dict[str, CameraStats]] = []
        self.tasks: list[str] = []
        self.task_of: list[str] = []

    def add(self, episode: Episode, pictures: dict[str, np.ndarray]) -> None:
        """Append one episode."""
        if episode.task not in self.tasks:
            self.tasks.append(episode.task)
        count, before = episode.num_frames, sum(len(columns["timestamp"]) for columns in self.columns)
        frames = np.arange(count)
        columns = dict(episode.features)
        columns |= {
            "timestamp": frames / c.FRAME_HZ, "frame_index": frames, "episode_index": np.full(count, len(self.columns)),
            "index": before + frames, "task_index": np.full(count, self.tasks.index(episode.task)),
        }  # fmt: skip
        self.columns.append(columns)
        self.task_of.append(episode.task)
        self.pixel_samples.append({camera: self.videos[camera].add(pictures[camera]) for camera in self.cameras})

    def finish(self) -> None:
        """Write everything but the pictures, which are already in their files."""
        for video in self.videos.values():
            video.close()
        self._write_data()
        self._write_tasks()
        self._write_episodes()
        whole = {name: np.concatenate([columns[name] for columns in self.columns]) for name in FEATURES}
        stats: dict[str, Any] = {
            name: _statistics(values) for name, values in whole.items() if FEATURES[name][0] != "string"
        }
        for camera in self.cameras:
            stats[f"observation.images.{camera}"] = _camera_statistics([item[camera] for item in self.pixel_samples])
        self._write_json("stats.json", stats)
        self._write_json("info.json", self._info())

    def _path(self, name: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _write_json(self, name: str, content: Any) -> None:
        self._path(f"meta/{name}").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

    def _write_data(self) -> None:
        arrays, fields = [], []
        for name, (dtype, names, _, _) in FEATURES.items():
            values = np.concatenate([columns[name] for columns in self.columns])
            kind = {"float32": pa.float32(), "int64": pa.int64(), "bool": pa.bool_(), "string": pa.string()}[dtype]
            if names is not None:
                flat = pa.array(values.astype(np.float32).ravel(), kind)
                array: pa.Array = pa.FixedSizeListArray.from_arrays(flat, len(names))
            else:
                array = pa.array(values.astype(str).tolist() if dtype == "string" else values, kind)
            arrays.append(array)
            fields.append(pa.field(name, array.type))
        table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
        pq.write_table(table, self._path(f"data/{CHUNK}.parquet"), compression="zstd", compression_level=15)

    def _write_tasks(self) -> None:
        frame = pd.DataFrame({"task_index": range(len(self.tasks))}, index=self.tasks)
        frame.to_parquet(self._path("meta/tasks.parquet"))

    def _write_episodes(self) -> None:
        rows, start = [], 0
        for number, (columns, samples) in enumerate(zip(self.columns, self.pixel_samples, strict=True)):
            count = len(columns["timestamp"])
            row: dict[str, Any] = {
                "episode_index": number, "tasks": [self.task_of[number]], "length": count, "data/chunk_index": 0,
                "data/file_index": 0, "dataset_from_index": start, "dataset_to_index": start + count,
            }  # fmt: skip
            for camera in self.cameras:
                key = f"videos/observation.images.{camera}"
                row |= {f"{key}/chunk_index": 0, f"{key}/file_index": 0}
                row[f"{key}/from_timestamp"] = start / c.FRAME_HZ
                row[f"{key}/to_timestamp"] = (start + count) / c.FRAME_HZ
            for name, (dtype, *_) in FEATURES.items():
                if dtype != "string":
                    row |= {f"stats/{name}/{key}": value for key, value in _statistics(columns[name]).items()}
            for camera in self.cameras:
                stats = _camera_statistics([samples[camera]])
                row |= {f"stats/observation.images.{camera}/{key}": value for key, value in stats.items()}
            row |= {"meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0}
            rows.append(row)
            start += count
        path = self._path(f"meta/episodes/{CHUNK}.parquet")
        table = pa.Table.from_pylist(rows)
        pq.write_table(table, path, compression="zstd", use_dictionary=False, write_statistics=False)

    def _info(self) -> dict[str, Any]:
        features: dict[str, Any] = {}
        for name, (dtype, names, unit, description) in FEATURES.items():
            features[name] = {"dtype": dtype, "shape": [len(names) if names else 1], "names": names}
            features[name] |= {"unit": unit} if unit else {}
            features[name]["description"] = description
        for camera in self.cameras:
            features[f"observation.images.{camera}"] = {
                "dtype": "video", "shape": [c.IMAGE_HEIGHT, c.IMAGE_WIDTH, 3], "names": ["height", "width", "channels"],
                "info": {
                    "video.height": c.IMAGE_HEIGHT, "video.width": c.IMAGE_WIDTH, "video.codec": "av1",
                    "video.pix_fmt": "yuv420p", "video.is_depth_map": False, "video.fps": c.FRAME_HZ,
                    "video.channels": 3, "has_audio": False,
                },
            }  # fmt: skip
        total = sum(len(columns["timestamp"]) for columns in self.columns)
        return {
            "codebase_version": "v3.0", "robot_type": "panda", "total_episodes": len(self.columns),
            "total_frames": total, "total_tasks": len(self.tasks), "chunks_size": 1000, "data_files_size_in_mb": 100,
            "video_files_size_in_mb": 500, "fps": c.FRAME_HZ, "splits": {"train": f"0:{len(self.columns)}"},
            "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
            "video_path": "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
            "features": features,
        }  # fmt: skip
