"""Pictures stored encoded in a column of a Parquet file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa

from failview.loaders.lerobot.parquet_rows import read_rows
from failview.loaders.pictures.encoded_pictures import decode_picture
from failview.loaders.safe_paths import inside
from failview.model.camera import Camera, Picture


@dataclass(frozen=True)
class PictureColumn:
    """The pictures of one episode in one column.

    Attributes:
        path: The Parquet file.
        root: The dataset; a cell may name a picture file inside it.
        column: Name of the column.
        episode_index: The episode.
        num_frames: Its frames.
    """

    path: Path
    root: Path
    column: str
    episode_index: int
    num_frames: int


class ParquetPictureReader:
    """Decodes the pictures of one episode and column; the encoded bytes are read once."""

    def __init__(self, source: PictureColumn) -> None:
        self._source = source
        self._cells: pa.ChunkedArray | None = None

    def read(self, frame: int) -> Picture:
        """(height, width, 3) RGB picture of exactly this frame."""
        source = self._source
        if not 0 <= frame < source.num_frames:
            raise IndexError(f"frame {frame} of {source.num_frames}")
        if self._cells is None:
            rows = read_rows(source.path, source.episode_index, lambda field: field.name == source.column)
            self._cells = rows[source.column]
        return decode_picture(self._encoded(self._cells[frame].as_py()), f"{source.path}:{source.column}", frame)

    def read_range(self, start: int, stop: int) -> Iterator[Picture]:
        """RGB pictures of frames start to stop - 1, in order."""
        for frame in range(start, stop):
            yield self.read(frame)

    def close(self) -> None:
        """Release the bytes."""
        self._cells = None

    def _encoded(self, cell: object) -> bytes:
        """Bytes of a cell: given directly, in a struct, or in a file that the struct names."""
        if isinstance(cell, dict):
            if isinstance(cell.get("bytes"), bytes):
                return bytes(cell["bytes"])
            return self._file(str(cell.get("path") or ""))
        return cell if isinstance(cell, bytes) else b""

    def _file(self, named: str) -> bytes:
        """A picture file that a cell names: by its path in the dataset, or by its name where LeRobot keeps them."""
        source = self._source
        usual = f"images/{source.column}/episode_{source.episode_index:06d}/{PurePosixPath(named).name}"
        for relative in (named, usual):
            path = inside(source.root, relative)
            if path is not None and path.is_file():
                return path.read_bytes()
        return b""


def parquet_camera(name: str, source: PictureColumn, declared_size: tuple[int, int]) -> Camera:
    """A camera over a column; decodes one picture only when the size (width, height) is not declared.

    Raises:
        DatasetError: The size is not declared and the first picture cannot be decoded.
    """
    size = declared_size
    if not all(size):
        reader = ParquetPictureReader(source)
        height, width = reader.read(0).shape[:2]
        reader.close()
        size = (width, height)
    return Camera(name, *size, source.num_frames, lambda: ParquetPictureReader(source))
