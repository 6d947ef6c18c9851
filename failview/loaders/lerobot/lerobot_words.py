"""Words that LeRobot keeps beside the rows: tasks and subtasks by their number."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from failview.errors import DatasetError
from failview.loaders.lerobot.lerobot_episodes import damage_told, json_lines, open_parquet


def task_names(root: Path, warnings: list[str]) -> dict[int, str]:
    """Texts of the tasks by number; a file that cannot be read is a line in `warnings`."""
    return _names(root, "tasks", "task_index", warnings)


def subtask_names(root: Path, warnings: list[str]) -> dict[int, str]:
    """Texts of the subtasks by number; a file that cannot be read is a line in `warnings`."""
    return _names(root, "subtasks", "subtask_index", warnings)


def _names(root: Path, stem: str, index_name: str, warnings: list[str]) -> dict[int, str]:
    """Out of a Parquet file (v3), with the text as a column or as the table's index, or out of JSON lines (v2)."""
    table, lines = root / "meta" / f"{stem}.parquet", root / "meta" / f"{stem}.jsonl"
    try:
        if table.is_file():
            with open_parquet(table) as file, damage_told(table):
                return _by_index(file.read().to_pylist(), index_name)
        return _by_index(json_lines(lines), index_name)
    except DatasetError as error:
        warnings.append(f"{stem} stay numbers: {error}")
        return {}


def _by_index(rows: Iterable[Mapping[str, Any]], index_name: str) -> dict[int, str]:
    names: dict[int, str] = {}
    for row in rows:
        index = row.get(index_name)
        text = next((value for value in row.values() if isinstance(value, str)), "")
        if isinstance(index, int) and text:
            names[index] = text
    return names
