"""The loader of plain tables keeps the loader's promises."""

from pathlib import Path

import pytest

from tests.contracts.loader_contract import LoaderContract
from tests.loaders.write_tables import write_folder


class TestCsvWithVideos(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return write_folder(tmp_path / "runs")


class TestParquetWithVideos(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return write_folder(tmp_path / "runs", ".parquet")
