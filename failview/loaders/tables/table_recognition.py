"""Which files are tables of a recording: Parquet by its signature, CSV by rows of mostly numbers."""

import re
from itertools import islice
from pathlib import Path

from failview.errors import DatasetError
from failview.loaders.content_sniffing import head_or_nothing
from failview.loaders.episode_files import files_below
from failview.loaders.tables.csv_text import CsvText, decode, fields_of, is_number, read_csv_text

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".dat", ".parquet", ".pq")
_LOOKED_AT_FILES = 8
_LOOKED_THROUGH = 50_000
_HEAD_BYTES = 16384
_LOOKED_AT_ROWS = 20
_PARQUET = b"PAR1"
_OTHER_LANGUAGES = frozenset(
    {".json", ".jsonl", ".toml", ".yaml", ".yml", ".md", ".py", ".xml", ".urdf", ".mjcf", ".html", ".ipynb", ".sh"}
)
_NOT_OF_A_RECORDING = frozenset(
    {"label", "labels", "category", "outcome", "annotator", "split", "filename", "file_name", "path", "class"}
    | {"loss", "accuracy", "val_loss", "learning_rate"}
)
"""Columns of lists about episodes and of training logs."""
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")


def is_parquet(path: Path) -> bool:
    """Whether a file begins as a Parquet file does."""
    return head_or_nothing(path, len(_PARQUET)) == _PARQUET


def is_table(path: Path) -> bool:
    """Whether a file is a table of a recording, or a folder holds such files."""
    if path.is_file():
        return is_parquet(path) or is_csv_recording(path)
    return any(is_table(file) for file in islice(files_below(path, TABLE_SUFFIXES, _LOOKED_THROUGH), _LOOKED_AT_FILES))


def is_csv_recording(path: Path) -> bool:
    """Whether a text file has several rows, most columns of which are numbers, and no column of a list of labels."""
    if path.suffix.lower() in _OTHER_LANGUAGES:
        return False
    head = head_or_nothing(path, _HEAD_BYTES)
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    text = decode(head)
    whole_lines = text if len(head) < _HEAD_BYTES else text.rpartition("\n")[0]
    try:
        table = read_csv_text(whole_lines, path)
    except DatasetError:
        return path.suffix.lower() in TABLE_SUFFIXES and _mostly_numbers_all_the_same(whole_lines)
    return len(table.rows) > 1 and len(table.names) > 1 and _is_of_a_recording(table)


def _is_of_a_recording(table: CsvText) -> bool:
    if {name.strip().lower() for name in table.names} & _NOT_OF_A_RECORDING:
        return False
    rows = [fields_of(line, table.delimiter) for line in table.rows[:_LOOKED_AT_ROWS]]
    numeric = 0
    for index in range(len(table.names)):
        fields = [row[index] for row in rows if index < len(row)]
        told = [field for field in fields if field]
        good = sum(is_number(field, table.decimal) or bool(_DATE.match(field)) for field in told)
        numeric += bool(told) and good >= 0.9 * len(told)
    return 2 * numeric >= len(table.names)


def _mostly_numbers_all_the_same(text: str) -> bool:
    """Whether rows of different lengths are numbers: a damaged recording, so that opening it says what is wrong."""
    fields = [field for line in text.split("\n")[1:_LOOKED_AT_ROWS] for field in re.split(r"[;,\t|]", line) if field]
    return len(fields) > 3 and sum(is_number(field) for field in fields) > 0.6 * len(fields)
