"""How labels stand in a LeRobot dataset: per frame as declared features, per episode as further columns and a table.

LeRobot 0.4 loads declared per-frame features and further columns of meta/episodes; a data column that info.json does
not declare makes it fail.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from failview.exporters.flat_label import FlatValue, flat_label
from failview.loaders.lerobot.lerobot_info import FAILURE_ONSET, FAILURE_PHASE
from failview.model.annotation import AnnotationRecord
from failview.model.frame_phases import frame_phases, onset_flags, phase_words

FEATURES: Mapping[str, Mapping[str, Any]] = {
    FAILURE_ONSET: {"dtype": "bool", "shape": [1], "names": None},
    FAILURE_PHASE: {"dtype": "string", "shape": [1], "names": None},
}
"""No number is among them: LeRobot's kin take whole numbers named annotation.… for numbers of tasks."""

EPISODE_PREFIX = "annotation/"
LABELS_FILE, TAXONOMY_FILE = "meta/failure_annotations.parquet", "meta/failure_taxonomy.json"

_TYPES = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}


def with_frame_columns(rows: pa.Table, lengths_and_records: Sequence[tuple[int, AnnotationRecord | None]]) -> pa.Table:
    """Rows of whole episodes, in order, with phase and onset in place of earlier ones.

    Args:
        rows: The rows.
        lengths_and_records: Number of rows and label of each episode.
    """
    annotations = [(count, None if record is None else record.annotation) for count, record in lengths_and_records]
    onsets = np.concatenate([onset_flags(label, count) for count, label in annotations])
    words = [word for count, label in annotations for word in phase_words(frame_phases(label, count))]
    bare = rows.drop_columns([name for name in FEATURES if name in rows.column_names])
    return bare.append_column(FAILURE_ONSET, pa.array(onsets)).append_column(
        FAILURE_PHASE, pa.array(words, pa.string())
    )


def with_episode_columns(episodes: pa.Table, records: Sequence[AnnotationRecord | None]) -> pa.Table:
    """The list of episodes with a column per field of the label, in place of earlier ones."""
    earlier = [name for name in episodes.column_names if name.startswith(EPISODE_PREFIX)]
    table = episodes.drop_columns(earlier)
    for name, column in _flat_columns(records).items():
        table = table.append_column(f"{EPISODE_PREFIX}{name}", column)
    return table


def labels_table(episodes: Sequence[tuple[int, str]], records: Mapping[str, AnnotationRecord]) -> pa.Table:
    """One row per finished label: number and id of the episode, and every field.

    Args:
        episodes: Number in the export and episode id.
        records: Finished labels by episode id.
    """
    labelled = [(number, key) for number, key in episodes if key in records]
    columns: dict[str, pa.Array] = {
        "episode_index": pa.array([number for number, _ in labelled], pa.int64()),
        "episode_id": pa.array([key for _, key in labelled], pa.string()),
    }
    return pa.table({**columns, **_flat_columns([records[key] for _, key in labelled])})


def _flat_columns(records: Sequence[AnnotationRecord | None]) -> dict[str, pa.Array]:
    rows: list[dict[str, FlatValue]] = [flat_label(record) for record in records]
    return {
        name: pa.array([row[name] for row in rows], _TYPES[type(value)]) for name, value in flat_label(None).items()
    }
