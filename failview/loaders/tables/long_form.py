"""Tables with one row per measured thing (time, joint, value), turned into one row per time."""

import pyarrow as pa
import pyarrow.compute as pc

from failview.loaders.tables.plain_table import PlainTable
from failview.loaders.tables.time_columns import time_names

_MOST_THINGS = 64
_COMPLETE = 0.9


def one_row_per_time(table: PlainTable) -> PlainTable:
    """A long table as a wide one: a column "effort.elbow" for each thing; any other table as it is.

    A table is long when each time stands in as many rows as there are words in its one column of words, and no
    word comes twice at a time.
    """
    columns = table.columns
    times = [name for name in time_names(columns.column_names) if pa.types.is_primitive(columns[name].type)]
    words = [item.name for item in columns.schema if pa.types.is_string(item.type)]
    if not times or len(words) != 1 or columns.num_rows < 4:
        return table
    time, word = times[0], words[0]
    things = pc.unique(columns[word]).to_pylist()
    stamps = pc.unique(columns[time])
    if not 2 <= len(things) <= _MOST_THINGS or None in things:
        return table
    pairs = columns.group_by([time, word], use_threads=False).aggregate([]).num_rows
    if pairs != columns.num_rows or pairs < _COMPLETE * len(stamps) * len(things):
        return table
    wide = _wide(columns, time, word, things, stamps)
    note = f"one row per {word}: turned into one row per {time}"
    return PlainTable(wide, {}, (*table.warnings, note))


def _wide(columns: pa.Table, time: str, word: str, things: list[str], stamps: pa.Array) -> pa.Table:
    measured = [name for name in columns.column_names if name not in {time, word}]
    wide = {time: stamps}
    for name in measured:
        for thing in things:
            rows = columns.filter(pc.equal(columns[word], thing))
            places = pc.index_in(stamps, value_set=rows[time].combine_chunks())
            wide[f"{name}.{thing}"] = pc.take(rows[name].combine_chunks(), places)
    return pa.table(wide)
