"""The robomimic-style HDF5 loader keeps the loader's promises."""

from pathlib import Path

import pytest

from tests.contracts.loader_contract import LoaderContract
from tests.loaders.write_robomimic import write_robomimic


class TestRobomimicHdf5(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return write_robomimic(tmp_path / "demos.hdf5")
