"""The work in ten thousand sidecars is known without reading them, and never from a stale memory."""

import json
import os
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest

from failview.loaders.index_cache import IndexCache
from failview.model.annotation import Stage, StageRecord
from failview.model.review import Audit
from failview.sidecars import codec
from failview.sidecars.location import SidecarLocation
from failview.sidecars.store import SidecarStore
from failview.sidecars.work_done import REMEMBERED_AS, find_work, from_json, to_json, work_of
from tests.sidecars.conftest import MakeRecord

DONE = {Stage.DETAIL: StageRecord("2025-01-01T00:00:00.000+00:00", 5.0)}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def finished(location: SidecarLocation, annotator: str = "anna") -> dict[str, set[Stage]]:
    works = find_work(location, IndexCache(location.folder, REMEMBERED_AS), lambda paths, _title: paths).works
    return {work.episode_id: set(work.stages) for work in works if work.annotator == annotator}


def falsify(stages: list[str]) -> None:
    """Put other stages into the memory, so that a test sees whether it was used."""
    (cache,) = (platformdirs.user_cache_path("failview") / "episodes").glob("*.json")
    content = json.loads(cache.read_text())
    for entry in content["files"].values():
        entry[1][5] = {key: {"finished_at": "2025-01-01T00:00:00+00:00", "active_s": 1.0} for key in stages}
    cache.write_text(json.dumps(content))


@pytest.fixture
def annotated(location: SidecarLocation, make_record: MakeRecord) -> SidecarLocation:
    with SidecarStore(location, "anna") as store:
        store.save(replace(make_record("demo_0"), stages=DONE))
        store.save(make_record("demo_1"))
    with SidecarStore(location, "ben") as store:
        store.save(replace(make_record("demo_2", "ben"), stages=DONE))
    return location


def test_stages_of_this_annotator(annotated: SidecarLocation) -> None:
    assert finished(annotated) == {"demo_0": {Stage.DETAIL}, "demo_1": set()}
    assert finished(annotated, "ben") == {"demo_2": {Stage.DETAIL}}


def test_unchanged_sidecars_are_not_read_again(annotated: SidecarLocation) -> None:
    finished(annotated)
    falsify(["triage", "review"])
    assert finished(annotated)["demo_1"] == {Stage.TRIAGE, Stage.REVIEW}


def test_a_sidecar_that_was_saved_since_is_read(annotated: SidecarLocation, make_record: MakeRecord) -> None:
    finished(annotated)
    falsify(["triage"])
    with SidecarStore(annotated, "anna") as store:
        store.save(replace(make_record("demo_1"), stages=DONE))
    assert finished(annotated) == {"demo_0": {Stage.TRIAGE}, "demo_1": {Stage.DETAIL}}


def test_content_that_changed_behind_the_same_size_and_time_is_read(
    annotated: SidecarLocation, make_record: MakeRecord
) -> None:
    finished(annotated)
    falsify(["triage"])
    path = annotated.path("demo_0", "anna")
    before = path.stat()
    record = replace(make_record("demo_0"), stages={Stage.REVIEW: DONE[Stage.DETAIL]})
    path.write_bytes(codec.encode(record))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert finished(annotated)["demo_0"] == {Stage.REVIEW}


def test_a_broken_sidecar_is_left_out_and_seen_when_it_is_whole_again(annotated: SidecarLocation) -> None:
    path = annotated.path("demo_0", "anna")
    whole = path.read_bytes()
    path.write_bytes(whole[:50])
    assert set(finished(annotated)) == {"demo_1"}
    path.write_bytes(whole)
    assert finished(annotated)["demo_0"] == {Stage.DETAIL}


def test_a_sidecar_that_is_gone_is_gone(annotated: SidecarLocation) -> None:
    finished(annotated)
    annotated.path("demo_0", "anna").unlink()
    assert set(finished(annotated)) == {"demo_1"}


@pytest.mark.parametrize("at", range(8))
def test_a_memory_that_makes_no_sense_is_none(make_record: MakeRecord, at: int) -> None:
    plain = to_json(work_of(replace(make_record("demo_0"), stages=DONE)))
    assert from_json(plain) is not None
    assert from_json([*plain[:at], {"nap": 1}, *plain[at + 1 :]]) is None
    assert from_json(plain[:at]) is None


def test_work_survives_json(make_record: MakeRecord) -> None:
    audit = Audit("2025-01-01T00:00:00+00:00", 0.9, "success", 0.97)
    stages = {**DONE, Stage.TRIAGE: StageRecord(None, 1.5, "too dark", blind=True, in_bulk=True)}
    work = work_of(replace(make_record("demo_0"), stages=stages, audits=(audit,)))
    assert from_json(json.loads(json.dumps(to_json(work)))) == work
