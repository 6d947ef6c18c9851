"""A LeRobot v3.0 dataset copied with its labels: data and list of episodes gain columns, everything else stays."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from failview.errors import ExportError
from failview.exporters.lerobot.annotation_columns import FEATURES, with_episode_columns, with_frame_columns
from failview.exporters.lerobot.dataset_files import BOOKKEEPING_FEATURES, write_json
from failview.loaders.lerobot.lerobot_episodes import EpisodeRecord, damage_told, open_parquet
from failview.loaders.safe_paths import inside
from failview.model.annotation import AnnotationRecord

_NOT_COPIED = frozenset({".cache", ".git", ".gitattributes", "images"})
_EPISODE = "episode_index"


def copy_annotated(
    source: Path,
    target: Path,
    files: Iterable[Path],
    episodes: Sequence[EpisodeRecord],
    records: Mapping[int, AnnotationRecord],
) -> None:
    """Write the annotated copy of a v3.0 dataset into an empty folder.

    Args:
        source: The dataset.
        target: The folder.
        files: What to copy, of `files_to_copy`.
        episodes: The list of episodes.
        records: Finished labels by number of the episode.

    Raises:
        DatasetError: A file of the source is damaged.
        ExportError: Rows of an episode are spread.
        OSError: It cannot be written.
    """
    for file in files:
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        parts = place.relative_to(target).parts
        if file.suffix == ".parquet" and parts[0] == "data":
            _copy_rows(file, place, records)
        elif file.suffix == ".parquet" and parts[:2] == ("meta", "episodes"):
            _copy_list(file, place, records)
        elif parts == ("meta", "info.json"):
            _copy_info(file, place, episodes)
        else:
            shutil.copyfile(file, place)


def files_to_copy(source: Path) -> list[Path]:
    """Files of a dataset, sorted; links that lead outside and the leftovers of tools are none."""
    return sorted(_files(source, source))


def _files(source: Path, folder: Path) -> Iterator[Path]:
    for item in folder.iterdir():
        relative = item.relative_to(source)
        if (
            relative.parts[0] in _NOT_COPIED
            or item.name.startswith(".failview")
            or inside(source, str(relative)) is None
        ):
            continue
        if item.is_dir():
            yield from _files(source, item)
        elif item.is_file() and not item.name.endswith(".failview.json"):
            yield item


def _copy_rows(file: Path, place: Path, records: Mapping[int, AnnotationRecord]) -> None:
    with open_parquet(file) as found, damage_told(file):
        table = found.read()
    counts = _rows_by_episode(table, file)
    labelled = with_frame_columns(table, [(count, records.get(number)) for number, count in counts.items()])
    write_rows(place, labelled.replace_schema_metadata(None), list(counts.values()))


def write_rows(place: Path, rows: pa.Table, counts: Sequence[int]) -> None:
    """Write rows with a row group per episode, so that one can be read by itself."""
    with pq.ParquetWriter(place, rows.schema) as writer:
        start = 0
        for count in counts:
            writer.write_table(rows.slice(start, count))
            start += count


def _rows_by_episode(table: pa.Table, file: Path) -> dict[int, int]:
    """How many rows each episode has, in order; all of them lie together.

    Raises:
        ExportError: They do not.
    """
    counts: dict[int, int] = {}
    last = None
    for number in table[_EPISODE].to_pylist():
        if number != last and number in counts:
            raise ExportError(f"the rows of episode {number} do not lie together", where=file)
        counts[number] = counts.get(number, 0) + 1
        last = number
    return counts


def _copy_list(file: Path, place: Path, records: Mapping[int, AnnotationRecord]) -> None:
    with open_parquet(file) as found, damage_told(file):
        table = found.read()
    labels = [records.get(number) for number in table[_EPISODE].to_pylist()]
    pq.write_table(with_episode_columns(table, labels).replace_schema_metadata(None), place)


def _copy_info(file: Path, place: Path, episodes: Sequence[EpisodeRecord]) -> None:
    """The description with the new columns, and with what LeRobot itself asks for where it is not said."""
    info: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    info.setdefault("total_episodes", len(episodes))
    info.setdefault("total_frames", sum(episode.length for episode in episodes))
    info.setdefault("splits", {"train": f"0:{len(episodes)}"})
    info["features"] = {**BOOKKEEPING_FEATURES, **info["features"], **FEATURES}
    write_json(place, info)
