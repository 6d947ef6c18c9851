"""Labels put into the user's own robomimic file: into a copy, which is checked and then takes its place."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from failview.errors import ExportError
from failview.exporters.export_report import ExportReport, notes_about
from failview.exporters.robomimic.annotated_demo import write_annotations
from failview.exporters.robomimic.copied_file import SourceDemo, demos_of
from failview.exporters.robomimic.export import Progress, RobomimicRequest, keys_of
from failview.exporters.robomimic.metadata import write_metadata, written_before
from failview.exporters.whole_output import put_in_place_of
from failview.loaders.hdf5.failview_annotations import names_of_annotations
from failview.loaders.hdf5.hdf5_tree import datasets_below
from failview.loaders.remote.remote_path import RemotePath
from failview.proposals.embedded_labels import label_in
from failview.proposals.labelled_dataset import LabelledDataset
from failview.sidecars.atomic_file import free_name

BACKUP = "before-failview"
"""The file as it was is `.<name>.before-failview-<number>`: hidden, so that nobody takes it for one more dataset."""

_AT_ONCE = 64 << 20


def annotate_in_place(labelled: LabelledDataset, request: RobomimicRequest, progress: Progress) -> ExportReport:
    """Put labels, findings, taxonomy and filter keys into the dataset's own file. Its data stays as it is.

    A copy is written beside it, every dataset of it is compared with the original and the labels are read back, and
    only then it takes the place of the original, which stays as a backup.

    Args:
        labelled: The dataset with its labels, open; it is to be opened anew afterwards.
        request: Taxonomy and splits; the rest does not apply.
        progress: Shows how far it is.

    Raises:
        ExportError: It is not such a file, it cannot be written, or the copy is not what it should be.
    """
    dataset = labelled.dataset
    demos = _demos(labelled)
    target = dataset.path
    backup = free_name(target.with_name(f".{target.name}"), BACKUP)
    with put_in_place_of(target, backup) as part:
        shutil.copy2(target, part)
        with h5py.File(part, "r+") as file:
            foreign = _foreign_keys(file)
            for demo in progress("writing labels", demos, len(demos)):
                write_annotations(file[demo.group], labelled.read(demo.episode_id))
            episodes = {demo.name: demo.episode_id for demo in demos}
            keys = keys_of(labelled, episodes, request.splits)
            taken = sorted(foreign & set(keys))
            if taken:
                what = f"has a filter key {taken[0]} of its own"
                raise ExportError(what, where=target, hint="Export a copy, or rename the key")
            write_metadata(file, request.taxonomy, episodes, keys)
        _verify(labelled, part, demos, progress)
    count = sum(demo.episode_id in labelled.records for demo in demos)
    more = {"filter_keys": {name: len(names) for name, names in keys.items()}, "backup": str(backup)}
    notes = (*notes_about(labelled), f"the file as it was is {backup}")
    return ExportReport(target, len(demos), count, notes, more)


def _demos(labelled: LabelledDataset) -> list[SourceDemo]:
    dataset = labelled.dataset
    demos = demos_of(dataset, [entry.episode_id for entry in dataset.entries])
    hint = "Leave out --in-place and export a copy"
    if demos is None or len(dataset.parts) > 1 or isinstance(dataset.path, RemotePath):
        raise ExportError("is not one robomimic file on this machine", where=dataset.path, hint=hint)
    if any(demo.group != f"data/{demo.name}" for demo in demos):
        raise ExportError("its episodes are not called /data/demo_<number>", where=dataset.path, hint=hint)
    return demos


def _foreign_keys(file: h5py.File) -> set[str]:
    mask = file.get("mask")
    return set(mask) - set(written_before(file).get("filter_keys", [])) if isinstance(mask, h5py.Group) else set()


def _verify(labelled: LabelledDataset, after: Path, demos: Sequence[SourceDemo], progress: Progress) -> None:
    """Nothing where the copy holds the same data, and the labels that it should.

    Raises:
        ExportError: It does not.
    """
    before = labelled.dataset.path
    with h5py.File(before, "r", locking=False) as old, h5py.File(after, "r") as new:
        for demo in progress("comparing with the original", demos, len(demos)):
            ours, theirs = _own(new[demo.group]), _own(old[demo.group])
            same = list(ours) == list(theirs) and all(_equal(ours[name], theirs[name]) for name in ours)
            if not same or label_in(new[demo.group]) != labelled.records.get(demo.episode_id):
                raise ExportError(f"the copy of {demo.name} is not what it should be", where=before)


def _own(demo: h5py.Group) -> dict[str, h5py.Dataset]:
    return dict(datasets_below(demo, [], names_of_annotations(demo)))


def _equal(one: h5py.Dataset, other: h5py.Dataset) -> bool:
    """Whether two datasets hold the same bytes, compared piece by piece."""
    if one.shape != other.shape or one.dtype != other.dtype or dict(one.attrs).keys() != dict(other.attrs).keys():
        return False
    if not one.shape:
        return _same(one[()], other[()])
    rows = max(1, _AT_ONCE // max(1, one.dtype.itemsize * int(np.prod(one.shape[1:], dtype=object))))
    return all(_same(one[at : at + rows], other[at : at + rows]) for at in range(0, one.shape[0], rows))


def _same(one: Any, other: Any) -> bool:
    is_number = isinstance(one, np.ndarray | np.generic) and one.dtype.kind == "f"
    return bool(np.array_equal(one, other, equal_nan=is_number))
