"""What an export says when it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from failview.proposals.labelled_dataset import LabelledDataset

_NAMED = 6


@dataclass(frozen=True)
class ExportReport:
    """What was exported.

    Attributes:
        path: The file or folder.
        episodes: How many episodes it holds.
        labelled: Of these, how many with a finished label.
        notes: What a reader must know, one line each: what could not be carried, what was converted.
        more: Further facts for programs, by name.
    """

    path: Path
    episodes: int
    labelled: int
    notes: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def notes_about(labelled: LabelledDataset) -> list[str]:
    """What every export says about the labels that it starts from."""
    notes = []
    missing = len(labelled.entries) - len(labelled.records)
    if missing:
        notes.append(f"{missing} of {len(labelled.entries)} episodes have no finished label")
    if labelled.found.unreadable:
        notes.append(f"{len(labelled.found.unreadable)} sidecars cannot be read (failview validate says why)")
    vocabularies = sorted({f"{item.taxonomy_id} {item.taxonomy_version}" for item in labelled.records.values()})
    if len(vocabularies) > 1:
        notes.append(f"labels of several taxonomies: {', '.join(vocabularies)} (failview taxonomy migrate)")
    return notes


def notes_about_left_out(problems: Mapping[str, str]) -> list[str]:
    """Which episodes are not in an export, and why; of many only the first ones are named.

    Args:
        problems: Why, by episode id.
    """
    named = [f"{episode_id} is left out: {problem}" for episode_id, problem in problems.items()]
    if len(named) <= _NAMED:
        return named
    return [*named[: _NAMED - 1], f"{len(named) - _NAMED + 1} more episodes are left out for such reasons"]
