"""Pictures stored in columns of a Parquet file of one episode."""

import importlib
from collections.abc import Sequence
from pathlib import Path

from failview.errors import DatasetError
from failview.loaders.fingerprint import Fingerprint
from failview.loaders.lerobot.lerobot_episodes import damage_told, open_parquet
from failview.loaders.lerobot.parquet_rows import stored_bytes
from failview.model.camera import Camera


def picture_cameras(
    path: Path, columns: Sequence[str], num_frames: int, warnings: list[str], fingerprint: Fingerprint
) -> list[Camera]:
    """Cameras over columns of encoded pictures; what cannot be shown gets a line in `warnings`."""
    if not columns:
        return []
    pictures = importlib.import_module("failview.loaders.lerobot.parquet_pictures")  # OpenCV, only where needed
    numbers = _episode_numbers(path)
    if len(numbers) > 1:
        warnings.append(f"{', '.join(columns)}: not shown, because this table holds {len(numbers)} episodes")
        return []
    cameras = []
    for name in columns:
        with open_parquet(path) as file:
            fingerprint.add_text(f"{name}|{stored_bytes(file, name, numbers[0])}")
        try:
            source = pictures.PictureColumn(path, path.parent, name, numbers[0], num_frames)
            cameras.append(pictures.parquet_camera(name.rsplit(".", 1)[-1], source, (0, 0)))
        except DatasetError as error:
            warnings.append(f"{name}: {error.what}: this camera is not shown")
    return cameras


def _episode_numbers(path: Path) -> list[int]:
    """Numbers of the episodes that the rows name; 0 alone when they name none."""
    with open_parquet(path) as file, damage_told(path):
        if "episode_index" not in file.schema_arrow.names:
            return [0]
        found = file.read(columns=["episode_index"])["episode_index"].unique().to_pylist()
    return [int(number) for number in found if isinstance(number, int)] or [0]
