"""Replay buffers and tables damaged at random places: told in one line, and never a wrong picture out of a zip."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from tests.loaders.number_pictures import number_in
from tests.loaders.test_damaged_files import damaged
from tests.loaders.write_replay_buffer import write_buffer, write_umi, zipped
from tests.loaders.write_tables import write_folder

WRITERS: dict[str, Callable[[Path], Path]] = {
    "v2": write_buffer,
    "v3": lambda path: write_buffer(path, zarr_format=3),
    "shards": lambda path: write_buffer(path, zarr_format=3, picture_chunk=2, shards=(10, 96, 64, 3)),
    "zip": lambda path: zipped(write_buffer(path.with_name("folder")), path),
    "umi": lambda path: zipped(write_umi(path.with_name("folder")), path),
    "csv": write_folder,
    "parquet": lambda path: write_folder(path, ".parquet"),
}


def read_all(path: Path, *, exact: bool) -> list[str]:
    """Read everything; the lines of whatever is doubtful or could not be read."""
    opened = open_dataset(path)
    lines = list(opened.warnings)
    for entry in opened.entries:
        try:
            episode = opened.open_episode(entry.episode_id)
            opened.report(entry.episode_id)
        except DatasetError as error:
            lines.append(str(error))
            continue
        lines += episode.warnings
        for camera in episode.cameras.values():
            reader = camera.open_reader()
            for frame in {0, camera.num_frames // 2, camera.num_frames - 1}:
                try:
                    number = number_in(reader.read(frame))
                except DatasetError as error:
                    lines.append(str(error))
                    continue
                assert not exact or number == 100 * int(entry.episode_id.rsplit("_", 1)[1]) + frame
            reader.close()
    opened.close()
    return lines


@pytest.mark.parametrize("kind", list(WRITERS))
def test_damage_is_told_in_one_line(tmp_path: Path, kind: str, nightly: bool) -> None:
    whole, broken = tmp_path / f"whole.{kind}", tmp_path / f"broken.{kind}"
    WRITERS[kind](whole)
    usual = set(read_all(whole, exact=kind in {"zip", "umi"}))
    chance = random.Random(kind)
    told = 0
    for _ in range(1000 if nightly else 30):
        if whole.is_file():
            broken.write_bytes(damaged(whole.read_bytes(), chance))
        else:
            shutil.rmtree(broken, ignore_errors=True)
            shutil.copytree(whole, broken)
            victim = chance.choice(sorted(path for path in broken.rglob("*") if path.is_file()))
            victim.write_bytes(damaged(victim.read_bytes(), chance))
        try:
            lines = read_all(broken, exact=kind in {"zip", "umi"})
        except DatasetError as error:
            lines = [str(error)]
        told += bool(set(lines) - usual)
        assert all(line and "\n" not in line for line in lines)
    assert told > 3
