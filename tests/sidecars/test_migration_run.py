"""All sidecars of a dataset are moved, or none; killed in the middle each is whole, and the next run does the rest."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from failview.errors import SidecarError, SidecarLockedError
from failview.model.annotation import Annotation, AnnotationRecord, Outcome
from failview.sidecars.codec import decode, encode
from failview.sidecars.location import SidecarLocation
from failview.sidecars.migration_run import MigrationPlan, apply_plan, plan_migration
from failview.sidecars.store import SidecarStore
from failview.sidecars.taxonomy_mapping import TaxonomyMapping
from tests.sidecar_places import container_location, made_read_only
from tests.sidecars.next_version import mapping_to_second_version

MakeRecord = Callable[..., AnnotationRecord]
Item = TypeVar("Item")
AT = "2025-02-01T12:00:00+00:00"


def silently(items: Sequence[Item], what: str) -> Iterator[Item]:
    yield from items


@pytest.fixture
def mapping(tmp_path: Path) -> TaxonomyMapping:
    return mapping_to_second_version(tmp_path)


def put(location: SidecarLocation, *records: AnnotationRecord) -> None:
    for record in records:
        with SidecarStore(location, record.annotator) as store:
            store.save(record)


def plan(location: SidecarLocation, mapping: TaxonomyMapping) -> MigrationPlan:
    return plan_migration(location, mapping, AT, silently)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_what_the_change_does_not_touch_differs_in_the_version_alone(
    location: SidecarLocation, mapping: TaxonomyMapping, make_record: MakeRecord
) -> None:
    success = replace(make_record("demo_1"), annotation=Annotation(outcome=Outcome.SUCCESS))
    other = replace(make_record("demo_2"), taxonomy_id="mine")
    newer = replace(make_record("demo_3"), taxonomy_version="2.0.0")
    put(location, make_record("demo_0"), success, other, newer, make_record("demo_0", "ben", notes="x"))
    before = contents(location.folder)
    planned = plan(location, mapping)
    assert contents(location.folder) == before, "planning writes nothing"
    assert planned.already == 1
    assert [remark.message for remark in planned.left] == ["uses the taxonomy mine"]
    assert apply_plan(planned, location, silently) == []

    after = contents(location.folder)
    for name in ("demo_2.anna.failview.json", "demo_3.anna.failview.json"):
        assert after[name] == before[name]
    stamped = "demo_1.anna.failview.json"
    assert after[stamped] == before[stamped].replace(b'"version": "1.0.0"', b'"version": "2.0.0"', 1)
    for name in ("demo_0.anna.failview.json", "demo_0.ben.failview.json"):
        assert decode(after[name]).annotation.failure_subcategory == "early_slip"
        assert after[f"{name}.previous"] == before[name], "the version before is kept"
    assert set(after) - set(before) == {
        f"{name}.previous" for name in ("demo_0.anna.failview.json", "demo_0.ben.failview.json", stamped)
    }


def test_the_second_time_there_is_nothing_to_do(
    location: SidecarLocation, mapping: TaxonomyMapping, make_record: MakeRecord
) -> None:
    put(location, make_record("demo_0"), make_record("demo_1", failure_subcategory="missed_grasp"))
    apply_plan(plan(location, mapping), location, silently)
    before = contents(location.folder)
    again = plan(location, mapping)
    assert (again.planned, again.already, again.problems) == ((), 2, ())
    apply_plan(again, location, silently)
    assert contents(location.folder) == before


def test_what_stands_in_the_way_is_named_by_file(
    location: SidecarLocation, mapping: TaxonomyMapping, make_record: MakeRecord
) -> None:
    put(
        location,
        make_record("demo_0", failure_subcategory="slid"),
        replace(make_record("demo_1"), taxonomy_version="0.9.0"),
        make_record("demo_2"),
    )
    (location.folder / "demo_3.anna.failview.json").write_text("{")
    future = encode(make_record("demo_4")).replace(b'"schema_version": "1.', b'"schema_version": "2.', 1)
    (location.folder / "demo_4.anna.failview.json").write_bytes(future)
    found = {remark.path.name.split(".")[0]: remark.message for remark in plan(location, mapping).problems}
    assert set(found) == {"demo_0", "demo_1", "demo_3", "demo_4"}
    assert found["demo_0"] == (
        "failure_subcategory: taxonomy.migration.toml says nothing of 'slid', and it is not kept"
    )
    assert found["demo_1"] == (
        "made with version 0.9.0; the mapping leads from failview-tabletop 1.0.0 to failview-tabletop 2.0.0"
    )
    assert "is broken (is not valid JSON)" in found["demo_3"]
    assert "is newer than" in found["demo_4"]


def test_sidecars_of_no_episode_or_with_a_wrong_name_are_left(
    location: SidecarLocation, mapping: TaxonomyMapping, make_record: MakeRecord
) -> None:
    location.folder.mkdir()
    (location.folder / "gone.anna.failview.json").write_bytes(encode(make_record("gone")))
    (location.folder / "demo_0.ben.failview.json").write_bytes(encode(make_record("demo_0", "anna")))
    planned = plan(location, mapping)
    assert planned.planned == ()
    assert [remark.message for remark in planned.left] == [
        "should be named demo_0.anna.failview.json by its episode and annotator",
        "the dataset has no episode gone",
    ]


def test_while_another_failview_works_there_nothing_is_written(
    container: Path, mapping: TaxonomyMapping, make_record: MakeRecord
) -> None:
    location = container_location(container)
    put(location, make_record("demo_0"), make_record("demo_1", "ben"))
    planned = plan(location, mapping)
    before = contents(location.folder)
    hold = (
        "import sys; from failview.sidecars.store import SidecarStore;"
        "from tests.sidecar_places import container_location;"
        "store = SidecarStore(container_location(sys.argv[1]), 'ben'); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(container)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(SidecarLockedError, match=r"another failview .* works on the annotations of ben"):
            apply_plan(planned, location, silently)
        after = contents(location.folder)
        assert {name: after[name] for name in before} == before
        other.communicate()
    apply_plan(planned, location, silently)
    assert plan(location, mapping).already == 2


def test_a_sidecar_that_changed_since_it_was_planned_stops_everything(
    location: SidecarLocation, mapping: TaxonomyMapping, make_record: MakeRecord
) -> None:
    put(location, make_record("demo_0"), make_record("demo_1"))
    planned = plan(location, mapping)
    put(location, make_record("demo_1", notes="written meanwhile"))
    before = contents(location.folder)
    with pytest.raises(SidecarError, match="changed while it was looked at; nothing was written"):
        apply_plan(planned, location, silently)
    assert contents(location.folder) == before


def test_sidecars_in_a_read_only_folder_move_to_the_user_folder(
    tmp_path: Path, mapping: TaxonomyMapping, make_record: MakeRecord
) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    data = archive / "data.hdf5"
    data.touch()
    put(container_location(data, user_root=tmp_path / "user"), make_record("demo_0"))
    beside = contents(archive / "data.hdf5.failview")
    with made_read_only(archive):
        location = container_location(data, user_root=tmp_path / "user")
        (warning,) = apply_plan(plan(location, mapping), location, silently)
        assert str(location.folder) in warning
        again = plan(location, mapping)
        assert (again.planned, again.already) == ((), 1)
        assert "an older copy of" in again.left[0].message
        with SidecarStore(location, "anna") as store:
            loaded = store.load("demo_0").record
    assert loaded is not None
    assert loaded.taxonomy_version == "2.0.0"
    assert contents(archive / "data.hdf5.failview") == beside


EPISODES = [f"demo_{number}" for number in range(20)]


def test_killed_in_the_middle_every_sidecar_is_old_or_new_and_the_next_run_finishes(
    container: Path, tmp_path: Path, mapping: TaxonomyMapping, make_record: MakeRecord
) -> None:
    location = container_location(container)
    put(location, *(make_record(key, notes=f"note {key} " * 50) for key in EPISODES))
    paths = {key: location.path(key, "anna") for key in EPISODES}
    old = {key: path.read_bytes() for key, path in paths.items()}
    new = {item.before.episode_id: encode(item.migrated.record) for item in plan(location, mapping).planned}
    assert set(new) == set(EPISODES)

    moved_at_last, mixtures = 0, 0
    for lines in (1, 3, 2, 4):
        target = "tests.sidecars.migrate_target"
        command = [sys.executable, "-m", target, str(container), str(tmp_path / "taxonomy.toml")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(lines):
                process.stdout.readline()
            process.kill()
        moved = 0
        for key, path in paths.items():
            content = path.read_bytes()
            assert content in (old[key], new[key]), "one whole version, not a mixture"
            moved += content == new[key]
        assert moved >= moved_at_last, "what was moved stays moved"
        moved_at_last = moved
        mixtures += 0 < moved < len(EPISODES)
    assert mixtures > 0, "at least one process died in the middle"

    apply_plan(plan(location, mapping), location, silently)
    assert {key: path.read_bytes() for key, path in paths.items()} == new
    assert not [path for path in location.folder.iterdir() if path.suffix in (".tmp", ".lock")]
