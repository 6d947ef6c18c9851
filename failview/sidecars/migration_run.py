"""All sidecars of a dataset moved to the next version of the taxonomy: first planned, then written.

Planning writes nothing. Writing goes through the store: one file after the other, each atomically and with the version
before kept. Killed in the middle, some are of the old version and some of the new one; the next run does the rest.
"""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from failview.errors import SidecarError
from failview.model.annotation import AnnotationRecord
from failview.sidecars import codec
from failview.sidecars.atomic_file import read_file
from failview.sidecars.location import SidecarLocation
from failview.sidecars.migration import MigratedRecord, migrate_record
from failview.sidecars.os_errors import in_words
from failview.sidecars.store import SidecarStore
from failview.sidecars.taxonomy_mapping import TaxonomyMapping

_Item = TypeVar("_Item")
Progress = Callable[[Sequence[_Item], str], Iterable[_Item]]


@dataclass(frozen=True)
class PlannedSidecar:
    """A sidecar that is to be moved.

    Attributes:
        path: Where it lies now.
        before: Its record, with the episode's id in the dataset.
        migrated: The record that takes its place.
    """

    path: Path
    before: AnnotationRecord
    migrated: MigratedRecord


@dataclass(frozen=True)
class SidecarRemark:
    """A sidecar that is left as it is, or that stands in the way, and why."""

    path: Path
    message: str


@dataclass(frozen=True)
class MigrationPlan:
    """What a migration would do.

    Attributes:
        planned: Sidecars of the old version.
        already: Number of sidecars that are of the new version.
        left: Sidecars that it is not about.
        problems: What stands in the way; nothing is written while there is any.
    """

    planned: tuple[PlannedSidecar, ...]
    already: int
    left: tuple[SidecarRemark, ...]
    problems: tuple[SidecarRemark, ...]


def plan_migration(
    location: SidecarLocation, mapping: TaxonomyMapping, asked_at: str, progress: Progress[Path]
) -> MigrationPlan:
    """What a migration would do to the sidecars of a dataset, of every annotator.

    Args:
        location: Where they lie.
        mapping: The way to the new version.
        asked_at: ISO 8601 time in UTC, for the requests to look again.
        progress: Goes through a list and shows how far it is.
    """
    planning = _Planning(location, mapping, asked_at)
    for path in progress(location.all_sidecars(), "reading sidecars"):
        planning.look_at(path)
    return planning.plan()


def apply_plan(plan: MigrationPlan, location: SidecarLocation, progress: Progress[PlannedSidecar]) -> list[str]:
    """Write what was planned, under the locks of all its annotators.

    Returns:
        What a person must know, one line each.

    Raises:
        SidecarLockedError: Another failview works on some of the sidecars; nothing was written.
        SidecarError: A sidecar changed since it was planned, and nothing was written; or one could not be written, and
            those before it were.
    """
    warnings: dict[str, None] = {}
    with contextlib.ExitStack() as stack:
        annotators = sorted({item.before.annotator for item in plan.planned})
        stores = {name: stack.enter_context(SidecarStore(location, name)) for name in annotators}
        for item in plan.planned:
            _refuse_unless_unchanged(stores[item.before.annotator], item)
        for item in progress(plan.planned, "writing sidecars"):
            saved = stores[item.before.annotator].save(item.migrated.record)
            warnings |= dict.fromkeys(saved.warnings)
            if saved.path != item.path:
                warnings[f"{item.path.parent}: the sidecars of the new version are in {saved.path.parent}"] = None
    return list(warnings)


def _refuse_unless_unchanged(store: SidecarStore, item: PlannedSidecar) -> None:
    loaded = store.load(item.before.episode_id)
    if loaded.read_only_reason:
        raise SidecarError(f"nothing was changed: {loaded.read_only_reason}")
    if loaded.record != item.before:
        raise SidecarError("changed while it was looked at; nothing was written", where=item.path, hint="Run it again")


class _Planning:
    """Looks at one sidecar after the other."""

    def __init__(self, location: SidecarLocation, mapping: TaxonomyMapping, asked_at: str) -> None:
        self._location = location
        self._mapping = mapping
        self._asked_at = asked_at
        self._found: dict[tuple[str, str], tuple[Path, AnnotationRecord]] = {}
        self._left: list[SidecarRemark] = []
        self._problems: list[SidecarRemark] = []

    def look_at(self, path: Path) -> None:
        """Take a sidecar in, or note why not."""
        try:
            record = _read(path)
        except SidecarError as error:
            self._problems.append(SidecarRemark(path, error.what))
            return
        episode_id = self._location.episode_at(path, record.episode_id)
        if episode_id is None:
            self._left.append(SidecarRemark(path, f"the dataset has no episode {record.episode_id}"))
            return
        name = self._location.file_name(episode_id, record.annotator)
        if path.name != name:
            self._left.append(SidecarRemark(path, f"should be named {name} by its episode and annotator"))
            return
        self._take(path, replace(record, episode_id=episode_id))

    def plan(self) -> MigrationPlan:
        """What comes of all that was looked at."""
        planned: list[PlannedSidecar] = []
        already = 0
        mapping = self._mapping
        for path, record in self._found.values():
            of = (record.taxonomy_id, record.taxonomy_version)
            if of == (mapping.target.id, mapping.target.version):
                already += 1
            elif of == (mapping.source_id, mapping.source_version):
                migrated = migrate_record(record, mapping, self._asked_at)
                planned.append(PlannedSidecar(path, record, migrated))
                self._problems += [SidecarRemark(path, text) for text in migrated.unknown]
            elif record.taxonomy_id in (mapping.target.id, mapping.source_id):
                version = record.taxonomy_version or "unknown"
                what = f"made with version {version}; the mapping leads from {mapping.source} to {mapping.destination}"
                self._problems.append(SidecarRemark(path, what))
            else:
                self._left.append(SidecarRemark(path, f"uses the taxonomy {record.taxonomy_id or 'unknown'}"))
        return MigrationPlan(tuple(planned), already, tuple(self._left), tuple(self._problems))

    def _take(self, path: Path, record: AnnotationRecord) -> None:
        """Keep the later one where a sidecar lies beside the data and in the user folder, as the store does."""
        key = (record.episode_id, record.annotator)
        if key not in self._found:
            self._found[key] = (path, record)
            return
        pair = [self._found[key], (path, record)]
        here = self._location.path(*key)
        pair.sort(key=lambda item: (item[1].saved_at, item[0] == here))
        self._found[key] = pair[1]
        self._left.append(SidecarRemark(pair[0][0], f"an older copy of {pair[1][0]}"))


def _read(path: Path) -> AnnotationRecord:
    """The record in a file that this failview may write.

    Raises:
        SidecarError: There is none.
    """
    try:
        found = read_file(path)
    except OSError as error:
        raise SidecarError(f"cannot be read: {in_words(error)[0]}", where=path) from error
    if found is None:
        raise SidecarError("is gone", where=path)
    try:
        record = codec.decode(found[0], str(path))
    except codec.BrokenSidecarError as error:
        raise SidecarError(f"is broken ({error.what}); open it in the panel to have it mended", where=path) from error
    codec.refuse_newer_major(record, str(path))
    return record
