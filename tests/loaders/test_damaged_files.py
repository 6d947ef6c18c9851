"""Files damaged at random places: whatever happens, it is told in one line, and nothing else is raised."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from tests.loaders.write_bags import one_json_mcap, one_mcap_bag, one_ros1_bag, one_sqlite_bag
from tests.loaders.write_episode_hdf5 import write_aloha, write_droid, write_robomind, write_robotwin
from tests.loaders.write_lerobot import write_v2, write_v3
from tests.loaders.write_robomimic import write_robomimic


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Cut off, some bytes changed, or a stretch zeroed."""
    broken = bytearray(content)
    kind = chance.random()
    if kind < 0.3:
        return bytes(broken[: chance.randrange(len(broken))])
    if kind < 0.8:
        for _ in range(chance.choice([1, 3, 20])):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        return bytes(broken)
    start = chance.randrange(len(broken))
    stop = min(len(broken), start + chance.randrange(1, 2000))
    broken[start:stop] = bytes(stop - start)
    return bytes(broken)


def read_all(path: Path) -> list[str]:
    """Read everything; the lines of whatever could not be read."""
    lines: list[str] = []
    opened = open_dataset(path)
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
                    reader.read(frame)
                except DatasetError as error:
                    lines.append(str(error))
            reader.close()
    opened.close()
    return lines


WRITERS: dict[str, Callable[[Path], Path]] = {
    "bag": one_ros1_bag,
    "json.mcap": one_json_mcap,
    "mcap_folder": one_mcap_bag,
    "sqlite_folder": one_sqlite_bag,
    "hdf5": write_robomimic,
    "v2": write_v2,
    "v3": write_v3,
    "aloha": lambda path: write_aloha(path, compress=True),
    "aloha-raw": write_aloha,
    "robomind": write_robomind,
    "robotwin": write_robotwin,
    "droid": lambda path: write_droid(path).parent,
}
SAID_OF_WHOLE_FILES = ("order of colours", "no time and no rate", "dead stream", "1 for closed")


@pytest.mark.parametrize("kind", list(WRITERS))
def test_damage_is_told_in_one_line(tmp_path: Path, kind: str, nightly: bool) -> None:
    write = WRITERS[kind]
    whole, broken = tmp_path / f"whole.{kind}", tmp_path / f"broken.{kind}"
    write(whole)
    assert all(any(words in line for words in SAID_OF_WHOLE_FILES) for line in read_all(whole))
    chance = random.Random(kind)
    told = 0
    for _ in range(1000 if nightly else 40):
        if whole.is_file():
            broken.write_bytes(damaged(whole.read_bytes(), chance))
        else:
            shutil.rmtree(broken, ignore_errors=True)
            shutil.copytree(whole, broken)
            victim = chance.choice(sorted(path for path in broken.rglob("*") if path.is_file()))
            victim.write_bytes(damaged(victim.read_bytes(), chance))
        try:
            lines = read_all(broken)
        except DatasetError as error:
            lines = [str(error)]
        told += any(not any(words in line for words in SAID_OF_WHOLE_FILES) for line in lines)
        assert all(line and "\n" not in line for line in lines)
    assert told > 5
