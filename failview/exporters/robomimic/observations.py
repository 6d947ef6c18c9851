"""Signals and cameras of an episode as robomimic's observations, for files that have none."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import h5py
import numpy as np

from failview import __version__
from failview.errors import DatasetError
from failview.exporters.robomimic.hdf5_values import put_per_frame, put_words
from failview.loaders.hdf5.failview_annotations import MARK
from failview.model.annotation import Annotation, Outcome
from failview.model.camera import Camera, Picture
from failview.model.clock import NS_PER_S
from failview.model.episode import Episode
from failview.model.frame_values import values_at_frames
from failview.model.roles import Role
from failview.model.signals import Signal, Values

_NO_OBSERVATIONS = frozenset({Role.ACTION, Role.PHASE, Role.SUCCESS})
_REWARDS = frozenset({"reward", "rewards", "next.reward"})
_DONES = frozenset({"done", "dones", "next.done"})


@dataclass(frozen=True)
class Pictures:
    """How pictures are carried.

    Attributes:
        shorter_side: Pixels of the shorter side; 0 for no pictures, None for pictures as they are.
    """

    shorter_side: int | None = 84

    def size(self, camera: Camera) -> tuple[int, int]:
        """(width, height) of a camera's pictures in the export; never larger than they are."""
        smaller = min(camera.width, camera.height)
        if self.shorter_side is None or self.shorter_side >= smaller:
            return camera.width, camera.height
        factor = self.shorter_side / smaller
        return round(camera.width * factor), round(camera.height * factor)


def put_signals(demo: h5py.Group, episode: Episode) -> list[str]:
    """Write `obs/…`, `actions` and words; every signal at the frames, under its role or the name of its stream.

    What is there already stays.

    Returns:
        What was changed or could not be carried, one line each.
    """
    notes = []
    obs = demo.require_group("obs")
    named = [(role.value, role, signal) for role, signal in sorted(episode.signals.items())]
    others = sorted(episode.other_signals.items())
    for name, role, signal in [*named, *((_member(name), None, signal) for name, signal in others)]:
        values = values_at_frames(signal.values, signal.times_ns, episode.clock)
        notes += _notes_about(name, signal, values, episode)
        if signal.text_values:
            _put_missing_words(demo, name, signal, values)
        elif role is Role.ACTION and "actions" not in demo:
            put_per_frame(demo, "actions", values)
        elif role is Role.SUCCESS and name not in demo:
            put_per_frame(demo, name, values)
        elif role not in _NO_OBSERVATIONS and name not in _REWARDS | _DONES and name not in (*obs, *demo):
            put_per_frame(obs, name, values).attrs["units"] = signal.unit
    return notes


def put_times(demo: h5py.Group, episode: Episode) -> None:
    """Write `timestamps`, in s since the first frame, where the episode has times."""
    if episode.clock.times_ns is not None:
        put_per_frame(demo, "timestamps", episode.clock.times_ns / NS_PER_S)


def put_pictures(demo: h5py.Group, episode: Episode, pictures: Pictures) -> list[str]:
    """Write `obs/<camera>_image`, (frames, height, width, 3) RGB, picture by picture.

    Returns:
        What was changed or could not be carried, one line each.
    """
    notes = []
    for camera in episode.cameras.values():
        if camera.is_depth:
            notes.append(f"{camera.name}: depth is shown as brightness and not carried")
            continue
        if pictures.shorter_side == 0:
            notes.append(f"{camera.name}: pictures are left out")
            continue
        if camera.num_frames != episode.num_frames:
            notes.append(f"{camera.name}: left out: not one picture per frame")
            continue
        width, height = pictures.size(camera)
        if (width, height) != (camera.width, camera.height):
            notes.append(f"{camera.name}: pictures scaled from {camera.width}x{camera.height} to {width}x{height}")
        try:
            _put_camera(demo.require_group("obs"), camera, width, height)
        except DatasetError as error:
            del demo["obs"][_name_of(camera)]
            notes.append(f"{camera.name}: left out: {error.what}")
    return notes


def put_rewards_and_dones(demo: h5py.Group, episode: Episode, label: Annotation | None) -> None:
    """Write `rewards` and `dones` where there are none: recorded ones, else 1 at the last frame.

    A reward that was not recorded is given for a success alone.
    """
    last = np.zeros(episode.num_frames)
    last[-1:] = 1.0
    is_success = label is not None and label.outcome is Outcome.SUCCESS
    for name, recorded, otherwise in (("rewards", _REWARDS, last * is_success), ("dones", _DONES, last)):
        if name in demo:
            continue
        found = next((signal for stream, signal in episode.other_signals.items() if stream in recorded), None)
        if found is not None:
            put_per_frame(demo, name, values_at_frames(found.values, found.times_ns, episode.clock)[:, 0])
        else:
            put_per_frame(demo, name, otherwise).attrs[MARK] = __version__


def summed(notes_of: Mapping[str, list[str]]) -> list[str]:
    """Notes of episodes, each once, with how many episodes it is about."""
    counts: dict[str, int] = {}
    for notes in notes_of.values():
        for note in dict.fromkeys(notes):
            counts[note] = counts.get(note, 0) + 1
    return [note if count == len(notes_of) else f"{note} (in {count} episodes)" for note, count in counts.items()]


def _put_camera(obs: h5py.Group, camera: Camera, width: int, height: int) -> None:
    shape = (camera.num_frames, height, width, 3)
    dataset = obs.create_dataset(
        _name_of(camera), shape, dtype=np.uint8, chunks=(1, *shape[1:]), compression="gzip", compression_opts=4
    )
    reader = camera.open_reader()
    try:
        for frame, picture in enumerate(reader.read_range(0, camera.num_frames)):
            dataset[frame] = _scaled(picture, width, height)
    finally:
        reader.close()


def _scaled(picture: Picture, width: int, height: int) -> Picture:
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _put_missing_words(demo: h5py.Group, name: str, signal: Signal, values: Values) -> None:
    if name in demo:
        return
    words = ["" if math.isnan(code) else signal.text_values[int(code)] for code in values[:, 0].tolist()]
    put_words(demo, name, words)


def _notes_about(name: str, signal: Signal, values: Values, episode: Episode) -> list[str]:
    notes = []
    if signal.times_ns is not None:
        rate_hz = signal.rate_hz(episode.clock)
        own = "a clock of its own" if rate_hz is None else f"its own {rate_hz:.0f} Hz"
        notes.append(f"{name}: has {own}; carried are its values at the frames")
    if np.isnan(values).any():
        notes.append(f"{name}: has gaps (NaN), which training does not forgive")
    return notes


def _name_of(camera: Camera) -> str:
    return f"{_member(camera.name)}_image"


def _member(name: str) -> str:
    return name.replace("/", "_")
