"""Writes recordings as plain tables with the csv module, pyarrow and PyAV."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.loaders.number_pictures import write_video

RATE_HZ = 20.0
LENGTHS = (12, 9, 15)


def recording(rows: int, seed: int) -> dict[str, np.ndarray[Any, Any]]:
    """Columns as people name them."""
    random = np.random.default_rng(seed)
    columns = {"t": np.round(np.arange(rows) / RATE_HZ, 6)}
    columns |= {f"joint_{index}": random.normal(size=rows) for index in range(7)}
    columns |= {f"ee_{axis}": random.normal(scale=0.1, size=rows) for axis in "xyz"}
    quaternions = random.normal(size=(rows, 4))
    quaternions /= np.linalg.norm(quaternions, axis=1, keepdims=True)
    columns |= {f"ee_q{axis}": quaternions[:, index] for index, axis in enumerate("xyzw")}
    columns |= {f"f{axis}": random.normal(size=rows) for axis in "xyz"}
    columns["gripper_width"] = np.linspace(0.08, 0.0, rows)
    return columns


def write_csv(path: Path, columns: dict[str, Any], delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(columns)
        writer.writerows(zip(*(np.asarray(values).tolist() for values in columns.values()), strict=True))
    return path


def write_folder(folder: Path, suffix: str = ".csv", lengths: tuple[int, ...] = LENGTHS) -> Path:
    """Episodes run_1, run_2, run_10, each with two videos; picture i of episode k carries the number 100 * k + i."""
    folder.mkdir()
    for seed, (name, rows) in enumerate(zip(("run_1", "run_2", "run_10"), lengths, strict=True)):
        columns = recording(rows, seed)
        if suffix == ".csv":
            write_csv(folder / f"{name}.csv", columns)
        else:
            pq.write_table(pa.table(columns), folder / f"{name}.parquet")
        numbers = [100 * seed + frame for frame in range(rows)]
        write_video(folder / f"{name}.mp4", numbers, rate_hz=20)
        write_video(folder / f"{name}_wrist.mp4", numbers, rate_hz=20)
    return folder
