"""Puts label, phases and findings into the group of one demo."""

import json

import h5py
import numpy as np
import numpy.typing as npt

from failview import __version__
from failview.errors import ExportError
from failview.exporters.flat_label import flat_label
from failview.exporters.robomimic.hdf5_values import put_per_frame, put_scalar
from failview.loaders.hdf5.failview_annotations import (
    ANNOTATIONS,
    DETECTORS,
    FINDINGS,
    MARK,
    ONSET,
    PER_FRAME,
    PHASE,
    SAMPLES,
    TIMES,
    annotations_of,
)
from failview.model.clock import Clock
from failview.model.detection import EpisodeFindings
from failview.model.frame_phases import PHASES, onset_flags, phase_words
from failview.model.frame_values import values_at_frames
from failview.proposals.findings_json import findings_json
from failview.proposals.labelled_dataset import LabelledEpisode

_PHASE_BYTES = max(len(phase) for phase in PHASES)


def write_annotations(demo: h5py.Group, labelled: LabelledEpisode) -> None:
    """Put everything that is said about an episode into its demo, in place of what an earlier export put there.

    Scalars are not filtered, for HDF5 refuses filters on them; what is per frame is compressed.

    Args:
        demo: Its group, open for writing; robomimic's `/data/demo_N`.
        labelled: The episode with its label, if it has one, and its findings, if there are any.

    Raises:
        ExportError: Another program's members stand in these places.
    """
    _make_room(demo)
    group = demo.create_group(ANNOTATIONS)
    group.attrs[MARK] = __version__
    for name, value in flat_label(labelled.record).items():
        put_scalar(group, name, value)
    onset = onset_flags(labelled.annotation, labelled.episode.num_frames)
    put_per_frame(group, PHASE, np.array(phase_words(labelled.phases), dtype=f"S{_PHASE_BYTES}"))
    put_per_frame(group, ONSET, onset)
    codes = put_per_frame(demo, PHASE, labelled.phases)
    codes.attrs["words"] = json.dumps([phase.value for phase in PHASES])
    put_per_frame(demo, ONSET, onset)
    if labelled.findings is not None:
        _write_findings(group.create_group(DETECTORS), labelled.findings, labelled.episode.clock)


def _make_room(demo: h5py.Group) -> None:
    if annotations_of(demo) is None:
        taken = [name for name in (ANNOTATIONS, PHASE, ONSET) if name in demo]
        if taken:
            what = f"{demo.name}/{taken[0]} is there already, and not of failview"
            raise ExportError(what, where=demo.file.filename, hint="Rename it")
    for name in (ANNOTATIONS, PHASE, ONSET):
        if name in demo:
            del demo[name]


def _write_findings(group: h5py.Group, findings: EpisodeFindings, clock: Clock) -> None:
    """Events and proposal as JSON; raw arrays at the frames, and as they are where they have a clock of their own."""
    put_scalar(group, FINDINGS, json.dumps(findings_json(findings), ensure_ascii=False, sort_keys=True))
    times_ns = findings.array_times_ns
    per_frame = group.create_group(PER_FRAME)
    for name, values in findings.arrays.items():
        put_per_frame(per_frame, _member(name), _float32(values_at_frames(values, times_ns, clock)))
    if times_ns is None:
        return
    samples = group.create_group(SAMPLES)
    put_per_frame(samples, TIMES, times_ns)
    for name, values in findings.arrays.items():
        put_per_frame(samples, _member(name), _float32(values))


def _member(name: str) -> str:
    return name.replace("/", "_")


def _float32(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Findings are kept with this precision."""
    return values.astype(np.float32)
