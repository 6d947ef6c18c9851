"""The streams of a table: groups of columns of numbers, columns of lists, columns of words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from failview.loaders.dataset import StreamInfo
from failview.loaders.fingerprint import Fingerprint
from failview.loaders.lerobot.parquet_rows import column_numbers
from failview.loaders.raw_dataset import RawStream
from failview.loaders.roles.stream_values import as_columns, text_codes
from failview.loaders.tables.column_groups import group_columns
from failview.loaders.tables.plain_table import PlainTable
from failview.loaders.tables.time_columns import TimeColumn, find_time, time_names

_ROW_NUMBERS = frozenset(
    {"index", "frame", "frame_index", "frame_id", "step", "row", "seq", "sequence", "episode_index"}
)
_PANDAS_INDEX = "__index_level_0__"
_MAX_COLUMNS = 512

Numbers = npt.NDArray[np.generic]


@dataclass
class TableStreams:
    """What a table holds.

    Attributes:
        streams: Streams of numbers and of words.
        unread: What is listed but not read.
        time: Time of the rows; None without any.
        warnings: What is doubtful.
        fingerprint: Hash over the numbers and words.
    """

    streams: list[RawStream] = field(default_factory=list)
    unread: list[StreamInfo] = field(default_factory=list)
    time: TimeColumn | None = None
    warnings: list[str] = field(default_factory=list)
    fingerprint: Fingerprint = field(default_factory=Fingerprint)


def table_streams(table: PlainTable) -> TableStreams:
    """Group the columns of a table into streams."""
    found = TableStreams(warnings=list(table.warnings))
    single: dict[str, Numbers] = {}
    for column in table.columns.schema:
        if column.name == _PANDAS_INDEX:
            continue
        values = _numbers(table.columns[column.name])
        if values is not None and values.ndim == 1:
            single[column.name] = values
        elif values is not None and int(np.prod(values.shape[1:])) <= _MAX_COLUMNS:
            _add(found, column.name, values, table.units.get(column.name))
        elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            _add_words(found, column.name, table.columns[column.name])
        else:
            found.unread.append(StreamInfo(column.name, (), str(column.type), note="neither numbers nor words"))
    found.time = find_time(single, table.units)
    _add_groups(found, single, table.units)
    return found


def _add_groups(found: TableStreams, single: Mapping[str, Numbers], units: Mapping[str, str]) -> None:
    """Streams of the columns of single numbers; time and row numbers play no role."""
    no_role = [name for name in single if name.lower() in _ROW_NUMBERS] + time_names(list(single))
    if found.time is not None:
        no_role += found.time.columns
    for name in dict.fromkeys(no_role):
        _add(found, name, single[name], units.get(name), role_free=True)
    for group in group_columns([name for name in single if name not in no_role]):
        values = np.stack([single[name].astype(np.float64) for name in group.columns], axis=1)
        declared = {units.get(name) for name in group.columns}
        labels = group.columns if len(group.columns) > 1 else ()
        alone = len(group.columns) == 1
        _add(
            found, group.name, values[:, 0] if alone else values, declared.pop() if len(declared) == 1 else None, labels
        )


def _add(  # noqa: PLR0913 - one stream with everything that is known of it
    found: TableStreams,
    name: str,
    values: Numbers,
    unit: str | None,
    labels: tuple[str, ...] = (),
    *,
    role_free: bool = False,
) -> None:
    found.fingerprint.add_array(name, values)
    stream = RawStream(
        name, as_columns(values), values.shape[1:], str(values.dtype), labels=labels, unit=unit, role_free=role_free
    )
    found.streams.append(stream)


def _add_words(found: TableStreams, name: str, column: pa.ChunkedArray) -> None:
    codes, words = text_codes(["" if word is None else str(word) for word in column.to_pylist()])
    found.fingerprint.add_array(f"{name}|{'|'.join(words)}", codes)
    found.streams.append(RawStream(name, codes, (), "text", text_values=words))


def _numbers(column: pa.ChunkedArray) -> Numbers | None:
    """A column as numbers; dates become ns since 1970; None when it holds no numbers."""
    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    if pa.types.is_timestamp(kind):
        if column.null_count:
            return None
        return np.asarray(column.cast(pa.timestamp("ns", kind.tz)).cast(pa.int64()).to_numpy())
    if pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    if column.null_count and not pa.types.is_nested(kind) and (pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        column = pc.cast(pc.cast(column, pa.int64()), pa.float64())
    return column_numbers(column) if len(column) else None
