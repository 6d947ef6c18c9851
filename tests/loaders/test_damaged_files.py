"""Files damaged at random places: whatever happens, it is told in one line, and nothing else is raised."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.loaders.damage import damage_copy, read_all
from tests.loaders.write_bags import one_json_mcap, one_mcap_bag, one_ros1_bag, one_sqlite_bag
from tests.loaders.write_episode_hdf5 import write_aloha, write_droid, write_robomind, write_robotwin
from tests.loaders.write_lerobot import write_v2, write_v3
from tests.loaders.write_robomimic import write_robomimic

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
        damage_copy(whole, broken, chance)
        lines = read_all(broken)
        told += any(not any(words in line for words in SAID_OF_WHOLE_FILES) for line in lines)
        assert all(line and "\n" not in line for line in lines)
    assert told > 5
