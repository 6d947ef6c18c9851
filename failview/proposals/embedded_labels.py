"""Labels and findings that an export put into a robomimic file, read back from there."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import h5py
import numpy as np

from failview.errors import DatasetError, SidecarError
from failview.loaders.hdf5.failview_annotations import (
    ANNOTATIONS,
    DETECTORS,
    FINDINGS,
    PER_FRAME,
    SIDECAR,
    annotations_of,
)
from failview.loaders.hdf5.hdf5_tree import member, member_or_none, open_hdf5
from failview.loaders.hdf5.robomimic_hdf5 import RobomimicHdf5
from failview.loaders.natural_order import safe_id
from failview.loaders.opening import OpenedDataset
from failview.model.annotation import AnnotationRecord
from failview.model.detection import EpisodeFindings
from failview.proposals.array_archive import DAMAGED
from failview.proposals.findings_json import kept_findings
from failview.sidecars import codec


@dataclass(frozen=True)
class EmbeddedLabels:
    """What stands in the files of a dataset themselves.

    Attributes:
        records: Labels by episode.
        places: File and group of the annotations, by episode.
    """

    records: Mapping[str, AnnotationRecord] = field(default_factory=dict)
    places: Mapping[str, tuple[Path, str]] = field(default_factory=dict)

    def findings_of(self, episode_id: str) -> EpisodeFindings | None:
        """What the detectors had found, its arrays at the frames; None when there is nothing usable."""
        if episode_id not in self.places:
            return None
        path, group = self.places[episode_id]
        with contextlib.suppress(*DAMAGED, DatasetError), open_hdf5(path) as file:
            detectors = member(file, f"{group}/{DETECTORS}")
            arrays = member(file, f"{group}/{DETECTORS}/{PER_FRAME}")
            if isinstance(detectors, h5py.Group) and isinstance(arrays, h5py.Group):
                findings = kept_findings(json.loads(_text(detectors, FINDINGS)))
                values = {name: np.asarray(_dataset(arrays, name)[:], dtype=np.float64) for name in arrays}
                return replace(findings, episode_id=episode_id, arrays=values, array_times_ns=None)
        return None


def embedded_labels(dataset: OpenedDataset) -> EmbeddedLabels:
    """What an earlier export put into the files of a dataset; broken labels are as good as none."""
    if all(part.format_name != RobomimicHdf5.format_name for part in dataset.parts):
        return EmbeddedLabels()
    records: dict[str, AnnotationRecord] = {}
    places: dict[str, tuple[Path, str]] = {}
    found = {(part.path, name): (group, text) for part in dataset.parts for name, group, text in _annotated(part.path)}
    for entry in dataset.entries if found else ():
        part, inner = dataset.part_of(entry.episode_id)
        if (part.path, inner) not in found:
            continue
        group, text = found[part.path, inner]
        places[entry.episode_id] = (part.path, group)
        with contextlib.suppress(SidecarError):
            if text:
                records[entry.episode_id] = replace(codec.decode(text.encode()), episode_id=entry.episode_id)
    return EmbeddedLabels(records, places)


def label_in(demo: h5py.Group) -> AnnotationRecord | None:
    """The label in the annotations of a demo, which names the episode as its sidecar does; None without one.

    Raises:
        SidecarError: It is broken.
        KeyError: There are no annotations.
    """
    text = _text(demo, f"{ANNOTATIONS}/{SIDECAR}")
    return codec.decode(text.encode()) if text else None


def _annotated(path: Path) -> Iterator[tuple[str, str, str]]:
    """(id within the file, path of the annotations, JSON of the sidecar); nothing where the first demo has none."""
    with open_hdf5(path) as file:
        data = member_or_none(file, "data")
        for name in data if isinstance(data, h5py.Group) else ():
            demo = member_or_none(data, name)
            group = annotations_of(demo) if isinstance(demo, h5py.Group) else None
            if group is None:
                return
            with contextlib.suppress(*DAMAGED):
                yield safe_id(name), f"data/{name}/{ANNOTATIONS}", _text(group, SIDECAR)


def _text(group: h5py.Group, name: str) -> str:
    return str(_dataset(group, name).asstr()[()])


def _dataset(group: h5py.Group, name: str) -> h5py.Dataset:
    item = member(group, name)
    if not isinstance(item, h5py.Dataset):
        raise KeyError(name)
    return item
