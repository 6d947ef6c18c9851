"""Reads a CSV file into a table."""

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from failview.errors import DatasetError
from failview.loaders.tables.csv_text import CsvText, decode, fields_of, is_number, read_csv_text
from failview.loaders.tables.plain_table import PlainTable, with_declared_units
from failview.loaders.tables.table_recognition import is_csv_recording

_MAX_BYTES = 2**31 - 2**20
"""Arrow reads a block of 2 GiB at most, and the type of a column is decided over the whole of it."""
_NULLS = ["", "nan", "NaN", "NAN", "null", "NULL", "None", "none", "NA", "N/A", "n/a", "#N/A", "-", "-nan"]


def rows_of_numbers(path: Path) -> int:
    """Rows of a CSV recording, counted without reading the numbers; 0 when the count needs more than that.

    Raises:
        DatasetError: Not readable, no rows, or rows of different lengths; the line is named.
    """
    if not is_csv_recording(path):
        return 0
    text = _text(path)
    first = fields_of(text.rows[0], text.delimiter) if text.rows else []
    has_words = not all(is_number(field, text.decimal) for field in first)
    return 0 if has_words else len(text.rows)


def _text(path: Path) -> CsvText:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"this file cannot be read ({error.strerror})", where=path) from error
    if len(content) > _MAX_BYTES:
        raise DatasetError("this CSV file is larger than 2 GB", where=path, hint="Convert it to Parquet")
    return read_csv_text(decode(content), path)


def read_csv_table(path: Path) -> PlainTable:
    """Read a CSV file.

    Raises:
        DatasetError: Not readable, no rows, or rows of different lengths; the line is named.
    """
    text = _text(path)
    warnings = list(text.warnings)
    names = _unique(text.names, warnings)
    table = _parsed(text, names, path)
    unnamed = {name for name, given in zip(names, text.names, strict=True) if not given}
    keep = [name for name in names if name not in unnamed or table[name].null_count < len(table)]
    columns = {name: _numbers_where_possible(name, table[name], text.decimal, warnings) for name in keep}
    units = dict(zip(names, text.units, strict=True)) if text.units else {}
    return with_declared_units(PlainTable(pa.table(columns), {k: v for k, v in units.items() if v}, tuple(warnings)))


def _parsed(text: CsvText, names: list[str], path: Path) -> pa.Table:
    body = "\n".join(text.rows).encode("utf-8", "surrogatepass") + b"\n"
    try:
        return pa_csv.read_csv(
            io.BytesIO(body),
            read_options=pa_csv.ReadOptions(column_names=names, block_size=len(body) + 1, use_threads=False),
            parse_options=pa_csv.ParseOptions(delimiter=text.delimiter),
            convert_options=pa_csv.ConvertOptions(
                decimal_point=text.decimal, null_values=_NULLS, strings_can_be_null=True
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OverflowError) as error:
        raise DatasetError(f"this CSV file cannot be read ({error})", where=path, hint="Correct that row") from error


def _numbers_where_possible(name: str, column: pa.ChunkedArray, decimal: str, warnings: list[str]) -> pa.ChunkedArray:
    """A column of words that are mostly numbers becomes numbers; the others are told and become NaN."""
    if not pa.types.is_string(column.type):
        return column
    trimmed = pc.utf8_trim_whitespace(column)
    words = trimmed.to_pylist()
    wrong = [word for word in words if word is not None and not is_number(word, decimal)]
    if 2 * len(wrong) >= len(words):
        return trimmed
    if wrong:
        warnings.append(
            f"column {name}: {len(wrong)} of {len(words)} values are not numbers, the first is {wrong[0]!r}"
        )
    return pa.chunked_array([[_number(word, decimal) for word in words]], pa.float64())


def _number(word: str | None, decimal: str) -> float:
    try:
        return float((word or "nan").replace(",", "." if decimal == "," else ","))
    except ValueError:
        return float("nan")


def _unique(names: Sequence[str], warnings: list[str]) -> list[str]:
    """Names without two alike, and without empty ones."""
    seen: Counter[str] = Counter()
    unique = []
    for index, given in enumerate(names):
        name = given or f"column_{index}"
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    double = [name for name, count in seen.items() if count > 1]
    if double:
        warnings.append(f"several columns are named {', '.join(double[:3])}: the later ones got a number")
    return unique
