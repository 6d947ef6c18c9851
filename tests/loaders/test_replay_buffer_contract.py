"""The zarr loader keeps the loader's promises, for every way in which replay buffers are stored."""

import zipfile
from pathlib import Path

import cv2
import numcodecs
import numpy as np
import pytest
import zarr
from zarr.dtype import VariableLengthBytes

from tests.contracts.loader_contract import LoaderContract
from tests.loaders.write_replay_buffer import buffer_arrays, write_buffer, write_umi, zipped


class TestZarrV2Folder(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return write_buffer(tmp_path / "replay.zarr")


class TestZarrV3Folder(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return write_buffer(tmp_path / "replay.zarr", zarr_format=3)


class TestZarrV3Shards(LoaderContract):
    """Shards of ten pictures in chunks of two; both lie across episodes."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return write_buffer(tmp_path / "replay.zarr", zarr_format=3, picture_chunk=2, shards=(10, 96, 64, 3))


class TestZip(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return zipped(write_buffer(tmp_path / "folder"), tmp_path / "replay.zarr.zip")


class TestZipOfAFolderUnderAnotherName(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        folder = write_buffer(tmp_path / "folder", zarr_format=3)
        return zipped(folder, tmp_path / "upload.zip", prefix="a/replay.zarr/", compression=zipfile.ZIP_DEFLATED)


class TestUmi(LoaderContract):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return zipped(write_umi(tmp_path / "folder"), tmp_path / "umi.zarr.zip")


class TestFloatPicturesChannelsFirst(LoaderContract):
    """DATA 11: float32 0-255, channels first; the first picture of the buffer is nearly black."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        arrays = buffer_arrays()
        arrays["camera0_rgb"] = np.moveaxis(arrays["camera0_rgb"], 3, 1).astype(np.float32)
        return write_buffer(tmp_path / "replay.zarr", arrays)


class TestEncodedPictures(LoaderContract):
    """DATA 11: rows of encoded bytes, each of its own length."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        arrays = buffer_arrays()
        pictures = arrays.pop("camera0_rgb")
        path = write_buffer(tmp_path / "replay.zarr", arrays)
        encoded = np.empty(len(pictures), dtype=object)
        encoded[:] = [cv2.imencode(".png", picture[:, :, ::-1])[1].tobytes() for picture in pictures]
        data = zarr.open_group(path, mode="a")["data"]
        made = data.create_array(
            "camera0_rgb",
            shape=encoded.shape,
            chunks=(5,),
            dtype=VariableLengthBytes(),
            filters=[numcodecs.VLenBytes()],
        )
        made[:] = encoded
        return path
