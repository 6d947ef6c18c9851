"""The table export, read back with pandas and csv."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from failview.cli.main import run
from failview.sidecars.codec import record_from_json
from tests.contracts.exporter_contract import ExporterContract, ReadBack
from tests.exporters.labelled_demos import FRAMES, LABELS, SLIP, WHY, write_demos, write_lerobot


class TestTables(ExporterContract):
    """Episodes and failures, CSV and Parquet."""

    command = "table"
    target = "tables"

    def read(self, path: Path) -> Sequence[ReadBack]:
        rows = pq.read_table(path / "episodes.parquet").to_pylist()
        with (path / "episodes.csv").open(encoding="utf-8", newline="") as file:
            assert [row["sidecar"] for row in csv.DictReader(file)] == [row["sidecar"] or "" for row in rows]
        labels = []
        for row in rows:
            text = row["sidecar"]
            label = record_from_json(json.loads(text)).annotation if text else None
            labels.append(ReadBack(label))
            for name in ("outcome", "failure_subcategory", "failure_onset_frame", "recovery_end_frame", "preventable"):
                assert row[name] == getattr(label, name, None)
        return labels


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    out = tmp_path / "tables"
    assert run(["export", "table", str(write_demos(tmp_path / "data")), str(out)]) == 0
    return out


def test_the_columns_of_an_episode(tables: Path) -> None:
    row = pq.read_table(tables / "episodes.parquet").to_pylist()[1]
    assert (row["episode_id"], row["num_frames"], row["rate_hz"]) == ("demo_1", FRAMES, pytest.approx(20.0))
    assert (row["failure_onset_frame"], row["failure_onset_s"]) == (4, pytest.approx(0.2))
    assert (row["root_cause"], row["notes"], row["failures"]) == (WHY, SLIP.notes, 2)
    assert (row["annotator"], row["taxonomy"]) == ("maria", "failview-tabletop 1.0.0")
    assert (row["triage_s"], row["detail_s"], row["review_s"]) == (4.5, 61.25, None)
    assert row["proposed_outcome"] in {"success", "failure", "partial_success", None}


def test_one_row_per_failure(tables: Path) -> None:
    rows = pq.read_table(tables / "failures.parquet").to_pylist()
    assert [(row["episode_id"], row["failure"], row["subcategory"], row["onset_frame"]) for row in rows] == [
        ("demo_1", 0, "slip_during_lift", 4),
        ("demo_1", 1, "arm_environment", 9),
        ("demo_2", 0, "missed_grasp", 3),
    ]
    assert [row["recovery_outcome"] for row in rows] == ["no_attempt", None, "recovered"]


def test_csv_tells_nothing_from_empty_and_keeps_lines(tables: Path) -> None:
    with (tables / "episodes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["failure_onset_frame"] for row in rows] == ["", "4", "3", "", ""]
    assert [row["preventable"] for row in rows] == ["", "true", "false", "", ""]
    assert rows[1]["root_cause"] == WHY
    assert rows[1]["notes"] == "line one\nline two"


def test_any_format(tmp_path: Path) -> None:
    out = tmp_path / "tables"
    assert run(["export", "table", str(write_lerobot(tmp_path / "data")), str(out), "--only-labelled"]) == 0
    rows = pq.read_table(out / "episodes.parquet").to_pylist()
    assert [row["outcome"] for row in rows] == [label.outcome for label in LABELS if label is not None]
