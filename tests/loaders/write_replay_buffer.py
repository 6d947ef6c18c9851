"""Writes replay buffers of diffusion policy and UMI with zarr alone."""

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import imagecodecs.numcodecs
import numpy as np
import zarr

from tests.loaders.number_pictures import numbered_picture

LENGTHS = (12, 7, 9)


def buffer_arrays(lengths: Sequence[int] = LENGTHS) -> dict[str, np.ndarray[Any, Any]]:
    """UMI's arrays; picture i of episode k carries the number 100 * k + i."""
    random = np.random.default_rng(0)
    rows = sum(lengths)
    turned = np.linspace(0, 1, rows)[:, None] * np.array([0.0, 0.0, np.pi / 2])
    return {
        "camera0_rgb": np.stack([numbered_picture(100 * k + i) for k, n in enumerate(lengths) for i in range(n)]),
        "robot0_eef_pos": random.normal(scale=0.1, size=(rows, 3)).astype(np.float32),
        "robot0_eef_rot_axis_angle": turned.astype(np.float32),
        "robot0_gripper_width": np.linspace(0.08, 0.01, rows)[:, None].astype(np.float32),
        "robot0_demo_start_pose": np.zeros((rows, 6)),
        "action": random.normal(size=(rows, 7)).astype(np.float32),
    }


def write_buffer(
    path: Path,
    arrays: dict[str, np.ndarray[Any, Any]] | None = None,
    *,
    ends: object = None,
    zarr_format: int = 2,
    picture_chunk: int = 5,
    **picture_options: Any,
) -> Path:
    """A replay buffer in a folder; chunks go across episodes."""
    root = zarr.open_group(path, mode="w", zarr_format=zarr_format)
    data, meta = root.create_group("data"), root.create_group("meta")
    for name, values in (buffer_arrays() if arrays is None else arrays).items():
        is_picture = values.ndim == 4
        rows = picture_chunk if is_picture else 8
        options = picture_options if is_picture else {}
        made = data.create_array(
            name, shape=values.shape, dtype=values.dtype, chunks=(rows, *values.shape[1:]), **options
        )
        made[:] = values
    stops = np.cumsum(LENGTHS) if ends is None else np.asarray(ends)
    meta.create_array("episode_ends", shape=stops.shape, dtype=stops.dtype, chunks=stops.shape or (1,))[...] = stops
    return path


def write_umi(path: Path) -> Path:
    """As UMI writes it: JPEG-XL, one picture per chunk."""
    imagecodecs.numcodecs.register_codecs("imagecodecs_jpegxl", verbose=False)
    codec = imagecodecs.numcodecs.Jpegxl(level=99, numthreads=1)
    return write_buffer(path, picture_chunk=1, compressors=codec)


def zipped(folder: Path, to: Path, *, prefix: str = "", compression: int = zipfile.ZIP_STORED) -> Path:
    """A folder as a zip; the folder is removed."""
    with zipfile.ZipFile(to, "w", compression) as archive:
        for file in sorted(item for item in folder.rglob("*") if item.is_file()):
            archive.write(file, prefix + file.relative_to(folder).as_posix())
    shutil.rmtree(folder)
    return to
