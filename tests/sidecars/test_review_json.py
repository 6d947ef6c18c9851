"""What the queue and the review keep in a sidecar survives the way to the disk and back."""

import json
from dataclasses import replace

import pytest

from failview.model.annotation import AnnotationRecord, Outcome, Stage, StageRecord
from failview.model.review import Adjudication, Audit, Decision, Side
from failview.sidecars import codec

RECORD = AnnotationRecord("demo_1", "anna", "failview-tabletop", "1.0.0")
FULL = replace(
    RECORD,
    stages={
        Stage.TRIAGE: StageRecord("2026-01-05T10:00:00+00:00", 0.0, in_bulk=True),
        Stage.DETAIL: StageRecord(None, 4.0, put_off="picture too dark", blind=True),
    },
    audits=(Audit("2026-01-05T10:00:00+00:00", 0.9, Outcome.SUCCESS.value, 0.97, Outcome.FAILURE.value),),
    adjudications=(
        Adjudication(
            "2026-01-06T10:00:00+00:00",
            "ben",
            Decision.OVERRULED,
            "the force shows the slip",
            (
                Side("anna", {"outcome": "success", "failure_category": None}),
                Side("detectors", {"outcome": "failure", "failure_onset_frame": 88}),
            ),
        ),
    ),
)


def test_everything_comes_back() -> None:
    assert codec.decode(codec.encode(FULL)) == FULL


def test_what_is_not_so_is_not_written() -> None:
    plain = replace(RECORD, stages={Stage.TRIAGE: StageRecord("2026-01-05T10:00:00+00:00", 2.0)})
    document = codec.record_to_json(plain)
    assert document["stages"]["triage"] == {"finished_at": "2026-01-05T10:00:00+00:00", "active_s": 2.0}
    assert not {"audits", "adjudications"} & set(document)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("audits", [{"confidence": "much"}]),
        ("adjudications", [{"decision": "guessed"}]),
        ("adjudications", [{"decision": "upheld", "sides": [{"name": "x", "values": {"outcome": [1]}}]}]),
    ],
)
def test_anything_else_is_called_broken(name: str, value: object) -> None:
    document = codec.record_to_json(RECORD) | {name: value}
    with pytest.raises(codec.BrokenSidecarError):
        codec.decode(json.dumps(document).encode())
