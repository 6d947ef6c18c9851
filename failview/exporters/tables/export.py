"""`failview export table`: a folder with the labels as CSV and as Parquet."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from failview.errors import DatasetError
from failview.exporters.export_report import ExportReport, notes_about
from failview.exporters.tables.rows import EPISODES, FAILURES, Row, episode_row, failure_rows
from failview.exporters.whole_output import whole_folder
from failview.loaders.progress import Progress
from failview.proposals.labelled_dataset import LabelledDataset


def export_tables(
    labelled: LabelledDataset, target: Path, *, only_labelled: bool, force: bool, progress: Progress
) -> ExportReport:
    """Write `episodes` and `failures` as `.csv` and `.parquet` into a folder.

    Args:
        labelled: The dataset with its labels, open.
        target: The folder.
        only_labelled: Leave out episodes without a finished label.
        force: Replace what is there.
        progress: Shows how far it is.

    Raises:
        ExportError: It cannot be written there.
    """
    entries = labelled.labelled_entries if only_labelled else labelled.entries
    episodes: list[Row] = []
    failures: list[Row] = []
    problems: list[str] = []
    with whole_folder(target, labelled.dataset.path, kind="table", force=force) as folder:
        for entry in progress(entries, "reading episodes"):
            try:
                read = labelled.read(entry.episode_id)
            except DatasetError as error:
                problems.append(f"{entry.episode_id} is left out: {error}")
                continue
            clock = read.episode.clock
            episodes.append(episode_row(entry, clock, read.record, read.findings))
            if read.annotation is not None:
                failures += failure_rows(entry.episode_id, clock, read.annotation)
        for name, schema, rows in (("episodes", EPISODES, episodes), ("failures", FAILURES, failures)):
            _write(folder / name, _table(schema, rows))
    count = sum(row["episode_id"] in labelled.records for row in episodes)
    notes = (*notes_about(labelled), *problems)
    return ExportReport(target, len(episodes), count, notes, {"failures": len(failures)})


def _table(schema: pa.Schema, rows: Iterable[Row]) -> pa.Table:
    return pa.Table.from_pylist([_storable(row) for row in rows], schema=schema)


def _storable(row: Row) -> Mapping[str, object]:
    """Text without half of a surrogate pair, which UTF-8 cannot hold."""
    return {
        name: value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
        for name, value in row.items()
    }


def _write(path: Path, table: pa.Table) -> None:
    pq.write_table(table, path.with_suffix(".parquet"), compression="zstd")
    pa_csv.write_csv(table, path.with_suffix(".csv"))
