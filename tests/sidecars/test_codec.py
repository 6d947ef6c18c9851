"""A record survives the way to JSON and back, with everything that a newer failview put into it."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from failview.errors import SidecarError
from failview.model.annotation import (
    SIDECAR_SCHEMA_VERSION,
    Annotation,
    AnnotationRecord,
    Attribution,
    CausalLink,
    FurtherFailure,
    Origin,
    Outcome,
    Provenance,
    RecoveryOutcome,
    Severity,
    Stage,
    StageRecord,
)
from failview.sidecars.codec import (
    LABEL_FIELDS,
    BrokenSidecarError,
    NewerSidecarError,
    decode,
    encode,
    record_from_json,
    record_to_json,
)

MakeRecord = Callable[..., AnnotationRecord]

TEXT = st.text(st.characters(), max_size=20)  # lone surrogates included
NAME = st.text(min_size=1, max_size=10)
FRAME = st.none() | st.integers(0, 10**9)
CONFIDENCE = st.none() | st.floats(0, 1)
KNOWN_NAMES = frozenset(record_to_json(AnnotationRecord("a", "b", "c", "1.0.0")))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)

ANNOTATIONS = st.builds(
    Annotation,
    outcome=st.none() | st.sampled_from(Outcome),
    failure_category=st.none() | NAME,
    failure_subcategory=st.none() | NAME,
    failure_onset_frame=FRAME,
    failure_obvious_frame=FRAME,
    recovery_attempted=st.none() | st.booleans(),
    recovery_start_frame=FRAME,
    recovery_end_frame=FRAME,
    recovery_outcome=st.none() | st.sampled_from(RecoveryOutcome),
    root_cause=TEXT,
    annotator_confidence=CONFIDENCE,
    severity=st.none() | st.sampled_from(Severity),
    attribution=st.none() | st.sampled_from(Attribution),
    proximal_cause=st.none() | NAME,
    distal_cause=st.none() | NAME,
    preventable=st.none() | st.booleans(),
    causal_chain=st.lists(st.builds(CausalLink, cause=TEXT, effect=TEXT, frame=FRAME), max_size=3).map(tuple),
    further_failures=st.lists(
        st.builds(FurtherFailure, category=NAME, subcategory=NAME, onset_frame=st.integers(0, 999)), max_size=3
    ).map(tuple),
    notes=TEXT,
    provenance=st.dictionaries(
        st.sampled_from(LABEL_FIELDS),
        st.builds(Provenance, origin=st.sampled_from(Origin), detector=st.none() | NAME, confidence=CONFIDENCE),
    ),
)
RECORDS = st.builds(
    AnnotationRecord,
    episode_id=NAME,
    annotator=NAME,
    taxonomy_id=TEXT,
    taxonomy_version=TEXT,
    annotation=ANNOTATIONS,
    stages=st.dictionaries(
        st.sampled_from(Stage),
        st.builds(StageRecord, finished_at=st.none() | TEXT, active_s=st.floats(0, 1e9)),
    ),
    source_path=TEXT,
    source_format=TEXT,
    source_fingerprint=TEXT,
    num_frames=st.integers(0, 10**9),
    saved_at=TEXT,
    unknown_fields=st.dictionaries(NAME.filter(lambda name: name not in KNOWN_NAMES), JSON_VALUES, max_size=3),
)


@given(RECORDS)
def test_every_record_survives_the_round_trip(record: AnnotationRecord) -> None:
    """DATA 8: several failures too."""
    content = encode(record)
    assert decode(content) == record
    assert encode(decode(content)) == content
    assert content.endswith(b"}\n")


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    with pytest.raises(BrokenSidecarError):
        decode(content)


@given(RECORDS, st.sampled_from(sorted(KNOWN_NAMES)), JSON_VALUES)
def test_no_value_in_a_known_field_crashes_the_reader(record: AnnotationRecord, name: str, value: Any) -> None:
    document = {**record_to_json(record), name: value}
    with contextlib.suppress(SidecarError):
        assert json.loads(encode(decode(json.dumps(document).encode())))


def test_fields_of_the_label_are_flat_and_all_keys_have_one_order(make_record: MakeRecord) -> None:
    record = make_record(provenance={"notes": Provenance(Origin.MANUAL), "outcome": Provenance(Origin.ACCEPTED)})
    document = json.loads(encode(record))
    assert list(document) == [
        "schema_version",
        "taxonomy",
        "episode_id",
        "annotator",
        *LABEL_FIELDS,
        "stages",
        "source",
        "provenance",
        "saved_at",
    ]
    assert document["schema_version"] == "1.0.0"
    assert document["taxonomy"] == {"id": "failview-tabletop", "version": "1.0.0"}
    assert list(document["provenance"]) == ["outcome", "notes"]
    assert encode(record).startswith(b'{\n  "schema_version"')
    assert "\u00e4".encode() in encode(make_record(notes="\u00e4"))


def newer_document(make_record: MakeRecord) -> dict[str, Any]:
    record = make_record(
        causal_chain=(CausalLink("a", "b"), CausalLink("c", "d", 5)),
        further_failures=(FurtherFailure("grasp", "missed_grasp", 80),),
        provenance={"outcome": Provenance(Origin.PROPOSED, "grasp", 0.5)},
    )
    document = record_to_json(replace(record, stages={Stage.DETAIL: StageRecord(None, 3.0)}))
    document["schema_version"] = "1.7.0"
    document["mood"] = {"deep": [1, 2, {"x": None}]}
    document["taxonomy"]["url"] = "local"
    document["source"]["camera"] = "front"
    document["stages"]["detail"]["pauses"] = 2
    document["stages"]["adjudication"] = {"by": "ben"}
    document["provenance"]["outcome"]["model"] = "v3"
    document["causal_chain"][1]["strength"] = 0.4
    document["further_failures"][0]["obvious_frame"] = 90
    return document


def test_fields_of_a_newer_version_survive_at_every_depth(make_record: MakeRecord) -> None:
    document = newer_document(make_record)
    assert json.loads(encode(record_from_json(document))) == document


def test_fields_of_a_newer_version_survive_a_change(make_record: MakeRecord) -> None:
    document = newer_document(make_record)
    record = record_from_json(document)
    changed = replace(record, annotation=replace(record.annotation, notes="new", failure_onset_frame=61))
    assert json.loads(encode(changed)) == {**document, "notes": "new", "failure_onset_frame": 61}


def test_a_link_keeps_its_unknown_fields_when_links_before_it_go(make_record: MakeRecord) -> None:
    record = record_from_json(newer_document(make_record))
    chain = (CausalLink("new", "one"), record.annotation.causal_chain[1])
    document = record_to_json(replace(record, annotation=replace(record.annotation, causal_chain=chain)))
    assert [link.get("strength") for link in document["causal_chain"]] == [None, 0.4]


def test_provenance_that_is_gone_leaves_no_half_entry_behind(make_record: MakeRecord) -> None:
    record = record_from_json(newer_document(make_record))
    cleared = replace(record, annotation=replace(record.annotation, provenance={}))
    assert record_to_json(cleared)["provenance"] == {}
    assert decode(encode(cleared)).annotation.provenance == {}


def test_a_newer_major_version_is_read_but_never_written(make_record: MakeRecord) -> None:
    document = record_to_json(make_record()) | {"schema_version": "2.0.0", "notes": "from the future"}
    record = decode(json.dumps(document).encode())
    assert record.annotation.notes == "from the future"
    with pytest.raises(NewerSidecarError, match=r"2\.0\.0 is newer than 1\.0\.0 of this failview\. Update failview"):
        encode(record)


def test_a_newer_version_with_values_we_do_not_know_is_not_called_broken(make_record: MakeRecord) -> None:
    document = record_to_json(make_record()) | {"schema_version": "1.1.0", "outcome": "aborted"}
    with pytest.raises(NewerSidecarError, match=r"newer failview \(schema 1\.1\.0\)"):
        decode(json.dumps(document).encode())


def test_missing_optional_fields_get_their_defaults() -> None:
    content = b'{"schema_version": "1.0.0", "episode_id": "demo_1", "annotator": "anna"}'
    assert decode(content) == AnnotationRecord("demo_1", "anna", "", "")


@pytest.mark.parametrize("name", [*LABEL_FIELDS, "taxonomy", "stages", "source", "provenance", "episode_id"])
def test_a_value_of_the_wrong_kind_is_broken_not_guessed(make_record: MakeRecord, name: str) -> None:
    document = record_to_json(make_record()) | {name: {"not": "this"} if name in LABEL_FIELDS else 3}
    with pytest.raises(BrokenSidecarError, match=name):
        decode(json.dumps(document).encode(), "a.json")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"schema_version": "1.0"}',
        b'{"schema_version": 1}',
        b'{"schema_version": "1.0.0"}',
        b'{"schema_version": "1.0.0", "episode_id": "a", "annotator": "b", "episode_id": "c"}',
        b'{"schema_version": "1.0.0", "episode_id": "a", "annotator": "b", "annotator_confidence": NaN}',
        b'{"schema_version": "1.0.0", "episode_id": "a", "annotator": "b", "annotator_confidence": 1e999}',
        b'{"schema_version": "1.0.0", "episode_id": "a", "annotator": "b", "failure_onset_frame": true}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_sidecar_is_called_broken(content: bytes) -> None:
    with pytest.raises(BrokenSidecarError):
        decode(content)


def test_a_number_that_json_cannot_hold_is_refused(make_record: MakeRecord) -> None:
    with pytest.raises(SidecarError, match="cannot be written as JSON"):
        encode(make_record(annotator_confidence=float("nan")))


def test_what_we_write_carries_our_version(make_record: MakeRecord) -> None:
    assert decode(encode(make_record())).schema_version == SIDECAR_SCHEMA_VERSION
