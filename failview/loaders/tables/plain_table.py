"""A table read from a file: named columns, and the units that their names or a line below them declare."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa

_UNIT = re.compile(r"^(?P<name>.*\S)\s*[\[(](?P<unit>[^\[\]()]{1,12})[\])]$")
_INDEX = re.compile(r"^\d+$")


@dataclass(frozen=True, eq=False)
class PlainTable:
    """One episode as rows and columns.

    Attributes:
        columns: The columns.
        units: Declared unit by column name, in the file's words.
        warnings: What was tidied away and matters.
    """

    columns: pa.Table
    units: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return int(self.columns.num_rows)


def with_declared_units(table: PlainTable) -> PlainTable:
    """The same with units taken out of the names: "force [N]" becomes force in N."""
    names, units = [], dict(table.units)
    for name in table.columns.column_names:
        found = _UNIT.match(name)
        plain = found["name"] if found else name
        if found is None or _INDEX.match(found["unit"]) or plain in table.columns.column_names or plain in names:
            names.append(name)
            continue
        names.append(plain)
        units[plain] = found["unit"].strip()
        units.pop(name, None)
    return replace(table, columns=table.columns.rename_columns(names), units=units)
