"""The LeRobot loader keeps the loader's promises, for one video per episode and for one video of many."""

from pathlib import Path

import pytest

from tests.contracts.loader_contract import LoaderContract
from tests.loaders.write_lerobot import write_v2, write_v3


class TestLeRobotV2(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return write_v2(tmp_path / "v2")


class TestLeRobotV3(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return write_v3(tmp_path / "v3")
