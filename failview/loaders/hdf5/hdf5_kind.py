"""Tells HDF5 files of many episodes, of one episode, and of something else apart; no data is read."""

import re
from pathlib import Path

import h5py

from failview.loaders.hdf5.episode_survey import survey
from failview.loaders.hdf5.hdf5_tree import damage_told, datasets_below, member_or_none, open_hdf5

_EPISODE_NAME = re.compile(
    r"(?:demo|episode|epi?|traj(?:ectory)?|trial|rollout|run|seq(?:uence)?)[ _-]?\d+", re.IGNORECASE
)
_SIGNS_IN_ATTRIBUTES = frozenset({"env_args", "total", "env", "env_info", "problem_info", "repository_version"})
_SIGNS_IN_GROUPS = frozenset({"actions", "action", "obs", "states", "observations"})
_LOOKED_AT = 20


def episodes_group(file: h5py.File) -> str:
    """Path of the group that holds many episodes, one group each; "" when the file is not of this kind."""
    data = member_or_none(file, "data")
    if isinstance(data, h5py.Group) and _is_list_of_episodes(data):
        return "data"
    children = _some_children(file)
    groups = [name for name, item in children.items() if isinstance(item, h5py.Group)]
    loose = any(isinstance(item, h5py.Dataset) and item.ndim for item in children.values())
    return "/" if groups and not loose and all(_EPISODE_NAME.fullmatch(name) for name in groups) else ""


def why_not_recognised(path: Path) -> str:
    """What an HDF5 file holds when it is no recording; "" when it is the recording of one episode.

    Raises:
        DatasetError: Truncated or damaged.
    """
    with open_hdf5(path) as file, damage_told(path):
        left_out: list[str] = []
        why_not = survey(file["/"], dict(datasets_below(file, left_out))).why_not
    return f"{why_not}; {left_out[0]}" if why_not and left_out else why_not


def holds_many_episodes(path: Path) -> bool:
    """Whether a file holds many episodes, as robomimic and its relatives write it.

    Raises:
        DatasetError: Truncated or damaged.
    """
    with open_hdf5(path) as file, damage_told(path):
        return bool(episodes_group(file))


def _is_list_of_episodes(data: h5py.Group) -> bool:
    """Whether /data is robomimic's; other recorders use the name for the arrays of one episode."""
    children = _some_children(data)
    if set(data.attrs) & _SIGNS_IN_ATTRIBUTES or not children:
        return True
    if any(isinstance(item, h5py.Dataset) and item.ndim for item in children.values()):
        return False
    groups = {name: item for name, item in children.items() if isinstance(item, h5py.Group)}
    return any(_EPISODE_NAME.fullmatch(name) or _SIGNS_IN_GROUPS & set(item) for name, item in groups.items())


def _some_children(group: h5py.Group) -> dict[str, object]:
    """The first children that lie in this file."""
    children: dict[str, object] = {}
    for name in group:
        if len(children) == _LOOKED_AT:
            break
        item = member_or_none(group, name)
        if item is not None:
            children[name] = item
    return children
