"""HDF5 files of one episode each keep the loader's promises, however they store their pictures."""

from pathlib import Path

import pytest

from tests.contracts.loader_contract import LoaderContract
from tests.loaders.write_episode_hdf5 import write_aloha_folder, write_droid, write_robomind, write_robotwin


class TestAloha(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return write_aloha_folder(tmp_path / "aloha")


class TestAlohaCompressed(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return write_aloha_folder(tmp_path / "aloha", compress=True)


class TestDroid(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        for k, time in enumerate(("Fri_Jul__7_09:42:23_2023", "Fri_Jul__7_10:42:23_2023", "Sat_Jul__8_10:42:23_2023")):
            write_droid(tmp_path / "droid/success/2023-07-07" / time, k)
        return tmp_path / "droid"


class TestRoboTwin(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        for k, number in enumerate((0, 2, 10)):
            write_robotwin(tmp_path / f"beat_block/data/episode{number}.hdf5", k)
        return tmp_path / "beat_block"


class TestRoboMind(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        for k, name in enumerate(("1017_163121", "1017_163222", "1018_101010")):
            write_robomind(tmp_path / f"bread/success_episodes/{name}/data/trajectory.hdf5", k)
        return tmp_path / "bread"
