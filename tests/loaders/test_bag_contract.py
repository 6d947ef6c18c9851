"""The bag loader keeps the loader's promises, for every kind of storage."""

from pathlib import Path

import pytest
from mcap.writer import CompressionType

from tests.contracts.loader_contract import LoaderContract
from tests.loaders.write_bags import (
    Messages,
    demonstration,
    json_demonstration,
    write_json_mcap,
    write_mcap,
    write_ros1,
    write_ros2,
)

EPISODES = 3
FRAMES = 12


class TestRos1Bags(LoaderContract):
    """Plain, bz2 and lz4."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        messages = Messages(ros1=True)
        for k, compression in enumerate(("", "bz2", "lz4")):
            sent = demonstration(messages, 100 * k, FRAMES + k)
            write_ros1(tmp_path / "bags" / f"take_{k + 8}.bag", sent, messages, compression)
        return tmp_path / "bags"


class TestRos2McapFolders(LoaderContract):
    """Without compression, with compressed chunks, and compressed as a whole file."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        messages = Messages()
        for k, compression in enumerate(("", "storage", "file")):
            sent = demonstration(messages, 100 * k, FRAMES + k)
            write_ros2(tmp_path / "bags" / f"take_{k + 8}", sent, messages, "mcap", compression)
        return tmp_path / "bags"


class TestRos2SqliteFolders(LoaderContract):
    """Without compression, message by message, and compressed as a whole file."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        messages = Messages()
        for k, compression in enumerate(("", "message", "file")):
            sent = demonstration(messages, 100 * k, FRAMES + k)
            write_ros2(tmp_path / "bags" / f"take_{k + 8}", sent, messages, "sqlite3", compression)
        return tmp_path / "bags"


class TestMcapFiles(LoaderContract):
    """ROS 1 messages, ROS 2 messages in small chunks, and a file without chunks and without index."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        folder = tmp_path / "bags"
        for k, (ros1, options) in enumerate(
            (
                (True, {"compression": CompressionType.LZ4}),
                (False, {"compression": CompressionType.ZSTD, "chunk_size": 4096}),
                (False, {"use_chunking": False, "use_statistics": False}),
            )
        ):
            messages = Messages(ros1=ros1)
            write_mcap(folder / f"take_{k + 8}.mcap", demonstration(messages, 100 * k, FRAMES + k), messages, **options)
        return folder


class TestJsonMcapFiles(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        for k in range(EPISODES):
            write_json_mcap(tmp_path / "bags" / f"take_{k + 8}.mcap", json_demonstration(100 * k, FRAMES + k))
        return tmp_path / "bags"
