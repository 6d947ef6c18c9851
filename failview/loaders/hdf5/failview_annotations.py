"""The labels that failview puts into robomimic files: their place, and that they are no data.

Each demo has a group `annotations` with the label, the phases of its frames, and what the detectors found; beside it
stand `failure_phase` and `is_failure_onset` for readers that look for datasets of the demo alone.
"""

import h5py

from failview.loaders.hdf5.hdf5_tree import member_or_none

ANNOTATIONS = "annotations"
PHASE = "failure_phase"
ONSET = "is_failure_onset"

SIDECAR = "sidecar"
"""Member of the group: the whole sidecar as JSON; "" without a label."""
DETECTORS, FINDINGS, PER_FRAME, SAMPLES, TIMES = "detectors", "findings", "per_frame", "samples", "times_ns"
"""Members of the group: what the detectors found as JSON, their arrays at the frames, and as they are with times."""

MARK = "failview"
"""Attribute of what failview wrote, with its version: a member of these names without it is somebody else's."""

_OURS = frozenset({ANNOTATIONS, PHASE, ONSET})
_MAY_BE_OURS = ("rewards", "dones")
"""Where nothing was recorded they are made from the label, and must not be taken for evidence about it."""


def annotations_of(demo: h5py.Group) -> h5py.Group | None:
    """The group with the label of an episode; None when failview wrote none."""
    group = member_or_none(demo, ANNOTATIONS)
    return group if isinstance(group, h5py.Group) and MARK in group.attrs else None


def names_of_annotations(demo: h5py.Group) -> frozenset[str]:
    """Members of an episode that are labels and no data, so that an annotated file holds the same episode as before."""
    if annotations_of(demo) is None:
        return frozenset()
    return _OURS.union(name for name in _MAY_BE_OURS if _is_marked(member_or_none(demo, name)))


def _is_marked(item: object) -> bool:
    return isinstance(item, h5py.Dataset) and MARK in item.attrs
