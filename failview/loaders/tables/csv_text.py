"""What a CSV file is made of: encoding, comments, delimiter, decimal sign, header, rows of one length."""

import codecs
import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from failview.errors import DatasetError

_DELIMITERS = (";", "\t", ",", "|")
_COMMENTS = ("#", "//", "%")
_LOOKED_AT_ROWS = 50
_UNITS_LINE = re.compile(r"^\W*[A-Za-z°%/^*0-9.()\[\]-]{0,12}\W*$")
_DECIMAL_COMMA = re.compile(r"^\s*[-+]?\d+,\d+([eE][-+]?\d+)?\s*$")
_NO_NUMBER = frozenset({"", "nan", "null", "none", "na", "n/a", "#n/a", "-", "inf", "-inf", "true", "false"})


@dataclass(frozen=True)
class CsvText:
    """The content of a CSV file, tidied.

    Attributes:
        names: One per column; empty texts for columns without a name.
        units: One per column from a line of units below the header; empty without one.
        rows: Rows of data, each with one field per column.
        line_numbers: Where each row stands in the file, from 1.
        delimiter: Sign between fields.
        decimal: "." or ",".
        warnings: What was tidied away and matters.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    rows: Sequence[str]
    line_numbers: Sequence[int]
    delimiter: str
    decimal: str
    warnings: tuple[str, ...] = ()


def decode(content: bytes) -> str:
    """Text of a file: by its byte order mark, else UTF-8, else Latin-1, which takes any byte."""
    if content.startswith(codecs.BOM_UTF8):
        return content.decode("utf-8-sig", "replace")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def read_csv_text(text: str, where: Path) -> CsvText:
    """Take a CSV file apart.

    Raises:
        DatasetError: It has no rows, or rows of different lengths; the line is named.
    """
    lines, comment = _lines_of_data(text)
    declared = lines[0][1][4:5] if lines and lines[0][1].lower().startswith("sep=") else ""
    lines = lines[1:] if declared else lines
    if not lines:
        raise DatasetError("this table holds no rows", where=where, hint="Leave it out")
    delimiter = declared or _delimiter([line for _, line in lines[:_LOOKED_AT_ROWS]])
    if delimiter == " ":
        delimiter, lines = "\t", [(number, "\t".join(line.split())) for number, line in lines]
        comment = "\t".join(comment.split())
    table = [(number, line, _count(line, delimiter)) for number, line in lines]
    names, units, table = _header(table, delimiter, comment)
    rows, warnings = _even_rows(table, len(names), delimiter, where)
    return CsvText(
        tuple(names),
        tuple(units),
        [line for _, line in rows],
        [number for number, _ in rows],
        delimiter,
        _decimal([line for _, line in rows[:_LOOKED_AT_ROWS]], delimiter),
        tuple(warnings),
    )


def is_number(field: str, decimal: str = ".") -> bool:
    """Whether a field is a number, or stands for a missing one."""
    text = field.strip().strip('"').lower()
    if text in _NO_NUMBER:
        return True
    try:
        float(text.replace(",", ".") if decimal == "," else text)
    except ValueError:
        return False
    return True


def fields_of(line: str, delimiter: str) -> list[str]:
    """The fields of a line without quotes and blanks around them."""
    return [field.strip() for field in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])]


def _lines_of_data(text: str) -> tuple[list[tuple[int, str]], str]:
    """((line number, line) without blank lines and comments, the last comment before the data)."""
    kept: list[tuple[int, str]] = []
    comment = ""
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        stripped = line.strip()
        if not stripped.strip(";,\t|"):
            continue
        if stripped.startswith(_COMMENTS):
            comment = comment if kept else stripped.lstrip("#/%").strip()
            continue
        kept.append((number, line))
    return kept, comment


def _delimiter(lines: Sequence[str]) -> str:
    """The sign that cuts most lines into the same number of fields, two at least; a blank when none does."""
    best, best_share = " ", 0.5
    for sign in _DELIMITERS:
        counts = [_count(line, sign) for line in lines]
        common = max(set(counts), key=counts.count)
        share = counts.count(common) / len(counts)
        if common > 1 and share > best_share:
            best, best_share = sign, share
    return best


def _count(line: str, delimiter: str) -> int:
    return line.count(delimiter) + 1 if '"' not in line else len(fields_of(line, delimiter))


def _header(
    table: list[tuple[int, str, int]], delimiter: str, comment: str
) -> tuple[list[str], list[str], list[tuple[int, str, int]]]:
    """(names, units, lines of data): the names stand in the first line, or in the comment above, or nowhere."""
    first = fields_of(table[0][1], delimiter)
    rest = [fields_of(line, delimiter) for _, line, _ in table[1:_LOOKED_AT_ROWS]]
    decimal = _decimal([line for _, line, _ in table[1:_LOOKED_AT_ROWS]], delimiter)
    below = rest[0] if rest else []
    if _are_units(below, rest[1:], decimal) and _is_header(first, rest[1:], decimal):
        return first, below, table[2:]
    if _is_header(first, rest, decimal):
        return first, [], table[1:]
    named = fields_of(comment, delimiter) if comment else []
    if len(named) == len(first):
        return named, [], table
    return [f"column_{index}" for index in range(len(first))], [], table


def _are_units(fields: Sequence[str], rest: Sequence[Sequence[str]], decimal: str) -> bool:
    """Whether the line below the header has units: short words without a number, above numbers."""
    if not rest or any(field and is_number(field, decimal) for field in fields):
        return False
    return _is_header(fields, rest, decimal) and all(_UNITS_LINE.match(field) for field in fields)


def _is_header(first: Sequence[str], rest: Sequence[Sequence[str]], decimal: str) -> bool:
    """Whether the first line has words where the lines below have numbers."""
    words = [index for index, field in enumerate(first) if field and not is_number(field, decimal)]
    if not words:
        return False
    return not rest or any(all(index < len(row) and is_number(row[index], decimal) for row in rest) for index in words)


def _even_rows(
    table: list[tuple[int, str, int]], width: int, delimiter: str, where: Path
) -> tuple[list[tuple[int, str]], list[str]]:
    """Rows of one length; the last one may be cut off, and a delimiter at the end of every line is no column."""
    warnings: list[str] = []
    if table and all(count == width + 1 and line.rstrip().endswith(delimiter) for _, line, count in table):
        table = [(number, line.rstrip()[:-1], width) for number, line, _ in table]
    if len(table) > 1 and table[-1][2] < width:
        warnings.append(f"line {table[-1][0]}, the last one, is cut off: left out")
        table = table[:-1]
    for number, _, count in table:
        if count != width:
            raise DatasetError(
                f"line {number} has {count} fields in place of {width}", where=where, hint="Correct or remove that line"
            )
    return [(number, line) for number, line, _ in table], warnings


def _decimal(lines: Sequence[str], delimiter: str) -> str:
    if delimiter == ",":
        return "."
    fields = [field for line in lines for field in line.split(delimiter)]
    return "," if any(_DECIMAL_COMMA.match(field) for field in fields) else "."
