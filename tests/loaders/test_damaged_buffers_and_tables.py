"""Replay buffers and tables damaged at random places: told in one line, and never a wrong picture out of a zip."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from failview.model.camera import Picture
from tests.loaders.damage import damage_copy, read_all
from tests.loaders.number_pictures import number_in
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


def require_right(episode_id: str, frame: int, picture: Picture) -> None:
    assert number_in(picture) == 100 * int(episode_id.rsplit("_", 1)[1]) + frame


def require_a_number(_episode_id: str, _frame: int, picture: Picture) -> None:
    number_in(picture)


@pytest.mark.parametrize("kind", list(WRITERS))
def test_damage_is_told_in_one_line(tmp_path: Path, kind: str, nightly: bool) -> None:
    whole, broken = tmp_path / f"whole.{kind}", tmp_path / f"broken.{kind}"
    WRITERS[kind](whole)
    seen = require_right if kind in {"zip", "umi"} else require_a_number
    usual = set(read_all(whole, seen))
    chance = random.Random(kind)
    told = 0
    for _ in range(1000 if nightly else 30):
        damage_copy(whole, broken, chance)
        lines = read_all(broken, seen)
        told += bool(set(lines) - usual)
        assert all(line and "\n" not in line for line in lines)
    assert told > 3
