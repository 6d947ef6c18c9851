"""One episode as an RLDS example: which columns it has, and its bytes."""

import json
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from failview.exporters.flat_label import flat_label
from failview.exporters.rlds.example_record import Feature, record
from failview.exporters.rlds.features import Features, Leaf, Numbers, Pictures, Words
from failview.exporters.rlds.pictures import PictureStyle, encoded
from failview.exporters.step_columns import (
    StepColumn,
    column_name,
    recorded_rewards,
    step_columns,
    times_s,
    whole_cameras,
)
from failview.model.annotation import Outcome
from failview.model.episode import Episode
from failview.model.frame_phases import onset_flags, phase_words
from failview.model.roles import Role
from failview.proposals.findings_json import findings_json
from failview.proposals.labelled_dataset import LabelledEpisode

STEPS = "steps"
OBSERVATION, ACTION, METADATA = "observation", "action", "episode_metadata"
_NOT_OBSERVED = frozenset({Role.ACTION, Role.SUCCESS})
_DTYPES = {bool: "bool", int: "int64", float: "float32"}


def observed(episode: Episode, style: PictureStyle) -> dict[str, Leaf]:
    """What an episode observes, acts on and shows per step, by the name of the feature; `action` where it has one."""
    leaves: dict[str, Leaf] = {}
    for column in step_columns(episode):
        if column.role is Role.ACTION and not column.is_words:
            leaves[ACTION] = Numbers("float32", (column.width,))
        elif column.role not in _NOT_OBSERVED:
            leaf = Words() if column.is_words else Numbers("float32", (column.width,))
            leaves[f"{OBSERVATION}/{column.name}"] = leaf
    for camera in whole_cameras(episode) if style.shorter_side != 0 else ():
        leaves[f"{OBSERVATION}/{column_name(camera.name)}_image"] = style.of(camera)
    return leaves


def step_features(leaves: Mapping[str, Leaf]) -> Features:
    """Features of the steps of a dataset whose episodes have these in common."""
    prefix = f"{OBSERVATION}/"
    seen = {name.removeprefix(prefix): leaf for name, leaf in leaves.items() if name.startswith(prefix)}
    action = {ACTION: leaves[ACTION]} if ACTION in leaves else {}
    return {
        **({OBSERVATION: seen} if seen else {}),
        **action,
        "reward": Numbers("float32"),
        "discount": Numbers("float32"),
        "is_first": Numbers("bool"),
        "is_last": Numbers("bool"),
        "is_terminal": Numbers("bool"),
        "is_failure_onset": Numbers("bool"),
        "failure_phase": Words(),
        "language_instruction": Words(),
        "frame_index": Numbers("int64"),
        "timestamp": Numbers("float32"),
    }


def metadata_features() -> Features:
    """Features of `episode_metadata`: the label flat, and what the episode is."""
    label = {
        name: Words() if isinstance(value, str) else Numbers(_DTYPES[type(value)])
        for name, value in flat_label(None).items()
    }
    about: dict[str, Leaf] = {"episode_id": Words(), "task": Words(), "source": Words(), "num_frames": Numbers("int64")}
    return {**label, **about, "is_labelled": Numbers("bool"), "findings": Words()}


def example(labelled: LabelledEpisode, leaves: Mapping[str, Leaf]) -> bytes:
    """The record of an episode with the given features of `observed`.

    Raises:
        DatasetError: A picture cannot be read.
        ExportError: It is too large for TFDS.
    """
    features = {f"{METADATA}/{name}": value for name, value in _metadata(labelled)}
    features |= {f"{STEPS}/{name}": value for name, value in _steps(labelled, leaves)}
    return record(features)


def _metadata(labelled: LabelledEpisode) -> Iterator[tuple[str, Feature]]:
    episode = labelled.episode
    found = "" if labelled.findings is None else json.dumps(findings_json(labelled.findings), ensure_ascii=False)
    values = {
        **flat_label(labelled.record),
        "episode_id": episode.episode_id,
        "task": episode.task,
        "source": episode.source.format_name,
        "num_frames": episode.num_frames,
        "is_labelled": labelled.record is not None,
        "findings": found,
    }
    for name, value in values.items():
        if isinstance(value, str):
            yield name, [_utf8(value)]
        elif isinstance(value, float):
            yield name, np.array([value], dtype=np.float32)
        else:
            yield name, np.array([value], dtype=np.int64)


def _steps(labelled: LabelledEpisode, leaves: Mapping[str, Leaf]) -> Iterator[tuple[str, Feature]]:
    episode, count = labelled.episode, labelled.episode.num_frames
    frames = np.arange(count, dtype=np.int64)
    last = (frames == count - 1).astype(np.int64)
    yield "reward", _rewards(labelled, last)
    yield "discount", np.ones(count, dtype=np.float32)
    yield "is_first", (frames == 0).astype(np.int64)
    yield "is_last", last
    yield "is_terminal", last
    yield "is_failure_onset", onset_flags(labelled.annotation, count).astype(np.int64)
    yield "failure_phase", [_utf8(word) for word in phase_words(labelled.phases)]
    yield "language_instruction", [_utf8(episode.task)] * count
    yield "frame_index", frames
    yield "timestamp", times_s(episode).astype(np.float32)
    yield from _columns(step_columns(episode), leaves)
    for camera in whole_cameras(episode):
        name = f"{OBSERVATION}/{column_name(camera.name)}_image"
        leaf = leaves.get(name)
        if isinstance(leaf, Pictures):
            yield name, list(encoded(camera, leaf))


def _columns(columns: Iterable[StepColumn], leaves: Mapping[str, Leaf]) -> Iterator[tuple[str, Feature]]:
    for column in columns:
        name = ACTION if column.role is Role.ACTION else f"{OBSERVATION}/{column.name}"
        if name not in leaves or column.role is Role.SUCCESS:
            continue
        if column.is_words:
            yield name, [_utf8(word) for word in column.words()]
        else:
            yield name, column.values.astype(np.float32).reshape(-1)


def _rewards(labelled: LabelledEpisode, last: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Feature:
    """Recorded rewards; else 1 at the last step of a labelled success."""
    recorded = recorded_rewards(labelled.episode)
    if recorded is not None:
        return recorded.astype(np.float32)
    label = labelled.annotation
    is_success = label is not None and label.outcome is Outcome.SUCCESS
    return (last * is_success).astype(np.float32)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
