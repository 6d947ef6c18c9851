"""Reads an HDF5 file that is the recording of one episode: ALOHA/ACT, DROID, RoboTwin, RoboMIND, or any other tree."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import h5py

from failview.errors import DatasetError
from failview.loaders.dataset import EpisodeEntry
from failview.loaders.episode_clock import samples_per_frame
from failview.loaders.hdf5.aloha import EFFORT_UNIT, ORDER_REASON, column_names, is_aloha
from failview.loaders.hdf5.droid import GRIPPER, GRIPPER_WARNING, description, side_videos
from failview.loaders.hdf5.episode_attributes import declared_rate, declared_success, episode_task, own_unit
from failview.loaders.hdf5.episode_clock_streams import frame_clock, groups_of, is_time_stream
from failview.loaders.hdf5.episode_survey import survey
from failview.loaders.hdf5.hdf5_content import EpisodeContent, own_times, parent_of
from failview.loaders.hdf5.hdf5_tree import damage_told, datasets_below, open_hdf5
from failview.loaders.pictures.changed_pictures import red_and_blue_exchanged
from failview.loaders.pictures.side_videos import side_cameras
from failview.loaders.raw_dataset import Floats, RawEpisode, RawStream

Datasets = Mapping[str, h5py.Dataset]

_ROWS_OFF = 2
_SHARE_OFF = 0.05
"""Streams that are this much shorter or longer than the episode miss some rows; others run at another rate."""
_LOOKS_LIKE_A_STREAM = 0.25

_QUIET = {
    "compress_len": "lengths of the encoded pictures",
    "compress_len_depth": "lengths of the encoded depth pictures",
}
_ENCODED_ORDER = {
    True: "its writer's own reader takes them as BGR files, and so does failview",
    False: "they are taken as ordinary files",
}


def list_episode_file(path: Path, episode_id: str) -> EpisodeEntry:
    """The line of a file in the list of episodes, by its shapes; nothing is read.

    Raises:
        DatasetError: Damaged, or no recording of one episode.
    """
    with open_hdf5(path) as file, damage_told(path):
        top = file["/"]  # a file's own attributes are looked up anew at every question
        datasets = dict(datasets_below(top, []))
        num_frames = _frames(path, top, datasets)
        rate_hz, _ = declared_rate(top, datasets)
        task = episode_task(top, datasets)
    return EpisodeEntry(episode_id, num_frames, rate_hz, task)


def read_episode_file(path: Path) -> RawEpisode:
    """Read the numbers of the episode and prepare its cameras.

    Raises:
        DatasetError: Damaged, or no recording of one episode.
    """
    with open_hdf5(path) as file, damage_told(path):
        warnings: list[str] = []
        top = file["/"]
        datasets = dict(datasets_below(top, warnings))
        content = EpisodeContent(path, _frames(path, top, datasets), warnings=warnings)
        return _read(top, datasets, content)


def _frames(path: Path, top: h5py.Group, datasets: Datasets) -> int:
    found = survey(top, datasets)
    if found.why_not:
        raise DatasetError(f"this HDF5 file {found.why_not}", where=path, hint="Leave it out")
    return found.num_frames


def _read(top: h5py.Group, datasets: Datasets, content: EpisodeContent) -> RawEpisode:
    times = own_times(datasets, content.num_frames, groups_of(datasets))
    content.quiet = _not_per_frame(content, datasets, times)
    for name, item in datasets.items():
        content.collect(name, item, own_unit(item), times.get(parent_of(name)))
    about = description(content.path)
    success = declared_success(top)
    success = about["success"] if success is None and isinstance(about.get("success"), bool) else success
    if success is not None and "success" not in datasets:
        content.add_flag("success", value=success)
    if not content.cameras:
        videos = side_videos(content.path, about)
        content.cameras += side_cameras(videos, content.num_frames, content.warnings, content.fingerprint)
    if GRIPPER in datasets:
        content.warnings.append(GRIPPER_WARNING)
    rate_hz, rate_origin = declared_rate(top, datasets)
    task = about.get("current_task")
    channel_order = _settle_colours(content, datasets)
    return RawEpisode(
        num_frames=content.num_frames,
        task=episode_task(top, datasets) or (task if isinstance(task, str) else ""),
        streams=_named(content.streams, aloha=is_aloha(datasets)),
        cameras=[*content.cameras, *content.depth_cameras],
        clock=frame_clock(datasets, content.num_frames, rate_hz, rate_origin),
        fingerprint=content.fingerprint.text(),
        warnings=tuple(content.warnings),
        quaternion_order="wxyz" if _is_robotwin(datasets) else "",
        unread=tuple(content.unread),
        channel_order=channel_order,
    )


def _not_per_frame(content: EpisodeContent, datasets: Datasets, times: Mapping[str, Floats]) -> dict[str, str]:
    """Arrays that have no row per frame and no timestamps of their own: nothing tells where they belong in time."""
    notes = dict(_QUIET)
    for name, item in datasets.items():
        count = int(item.shape[0]) if item.ndim else 0
        has_times = len(times.get(parent_of(name), ())) == count
        is_near = abs(count - content.num_frames) <= max(_ROWS_OFF, _SHARE_OFF * content.num_frames)
        is_numbers = item.dtype.kind in "fiub" and item.ndim <= 2
        if not count or is_near or has_times or (is_numbers and samples_per_frame(count, content.num_frames)):
            continue
        notes.setdefault(name, "a single value" if count == 1 else f"{count} rows, not one per frame")
        if count > content.num_frames * _LOOKS_LIKE_A_STREAM and name not in _QUIET:
            content.warnings.append(
                f"{name} has {count} rows for {content.num_frames} frames and no timestamps: it is left out"
            )
    return notes


def _named(streams: list[RawStream], *, aloha: bool) -> list[RawStream]:
    """Streams of time play no role; ALOHA's columns get the names that they have by convention."""
    named = []
    for stream in streams:
        labels = column_names(stream.name, stream.width) if aloha else ()
        known = replace(stream, role_free=stream.role_free or is_time_stream(stream.name))
        unit = EFFORT_UNIT if labels and stream.unit is None and stream.name.endswith("effort") else stream.unit
        named.append(replace(known, labels=labels, label_reason=ORDER_REASON, unit=unit) if labels else known)
    return named


def _settle_colours(content: EpisodeContent, datasets: Datasets) -> str:
    """Decide which order the encoded pictures have, say so, and turn them if need be.

    ALOHA and RoboTwin hand RGB arrays to OpenCV's encoder, which takes them for BGR: the file has red and blue
    exchanged, and their own readers, which do not turn what OpenCV decodes, get RGB again.
    """
    if not content.encoded:
        return "rgb"
    exchanged = is_aloha(datasets) or _is_robotwin(datasets)
    content.warnings.append(
        f"the encoded pictures do not declare their order of colours: {_ENCODED_ORDER[exchanged]}; "
        "channel_order in the profile changes it"
    )
    if not exchanged:
        return "rgb"
    content.cameras[:] = [
        red_and_blue_exchanged(camera) if camera.name in content.encoded else camera for camera in content.cameras
    ]
    return "bgr"


def _is_robotwin(datasets: Datasets) -> bool:
    tops = {name.split("/", 1)[0] for name in datasets}
    return {"joint_action", "observation"} <= tops
