"""A copy of files of robomimic's family with labels put in; everything that stands in them is carried over as it is."""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from failview.exporters.robomimic.annotated_demo import write_annotations
from failview.exporters.robomimic.observations import put_rewards_and_dones, put_signals
from failview.loaders.hdf5.hdf5_kind import episodes_group
from failview.loaders.hdf5.hdf5_tree import member, member_or_none, member_or_warning, open_hdf5
from failview.loaders.hdf5.robomimic_attributes import json_attribute, text_attribute
from failview.loaders.hdf5.robomimic_hdf5 import RobomimicHdf5
from failview.loaders.natural_order import safe_id
from failview.loaders.opening import OpenedDataset
from failview.proposals.labelled_dataset import LabelledEpisode

_DEMO = re.compile(r"demo_\d+")
_ROBOSUITE, _GYM = 1, 2
"""Kinds of environment in robomimic's `env_args` (robomimic.envs.env_base.EnvType)."""


@dataclass(frozen=True)
class SourceDemo:
    """Where an episode stands, and what it is called in the export.

    Attributes:
        episode_id: The episode.
        file: Its file.
        group: Path of its group in there.
        name: Its name in the export ("demo_3").
    """

    episode_id: str
    file: Path
    group: str
    name: str


def demos_of(dataset: OpenedDataset, episode_ids: Sequence[str]) -> list[SourceDemo] | None:
    """Where the episodes stand; None when one of them is not in a file of this family.

    Names that robomimic can read (demo_<number>) stay where all are such and come from one file; else they are numbered
    in the order of the episodes.
    """
    if any(part.format_name != RobomimicHdf5.format_name for part in dataset.parts):
        return None
    paths: dict[tuple[Path, str], str] = {}
    for part in dataset.parts:
        with open_hdf5(part.path) as file:
            group = episodes_group(file)
            members = member(file, group)
            assert isinstance(members, h5py.Group)
            paths |= {(part.path, safe_id(name)): f"{group.rstrip('/')}/{name}" for name in members}
    found = []
    for number, episode_id in enumerate(episode_ids):
        part, inner = dataset.part_of(episode_id)
        found.append(SourceDemo(episode_id, part.path, paths[part.path, inner], f"demo_{number}"))
    names = [demo.group.rsplit("/", 1)[-1] for demo in found]
    if len(dataset.parts) == 1 and all(map(_DEMO.fullmatch, names)):
        found = [
            SourceDemo(demo.episode_id, demo.file, demo.group, name) for demo, name in zip(found, names, strict=True)
        ]
    return found


class Sources:
    """The source files, each opened once.

    Args:
        stack: Closes them.
    """

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._files: dict[Path, h5py.File] = {}

    def file(self, path: Path) -> h5py.File:
        """A file, open for reading."""
        if path not in self._files:
            self._files[path] = self._stack.enter_context(open_hdf5(path))
        return self._files[path]


@contextlib.contextmanager
def sources() -> Iterator[Sources]:
    """Source files that are closed at the end."""
    with contextlib.ExitStack() as stack:
        yield Sources(stack)


def copy_top(source: h5py.File, target: h5py.File, demos: Sequence[SourceDemo]) -> list[str]:
    """Copy everything but the episodes: attributes, other groups, filter keys as far as they name episodes copied.

    Returns:
        What is left out, one line each.
    """
    notes: list[str] = []
    group = demos[0].group.rsplit("/", 1)[0] or "/"
    data = target.create_group("data")
    _copy_attributes(source, target)
    if group != "/":
        _copy_attributes(source[group], data)
        for name in source:
            if name in {group.strip("/").split("/")[0], "mask"}:
                continue
            item = member_or_warning(source, name, name, notes)
            if item is not None:
                source.copy(item, target, name=name)
                notes += drop_what_leads_outside(target[name]) if isinstance(item, h5py.Group) else []
    renamed = {demo.group.rsplit("/", 1)[-1]: demo.name for demo in demos}
    mask = member_or_none(source, "mask")
    if isinstance(mask, h5py.Group):
        _copy_filter_keys(mask, target.create_group("mask"), renamed)
    return notes


def drop_what_leads_outside(top: h5py.Group) -> list[str]:
    """Remove links to other files, and datasets that keep their data there: they would lead anywhere from the copy.

    Returns:
        What was removed, one line each.
    """
    notes: list[str] = []
    seen: set[int] = set()
    left = [(top.name.lstrip("/"), top)]
    while left:
        path, group = left.pop()
        address = h5py.h5o.get_info(group.id).addr
        if address in seen:
            continue  # a group may hold itself
        seen.add(address)
        for name in list(group):
            item = member_or_warning(group, name, f"{path}/{name}", notes)
            if item is None:
                del group[name]
            elif isinstance(item, h5py.Group):
                left.append((f"{path}/{name}", item))
    return notes


def copy_demo(source: h5py.File, demo: SourceDemo, data: h5py.Group, labelled: LabelledEpisode) -> list[str]:
    """Copy an episode, add what robomimic needs and it lacks, and put its label in.

    Returns:
        What was added or is missing, one line each.
    """
    source.copy(member(source, demo.group), data, name=demo.name)
    group = data[demo.name]
    notes = drop_what_leads_outside(group)
    if "num_samples" not in group.attrs:
        group.attrs["num_samples"] = labelled.episode.num_frames
    if not isinstance(group.get("obs"), h5py.Group):
        notes += put_signals(group, labelled.episode)
        notes.append("obs: the file has none; the signals that failview found are written there")
    put_rewards_and_dones(group, labelled.episode, labelled.annotation)
    if "actions" not in group:
        notes.append("no actions: robomimic's policies cannot learn from these episodes")
    write_annotations(group, labelled)
    return notes


def complete_attributes(data: h5py.Group, name: str) -> None:
    """Set `env_args`, where there is none that can be read, and `total`.

    Args:
        data: The group of the demos.
        name: What to call the environment when the file does not say.
    """
    if not json_attribute(data, "env_args"):
        environment = text_attribute(data, "env")
        kwargs = dict(json_attribute(data, "env_info"))
        kind = _ROBOSUITE if environment else _GYM
        args = {"env_name": environment or name, "type": kind, "env_kwargs": kwargs}
        data.attrs["env_args"] = json.dumps(args)
    data.attrs["total"] = sum(int(data[demo].attrs["num_samples"]) for demo in data)


def _copy_attributes(source: h5py.Group, target: h5py.Group) -> None:
    for name, value in source.attrs.items():
        target.attrs[name] = value


def _copy_filter_keys(mask: h5py.Group, target: h5py.Group, renamed: Mapping[str, str]) -> None:
    for key in mask:
        item = member_or_none(mask, key)
        if not isinstance(item, h5py.Dataset) or item.ndim != 1:
            continue
        names = [word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in item[:]]
        demos = [renamed[name] for name in names if name in renamed]
        if demos:
            target.create_dataset(key, data=np.array([demo.encode() for demo in demos]))
