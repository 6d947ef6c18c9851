"""Reads the rows of one episode out of a Parquet file that may hold many."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from failview.errors import DatasetError
from failview.loaders.lerobot.lerobot_episodes import damage_told, open_parquet


def read_rows(path: Path, episode_index: int, keep: Callable[[pa.Field], bool]) -> pa.Table:
    """Rows of one episode, in file order; only the row groups that can hold it are read.

    Args:
        path: The file.
        episode_index: Number of the episode.
        keep: Tells which columns to read.

    Raises:
        DatasetError: Missing, damaged, or without rows of this episode.
    """
    with open_parquet(path) as file:
        names = file.schema_arrow.names
        has_index = "episode_index" in names
        wanted = [field.name for field in file.schema_arrow if keep(field) or field.name == "episode_index"]
        groups = groups_of_episode(file, episode_index) if has_index else list(range(file.num_row_groups))
        with damage_told(path):
            table = file.read_row_groups(groups, columns=wanted)
    if has_index:
        table = table.filter(pc.equal(table["episode_index"], episode_index))
    if not table.num_rows:
        raise DatasetError(f"no rows of episode {episode_index}", where=path, hint="The dataset's list and data differ")
    return table


def groups_of_episode(file: pq.ParquetFile, episode_index: int) -> list[int]:
    """Row groups whose statistics allow rows of an episode."""
    column = file.schema_arrow.names.index("episode_index")
    leaf = next(
        (i for i in range(file.metadata.num_columns) if file.metadata.schema.column(i).path == "episode_index"), column
    )
    groups = []
    for number in range(file.num_row_groups):
        statistics = file.metadata.row_group(number).column(leaf).statistics
        known = statistics is not None and statistics.has_min_max
        if not known or statistics.min <= episode_index <= statistics.max:
            groups.append(number)
    return groups


def stored_bytes(file: pq.ParquetFile, column: str, episode_index: int) -> list[int]:
    """Compressed sizes of a column in the row groups that hold an episode: they change when the content does."""
    has_index = "episode_index" in file.schema_arrow.names
    groups = groups_of_episode(file, episode_index) if has_index else range(file.num_row_groups)
    sizes = []
    for number in groups:
        group = file.metadata.row_group(number)
        leaves = [group.column(leaf) for leaf in range(group.num_columns)]
        sizes += [leaf.total_compressed_size for leaf in leaves if leaf.path_in_schema.split(".")[0] == column]
    return sizes


def is_picture_column(field: pa.Field) -> bool:
    """Whether a column holds encoded pictures: bytes, or a struct with bytes (the `datasets` library's form)."""
    kind = field.type
    if pa.types.is_struct(kind):
        return any(kind.field(i).name == "bytes" for i in range(kind.num_fields))
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def column_numbers(column: pa.ChunkedArray) -> npt.NDArray[np.generic] | None:
    """A numeric column as (rows, …) in its own type; nested lists of one shape too; None when it holds no numbers."""
    array = column.combine_chunks()
    array = array if isinstance(array, pa.Array) else pa.concat_arrays(array.chunks)
    rows, shape = len(array), []
    while _is_list(array.type):
        if array.null_count:
            return None
        flat = array.flatten()
        if not rows or len(flat) % max(1, len(array)):
            return None
        if not pa.types.is_fixed_size_list(array.type) and not _even_lengths(array):
            return None
        shape.append(len(flat) // len(array))
        array = flat
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.uint8())
    if not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)):
        return None
    values: npt.NDArray[np.generic] = array.to_numpy(zero_copy_only=False)
    return values.reshape((rows, *shape))


def _even_lengths(array: pa.Array) -> bool:
    lengths = pc.list_value_length(array)
    return bool(pc.min(lengths).as_py() == pc.max(lengths).as_py())


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))
