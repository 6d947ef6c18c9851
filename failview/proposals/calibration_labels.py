"""Labels to calibrate by: from finished annotations beside the data, or from a file with the truth."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from failview.detectors.calibration.labels import Label, Meanings
from failview.errors import SidecarError
from failview.model.annotation import AnnotationRecord, Origin, Outcome
from failview.sidecars.dataset_records import read_records
from failview.sidecars.location import SidecarLocation

_OUTCOMES = {outcome.value for outcome in Outcome}


@dataclass(frozen=True)
class FoundLabels:
    """Labels, and what a reader should know about them.

    Attributes:
        labels: One per labelled episode.
        notes: Lines for people.
    """

    labels: tuple[Label, ...]
    notes: tuple[str, ...] = ()


def labels_of_sidecars(location: SidecarLocation, episode_ids: Collection[str]) -> FoundLabels:
    """Labels from the annotations whose stage is finished: triage of a success, detail of anything else.

    Where several annotators have finished an episode, the reviewed label counts, else the one that was saved last.
    """
    records = read_records(location, lambda paths, _title: paths)
    best = records.final()
    unreadable = len(records.unreadable)
    notes = [f"{unreadable} sidecars cannot be read (failview validate says why)"] if unreadable else []
    labels = tuple(_label_of_record(key, best[key]) for key in episode_ids if key in best)
    taken_over = sum(label.taken_over for label in labels)
    if taken_over:
        notes.append(f"{taken_over} of {len(labels)} labels are proposals accepted as they were: they flatter them")
    return FoundLabels(labels, tuple(notes))


def _label_of_record(episode_id: str, record: AnnotationRecord) -> Label:
    annotation = record.annotation
    assert annotation.outcome is not None
    origin = annotation.provenance.get("outcome")
    return Label(
        episode_id=episode_id,
        outcomes=frozenset({annotation.outcome.value}),
        subcategories=frozenset({annotation.failure_subcategory}),
        subcategory=annotation.failure_subcategory,
        onset_frame=annotation.failure_onset_frame,
        further=frozenset(item.subcategory for item in annotation.further_failures),
        taken_over=origin is not None and origin.origin in {Origin.ACCEPTED, Origin.PROPOSED},
    )


def labels_of_file(path: Path, episode_ids: Collection[str], meanings: Meanings) -> FoundLabels:
    """Labels from a JSON file: an object of episodes by id, or one that holds such an object as "episodes".

    Each episode says `outcome`, `failure_subcategory` (null for none), and where known `failure_onset_frame`,
    `outcome_acceptable` and `subcategory_acceptable` (lists of what counts as right as well).

    Raises:
        SidecarError: No such file, not JSON, or a value that cannot be; the message names the episode.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SidecarError(f"cannot be read ({error.strerror})", where=path, hint="Check the path") from error
    except ValueError as error:
        raise SidecarError(f"not valid JSON ({error})", where=path) from error
    entries = content.get("episodes", content) if isinstance(content, dict) else None
    if not isinstance(entries, dict) or not all(isinstance(item, dict) for item in entries.values()):
        hint = 'Write {"EPISODE": {"outcome": "failure", "failure_subcategory": "missed_grasp"}, …}'
        raise SidecarError("holds no truth by episode", where=path, hint=hint)
    labels = [_label_of_entry(path, key, entries[key], meanings) for key in episode_ids if key in entries]
    strangers = [key for key in entries if key not in set(episode_ids)]
    notes = [f"{path.name}: {len(strangers)} episodes are not in this dataset ({strangers[0]}, …)"] if strangers else []
    return FoundLabels(tuple(labels), tuple(notes))


def _label_of_entry(path: Path, episode_id: str, entry: Mapping[str, Any], meanings: Meanings) -> Label:
    outcome, subcategory = entry.get("outcome"), entry.get("failure_subcategory")
    outcomes = _texts(entry.get("outcome_acceptable")) | {outcome}
    subcategories = _texts(entry.get("subcategory_acceptable")) | {subcategory}
    onset = entry.get("failure_onset_frame")
    where = f"{path}, {episode_id}"
    if not outcomes <= _OUTCOMES:
        raise SidecarError(f"outcome cannot be {_strange(outcomes - _OUTCOMES)}", where=where, hint=_any_of(_OUTCOMES))
    unknown = subcategories - {None} - set(meanings.categories)
    if unknown:
        hint = "failview taxonomy show lists the subcategories"
        raise SidecarError(f"the taxonomy has no subcategory {_strange(unknown)}", where=where, hint=hint)
    if onset is not None and (type(onset) is not int or onset < 0):
        raise SidecarError(f"failure_onset_frame cannot be {onset!r}", where=where, hint="Write a frame, or null")
    return Label(
        episode_id=episode_id,
        outcomes=frozenset(str(item) for item in outcomes),
        subcategories=frozenset(subcategories),
        subcategory=subcategory,
        onset_frame=onset if subcategory is not None else None,
    )


def _texts(value: Any) -> set[Any]:
    return set(value) if isinstance(value, list) and all(isinstance(item, str | None) for item in value) else set()


def _strange(values: Collection[Any]) -> str:
    return ", ".join(sorted(repr(value) for value in values))


def _any_of(values: Collection[str]) -> str:
    return f"One of {', '.join(sorted(values))}"
